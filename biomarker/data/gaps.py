"""What a study file says about cells that are not written out: what stands above, and what words mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from biomarker.data.cells import clean
from biomarker.data.columns import require_column
from biomarker.errors import StudyError

_WORDS_SHOWN = 8


def with_constants(frame: pd.DataFrame, constants: Mapping[str, str], *, file: str) -> pd.DataFrame:
    """Add columns that have one value in all rows.

    Raises
    ------
    StudyError
        If the table has such a column already, or the value is no text.
    """
    for name, value in constants.items():
        if name in frame.columns:
            raise StudyError(f"{file}: constants.{name}: the table has a column {name!r} of its own")
        if not isinstance(value, str):
            raise StudyError(f'{file}: constants.{name} = {value!r}: give text, as in "{value}"')
    return frame.assign(**constants) if constants else frame


def filled_down(frame: pd.DataFrame, columns: Sequence[str], *, file: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Give each empty cell of these columns what stands above it, and say how many were filled.

    Raises
    ------
    StudyError
        If the table has no such column, or its first cell is empty.
    """
    frame = frame.copy() if columns else frame
    notes = []
    for name in columns:
        require_column(frame, name, key=f"{file}: fill_down")
        words = frame[name].map(clean)
        if len(words) and not words.iloc[0]:
            raise StudyError(f"{file}: fill_down: the first cell of {name!r} is empty, with nothing above it")
        frame[name] = words.where(words != "").ffill()
        notes.append(f"{file}: {int((words == '').sum())} empty cells of {name} took what stands above them.")
    return frame, tuple(notes)


def with_words(
    frame: pd.DataFrame, values: Mapping[str, Mapping[str, str]], *, file: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Put our words for theirs, column by column, and say which; words that are not named stay.

    Raises
    ------
    StudyError
        If the table has no such column, or no cell of it has such a word.
    """
    frame = frame.copy() if values else frame
    notes = []
    for name, words in values.items():
        require_column(frame, name, key=f"{file}: values")
        if not isinstance(words, Mapping) or not all(isinstance(word, str) for word in words.values()):
            raise StudyError(f'{file}: values.{name} = {words!r}: give their words and ours, as in {{ "2" = "true" }}')
        cells = frame[name].map(clean)
        frame[name] = cells.map(lambda cell, words=words: words.get(cell, cell))
        said = ", ".join(f"{theirs!r} as {ours!r}" for theirs, ours in list(words.items())[:_WORDS_SHOWN])
        notes.append(f"{file}: {name}: {said}.")
    return frame, tuple(notes)
