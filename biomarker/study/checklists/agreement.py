"""What a run shows of the items for reliability and agreement."""

from __future__ import annotations

import re
from collections.abc import Callable

from biomarker.study.checklists.accuracy import methods_of
from biomarker.study.checklists.checked_run import CheckedRun, Shown, columns, told

AGREEMENT_KINDS = (
    "intraclass_correlation", "limits_of_agreement", "repeatability", "categorical_agreement",
    "concordance_correlation", "method_comparison",
)  # fmt: skip
_NAMED = re.compile(r"agreement|reliab|reproduc|repeatab|interobserver|inter-?reader|intra-?reader", re.IGNORECASE)
_MAIN = {
    "intraclass_correlation": ("icc",),
    "limits_of_agreement": ("bias", "loa_low", "loa_high"),
    "repeatability": ("within_cv", "repeatability_coefficient", "reproducibility_cv", "reproducibility_coefficient"),
    "categorical_agreement": ("percent_agreement", "cohen_kappa", "conger_kappa", "fleiss_kappa", "gwet_ac1"),
    "concordance_correlation": ("ccc",),
    "method_comparison": ("slope", "intercept"),
}


def title_of_agreement(run: CheckedRun) -> str:
    """Agreement or reliability in the title."""
    return f"Title: “{run.study.title}”" if _NAMED.search(run.study.title) else ""


def measured_values(run: CheckedRun) -> str:
    """Return what was measured."""
    named = [one.setting("value") or [one.setting("x"), one.setting("y")] for one in run.of(*AGREEMENT_KINDS)]
    return told(columns(name) for name in named if name)


def readings_made(run: CheckedRun) -> str:
    """Return readings and patients in each analysis, with the readers."""
    return told(f"{one.place}: {_sizes(one)}" for one in run.of(*AGREEMENT_KINDS))


def _sizes(one: Shown) -> str:
    population = one.result.population
    has_patients = population.patients_used and population.unit != "patient"
    patients = f" of {population.patients_used:,} patients" if has_patients else ""
    readers = one.setting("readers") or getattr(one.result, "readers", None)
    number = one.setting("n_readers") or (len(readers) if isinstance(readers, list | tuple) else None)
    by = f", {number} readers" if number else ""
    return f"{population.rows_used:,} {population.unit}s{patients}{by}"


def agreement(run: CheckedRun) -> str:
    """Return the main estimates of each analysis with their intervals."""
    said = []
    for one in run.of(*AGREEMENT_KINDS):
        lines = one.estimates(*_MAIN[one.kind])
        first = [next(line for line in lines if line.quantity == name) for name in dict.fromkeys(
            line.quantity for line in lines)]  # fmt: skip
        values = [run.value(line, _name(line.quantity, dict(line.of))) for line in first[:3]]
        said.append(f"{one.place}: {', '.join(values)}" if values else one.place)
    return told(said)


def _name(quantity: str, of: dict[str, object]) -> str:
    return str(of["form"]) if quantity == "icc" and "form" in of else ""


def detailed_results(run: CheckedRun) -> str:
    """Return the files that hold every number."""
    return "Unrounded in results.json, by analysis in the folder “tables”" if run.of(*AGREEMENT_KINDS) else ""


EVIDENCE: dict[str, Callable[[CheckedRun], str]] = {
    "title_of_agreement": title_of_agreement,
    "measured_values": measured_values,
    "methods_of_agreement": methods_of(*AGREEMENT_KINDS),
    "readings_made": readings_made,
    "agreement": agreement,
    "detailed_results": detailed_results,
}
