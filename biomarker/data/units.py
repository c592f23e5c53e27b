"""Units a table may be given in, and ours."""

from __future__ import annotations

import re
from fractions import Fraction

from biomarker.errors import StudyError, nearest

DAYS_PER_MONTH = Fraction("30.4375")  # 365.25 / 12
MBQ_PER_MCI = Fraction(37)

# how many of the first unit named in each line one unit is
_SIZES: dict[str, dict[str, Fraction]] = {
    "length": {"mm": Fraction(1), "cm": Fraction(10), "m": Fraction(1000), "in": Fraction("25.4")},
    "volume": {
        "mL": Fraction(1),
        "cm3": Fraction(1),
        "cc": Fraction(1),
        "mm3": Fraction(1, 1000),
        "L": Fraction(1000),
    },
    "time": {
        "days": Fraction(1),
        "d": Fraction(1),
        "s": Fraction(1, 86400),
        "min": Fraction(1, 1440),
        "h": Fraction(1, 24),
        "weeks": Fraction(7),
        "months": DAYS_PER_MONTH,
        "years": 12 * DAYS_PER_MONTH,
    },
    "activity": {
        "MBq": Fraction(1),
        "Bq": Fraction(1, 10**6),
        "kBq": Fraction(1, 1000),
        "GBq": Fraction(1000),
        "mCi": MBQ_PER_MCI,
        "uCi": MBQ_PER_MCI / 1000,
    },
    "mass": {
        "g": Fraction(1),
        "ng": Fraction(1, 10**9),
        "ug": Fraction(1, 10**6),
        "mg": Fraction(1, 1000),
        "kg": Fraction(1000),
        "lb": Fraction("453.59237"),
    },
    "activity concentration": {"kBq/mL": Fraction(1), "Bq/mL": Fraction(1, 1000), "MBq/L": Fraction(1)},
    "mass concentration": {"ng/mL": Fraction(1), "ug/mL": Fraction(1000), "ug/L": Fraction(1), "mg/L": Fraction(1000)},
    "share": {"%": Fraction(1), "fraction": Fraction(100)},
    "uptake": {"g/mL": Fraction(1), "g/cm3": Fraction(1)},
}
_SPELLINGS = {
    "ml": "mL",
    "l": "L",
    "cm^3": "cm3",
    "mm^3": "mm3",
    "ccm": "cc",
    "hours": "h",
    "percent": "%",
    "inch": "in",
}
_NAMED_UNITS = ("mm", "cm", "mL", "g", "kg", "mg", "MBq", "days", "weeks", "months", "years")
_SUFFIX_UNITS = {unit.lower(): unit for unit in _NAMED_UNITS}
_SUFFIX_UNITS |= {"h": "h", "hours": "h", "percent": "%"}


def unit_factor(given: str, ours: str, *, place: str = "units") -> Fraction:
    """Return what to multiply a value in the `given` unit by, to have it in `ours`.

    Raises
    ------
    StudyError
        If the unit is unknown, or measures something else.

    Examples
    --------
    >>> unit_factor("cm", "mm"), float(unit_factor("mCi", "MBq"))
    (Fraction(10, 1), 37.0)
    >>> round(float(unit_factor("weeks", "months")), 4)
    0.23
    """
    given, ours = _spelled(given), _spelled(ours)
    sizes = next((line for line in _SIZES.values() if ours in line), {ours: Fraction(1)})
    if given in sizes:
        return sizes[given] / sizes[ours]
    known = [unit for line in _SIZES.values() for unit in line]
    hint = "" if given in known else nearest(given, list(sizes))
    raise StudyError(f"{place}: cannot turn {given!r} into {ours}{hint}; known here are {', '.join(sizes)}")


def _spelled(unit: str) -> str:
    plain = unit.strip().replace("µ", "u").replace("μ", "u").replace("³", "3")
    return _SPELLINGS.get(plain, plain)


def unit_in_name(column: str) -> str:
    """Return the unit that ends a column's name, or ``""``; of units per another, kBq/mL alone is told from the name.

    Examples
    --------
    >>> unit_in_name("duration_months"), unit_in_name("spleen_volume_ml"), unit_in_name("response")
    ('months', 'mL', '')
    """
    if column.endswith("_kbq_per_ml"):
        return "kBq/mL"
    match = None if "_per_" in column else re.fullmatch(r".+_([a-z]+)", column)
    return _SUFFIX_UNITS.get(match[1], "") if match else ""
