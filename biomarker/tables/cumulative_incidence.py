"""Lay out cumulative incidence: events and incidence of each cause by group, tests, and hazard ratios."""

from __future__ import annotations

from dataclasses import replace

from biomarker.analyses.cumulative_incidence import CumulativeIncidenceResult
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.vocabulary import column_label, level_text, lower_label

_RATIOS = {
    "subdistribution_hazard_ratio": "Subdistribution hazard ratio",
    "cause_specific_hazard_ratio": "Cause-specific hazard ratio",
}


@layout.register
def _(result: CumulativeIncidenceResult, style: Style) -> Table:
    """Lay out one column a group; each cause has its events, its incidence at each time, its test and its ratios."""
    counts = [result.estimate("events", cause=result.causes[0], **result.of_group(group)).n for group in result.groups]
    rows: list[Row | tuple[str, ...]] = [("Patients", *(str(count) for count in counts))]
    for cause in result.causes:
        rows += _of_cause(result, cause, style)
    if len(result.groups) > 1:  # what compares groups is of none of them, so it has a column of its own
        rows = [_with_comparison(row, len(result.groups) + 2) for row in rows]
    by = f" by {lower_label(result.group)}" if result.group else ""
    since = f" from a landmark at {result.landmark:g} {result.unit}".rstrip() if result.landmark is not None else ""
    return Table(
        title=f"Cumulative incidence of {' and '.join(result.causes)}{by}{since}",
        header=("", *_columns(result), *(["Comparison"] if len(result.groups) > 1 else [])),
        rows=rows,
        footnotes=_footnotes(result, rows),
    )


def _of_cause(result: CumulativeIncidenceResult, cause: str, style: Style) -> list[Row | tuple[str, ...]]:
    level = f"{100 * result.method.confidence_level:g}% CI"
    told = {"cause": cause}
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
    blank = [""] * len(result.groups) if len(result.groups) > 1 else []
    for line in result.estimates:
        if line.of.get("cause") != cause:
            continue
        if line.quantity == "gray_test":
            rows.append(indented(f"Gray's test {style.p_symbol}", *blank, style.p_value(line.p_value)))
        elif line.quantity in _RATIOS:
            shown = style.with_interval(line.value, line.low, line.high)
            rows.append(indented(_ratio_label(line, level), *blank, f"{shown}; {style.p_phrase(line.p_value)}"))
    return rows


def _with_comparison(row: Row | tuple[str, ...], width: int) -> Row | tuple[str, ...]:
    """Fill a row of groups up to the column of comparisons."""
    cells = row.cells if isinstance(row, Row) else row
    if len(cells) == width or (isinstance(row, Row) and row.is_heading):
        return row
    return replace(row, cells=(*cells, "")) if isinstance(row, Row) else (*cells, "")


def _ratio_label(line: Estimate, level: str) -> str:
    of, term = line.of, column_label(str(line.of["term"]))
    of_class = f": {level_text(of['level'])} v {level_text(of['reference'])}" if "level" in of else ""
    what = f"{term}{of_class or ', per ' + str(of['per'])}"
    return f"{_RATIOS[line.quantity]} ({level}), {what}"


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
