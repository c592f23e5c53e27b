"""What a run was made of: versions, seed, and the hashes of what went in and came out."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from biomarker import __version__
from biomarker.data.table import DataTable
from biomarker.study.load import Study

_LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels", "scikit-learn", "lifelines", "firthmodels", "matplotlib")


@cache
def versions() -> dict[str, str]:
    """Return the versions of everything that had a hand in the numbers."""
    libraries = {name: version(name) for name in _LIBRARIES}
    return {"biomarker": __version__, "python": platform.python_version(), **libraries}


def provenance(study: Study, tables: Iterable[DataTable]) -> dict[str, Any]:
    """Return what must be the same for the numbers to be the same: no clock, no machine."""
    return {
        "seed": study.seed,
        "versions": versions(),
        "study_file": {"file": study.path.name, "sha256": file_hash(study.path)},
        "inputs": [
            {"table": table.name, "file": Path(table.source).name, "sha256": table.sha256, "rows": len(table.frame)}
            for table in tables
        ],
    }


def manifest(made_from: dict[str, Any], folder: Path, *, seconds: float) -> dict[str, Any]:
    """Return the manifest of a finished folder: its provenance, when it was made, and a hash for every file in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        **made_from,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "platform": platform.platform(terse=True),
        "outputs": [
            {"file": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": file_hash(path)}
            for path in files
        ],
    }


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return sha256(path.read_bytes()).hexdigest()
