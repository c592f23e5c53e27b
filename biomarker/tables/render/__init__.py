"""One renderer an output format: the last stage, where a `Table` becomes HTML, Word, RTF, LaTeX, Markdown and so on.

Each module has `render`; text from data is escaped in every one of them, and characters that no document may hold
are made visible by `characters`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from biomarker.tables.render.house_template import HouseTemplate
    from biomarker.tables.table import Table

__all__ = ["FORMATS", "write_table_files"]

FORMATS: dict[str, str] = {  # suffix -> renderer; loaded when used: python-docx and openpyxl are slow to import
    "html": "html",
    "docx": "word",
    "rtf": "rtf",
    "tex": "latex",
    "md": "markdown",
    "xlsx": "excel",
    "csv": "csv_text",
}


def write_table_files(
    table: Table, folder: Path, stem: str, *, template: HouseTemplate | None = None
) -> tuple[Path, ...]:
    """Write `table` once in every format of `FORMATS`, as ``folder/stem.html``, ``.docx`` and so on.

    The Word document is set in the styles and on the page of `template`, if one is given.

    Returns
    -------
    tuple of Path
        The files written. Equal tables give equal bytes, on any day.
    """
    written = []
    for suffix, module in FORMATS.items():
        to_bytes: Callable[..., bytes] = import_module(f"biomarker.tables.render.{module}").to_bytes
        path = Path(folder) / f"{stem}.{suffix}"
        path.write_bytes(to_bytes(table, template=template) if suffix == "docx" else to_bytes(table))
        written.append(path)
    return tuple(written)
