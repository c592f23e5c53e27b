"""One renderer an output format: the last stage, where a `Table` becomes HTML, LaTeX, Markdown, Word or Excel.

Each module has `render`; text from data is escaped in every one of them, and characters that no document may hold
are made visible by `characters`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from biomarker.tables.table import Table

__all__ = ["FORMATS", "write_table_files"]

FORMATS: dict[str, str] = {  # suffix -> renderer; loaded when used: python-docx and openpyxl are slow to import
    "html": "html",
    "docx": "word",
    "tex": "latex",
    "md": "markdown",
    "xlsx": "excel",
}


def write_table_files(table: Table, folder: Path, stem: str) -> tuple[Path, ...]:
    """Write `table` once in every format, as ``folder/stem.html``, ``.docx``, ``.tex``, ``.md`` and ``.xlsx``.

    Returns
    -------
    tuple of Path
        The files written. Equal tables give equal bytes, on any day.
    """
    written = []
    for suffix, module in FORMATS.items():
        to_bytes: Callable[[Table], bytes] = import_module(f"biomarker.tables.render.{module}").to_bytes
        path = Path(folder) / f"{stem}.{suffix}"
        path.write_bytes(to_bytes(table))
        written.append(path)
    return tuple(written)
