"""Columns that tell who somebody is: by their names in the languages of trial sites, or by the words in them."""

from __future__ import annotations

import re

_WORD_ENDS = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])|[^0-9A-Za-zÀ-ÖØ-öø-ÿ]+")
# of the parts of a column's name, joined by _
_DIRECT = re.compile(
    r"(?:.*_)?(?:(?:first|last|given|family|patient|patients|subject|full|reader|observer)_?name|surname|birth|birthdate|"
    r"birthday|birth_?date|dob|mrn|ssn|bsn|initials|address|phone|telephone|e_?mail|postcode|zip|zip_?code|vorname|nachname|"
    r"geburtsdatum|geburtstag|anschrift|voornaam|achternaam|geboortedatum|pr[eé]nom|naissance|apellidos?|nacimiento|"
    r"cognome|nascita)(?:_.*)?|name|naam|nom|nombre|nome",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-ZÄÖÜ][a-zäöüßéèçñ'-]+(?:,\s*|\s+|_|\^)[A-ZÄÖÜ][a-zäöüßéèçñ'.-]*|[A-Z]{3,}\^[A-Z]+\^?\w*")
_INITIALED = re.compile(r"[A-ZÄÖÜ]\.\s?[A-ZÄÖÜ][a-zäöüß]+|[A-ZÄÖÜ]{2,},\s*[A-ZÄÖÜ]{2,}|[a-zäöüß]{2,}[ ,]+[a-zäöüß]{2,}")


def identifies_people(column: str) -> bool:
    """Whether a column, by its name, holds what tells who somebody is.

    Examples
    --------
    >>> [identifies_people(name) for name in ("PatientName", "Date of birth", "lesion_name", "patient_id")]
    [True, True, False, False]
    """
    return _DIRECT.fullmatch(_WORD_ENDS.sub("_", column).strip("_")) is not None


def names_somebody(word: str) -> bool:
    """Whether an identifier looks like the name of a person.

    Examples
    --------
    >>> [names_somebody(word) for word in ("Janssen A.", "DOE^JANE", "NL-101")]
    [True, True, False]
    """
    return _NAME.fullmatch(word) is not None or _INITIALED.fullmatch(word) is not None
