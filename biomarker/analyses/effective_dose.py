"""What is the effective dose? Organ doses weighted as ICRP Publication 103 or 60 has it, with the remainder rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from biomarker.analyses.dose_differences import group_differences
from biomarker.analyses.organ_names import is_printed_effective_dose, organ_named, organs_named
from biomarker.analyses.organ_rows import DoseSet, DoseSets, as_effective, dose_sets
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.data.metric_arguments import one_of
from biomarker.errors import DesignError, nearest
from biomarker.kernels.describe import describe
from biomarker.kernels.effective_dose import MISSING, SCHEMES, effective_dose_of
from biomarker.kernels.effective_dose import EffectiveDose as Weighted
from biomarker.references import ICRP_60, ICRP_103

_MISSING_WORDS = {
    "zero": "Organs without a dose count as zero, so that the effective dose is a lower bound",
    "total_body": "Organs without a dose were given the dose to the total body",
    "leave_out": "Organs without a dose were left out, the weights of the others standing for theirs",
}
_MOST_TOLD = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class EffectiveDose(Result):
    """Lines by `of` patient, group and tissue."""

    groups: tuple[str, ...]
    of_patients: bool
    unit: str
    scheme: str  # as it is printed

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return f"Parts of the effective dose by tissue, with the weights of {self.scheme}."


def effective_dose(
    organ_doses: pd.DataFrame,
    *,
    organ: str = "organ",
    dose: str = "dose_per_activity",
    by: str | None = None,
    weights: str = "icrp103",
    missing: str = "refuse",
    substitutes: Mapping[str, str] | None = None,
    ignore: Sequence[str] = (),
    unit: str | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> EffectiveDose:
    """Compute the effective dose of each patient, or of each group that mean doses are given of.

    Parameters
    ----------
    organ_doses : DataFrame
        One row an organ, of a patient or of a group's mean.
    organ, dose : str
        Columns of the organ's name, as dosimetry programs and papers have it, and of its absorbed dose. A row that is
        the effective dose itself is not used, and compared with the result.
    by : str, optional
        Column of groups, such as the protein dose.
    weights : {"icrp103", "icrp60"}
        Tissue weights and the rule for the remainder.
    missing : {"refuse", "zero", "total_body", "leave_out"}
        What is done about an organ that has a weight and no dose. The organs are named in any case.
    substitutes : mapping of str to str, optional
        Organs whose dose stands in for one not given: ``{"oesophagus": "Thymus"}``.
    ignore : sequence of str
        Rows that are no organ of the scheme, such as tumours.
    unit : str, optional
        Of the doses; otherwise that of the column "unit".
    confidence_level : float
        Of differences between groups of patients.
    patient : str or None
        Column of patients. Without it each group is a mean, and has no spread.

    Returns
    -------
    EffectiveDose
        `effective_dose` of each patient, and of summary (mean, SD, minimum, maximum) over patients, or of each
        group; `effective_dose_part` by tissue; `printed_effective_dose`; `dose_difference` between groups of patients,
        by Welch's test.

    Raises
    ------
    DesignError
        If an organ is unknown or stands twice, one is missing under "refuse", or the unit is not known.

    References
    ----------
    ICRP Publication 103. Ann ICRP 2007;37(2-4). ICRP Publication 60. Ann ICRP 1991;21(1-3).

    Examples
    --------
    >>> doses = pd.DataFrame({"organ": ["Liver", "Lungs", "Red Marrow", "Total Body"],
    ...                       "dose_per_activity": [1.9, 0.44, 0.77, 0.34]})
    >>> result = effective_dose(doses, missing="total_body", unit="mGy/MBq", patient=None)
    >>> round(result.estimate("effective_dose").value, 4)
    0.466
    """
    checked_fraction(confidence_level, "confidence_level")
    one_of(weights, tuple(SCHEMES), "weights")
    one_of(missing, MISSING, "missing")
    if isinstance(ignore, str) or not isinstance(ignore, Sequence):
        raise DesignError(f"ignore is {ignore!r}; give a list of organs")
    sets = dose_sets(organ_doses, organ=organ, dose=dose, sd=None, by=by, unit=unit, patient=patient)
    names = organs_named(sets.organs, [str(name) for name in ignore])
    stand_ins = _stand_ins(substitutes, names)
    found = [_weighted(one, names, stand_ins, weights, missing) for one in sets.sets]
    others = [_under_other_rules(one, names, stand_ins, weights) for one in sets.sets]
    lines = _lines(sets, found)
    if sets.of_patients:
        lines += _over_patients(sets, found, confidence_level)
    return EffectiveDose(
        estimates=tuple(lines),
        method=_method(
            sets, found, _against_printed(sets, found, others), weights, missing, stand_ins, confidence_level
        ),
        population=sets.sample.population,
        groups=sets.groups,
        of_patients=sets.of_patients,
        unit=as_effective(sets.unit),
        scheme=SCHEMES[weights].name,
    )


def _stand_ins(substitutes: Mapping[str, str] | None, names: Mapping[str, str]) -> dict[str, str]:
    """Return canonical name of the organ lacking to that of its substitute."""
    if substitutes is None:
        return {}
    if not isinstance(substitutes, Mapping):
        raise DesignError(f'substitutes is {substitutes!r}; give a table such as {{ oesophagus = "Thymus" }}')
    found = {}
    for lacking, given in substitutes.items():
        target, source = organ_named(lacking), organ_named(str(given))
        if target is None or source is None:
            word = lacking if target is None else given
            raise DesignError(f"substitutes: {word!r} is no organ that is known")
        if source not in names.values():
            raise DesignError(f"substitutes: no dose is given for {given!r}{nearest(str(given), list(names))}")
        found[target] = source
    return found


def _weighted(
    one: DoseSet, names: Mapping[str, str], stand_ins: Mapping[str, str], weights: str, missing: str
) -> Weighted:
    doses = {names[organ]: value for organ, value in one.doses.items() if organ in names}
    for lacking, source in stand_ins.items():
        if lacking not in doses and source in doses:
            doses[lacking] = doses[source]
    try:
        return effective_dose_of(doses, weights, missing=missing)
    except ValueError as error:
        place = ", ".join(f"{key} {value}" for key, value in one.of.items())
        hint = '; give missing = "zero", "total_body" or "leave_out", or substitutes' if missing == "refuse" else ""
        raise DesignError(f"{place + ': ' if place else ''}{error}{hint}") from None


def _under_other_rules(
    one: DoseSet, names: Mapping[str, str], stand_ins: Mapping[str, str], weights: str
) -> list[float]:
    """Return the effective dose of a set under every rule for organs not given."""
    rules = [rule for rule in MISSING if rule != "refuse" and (rule != "total_body" or "total body" in names.values())]
    return [_weighted(one, names, stand_ins, weights, rule).value for rule in rules]


def _against_printed(sets: DoseSets, found: Sequence[Weighted], others: Sequence[list[float]]) -> list[str]:
    """Return a note on effective doses in the table that do not follow from its organ doses, to two figures."""
    told = []
    for one, dose, values in zip(sets.sets, found, others, strict=True):
        for organ, printed in one.doses.items():
            if not is_printed_effective_dose(organ) or not printed > 0:
                continue
            if abs(dose.value - printed) <= 0.5 * 10 ** (np.floor(np.log10(printed)) - 1):  # half of the second figure
                continue
            place = ", ".join(str(value) for value in one.of.values())
            low, high = min(values), max(values)
            spread = f", {_shown(low)} to {_shown(high)} by what is done about organs not given" if dose.missing else ""
            told.append(f"{place + ': ' * bool(place)}{_shown(printed)} printed, {_shown(dose.value)} here{spread}")
    if not told:
        return []
    more = f"; and {len(told) - _MOST_TOLD} more" * (len(told) > _MOST_TOLD)
    return [
        f"Effective doses printed with the organ doses do not follow from them ({'; '.join(told[:_MOST_TOLD])}{more}). "
        "Other weights, a remainder divided by 14 names (prostate and uterus both) instead of 13 organs, other parts "
        "of the colon, gonads of one sex, or a slip in the table may be why."
    ]


def _shown(value: float) -> str:
    """Return a dose to two significant figures: 0.2 as "0.20"."""
    return f"{value:#.2g}".rstrip(".")


def _lines(sets: DoseSets, found: Sequence[Weighted]) -> list[Estimate]:
    unit = as_effective(sets.unit)
    lines = []
    for one, dose in zip(sets.sets, found, strict=True):
        lines.append(Estimate(quantity="effective_dose", value=dose.value, unit=unit, of=one.of))
        lines += [
            Estimate(quantity="printed_effective_dose", value=value, unit=unit, of={**one.of, "row": organ})
            for organ, value in one.doses.items()
            if is_printed_effective_dose(organ)
        ]
    for group in sets.groups or (None,):
        own = [dose.parts for one, dose in zip(sets.sets, found, strict=True) if one.of.get("group") == group]
        of = {} if group is None else {"group": group}
        for tissue in dict.fromkeys(tissue for parts in own for tissue in parts):
            share = float(np.mean([parts.get(tissue, 0.0) for parts in own]))
            lines.append(Estimate(quantity="effective_dose_part", value=share, unit=unit, of={**of, "tissue": tissue}))
    return lines


def _over_patients(sets: DoseSets, found: Sequence[Weighted], confidence_level: float) -> list[Estimate]:
    unit = as_effective(sets.unit)
    by_group: dict[str | None, list[float]] = {}
    for one, dose in zip(sets.sets, found, strict=True):
        by_group.setdefault(one.of.get("group"), []).append(dose.value)
    lines = []
    for group, values in by_group.items():
        of: dict[str, Any] = {} if group is None else {"group": group}
        told = describe(values)
        parts = {"mean": told.mean, "SD": told.sd, "minimum": told.minimum, "maximum": told.maximum}
        lines += [
            Estimate(quantity="effective_dose", value=value, unit=unit, n_patients=told.n, of={**of, "summary": word})
            for word, value in parts.items()
        ]
    summaries = {
        str(group): (told.mean, told.sd, told.n) for group, told in ((g, describe(v)) for g, v in by_group.items())
    }
    return lines + group_differences(summaries, sets.groups, {}, unit, confidence_level)


def _method(
    sets: DoseSets,
    found: Sequence[Weighted],
    against_printed: Sequence[str],
    weights: str,
    missing: str,
    stand_ins: Mapping[str, str],
    confidence_level: float,
) -> Method:
    scheme = SCHEMES[weights]
    absent = list(dict.fromkeys(name for dose in found for name in dose.missing))
    notes = list(sets.sample.notes) if sets.of_patients else []
    if absent:
        notes.append(f"{_MISSING_WORDS[missing]}: {', '.join(absent)}.")
    if stand_ins:
        said = ", ".join(f"{source} for {lacking}" for lacking, source in stand_ins.items())
        notes.append(f"Doses that stand in for organs not given: {said}.")
    notes += against_printed
    if not sets.of_patients:
        notes.append(
            "Computed from mean doses; it is the mean of patients' effective doses, and has no spread of its own."
        )
    if weights == "icrp60":
        notes.append("The remainder is a mean weighted by the masses of Reference Man.")
    of_remainder = (
        "mean of 13 organs" if weights == "icrp103" else "mass-weighted mean of ten organs, split where one of "
    )
    of_remainder += "" if weights == "icrp103" else "them has the highest dose of all"
    return Method(
        name=f"tissue weights of {scheme.name}",
        confidence_level=confidence_level,
        settings={"weights": weights, "missing": missing, "substitutes": dict(stand_ins) or None},
        references=(ICRP_103 if weights == "icrp103" else ICRP_60,),
        notes=tuple(notes),
        description=(
            f"Effective dose was computed from organ doses with the tissue weights of {scheme.name}, the remainder as "
            f"the {of_remainder}, for each {'patient' if sets.of_patients else 'set of mean doses'}."
        ),
    )
