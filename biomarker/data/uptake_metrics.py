"""Uptake from what a scanner and a dose calibrator measure: SUV in its variants, injected activity, body size.

Every function takes numbers, arrays or columns of a frame, broadcasts them together, and gives back what it was
given: a number, an array, or a Series with the same index. A missing value gives a missing value. The unit stands in
the name of each argument; a value that cannot be in that unit (a height of 1.75 cm, a weight of 70,000 kg) is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from biomarker.data.body_size import body_surface_area, lean_body_mass
from biomarker.data.metric_arguments import Floats, Numbers, aligned, check_indices, one_of
from biomarker.errors import DesignError
from biomarker.kernels.nuclides import decay, nuclide_named

SUV_BASES = ("body_weight", "lean_body_mass", "body_surface_area")
REFERENCE_TIMES = ("scan", "injection")
MASSES = ("kilogram", "gram")


def standardized_uptake_value(
    concentration_kbq_ml: Numbers,
    *,
    injected_mbq: Numbers,
    weight_kg: Numbers = None,
    height_cm: Numbers = None,
    sex: Numbers = None,
    by: str = "body_weight",
    lean_formula: str = "janmahasatian",
    surface_formula: str = "mosteller",
    residual_mbq: Numbers = 0.0,
    nuclide: str | None = None,
    hours_to_scan: Numbers = None,
    hours_assay_to_injection: Numbers = 0.0,
    hours_injection_to_residual: Numbers = 0.0,
    corrected_to: str = "scan",
) -> Numbers:
    """Return the standardised uptake value of an activity concentration.

    ``concentration x size / activity``: the size is weight (SUV or SUVbw), lean body mass (SUL) or body surface area;
    the activity is what was injected, less what stayed in the syringe, each corrected to the time of injection, and
    then decayed to the time that the image is corrected to [1]_.

    Parameters
    ----------
    concentration_kbq_ml : float, array or Series
        Activity concentration, kBq/mL, 0 or more.
    injected_mbq : float, array or Series
        Activity of the syringe before injection, MBq.
    weight_kg, height_cm, sex : float, array or Series
        Of the patient at the scan. Height and sex serve lean body mass; height and weight body surface area.
    by : {"body_weight", "lean_body_mass", "body_surface_area"}
        What is normalised to.
    lean_formula, surface_formula : str
        See `lean_body_mass` and `body_surface_area`.
    residual_mbq : float, array or Series
        Activity left in syringe and line, MBq.
    nuclide : str, optional
        Needed wherever a time is given: "89Zr", "Zr-89".
    hours_to_scan : float, array or Series, optional
        From injection to the time that the image is corrected to: the start of the scan, as a rule.
    hours_assay_to_injection, hours_injection_to_residual : float, array or Series
        From the time that the syringe's activity is of to injection, and from injection to the time of the residue's,
        h. Negative for a syringe calibrated to a time after the injection, and a residue corrected to one before.
    corrected_to : {"scan", "injection"}
        The time that the concentration is decay-corrected to. With "injection" `hours_to_scan` is not needed.

    Returns
    -------
    float, array or Series
        g/mL; cm²/mL for body surface area.

    Raises
    ------
    DesignError
        If a unit looks wrong, a measurement is lacking or below 0, the residue is more than was injected, a time is
        given without its nuclide, or the nuclide is unknown.

    References
    ----------
    .. [1] Boellaard R, and others. Eur J Nucl Med Mol Imaging 2015;42:328-354.

    Examples
    --------
    Four days after 37 MBq of 89Zr in a patient of 70 kg; 0.8 MBq were left in the syringe:

    >>> suv = standardized_uptake_value(
    ...     1.2, injected_mbq=37, residual_mbq=0.8, weight_kg=70, nuclide="89Zr", hours_to_scan=96)
    >>> round(suv, 3)
    5.422
    """
    one_of(by, SUV_BASES, "by")
    one_of(corrected_to, REFERENCE_TIMES, "corrected_to")
    given: dict[str, Numbers] = {
        "concentration_kbq_ml": concentration_kbq_ml,
        "injected_mbq": injected_mbq,
        "residual_mbq": residual_mbq,
        "hours_to_scan": hours_to_scan if corrected_to == "scan" else 0.0,
        "hours_assay_to_injection": hours_assay_to_injection,
        "hours_injection_to_residual": hours_injection_to_residual,
    }
    if corrected_to == "scan" and hours_to_scan is None:
        raise DesignError(
            'hours_to_scan is lacking; give the hours from injection to the scan, or corrected_to = "injection" where '
            "the image is decay-corrected to the injection"
        )
    size, unit_factor = _body_size(by, weight_kg, height_cm, sex, lean_formula, surface_formula, given)
    numbers, restore = aligned({**given, **size})
    half_life = _half_life(nuclide, [numbers[name] for name in given if name.startswith("hours")])
    at_injection = numbers["injected_mbq"] * decay(half_life, numbers["hours_assay_to_injection"])
    left_over = numbers["residual_mbq"] * decay(half_life, -numbers["hours_injection_to_residual"])
    if np.any(left_over >= at_injection):
        raise DesignError("residual_mbq is as much as was injected or more; check which column is which")
    activity = (at_injection - left_over) * decay(half_life, numbers["hours_to_scan"])
    return restore(unit_factor * numbers["concentration_kbq_ml"] * numbers["size"] / activity)


def _body_size(
    by: str, weight: Numbers, height: Numbers, sex: Numbers, lean: str, surface: str, given: Mapping[str, Numbers]
) -> tuple[dict[str, Numbers], float]:
    """Return the size to normalise to, under the name "size", and what makes the unit come out as g/mL or cm²/mL."""
    needs = {"body_weight": {"weight_kg": weight}, "body_surface_area": {"weight_kg": weight, "height_cm": height}}
    for name, value in needs.get(by, {"weight_kg": weight, "height_cm": height, "sex": sex}).items():
        if value is None:
            raise DesignError(f"{name} is lacking, and an SUV by {by.replace('_', ' ')} needs it")
    check_indices({**given, "weight_kg": weight, "height_cm": height, "sex": sex})
    if by == "body_weight":
        numbers, restore = aligned({"weight_kg": weight})
        return {"size": restore(numbers["weight_kg"])}, 1.0  # kg x 1000 g/kg over MBq x 1000 kBq/MBq
    if by == "lean_body_mass":
        return {"size": lean_body_mass(weight, height, sex, formula=lean)}, 1.0
    return {"size": body_surface_area(weight, height, formula=surface)}, 10.0  # m² x 10⁴ cm²/m² over 1000 kBq/MBq


def decay_factor(nuclide: str, hours: Numbers) -> Numbers:
    """Return the share of an activity that is left after some hours; of a time before, what it was a multiple of.

    Parameters
    ----------
    nuclide : str
        "89Zr", "Zr-89", "zirconium-89".
    hours : float, array or Series
        Negative for a time before.

    Returns
    -------
    float, array or Series
        A fraction; above 1 for a time before.

    Raises
    ------
    DesignError
        If the nuclide is unknown; the message holds the nearest.

    Examples
    --------
    >>> round(decay_factor("89Zr", 96), 4), round(decay_factor("F-18", -1), 4)
    (0.428, 1.4606)
    """
    half_life = half_life_hours(nuclide)
    numbers, restore = aligned({"elapsed": hours})
    return restore(decay(half_life, numbers["elapsed"]))


def half_life_hours(nuclide: str) -> float:
    """Return a nuclide's half-life in hours, or raise a `DesignError` that holds the nearest known."""
    try:
        return nuclide_named(nuclide).half_life
    except ValueError as error:
        raise DesignError(str(error)) from None


