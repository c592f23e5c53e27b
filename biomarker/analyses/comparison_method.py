"""Which correlation suits an outcome, how two of them are compared, and what a reader is told about it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from biomarker.analyses.result import Estimate, Method, seed_of
from biomarker.errors import DesignError, DirectionWarning
from biomarker.references import (
    DELONG_1988,
    EFRON_TIBSHIRANI_1993,
    GELMAN_STERN_2006,
    HESTERBERG_2015,
    MENG_1992,
    OBUCHOWSKI_1997,
    OLKIN_FINN_1990,
    SOMERS_1962,
    STEIGER_1980,
    WILLIAMS_1959,
    ZOU_2007,
    ZOU_DONNER_2008,
    Reference,
)
from biomarker.vocabulary import column_label

METHODS = ("auto", "pearson", "spearman", "kendall", "somers_d", "auc")
COMPARISONS = ("auto", "jackknife", "bootstrap", "williams", "steiger", "meng")
HOTELLING = "Hotelling's T-squared"
FORMULAS = ("williams", "steiger", "meng")

LABELS: dict[str, tuple[str, tuple[Reference, ...]]] = {
    "pearson_r": ("Pearson correlation", ()),
    "spearman_rho": ("Spearman rank correlation", ()),
    "kendall_tau": ("Kendall rank correlation (tau-b)", ()),
    "somers_d": ("Somers D", (SOMERS_1962,)),
    "auc": ("area under the ROC curve", ()),
}
COEFFICIENTS = {
    "pearson": "pearson_r",
    "spearman": "spearman_rho",
    "kendall": "kendall_tau",
    "somers_d": "somers_d",
    "auc": "auc",
}  # the quantity of each method
_TESTS: dict[str, tuple[str, tuple[Reference, ...]]] = {
    "williams": ("Williams' t test and Zou's interval of the difference", (WILLIAMS_1959, STEIGER_1980, ZOU_2007)),
    "steiger": ("Steiger's Z test and Zou's interval of the difference", (STEIGER_1980, ZOU_2007)),
    "meng": ("the Z test of Meng, Rosenthal and Rubin and Zou's interval of the difference", (MENG_1992, ZOU_2007)),
}


def chosen_method(method: str, kind: str, outcome: str) -> str:
    """Return the coefficient that suits the outcome, or raise a `DesignError` where the one asked for does not."""
    if method == "auto":
        return {"measured": "spearman", "binary": "auc", "ordered": "somers_d"}[kind]
    if method == "auc" and kind != "binary":
        raise DesignError(f"auc needs an outcome of two classes, and {outcome!r} is {kind}: take somers_d")
    if method == "pearson" and kind == "ordered":
        raise DesignError(f"pearson needs numbers, and {outcome!r} has ordered classes: take somers_d or spearman")
    return method


def chosen_comparison(comparison: str, method: str, kind: str, *, is_nested: bool) -> str:
    """Return how differences are tested; ``"roc"`` stands for areas of two classes."""
    if comparison in FORMULAS:
        if method not in ("pearson", "spearman"):
            raise DesignError(f"{comparison} is for pearson and spearman, not for {method}: take jackknife")
        if is_nested:
            raise DesignError(
                f"{comparison} takes rows as independent, and patients have several: take jackknife or bootstrap, or "
                "give patient=None to say that they are"
            )
        return comparison
    if comparison != "auto":
        return comparison
    if kind == "binary" and method in ("auc", "somers_d"):
        return "roc"
    return "williams" if method == "pearson" and not is_nested else "jackknife"


def comparison_notes(lines: Sequence[Estimate], coefficient: str, confidence_level: float) -> list[str]:
    """Warn of opposite directions, and of reading a difference out of two p-values."""
    own = {str(line.of["marker"]): line for line in lines if line.quantity == coefficient}
    centre = 0.5 if coefficient == "auc" else 0.0
    notes, alpha = [], 1 - confidence_level
    above = [name for name, line in own.items() if line.value > centre and line.p_value < alpha]
    below = [name for name, line in own.items() if line.value < centre and line.p_value < alpha]
    if above and below:
        notes.append(
            f"{_named(above)} and {_named(below)} go with the outcome in opposite directions, so a difference is not "
            "one of strength; turn markers round with higher_is_positive."
        )
        warnings.warn(notes[-1], DirectionWarning, stacklevel=3)
    for line in lines:
        if not line.quantity.endswith("_difference") or not line.p_value >= alpha:
            continue
        first, second = (own[str(line.of[side])] for side in ("first", "second"))
        if (first.p_value < alpha) != (second.p_value < alpha) and not np.isnan(first.p_value + second.p_value):
            shown, not_shown = (first, second) if first.p_value < alpha else (second, first)
            notes.append(
                f"{_label(shown)} is told from {centre:g} by its own test and {_label(not_shown)} is not, yet that "
                "does not show that they differ: the test of their difference does not."
            )
    return notes


def _label(line: Estimate) -> str:
    return column_label(str(line.of["marker"]))


def _named(columns: list[str]) -> str:
    return ", ".join(map(column_label, columns))


def comparison_method(
    method: str,
    comparison: str,
    notes: Sequence[str],
    *,
    is_nested: bool,
    n_markers: int,
    settings: Mapping[str, Any],
    confidence_level: float,
    n_resamples: int,
    rng: int | np.random.Generator,
) -> Method:
    """Put a comparison of correlations into words."""
    label, own = LABELS[COEFFICIENTS[method]]
    phrase, references = _phrase(comparison, n_resamples, is_nested=is_nested)
    is_resampled = comparison == "bootstrap"
    joint = ""
    if n_markers > 2:
        of_formula = {"meng": "the heterogeneity test of Meng, Rosenthal and Rubin"}.get(comparison, "a chi-square")
        by_patient = is_nested or comparison in ("jackknife", "bootstrap")
        joint = f", after {HOTELLING if by_patient else of_formula} test of their equality"
        references += (OLKIN_FINN_1990,) if comparison in ("williams", "steiger") else ()
    nested = " Lesions were treated as nested in patients." if is_nested else ""
    read = any("by its own test" in note for note in notes)
    return Method(
        name=f"{label}, {phrase}",
        confidence_level=confidence_level,
        settings={"method": method, "comparison": comparison, "clustered": is_nested} | dict(settings),
        references=(*own, *references, *((GELMAN_STERN_2006,) if read else ())),
        seed=seed_of(rng) if is_resampled else None,
        n_resamples=n_resamples if is_resampled else None,
        notes=tuple(notes),
        description=(
            f"The {label} of each marker with the outcome was estimated on the rows that have all markers, and markers "
            f"were compared in pairs by {phrase}{joint}.{nested}"
        ),
    )


def _phrase(comparison: str, n_resamples: int, *, is_nested: bool) -> tuple[str, tuple[Reference, ...]]:
    unit = "patient" if is_nested else "row"
    if comparison in _TESTS:
        return _TESTS[comparison]
    if comparison == "bootstrap":
        phrase = f"percentile intervals, widened for few {unit}s, from {n_resamples:,} resamples of whole {unit}s"
        return phrase, (HESTERBERG_2015,)
    if comparison == "jackknife":
        phrase = (
            f"leaving out each {unit} in turn (t test of Fisher's z with {unit}s − 1 degrees of freedom, limits of the "
            "difference recovered from those of each)"
        )
        return phrase, (EFRON_TIBSHIRANI_1993, ZOU_DONNER_2008)
    if is_nested:
        return "Obuchowski's variance for lesions nested in patients", (OBUCHOWSKI_1997,)
    return "DeLong's variance", (DELONG_1988,)
