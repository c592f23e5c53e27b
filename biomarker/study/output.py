"""Output is all or nothing: written beside its place, then moved into it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from biomarker.errors import StudyError


@contextmanager
def whole_folder(destination: Path, *, force: bool = False) -> Iterator[Path]:
    """Give an empty folder to write in; it takes the place of `destination` only if nothing was raised.

    Parameters
    ----------
    destination : Path
        The folder to be made.
    force : bool
        Whether a folder that is there already may be replaced; it is removed only when the new one stands.

    Raises
    ------
    StudyError
        If `destination` exists and `force` is false, or cannot be written.
    """
    check_destination(destination, force=force)
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", suffix=".partial", dir=destination.parent))
    except OSError as error:
        raise StudyError(
            f"cannot write to {destination.parent}: {error.strerror}; give another output with -o"
        ) from None
    try:
        yield draft
        _share_mode(draft)
        _replace(draft, destination)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def check_destination(destination: Path, *, force: bool) -> None:
    """Raise a `StudyError` where a run could not put its output, before any time is spent on it."""
    if not destination.name:
        raise StudyError(f"{destination} is no folder that can be made; give another output with -o")
    if destination.exists() and not destination.is_dir():
        raise StudyError(f"{destination} is a file; give the name of a folder with -o")
    if destination.exists() and not force:
        raise StudyError(f"{destination} exists; give another output with -o, or --force to replace it")
    if destination.exists() and any(destination.iterdir()) and not (destination / "manifest.json").is_file():
        raise StudyError(
            f"{destination} was not made by `biomarker run`, so --force does not remove it; give another output"
        )
    parent = next(folder for folder in (destination.parent, *destination.absolute().parents) if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise StudyError(f"cannot write to {parent}; give another output with -o")


def _share_mode(draft: Path) -> None:
    """Give the folder the mode that any new folder would have: mkdtemp makes it private."""
    mask = os.umask(0)
    os.umask(mask)
    draft.chmod(0o777 & ~mask)


def _replace(draft: Path, destination: Path) -> None:
    """Move the finished folder into place; the old one, if any, steps aside first and comes back on failure."""
    if not destination.exists():
        draft.rename(destination)
        return
    aside = draft.with_suffix(".old")
    destination.rename(aside)
    try:
        draft.rename(destination)
    except OSError:
        aside.rename(destination)
        raise
    shutil.rmtree(aside, ignore_errors=True)
