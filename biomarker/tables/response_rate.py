"""Lay out best overall responses and their rates."""

from __future__ import annotations

from biomarker.analyses.response_rate import RATES, ResponseRate
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Spanner, Style, Table, heading, indented, layout
from biomarker.tables.style import count_of
from biomarker.vocabulary import column_label, lower_label, quantity_label


@layout.register
def _(result: ResponseRate, style: Style) -> Table:
    """Lay out a column a group: counts of each best response and both rates.

    The difference of two groups stands beside them, differences of more beneath.
    """
    level = f"{100 * result.method.confidence_level:g}%"
    is_beside = len(result.groups) == 2
    blank = ("", "") if is_beside else ()
    rows = [heading("Best overall response, n (%)")]
    for category in result.categories:
        shares = [result.estimate("response_share", group=group, category=category) for group in result.groups]
        rows.append(indented(category, *(_count(line, style) for line in shares), *blank))
    for rate in RATES:
        found = [result.estimate(rate, group=group) for group in result.groups]
        rows.append(heading(f"{quantity_label(rate)}, n/N, % ({level} CI)"))
        named = result.responders if rate == RATES[0] else result.controlled
        beside = _compared(_differences(result, rate)[0], style) if is_beside else ()
        rows.append(indented(" + ".join(named), *(_rate(line, style) for line in found), *beside))
    if len(result.groups) > 2:
        rows += [row for rate in RATES for row in _beneath(result, rate, style, level)]
    return Table(
        title=f"Best overall response{f' by {lower_label(result.by)}' if result.by else ''}",
        header=_header(result, level, style),
        spanners=[Spanner(column_label(result.by), 1, len(result.groups))] if result.by else [],
        rows=rows,
        footnotes=(f"CI, confidence interval: {result.method.name}.",),
    )


def _header(result: ResponseRate, level: str, style: Style) -> list[str]:
    totals = [result.estimate(RATES[0], group=group).n for group in result.groups]
    groups = [f"{group} (n = {total})" for group, total in zip(result.groups, totals, strict=True)]
    beside = [f"Difference, points ({level} CI)", style.p_symbol] if len(result.groups) == 2 else []
    return ["", *groups, *beside]


def _count(line: Estimate, style: Style) -> str:
    return f"{line.numerator} ({style.percent(line.value)})"


def _rate(line: Estimate, style: Style) -> str:
    values = style.with_interval(line.value, line.low, line.high, 1, scale=100)
    return f"{count_of(line.numerator, line.n or 0)}, {values}"


def _differences(result: ResponseRate, rate: str) -> list[Estimate]:
    return [line for line in result.estimates if line.quantity == rate.replace("_rate", "_difference")]


def _compared(line: Estimate, style: Style) -> tuple[str, str]:
    return style.with_interval(line.value, line.low, line.high, 1, scale=100), style.p_value(line.p_value)


def _beneath(result: ResponseRate, rate: str, style: Style, level: str) -> list[Row]:
    """Return a heading and a row a pair: the difference under the first group, the p-value under the second."""
    blank = [""] * (len(result.groups) - 2)
    pairs = _differences(result, rate)
    named = heading(f"{quantity_label(rate)}: difference, points ({level} CI), and p-value")
    return [named, *(indented(str(line.of["comparison"]), *_compared(line, style), *blank) for line in pairs)]
