"""Arguments of the uptake metrics: numbers, arrays or columns, checked for their units and brought to one shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.errors import DesignError, nearest

Numbers = Any  # a number, an array or a Series: what goes in comes out
Floats = NDArray[np.float64]


class _Unit(NamedTuple):
    """What a quantity is measured in, the range a patient's value can lie in, and what one outside it hints at."""

    unit: str
    low: float
    high: float
    hint: str


_UNITS: Mapping[str, _Unit] = {
    "weight_kg": _Unit("kg", 1, 400, "in grams or pounds?"),
    "height_cm": _Unit("cm", 30, 260, "in metres, inches or millimetres?"),
    "concentration_kbq_ml": _Unit("kBq/mL", 0, 1e6, "in Bq/mL?"),
    "injected_mbq": _Unit("MBq", 1e-3, 2e4, "in Bq or kBq, or in GBq?"),
    "residual_mbq": _Unit("MBq", 0, 2e4, "in Bq or kBq?"),
    "volume_ml": _Unit("mL", 0, 4e5, "in mm³?"),
    "density_g_ml": _Unit("g/mL", 0.1, 3, "in kg/m³?"),
    "hours": _Unit("h", 0, 2000, "in minutes or seconds?"),
    # a syringe may be calibrated to a time after the injection, and its residue to one before
    "hours_assay_to_injection": _Unit("h", -2000, 2000, "in minutes or seconds?"),
    "hours_injection_to_residual": _Unit("h", -2000, 2000, "in minutes or seconds?"),
    "size_mm": _Unit("mm", 0, 1000, ""),
    "fwhm_mm": _Unit("mm", 0.5, 50, "in cm?"),
}
_SEXES = {
    **dict.fromkeys(("female", "f", "w", "woman", "girl", "weiblich"), "female"),
    **dict.fromkeys(("male", "m", "man", "boy", "männlich", "maennlich"), "male"),
    **dict.fromkeys(("other", "o", "undifferentiated"), "other"),
}
_NO_SEX = ("", "unknown", "u")  # missing: a mean of both would be a guess


def one_of(value: object, known: tuple[str, ...], name: str) -> None:
    """Raise a `DesignError` that names the nearest where an argument is none of the words known."""
    if value not in known:
        raise DesignError(f"{name} is {value!r}{nearest(str(value), known)}; there are {', '.join(known)}")


def check_indices(given: Mapping[str, Numbers]) -> None:
    """Raise a `DesignError` where two columns are of different rows."""
    columns = [(name, value) for name, value in given.items() if isinstance(value, pd.Series)]
    for name, column in columns[1:]:
        if not column.index.equals(columns[0][1].index):
            raise DesignError(f"{name} and {columns[0][0]} are columns of different rows; align their indices first")


def aligned(given: Mapping[str, Numbers]) -> tuple[dict[str, Floats], Any]:
    """Return the arguments as arrays of one shape, and what gives a result the form of the arguments."""
    check_indices(given)
    arrays = {name: _codes(value) if name == "sex" else _floats(name, value) for name, value in given.items()}
    try:
        shaped = dict(zip(arrays, np.broadcast_arrays(*arrays.values()), strict=True))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.ndim)
        raise DesignError(f"arguments of different lengths: {shapes}") from None
    column = next((value for value in given.values() if isinstance(value, pd.Series)), None)

    def restore(result: Floats) -> Numbers:
        if column is not None:
            return pd.Series(result, index=column.index)
        return result if np.ndim(result) else float(result)

    return shaped, restore


def _floats(name: str, value: Numbers) -> Floats:
    try:
        if isinstance(value, pd.Series):
            if pd.api.types.is_bool_dtype(value):
                raise TypeError
            array = value.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise DesignError(f"{name} is {_shown(value)}; give numbers") from None
    unit = _UNITS.get(name, _UNITS["hours"] if name.startswith("hours") else None)
    if np.any(np.isinf(array)):
        raise DesignError(f"{name} holds an infinite value; give finite numbers")
    if unit is not None:
        wrong = array[(array < unit.low) | (array > unit.high)]
        if wrong.size:
            hint = f" (is it {unit.hint})" * bool(unit.hint and wrong[0] > 0)
            raise DesignError(
                f"{name} holds {wrong[0]:g}; values in {unit.unit} lie between {unit.low:g} and {unit.high:g}{hint}"
            )
    return array


def _codes(value: Numbers) -> Floats:
    """Return 1 for male, 0 for female, one half for other, NaN for missing."""
    cells = np.asarray(value, dtype=object)
    codes = np.empty(cells.shape)
    for place, cell in np.ndenumerate(cells):
        is_missing = pd.isna(cell) or str(cell).strip().casefold() in _NO_SEX
        word = None if is_missing else _SEXES.get(str(cell).strip().casefold())
        if word is None and not is_missing:
            raise DesignError(f"sex is {cell!r}{nearest(str(cell), list(_SEXES))}; give female, male or other")
        codes[place] = np.nan if word is None else {"male": 1.0, "female": 0.0, "other": 0.5}[word]
    return codes


def _shown(value: Numbers) -> str:
    if isinstance(value, pd.Series):
        text = next((cell for cell in value if isinstance(cell, str)), None)
        return f"a column of {value.dtype}" + (f" with {text!r}" if text else "")
    return repr(value)[:60]
