"""What can go wrong, by stage: the study file, the data, the question, the fit.

Every error is a `BiomarkerError`, and so a `ValueError`: its message is for the person who wrote the study or
called the function, and names the place (file, row, column, key), the value, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class BiomarkerError(ValueError):
    """Base of every error that is the input's fault."""


class StudyError(BiomarkerError):
    """The study file, or a file it names, cannot be used."""


class DesignError(BiomarkerError):
    """The data cannot answer the question asked; the message says which, and what would."""


class ConvergenceError(BiomarkerError):
    """An iterative fit did not reach an answer that can be reported."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault in one place of a table."""

    rule: str
    file: str = ""
    row: int | None = None  # as a spreadsheet numbers it: the header is row 1
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        place = [part for part in (self.file, "" if self.row is None else f"row {self.row}", self.column) if part]
        shown = f" {self.value!r}" if self.value else ""
        return f"{', '.join(place)}:{shown} {self.rule}" if place else f"{shown} {self.rule}".strip()


class SchemaError(BiomarkerError):
    """Every fault found in a table, reported at once."""

    shown = 20

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        count = len(self.problems)
        lines = [f"{count} problem{'s' * (count != 1)} in the data:"]
        lines += [f"  {problem}" for problem in self.problems[: self.shown]]
        if count > self.shown:
            lines.append(f"  ... and {count - self.shown} more")
        super().__init__("\n".join(lines))


class BiomarkerWarning(UserWarning):
    """Base of every warning; each is also a note of the result it concerns."""


class SmallSampleWarning(BiomarkerWarning):
    """Too few patients or events for the method's large-sample argument."""


class DirectionWarning(BiomarkerWarning):
    """The marker runs against the direction it was given."""


class IndependenceWarning(BiomarkerWarning):
    """Rows are treated as independent although they may not be."""


def nearest(word: str, known: Sequence[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the known word closest to `word`, or ``""``."""
    by_folded = {name.casefold(): name for name in known}
    match = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.5)
    return f" (did you mean {by_folded[match[0]]!r}?)" if match else ""
