"""Lay out cumulative incidence: events and incidence of each cause by group, tests, and hazard ratios."""

from __future__ import annotations

from biomarker.analyses.cumulative_incidence import CumulativeIncidenceResult
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Spanner, Style, Table, heading, indented, layout
from biomarker.tables.comparison_column import with_blanks
from biomarker.vocabulary import column_label, level_text, lower_label

_RATIOS = {
    "subdistribution_hazard_ratio": "Subdistribution hazard ratio",
    "cause_specific_hazard_ratio": "Cause-specific hazard ratio",
}


@layout.register
def _(result: CumulativeIncidenceResult, style: Style) -> Table:
    """Lay out one column a group; each cause has its events, its incidence at each time, its test and its ratios."""
    counts = [result.estimate("events", cause=result.causes[0], **result.of_group(group)).n for group in result.groups]
    patients: Row | tuple[str, ...] = ("Patients", *(str(count) for count in counts))
    # What compares groups is of none of them, so it has columns of its own.
    rows = with_blanks([patients], 2) if len(result.groups) > 1 else [patients]
    for cause in result.causes:
        rows += _of_cause(result, cause, style)
    columns, compares = _columns(result), len(result.groups) > 1
    level = f"{100 * result.method.confidence_level:g}% CI"
    by = f" by {lower_label(result.group)}" if result.group else ""
    since = f" from a landmark at {result.landmark:g} {result.unit}".rstrip() if result.landmark is not None else ""
    return Table(
        title=f"Cumulative incidence of {' and '.join(result.causes)}{by}{since}",
        header=("", *columns, *([f"Ratio ({level})", style.p_symbol] if compares else [])),
        spanners=_spanners(result),
        rows=rows,
        footnotes=_footnotes(result, rows),
    )


def _of_cause(result: CumulativeIncidenceResult, cause: str, style: Style) -> list[Row | tuple[str, ...]]:
    level = f"{100 * result.method.confidence_level:g}% CI"
    told = {"cause": cause}
    is_compared = len(result.groups) > 1
    rows: list[Row | tuple[str, ...]] = [heading(cause[:1].upper() + cause[1:])]
    events = (result.estimate("events", **told, **result.of_group(group)) for group in result.groups)
    rows.append(indented("Events", *(style.number(line.value, 0) for line in events)))
    for time in result.times:
        lines = (
            result.estimate("cumulative_incidence", time=time, **told, **result.of_group(group))
            for group in result.groups
        )
        cells = (style.with_interval(line.value, line.low, line.high, 1, scale=100) for line in lines)
        rows.append(indented(f"Incidence at {time:g} {result.unit}".rstrip() + f", % ({level})", *cells))
    if is_compared:
        rows = with_blanks(rows, 2)
    lines_of_cause = (line for line in result.estimates if line.of.get("cause") == cause)
    return rows + [row for line in lines_of_cause for row in _comparison(result, line, style, level)]


def _comparison(result: CumulativeIncidenceResult, line: Estimate, style: Style, level: str) -> list[Row]:
    """Lay out a test of groups or a ratio, in the columns of comparisons or, with one group only, in its own."""
    blank = [""] * len(result.groups)
    if line.quantity == "gray_test":
        return [indented("Gray's test", *blank, "", style.p_value(line.p_value))]
    if line.quantity not in _RATIOS:
        return []
    shown = style.with_interval(line.value, line.low, line.high)
    if len(result.groups) > 1:
        return [indented(_ratio_label(line), *blank, shown, style.p_value(line.p_value))]
    return [indented(f"{_ratio_label(line)} ({level})", f"{shown}; {style.p_phrase(line.p_value)}")]


def _spanners(result: CumulativeIncidenceResult) -> list[Spanner]:
    if not result.group:
        return []
    last = len(result.groups)
    over_groups = Spanner(column_label(result.group), 1, last)
    return [over_groups, Spanner("Comparison", last + 1, last + 2)] if last > 1 else [over_groups]


def _ratio_label(line: Estimate) -> str:
    of, term = line.of, column_label(str(line.of["term"]))
    of_class = f": {level_text(of['level'])} v {level_text(of['reference'])}" if "level" in of else ""
    what = f"{term}{of_class or ', per ' + str(of['per'])}"
    return f"{_RATIOS[line.quantity]}, {what}"


def _columns(result: CumulativeIncidenceResult) -> tuple[str, ...]:
    if not result.group:
        return ("All patients",)
    told = all(isinstance(group, str) for group in result.groups)
    return tuple(str(group) if told else f"{column_label(result.group)} {level_text(group)}" for group in result.groups)


def _footnotes(result: CumulativeIncidenceResult, rows: list[Row | tuple[str, ...]]) -> tuple[str, ...]:
    cells = [cell for row in rows for cell in (row.cells if isinstance(row, Row) else row)]
    missing = "; NE, not estimable" if any("NE" in cell for cell in cells) else ""
    quantities = {line.quantity for line in result.estimates}
    both = (
        "A subdistribution hazard ratio tells how the incidence of a cause differs, a cause-specific one how its rate "
        "differs among patients who are still free of every cause."
    )
    return (
        f"CI, confidence interval ({result.method.name}){missing}.",
        both if "subdistribution_hazard_ratio" in quantities else "",
    )
