"""The question that each analysis answers, in words: made of its kind and its arguments, columns by their labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from biomarker.tables.style import listed
from biomarker.vocabulary import kind_label, level_text, lower_label, outcome_label

Arguments = Mapping[str, Any]


def question(kind: str, arguments: Arguments, *, unit: str = "patient") -> str:
    """Return the question of one analysis as a sentence with a question mark.

    Parameters
    ----------
    kind : str
        Its kind, as in the study file.
    arguments : mapping
        Its keyword arguments, as in the study file.
    unit : str
        What a row of its data is, in the singular: "lesion", "patient".

    Examples
    --------
    >>> arguments = {"reference_standard": "response", "positive": ["CR", "PR"], "marker": "suvmax"}
    >>> question("roc_curve", arguments, unit="lesion")
    'Does SUVmax separate lesions with response CR or PR from other lesions?'
    """
    ask = QUESTIONS.get(kind)
    return ask({**arguments, "unit": unit}) if ask else f"What does this analysis show: {kind_label(kind).lower()}?"


def _characteristics(a: Arguments) -> str:
    who = "Who was studied" if a["unit"] == "patient" else f"Which {_units(a)} were studied"
    return f"{who}{_by(a)}?"


def _uptake_over_time(a: Arguments) -> str:
    tissue = f" in each {_label(a['tissue'])}" if a.get("tissue") else ""
    beside = f", and how does it compare with {a['reference_tissue']}" if a.get("reference_tissue") else ""
    return f"How does {_label(a['marker'])} change over {_label(a['time'])}{tissue}{_by(a)}{beside}?"


def _detection_rate(a: Arguments) -> str:
    return f"In what share of {_units(a)} was uptake detected{_by(a)}?"


def _predictive_values(a: Arguments) -> str:
    return f"How well does {_test(a)} tell {_classes(a)}, and what does a positive or negative result mean?"


def _predictive_values_from_counts(a: Arguments) -> str:
    counts = f"{a['tp']} true positive, {a['fp']} false positive, {a['fn']} false negative, {a['tn']} true negative"
    return f"What do these counts say of the test: {counts}?"


def _compare_tests(a: Arguments) -> str:
    return f"Do {_and(a['index_tests'])} differ in how well they tell {_classes(a)}?"


def _verification_bias(a: Arguments) -> str:
    return f"How well does {_test(a)} tell {_classes(a)}, allowing for those that were not verified?"


def _net_benefit(a: Arguments) -> str:
    return f"Would choosing {_units(a)} by {_or(a['markers'])} do more good than acting on all of them, or on none?"


def _roc_curve(a: Arguments) -> str:
    return f"Does {_label(a['marker'])} separate {_classes(a)}?"


def _compare_roc_curves(a: Arguments) -> str:
    if a.get("by"):
        return f"Does {_and(a['markers'])} separate {_classes(a)} equally well in each {_label(a['by'])}?"
    return f"Do {_and(a['markers'])} differ in how well they separate {_classes(a)}?"


def _suv_cutoff(a: Arguments) -> str:
    marker = _or(a.get("markers") or a.get("marker") or "marker")
    each = f" in each {_label(a['by'])}" if a.get("by") else ""
    return f"Which cutoff of {marker} do these data choose to separate {_classes(a)}{each}, and how certain is it?"


def _evaluate_cutoff(a: Arguments) -> str:
    cutoffs = [level_text(float(value)) for value in _items(a["cutoffs"])]
    at = f"a cutoff of {cutoffs[0]}" if len(cutoffs) == 1 else f"cutoffs of {listed(cutoffs)}"
    told = f"How well does {_label(a['marker'])} at {at} tell {_classes(a)}"
    more = []
    if a.get("repeatability") is not None:
        more.append("how often would measurement error change the call")
    if a.get("readers") is not None:
        more.append("how often do readers disagree on the call")
    return f"{told}{''.join(f', and {one}' for one in more)}?"


def _time_dependent_roc(a: Arguments) -> str:
    when = [level_text(time) for time in _items(a["times"])]
    marker = _and(a["marker"])
    verb = "do" if len(_items(a["marker"])) > 1 else "does"
    told = f"which {_units(a)} have had the event that ends {_outcome(a)} by {listed(when)}{_in(a)}"
    return f"How well {verb} {marker} tell {told}?"


def _compare_uptake(a: Arguments) -> str:
    if a.get("ordered"):
        return f"Does {_label(a['marker'])} of {_units(a)} rise or fall along the order of {_label(a['group'])}?"
    paired = f" within each {_label(a['paired_by'])}" if a.get("paired_by") else ""
    return f"Does {_label(a['marker'])} of {_units(a)} differ by {_label(a['group'])}{paired}?"


def _compare_uptake_from_summaries(a: Arguments) -> str:
    marker = _label(a.get("marker", "uptake"))
    between = f"between {_texts(a['groups'])}" if a.get("groups") else "between the groups"
    return f"Does {marker} differ {between}, judged by published summaries alone?"


def _check_summary(a: Arguments) -> str:  # noqa: ARG001 - the signature of every question
    return "Can the figures that were printed all be true of the same data?"


def _correlate(a: Arguments) -> str:
    given = f", given {_and(a['partial'])}" if a.get("partial") else ""
    return f"Are {_label(a['x'])} and {_label(a['y'])} of {_units(a)} associated{given}?"


def _compare_correlations(a: Arguments) -> str:
    return f"Which of {_and(a['markers'])} is most closely associated with {_label(a['outcome'])}?"


def _response_rate(a: Arguments) -> str:
    return f"How many {_units(a)} responded, and with which {_label(a.get('response', 'best_response'))}{_by(a)}?"


def _waterfall(a: Arguments) -> str:
    uptake = f", and is it associated with {_label(a['marker'])}" if a.get("marker") else ""
    return f"How large was {_label(a['change'])} at its best in each {_item(a, 'item', a['unit'])}{uptake}?"


def _spider(a: Arguments) -> str:
    changed = _label(a.get("size") or a.get("change") or "size")
    whose = f" of each {_label(a['item'])}" if isinstance(a.get("item"), str) else ""
    if a.get("size"):
        return f"How does {changed}{whose} change over {_label(a['time'])}, from the baseline on?"
    return f"How does {changed}{whose} run over {_label(a['time'])}, from one measurement to the next?"


def _response_model(a: Arguments) -> str:
    outcome = _label(a["response"])
    if a.get("positive") is not None:
        outcome = f"{outcome} {_texts(a['positive'], 'or')}"
    return f"Is {outcome} associated with {_predictors(a)}?"


def _adjust_p_values(a: Arguments) -> str:  # noqa: ARG001 - the signature of every question
    return "Which p-values stay small once their number is allowed for?"


def _intraclass_correlation(a: Arguments) -> str:
    return f"How reliably do readings of {_label(a['value'])} tell one {_item(a)} from another?"


def _limits_of_agreement(a: Arguments) -> str:
    return f"How far apart can readers be on {_label(a['value'])} of one {_item(a)}?"


def _repeatability(a: Arguments) -> str:
    return f"How large must a change in {_label(a['value'])} of one {_item(a)} be to exceed measurement error?"


def _concordance_correlation(a: Arguments) -> str:
    return f"How nearly do readers give the same {_label(a['value'])} for one {_item(a)}?"


def _method_comparison(a: Arguments) -> str:
    if a.get("x"):
        return f"How does {_label(a['y'])} of {_units(a)} compare with {_label(a['x'])}, and how far apart are they?"
    return f"How do readers compare on {_label(a['value'])} of one {_item(a)}, and how far apart are they?"


def _categorical_agreement(a: Arguments) -> str:
    return f"Do readers give one {_item(a)} the same {_label(a['value'])}, beyond what chance would do?"


def _swimmer(a: Arguments) -> str:
    return f"How long was each patient followed for {_outcome(a)}, and how did it end?"


def _survival_curves(a: Arguments) -> str:
    if a.get("group"):
        return f"Does {_outcome(a)} differ by {_label(a['group'])}{_from_landmark(a)}?"
    return f"How long is {_outcome(a)}{_from_landmark(a)}?"


def _hazard_model(a: Arguments) -> str:
    return f"Is {_outcome(a)}{_from_landmark(a)} associated with {_predictors(a)}?"


def _survival_cutoff(a: Arguments) -> str:
    return (
        f"Which cutoff of {_label(a['marker'])} do these data choose for {_outcome(a)}, and what is left of it once "
        "the choice is allowed for?"
    )


def _cumulative_incidence(a: Arguments) -> str:
    causes = _texts(a["causes"], "or") if a.get("causes") else "each event"
    differ = f", and does that differ by {_label(a['group'])}" if a.get("group") else ""
    return f"In how many {_units(a)} does {causes} come first{differ}?"


def _treatment_interaction(a: Arguments) -> str:
    outcome = _outcome(a) if a.get("duration") else _label(a.get("response") or a.get("value") or "response")
    return f"Does the effect of treatment ({_label(a['arm'])}) on {outcome} depend on {_label(a['marker'])}?"


def _aggregation_sensitivity(a: Arguments) -> str:
    marker = _label(a["marker"])
    return f"Does it matter by which rule {marker} of several lesions becomes one value of their patient?"


def _censored_summary(a: Arguments) -> str:
    return f"What is {_label(a['marker'])} on average, when some values lie below a limit{_by(a)}?"


def _clearance(a: Arguments) -> str:
    return f"How fast does the tracer clear, judged by {_label(a['activity'])}{_by(a)}?"


def _patlak(a: Arguments) -> str:
    return f"How fast does the tracer go from plasma into tissue to stay there{_by(a)}?"


def _time_integrated_activity(a: Arguments) -> str:
    return f"How many decays take place in each {_item(a, 'organ', 'organ')}, for the activity given{_by(a)}?"


def _organ_dose(a: Arguments) -> str:
    return f"What dose does each {_item(a, 'organ', 'organ')} absorb, for the activity given{_by(a)}?"


def _effective_dose(a: Arguments) -> str:
    return f"What is the effective dose, for the activity given{_by(a)}?"


def _participant_flow(a: Arguments) -> str:
    return f"How many {_units(a)} reached each step of the study, and why did the others not?"


QUESTIONS: dict[str, Callable[[Arguments], str]] = {
    "participant_flow": _participant_flow,
    "characteristics": _characteristics,
    "uptake_over_time": _uptake_over_time,
    "detection_rate": _detection_rate,
    "predictive_values": _predictive_values,
    "predictive_values_from_counts": _predictive_values_from_counts,
    "compare_tests": _compare_tests,
    "verification_bias": _verification_bias,
    "net_benefit": _net_benefit,
    "roc_curve": _roc_curve,
    "compare_roc_curves": _compare_roc_curves,
    "suv_cutoff": _suv_cutoff,
    "evaluate_cutoff": _evaluate_cutoff,
    "time_dependent_roc": _time_dependent_roc,
    "compare_uptake": _compare_uptake,
    "compare_uptake_from_summaries": _compare_uptake_from_summaries,
    "check_summary": _check_summary,
    "correlate": _correlate,
    "compare_correlations": _compare_correlations,
    "response_rate": _response_rate,
    "waterfall": _waterfall,
    "spider": _spider,
    "response_model": _response_model,
    "adjust_p_values": _adjust_p_values,
    "intraclass_correlation": _intraclass_correlation,
    "limits_of_agreement": _limits_of_agreement,
    "repeatability": _repeatability,
    "concordance_correlation": _concordance_correlation,
    "method_comparison": _method_comparison,
    "categorical_agreement": _categorical_agreement,
    "swimmer": _swimmer,
    "survival_curves": _survival_curves,
    "hazard_model": _hazard_model,
    "survival_cutoff": _survival_cutoff,
    "cumulative_incidence": _cumulative_incidence,
    "treatment_interaction": _treatment_interaction,
    "aggregation_sensitivity": _aggregation_sensitivity,
    "censored_summary": _censored_summary,
    "clearance": _clearance,
    "patlak": _patlak,
    "time_integrated_activity": _time_integrated_activity,
    "organ_doses": _organ_dose,
    "dose_table": _organ_dose,
    "effective_dose": _effective_dose,
}


def _units(a: Arguments) -> str:
    return "observations" if a["unit"] == "row" else f"{a['unit']}s"


def _label(column: object) -> str:
    return lower_label(str(column))


def _items(value: object) -> list[Any]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def _and(columns: object) -> str:
    return listed([_label(column) for column in _items(columns)])


def _or(columns: object) -> str:
    return " or ".join(_label(column) for column in _items(columns))


def _texts(levels: object, word: str = "and") -> str:
    shown = [level_text(level) for level in _items(levels)]
    return f"{', '.join(shown[:-1])} {word} {shown[-1]}" if len(shown) > 1 else "".join(shown)


def _by(a: Arguments) -> str:
    return f", by {_label(a['by'])}" if a.get("by") else ""


def _item(a: Arguments, key: str = "item", usual: str = "lesion") -> str:
    """Return what is read or drawn: the column's own words, without the "id" that a computer needs."""
    return _label(a[key]) if isinstance(a.get(key), str) else usual


