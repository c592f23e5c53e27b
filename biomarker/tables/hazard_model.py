"""Lay out a hazard model: one row a hazard ratio, classes and values of a spline beneath their predictor."""

from __future__ import annotations

from math import isnan

from biomarker.analyses.hazard_model import HazardModel
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, indented, layout
from biomarker.vocabulary import column_label, marker_unit, outcome_label


@layout.register
def _(result: HazardModel, style: Style) -> Table:
    """Lay out hazard ratios with intervals and p, tests and discrimination of the model as footnotes."""
    rows: list[Row | tuple[str, ...]] = []
    for term in result.terms:
        lines = [line for line in result.estimates if line.quantity == "hazard_ratio" and line.of["term"] == term]
        if "at" in lines[0].of:
            rows += _spline(result, lines, style)
        else:
            rows += _classes(result, lines, style) if "level" in lines[0].of else _measured(lines[0], style)
    counted = f"{result.population.rows_used} {result.population.unit}s"
    if result.population.unit == "period":
        counted = f"{result.population.patients_used} patients"
    elif result.population.unit != "patient":
        counted = f"{result.population.rows_used} patients"
    return Table(
        title=f"Hazard ratios for {_lowered(outcome_label(result.duration))}: {counted}, {result.n_events} events",
        header=("Predictor", "Hazard ratio", f"{100 * result.method.confidence_level:g}% CI", style.p_symbol),
        rows=rows,
        footnotes=(
            f"CI, confidence interval ({result.method.name}).",
            _tests(result, style),
            *_discrimination(result, style),
            _compared(result, style),
            _proportional(result, style),
            f"Events per hazard ratio: {style.number(result.estimate('events_per_ratio').value, 1)}.",
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


def _spline(result: HazardModel, lines: list[Estimate], style: Style) -> list[Row | tuple[str, ...]]:
    """Lay out a marker that bends: p of the marker and of its bend, and hazard ratios at some of its values."""
    term, reference = lines[0].of["term"], float(lines[0].of["reference"])
    unit = marker_unit(term)
    overall, bend = (result.estimate(quantity, term=term) for quantity in ("term_wald_test", "nonlinearity_test"))
    below = [line for line in lines if float(line.of["at"]) < reference]
    above = [line for line in lines if float(line.of["at"]) >= reference]
    return [
        (f"{column_label(term)}, spline", "", "", style.p_value(overall.p_value)),
        *(indented(_value(line.of["at"], unit, style), *_numbers(line, style)) for line in below),
        indented(_value(reference, unit, style), "1 (reference)", "", ""),
        *(indented(_value(line.of["at"], unit, style), *_numbers(line, style)) for line in above),
        indented("Nonlinearity", "", "", style.p_value(bend.p_value)),
    ]


def _value(value: float, unit: str, style: Style) -> str:
    return f"{style.significant(value)} {unit}".rstrip()


def _numbers(line: Estimate, style: Style) -> tuple[str, str, str]:
    return style.number(line.value), style.interval(line.low, line.high), style.p_value(line.p_value)


def _tests(result: HazardModel, style: Style) -> str:
    """Give the test of the whole model: the likelihood ratio, or Wald's where rows are clustered."""
    names = [line.quantity for line in result.estimates]
    is_robust = "likelihood_ratio_test" not in names
    model = result.estimate("wald_test" if is_robust else "likelihood_ratio_test")
    said = "Robust Wald test" if is_robust else "Likelihood ratio test"
    return f"{said} of the model: chi-square {style.number(model.statistic)}, {_df(model)} df, {_p(model, style)}."


def _discrimination(result: HazardModel, style: Style) -> list[str]:
    """Give Harrell's and Uno's c-index, as they are and corrected, of each model compared."""
    told = []
    for line in result.estimates:
        if line.quantity not in ("c_index", "uno_c_index"):
            continue
        whose = f" of {_model(line.of['model'])}" if "model" in line.of else ""
        name = "Harrell c-index" if line.quantity == "c_index" else "Uno c-index"
        shown = "not estimable" if isnan(line.value) else style.with_interval(line.value, line.low, line.high)
        corrected = [
            other
            for other in result.estimates
            if other.quantity == f"{line.quantity}_corrected" and other.of == line.of
        ]
        after = (
            f"; corrected for optimism {style.with_interval(corrected[0].value, corrected[0].low, corrected[0].high)}"
            if corrected
            else " (not corrected for optimism)"
        )
        told.append(f"{name}{whose}: {shown}{after}.")
    return told


def _compared(result: HazardModel, style: Style) -> str:
    """Give the differences in c between two models, and the test of what one adds."""
    parts = [
        f"difference in {'Harrell' if line.quantity == 'c_index_difference' else 'Uno'} c-index "
        f"{style.with_interval(line.value, line.low, line.high)}, {_p(line, style)}"
        for line in result.estimates
        if line.quantity in ("c_index_difference", "uno_c_index_difference")
    ]
    parts += [
        f"added by {_model(line.of['term'])}: chi-square {style.number(line.statistic)}, {_df(line)} df, "
        f"{_p(line, style)}"
        for line in result.estimates
        if line.quantity == "added_predictors_test"
    ]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _model(terms: str) -> str:
    return " + ".join(column_label(term) for term in terms.split(" + "))


def _proportional(result: HazardModel, style: Style) -> str:
    test = result.estimate("proportional_hazards_test", term="global")
    if isnan(test.p_value):
        return ""
    told = f"chi-square {style.number(test.statistic)}, {test.df:g} df, {style.p_phrase(test.p_value)}"
    return f"Proportional hazards (Grambsch and Therneau, global): {told}."


def _p(line: Estimate, style: Style) -> str:
    return style.p_phrase(line.p_value)


def _df(line: Estimate) -> str:
    return f"{line.df:.0f}" if isinstance(line.df, float) else ""
