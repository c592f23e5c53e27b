"""What a run shows of the items for markers of outcome and for prediction models."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from biomarker.study.checklists.accuracy import methods_of
from biomarker.study.checklists.checked_run import CheckedRun, Shown, columns, places, told
from biomarker.tables.style import listed
from biomarker.vocabulary import column_label, outcome_label

SURVIVAL_KINDS = (
    "survival_curves", "hazard_model", "survival_cutoff", "time_dependent_roc", "treatment_interaction",
    "cumulative_incidence",
)  # fmt: skip
MODEL_KINDS = ("response_model", "hazard_model")
_OF_MODELS = re.compile(r"predict\w* model|prognostic model|risk score|nomogram", re.IGNORECASE)
_PERFORMANCE = ("c_index_corrected", "c_index", "auc", "brier_scaled", "calibration_slope")
_MEASURES = {
    "auc": "AUC", "c_index": "c-index", "brier_scaled": "scaled Brier score", "calibration_slope": "calibration slope",
}  # fmt: skip
_RATIOS = ("hazard_ratio", "odds_ratio")


def markers(one: Shown) -> list[str]:
    """Return the columns that an analysis takes for markers."""
    marker = one.setting("marker")
    return [marker] if isinstance(marker, str) else list(marker or ())


def predictors(one: Shown) -> list[str]:
    """Return the predictors of a model."""
    given = one.setting("predictors")
    return [given] if isinstance(given, str) else list(given or ())


def markers_of_outcome(run: CheckedRun) -> str:
    """Return the markers, by the analyses that name one."""
    named = [name for one in run.of(*SURVIVAL_KINDS) for name in markers(one)]
    return f"Marker: {columns(named)}" if named else ""


def treatment(run: CheckedRun) -> str:
    """Arms, and whether they were randomised."""
    said = []
    for one in run.of("treatment_interaction"):
        how = "randomised" if one.setting("randomised") else "not said to be randomised"
        said.append(f"{one.place}: {column_label(str(one.setting('arm')))}, {how}")
    return told(said)


def tracer(run: CheckedRun) -> str:
    """Return the tracer."""
    return f"Tracer: {run.study.tracer}" if run.study.tracer else ""


def reproducibility(run: CheckedRun) -> str:
    """Analyses of agreement."""
    found = run.of("intraclass_correlation", "limits_of_agreement", "repeatability", "concordance_correlation")
    return f"Reproducibility: {places(found)}" if found else ""


def follow_up(run: CheckedRun) -> str:
    """Median follow-up, as first told."""
    for one in run.of("survival_curves", "swimmer", "cumulative_incidence"):
        lines = one.estimates("median_follow_up")
        if lines:
            groups = [f"{line.of['group']}: " if "group" in line.of else "" for line in lines]
            values = [f"{group}{run.value(line)}" for group, line in zip(groups, lines, strict=True)]
            return f"{one.place}: {', '.join(values[:3])}"
    return ""


def endpoints(run: CheckedRun) -> str:
    """Durations, by their labels."""
    named = [outcome_label(str(one.setting("duration"))) for one in run.of(*SURVIVAL_KINDS) if one.setting("duration")]
    return told(named)


def model_variables(run: CheckedRun) -> str:
    """Predictors of every model."""
    return told(f"{one.place}: {columns(predictors(one))}" for one in run.of(*MODEL_KINDS))


def marker_handling(run: CheckedRun) -> str:
    """How each analysis used the marker: as measured, in classes, at a cutoff."""
    said = [_handled(one) for one in run.of(*SURVIVAL_KINDS)]
    return told([*said, *(f"classes of {name} {how}" for name, how in _classes(run))])


def _handled(one: Shown) -> str:
    if one.kind == "survival_cutoff":
        chosen = ", ".join(f"{line.value:g}" for line in one.estimates("cutoff"))
        return f"{one.place}: cutoff {chosen} of {columns(markers(one))} chosen on these data, p corrected for it"
    per = one.setting("per")
    if isinstance(per, dict):
        return f"{one.place}: {', '.join(f'{columns(name)} per {_step(unit)}' for name, unit in per.items())}"
    if per and markers(one):
        return f"{one.place}: {columns(markers(one))} per {_step(per)}"
    return ""


def _step(per: object) -> str:
    return f"{per:g}" if isinstance(per, int | float) else str(per)


def _classes(run: CheckedRun) -> Iterator[tuple[str, str]]:
    """Return classes of a marker that were derived and are used as groups, and at what cutoffs."""
    groups = {one.setting("group") for one in run.of(*SURVIVAL_KINDS)}
    for step in run.study.derivations:
        name, cuts = step.options.get("name"), step.options.get("cutoffs")
        if step.options.get("how") == "class" and name in groups:
            at = f"at the {cuts}, so from these data" if isinstance(cuts, str) else f"at {_numbers(cuts)}, given"
            yield columns(str(step.options.get("marker"))), at


def _numbers(cuts: Any) -> str:  # noqa: ANN401 - as the study file has it
    several = cuts if isinstance(cuts, list | tuple) else [cuts]
    return listed([f"{cut:g}" if isinstance(cut, int | float) else str(cut) for cut in several])


def events(run: CheckedRun) -> str:
    """Patients and events of each analysis."""
    said = []
    for one in run.of(*SURVIVAL_KINDS, "response_model"):
        lines = one.estimates("events")
        if lines:
            total = sum(line.value for line in lines)
            population = one.result.population
            said.append(f"{one.place}: {population.rows_used:,} {population.unit}s, {total:.0f} events")
    return told(said)


def marker_and_variables(run: CheckedRun) -> str:
    """Analyses that set the marker beside another variable."""
    found = [
        *(one for one in run.of("characteristics") if one.setting("by") in _marker_classes(run)),
        *run.of("compare_uptake", "correlate"),
    ]
    said = {"characteristics": "by class of the marker", "compare_uptake": "between groups", "correlate": "correlation"}
    return told(f"{one.place}: {said[one.kind]}" for one in found)


def _marker_classes(run: CheckedRun) -> set[object]:
    return {step.options.get("name") for step in run.study.derivations if step.options.get("how") == "class"}


def univariable(run: CheckedRun) -> str:
    """Curves by classes of a marker, and models of one predictor."""
    classes = _marker_classes(run)
    said = []
    for one in run.of("survival_curves"):
        if one.setting("group") in classes:
            medians = [f"{line.of.get('group')}: {run.value(line)}" for line in one.estimates("median_survival")]
            tests = [f"log-rank {run.style.p_phrase(line.p_value)}" for line in one.estimates("log_rank")]
            said.append(f"{one.drawn}: {', '.join([*medians, *tests])}")
    alone = [one for one in run.of("hazard_model") if len(predictors(one)) == 1]
    return told([*said, *(_ratios(one, run) for one in [*alone, *run.of("treatment_interaction")])])


def multivariable(run: CheckedRun) -> str:
    """Models with several predictors."""
    return told(_ratios(one, run) for one in run.of("hazard_model") if len(predictors(one)) > 1)


def _ratios(one: Shown, run: CheckedRun) -> str:
    lines = one.estimates(*_RATIOS, "marker_hazard_ratio")[:3]
    named = [run.value(line, f"{_short(line.quantity)} of {_term(line.of)}") for line in lines]
    return f"{one.place}: {', '.join(named)}" if named else ""


def _short(quantity: str) -> str:
    return "OR" if "odds" in quantity else "HR"


def _term(of: Any) -> str:  # noqa: ANN401 - a mapping of whatever tells lines apart
    told_apart = [str(value) for key, value in of.items() if key in ("level", "arm") and value is not None]
    if isinstance(of.get("at"), float) and isinstance(of.get("reference"), float):
        told_apart.append(f"{of['at']:.3g} v {of['reference']:.3g}")
    name = columns(str(of["term"])) if "term" in of else "the marker"
    return f"{name} ({', '.join(told_apart)})" if told_apart else name


def assumptions(run: CheckedRun) -> str:
    """Return tests of what a model takes for granted."""
    tests = ("proportional_hazards_test", "proportional_odds_test", "nonlinearity_test")
    found = [one for one in run.of(*MODEL_KINDS) if one.estimates(*tests)]
    return f"Assumptions tested: {places(found)}" if found else ""


def validation(run: CheckedRun) -> str:
    """Return performance corrected for optimism."""
    return told(f"{one.place}: {_corrected(one, run)}" for one in run.of(*MODEL_KINDS) if _corrected(one, run))


def _corrected(one: Shown, run: CheckedRun) -> str:
    """Return the discrimination of a model, corrected for optimism."""
    for line in one.estimates("c_index_corrected", "auc", "c_index"):
        if line.quantity == "c_index_corrected":
            return run.value(line)
        if line.of.get("performance") == "corrected":
            return f"{run.value(line)}, corrected for optimism"
    return ""


def title_of_model(run: CheckedRun) -> str:
    """Return a prediction model in the title."""
    return f"Title: “{run.study.title}”" if _OF_MODELS.search(run.study.title) else ""


def data_source(run: CheckedRun) -> str:
    """Return the source that the study file names."""
    return f"Source: {run.study.source}" if run.study.source else ""


def preparation(run: CheckedRun) -> str:
    """Return the heading under which the preparation of data is told."""
    return "Statistical methods, under “Data”; checks of every table by its schema" if run.study.sources else ""


def model_outcomes(run: CheckedRun) -> str:
    """Return what each model is of."""
    said = []
    for one in run.of(*MODEL_KINDS):
        outcome = one.setting("response") or one.setting("duration")
        name = column_label(str(outcome)) if one.kind == "response_model" else outcome_label(str(outcome))
        said.append(f"{one.place}: {name}")
    return told(said)


def events_per_parameter(run: CheckedRun) -> str:
    """Events for each parameter."""
    said = []
    for one in run.of(*MODEL_KINDS):
        said += [
            f"{one.place}: {run.value(line)}" for line in one.estimates("events_per_parameter", "events_per_ratio")
        ]
    return told(said)


def data_use(run: CheckedRun) -> str:
    """All rows make the model, and resamples of them evaluate it."""
    counts = sorted({one.result.method.n_resamples for one in run.of(*MODEL_KINDS) if one.result.method.n_resamples})
    if not counts:
        return "All rows for development; none kept for evaluation" if run.of(*MODEL_KINDS) else ""
    many = listed([f"{count:,}" for count in counts])
    return f"All rows for development; evaluated in {many} resamples, in each of which the model was fitted anew"


def predictor_forms(run: CheckedRun) -> str:
    """Return steps and splines of the predictors."""
    said = []
    for one in run.of(*MODEL_KINDS):
        splines = one.setting("splines")
        curved = f", spline of {columns(list(splines))}" if isinstance(splines, dict) and splines else ""
        said.append(f"{_handled(one) or f'{one.place}: as measured'}{curved}")
    return told(said)


def clusters(run: CheckedRun) -> str:
    """Strata, clusters and patients with several rows."""
    said = []
    for one in run.of(*MODEL_KINDS):
        for word, name in (("stratified by", one.setting("strata")), ("clustered by", one.setting("cluster"))):
            said += [f"{one.place}: {word} {columns(name)}"] if name else []
        said += [f"{one.place}: lesions nested in patients"] if one.setting("clustered") is True else []
    return told(said)


def performance_measures(run: CheckedRun) -> str:
    """Names of the measures reported."""
    found = {line.quantity for one in run.of(*MODEL_KINDS) for line in one.estimates(*_PERFORMANCE)}
    names = {
        "auc": "AUC",
        "c_index": "c-index",
        "brier_scaled": "scaled Brier score",
        "calibration_slope": "calibration",
    }
    return listed([name for quantity, name in names.items() if quantity in found])


def model_output(run: CheckedRun) -> str:
    """Return what each model gives."""
    gives = {
        "response_model": "probability of response, by odds ratios",
        "hazard_model": "hazard ratios, no risk by time",
    }
    return told(f"{one.place}: {gives[one.kind]}; no cutoff for classes" for one in run.of(*MODEL_KINDS))


def code(run: CheckedRun) -> str:
    """Return the study file and the software that make every number again."""
    return f"{run.study.path.name} and manifest.json make every number again with this software" if run.shown else ""


def specification(run: CheckedRun) -> str:
    """Models whose intercept is told beside their ratios."""
    whole = [one for one in run.of("response_model") if one.estimates("intercept")]
    return f"{places(whole)}: intercepts and odds ratios, unrounded in results.json" if whole else ""


def performance(run: CheckedRun) -> str:
    """Return performance of each model with its intervals."""
    said = []
    for one in run.of(*MODEL_KINDS):
        lines = [
            line for line in one.estimates(*_PERFORMANCE) if line.of.get("performance", "corrected") == "corrected"
        ]
        if lines:
            said.append(f"{one.place}: {', '.join(run.value(line) for line in lines[:3])}")
    return told(said)


EVIDENCE: dict[str, Callable[[CheckedRun], str]] = {
    "markers_of_outcome": markers_of_outcome,
    "treatment": treatment,
    "tracer": tracer,
    "reproducibility": reproducibility,
    "follow_up": follow_up,
    "endpoints": endpoints,
    "model_variables": model_variables,
    "methods_of_outcome": methods_of(*SURVIVAL_KINDS),
    "methods_of_models": methods_of(*MODEL_KINDS),
    "marker_handling": marker_handling,
    "events": events,
    "marker_and_variables": marker_and_variables,
    "univariable": univariable,
    "multivariable": multivariable,
    "assumptions": assumptions,
    "validation": validation,
    "title_of_model": title_of_model,
    "data_source": data_source,
    "preparation": preparation,
    "model_outcomes": model_outcomes,
    "events_per_parameter": events_per_parameter,
    "data_use": data_use,
    "predictor_forms": predictor_forms,
    "clusters": clusters,
    "performance_measures": performance_measures,
    "model_output": model_output,
    "code": code,
    "specification": specification,
    "performance": performance,
}
