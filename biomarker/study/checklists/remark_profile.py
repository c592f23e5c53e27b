"""The REMARK profile: what was studied in whom, and every analysis of outcome with its patients and events."""

from __future__ import annotations

from collections.abc import Iterator

from biomarker.references import ALTMAN_2012
from biomarker.study.checklists.accuracy import flow
from biomarker.study.checklists.checked_run import CheckedRun, Shown, columns
from biomarker.study.checklists.outcome import (
    SURVIVAL_KINDS,
    endpoints,
    marker_handling,
    markers,
    markers_of_outcome,
    predictors,
    tracer,
    treatment,
)
from biomarker.tables import Table
from biomarker.vocabulary import kind_label, outcome_label


def profile_tables(run: CheckedRun) -> tuple[Table, ...]:
    """Lay out both parts of the profile; none where there is no analysis of outcome."""
    analyses = run.of(*SURVIVAL_KINDS)
    if not analyses:
        return ()
    told = (
        ("Marker", "; ".join(filter(None, (tracer(run), markers_of_outcome(run))))),
        ("How it was used", marker_handling(run)),
        ("Further variables", columns([name for one in analyses for name in _others(one)])),
        ("Outcomes", endpoints(run)),
        ("Treatment", treatment(run)),
        ("Flow", flow(run)),
    )
    studied = Table(
        title="REMARK profile: patients, treatment and variables",
        header=("", "In this study"),
        rows=[row for row in told if row[1]],
        footnotes=(f"Form of the profile: {ALTMAN_2012}",),
    )
    analysed = Table(
        title="REMARK profile: analyses of outcome",
        header=("Analysis", "Variables", "Outcome", "n", "Events"),
        rows=[_analysis(one) for one in analyses],
        footnotes=("n, patients. Every analysis of outcome that was run is listed, whatever it found.",),
    )
    return studied, analysed


def _analysis(one: Shown) -> tuple[str, ...]:
    variables = columns(list(dict.fromkeys([*markers(one), *_others(one)]))) or "none"
    outcome = outcome_label(str(one.setting("duration") or one.setting("response") or ""))
    population = one.result.population
    lines = [line for line in one.estimates("events") if line.value == line.value]
    events = f"{sum(line.value for line in lines):.0f}" if lines else ""
    label = one.title or kind_label(one.kind)
    return f"{label} ({one.place})", variables, outcome, f"{population.rows_used:,}", events


def _others(one: Shown) -> Iterator[str]:
    """Give the variables of an analysis that are not its marker."""
    for name in (*predictors(one), one.setting("group"), one.setting("arm"), one.setting("strata")):
        for column in [name] if isinstance(name, str) else name or ():
            if column not in markers(one):
                yield str(column)
