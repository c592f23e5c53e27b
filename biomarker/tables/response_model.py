"""Lay out a response model: one row an odds ratio, then how well the model predicts."""

from __future__ import annotations

from math import isnan

from biomarker.analyses.response_model import ResponseModel
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.style import NOT_ESTIMABLE
from biomarker.vocabulary import column_label, lower_label, quantity_label

PERFORMANCE = (
    "auc",
    "c_index",
    "brier",
    "brier_scaled",
    "nagelkerke_r2",
    "calibration_intercept",
    "calibration_slope",
)
DIGITS = {"auc": 2, "c_index": 2, "calibration_intercept": 2, "calibration_slope": 2}
CONCORDANCE = "Concordance (c-index)"  # "c_index" alone prints as Harrell's of a hazard model


@layout.register
def _(result: ResponseModel, style: Style) -> Table:
    """Lay out odds ratios with intervals and p, performance beneath, tests of the model as footnotes."""
    rows: list[Row | tuple[str, ...]] = []
    for term in result.terms:
        lines = [line for line in result.estimates if line.quantity == "odds_ratio" and line.of["term"] == term]
        rows += _classes(result, lines, style) if "level" in lines[0].of else _number(lines[0], style)
    rows += _performance(result, style)
    return Table(
        title=_title(result),
        header=("Predictor", "Odds ratio", f"{100 * result.method.confidence_level:g}% CI", style.p_symbol),
        rows=rows,
        footnotes=(
            f"CI, confidence interval ({result.method.name}).",
            _spline_note(result, style),
            _tests(result, style),
            _proportional(result, style),
        ),
    )


def _title(result: ResponseModel) -> str:
    line = result.estimates[0]
    unit = result.population.unit
    many = f"{line.n} {unit}{'s' * (line.n != 1)}"
    if line.n_patients is not None and line.n_patients != line.n:
        many += f" of {line.n_patients} patients"
    if result.levels:
        return f"Odds ratios for a higher {lower_label(result.response)}: {many}"
    events = result.estimate("events").value
    return f"Odds ratios for {lower_label(result.response)}: {many}, {events:.0f} positive"


def _number(line: Estimate, style: Style) -> list[Row | tuple[str, ...]]:
    name = column_label(line.of["term"])
    if "at" in line.of:
        between = f"{style.significant(line.of['at'])} vs {style.significant(line.of['reference'])}"
        return [(f"{name}, {between}", *_cells(line, style))]
    return [(f"{name}, per {line.of['per']}", *_cells(line, style))]


def _classes(result: ResponseModel, lines: list[Estimate], style: Style) -> list[Row | tuple[str, ...]]:
    term = lines[0].of["term"]
    overall = [line for line in result.estimates if line.quantity.startswith("term_") and line.of["term"] == term]
    return [
        (column_label(term), "", "", style.p_value(overall[0].p_value) if overall else ""),
        indented(str(lines[0].of["reference"]), "1 (reference)", "", ""),
        *(indented(str(line.of["level"]), *_cells(line, style)) for line in lines),
    ]


def _cells(line: Estimate, style: Style) -> tuple[str, str, str]:
    return style.number(line.value), style.interval(line.low, line.high), style.p_value(line.p_value)


def _performance(result: ResponseModel, style: Style) -> list[Row | tuple[str, ...]]:
    """Return a row for each measure: what it seems to be, and what is left without optimism."""
    lines = {(line.quantity, line.of["performance"]): line for line in result.estimates if "performance" in line.of}
    has_corrected = any(not isnan(line.value) for (_, kind), line in lines.items() if kind == "corrected")
    level = f"{100 * result.method.confidence_level:g}% CI"
    rows: list[Row | tuple[str, ...]] = [
        heading("Performance"),
        Row(("", "Apparent", f"Corrected for optimism ({level})" if has_corrected else "", "")),
    ]
    for name in PERFORMANCE:
        if (name, "apparent") not in lines:
            continue
        digits = DIGITS.get(name, 3)
        corrected = lines[name, "corrected"]
        shown = style.with_interval(corrected.value, corrected.low, corrected.high, digits)
        label = CONCORDANCE if name == "c_index" else quantity_label(name)
        apparent = style.number(lines[name, "apparent"].value, digits)
        rows.append(indented(label, apparent, "" if shown == NOT_ESTIMABLE and not has_corrected else shown, ""))
    return rows


def _tests(result: ResponseModel, style: Style) -> str:
    named = {line.quantity: line for line in result.estimates}
    line = named.get("likelihood_ratio_test", named.get("wald_test"))
    if line is None or isnan(line.p_value):
        return ""
    kind = "Likelihood ratio test" if line.quantity == "likelihood_ratio_test" else "Wald test"
    return f"{kind} of the model: {_statistic(line, style)}, {style.p_phrase(line.p_value)}."


def _statistic(line: Estimate, style: Style) -> str:
    if isinstance(line.df, tuple):
        return f"F({line.df[0]:g}, {line.df[1]:g}) = {style.number(line.statistic)}"
    return f"chi-square {style.number(line.statistic)}, {line.df:g} df"


def _spline_note(result: ResponseModel, style: Style) -> str:
    tests = [line for line in result.estimates if line.quantity == "nonlinearity_test"]
    if not tests:
        return ""
    told = "; ".join(
        f"{lower_label(line.of['term'])}, {_statistic(line, style)}, {style.p_phrase(line.p_value)}" for line in tests
    )
    return (
        "The odds ratio of a spline is that of its upper against its lower quartile, its p that of the whole curve. "
        f"Test of nonlinearity: {told}."
    )


def _proportional(result: ResponseModel, style: Style) -> str:
    if not result.levels:
        return ""
    test = result.estimate("proportional_odds_test", term="global")
    if isnan(test.p_value):
        return ""
    return f"Proportional odds (Brant, global): {_statistic(test, style)}, {style.p_phrase(test.p_value)}."
