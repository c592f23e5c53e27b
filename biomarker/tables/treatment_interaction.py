"""Lay out an interaction: its test, effects of treatment by level and subgroup, the gain of a marker-guided choice."""

from __future__ import annotations

from biomarker.analyses.result import Estimate
from biomarker.analyses.treatment_interaction import TreatmentInteraction
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.vocabulary import column_label, level_text, lower_label

_EFFECTS = {"hazard_ratio": "Hazard ratio", "odds_ratio": "Odds ratio", "mean_difference": "Difference in means"}
_INTERACTIONS = {
    "hazard_ratio": "Ratio of hazard ratios",
    "odds_ratio": "Ratio of odds ratios",
    "mean_difference": "Difference of differences",
}
_GAINS = {
    "share_not_treated": "Patients the marker would spare {arm}, %",
    "benefit_of_marker_guidance": "Marker-guided choice against {compared_with}",
    "benefit_of_not_treating": "Gain from not giving {arm}, among those spared",
    "benefit_of_treating": "Gain from giving {arm}, among the others",
}


@layout.register
def _(result: TreatmentInteraction, style: Style) -> Table:
    """Lay out one effect a row."""
    control, treated = result.arms
    level = f"{100 * result.method.confidence_level:g}% CI"
    scale = _EFFECTS[result.scale]
    rows: list[Row | tuple[str, ...]] = [*_interaction(result, style)]
    rows.append(heading(f"{scale} of {treated} v {control}"))
    effects = [line for line in result.estimates if line.quantity == f"treatment_{result.scale}"]
    rows += [indented(*_effect(_place(result, line), line, style)) for line in effects if "marker" in line.of]
    rows += _subgroups(result, [line for line in effects if "subgroup" in line.of], style)
    rows.append(heading(f"{scale} of {lower_label(result.marker)}{_per(result)}"))
    rows += [
        indented(*_effect(f"under {line.of['arm']}", line, style))
        for line in result.estimates
        if line.quantity == f"marker_{result.scale}"
    ]
    rows.append(heading(_gain_title(result)))
    rows += [_gain(line, style) for line in result.estimates if line.quantity in _GAINS]
    return Table(
        title=f"{column_label(result.marker)} and the effect of {treated} against {control}: {result.verdict}",
        header=("", f"Estimate ({level})", style.p_symbol),
        rows=rows,
        footnotes=(
            f"CI, confidence interval ({result.method.name}).",
            "A marker is predictive when the effect of treatment depends on it, and prognostic when outcome without "
            "the treatment does (FDA-NIH BEST).",
            _gain_note(result),
        ),
    )


def _per(result: TreatmentInteraction) -> str:
    line = result.estimate(f"interaction_{result.scale}")
    return f", per {line.of['per']}" if "per" in line.of else f": {line.of['level']} v {line.of['reference']}"


def _interaction(result: TreatmentInteraction, style: Style) -> list[Row | tuple[str, ...]]:
    line, test = result.estimate(f"interaction_{result.scale}"), result.estimate("interaction_test")
    ratio = _INTERACTIONS[result.scale]
    return [
        heading(f"Interaction of {lower_label(result.marker)} and treatment"),
        indented(f"{ratio}{_per(result)}", _number(line, style), style.p_value(test.p_value)),
    ]


def _number(line: Estimate, style: Style) -> str:
    return style.with_interval(line.value, line.low, line.high)


def _effect(label: str, line: Estimate, style: Style) -> tuple[str, str, str]:
    return label, _number(line, style), style.p_value(line.p_value)


def _place(result: TreatmentInteraction, line: Estimate) -> str:
    marker = column_label(result.marker)
    value = line.of["marker"]
    if isinstance(value, str):
        return f"{marker} {value}"
    return f"at {lower_label(result.marker)} {float(value):.3g}" + (f" ({line.of['at']})" if "at" in line.of else "")


def _subgroups(result: TreatmentInteraction, lines: list[Estimate], style: Style) -> list[Row | tuple[str, ...]]:
    rows: list[Row | tuple[str, ...]] = []
    for line in lines:
        if "level" not in line.of:
            rows.append(indented(*_effect("in all patients", line, style)))
            continue
        label = f"{column_label(str(line.of['subgroup']))} {level_text(line.of['level'])} (n = {line.n})"
        rows.append(indented(label, _number(line, style), style.p_value(line.p_value)))
    tests = [line for line in result.estimates if line.quantity == "subgroup_interaction_test"]
    rows += [
        indented(f"Same effect in groups of {lower_label(str(line.of['subgroup']))}", "", style.p_value(line.p_value))
        for line in tests
    ]
    return rows


def _gain_title(result: TreatmentInteraction) -> str:
    if result.kind == "timed":
        return f"Marker-guided treatment: events spared by {result.horizon:g} {result.unit}, in 100 patients".replace(
            " ,", ","
        )
    if result.kind == "binary":
        return "Marker-guided treatment: responses gained, in 100 patients"
    return "Marker-guided treatment: mean outcome gained"


def _gain(line: Estimate, style: Style) -> Row:
    label = _GAINS[line.quantity].format(**{key: str(value) for key, value in line.of.items()})
    scale, digits = (100, 1) if line.unit == "fraction" else (1, 2)
    return indented(label, style.with_interval(line.value, line.low, line.high, digits, scale=scale), "")


def _gain_note(result: TreatmentInteraction) -> str:
    return (
        f"Gains are corrected for optimism; their intervals are percentiles of {result.method.n_resamples:,} resamples "
        "of patients, the lower limit corrected likewise."
    )
