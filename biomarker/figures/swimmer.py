"""Draw a swimmer plot: one bar a patient, symbols for what happened, arrows for who goes on."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from biomarker.analyses.swimmer import NAMED_PATIENTS, ROW_INCHES, Swimmer
from biomarker.figures import describe, draw
from biomarker.figures.response_marks import LevelMarks
from biomarker.figures.theme import PALETTE, literal
from biomarker.figures.words import counted, said
from biomarker.vocabulary import column_label, outcome_label

_SYMBOLS = ("o", "^", "s", "D", "v", "P", "*")
_FILLS = ("white", PALETTE[7], PALETTE[4], PALETTE[1], PALETTE[5], PALETTE[3], PALETTE[2])
_EVENT = "X"
_ARROW = ">"


@draw.register
def _(result: Swimmer, ax: Axes) -> Axes:
    """Draw bars from the top, coloured by response; symbols, crosses for the event, and arrows."""
    look = LevelMarks(result.response)
    places = np.arange(len(result.patients))
    codes = np.zeros(len(places), np.intp) if result.response is None else result.response.codes
    for code in sorted(set(codes.tolist())):
        rows = codes == code
        ax.barh(
            places[rows], result.durations[rows], 0.78, color=look.colour(code), hatch=look.hatch(code),
            edgecolor="white", linewidth=0.3, alpha=0.8, label="_bars",
        )  # fmt: skip
    _draw_symbols(result, ax, places)
    longest = float(result.durations.max()) or 1.0
    ax.set(xlim=(0, 1.06 * longest), ylim=(len(places) - 0.4, -0.6))
    _name_patients(result, ax, places)
    _mark_groups(result, ax)
    what = outcome_label(result.duration)
    ax.set_xlabel(literal(f"{what} ({result.unit})" if result.unit else what))
    handles = [*(look.bar_handles() if result.response is not None else []), *_symbol_handles(result)]
    title = f"Bars: {look.title}" if result.response is not None else None
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, title=title, title_fontsize=6.5,
        alignment="left", columnspacing=1.0, handlelength=1.4, borderaxespad=0.2,
    )  # fmt: skip
    return ax


@describe.register
def _(result: Swimmer) -> str:
    """Say how many bars there are, how long, and how many events."""
    bars = counted(len(result.patients), "patient")
    return f"Swimmer plot with a bar for each of {bars}: {said(result)}"


def _symbol_size(result: Swimmer) -> float:
    """Return the size of symbols in points: as high as a bar, within what can be told apart."""
    height = 72 * result.figure_size[1] / (len(result.patients) + 1.25 / ROW_INCHES)
    return float(min(max(0.55 * height, 2.2), 5.0))


def _draw_symbols(result: Swimmer, ax: Axes, places: np.ndarray) -> None:
    size = _symbol_size(result)
    for number, (label, times) in enumerate(result.marks.items()):
        known = ~np.isnan(times)
        ax.plot(
            times[known], places[known], _SYMBOLS[number], color="black", markerfacecolor=_FILLS[number],
            markersize=size, markeredgewidth=0.5, linestyle="none", label=f"_{label}", zorder=4,
        )  # fmt: skip
    ends = result.durations
    for rows, symbol, label in ((result.happened, _EVENT, "_event"), (result.ongoing, _ARROW, "_ongoing")):
        if rows.any():
            ax.plot(
                ends[rows], places[rows], symbol, color="black", markersize=size, markeredgewidth=0, clip_on=False,
                linestyle="none", label=label, zorder=5,
            )  # fmt: skip


def _symbol_handles(result: Swimmer) -> list[Artist]:
    """Return a legend of the symbols that occur."""
    arrow = "Ongoing" if result.is_ongoing_given else "No event at the end"
    shown = [
        (_SYMBOLS[number], _FILLS[number], literal(label))
        for number, (label, times) in enumerate(result.marks.items())
        if not np.isnan(times).all()
    ]
    shown += [(_EVENT, "black", "Event")] if result.happened.any() else []
    shown += [(_ARROW, "black", arrow)] if result.ongoing.any() else []
    return [
        Line2D(
            [], [], marker=symbol, color="black", markerfacecolor=fill, markeredgewidth=0.5, markersize=4,
            linestyle="none", label=label,
        )
        for symbol, fill, label in shown
    ]  # fmt: skip


def _name_patients(result: Swimmer, ax: Axes, places: np.ndarray) -> None:
    n = len(places)
    if n > NAMED_PATIENTS:
        ax.set_yticks([])
        ax.set_ylabel(f"{n} patients")
        return
    size = float(min(7.0, max(3.6, 0.62 * 72 * result.figure_size[1] / (n + 1.25 / ROW_INCHES))))
    ax.set_yticks(places, [literal(name) for name in result.patients], fontsize=size)
    ax.tick_params(axis="y", length=0, pad=1.5)


def _mark_groups(result: Swimmer, ax: Axes) -> None:
    """Name each run of bars of one group at the right, with a line between runs, where bars stand by group."""
    if result.group is None:
        return
    codes = result.group.codes
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
    if len(starts) > len(result.group.levels) + 1:  # not sorted by group: no run to name
        return
    beside = blended_transform_factory(ax.transAxes, ax.transData)
    for start, end in zip(starts, [*starts[1:], len(codes)], strict=True):
        name = literal(result.group.levels[codes[start]]) if codes[start] >= 0 else "Not known"
        ax.text(1.01, (start + end - 1) / 2, name, transform=beside, rotation=270, va="center", ha="left", fontsize=6.5)
        if start:
            ax.axhline(start - 0.5, color="0.4", linewidth=0.6, linestyle="--", label="_group")
    ax.set_ylabel(literal(column_label("patient_id")) if len(codes) <= NAMED_PATIENTS else f"{len(codes)} patients")
