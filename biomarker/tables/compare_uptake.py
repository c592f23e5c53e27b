"""Lay out a comparison of uptake: one column a group."""

from __future__ import annotations

from biomarker.analyses.compare_uptake import CompareUptake
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Spanner, Style, Table, heading, indented, layout
from biomarker.tables.comparison_column import with_blanks
from biomarker.tables.naive import marked_naive
from biomarker.vocabulary import column_label, lower_label, quantity_label

_COMPARISONS = (
    "geometric_mean_ratio", "mean_difference", "hodges_lehmann_ratio", "hodges_lehmann_shift", "hedges_g", "auc",
)  # fmt: skip
_LABELS = {"auc": "Probability of higher uptake (AUC)"}


@layout.register
def _(result: CompareUptake, style: Style) -> Table:
    """Lay out summaries of each group, then each comparison with the reference group and its p."""
    level = f"{100 * result.method.confidence_level:g}% CI"
    unit = result.estimates[0].unit
    against = "paired with" if result.is_paired else "compared with"
    rows: list[Row | tuple[str, ...]] = [
        *_summaries(result, style, level),
        heading(f"{against.capitalize()} {result.reference}"),
        *(row for quantity in _COMPARISONS for row in _comparison(result, quantity, style, level)),
        *_components(result, style),
    ]
    overall = _overall(result, style, level)
    if overall:
        rows = [*with_blanks(rows), *overall]
    named = column_label(result.marker) + (f", {unit}" if unit else "")
    nested = "; intervals allow for lesions nested in patients" if result.is_nested else ""
    nested += ", but for those marked naive" * any(line.of.get("interval") == "naive" for line in result.estimates)
    return Table(
        title=f"{column_label(result.marker)} by {lower_label(result.group)}",
        header=(named, *result.groups, *(["All groups"] if overall else [])),
        spanners=[Spanner(column_label(result.group), 1, len(result.groups))],
        rows=rows,
        footnotes=(
            f"SD, standard deviation of the values; CI, confidence interval{nested}.",
            f"Tests: {result.method.name}.",
            _against_model(result),
        ),
    )


def _against_model(result: CompareUptake) -> str:
    """Say why the comparison of means is not the quotient or the difference of the means above it."""
    by_model = any(line.quantity in _COMPARISONS and line.of.get("interval") != "naive" for line in result.estimates)
    if not result.is_nested or result.is_paired or not by_model:
        return ""
    ratio, means = ("ratio", "geometric means") if result.is_log else ("difference", "means")
    return (
        f"The {ratio} and its p come from a model that weighs patients and lesions and compares within patients where "
        f"it can, so the {ratio} need not be that of the {means} above."
    )


def _find(result: CompareUptake, quantity: str, group: str) -> Estimate | None:
    return next(
        (line for line in result.estimates if line.quantity == quantity and line.of.get("group") == group), None
    )


def _summaries(result: CompareUptake, style: Style, level: str) -> list[Row]:
    by_group = [
        {line.quantity: line for line in result.estimates if dict(line.of) == {"group": group}}
        for group in result.groups
    ]
    number = style.measured
    unit = "lesion" if result.is_paired else result.population.unit
    rows = [
        Row((f"{unit.capitalize()}s{_patients_label(by_group)}", *(_counts(found["mean"]) for found in by_group))),
        Row(("Mean (SD)", *(f"{number(f['mean'].value)} ({number(f['sd'].value)})" for f in by_group))),
        Row(
            (
                "Median (quartiles)",
                *(f"{number(f['median'].value)} ({_span(f['q1'], f['q3'], style)})" for f in by_group),
            )
        ),
        Row(("Range", *(_span(f["minimum"], f["maximum"], style) for f in by_group))),
    ]
    if result.is_log:
        cells = (style.with_interval(f["geometric_mean"].value, *_limits(f["geometric_mean"])) for f in by_group)
        rows.append(Row((f"Geometric mean ({level})", *cells)))
    return rows


def _patients_label(by_group: list[dict[str, Estimate]]) -> str:
    counted = all(found["mean"].n_patients is not None for found in by_group)
    nested = any(found["mean"].n_patients != found["mean"].n for found in by_group)
    return " (patients)" if counted and nested else ""


def _counts(line: Estimate) -> str:
    return f"{line.n}" if line.n_patients in (None, line.n) else f"{line.n} ({line.n_patients})"


def _span(low: Estimate, high: Estimate, style: Style) -> str:
    return style.interval(low.value, high.value)


def _limits(line: Estimate) -> tuple[float, float]:
    return line.low, line.high


def _comparison(result: CompareUptake, quantity: str, style: Style, level: str) -> list[Row]:
    lines = [_find(result, quantity, group) for group in result.groups]
    if not any(lines):
        return []
    shown = [
        "" if line is None else marked_naive(style.with_interval(line.value, *_limits(line)), line) for line in lines
    ]
    rows = [indented(f"{_LABELS.get(quantity, quantity_label(quantity))} ({level})", *shown)]
    if quantity not in ("hedges_g", "auc"):
        p_values = ["" if line is None else style.p_value(line.p_value) for line in lines]
        kind = "ranks" if quantity.startswith("hodges") else "means"
        rows.append(indented(f"{style.p_symbol}, {kind}", *p_values))
    return rows


def _overall(result: CompareUptake, style: Style, level: str) -> list[Row]:
    rows = []
    empty = [""] * len(result.groups)
    for line in result.estimates:
        test = _test_of(line)
        if line.quantity in ("any_difference", "any_difference_ranks"):
            rows.append(indented(f"{style.p_symbol}, any difference ({test})", *empty, style.p_value(line.p_value)))
        elif line.quantity in ("trend", "trend_ranks"):
            if line.value == line.value:
                shown = style.with_interval(line.value, *_limits(line))
                rows.append(indented(f"Trend ({test}; {level})", *empty, shown))
            rows.append(indented(f"{style.p_symbol}, trend ({test})", *empty, style.p_value(line.p_value)))
    return [heading("All groups"), *rows] if rows else []


def _test_of(line: Estimate) -> str:
    """Return the name of a test, with how its p was found where that is not the usual way."""
    name = str(line.of.get("test", ""))
    return f"{name}, exact" if line.of.get("p") == "exact" and "permuted" not in name else name


def _components(result: CompareUptake, style: Style) -> list[Row]:
    """Lay out the variances of the mixed model, each with the share it has of them all."""
    lines = [line for line in result.estimates if line.quantity == "variance_component"]
    if not lines:
        return []
    total = sum(line.value for line in lines)
    empty = [""] * (len(result.groups) - 1)
    rows = []
    for line in lines:
        effect = str(line.of["effect"])
        label = f"{column_label(effect)} ({line.n} levels)" if effect != "residual" else "Within"
        share = f", {style.percent(line.value / total)}%" if total > 0 else ""
        rows.append(indented(label, f"{style.number(line.value)}{share}", *empty))
    scale = "log scale" if result.is_log else "squared unit"
    return [heading(f"Variance between levels of each random effect ({scale})"), *rows]
