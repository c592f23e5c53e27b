"""Organs as dosimetry programs and papers name them, to the names that tissue weights are given for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from biomarker.errors import DesignError, nearest

# OLINDA/EXM 1 and 2, MIRDOSE, IDAC-Dose, QDOSE and what papers write, without "wall", "contents" and plurals.
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "adrenals": ("adrenal", "adrenal gland"),
    "brain": (),
    "breast": ("breasts", "mammary gland"),
    "oesophagus": ("esophagus",),
    "extrathoracic region": ("et region", "extrathoracic airway", "et airway", "extrathoracic"),
    "eyes": ("eye", "eye lens", "lens of eye", "lens"),
    "gall bladder": ("gallbladder", "gb"),
    "heart": ("heart muscle", "myocardium"),
    "kidneys": ("kidney", "renal"),
    "left colon": ("colon left", "descending colon"),
    "right colon": ("colon right", "ascending colon"),
    "rectum": ("rectosigmoid", "rectosigmoid colon", "sigmoid", "recto sigmoid colon"),
    "lower large intestine": ("lli",),
    "upper large intestine": ("uli",),
    "colon": ("large intestine", "lower digestive tract"),
    "small intestine": ("si", "small bowel"),
    "stomach": ("gastric", "st"),
    "liver": ("hepatic",),
    "lungs": ("lung",),
    "lymphatic nodes": ("lymph node", "lymph nodes", "lymphatic node"),
    "muscle": ("muscles", "skeletal muscle"),
    "oral mucosa": ("oral cavity",),
    "ovaries": ("ovary",),
    "testes": ("testicles", "testis", "teste", "testicle"),
    "gonads": ("gonad",),
    "pancreas": (),
    "prostate": ("prostate gland",),
    "uterus": ("uterus cervix", "cervix"),
    "red marrow": ("red bone marrow", "bone marrow", "marrow", "active marrow", "bone marrow red"),
    "bone surface": ("osteogenic cell", "osteogenic cells", "bone surfaces", "cortex of bone", "endosteum", "bone"),
    "salivary glands": ("salivary", "salivary gland"),
    "skin": (),
    "spleen": (),
    "thymus": ("thymus gland",),
    "thyroid": ("thyroid gland",),
    "urinary bladder": ("bladder", "ub"),
    "total body": ("whole body",),
}
_CANONICAL = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases)}
_PRINTED_DOSE = re.compile(r"effective dose", re.IGNORECASE)


def is_printed_effective_dose(text: str) -> bool:
    """Say whether a row is the effective dose as a program or paper prints it, rather than an organ."""
    return bool(_PRINTED_DOSE.search(text)) and "equivalent" not in text.casefold()


def organ_named(text: str) -> str | None:
    """Return the canonical name of an organ, or None where it has none.

    Examples
    --------
    >>> organ_named("Upper Large Intestine Wall"), organ_named("Osteogenic Cells"), organ_named("Tumour 1")
    ('upper large intestine', 'bone surface', None)
    """
    words = re.sub(r"[^a-z ]+", " ", str(text).casefold().replace("(", " ").replace(")", " "))
    words = (
        re.sub(r"\b(wall|contents?|left and right|total)\b", " ", words) if "total body" not in words else "total body"
    )
    plain = " ".join(words.split())
    for form in (plain, plain.removesuffix("s"), f"{plain}s"):
        if form in _CANONICAL:
            return _CANONICAL[form]
    return None


def organs_named(texts: Sequence[str], ignore: Sequence[str]) -> dict[str, str]:
    """Return the canonical name of each organ that counts.

    Raises
    ------
    DesignError
        If one is not known and not ignored, or two are the same organ.
    """
    found: dict[str, str] = {}
    for text in texts:
        if text in ignore or _PRINTED_DOSE.search(str(text)):
            continue
        name = organ_named(text)
        if name is None:
            hint = nearest(str(text), list(_CANONICAL))
            raise DesignError(
                f"{text!r} is no organ that a tissue weight is known for{hint}; rename it, or give ignore = [{text!r}]"
            )
        if name in found.values():
            other = next(one for one, known in found.items() if known == name)
            raise DesignError(f"{other!r} and {text!r} are both the {name}; leave one out by ignore = [{text!r}]")
        found[text] = name
    return found
