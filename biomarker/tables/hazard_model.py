"""Lay out a hazard model: one row a hazard ratio, its classes beneath their predictor."""

from __future__ import annotations

from math import isnan

from biomarker.analyses.hazard_model import HazardModel
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, indented, layout
from biomarker.vocabulary import column_label, outcome_label


@layout.register
def _(result: HazardModel, style: Style) -> Table:
    """Lay out hazard ratios with intervals and p, tests of the model as footnotes."""
    rows: list[Row | tuple[str, ...]] = []
    for term in result.terms:
        lines = [line for line in result.estimates if line.quantity == "hazard_ratio" and line.of["term"] == term]
        rows += _measured(lines[0], style) if "level" not in lines[0].of else _classes(result, lines, style)
    n = result.estimate("events").n
    return Table(
        title=f"Hazard ratios for {_lowered(outcome_label(result.duration))}: {n} patients, {result.n_events} events",
        header=("Predictor", "Hazard ratio", f"{result.method.confidence_level:.0%} CI", style.p_symbol),
        rows=rows,
        footnotes=(
            f"CI, confidence interval ({result.method.name}).",
            _tests(result, style),
            _proportional(result, style),
        ),
    )


def _lowered(label: str) -> str:
    """Return a label as it stands within a title: "Survival" as "survival", "HER2" as it is."""
    return label[0].lower() + label[1:] if label[1:2].islower() else label


def _measured(line: Estimate, style: Style) -> list[Row | tuple[str, ...]]:
    return [(f"{column_label(line.of['term'])}, per {line.of['per']}", *_numbers(line, style))]


def _classes(result: HazardModel, lines: list[Estimate], style: Style) -> list[Row | tuple[str, ...]]:
    term = lines[0].of["term"]
    overall = [line for line in result.estimates if line.quantity == "term_wald_test" and line.of["term"] == term]
    p = style.p_value(overall[0].p_value) if overall else ""
    return [
        (column_label(term), "", "", p),
        indented(str(lines[0].of["reference"]), "1 (reference)", "", ""),
        *(indented(str(line.of["level"]), *_numbers(line, style)) for line in lines),
    ]


def _numbers(line: Estimate, style: Style) -> tuple[str, str, str]:
    return style.number(line.value), style.interval(line.low, line.high), style.p_value(line.p_value)


def _tests(result: HazardModel, style: Style) -> str:
    model, c = result.estimate("likelihood_ratio_test"), result.estimate("c_index")
    concordance = "not estimable" if isnan(c.value) else style.with_interval(c.value, c.low, c.high)
    return (
        f"Likelihood ratio test of the model: chi-square {style.number(model.statistic)}, {_df(model)} df, "
        f"{style.p_phrase(model.p_value)}. Harrell c-index (not corrected for optimism): {concordance}."
    )


def _proportional(result: HazardModel, style: Style) -> str:
    test = result.estimate("proportional_hazards_test", term="global")
    return f"Proportional hazards (Grambsch and Therneau, global): {style.p_phrase(test.p_value)}."


def _df(line: Estimate) -> str:
    return f"{line.df:.0f}" if isinstance(line.df, float) else ""
