"""References as BibTeX: the text of each taken apart into its fields, and written with keys that stay the same.

`biomarker.references` writes a reference as journals of medicine print it: ``Authors. Title. Journal
Year;Volume(Number):Pages.`` for a paper, ``Authors. Title. [Edition.] [City:] Publisher; Year.`` for a book.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from biomarker import references
from biomarker.references import Reference

_PAPER = re.compile(
    r"(?P<author>.+?)\. (?P<title>.+[.?]) (?P<journal>[A-Z][^.?;:]*?) (?P<year>\d{4});"
    r"(?P<volume>\d+(?: Suppl \d+)?)(?:\((?P<number>[^)]+)\))?(?::(?P<pages>[\w-]+)(?: \((?P<note>[^)]+)\))?)?\."
)
_CHAPTER = re.compile(
    r"(?P<author>.+?)\. (?P<title>.+?)\. In: (?P<editor>.+?), eds\. (?P<booktitle>.+?)\. "
    r"(?:(?P<address>[^.:;]+): )?(?P<publisher>[^.:;]+); (?P<year>\d{4}):(?P<pages>[\d-]+)\."
)
_BOOK = re.compile(
    r"(?P<author>.+?)\. (?P<title>.+?)\. (?:(?P<edition>\d+)(?:st|nd|rd|th) ed\. )?"
    r"(?:(?P<address>[^.:;]+): )?(?P<publisher>[^.:]+); (?P<year>\d{4})\."
)
_SHAPES = (("article", _PAPER), ("incollection", _CHAPTER), ("book", _BOOK))
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PERSON = re.compile(r"(?P<family>[^\d,]*[^\W\d_]) (?P<initials>[^\W\d_a-z]{1,4})")
_OTHERS = ("et al", "and others")
_NAMED_ORDINALS = {"2": "Second", "3": "Third", "4": "Fourth", "5": "Fifth"}

_SPECIAL = {sign: f"\\{sign}" for sign in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}"}
_ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u030a": "r", "\u030c": "v"}
_LETTERS = {"ø": r"{\o}", "Ø": r"{\O}", "ß": r"{\ss}", "æ": r"{\ae}", "Æ": r"{\AE}", "ł": r"{\l}", "–": "--", "’": "'"}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a BibTeX file: its type, its key, and its fields in the order they are written."""

    type: str
    key: str
    fields: Mapping[str, str]

    def __str__(self) -> str:
        lines = "".join(f"  {name} = {{{text}}},\n" for name, text in self.fields.items())
        return f"@{self.type}{{{self.key},\n{lines}}}\n"


def bibtex(cited: Iterable[Reference]) -> str:
    """Return the text of a BibTeX file with one entry a reference, in the order given.

    Letters with accents are written as commands of TeX, so that every version of BibTeX sorts and shortens them
    rightly; titles are in braces, so that no style turns a capital small.

    Examples
    --------
    >>> print(bibtex([references.YOUDEN_1950]))
    @article{youden_1950,
      author = {Youden, W. J.},
      title = {{Index for rating diagnostic tests}},
      journal = {Cancer},
      year = {1950},
      volume = {3},
      pages = {32--35},
    }
    <BLANKLINE>
    """
    return "\n".join(str(entry_of(reference)) for reference in dict.fromkeys(cited))


def entry_of(reference: Reference) -> Entry:
    """Return a reference as an entry.

    Raises
    ------
    ValueError
        If its text has none of the shapes above, or its DOI is none.
    """
    for kind, shape in _SHAPES:
        found = shape.fullmatch(reference.text)
        if found is not None:
            return _entry(kind, found.groupdict(), reference)
    raise ValueError(f"not a paper, a chapter or a book as references are written here: {reference.text!r}")


def key_of(reference: Reference) -> str:
    """Return the key of a reference: the name of its constant, or first author and year where it has none.

    Examples
    --------
    >>> key_of(references.BLAND_ALTMAN_1996_ERROR)
    'bland_altman_1996_error'
    """
    if reference in _names():
        return _names()[reference].lower()
    year = re.findall(r"\b(?:1[89]|20)\d\d\b", reference.text)
    first = re.sub(r"\W+", "", _plain(reference.text.split(",")[0].rpartition(" ")[0])).lower()
    return "_".join([first or "reference", *year[:1]])


@cache
def _names() -> dict[Reference, str]:
    return {value: name for name, value in vars(references).items() if isinstance(value, Reference)}


def _entry(kind: str, found: Mapping[str, str | None], reference: Reference) -> Entry:
    fields = {
        name: _field(name, text.strip().removesuffix("." if name == "title" else ""))
        for name, text in found.items()
        if text
    }
    if reference.doi:
        if not _DOI.fullmatch(reference.doi):
            raise ValueError(f"no DOI: {reference.doi!r}")
        fields["doi"] = reference.doi  # as it is: biblatex and hyperref take it literally
    return Entry(type=kind, key=key_of(reference), fields=fields)


def _field(name: str, text: str) -> str:
    if name in ("author", "editor"):
        return " and ".join(_people(text))
    if name == "pages":
        return text.replace("-", "--")
    if name == "edition":
        return _NAMED_ORDINALS.get(text, text)
    return f"{{{_tex(text)}}}" if name in ("title", "booktitle") else _tex(text)


def _people(text: str) -> list[str]:
    """Return each author as BibTeX has it: "Wilson, E. B."; a body, which has no initials, in braces."""
    people = []
    for one in text.split(", "):
        found = _PERSON.fullmatch(one)
        if one in _OTHERS:
            people.append("others")
        elif found is None:
            people.append(f"{{{_tex(one)}}}")
        else:
            initials = " ".join(f"{_tex(letter)}." for letter in found["initials"])
            people.append(f"{_tex(found['family'])}, {initials}")
    return people


def _tex(text: str) -> str:
    """Return a text with the signs of TeX escaped and letters with accents as its commands."""
    return "".join(_letter(letter) for letter in re.sub(r'"([^"]*)"', r"``\1''", text))


def _letter(letter: str) -> str:
    if letter in _SPECIAL or letter in _LETTERS:
        return _SPECIAL.get(letter) or _LETTERS[letter]
    base, *marks = list(unicodedata.normalize("NFD", letter))
    if len(marks) == 1 and marks[0] in _ACCENTS:
        return f"{{\\{_ACCENTS[marks[0]]}{{{base}}}}}"
    return letter


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
