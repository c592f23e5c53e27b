"""Draw Table 1: one small panel a variable."""

from __future__ import annotations

from textwrap import wrap

from matplotlib.axes import Axes

from biomarker.analyses.characteristics import Characteristics, Variable
from biomarker.figures import describe, draw
from biomarker.figures.theme import NARROWEST_PANEL, PALETTE, is_own, literal, room
from biomarker.figures.words import said
from biomarker.vocabulary import column_label

_COLUMNS = 3
_ROW_HEIGHT = 1.6  # inches
_HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\")


@draw.register
def _(result: Characteristics, ax: Axes) -> Axes:
    """Draw bars of shares for what is counted, and range, quartiles and median for numbers; one colour a group."""
    groups = result.groups if result.by is None else result.groups[:-1]
    spec = ax.get_subplotspec()
    figure = ax.get_figure(root=True)
    if spec is None or figure is None:
        raise ValueError("characteristics are drawn on axes that belong to a grid")
    ax.set_axis_off()
    columns = max(1, min(_COLUMNS, len(result.variables), int(room(ax)[0] / NARROWEST_PANEL)))
    n_rows = -(-len(result.variables) // columns)
    if is_own(figure):
        figure.set_figheight(_ROW_HEIGHT * n_rows + 0.2)
    grid = spec.subgridspec(n_rows, columns)
    for number, variable in enumerate(result.variables):
        panel = figure.add_subplot(grid[divmod(number, columns)])
        (_draw_shares if variable.kinds == ("count",) else _draw_spread)(result, variable, groups, panel)
        if number == 0 and result.by is not None:
            panel.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, handlelength=1.2, borderaxespad=0.2)
    return ax


@describe.register
def _(result: Characteristics) -> str:
    """Say the middle or the share of each variable."""
    return f"Small panels, one a variable: {said(result, 'median', 'share', most=10)}"


def _draw_shares(result: Characteristics, variable: Variable, groups: tuple[str, ...], panel: Axes) -> None:
    height = 0.8 / len(groups)
    for number, group in enumerate(groups):
        shares = [
            100 * result.estimate("share", variable=variable.name, group=group, level=level).value
            for level in variable.levels
        ]
        places = [place + (number - (len(groups) - 1) / 2) * height for place in range(len(shares))]
        color = PALETTE[1 + number % (len(PALETTE) - 1)]
        panel.barh(
            places, shares, height, color=color, alpha=0.75, hatch=_HATCHES[number % len(_HATCHES)], edgecolor="white",
            linewidth=0.4, label=_wrapped(group),
        )  # fmt: skip
    panel.set_yticks(range(len(variable.levels)), [_wrapped(level) for level in variable.levels], fontsize=6)
    panel.invert_yaxis()
    panel.set(xlim=(0, 100), xlabel=f"{_wrapped(column_label(variable.name), 28)}, %")


def _draw_spread(result: Characteristics, variable: Variable, groups: tuple[str, ...], panel: Axes) -> None:
    for number, group in enumerate(groups):
        low, q1, median, q3, high = (
            result.estimate(quantity, variable=variable.name, group=group).value
            for quantity in ("minimum", "q1", "median", "q3", "maximum")
        )
        color = PALETTE[1 + number % (len(PALETTE) - 1)]
        panel.hlines(number, low, high, color=color, linewidth=0.8)
        panel.barh([number], [q3 - q1], 0.45, left=[q1], color=color, alpha=0.45, label=_wrapped(group))
        panel.plot([median], [number], "o", color=color)
    named = [_wrapped(group) for group in groups] if result.by is not None else []
    panel.set_yticks(range(len(named)), named, fontsize=6)
    panel.set(ylim=(len(groups) - 0.3, -0.7), xlabel=_wrapped(column_label(variable.name), 28))


def _wrapped(text: str, width: int = 22) -> str:
    """Return a text on three lines at most; what is longer ends in an ellipsis."""
    return literal("\n".join(wrap(text, width, max_lines=3, placeholder="…")))
