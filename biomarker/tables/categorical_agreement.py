"""Lay out the agreement of readers on categories."""

from __future__ import annotations

from collections.abc import Iterable

from biomarker.analyses.categorical_agreement import CategoricalAgreement
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.style import NOT_ESTIMABLE
from biomarker.vocabulary import column_label, quantity_label

SHARES = ("percent_agreement", "specific_agreement")
POINTS = ("prevalence_index", "bias_index")
SCHEMES = {
    "none": "Unweighted",
    "linear": "Linear weights",
    "quadratic": "Quadratic weights",
    "given": "Weights as given",
}


@layout.register
def _(result: CategoricalAgreement, style: Style) -> Table:
    """Lay out coefficients by weights, then categories, pairs of readers, sessions and readers by themselves."""
    level = f"{100 * result.method.confidence_level:g}%"
    lines = [line for line in result.estimates if line.quantity != "standard_error"]
    rows: list[Row] = []
    for scheme, label in SCHEMES.items():
        whole = [line for line in lines if set(line.of) == {"weights"} and line.of["weights"] == scheme]
        rows += _block(label, whole, result, style)
    alphas = [line for line in lines if line.quantity == "krippendorff_alpha"]
    rows += _block("Krippendorff alpha", alphas, result, style, named="level")
    specific = [line for line in lines if line.quantity == "specific_agreement"]
    rows += _block("Agreement on each category", specific, result, style, named="category")
    rows += _block("Prevalence and bias", [line for line in lines if line.quantity in POINTS], result, style)
    for key, label in (("readers", "Readers"), ("session", "Session"), ("reader", "Between sessions, reader")):
        for name in dict.fromkeys(line.of[key] for line in lines if key in line.of):
            group = [line for line in lines if line.of.get(key) == name]
            rows += _block(f"{label} {str(name).replace(' - ', ' and ')}", group, result, style)
    readers = (
        f"readers {' and '.join(result.readers)}" if len(result.readers) == 2 else f"{len(result.readers)} readers"
    )
    return Table(
        title=f"Agreement of {readers} on {_lowered(column_label(result.value))}",
        header=("Quantity", "n", f"Estimate ({level} CI)", style.p_symbol),
        rows=rows,
        footnotes=(
            f"n, {result.item_word}s rated by two readers or more; on a category, those that a reader "
            f"put there. CI, confidence interval: {result.method.name}. "
            f"{style.p_symbol}, test of agreement no better than chance{_not_estimable(rows)}.",
            *_further_footnotes(result, lines),
        ),
    )


def _not_estimable(rows: Iterable[Row]) -> str:
    is_there = any(NOT_ESTIMABLE in cell.split() for row in rows for cell in row.cells)
    return f"; {NOT_ESTIMABLE}, not estimable" if is_there else ""


def _block(
    label: str, lines: Iterable[Estimate], result: CategoricalAgreement, style: Style, named: str = ""
) -> list[Row]:
    rows = [_row(line, result, style, named) for line in lines]
    return [heading(label), *rows] if rows else []


def _row(line: Estimate, result: CategoricalAgreement, style: Style, named: str) -> Row:
    label = str(line.of[named]) if named else quantity_label(line.quantity)
    if named == "level":
        label = label.capitalize()
    scheme = line.of.get("weights", "none")
    if scheme != "none" and len(line.of) > 1:  # under a reader or session the weighted and the plain stand together
        label += f", {SCHEMES[str(scheme)].lower()}"
    if line.quantity == "brennan_prediger" and len(result.categories) == 2:
        label += " (PABAK)"
    is_share = line.quantity in SHARES
    if is_share:
        label += ", %"
    digits, scale = (1, 100.0) if is_share else (2, 1.0)
    shown = style.with_interval(line.value, line.low, line.high, digits, scale=scale)
    p = "" if is_share or line.quantity in POINTS or line.p_value != line.p_value else style.p_value(line.p_value)
    return indented(label, f"{line.n:,}" if line.n is not None else "", shown, p)


def _further_footnotes(result: CategoricalAgreement, lines: list[Estimate]) -> list[str]:
    notes = [
        "Agreement on a category: where one reader chose it, the share of the other readings of the same "
        f"{result.item_word}s that did too."
    ]
    if any(line.quantity == "prevalence_index" for line in lines):
        first, second = result.categories
        notes.append(
            f"Prevalence index: share that both readers called {first} less that both called {second}. Bias index: "
            f"share that {result.readers[0]} alone called {first} less that {result.readers[1]} alone did. "
            "PABAK, prevalence-adjusted bias-adjusted kappa."
        )
    if len(result.readers) == 2:
        notes.append("Fleiss kappa of two readers is Scott's pi.")
    return notes


def _lowered(label: str) -> str:
    return label[0].lower() + label[1:] if label[1:2].islower() else label