def percent_injected_activity(
    concentration_kbq_ml: Numbers,
    *,
    injected_mbq: Numbers,
    volume_ml: Numbers = None,
    density_g_ml: Numbers = 1.0,
    nuclide: str | None = None,
    hours_to_scan: Numbers = 0.0,
    per: str = "kilogram",
) -> Numbers:
    """Return the share of the injected activity in a volume, %ID, or in each kilogram or gram of tissue.

    Parameters
    ----------
    concentration_kbq_ml : float, array or Series
        kBq/mL. With `nuclide` and `hours_to_scan` as it was at the scan; without them corrected to the injection.
    injected_mbq : float, array or Series
        Net injected activity at the time of injection, MBq.
    volume_ml : float, array or Series, optional
        With it %ID of that volume; without it %ID/kg or %ID/g.
    density_g_ml : float, array or Series
        Of the tissue, for %ID/kg and %ID/g.
    nuclide, hours_to_scan : str, and float, array or Series
        To correct for decay.
    per : {"kilogram", "gram"}
        Mass that %ID without a volume is divided by.

    Returns
    -------
    float, array or Series
        %ID; or %ID/kg or %ID/g without a volume.

    Raises
    ------
    DesignError
        If a unit looks wrong, or a time is given without its nuclide.

    Examples
    --------
    A liver of 1,500 mL at 5 kBq/mL after 37 MBq:

    >>> round(percent_injected_activity(5, injected_mbq=37, volume_ml=1500), 2)
    20.27
    >>> round(percent_injected_activity(5, injected_mbq=37), 2)
    13.51
    """
    one_of(per, MASSES, "per")
    given = {
        "concentration_kbq_ml": concentration_kbq_ml,
        "injected_mbq": injected_mbq,
        "density_g_ml": density_g_ml,
        "hours_to_scan": hours_to_scan,
        **({} if volume_ml is None else {"volume_ml": volume_ml}),
    }
    numbers, restore = aligned(given)
    half_life = _half_life(nuclide, [numbers["hours_to_scan"]])
    share = (
        100 * numbers["concentration_kbq_ml"] / (numbers["injected_mbq"] * decay(half_life, numbers["hours_to_scan"]))
    )
    if volume_ml is not None:
        return restore(share * numbers["volume_ml"] / 1000)
    return restore(share / numbers["density_g_ml"] / (1000 if per == "gram" else 1))


