"""Lay out effective doses: parts by tissue, the sum, its spread over patients, and what was printed elsewhere."""

from __future__ import annotations

from biomarker.analyses.effective_dose import EffectiveDose
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.significant import significant_interval

FIGURES = 2


@layout.register
def _(result: EffectiveDose, style: Style) -> Table:
    """Lay out one column a group."""
    groups: tuple[str | None, ...] = result.groups or (None,)
    rows = [heading("Part of the effective dose")]
    for tissue in _tissues(result):
        cells = [_value(_find(result, "effective_dose_part", group, tissue=tissue), style) for group in groups]
        rows.append(indented(tissue.capitalize(), *cells))
    rows.append(heading("Effective dose"))
    if result.of_patients:
        rows.append(indented("Mean ± SD", *(_mean(result, group, style) for group in groups)))
        rows.append(indented("Range", *(_range(result, group, style) for group in groups)))
    else:
        rows.append(indented("As computed", *(_value(_find(result, "effective_dose", g), style) for g in groups)))
        printed = [_find(result, "printed_effective_dose", group) for group in groups]
        if any(line is not None for line in printed):
            rows.append(indented("As printed", *(_value(line, style) for line in printed)))
    rows += _differences(result, style, len(groups))
    return Table(
        title=f"Effective dose ({result.unit}) with the weights of {result.scheme}",
        header=("", *(_head(result, group) for group in groups)),
        rows=rows,
        footnotes=(f"To {FIGURES} significant figures.",),
    )


def _tissues(result: EffectiveDose) -> list[str]:
    return list(dict.fromkeys(str(line.of["tissue"]) for line in result.estimates if "tissue" in line.of))


def _head(result: EffectiveDose, group: str | None) -> str:
    mean = _find(result, "effective_dose", group, summary="mean")
    label = group or result.unit
    return f"{label} (n = {mean.n_patients})" if mean is not None else label


def _find(result: EffectiveDose, quantity: str, group: str | None, **of: str) -> Estimate | None:
    for line in result.estimates:
        rest = {key: value for key, value in line.of.items() if key not in ("group", "row")}
        if line.quantity == quantity and line.of.get("group") == group and rest == of:
            return line
    return None


def _value(line: Estimate | None, style: Style) -> str:
    return "" if line is None else style.significant(line.value, FIGURES)


def _mean(result: EffectiveDose, group: str | None, style: Style) -> str:
    mean, sd = (_find(result, "effective_dose", group, summary=word) for word in ("mean", "SD"))
    if mean is None or sd is None:
        return ""
    return f"{_value(mean, style)} ± {_value(sd, style)}" if sd.value == sd.value else _value(mean, style)


def _range(result: EffectiveDose, group: str | None, style: Style) -> str:
    ends = [_find(result, "effective_dose", group, summary=word) for word in ("minimum", "maximum")]
    if ends[0] is None or ends[1] is None:
        return ""
    return significant_interval(style, ends[0].value, ends[1].value, FIGURES)


def _differences(result: EffectiveDose, style: Style, n_groups: int) -> list[Row]:
    rows = []
    for line in result.estimates:
        if line.quantity == "dose_difference":
            limits = significant_interval(style, line.low, line.high, FIGURES)
            shown = f"{style.significant(line.value, FIGURES)} ({limits}); {style.p_phrase(line.p_value)}"
            place = result.groups.index(line.of["group"])
            cells = [shown if column == place else "" for column in range(n_groups)]
            level = f"{100 * result.method.confidence_level:g}% CI"
            rows.append(indented(f"Difference from {line.of['reference']} ({level})", *cells))
    return rows
