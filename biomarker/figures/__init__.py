"""Result in, matplotlib `Axes` out; one module a topic, found by the name of the analysis as tables are."""

from __future__ import annotations

from functools import singledispatch
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from biomarker.analyses.result import Result

__all__ = ["draw", "plot"]


@singledispatch
def draw(result: Result, ax: Axes) -> Axes:  # noqa: ARG001 - the signature that every topic shares
    """Draw one result on `ax`; each topic registers its own."""
    raise TypeError(f"no figure is known for {type(result).__name__}")


def plot(result: Result, ax: Axes | None = None, *, shown_in_notebook: bool = False) -> Axes:
    """Draw a result in the house style, on `ax` or on a new figure of one journal column.

    A new figure is pyplot's own, and so appears by itself, only where `shown_in_notebook` is asked for in a notebook.
    """
    from biomarker.figures.theme import journal_axes, notebook_axes, themed

    topic = type(result).__module__.rpartition(".")[2]
    import_module(f"biomarker.figures.{topic}")
    if ax is None and shown_in_notebook:
        ax = notebook_axes(result)
    with themed():
        return draw(result, journal_axes(result) if ax is None else ax)