def target_to_background(target: Numbers, background: Numbers) -> Numbers:
    """Return the ratio of uptake in a target to that in a background; missing where the background is zero.

    Parameters
    ----------
    target, background : float, array or Series
        In one unit, 0 or more.

    Returns
    -------
    float, array or Series
        A pure number; NaN where the background is 0.

    Raises
    ------
    DesignError
        If a value is below 0.

    Examples
    --------
    >>> target_to_background(6.0, 1.5)
    4.0
    """
    numbers, restore = aligned({"target": target, "background": background})
    for name, values in numbers.items():
        if np.any(values < 0):
            raise DesignError(f"{name} is {values[values < 0][0]:g}; uptake is 0 or more")
    below = numbers["background"]
    return restore(numbers["target"] / np.where(below == 0, np.nan, below))


def is_below_resolution(size_mm: Numbers, *, fwhm_mm: Numbers, multiple: float = 2.5) -> Numbers:
    """Say whether a lesion is so small that its uptake is underestimated by the partial-volume effect.

    Recovery is incomplete below some two to three times the resolution of the image (full width at half maximum,
    reconstruction and filter included) [1]_.

    Parameters
    ----------
    size_mm : float, array or Series
        Diameter; the smallest one tells most.
    fwhm_mm : float, array or Series
        Resolution of the image.
    multiple : float
        How many times the resolution a lesion has to measure.

    Returns
    -------
    bool, array or Series of (nullable) booleans
        Missing where the size is.

    Raises
    ------
    DesignError
        If a unit looks wrong or `multiple` is not positive.

    References
    ----------
    .. [1] Soret M, Bacharach SL, Buvat I. J Nucl Med 2007;48:932-945.

    Examples
    --------
    >>> is_below_resolution(12, fwhm_mm=6), is_below_resolution(15, fwhm_mm=6)
    (True, False)
    """
    if isinstance(multiple, bool) or not isinstance(multiple, int | float) or not multiple > 0:
        raise DesignError(f"multiple is {multiple!r}; give a positive number such as 2.5")
    numbers, restore = aligned({"size_mm": size_mm, "fwhm_mm": fwhm_mm})
    size, limit = numbers["size_mm"], multiple * numbers["fwhm_mm"]
    found = restore(np.where(np.isnan(size + limit), np.nan, size < limit))
    if isinstance(found, pd.Series):
        return found.astype("boolean") if found.isna().any() else found.astype(bool)
    if isinstance(found, np.ndarray):
        return found if np.isnan(found).any() else found.astype(bool)
    return None if np.isnan(found) else bool(found)


def _half_life(nuclide: str | None, times: list[Floats]) -> float:
    """Return the half-life to decay by; where every time is zero no nuclide is needed."""
    if nuclide is not None:
        return half_life_hours(nuclide)
    if any(np.any(np.nan_to_num(hours) != 0) for hours in times):
        raise DesignError('a time is given and no nuclide to decay by; give nuclide = "89Zr", say')
    return 1.0
