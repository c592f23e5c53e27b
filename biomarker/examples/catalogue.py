"""Which example studies there are, where they lie, and how to get a copy to work on."""

from __future__ import annotations

import shutil
from importlib.resources import files
from os import PathLike
from pathlib import Path

from biomarker.errors import StudyError, nearest

EXAMPLES: dict[str, str] = {
    "cd8": "89Zr anti-CD8 minibody, phase 1: the 44 lesions of 15 patients as published",
    "her2-gastric": "124I-trastuzumab in gastric cancer: detection and SUVmax cutoff 4.0 from published counts",
    "zephir": "89Zr-trastuzumab before T-DM1 (ZEPHIR): PPV and NPV from a 2x2 table reconstructed from percentages",
    "dehdashti": "89Zr-trastuzumab and HER2 status at SUVmax 3.2: published 2x2 table with exact intervals",
    "simulated-trial": "Synthetic: two arms, 60 patients, lesions over time, three readers, response and survival",
}


def example_folder(name: str) -> Path:
    """Return the folder of a shipped example; read from it, and use `copy_example` to change anything.

    Parameters
    ----------
    name : str
        One of `EXAMPLES`.

    Returns
    -------
    Path
        The folder that holds its ``study.toml``.

    Raises
    ------
    StudyError
        If no example has this name.

    Examples
    --------
    >>> sorted(path.name for path in example_folder("cd8").iterdir())
    ['SOURCE.md', 'dosimetry.csv', 'lesions.csv', 'patients.csv', 'study.toml']
    """
    if name not in EXAMPLES:
        raise StudyError(
            f"there is no example {name!r}{nearest(name, list(EXAMPLES))}; there are {', '.join(EXAMPLES)}"
        )
    return Path(str(files("biomarker.examples") / name))


def copy_example(name: str, destination: str | PathLike[str] | None = None) -> Path:
    """Copy an example study, data and all, into a folder that does not exist yet.

    Parameters
    ----------
    name : str
        One of `EXAMPLES`.
    destination : path, optional
        The folder to make; by default one of the example's name, in the working folder.

    Returns
    -------
    Path
        The folder made; its ``study.toml`` is ready to be run.

    Raises
    ------
    StudyError
        If no example has this name, `destination` exists, or it cannot be written. Nothing is left half copied.
    """
    source = example_folder(name)
    destination = Path(name if destination is None else destination)
    if destination.exists() or destination.is_symlink():
        raise StudyError(f"{destination} exists; give another folder, or remove it first")
    draft = destination.with_name(f".{destination.name}.part")
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
        try:
            for file in sorted(source.iterdir()):
                shutil.copyfile(file, draft / file.name)  # not the permissions: a copy is there to be edited
            draft.rename(destination)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise StudyError(f"{destination} cannot be written: {error.strerror or error}") from None
    return destination
