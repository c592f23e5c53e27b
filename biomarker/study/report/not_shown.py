"""What an analysis does not show: the limits of its kind, and those that its arguments and its numbers bring."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from math import isnan
from typing import TYPE_CHECKING, Any

from biomarker.vocabulary import level_text, lower_label

if TYPE_CHECKING:
    from biomarker.analyses.result import Result

Arguments = Mapping[str, Any]

_FEW_PATIENTS, _FEW_READERS, _FEW_EVENTS = 30, 6, 10
_OF_TREATMENT = re.compile(r"respon|recist|percist|progress|benefit|regress", re.IGNORECASE)
_RATIO_OF = {"hazard_model": "hazard_ratio", "response_model": "odds_ratio"}
# a p-value corrected for the choice of a cutoff is adjusted already; those of agreement test what limits assume
_NOT_MANY_TESTS = {"adjust_p_values", "check_summary", "suv_cutoff", "survival_cutoff", "limits_of_agreement"}
_RESPONSES = {"CR", "PR", "SD", "PD", "CMR", "PMR", "SMD", "PMD"}

_ASSOCIATION = (
    "This is an association. It does not show who gains from this treatment rather than another, which takes arms to "
    "compare and an interaction of marker and treatment."
)
_ALIKE = (
    "Whether the groups were alike at the start is not known to this analysis: a difference between them may have "
    "other causes than what they are named for."
)
_NOT_VALIDATED = (
    "The cutoff was chosen on these data and has not been validated in others. Correction for optimism speaks of new "
    "patients like these, scanned and read in the same way, and of no others."
)
_SET_BEFOREHAND = "Had the cutoff been chosen on these same data, its figures would be too good."
_TRUTH = "The reference standard is taken as the truth; its own errors are not in the intervals."
_DOSE = "Means over patients, by the model the doses were made with; the dose of one patient can be another."

ALWAYS: dict[str, tuple[str, ...]] = {
    "participant_flow": ("Whoever is not in the table, because never asked or never recorded, is not in the flow.",),
    "characteristics": ("It describes those who were studied, and does not show whom they stand for.",),
    "uptake_over_time": (
        "Uptake that rises with time does not by itself show binding to the target.",
        "The mean course is not the course of any one lesion.",
    ),
    "detection_rate": (
        "What no method found is not counted, so this is no sensitivity for all disease; false findings are not told.",
    ),
    "predictive_values": (_TRUTH,),
    "predictive_values_from_counts": (
        _TRUTH,
        "Counts do not tell whose lesions they are, nor how the cutoff was chosen: intervals are too narrow where "
        "patients have several, and figures too good where it was chosen on the same data.",
    ),
    "compare_tests": ("A test that is more accurate is not thereby shown to be better for patients.", _TRUTH),
    "verification_bias": (
        "What was not verified stays unknown: the corrected figures are as good as the assumption behind them.",
    ),
    "net_benefit": (
        "It does not say at which risk one should act: that is a judgement of benefit and harm, made beforehand.",
        _TRUTH,
    ),
    "roc_curve": (
        "The AUC does not say at which cutoff to act, nor what a positive scan means for a patient.",
        _TRUTH,
    ),
    "compare_roc_curves": (
        "Areas whose difference has an interval round zero are not shown to be equal: the interval says how far apart "
        "they may be.",
    ),
    "suv_cutoff": (_NOT_VALIDATED, "Another criterion would choose another cutoff."),
    "evaluate_cutoff": (_TRUTH,),
    "time_dependent_roc": (
        "Censored patients are taken to do as well, from then on, as those still followed.",
        _ASSOCIATION,
    ),
    "compare_uptake": (
        "Groups whose averages differ may still overlap: the difference does not say how well uptake tells them apart.",
    ),
    "compare_uptake_from_summaries": (
        "Means and spreads say nothing of skew, of outliers, or of lesions that share a patient.",
    ),
    "check_summary": (
        "Figures that hang together need not be right; figures that do not may have an innocent cause, such as another "
        "test, a transformation or an exclusion that is not told.",
    ),
    "correlate": (
        "A correlation depends on how widely both were spread here, and does not say how exactly one gives the other.",
        "It does not show that one causes the other.",
    ),
    "compare_correlations": (
        "Correlations whose difference has an interval round zero are not shown to be equal: the interval says how far "
        "apart they may be.",
    ),
    "response_rate": ("A response is not shown to make life longer or better.",),
    "waterfall": (
        "The best change is no response: new lesions, other lesions, later growth and confirmation are not in it, and "
        "who was never measured again is missing.",
    ),
    "spider": (
        "A line ends where measuring ended, often for a reason: the lines that go on are no random part of all.",
    ),
    "response_model": (_ASSOCIATION, "The model has not been tried in other patients."),
    "adjust_p_values": (
        "Only the hypotheses listed here are adjusted for: to choose them after seeing the results undoes it.",
        "A p-value says nothing of the size of an effect, and a large one does not show that there is none.",
    ),
    "intraclass_correlation": (
        "The ICC grows with the spread of what was read: a high one can go with errors too large to follow a change. "
        "Repeatability says how large they are.",
    ),
    "limits_of_agreement": (
        "The limits do not say which reading is right, nor how far apart readings may be: that is set beforehand.",
    ),
    "repeatability": (
        "It holds for changes measured as these readings were. Where one scan was read again, what a second injection, "
        "another day or another scanner adds is not in it.",
        "A change beyond error is a change in uptake; it is not thereby a response.",
    ),
    "concordance_correlation": (
        "The coefficient grows with the spread of what was read; the limits of agreement say how far readers differ.",
    ),
    "method_comparison": (
        "The line says how the two compare on average, not how near they are in a single case; neither is the truth.",
    ),
    "categorical_agreement": (
        "Readers who agree can be wrong together.",
        "Kappa falls where one category is rare or common, at the same percent agreement.",
    ),
    "swimmer": ("It shows the course of each patient and compares nothing.",),
    "survival_curves": ("The right ends of the curves rest on the few patients still at risk.",),
    "hazard_model": (_ASSOCIATION,),
    "survival_cutoff": (_NOT_VALIDATED, _ASSOCIATION),
    "cumulative_incidence": (
        "The incidence of one cause depends on the others: where one comes first more often, fewer are left for the "
        "rest.",
    ),
    "treatment_interaction": (
        "An interaction needs to be seen again in another trial before treatment is chosen by it.",
    ),
    "aggregation_sensitivity": (
        "To take the rule that does best here would be a choice made on these data; it would have to be validated.",
    ),
    "censored_summary": (
        "That values below the limit follow the same log-normal curve is assumed; nothing measured can show it.",
    ),
    "clearance": (
        "Phases are those of a fitted curve, not of organs; nothing is seen before the first sample or after the last.",
    ),
    "patlak": ("It takes for granted that what tissue has trapped stays there throughout the scans.",),
    "time_integrated_activity": ("What happened after the last measurement is assumed, not measured.",),
    "organ_doses": ("S values are those of a model: organs of another size or place take another dose.",),
    "dose_table": (_DOSE,),
    "effective_dose": (
        "Effective dose is a quantity of radiation protection, for a reference person; it is no patient's risk.",
    ),
}


def not_shown(kind: str, arguments: Arguments, result: Result) -> tuple[str, ...]:
    """Return what must not be read into the result of one analysis, as sentences.

    Parameters
    ----------
    kind : str
        Its kind, as in the study file.
    arguments : mapping
        Its keyword arguments, as in the study file.
    result : Result
        What it gave: small numbers and many p-values have sentences of their own.
    """
    by_result = SOMETIMES.get(kind)
    said = [
        *(by_result(arguments, result) if by_result else ()),
        *ALWAYS.get(kind, ()),
        *_of_patients(result),
        *_of_p_values(kind, result),
    ]
    return tuple(dict.fromkeys(said))


def _of_patients(result: Result) -> Iterator[str]:
    population = result.population
    patients = population.rows_used if population.unit == "patient" else population.patients_used
    if patients is not None and patients < _FEW_PATIENTS:
        rows = ", however many lesions they have" if population.unit == "lesion" else ""
        yield f"It rests on {patients} patient{'s' * (patients != 1)}{rows}; a few others could change the answer."


def _of_p_values(kind: str, result: Result) -> Iterator[str]:
    ratio = _RATIO_OF.get(kind)  # of a model, the tests of its assumptions are not counted with those of its terms
    tests = [line for line in result.estimates if not isnan(line.p_value) and ratio in (None, line.quantity)]
    told = any("adjusted" in note for note in result.method.notes)
    few = 1 if ratio else 2
    if len(tests) > few and not told and kind not in _NOT_MANY_TESTS:
        yield "Its p-values are not adjusted for their number."


def _prevalence(a: Arguments, result: Result) -> Iterator[str]:
    found = [line.value for line in result.estimates if line.quantity == "prevalence" and not line.of]
    at = f" ({100 * found[0]:.1f}%)" if found and not isnan(found[0]) else ""
    yield f"PPV and NPV belong to the prevalence in these data{at}; elsewhere they are others."
    if a.get("cutoff") is not None:
        yield _SET_BEFOREHAND
    yield from _association(a, result)


def _operating_points(a: Arguments, result: Result) -> Iterator[str]:
    if a.get("at_specificity") is not None or a.get("at_sensitivity") is not None:
        yield "The operating points were found on these data: in others their sensitivity and specificity will differ."
    yield from _association(a, result)


def _cutoffs(a: Arguments, result: Result) -> Iterator[str]:
    if a.get("is_prespecified", True):
        yield "That the cutoffs were set before the data were seen is the study file's word; the data cannot show it."
    else:
        yield "The cutoffs were not set beforehand: where these data helped to choose them, these figures are too good."
    if a.get("repeatability") is not None:
        yield "The measurement error is taken as known: its own uncertainty is not in these figures."
    if a.get("readers") is not None:
        yield "Readers of one scan say nothing of what another scan, another day or another scanner would change."
    yield from _association(a, result)


def _association(a: Arguments, result: Result) -> Iterator[str]:
    """Say so where the outcome is one of treatment rather than a diagnosis."""
    positive = a.get("positive")
    levels = [positive] if isinstance(positive, str) else list(positive or ())
    groups = [line.of["group"] for line in result.estimates if "group" in line.of]
    words = [str(word) for word in (a.get("reference_standard", a.get("group", "")), *levels, *groups)]
    if any(_OF_TREATMENT.search(word) or word in _RESPONSES for word in words):
        yield _ASSOCIATION


def _alike(a: Arguments, result: Result) -> Iterator[str]:  # noqa: ARG001 - the signature that all share
    if a.get("by") or a.get("group"):
        yield _ALIKE


def _described(a: Arguments, result: Result) -> Iterator[str]:  # noqa: ARG001
    if a.get("by"):
        yield "Differences between the groups are described, not tested."


def _since(a: Arguments, result: Result) -> Iterator[str]:  # noqa: ARG001
    """Say whom a landmark leaves out, or that what is compared must have been known at the start."""
    if a.get("landmark") is not None:
        after = level_text(float(a["landmark"]))
        yield f"It is about patients still free of the event at the landmark, {after}, and silent on the others."
    elif a.get("measured_at"):
        known = ", ".join(lower_label(str(column)) for column in a["measured_at"])
        yield f"When {known} became known is taken from the study file."
    elif a.get("group") or a.get("marker") or a.get("predictors"):
        yield "What is compared is taken to have been known when follow-up began."


def _over_time(a: Arguments, result: Result) -> Iterator[str]:
    if a.get("cutoff") is not None:
        yield _SET_BEFOREHAND
    yield from _since(a, result)


def _groups_over_time(a: Arguments, result: Result) -> Iterator[str]:
    yield from _alike(a, result)
    yield from _since(a, result)


def _odds(a: Arguments, result: Result) -> Iterator[str]:  # noqa: ARG001
    yield from _few_per_ratio(result, "events_per_parameter", "of the rarer outcome for each odds ratio")
    if result.method.n_resamples:
        yield "Correction for optimism speaks of new patients like these, and of no others."


def _hazards(a: Arguments, result: Result) -> Iterator[str]:
    yield from _few_per_ratio(result, "events_per_ratio", "events for each hazard ratio")
    yield from _since(a, result)


def _few_per_ratio(result: Result, quantity: str, what: str) -> Iterator[str]:
    found = [line.value for line in result.estimates if line.quantity == quantity]
    if found and found[0] < _FEW_EVENTS:
        yield f"There are {found[0]:.1f} {what}: with fewer than {_FEW_EVENTS}, estimates are often unstable."


def _interaction(a: Arguments, result: Result) -> Iterator[str]:
    if not a.get("randomised"):
        yield "The arms are not said to be randomised: the interaction may come from how patients got their treatment."
    if any(line.quantity.startswith("benefit_of") for line in result.estimates):
        yield (
            "What choosing by the marker would gain is estimated on the patients the rule was made from; to correct it "
            "for optimism is no validation."
        )
    yield from _since(a, result)


def _readers(a: Arguments, result: Result) -> Iterator[str]:  # noqa: ARG001
    readers = {str(line.of["reader"]) for line in result.estimates if "reader" in line.of}
    count = len(getattr(result, "readers", ()) or ()) or len(readers)
    if 1 < count < _FEW_READERS:
        yield f"{count} readers tell little of how far other readers would differ."


SOMETIMES: dict[str, Callable[[Arguments, Result], Iterator[str]]] = {
    "characteristics": _described,
    "predictive_values": _prevalence,
    "predictive_values_from_counts": _prevalence,
    "compare_tests": _association,
    "net_benefit": _association,
    "roc_curve": _operating_points,
    "compare_roc_curves": _association,
    "suv_cutoff": _association,
    "evaluate_cutoff": _cutoffs,
    "time_dependent_roc": _over_time,
    "compare_uptake": _association,
    "response_rate": _alike,
    "response_model": _odds,
    "intraclass_correlation": _readers,
    "limits_of_agreement": _readers,
    "repeatability": _readers,
    "concordance_correlation": _readers,
    "categorical_agreement": _readers,
    "survival_curves": _groups_over_time,
    "hazard_model": _hazards,
    "survival_cutoff": _since,
    "cumulative_incidence": _groups_over_time,
    "treatment_interaction": _interaction,
    "aggregation_sensitivity": _association,
}
