"""What a run shows of items common to all checklists, and of those for diagnostic accuracy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from biomarker.study.checklists.checked_run import CheckedRun, Shown, columns, places, told
from biomarker.tables.style import listed
from biomarker.vocabulary import column_label, kind_label, level_text

ACCURACY_KINDS = (
    "predictive_values", "predictive_values_from_counts", "roc_curve", "compare_roc_curves", "suv_cutoff",
    "evaluate_cutoff", "compare_tests", "verification_bias", "net_benefit", "aggregation_sensitivity",
)  # fmt: skip
_MEASURES = re.compile(r"accura|sensitiv|specific|predictive value|\bROC\b|\bAUC\b|likelihood ratio", re.IGNORECASE)
_REGISTERED = re.compile(
    r"\bNCT\d{8}\b|\bISRCTN\d{8}\b|\bEudraCT[ :]*\d{4}-\d{6}-\d{2}\b|\bNTR\d{3,5}\b|\bUMIN\d{9}\b|\bChiCTR[\w-]{6,}"
)
_MAIN = ("auc", "cutoff", "sensitivity", "specificity", "ppv", "npv")


def title_of_accuracy(run: CheckedRun) -> str:
    """Return a measure of accuracy in the title."""
    return f"Title: “{run.study.title}”" if _MEASURES.search(run.study.title) else ""


def hypotheses(run: CheckedRun) -> str:
    """Hypotheses are told where they are adjusted together."""
    families = run.of("adjust_p_values")
    return told(f"{one.place}: {len(one.result.estimates)} hypotheses adjusted together" for one in families)


def cutoffs(run: CheckedRun) -> str:
    """Each cutoff, and whether it was given or chosen on the data."""
    said = []
    for one in run.of("predictive_values", "evaluate_cutoff", "suv_cutoff", "aggregation_sensitivity"):
        marker = column_label(str(one.setting("marker") or ""))
        if one.kind == "suv_cutoff":
            chosen = [f"{line.value:g}" for line in one.estimates("cutoff")]
            said.append(f"{one.place}: {marker} {', '.join(chosen)}, chosen on these data ({one.setting('criterion')})")
        elif one.setting("cutoff") is not None or one.setting("cutoffs"):
            given = one.setting("cutoffs") or [one.setting("cutoff")]
            sign = "≤" if one.setting("higher_is_positive") is False else "≥"
            said.append(
                f"{one.place}: {marker} {sign} {listed([f'{cut:g}' for cut in given])}, given in the study file"
            )
    return told(said)


def reference_classes(run: CheckedRun) -> str:
    """Return what counted as positive in the reference standard."""
    said = []
    for one in run.of(*ACCURACY_KINDS):
        standard, positive = one.setting("reference_standard"), one.setting("positive")
        if standard and positive is not None:
            several = positive if isinstance(positive, list | tuple) else [positive]
            values = " or ".join(f"“{level_text(value)}”" for value in several)
            said.append(f"{column_label(str(standard))}: positive if {values}")
    return told(said)


def methods_of(*kinds: str) -> Callable[[CheckedRun], str]:
    """Return what shows the statistical methods of these kinds."""

    def shown(run: CheckedRun) -> str:
        named = list(dict.fromkeys(f"“{kind_label(one.kind)}”" for one in run.of(*kinds)))
        return f"Statistical methods, under {listed(named)}" if named else ""

    return shown


def indeterminate(run: CheckedRun) -> str:
    """Indeterminate results, where they were told apart."""
    tests = [one for one in run.of("predictive_values", "participant_flow") if one.setting("indeterminate") is not None]
    truths = [one for one in run.of("participant_flow") if one.setting("reference_indeterminate") is not None]
    said = [f"{one.place}: counted, and taken as positive and as negative" for one in tests if one.kind != _FLOW]
    return told([*said, *(f"{one.place}: counted" for one in [*tests, *truths] if one.kind == _FLOW)])


_FLOW = "participant_flow"


def missing_data(run: CheckedRun) -> str:
    """How many rows were left out, where the report tells why."""
    if not run.shown:
        return ""
    short = [one for one in run.shown if one.result.exclusions and one.kind != _FLOW]
    rule = "Statistical methods, under “Missing data”: complete cases"
    if not short:
        return f"{rule}; no row left out"
    return f"{rule}; {len(short)} of {len(run.shown)} analyses left rows out, with the reasons beneath each table"


def variation_of_accuracy(run: CheckedRun) -> str:
    """Rules, readers, measurement error, verification: what accuracy was seen to vary with."""
    said = [f"{one.place}: rules from lesions to patients" for one in run.of("aggregation_sensitivity")]
    for one in run.of("evaluate_cutoff"):
        said += [f"{one.place}: measurement error"] if one.arguments.get("repeatability") else []
        said += [f"{one.place}: readers"] if one.arguments.get("readers") else []
    said += [f"{one.place}: partial verification" for one in run.of("verification_bias")]
    said += [f"{one.place}: {columns(one.arguments.get('by'))}" for one in run.of("detection_rate") if "by" in
             one.arguments]  # fmt: skip
    return told(said)


def sample_size(run: CheckedRun) -> str:
    """Return a calculation of the sample size, where one was made."""
    return told(one.place for one in run.shown if one.kind.startswith("sample_size"))


def flow(run: CheckedRun) -> str:
    """Return the flow, with its first and last numbers."""
    said = []
    for one in run.of(_FLOW):
        population = one.result.population
        counted = f"{population.rows_used:,} of {population.rows_in:,} {population.unit}s"
        said.append(f"{one.drawn}: {counted} reached the end")
    return told(said)


def characteristics(run: CheckedRun) -> str:
    """Return the table of characteristics, and whom it describes."""
    said = []
    for one in run.of("characteristics"):
        population = one.result.population
        said.append(f"{one.place}: {population.rows_used:,} {population.unit}s, {columns(one.setting('variables'))}")
    return told(said)


def cross_table(run: CheckedRun) -> str:
    """Return the four counts of each 2x2 table."""
    said = []
    for one in run.of("predictive_values", "predictive_values_from_counts"):
        counts = [f"{name.upper()} {getattr(one.result, name)}" for name in ("tp", "fp", "fn", "tn")]
        said.append(f"{one.place}: {', '.join(counts)}")
    return told([*said, *(one.place for one in run.of(_FLOW) if _crosses(one))])


def _crosses(one: Shown) -> bool:
    branches = getattr(one.result, "branches", ())
    return len(branches) > 1 and all(branch.outcomes for branch in branches)


def accuracy(run: CheckedRun) -> str:
    """Return the main measures of each analysis with their intervals."""
    said, others = [], []
    for one in run.of(*ACCURACY_KINDS):
        values = [run.value(line) for line in one.estimates(*_MAIN) if _is_main(line.of)]
        said += [f"{one.place}: {', '.join(values[:4])}"] if values else []
        others += [] if values else [one]
    level = f"{100 * run.study.confidence_level:g}% confidence intervals"
    rest = f"; also {places(others)}" if said and others else places(others)
    return f"{told(said)}{rest} ({level})" if said or others else ""


def _is_main(of: Mapping[str, object]) -> bool:
    return not of or of.get("performance") == "corrected"


def limits(run: CheckedRun) -> str:
    """Return the limits that the report tells of each analysis."""
    return "“What this does not show”, under each analysis" if run.shown else ""


def registration(run: CheckedRun) -> str:
    """Return a number of a register, in the head of the study file."""
    head = f"{run.study.title} {run.study.description} {run.study.source}"
    return told(_REGISTERED.findall(head))


EVIDENCE: dict[str, Callable[[CheckedRun], str]] = {
    "title_of_accuracy": title_of_accuracy,
    "hypotheses": hypotheses,
    "cutoffs": cutoffs,
    "reference_classes": reference_classes,
    "methods_of_accuracy": methods_of(*ACCURACY_KINDS),
    "indeterminate": indeterminate,
    "missing_data": missing_data,
    "variation_of_accuracy": variation_of_accuracy,
    "sample_size": sample_size,
    "flow": flow,
    "characteristics": characteristics,
    "cross_table": cross_table,
    "accuracy": accuracy,
    "limits": limits,
    "registration": registration,
}
