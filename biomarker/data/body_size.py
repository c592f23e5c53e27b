"""Body size: lean body mass and body surface area by their formulas."""

from __future__ import annotations

import warnings

import numpy as np

from biomarker.data.metric_arguments import Numbers, aligned, one_of
from biomarker.errors import BiomarkerWarning, DesignError

LEAN_FORMULAS = ("janmahasatian", "james")
SURFACE_FORMULAS = ("mosteller", "dubois", "haycock")
# kg/m²: where the parabola of James's formula turns, 1.10 / (2 x 128) and 1.07 / (2 x 148), in kg/cm²
JAMES_TURNS = {"male": 1.10 / (2 * 128) * 1e4, "female": 1.07 / (2 * 148) * 1e4}


def lean_body_mass(weight_kg: Numbers, height_cm: Numbers, sex: Numbers, *, formula: str = "janmahasatian") -> Numbers:
    """Return lean body mass in kg.

    Janmahasatian [1]_ is the default: James's formula [2]_ turns down again in obese patients, so that a heavier one
    would have less lean mass, and it may fall below zero. That of James is the one with 128 for men (DICOM's
    ``LBMJAMES128``), not the misprint with 120. For a sex other than female or male it is the mean of both, as the
    IBSI has it.

    Parameters
    ----------
    weight_kg, height_cm : float, array or Series
    sex : str, array or Series
        "female", "male" or "other" (the mean of both); F, M and O are understood in either case. Unknown, U and an
        empty cell are missing.
    formula : {"janmahasatian", "james"}
        James's formula is a parabola in weight: above a body mass index of 43 (men) or 36 (women) a heavier patient
        gets a lower lean mass, which is warned of.

    Returns
    -------
    float, array or Series
        kg.

    Raises
    ------
    DesignError
        If a unit looks wrong, a sex is not known, or James's formula gives no positive mass.

    References
    ----------
    .. [1] Janmahasatian S, and others. Quantification of lean bodyweight. Clin Pharmacokinet 2005;44:1051-1065.
    .. [2] James WPT. Research on obesity. London: HMSO; 1976.

    Examples
    --------
    >>> round(lean_body_mass(70, 175, "male"), 2), round(lean_body_mass(70, 175, "M", formula="james"), 2)
    (55.86, 56.52)
    """
    one_of(formula, LEAN_FORMULAS, "formula")
    numbers, restore = aligned({"weight_kg": weight_kg, "height_cm": height_cm, "sex": sex})
    weight, height, codes = numbers["weight_kg"], numbers["height_cm"], numbers["sex"]
    if formula == "janmahasatian":
        bmi = weight / (height / 100) ** 2
        male, female = 9270 * weight / (6680 + 216 * bmi), 9270 * weight / (8780 + 244 * bmi)
    else:
        male = 1.10 * weight - 128 * (weight / height) ** 2
        female = 1.07 * weight - 148 * (weight / height) ** 2
    mass = codes * male + (1 - codes) * female  # 1 male, 0 female, one half other
    if np.any(mass <= 0):
        raise DesignError(
            f"James's formula gives no positive lean mass for weight_kg = {weight[mass <= 0][0]:g} and height_cm = "
            f'{height[mass <= 0][0]:g}; use formula = "janmahasatian"'
        )
    if formula == "james" and (told := james_note(weight_kg, height_cm, sex)):
        warnings.warn(told, BiomarkerWarning, stacklevel=2)
    return restore(mass)


def james_note(weight_kg: Numbers, height_cm: Numbers, sex: Numbers) -> str:
    """Return what must be said of patients so heavy that James's formula falls with weight; "" where there are none."""
    numbers, _ = aligned({"weight_kg": weight_kg, "height_cm": height_cm, "sex": sex})
    index = numbers["weight_kg"] / (numbers["height_cm"] / 100) ** 2
    limit = np.where(numbers["sex"] == 1, JAMES_TURNS["male"], JAMES_TURNS["female"])
    n = int(np.sum(index > limit))  # a missing size or sex is not above
    if not n:
        return ""
    return (
        f"James's formula falls with weight above a body mass index of {JAMES_TURNS['male']:.0f} (men) or "
        f"{JAMES_TURNS['female']:.0f} kg/m² (women), and is too low in {n} of {index.size} rows; "
        'formula "janmahasatian" does not'
    )


def body_surface_area(weight_kg: Numbers, height_cm: Numbers, *, formula: str = "mosteller") -> Numbers:
    """Return body surface area in m², by Mosteller [1]_, Du Bois [2]_ or Haycock [3]_.

    Parameters
    ----------
    weight_kg, height_cm : float, array or Series
    formula : {"mosteller", "dubois", "haycock"}
        Haycock's was fitted from infants to adults.

    Returns
    -------
    float, array or Series
        m².

    Raises
    ------
    DesignError
        If a unit looks wrong.

    References
    ----------
    .. [1] Mosteller RD. N Engl J Med 1987;317:1098.
    .. [2] Du Bois D, Du Bois EF. Arch Intern Med 1916;17:863-871.
    .. [3] Haycock GB, Schwartz GJ, Wisotsky DH. J Pediatr 1978;93:62-66.

    Examples
    --------
    >>> round(body_surface_area(70, 175), 3), round(body_surface_area(70, 175, formula="dubois"), 3)
    (1.845, 1.848)
    """
    one_of(formula, SURFACE_FORMULAS, "formula")
    numbers, restore = aligned({"weight_kg": weight_kg, "height_cm": height_cm})
    weight, height = numbers["weight_kg"], numbers["height_cm"]
    if formula == "mosteller":
        return restore(np.sqrt(weight * height / 3600))
    if formula == "haycock":
        return restore(0.024265 * weight**0.5378 * height**0.3964)
    return restore(0.007184 * weight**0.425 * height**0.725)
