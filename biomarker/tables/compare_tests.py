"""Lay out comparisons of tests."""

from __future__ import annotations

from biomarker.analyses.compare_tests import TestComparison
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.naive import marked_naive
from biomarker.tables.style import count_of, listed
from biomarker.vocabulary import index_test_label, quantity_label

QUANTITIES = ("sensitivity", "specificity", "ppv", "npv")


@layout.register
def _(result: TestComparison, style: Style) -> Table:
    """Lay out, for each quantity, the tests and then their differences and ratios."""
    level = f"{100 * result.method.confidence_level:g}%"
    rows: list[Row] = []
    for quantity in QUANTITIES:
        rows.append(heading(f"{quantity_label(quantity)}, %"))
        own = [line for line in result.estimates if line.quantity == quantity]
        rows += [_test_row(line, style) for line in own]
        for pair in result.comparisons:
            rows += _comparison_rows(result, quantity, pair, style)
    tests = [index_test_label(test) for test in result.tests]
    return Table(
        title=f"Accuracy of {listed(tests)}",
        header=("", "n/N", f"Estimate ({level} CI)", "p"),
        rows=rows,
        footnotes=(
            f"Differences in percentage points. CI, confidence interval: {result.method.name}.",
            _tests_told(result),
        ),
    )


def _test_row(line: Estimate, style: Style) -> Row:
    shown = style.with_interval(line.value, line.low, line.high, 1, scale=100)
    return indented(
        index_test_label(line.of["test"]), count_of(line.numerator, line.n or 0), marked_naive(shown, line), ""
    )


def _comparison_rows(result: TestComparison, quantity: str, pair: tuple[str, str], style: Style) -> list[Row]:
    comparison, named = f"{pair[0]} v {pair[1]}", (index_test_label(pair[0]), index_test_label(pair[1]))
    apart = result.estimate(f"{quantity}_difference", comparison=comparison)
    over = result.estimate(f"{quantity}_ratio", comparison=comparison)
    return [
        indented(
            f"Difference, {named[0]} − {named[1]}",
            "",
            style.with_interval(apart.value, apart.low, apart.high, 1, scale=100),
            style.p_value(apart.p_value),
        ),
        indented(f"Ratio, {named[0]} to {named[1]}", "", style.with_interval(over.value, over.low, over.high), ""),
    ]


def _tests_told(result: TestComparison) -> str:
    score = "Kosinski's weighted score test"
    if result.method.settings["score"] != "kosinski":
        score = "the generalized score test of Leisenring, Alonzo and Pepe"
    if not result.is_paired:
        return f"p-values: {score}."
    of_rates = (
        "score test between patients" if result.is_nested else f"McNemar's test, {result.method.settings['mcnemar']}"
    )
    return f"p-values: sensitivity and specificity, {of_rates}; predictive values, {score}."
