"""Lay out Table 1."""

from __future__ import annotations

from biomarker.analyses.characteristics import Characteristics, Variable
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Spanner, Style, Table, heading, indented, layout
from biomarker.vocabulary import column_label, lower_label

_NAMES = {"median_range": "median (range)", "median_iqr": "median (quartiles)", "mean_sd": "mean (SD)"}
_NUMBERS = ("mean", "sd", "median", "q1", "q3", "minimum", "maximum")
_Lines = dict[tuple[str, str], Estimate]


@layout.register
def _(result: Characteristics, style: Style) -> Table:
    """Lay out one row a number or level, one column a group."""
    rows: list[Row] = []
    for variable in result.variables:
        rows += _rows(result, variable, style)
    header = ["Characteristic"]
    for group, size in zip(result.groups, result.group_sizes, strict=True):
        header.append(f"{group} (n = {size})")
    used = {kind for variable in result.variables for kind in variable.kinds}
    by = "" if result.by is None else f" by {lower_label(result.by)}"
    return Table(
        title=f"Characteristics of the {result.population.unit}s{by}",
        header=header,
        rows=rows,
        spanners=[] if result.by is None else [Spanner(column_label(result.by), 1, _compared(result))],
        footnotes=(
            "Counts are n (%) of the known values." if "count" in used else "",
            "SD, standard deviation." if "mean_sd" in used else "",
        ),
    )


def _compared(result: Characteristics) -> int:
    """Return how many columns are of one group each: the last may be of all."""
    return sum(group != "All" for group in result.groups)


def _rows(result: Characteristics, variable: Variable, style: Style) -> list[Row]:
    label = column_label(variable.name)
    lines = [line for line in result.estimates if line.of["variable"] == variable.name]
    by_group = [
        {(line.quantity, str(line.of.get("level", ""))): line for line in lines if line.of["group"] == group}
        for group in result.groups
    ]
    if variable.kinds == ("count",):
        rows = [heading(f"{label}, n (%)")]
        rows += [
            indented(level, *(_counted(found["share", level], style) for found in by_group))
            for level in variable.levels
        ]
    else:
        everyone = by_group[-1]
        digits = _digits(everyone["minimum", ""].value, everyone["maximum", ""].value)
        rows = [
            Row((f"{label}, {_NAMES[kind]}", *(_summary(found, kind, digits, style) for found in by_group)))
            for kind in variable.kinds
        ]
    if any(found["n_missing", ""].value for found in by_group):
        rows.append(indented("Missing", *(f"{found['n_missing', ''].value:.0f}" for found in by_group)))
    return rows


def _counted(line: Estimate, style: Style) -> str:
    return f"{line.numerator} ({style.percent(line.value, 0)})" if line.n else "0"


def _summary(found: _Lines, kind: str, digits: int, style: Style) -> str:
    """Return one cell; `digits` are the decimals that the values themselves have."""
    values = {quantity: found[quantity, ""].value for quantity in _NUMBERS}
    if not found["n", ""].value:
        return style.number(float("nan"))
    if kind == "mean_sd":
        return f"{style.measured(values['mean'], max(1, digits))} ({style.measured(values['sd'], max(1, digits))})"
    low, high = ("minimum", "maximum") if kind == "median_range" else ("q1", "q3")
    spread = style.interval(values[low], values[high], max(digits, _digits(values[low], values[high])))
    return f"{style.measured(values['median'], max(digits, _digits(values['median'])))} ({spread})"


def _digits(*values: float) -> int:
    """Return the decimals that print every value as it is, two at most."""
    return next((digits for digits in (0, 1) if all(abs(v - round(v, digits)) < 1e-9 for v in values)), 2)
