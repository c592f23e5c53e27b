"""Lay out repeatability and reproducibility."""

from __future__ import annotations

from biomarker.analyses.repeatability import Repeatability
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.vocabulary import lower_label, marker_unit

_LIMITS = {"low": "decrease", "high": "increase"}


@layout.register
def _(result: Repeatability, style: Style) -> Table:
    """Lay out spread, coefficients and limits of change, what size makes of them, and where the variance lies."""
    level = f"{100 * result.method.confidence_level:g}%"
    overall = [line for line in result.estimates if "band" not in line.of]
    within = [line for line in overall if line.quantity in _within(result)]
    over = [line for line in overall if line.quantity.startswith("reproducibility")]
    rows: list[Row] = []
    if within:
        rows += [heading("Repeatability"), *_rows(within, result, style), *_quartiles(result, style)]
    if over:
        rows += [heading(f"Reproducibility over {over[0].of['over']}s"), *_rows(over, result, style)]
    rows += _bands(result, style)
    rows += _components(result, style)
    return Table(
        title=f"{'Repeatability' if within else 'Reproducibility'} of {lower_label(result.value)}",
        header=("Quantity", "Estimate", f"{level} CI", "n"),
        rows=rows,
        footnotes=(
            f"CI, confidence interval ({result.method.name}); CV, coefficient of variation; SD, standard deviation. "
            f"The coefficient, 1.96√2 SD, is exceeded by 5% of differences between two measurements of an unchanged "
            f"{result.item_word}.",
        ),
    )


def _within(result: Repeatability) -> tuple[str, ...]:
    relative = ("within_cv", "percent_repeatability_coefficient", "repeatability_limit_low", "repeatability_limit_high")
    return ("within_sd", "repeatability_coefficient", *(relative if result.scale == "log" else ()))


def _rows(lines: list[Estimate], result: Repeatability, style: Style) -> list[Row]:
    return [indented(_label(line, result), *_numbers(line, style), str(line.n)) for line in lines]


def _label(line: Estimate, result: Repeatability) -> str:
    unit = marker_unit(result.value)
    spaced, word, quantity = f", {unit}" * bool(unit), result.item_word, line.quantity
    if quantity == "within_cv":
        return f"Within-{word} CV, % ({'from logarithms' if line.of['method'] == 'log' else line.of['method']})"
    if "limit" in quantity:
        return f"Change beyond error: {_LIMITS[quantity.rpartition('_')[2]]}, %"
    return {
        "within_sd": f"Within-{word} SD{spaced}",
        "repeatability_coefficient": f"Repeatability coefficient{spaced}",
        "percent_repeatability_coefficient": "Repeatability coefficient, % (root mean square)",
        "reproducibility_sd": f"SD{spaced}",
        "reproducibility_coefficient": f"Reproducibility coefficient{spaced}",
        "reproducibility_cv": "CV, % (from logarithms)",
    }[quantity]


def _numbers(line: Estimate, style: Style) -> tuple[str, str]:
    if line.unit == "fraction":
        return style.percent(line.value), style.interval(line.low, line.high, 1, scale=100)
    digits = _digits(line)
    return style.measured(line.value, digits), style.interval(line.low, line.high, digits)


def _digits(line: Estimate) -> int:
    """As many decimals as give the estimate three figures."""
    size = abs(line.value)
    return 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3


def _quartiles(result: Repeatability, style: Style) -> list[Row]:
    found = {line.quantity: line for line in result.estimates if line.quantity.startswith("item_cv")}
    if not found:
        return []
    median, low, high = (found[f"item_cv_{name}"] for name in ("median", "q1", "q3"))
    shown = f"{style.percent(median.value)} ({style.interval(low.value, high.value, 1, scale=100)})"
    return [indented(f"CV of each {result.item_word}, %: median (IQR)", shown, "", str(median.n))]


def _bands(result: Repeatability, style: Style) -> list[Row]:
    lines = [line for line in result.estimates if "band" in line.of and line.of.get("method") != "log"]
    if not lines:
        return []
    unit = marker_unit(result.value)
    what = "CV, %, root mean square," if result.scale == "log" else f"SD{f', {unit},' * bool(unit)}"
    rows = [heading(f"Within-{result.item_word} {what} by {result.by}")]
    rows += [indented(str(line.of["band"]), *_numbers(line, style), str(line.n)) for line in lines]
    for line in result.estimates:
        if line.quantity == "precision_trend":
            interval = f"{style.interval(line.low, line.high)}; {style.p_phrase(line.p_value)}"
            rows.append(indented("Ratio when it doubles (trend)", style.number(line.value), interval, str(line.n)))
    return rows


def _components(result: Repeatability, style: Style) -> list[Row]:
    lines = [line for line in result.estimates if line.quantity == "variance_component"]
    if not lines:
        return []
    unit = "log scale" if result.scale == "log" else lines[0].unit
    rows = [heading(f"Variance{f', {unit}' * bool(unit)} (share of the total)")]
    for line in lines:
        share = result.estimate("variance_share", component=line.of["component"]).value
        value = f"{style.significant(line.value)} ({style.percent(share)}%)"
        rows.append(indented(str(line.of["component"]).capitalize(), value, "", ""))
    return rows
