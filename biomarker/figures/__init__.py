"""Result in, matplotlib `Axes` out; one module a topic, found by the name of the analysis as tables are.

A topic registers three things: `draw`, its figure; `describe`, what that figure shows in words, with its numbers, for
a reader who cannot see it; and, where one figure is not enough, `further`, the other ways to look at the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from importlib import import_module
from typing import TYPE_CHECKING, Any

from biomarker.errors import DesignError, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from biomarker.analyses.result import Result
    from biomarker.tables import Style

__all__ = ["View", "alt_text", "describe", "draw", "further", "plot", "view_of", "views"]


@dataclass(frozen=True, kw_only=True)
class View:
    """One figure of a result.

    Attributes
    ----------
    name : str
        What it is asked for by; empty for the main figure.
    draw, describe : callable
        Take the result and axes; take the result.
    caption : str
        What a reader who sees it has to know.
    figure_size : tuple of float, optional
        Width and height in inches, where they differ from those of the result.
    """

    name: str
    draw: Callable[[Any, Axes], object]
    describe: Callable[[Any], str]
    caption: str
    figure_size: tuple[float, float] | None = None


@singledispatch
def draw(result: Result, ax: Axes) -> Axes:  # noqa: ARG001 - the signature that every topic shares
    """Draw one result on `ax`; each topic registers its own."""
    raise TypeError(f"no figure is known for {type(result).__name__}")


@singledispatch
def describe(result: Result) -> str:
    """Say what the figure of a result shows; where a topic registers nothing, its caption and first estimates."""
    from biomarker.figures.words import usual_description

    return usual_description(result)


@singledispatch
def further(result: Result) -> tuple[View, ...]:  # noqa: ARG001 - the signature that every topic shares
    """Return the figures of a result besides its main one; usually there are none."""
    return ()


def view_of(shown: Any, name: str) -> View:  # noqa: ANN401 - a result with `caption` and `figure_size` of its own
    """Return the main figure of another setting of a result as one of its further figures."""
    return View(
        name=name,
        draw=lambda _, ax: draw(shown, ax),
        describe=lambda _: describe(shown),
        caption=shown.caption,
        figure_size=shown.figure_size,
    )


def views(result: Result) -> tuple[View, ...]:
    """Return every figure of a result, the main one first."""
    topic = type(result).__module__.rpartition(".")[2]
    import_module(f"biomarker.figures.{topic}")
    main = View(name="", draw=draw, describe=describe, caption=str(getattr(result, "caption", "")))
    return (main, *further(result))


def view_named(result: Result, which: str) -> View:
    """Return one figure of a result by its name.

    Raises
    ------
    DesignError
        If the result has no such figure; the message names those it has.
    """
    known = {view.name: view for view in views(result)}
    if which not in known:
        others = [name for name in known if name]
        said = f"it has the main one, '', and {', '.join(map(repr, others))}" if others else "it has one alone, ''"
        raise DesignError(f"no figure {which!r} of {type(result).__name__}{nearest(which, others)}; {said}")
    return known[which]


def plot(
    result: Result,
    ax: Axes | None = None,
    *,
    which: str = "",
    style: str | Style = "plain",
    width_mm: float | None = None,
    shown_in_notebook: bool = False,
) -> Axes:
    """Draw a result in the house style, on `ax` or on a new figure of one journal column.

    A new figure is pyplot's own, and so appears by itself, only where `shown_in_notebook` is asked for in a notebook.
    """
    from biomarker.figures.finish import finish
    from biomarker.figures.theme import MM, journal_axes, notebook_axes, start_notebook, themed

    if shown_in_notebook:
        start_notebook()
    view = view_named(result, which)
    sized = result if view.figure_size is None else view
    with themed(style):
        if ax is None:
            width = None if width_mm is None else width_mm / MM
            shown = notebook_axes(sized, width=width) if shown_in_notebook else None
            ax = journal_axes(sized, width=width) if shown is None else shown
        figure = ax.get_figure(root=True)
        before = set(figure.axes if figure else ()) - {ax}
        view.draw(result, ax)
        finish([one for one in (figure.axes if figure else [ax]) if one not in before])
    return ax


def alt_text(result: Result, which: str = "", style: str | Style = "plain") -> str:
    """Say what a figure of a result shows, with its key numbers, for a reader who cannot see it."""
    from biomarker.figures.theme import styled
    from biomarker.figures.words import tidy

    view = view_named(result, which)
    with styled(style):
        return tidy(view.describe(result))
