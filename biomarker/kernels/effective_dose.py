"""Effective dose from doses to organs: tissue weights of ICRP Publications 103 and 60, and their remainder rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class Scheme(NamedTuple):
    """Tissue weights, and the organs of the remainder (with their masses in g where the mean is weighted by mass)."""

    name: str
    tissues: Mapping[str, float]
    remainder_weight: float
    remainder: Mapping[str, float]


class EffectiveDose(NamedTuple):
    """An effective dose with its parts by tissue, and the organs that no dose was given for."""

    value: float
    parts: Mapping[str, float]
    missing: tuple[str, ...]


_TISSUES_103 = {
    **dict.fromkeys(("red marrow", "colon", "lungs", "stomach", "breast"), 0.12),
    "gonads": 0.08,
    **dict.fromkeys(("urinary bladder", "oesophagus", "liver", "thyroid"), 0.04),
    **dict.fromkeys(("bone surface", "brain", "salivary glands", "skin"), 0.01),
}
_REMAINDER_103 = (
    "adrenals", "extrathoracic region", "gall bladder", "heart", "kidneys", "lymphatic nodes", "muscle", "oral mucosa",
    "pancreas", "prostate or uterus", "small intestine", "spleen", "thymus",
)  # fmt: skip
_TISSUES_60 = {
    "gonads": 0.20,
    **dict.fromkeys(("red marrow", "colon", "lungs", "stomach"), 0.12),
    **dict.fromkeys(("urinary bladder", "breast", "liver", "oesophagus", "thyroid"), 0.05),
    **dict.fromkeys(("skin", "bone surface"), 0.01),
}
# Masses of Reference Man, g, as ICRP Publication 67 tabulates them for the mass-weighted mean of the remainder; the
# upper large intestine, part of the colon there, has given way to the extrathoracic airways (ICRP Publication 69).
_REMAINDER_60 = {
    "adrenals": 14.0, "brain": 1400.0, "extrathoracic region": 15.0, "small intestine": 640.0, "kidneys": 310.0,
    "muscle": 28000.0, "pancreas": 100.0, "spleen": 180.0, "thymus": 20.0, "uterus": 80.0,
}  # fmt: skip
SCHEMES = {
    "icrp103": Scheme("ICRP Publication 103", _TISSUES_103, 0.12, dict.fromkeys(_REMAINDER_103, 1.0)),
    "icrp60": Scheme("ICRP Publication 60", _TISSUES_60, 0.05, _REMAINDER_60),
}
MISSING = ("refuse", "zero", "total_body", "leave_out")
_COLON_PARTS = (
    {"upper large intestine": 0.57, "lower large intestine": 0.43},
    {"right colon": 0.4, "left colon": 0.4, "rectum": 0.2},
)


def tissue_doses(organs: Mapping[str, float]) -> dict[str, float]:
    """Return doses to what weights are given for: colon from its parts, gonads and the organ of each sex together.

    The colon is 0.57 of the upper and 0.43 of the lower large intestine (ICRP 60), or 0.4 of right colon, 0.4 of left
    colon and 0.2 of rectosigmoid (ICRP 133), in proportion where the rectum is not given. Gonads are the mean of
    ovaries and testes where both are given, as in a mean over patients of both sexes, and likewise prostate and uterus.

    Parameters
    ----------
    organs : mapping of str to float
        Dose by canonical name of the organ.

    Returns
    -------
    dict of str to float

    Examples
    --------
    >>> tissue_doses({"ovaries": 0.42, "testes": 0.24})["gonads"]
    0.32999999999999996
    """
    found = dict(organs)
    for parts in _COLON_PARTS:
        given = [part for part in parts if part in organs]
        if "colon" not in found and len(given) >= 2:
            weight = sum(parts[part] for part in given)
            found["colon"] = sum(parts[part] * organs[part] for part in given) / weight
    for name, pair in (("gonads", ("ovaries", "testes")), ("prostate or uterus", ("prostate", "uterus"))):
        given = [organ for organ in pair if organ in organs]
        if name not in found and given:
            found[name] = float(np.mean([organs[organ] for organ in given]))
    return found


def effective_dose_of(
    organs: Mapping[str, float], scheme: str = "icrp103", *, missing: str = "refuse"
) -> EffectiveDose:
    """Return the effective dose of one patient, or of the mean over patients.

    ICRP 103: the remainder is the plain mean of 13 organs, weight 0.12. ICRP 60: it is the mean of ten organs weighted
    by mass, weight 0.05; where one of them has a dose above that of every weighted tissue, half of the weight is given
    to that organ and half to the mean of the others.

    Parameters
    ----------
    organs : mapping of str to float
        Equivalent dose by canonical name of the organ, in one unit.
    scheme : {"icrp103", "icrp60"}
    missing : {"refuse", "zero", "total_body", "leave_out"}
        An organ without a dose: refused; counted as zero; given the dose to the total body; or left out, with the
        weights of the others (in the remainder: the mean of the others) standing for it.

    Returns
    -------
    EffectiveDose
        In the unit of the doses (mGy becomes mSv, with a radiation weight of 1).

    Raises
    ------
    ValueError
        If an organ is missing under "refuse", or the total body is when it is to stand in.

    Examples
    --------
    A body with the same dose everywhere has that dose:

    >>> organs = dict.fromkeys([*SCHEMES["icrp103"].tissues, *SCHEMES["icrp103"].remainder], 2.0)
    >>> round(effective_dose_of(organs).value, 12)
    2.0
    """
    if scheme not in SCHEMES:
        raise ValueError(f"no tissue weights {scheme!r}; there are {', '.join(SCHEMES)}")
    if missing not in MISSING:
        raise ValueError(f"no way {missing!r} with missing organs; there are {', '.join(MISSING)}")
    rules, doses = SCHEMES[scheme], tissue_doses(organs)
    absent = tuple(name for name in (*rules.tissues, *rules.remainder) if name not in doses)
    if absent and missing == "refuse":
        raise ValueError(f"no dose is given for {', '.join(absent)}")
    if absent and missing == "total_body" and "total body" not in doses:
        raise ValueError("the dose to the total body, which is to stand in for missing organs, is not given")
    if missing != "leave_out":
        doses |= dict.fromkeys(absent, doses["total body"] if missing == "total_body" else 0.0)
    parts = {tissue: weight * doses[tissue] for tissue, weight in rules.tissues.items() if tissue in doses}
    weighed = sum(rules.tissues[tissue] for tissue in parts)
    rest = {organ: mass for organ, mass in rules.remainder.items() if organ in doses}
    if rest:
        highest = max(doses[tissue] for tissue in parts) if parts else np.inf
        parts["remainder"] = rules.remainder_weight * _remainder(rest, doses, highest, splits=scheme == "icrp60")
        weighed += rules.remainder_weight
    if missing == "leave_out":
        parts = {tissue: part / weighed for tissue, part in parts.items()}
    return EffectiveDose(float(sum(parts.values())), parts, absent)


def _remainder(masses: Mapping[str, float], doses: Mapping[str, float], highest: float, *, splits: bool) -> float:
    """Return the dose to the remainder, by the splitting rule of ICRP 60 where it applies."""

    def mean(organs: list[str]) -> float:
        return sum(masses[organ] * doses[organ] for organ in organs) / sum(masses[organ] for organ in organs)

    top = max(masses, key=lambda organ: doses[organ])
    others = [organ for organ in masses if organ != top]
    if splits and doses[top] > highest and others:
        return (doses[top] + mean(others)) / 2
    return mean(list(masses))
