"""A drawn figure as files: PNG at 300 dpi, SVG and PDF, the same bytes whenever the same figure is drawn."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from biomarker.figures.theme import themed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 300  # what journals ask of a figure with lines and letters
_PADDING = 0.04  # inches round what is drawn
_NO_DATES: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One figure in every format, with the size it is printed at in inches and what it shows in words."""

    png: bytes = field(repr=False)
    svg: bytes = field(repr=False)
    pdf: bytes = field(repr=False)
    width: float
    height: float
    alt: str = ""


def picture_of(axes: Axes, *, alt: str = "") -> Picture:
    """Return the figure that `axes` belong to in every format.

    Parameters
    ----------
    axes : Axes
    alt : str
        What the figure shows, for a reader who cannot see it.

    Notes
    -----
    A text with dollar signs that is no formula ("$5 v $6") is printed as it stands rather than refused.
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure")
    with themed(), _quiet_about_glyphs(), _dollars_as_signs(figure), _laid_out(figure) as box:
        files = {suffix: _saved(figure, suffix, box) for suffix in _NO_DATES}
    width, height = _png_size(files["png"])
    return Picture(**files, width=width, height=height, alt=alt)


def write_figure_files(axes: Axes, folder: Path, stem: str, *, alt: str = "") -> Picture:
    """Write ``folder/stem.png``, ``.svg`` and ``.pdf``; return the picture, so that a report need not draw it again."""
    picture = picture_of(axes, alt=alt)
    for suffix in _NO_DATES:
        (Path(folder) / f"{stem}.{suffix}").write_bytes(getattr(picture, suffix))
    return picture


def _saved(figure: Figure, suffix: str, box: Bbox) -> bytes:
    out = BytesIO()
    metadata: dict[str, Any] = dict(_NO_DATES[suffix])
    figure.savefig(out, format=suffix, dpi=DPI, metadata=metadata, bbox_inches=box)
    return out.getvalue()


def _png_size(png: bytes) -> tuple[float, float]:
    """Return width and height in inches: the tight box round a figure is known once it is drawn."""
    pixels = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    return pixels[0] / DPI, pixels[1] / DPI


@contextmanager
def _laid_out(figure: Figure) -> Iterator[Bbox]:
    """Give the box in inches that holds all that is drawn; the layout is found once rather than for every format."""
    figure.draw_without_rendering()
    engine = figure.get_layout_engine()
    figure.set_layout_engine("none")
    try:
        yield figure.get_tightbbox().padded(_PADDING)
    finally:
        if engine is not None:
            figure.set_layout_engine(engine)


@contextmanager
def _quiet_about_glyphs() -> Iterator[None]:
    """Keep matplotlib from warning of letters its font lacks: SVG holds them as text, and a browser has them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        yield


@contextmanager
def _dollars_as_signs(figure: Figure) -> Iterator[None]:
    """Print texts that matplotlib would take for a formula and cannot read; they are data, not mathematics."""
    changed = [text for text in figure.findobj(Text) if text.get_parse_math() and not _reads(text.get_text())]
    for text in changed:
        text.set_parse_math(False)
    try:
        yield
    finally:
        for text in changed:
            text.set_parse_math(True)


def _reads(text: str) -> bool:
    if text.count("$") < 2:
        return True
    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return False
    return True
