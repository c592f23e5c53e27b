"""The letters of every figure: DejaVu Sans, which ships with matplotlib, cut down to the signs that print in our texts.

A figure as PDF holds the letters it uses, taken from the whole font; from the cut that takes a quarter of the time.
Signs beyond the cut (Arabic, Hebrew) come from the whole font.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from weakref import finalize

import matplotlib as mpl
from matplotlib import font_manager

WHOLE = "DejaVu Sans"
CUT = "Biomarker Sans"
_FILES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
_KEPT = (
    (0x20, 0x7F), (0xA0, 0x180), (0x2C6, 0x2DE), (0x370, 0x400), (0x2010, 0x2030), (0x2030, 0x2040), (0x2070, 0x20A0),
    (0x20AC, 0x20AD), (0x2122, 0x2123), (0x2190, 0x2196), (0x2200, 0x2270),
)  # fmt: skip


@cache
def families() -> tuple[str, ...]:
    """Return the families to draw with, the first first; the cut is made once a process.

    Where it cannot be made (no folder to write in, a matplotlib without its fonts), the whole font serves alone.
    """
    try:
        folder = Path(mkdtemp(prefix="biomarker-letters-"))
        finalize(_CUTS_MADE, rmtree, folder, ignore_errors=True)
        for file in _FILES:
            font_manager.fontManager.addfont(_cut(file, folder))
    except OSError:
        return (WHOLE,)
    return (CUT, WHOLE)


class _Made:
    """Lives as long as the process does; the folder of the cut goes with it."""


_CUTS_MADE = _Made()


def _cut(file: str, folder: Path) -> str:
    from fontTools import subset  # type: ignore[import-untyped] # it has no types

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options: Any = subset.Options(hinting=False, layout_features=[], name_IDs=["*"], legacy_kern=True)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "FFTM"]
    path = folder / file
    with subset.load_font(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / file), options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[sign for start, end in _KEPT for sign in range(start, end)])
        cutter.subset(font)
        for record in font["name"].names:
            if record.nameID in (1, 16):
                record.string = CUT
            elif record.nameID in (4, 6):
                record.string = record.toUnicode().replace("DejaVu", "Biomarker")
        subset.save_font(font, str(path), options)
    return str(path)
