"""Lay out time-dependent ROC analysis: a column a time, beneath each marker its areas, cutoff and Brier scores."""

from __future__ import annotations

from math import isnan

from biomarker.analyses.result import Estimate
from biomarker.analyses.time_dependent_roc import TimeDependentRoc
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.style import listed
from biomarker.vocabulary import column_label, lower_label, outcome_label, quantity_label

_FRACTIONS = ("sensitivity", "specificity", "ppv", "npv")
_WHOLES = ("integrated_auc", "integrated_brier")
_NONE = ""


@layout.register
def _(result: TimeDependentRoc, style: Style) -> Table:
    """Lay out the numbers of each marker, then the comparisons."""
    rows: list[Row | tuple[str, ...]] = []
    for marker in result.markers:
        rows += [heading(column_label(marker)), *_of_marker(result, marker, style)]
    rows += _comparisons(result, style)
    return Table(
        title=f"{_listed(result)} for {lower_label(outcome_label(result.duration))} by time",
        header=("", *(f"{time:g} {result.unit}".rstrip() for time in result.times)),
        rows=rows,
        footnotes=_footnotes(result, style),
    )


def _listed(result: TimeDependentRoc) -> str:
    first, *others = result.markers
    return listed([column_label(first), *(lower_label(marker) for marker in others)])


def _at(result: TimeDependentRoc, quantity: str, **of: object) -> list[Estimate | None]:
    """Return the line of each time, or None."""
    lines = [
        line
        for line in result.estimates
        if line.quantity == quantity and all(line.of.get(key) == value for key, value in of.items())
    ]
    return [next((line for line in lines if line.of.get("time") == time), None) for time in result.times]


def _of_marker(result: TimeDependentRoc, marker: str, style: Style) -> list[Row]:
    level = f"{100 * result.method.confidence_level:g}% CI"
    rows = []
    for quantity in ("auc", "incident_auc"):
        cells = [_shown(line, style) for line in _at(result, quantity, marker=marker)]
        rows.append(indented(f"{quantity_label(quantity)} ({level})", *cells))
    for quantity in _FRACTIONS:
        lines = _at(result, quantity, marker=marker)
        if any(lines):
            sign = "≥" if result.method.settings["higher_is_positive"] else "≤"
            cutoff = style.plain(float(next(line for line in lines if line).of["cutoff"]))
            cells = [_shown(line, style, 1, 100) for line in lines]
            rows.append(indented(f"{quantity_label(quantity)} at {sign} {cutoff}, % ({level})", *cells))
    lines = _at(result, "brier_corrected", marker=marker)
    lines = lines if any(lines) else _at(result, "brier", marker=marker)
    if any(lines):
        null = _at(result, "brier_null", marker=marker)
        cells = [f"{_shown(one, style, 3)} ({_shown(two, style, 3)})" for one, two in zip(lines, null, strict=True)]
        rows.append(indented("Brier score (without the marker)", *cells))
    return rows


def _shown(line: Estimate | None, style: Style, digits: int = 2, scale: float = 1) -> str:
    return _NONE if line is None else style.with_interval(line.value, line.low, line.high, digits, scale=scale)


def _comparisons(result: TimeDependentRoc, style: Style) -> list[Row | tuple[str, ...]]:
    pairs = list(
        dict.fromkeys(
            (line.of["first"], line.of["second"]) for line in result.estimates if line.quantity == "auc_difference"
        )
    )
    rows: list[Row | tuple[str, ...]] = []
    for first, second in pairs:
        lines = _at(result, "auc_difference", first=first, second=second)
        rows.append(heading(f"{column_label(first)} − {lower_label(second)}"))
        rows.append(indented("Difference in AUC", *(_shown(line, style) for line in lines)))
        rows.append(
            indented(style.p_symbol, *(_NONE if line is None else style.p_value(line.p_value) for line in lines))
        )
    return rows


def _footnotes(result: TimeDependentRoc, style: Style) -> tuple[str, ...]:
    wholes = [line for line in result.estimates if line.quantity in _WHOLES and not isnan(line.value)]
    told = [
        f"{_whole(line, first=place == 0)} {_until(line, result.unit)} "
        f"{style.with_interval(line.value, line.low, line.high)}"
        for place, line in enumerate(wholes)
    ]
    joint = [
        f"{column_label(line.of['first'])} v {lower_label(line.of['second'])} at all times together: "
        f"chi-square {style.number(line.statistic)}, {line.df:g} df, {style.p_phrase(line.p_value)}"
        for line in result.estimates
        if line.quantity == "auc_equality"
    ]
    return (
        f"AUC, area under the ROC curve of the event by each time; CI, confidence interval ({result.method.name}).",
        f"{'; '.join(told)} ({100 * result.method.confidence_level:g}% CI in brackets)." if told else "",
        f"{'; '.join(joint)}." if joint else "",
    )


def _whole(line: Estimate, *, first: bool) -> str:
    label = quantity_label(line.quantity)
    return label if first else label[0].lower() + label[1:]


def _until(line: Estimate, unit: str) -> str:
    """Say of which marker an integrated measure is, and up to when."""
    return f"of {lower_label(line.of['marker'])} up to {line.of['to']:g} {unit}".rstrip() + ":"
