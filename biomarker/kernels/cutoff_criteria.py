"""What makes one cutoff better than another: each criterion as a function of the four counts at every cutoff.

All of them take arrays of any shape, weighted or fractional counts included (resamples, smoothed classes), and give
NaN at a cutoff that is no candidate: where the criterion is undefined, or a demanded minimum is not met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

TOLERANCE = 1e-10
"""Criterion values closer than this, relative to the best, are tied: they differ by rounding only."""


class Counts(NamedTuple):
    """The 2x2 table at each cutoff: counts or summed weights, arrays of one shape."""

    tp: FloatArray
    fp: FloatArray
    fn: FloatArray
    tn: FloatArray


@dataclass(frozen=True, kw_only=True)
class CriterionSettings:
    """The numbers some criteria need; the others ignore them.

    Attributes
    ----------
    minimum : float
        The sensitivity, specificity, PPV or NPV demanded, a fraction.
    prevalence : float
        Prevalence at which cost, PPV and NPV are weighed, a fraction; NaN takes that of the data.
    cost_ratio : float
        Cost of a false negative over that of a false positive, positive.
    """

    minimum: float = float("nan")
    prevalence: float = float("nan")
    cost_ratio: float = 1.0


CriterionFunction = Callable[[Counts, CriterionSettings], FloatArray]


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Divide, with NaN for 0/0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(numerator / denominator)


def sensitivity(counts: Counts) -> FloatArray:
    """Return TP / (TP + FN)."""
    return _ratio(counts.tp, counts.tp + counts.fn)


def specificity(counts: Counts) -> FloatArray:
    """Return TN / (TN + FP)."""
    return _ratio(counts.tn, counts.tn + counts.fp)


def _prevalence(counts: Counts, settings: CriterionSettings) -> FloatArray | float:
    if np.isnan(settings.prevalence):
        diseased = counts.tp + counts.fn
        return _ratio(diseased, diseased + counts.fp + counts.tn)
    return settings.prevalence


def predictive_value(counts: Counts, settings: CriterionSettings, *, positive: bool) -> FloatArray:
    """Return PPV or NPV, by Bayes at the prevalence of the settings or else that of the data."""
    if np.isnan(settings.prevalence):
        if positive:
            return _ratio(counts.tp, counts.tp + counts.fp)
        return _ratio(counts.tn, counts.tn + counts.fn)
    share = settings.prevalence
    right, wrong = (
        (share * sensitivity(counts), (1 - share) * (1 - specificity(counts)))
        if positive
        else ((1 - share) * specificity(counts), share * (1 - sensitivity(counts)))
    )
    return _ratio(right, right + wrong)


def youden(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    """Return sensitivity + specificity - 1 [Youden 1950]."""
    return sensitivity(counts) - _ratio(counts.fp, counts.fp + counts.tn)


def closest_topleft(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    """Return the distance from the corner where both are 1 [Perkins and Schisterman 2006]."""
    return np.hypot(1 - sensitivity(counts), 1 - specificity(counts))


def max_product(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    """Return sensitivity times specificity [Liu 2012]."""
    return sensitivity(counts) * specificity(counts)


def max_accuracy(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    """Return the share classified correctly."""
    return _ratio(counts.tp + counts.tn, counts.tp + counts.fp + counts.fn + counts.tn)


def max_kappa(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    """Return Cohen's kappa between call and truth [Cohen 1960]."""
    tp, fp, fn, tn = counts
    return _ratio(2 * (tp * tn - fp * fn), (tp + fp) * (fp + tn) + (tp + fn) * (fn + tn))


