"""pyradiomics: one row a region, with text about the run before the features."""

from __future__ import annotations

import re
from dataclasses import replace

from biomarker.data.cells import TextTable
from biomarker.errors import StudyError

_ARRAY = re.compile(r"array\(\[?\s*([^\[\],]+?)\s*\]?(?:,\s*dtype=\w+)?\)")
_VOLUMES = ("original_shape_MeshVolume", "original_shape_VoxelVolume")


def pyradiomics(table: TextTable) -> TextTable:
    """Leave out the text about the run, write ``array(5.2)`` as 5.2, and name the volume (mm3) as ours.

    Raises
    ------
    StudyError
        If no feature is there.
    """
    features = [name for name in table.frame.columns if not str(name).startswith("diagnostics_")]
    if not any(str(name).startswith(("original_", "wavelet", "log-sigma")) for name in features):
        raise StudyError(f"{table.file}: no column of a feature, such as original_firstorder_Maximum")
    frame = table.frame[features].map(_unwrapped)
    volume = next((name for name in _VOLUMES if name in features), None)
    left = len(table.frame.columns) - len(features)
    columns = "1 column about the run (diagnostics) was" if left == 1 else f"{left} columns about the run were"
    notes = [f"{table.file}: {columns} left out."] if left else []
    if volume:
        frame = frame.rename(columns={volume: "volume_ml"})
        notes.append(f"{table.file}: volume_ml is {volume}.")
    notes.append(
        f"{table.file}: features are in the unit of the image; map original_firstorder_Maximum if it held SUV."
    )
    units = {"volume_ml": "mm3"} if volume else {}
    return replace(table, frame=frame, units=units, notes=(*table.notes, *notes))


def _unwrapped(word: str) -> str:
    match = _ARRAY.fullmatch(word)
    return match[1] if match else word