def _test(a: Arguments) -> str:
    if a.get("index_test"):
        return f"the test “{_label(a['index_test'])}”"
    sign = "≥" if a.get("higher_is_positive", True) else "≤"
    return f"{_label(a['marker'])} {sign} {level_text(float(a['cutoff']))}"


def _classes(a: Arguments) -> str:
    """Return whom the reference standard tells apart: "lesions with response CR or PR from other lesions"."""
    standard = _label(a["reference_standard"]).removeprefix(f"{a['unit']} ")  # no "lesions with lesion status"
    if a.get("positive") is None:
        return f"{_units(a)} with {standard} from those without"
    return f"{_units(a)} with {standard} {_texts(a['positive'], 'or')} from other {_units(a)}"


def _predictors(a: Arguments) -> str:
    columns = _items(a["predictors"])
    given = {1: "", 2: ", each given the other"}.get(len(columns), ", each given the others")
    return f"{_and(columns)}{given}"


def _outcome(a: Arguments) -> str:
    label = outcome_label(str(a["duration"]))
    return label[0].lower() + label[1:] if label[1:2].islower() else label


def _in(a: Arguments) -> str:
    unit = str(a["duration"]).rpartition("_")[2]
    return f" {unit}" if unit in ("days", "weeks", "months", "years") else ""


def _from_landmark(a: Arguments) -> str:
    return f" from {level_text(float(a['landmark']))}{_in(a)} on" if a.get("landmark") is not None else ""
