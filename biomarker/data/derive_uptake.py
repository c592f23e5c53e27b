"""Columns of uptake computed from columns of the same row: SUV, %ID, body size, target to background, partial volume.

Each function returns the column and a phrase that says what it is, as those of `derive_columns` do. Where an option
takes a column or one number for all rows, a text is the column and a number the number.
"""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd

from biomarker.data.body_size import body_surface_area, james_note, lean_body_mass
from biomarker.data.columns import numbers_of, require_columns
from biomarker.data.metric_arguments import Numbers
from biomarker.data.uptake_metrics import (
    is_below_resolution,
    percent_injected_activity,
    standardized_uptake_value,
    target_to_background,
)
from biomarker.errors import BiomarkerWarning, DesignError

_SUV_NAMES = {"body_weight": "suv", "lean_body_mass": "sul", "body_surface_area": "suv_bsa"}


def suv_column(
    frame: pd.DataFrame,
    *,
    concentration: str,
    injected: str | float,
    weight: str | float,
    place: str,
    height: str | float | None = None,
    sex: str | None = None,
    residual: str | float = 0.0,
    hours_to_scan: str | float | None = None,
    hours_assay_to_injection: str | float = 0.0,
    hours_injection_to_residual: str | float = 0.0,
    **words: Any,  # noqa: ANN401 - by, formulas, nuclide and corrected_to: passed on as they are
) -> tuple[pd.Series, str]:
    """Give the SUV of an activity concentration in kBq/mL; activities in MBq, kg, cm and h."""
    given = {
        "injected_mbq": injected,
        "weight_kg": weight,
        "height_cm": height,
        "residual_mbq": residual,
        "hours_to_scan": hours_to_scan,
        "hours_assay_to_injection": hours_assay_to_injection,
        "hours_injection_to_residual": hours_injection_to_residual,
    }
    numbers = {name: _value(frame, value, place) for name, value in given.items() if value is not None}
    of = _value(frame, concentration, place)
    if sex is not None:
        require_columns(frame, [sex], key=place)
        numbers["sex"] = frame[sex]
    column = _placed(place, standardized_uptake_value, of, **numbers, **words)
    by = str(words.get("by", "body_weight"))
    used = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in words.items() if key != "by")
    less = f" less {residual}" if residual else ""
    text = f"SUV by {by.replace('_', ' ')} from {concentration}, {injected}{less} and {weight}"
    is_james = by == "lean_body_mass" and words.get("lean_formula") == "james"
    told = james_note(numbers["weight_kg"], numbers["height_cm"], numbers["sex"]) if is_james else ""
    return column.rename(_SUV_NAMES[by]), text + (f" ({used})" if used else "") + (f". {told}" if told else "")


def injected_column(
    frame: pd.DataFrame,
    *,
    concentration: str,
    injected: str | float,
    place: str,
    volume: str | float | None = None,
    density: str | float = 1.0,
    nuclide: str | None = None,
    hours_to_scan: str | float = 0.0,
    per: str = "kilogram",
) -> tuple[pd.Series, str]:
    """Give %ID of a volume in mL, or %ID/kg or %ID/g."""
    given = {"injected_mbq": injected, "volume_ml": volume, "density_g_ml": density, "hours_to_scan": hours_to_scan}
    numbers = {name: _value(frame, value, place) for name, value in given.items() if value is not None}
    of = _value(frame, concentration, place)
    column = _placed(place, percent_injected_activity, of, nuclide=nuclide, per=per, **numbers)
    mass = "g" if per == "gram" else "kg"
    unit, name = (f"%ID/{mass}", f"percent_injected_per_{mass}") if volume is None else ("%ID", "percent_injected")
    decayed = f", corrected for the decay of {nuclide}" if nuclide else ""
    return column.rename(name), f"{unit} from {concentration} and {injected}{decayed}"


def lean_mass_column(
    frame: pd.DataFrame, *, weight: str, height: str, sex: str, place: str, formula: str = "janmahasatian"
) -> tuple[pd.Series, str]:
    """Give lean body mass in kg."""
    require_columns(frame, [sex], key=place)
    body = (_value(frame, weight, place), _value(frame, height, place), frame[sex])
    column = _placed(place, lean_body_mass, *body, formula=formula)
    told = james_note(*body) if formula == "james" else ""
    text = f"lean body mass by {formula.capitalize()} from {weight}, {height} and {sex}" + (f". {told}" if told else "")
    return column.rename("lean_body_mass_kg"), text


def surface_column(
    frame: pd.DataFrame, *, weight: str, height: str, place: str, formula: str = "mosteller"
) -> tuple[pd.Series, str]:
    """Give body surface area in m²."""
    sizes = [_value(frame, column, place) for column in (weight, height)]
    column = _placed(place, body_surface_area, *sizes, formula=formula)
    return column.rename(
        "body_surface_area_m2"
    ), f"body surface area by {formula.capitalize()} from {weight} and {height}"


def background_column(frame: pd.DataFrame, *, target: str, background: str, place: str) -> tuple[pd.Series, str]:
    """Give the ratio of target to background."""
    column = _placed(place, target_to_background, *(_value(frame, name, place) for name in (target, background)))
    return column.rename(f"{target}_to_background"), f"{target} divided by the background {background}"


def partial_volume_column(
    frame: pd.DataFrame, *, size: str, fwhm: str | float, place: str, multiple: float = 2.5
) -> tuple[pd.Series, str]:
    """Flag what is smaller than a multiple of the resolution; size and resolution in mm."""
    column = _placed(
        place, is_below_resolution, _value(frame, size, place), fwhm_mm=_value(frame, fwhm, place), multiple=multiple
    )
    text = f"whether {size} is below {multiple:g} times the resolution ({fwhm}{' mm' * (not isinstance(fwhm, str))})"
    return column.rename("partial_volume"), text


def _value(frame: pd.DataFrame, given: str | float, place: str) -> Numbers:
    """Return the column that a text names, or the number that stands for every row."""
    if not isinstance(given, str):
        return given
    require_columns(frame, [given], key=place)
    return pd.Series(numbers_of(frame, given), index=frame.index)


def _placed(place: str, function: Any, *values: Numbers, **arguments: Any) -> Any:  # noqa: ANN401
    """Call a metric; what it refuses is told with the place in the study file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BiomarkerWarning)  # each is part of the text that goes with the column
            return function(*values, **arguments)
    except DesignError as error:
        raise DesignError(f"{place}: {error}") from None
