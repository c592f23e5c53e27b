"""What the words of a report mean: those that it uses, in plain and exact terms."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Term:
    """A word or abbreviation, what it means, and how it is written, as a pattern."""

    name: str
    meaning: str
    pattern: str = ""

    @property
    def key(self) -> str:
        """Its name as part of an address: letters, digits and hyphens."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    def is_used(self, text: str) -> bool:
        """Return whether a text holds it as a whole word."""
        return self.where(text) is not None

    def where(self, text: str) -> tuple[int, int] | None:
        """Return begin and end of its first use in a text."""
        found = re.search(rf"(?<![\w-])(?:{self.pattern or re.escape(self.name)})(?![\w-])", text)
        return None if found is None else found.span()


@cache
def terms() -> tuple[Term, ...]:
    """Return every term there is, in the order of the alphabet."""
    text = (files("biomarker.study") / "templates" / "glossary.toml").read_text(encoding="utf-8")
    entries = [Term(**entry) for entry in tomllib.loads(text)["term"]]
    return tuple(sorted(entries, key=lambda term: term.name.casefold()))


def terms_used(texts: Iterable[str]) -> tuple[Term, ...]:
    """Return the terms that any of the texts hold, in the order of the alphabet.

    Examples
    --------
    >>> [term.name for term in terms_used(["AUC 0.89 (95% CI 0.83 to 0.93)"])]
    ['AUC', 'CI']
    """
    whole = "\n".join(texts)
    return tuple(term for term in terms() if term.is_used(whole))
