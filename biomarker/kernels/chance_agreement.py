"""Agreement beyond chance of any number of readers, with ratings missing, by one set of sums over items.

Every coefficient is 1 less the observed over the expected disagreement, ``1 - (1 - p_a) / (1 - p_e)``: they share the
(weighted) share ``p_a`` of agreeing pairs of ratings and differ in what they call chance, ``p_e``. All are functions of
a few sums over items, so that leaving out patients is a product of weights with those sums.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.patient_variance import ratio_or_nan

Floats = NDArray[np.float64]
MISSING = -1
ROUNDING = 1e-12  # sums of shares leave dust: less than this is no disagreement


class Disagreement(NamedTuple):
    """Observed and expected disagreement, fractions; floats, or arrays of one shape."""

    observed: Any
    expected: Any

    @property
    def coefficient(self) -> Any:  # noqa: ANN401 - a float or an array, as the fields are
        """``1 - observed / expected``; NaN where chance leaves no room for disagreement."""
        top, bottom = np.broadcast_arrays(np.asarray(self.observed, float), np.asarray(self.expected, float))
        return 1 - ratio_or_nan(top, np.where(bottom > ROUNDING, bottom, 0.0))[()]


class RatingSums(NamedTuple):
    """Sums over items, of one study or, with leading axes, of many.

    Attributes
    ----------
    pairs : ndarray, shape (..., q, q)
        Ordered pairs of two ratings of one item.
    shares : ndarray, shape (..., q, q)
        The same, those of each item adding up to 1.
    coincidences : ndarray, shape (..., q, q)
        The same, those of each item adding up to its number of ratings.
    categories : ndarray, shape (..., q)
        Ratings in each category, those of each item adding up to 1.
    readers : ndarray, shape (..., r, q)
        Ratings of each reader in each category.
    n_rated, n_paired : ndarray, shape (...)
        Items with one rating or more, and with two or more.
    """

    pairs: Floats
    shares: Floats
    coincidences: Floats
    categories: Floats
    readers: Floats
    n_rated: Floats
    n_paired: Floats

    def weighted(self, weights: ArrayLike) -> RatingSums:
        """Return the totals when unit u counts ``weights[..., u]`` times; units are the first axis of every sum."""
        given = np.asarray(weights, float)
        return RatingSums(*(np.tensordot(given, part, axes=(-1, 0)) for part in self))

    def total(self) -> RatingSums:
        """Return the totals over units."""
        return RatingSums(*(part.sum(axis=0) for part in self))


def rating_sums(codes: ArrayLike, n_categories: int, units: ArrayLike | None = None) -> RatingSums:
    """Add up ratings over the items of each unit.

    Parameters
    ----------
    codes : array_like of int, shape (n_items, n_readers)
        Category 0..q-1 of each rating; -1 where a reader did not rate.
    n_categories : int
        q, those that nobody used among them.
    units : array_like of int, shape (n_items,), optional
        Unit 0..K-1 of each item, such as its patient; each item by itself where not given.

    Returns
    -------
    RatingSums
        With the units as first axis.

    Raises
    ------
    ValueError
        If codes are not a table, or lie outside -1..q-1.

    Examples
    --------
    Two readers, three items, one of them rated once:

    >>> total = rating_sums([[0, 0], [0, 1], [1, -1]], 2).total()
    >>> total.pairs.tolist(), float(total.n_paired), float(total.n_rated)
    ([[2.0, 1.0], [1.0, 0.0]], 2.0, 3.0)
    """
    table = np.asarray(codes, np.int64)
    q = int(n_categories)
    if table.ndim != 2 or table.shape[1] < 1:
        raise ValueError("codes need a row an item and a column a reader")
    if q < 1 or table.min(initial=0) < MISSING or table.max(initial=0) >= q:
        raise ValueError(f"codes must lie between -1 and {q - 1}")
    n, r = table.shape
    unit = np.arange(n) if units is None else np.asarray(units, np.int64)
    k = int(unit.max(initial=-1)) + 1
    known = table >= 0
    rated = known.sum(axis=1)
    by_reader = np.zeros((k, r, q))
    in_category = np.zeros((k, q))
    ordered = np.zeros((3, k * q * q))
    weights = (np.ones(n), 1 / np.maximum(rated * (rated - 1), 1), 1 / np.maximum(rated - 1, 1))
    for g in range(r):
        here = known[:, g]
        np.add.at(by_reader[:, g], (unit[here], table[here, g]), 1.0)
        np.add.at(in_category, (unit[here], table[here, g]), 1 / rated[here])
        for h in range(g + 1, r):
            both = here & known[:, h]
            place = unit[both] * q * q + table[both, g] * q + table[both, h]
            for part, weight in zip(ordered, weights, strict=True):
                part += np.bincount(place, weight[both], minlength=k * q * q)
    one_way = ordered.reshape(3, k, q, q)
    pairs, shares, coincidences = one_way + np.swapaxes(one_way, -1, -2)
    return RatingSums(
        pairs=pairs,
        shares=shares,
        coincidences=coincidences,
        categories=in_category,
        readers=by_reader,
        n_rated=np.bincount(unit, rated > 0, minlength=k).astype(float),
        n_paired=np.bincount(unit, rated > 1, minlength=k).astype(float),
    )


def percent_agreement(sums: RatingSums, weights: ArrayLike) -> Disagreement:
    """Return the share of agreeing pairs of ratings of an item, averaged over items with two ratings or more.

    Examples
    --------
    >>> total = rating_sums([[0, 0], [0, 1], [1, 1], [1, -1]], 2).total()
    >>> print(f"{percent_agreement(total, np.eye(2)).coefficient:.3f}")
    0.667
    """
    observed = _observed(sums, weights)
    return Disagreement(observed, np.ones(np.shape(observed)))


def specific_agreement(sums: RatingSums, category: int) -> Disagreement:
    """Where one reader sees the category: the share of other readings that see it too [1]_.

    With two readers and two categories these are positive and negative agreement, ``2a / (2a + b + c)`` [2]_.

    References
    ----------
    .. [1] Uebersax JS. A design-independent method for measuring the reliability of psychiatric diagnosis.
       J Psychiatr Res 1982;17:335-342.
    .. [2] Cicchetti DV, Feinstein AR. J Clin Epidemiol 1990;43:551-558.

    Examples
    --------
    >>> codes = [[0, 0]] * 40 + [[0, 1]] * 9 + [[1, 0]] * 6 + [[1, 1]] * 45
    >>> total = rating_sums(codes, 2).total()
    >>> print(", ".join(f"{specific_agreement(total, k).coefficient:.3f}" for k in (0, 1)))
    0.842, 0.857
    """
    row = sums.pairs[..., category, :]
    observed = 1 - ratio_or_nan(row[..., category], row.sum(axis=-1))[()]
    return Disagreement(_clean(observed), np.ones(np.shape(observed)))


def fleiss_kappa(sums: RatingSums, weights: ArrayLike) -> Disagreement:
    """Agreement beyond that of readers who all draw from the same pooled shares of categories [1]_, [2]_.

    With two readers it is Scott's pi.

    References
    ----------
    .. [1] Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull 1971;76:378-382.
    .. [2] Gwet KL. Handbook of inter-rater reliability. 4th ed. 2014 (weights, missing ratings).
    """
    share = ratio_or_nan(sums.categories, sums.n_rated[..., None])
    return Disagreement(_observed(sums, weights), 1 - _crossed(share, share, weights))


def conger_kappa(sums: RatingSums, weights: ArrayLike) -> Disagreement:
    """Agreement beyond that of readers who each draw from their own shares of categories [1]_.

    With two readers who rated the same items it is Cohen's kappa, weighted as given [2]_.

    References
    ----------
    .. [1] Conger AJ. Integration and generalization of kappas for multiple raters. Psychol Bull 1980;88:322-328.
    .. [2] Cohen J. Educ Psychol Meas 1960;20:37-46; Psychol Bull 1968;70:213-220.
    """
    counts = sums.readers.sum(axis=-1, keepdims=True)
    own = np.nan_to_num(ratio_or_nan(sums.readers, counts))
    r = np.asarray((counts[..., 0] > 0).sum(axis=-1), float)
    together = own.sum(axis=-2)
    same_reader = _crossed(own, own, weights).sum(axis=-1)
    chance = ratio_or_nan(_crossed(together, together, weights) - same_reader, r * (r - 1))
    return Disagreement(_observed(sums, weights), (1 - chance)[()])


def gwet_coefficient(sums: RatingSums, weights: ArrayLike) -> Disagreement:
    """Gwet's AC1, and with weights other than the identity AC2 [1]_.

    Chance agreement is what readers reach who guess on the items hard to rate; it stays small where nearly all items
    are of one category, where kappa breaks down.

    References
    ----------
    .. [1] Gwet KL. Computing inter-rater reliability and its variance in the presence of high agreement.
       Br J Math Stat Psychol 2008;61:29-48.
    """
    given = np.asarray(weights, float)
    q = given.shape[-1]
    share = ratio_or_nan(sums.categories, sums.n_rated[..., None])
    spread = (share * (1 - share)).sum(axis=-1)
    expected = 1 - given.sum() * spread / (q * (q - 1)) if q > 1 else np.full(np.shape(spread), np.nan)
    return Disagreement(_observed(sums, weights), expected)


def brennan_prediger(sums: RatingSums, weights: ArrayLike) -> Disagreement:
    """Agreement beyond that of readers to whom all categories are equally likely [1]_; PABAK with two categories [2]_.

    References
    ----------
    .. [1] Brennan RL, Prediger DJ. Educ Psychol Meas 1981;41:687-699.
    .. [2] Byrt T, Bishop J, Carlin JB. Bias, prevalence and kappa. J Clin Epidemiol 1993;46:423-429.
    """
    observed = _observed(sums, weights)
    return Disagreement(observed, np.full(np.shape(observed), 1 - np.asarray(weights, float).mean()))


def _observed(sums: RatingSums, weights: ArrayLike) -> Any:  # noqa: ANN401 - a float or an array
    """Return 1 less the mean, over items with two ratings or more, of the weighted share of agreeing pairs."""
    agreeing = (sums.shares * np.asarray(weights, float)).sum(axis=(-2, -1))
    return _clean(1 - ratio_or_nan(agreeing, sums.n_paired)[()])


def _clean(disagreement: Any) -> Any:  # noqa: ANN401
    """Return 0 for the dust that rounding leaves of perfect agreement."""
    return np.where(np.abs(disagreement) < ROUNDING, 0.0, disagreement)[()]


def _crossed(first: Floats, second: Floats, weights: ArrayLike) -> Any:  # noqa: ANN401
    """Return the weighted agreement of two independent draws."""
    return np.einsum("...k,kl,...l->...", first, np.asarray(weights, float), second)
