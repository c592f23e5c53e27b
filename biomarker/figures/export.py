"""A drawn figure as files: PNG at 300 dpi, SVG and PDF, the same bytes whenever the same figure is drawn."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from biomarker.figures.finish import part_ticks
from biomarker.figures.svg import printable, with_name
from biomarker.figures.theme import themed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 300  # what journals ask of a figure with lines and letters
SUFFIXES = ("png", "svg", "pdf")
_PADDING = 0.04  # inches round what is drawn, where that is more than the figure holds
_TOLERANCE = 0.01  # inches
_COMPRESSION = 2  # of PNG: a tenth larger than the smallest, in half of the time


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One figure in every format, with the size it is printed at in inches and what it shows in words."""

    png: bytes = field(repr=False)
    svg: bytes = field(repr=False)
    pdf: bytes = field(repr=False)
    width: float
    height: float
    alt: str = ""


def picture_of(axes: Axes, *, alt: str = "", title: str = "") -> Picture:
    """Return the figure that `axes` belong to in every format.

    Parameters
    ----------
    axes : Axes
    alt : str
        What the figure shows, for a reader who cannot see it; it stands in each of the files.
    title : str
        What the figure is called.

    Notes
    -----
    A text with dollar signs that is no formula ("$5 v $6") is printed as it stands rather than refused.
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure")
    alt, title = printable(alt), printable(title)
    with themed(), _quiet_about_glyphs(), _dollars_as_signs(figure), _laid_out(figure) as cut:
        files = {suffix: _saved(figure, suffix, _metadata(suffix, title, alt), cut) for suffix in SUFFIXES}
    width, height = _png_size(files["png"])
    files["svg"] = with_name(files["svg"], title, alt)
    return Picture(**files, width=width, height=height, alt=alt)


def write_figure_files(axes: Axes, folder: Path, stem: str, *, alt: str = "", title: str = "") -> Picture:
    """Write ``folder/stem.png``, ``.svg`` and ``.pdf``; return the picture, so that a report need not draw it again."""
    picture = picture_of(axes, alt=alt, title=title)
    for suffix in SUFFIXES:
        (Path(folder) / f"{stem}.{suffix}").write_bytes(getattr(picture, suffix))
    return picture


def _metadata(suffix: str, title: str, alt: str) -> dict[str, Any]:
    """Return what a file says of itself: no date and no maker, so that the same figure gives the same bytes."""
    if suffix == "png":
        return {"Software": None} | ({"Description": alt} if alt else {})
    if suffix == "svg":
        return {"Date": None, "Creator": None, "Format": None, "Type": None}
    return {"CreationDate": None, "Producer": None, "Creator": None, "Title": title or None, "Subject": alt or None}


def _saved(figure: Figure, suffix: str, metadata: dict[str, Any], cut: Bbox | None) -> bytes:
    """Return one file, by canvases that matplotlib has left without types.

    `Figure.savefig` would draw everything twice, and is left for what has to be `cut` out.
    """
    out = BytesIO()
    figure.dpi = DPI
    if cut is not None:
        figure.savefig(out, format=suffix, dpi=DPI, metadata=metadata, bbox_inches=cut)
    elif suffix == "png":
        return _png(figure, metadata)
    elif suffix == "svg":
        FigureCanvasSVG(figure).print_svg(out, metadata=metadata)  # type: ignore[no-untyped-call]
    else:
        FigureCanvasPdf(figure).print_pdf(out, metadata=metadata)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _png(figure: Figure, metadata: dict[str, Any]) -> bytes:
    """Return a PNG without transparency, which nothing here needs and every viewer shows in its own way."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    said = PngInfo()
    if "Description" in metadata:
        said.add_itxt("Description", metadata["Description"])
    out = BytesIO()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3])  # type: ignore[no-untyped-call]
    image.save(out, "png", dpi=(DPI, DPI), pnginfo=said, compress_level=_COMPRESSION)
    return out.getvalue()


def _png_size(png: bytes) -> tuple[float, float]:
    """Return width and height in inches."""
    pixels = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    return pixels[0] / DPI, pixels[1] / DPI


@contextmanager
def _laid_out(figure: Figure) -> Iterator[Bbox | None]:
    """Lay out once for all formats; give what to cut out, in inches, where something stands beyond the figure."""
    canvas, dpi, engine = figure.canvas, figure.dpi, figure.get_layout_engine()
    figure.dpi = DPI
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    if engine is not None:
        engine.execute(figure)
    figure.set_layout_engine("none")
    for ax in figure.axes:
        part_ticks(ax)
    drawn, page = figure.get_tightbbox(renderer), figure.bbox_inches
    beyond = min(drawn.x0, drawn.y0, page.x1 - drawn.x1, page.y1 - drawn.y1) < -_TOLERANCE
    try:
        yield Bbox.union([drawn.padded(_PADDING), page]) if beyond else None
    finally:
        figure.set_canvas(canvas)
        figure.dpi = dpi
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