def max_f1(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    """Return the harmonic mean of sensitivity and PPV."""
    return _ratio(2 * counts.tp, 2 * counts.tp + counts.fp + counts.fn)


def _where_enough(demanded: FloatArray, minimum: float, maximised: FloatArray) -> FloatArray:
    """Keep the maximised value where the demanded one is met, allowing for rounding."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(demanded >= minimum - TOLERANCE, maximised, np.nan))


def min_sensitivity(counts: Counts, settings: CriterionSettings) -> FloatArray:
    """Return specificity where sensitivity is at least the minimum."""
    return _where_enough(sensitivity(counts), settings.minimum, specificity(counts))


def min_specificity(counts: Counts, settings: CriterionSettings) -> FloatArray:
    """Return sensitivity where specificity is at least the minimum."""
    return _where_enough(specificity(counts), settings.minimum, sensitivity(counts))


def target_ppv(counts: Counts, settings: CriterionSettings) -> FloatArray:
    """Return NPV where PPV is at least the minimum."""
    ppv = predictive_value(counts, settings, positive=True)
    return _where_enough(ppv, settings.minimum, predictive_value(counts, settings, positive=False))


def target_npv(counts: Counts, settings: CriterionSettings) -> FloatArray:
    """Return PPV where NPV is at least the minimum."""
    npv = predictive_value(counts, settings, positive=False)
    return _where_enough(npv, settings.minimum, predictive_value(counts, settings, positive=True))


def cost(counts: Counts, settings: CriterionSettings) -> FloatArray:
    """Return the expected cost of misclassification per unit, in costs of a false positive [Smith 1991]."""
    prevalence = _prevalence(counts, settings)
    missed = settings.cost_ratio * prevalence * (1 - sensitivity(counts))
    return np.asarray(missed + (1 - prevalence) * (1 - specificity(counts)))


def prevalence_matching(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    """Return how far the share called positive is from the share that is [Manel 2001]."""
    tp, fp, fn, tn = counts
    return _ratio(np.abs(fp - fn), tp + fp + fn + tn)


def max_odds_ratio(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    """Return the diagnostic odds ratio with 1/2 in place of an empty cell, and only there: it stays finite."""
    tp, fp, fn, tn = (np.where(count == 0, 0.5, count) for count in counts)
    return np.asarray(tp * tn / (fp * fn))


def min_p(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    """Return Pearson's chi-square, uncorrected for continuity: where it is largest p is smallest."""
    tp, fp, fn, tn = counts
    total = tp + fp + fn + tn
    # a margin at a time: the product of four margins overflows nothing, but loses digits beyond 2^53
    association = _ratio(tp * tn - fp * fn, (tp + fp) * (fn + tn))
    return np.asarray(association * _ratio(tp * tn - fp * fn, (tp + fn) * (fp + tn)) * total)


def _sensitivity_too(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    return sensitivity(counts)


def _specificity_too(counts: Counts, _settings: CriterionSettings) -> FloatArray:
    return specificity(counts)


def _ppv_too(counts: Counts, settings: CriterionSettings) -> FloatArray:
    return predictive_value(counts, settings, positive=True)


def _npv_too(counts: Counts, settings: CriterionSettings) -> FloatArray:
    return predictive_value(counts, settings, positive=False)


@dataclass(frozen=True)
class Criterion:
    """A criterion: its function, what it is called on an axis, and which way is better.

    Attributes
    ----------
    function : callable
        ``function(counts, settings)``, shape of the counts.
    label : str
        What the value is.
    maximise : bool
        Whether the largest value is best; else the smallest.
    minimum_of : str
        The quantity that must reach ``settings.minimum``; empty when the criterion demands none.
    then : callable or None
        Among equals on `function`, the largest value of this is best; what is still equal is tied.
    """

    function: CriterionFunction
    label: str
    maximise: bool = True
    minimum_of: str = ""
    then: CriterionFunction | None = None


CRITERIA: dict[str, Criterion] = {
    "youden": Criterion(youden, "Youden J"),
    "closest_topleft": Criterion(closest_topleft, "Distance to top left", maximise=False),
    "max_product": Criterion(max_product, "Sensitivity × specificity"),
    "max_accuracy": Criterion(max_accuracy, "Accuracy"),
    "max_kappa": Criterion(max_kappa, "Cohen kappa"),
    "max_f1": Criterion(max_f1, "F1"),
    "min_sensitivity": Criterion(min_sensitivity, "Specificity", minimum_of="sensitivity", then=_sensitivity_too),
    "min_specificity": Criterion(min_specificity, "Sensitivity", minimum_of="specificity", then=_specificity_too),
    "target_ppv": Criterion(target_ppv, "NPV", minimum_of="ppv", then=_ppv_too),
    "target_npv": Criterion(target_npv, "PPV", minimum_of="npv", then=_npv_too),
    "cost": Criterion(cost, "Expected cost", maximise=False),
    "prevalence_matching": Criterion(prevalence_matching, "|Called positive − prevalence|", maximise=False),
    "max_odds_ratio": Criterion(max_odds_ratio, "Diagnostic odds ratio"),
    "min_p": Criterion(min_p, "Chi-square"),
}
"""Every criterion by the name it has in the study file."""
