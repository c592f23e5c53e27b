"""Rank tests for lesions nested in patients.

Where the group belongs to the patient, or differences are paired within lesions, whole patients are exchangeable
under the hypothesis, and permuting (or sign-flipping) them gives a test that is exact however few patients there
are, however uneven their lesion counts and however alike their lesions. Where both groups occur within patients
there is Datta and Satten's test.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from biomarker.kernels.describe import cluster_codes, finite_sample
from biomarker.kernels.interval import Interval
from biomarker.kernels.permutation_distribution import (
    MAX_OPERATIONS,
    sign_flip_distribution,
    subset_sum_cost,
    subset_sum_distribution,
    two_sided_p,
)
from biomarker.kernels.rank_tests import LAID_OUT, RankTest, hodges_lehmann, normal_p, pseudo_median
from biomarker.kernels.rank_tests_several import ChiSquareTest
from biomarker.kernels.ranks import midranks, row_midranks
from biomarker.kernels.resampling import Seed, seed_sequence

Floats = NDArray[np.float64]


def _membership(in_group: ArrayLike, codes: NDArray[np.intp]) -> tuple[NDArray[np.bool_], Floats]:
    """Return each row's membership and each patient's share of rows in the group."""
    member = np.asarray(in_group)
    if member.dtype != np.bool_ or member.shape != codes.shape:
        raise ValueError("in_group is one bool per value")
    return member, np.bincount(codes, member) / np.bincount(codes)


def patient_rank_sum(
    values: ArrayLike, in_group: ArrayLike, cluster: ArrayLike, *, max_operations: int = MAX_OPERATIONS
) -> RankTest:
    """Rank-sum test between groups of patients, permuting whole patients.

    All lesions are ranked together; each patient scores the sum of its lesions' ranks less their expectation, so
    that a patient with many ordinary lesions scores nothing; the total score of one group is referred to its
    distribution over all ways of choosing as many patients. With one lesion per patient this is the exact
    Mann-Whitney test. The idea, with a normal approximation, is that of Rosner, Glynn and Lee [1]_.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite values.
    in_group : array_like of bool, shape (n,)
        True for lesions of the first group; constant within each patient.
    cluster : array_like, shape (n,)
        The patient of each value.
    max_operations : int
        Count exactly when that takes no more additions than this.

    Returns
    -------
    RankTest
        `statistic` is the sum of centred ranks in the first group, positive when its lesions are the larger. Exact
        unless counting would take too long, then normal with the permutation variance. NaN when a group is empty or
        all values are equal.

    Raises
    ------
    ValueError
        If the group varies within a patient.

    References
    ----------
    .. [1] Rosner B, Glynn RJ, Lee MLT. Incorporation of clustering effects for the Wilcoxon rank sum test:
       a large-sample approach. Biometrics 2003;59:1089-1098.

    Examples
    --------
    >>> uptake = [9.5, 10.0, 5.4, 14.6, 19.3, 1.2, 3.9, 0.1, 0.6, 1.6]
    >>> patient = [1, 1, 2, 2, 3, 4, 4, 5, 5, 6]
    >>> test = patient_rank_sum(uptake, np.arange(10) < 5, patient)
    >>> round(test.p_value, 3)  # 2 of the 20 ways to choose 3 of 6 patients are as extreme
    0.1
    """
    sample = finite_sample(values)
    codes, n_clusters = cluster_codes(cluster, sample.size)
    member, share = _membership(in_group, codes)
    if np.any((share > 0) & (share < 1)):
        raise ValueError("the group varies within a patient")
    chosen = share == 1
    size = int(chosen.sum())
    # doubled, so that midranks give whole numbers
    doubled = np.rint(2 * midranks(sample)).astype(np.int64) - (sample.size + 1)
    scores = np.bincount(codes, doubled, minlength=n_clusters).astype(np.int64)
    statistic = float(doubled[member].sum()) / 2
    if size in (0, n_clusters) or not scores.any():
        return RankTest(statistic, np.nan, np.nan, exact=False)
    shifted = scores - scores.min()
    divisor = int(np.gcd.reduce(shifted)) or 1  # equal scores throughout have no divisor
    shifted //= divisor
    # the smaller group is counted: the other one's total is the complement
    counted, rows = (size, chosen) if 2 * size <= n_clusters else (n_clusters - size, ~chosen)
    if subset_sum_cost(shifted, counted) <= max_operations:
        distribution = subset_sum_distribution(shifted, counted)
        return RankTest(statistic, np.nan, two_sided_p(distribution, int(shifted[rows].sum())), exact=True)
    variance = size * (n_clusters - size) / n_clusters * float(np.var(scores, ddof=1))
    z = (float(scores[chosen].sum()) - size * float(scores.mean())) / np.sqrt(variance)
    return RankTest(statistic, float(z), normal_p(z), exact=False)


def _below(place: NDArray[np.intp], weights: Floats) -> Floats:
    """Return for each row the weight of all rows at a lower place, and half that of the rows at its own."""
    values, group = np.unique(place, return_inverse=True)
    held = np.bincount(group, weights, minlength=values.size)
    return np.asarray((np.cumsum(held) - held / 2)[group], dtype=np.float64)


def datta_satten(values: ArrayLike, in_group: ArrayLike, cluster: ArrayLike) -> RankTest:
    """Rank-sum test for clustered values whose groups may both occur within patients [1]_.

    The Wilcoxon statistic averaged over all ways of drawing one lesion per patient, so that every patient weighs the
    same, with the authors' variance. The standardised statistic is referred to t with K - 1 degrees of freedom
    rather than the normal distribution, because patients are few.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite values.
    in_group : array_like of bool, shape (n,)
        True for lesions of the first group.
    cluster : array_like, shape (n,)
        The patient of each value.

    Returns
    -------
    RankTest
        `statistic` is the authors' S. NaN p when a group is empty or the variance is zero.

    References
    ----------
    .. [1] Datta S, Satten GA. Rank-sum tests for clustered data. J Am Stat Assoc 2005;100:908-915.

    Examples
    --------
    >>> test = datta_satten([9.5, 1.0, 5.4, 0.6, 19.3, 1.2], [True, False] * 3, [1, 1, 2, 2, 3, 3])
    >>> test.statistic  # under the hypothesis 0.75, half the sum over patients of their share of such lesions
    0.9375
    """
    sample = finite_sample(values)
    codes, n_clusters = cluster_codes(cluster, sample.size)
    member, share = _membership(in_group, codes)
    sizes = np.bincount(codes)
    if member.all() or not member.any() or n_clusters < 2:
        return RankTest(np.nan, np.nan, np.nan, exact=False)
    # how much of the patients together, and of its own, lies below each lesion, ties one half; nothing is laid out in
    # pairs, so that memory and time grow with the rows alone
    place = np.unique(sample, return_inverse=True)[1]
    everyone = _below(place, 1 / sizes[codes])
    within = _below(codes * (int(place.max()) + 1) + place, np.ones(sample.size))
    ahead = np.concatenate([[0], np.cumsum(sizes)[:-1]])[codes]  # rows of patients that sort before one's own
    others = everyone - (within - ahead) / sizes[codes]
    statistic = float(np.sum(member / sizes[codes] * (1 + others))) / (n_clusters + 1)
    expected = float(share.sum()) / 2
    pooled = _below(place, np.full(sample.size, 1 / sample.size))
    rest = share.sum() - share
    influence = np.bincount(codes, ((n_clusters - 1) * member - rest[codes]) * pooled) / sizes
    deviation = (influence - (n_clusters * share - share.sum()) / 2) / (n_clusters + 1)
    spread = float(np.sqrt(np.sum(deviation**2)))
    if spread == 0:
        return RankTest(statistic, np.nan, np.nan, exact=False)
    z = (statistic - expected) / spread
    return RankTest(statistic, z, float(2 * stdtr(n_clusters - 1, -abs(z))), exact=False)


def shift_interval(
    values: ArrayLike,
    in_group: ArrayLike,
    cluster: ArrayLike,
    *,
    test: Callable[[Floats, NDArray[np.bool_], ArrayLike], RankTest],
    confidence_level: float = 0.95,
) -> Interval:
    """Shifts of the group against the rest that a rank test does not refute.

    The group's values are moved by each candidate and tested again; the search goes outward from the Hodges-Lehmann
    estimate by halving, over the gaps between the differences of pairs, within which no rank changes. Where there are
    too many pairs to lay out, it halves the shift itself.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite values.
    in_group : array_like of bool, shape (n,)
        True for lesions of the first group.
    cluster : array_like, shape (n,)
        The patient of each value.
    test : callable
        ``test(values, in_group, cluster)``, such as `patient_rank_sum` or `datta_satten`.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        Limits are differences of pairs; infinite where no shift, however large, is refuted.

    Examples
    --------
    >>> uptake = [9.5, 10.0, 5.4, 14.6, 19.3, 8.1, 1.2, 3.9, 0.1, 0.6, 1.6, 2.2]
    >>> patient = [1, 1, 2, 2, 3, 4, 5, 5, 6, 6, 7, 8]
    >>> limits = shift_interval(uptake, np.arange(12) < 6, patient, test=patient_rank_sum)
    >>> print(f"{limits.low:.1f} to {limits.high:.1f}")
    5.3 to 18.7
    """
    sample = finite_sample(values)
    member = np.asarray(in_group, dtype=np.bool_)
    first, second = np.sort(sample[member]), np.sort(sample[~member])

    def refuted(shift: float) -> bool:
        return test(sample - np.where(member, shift, 0.0), member, cluster).p_value <= 1 - confidence_level

    if first.size * second.size > LAID_OUT:
        centre = hodges_lehmann(first, second, method="asymptotic").shift
        return _searched(refuted, first[0] - second[-1], centre, first[-1] - second[0])
    differences = np.subtract.outer(first, second).ravel()
    return _between_steps(refuted, np.unique(differences), float(np.median(differences)))


def _between_steps(refuted: Callable[[float], bool], steps: Floats, centre: float) -> Interval:
    """Return the outermost of `steps`, the only values at which the test changes, that are not refuted."""
    # candidates[i] lies below steps[i], the last above them all
    candidates = np.concatenate([[steps[0] - 1], (steps[1:] + steps[:-1]) / 2, [steps[-1] + 1]])
    # both searches begin beside the centre, so that swapping the groups mirrors them step by step
    below, above = (int(np.searchsorted(steps, centre, side)) for side in ("left", "right"))

    def refuted_at(place: int) -> bool:
        return refuted(float(candidates[place]))

    # beyond the candidate last refuted lies nothing the test would accept
    low = _last_refuted(refuted_at, outer=0, inner=below)
    high = _last_refuted(refuted_at, outer=candidates.size - 1, inner=above)
    return Interval(-np.inf if low is None else float(steps[low]), np.inf if high is None else float(steps[high - 1]))


def _searched(refuted: Callable[[float], bool], least: float, centre: float, most: float) -> Interval:
    """Return the same where the steps are too many to lay out: by halving, to a hundred-thousandth of a millionth."""
    limits = []
    for end, beyond in ((least, least - 1), (most, most + 1)):
        outer, inner = beyond, centre
        if not refuted(outer):
            limits.append(-np.inf if end == least else np.inf)
            continue
        while abs(outer - inner) > 1e-11 * (most - least):
            middle = (outer + inner) / 2
            outer, inner = (middle, inner) if refuted(middle) else (outer, middle)
        limits.append(float(inner))
    return Interval(*limits)


def patient_signed_rank(differences: ArrayLike, cluster: ArrayLike) -> RankTest:
    """Signed-rank test of paired differences nested in patients, flipping the signs of whole patients.

    Absolute differences are ranked over all lesions; each patient's signed ranks are summed; under symmetry of every
    patient's differences about zero, taken together, each sum is as likely negative as positive. The statistic is
    that of Rosner, Glynn and Lee [1]_, its distribution exact. With one lesion per patient this is Wilcoxon's
    signed-rank test.

    Parameters
    ----------
    differences : array_like of float, shape (n,)
        Finite differences, one per lesion; zeros are dropped.
    cluster : array_like, shape (n,)
        The patient of each difference.

    Returns
    -------
    RankTest
        `statistic` is the sum of signed ranks. NaN p when every difference is zero.

    References
    ----------
    .. [1] Rosner B, Glynn RJ, Lee MLT. The Wilcoxon signed rank test for paired comparisons of clustered data.
       Biometrics 2006;62:185-192.

    Examples
    --------
    >>> test = patient_signed_rank([0.5, 0.9, 1.4, 2.0, -0.2], ["a", "a", "b", "c", "d"])
    >>> test.statistic, test.p_value
    (13.0, 0.25)
    """
    every = finite_sample(differences)
    codes, _ = cluster_codes(cluster, every.size)
    kept = every != 0
    if not kept.any():
        return RankTest(np.nan, np.nan, np.nan, exact=False)
    doubled = np.rint(2 * midranks(np.abs(every[kept]))).astype(np.int64) * np.sign(every[kept]).astype(np.int64)
    scores = np.bincount(codes[kept], doubled).astype(np.int64)
    magnitudes = np.abs(scores)
    statistic = float(scores.sum()) / 2
    if magnitudes.sum() * magnitudes.size <= MAX_OPERATIONS:
        observed = int(magnitudes[scores > 0].sum())
        return RankTest(statistic, np.nan, two_sided_p(sign_flip_distribution(magnitudes), observed), exact=True)
    z = float(scores.sum() / np.sqrt(np.sum(scores.astype(np.float64) ** 2)))
    return RankTest(statistic, z, normal_p(z), exact=False)


def centre_interval(differences: ArrayLike, cluster: ArrayLike, *, confidence_level: float = 0.95) -> Interval:
    """Centres of paired differences nested in patients that `patient_signed_rank` does not refute.

    Parameters
    ----------
    differences : array_like of float, shape (n,)
        Finite differences, one per lesion.
    cluster : array_like, shape (n,)
        The patient of each difference.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        Limits are averages of pairs of differences; infinite where no centre, however far away, is refuted.

    Examples
    --------
    >>> limits = centre_interval([0.5, 0.9, 1.4, 2.0, 0.2, 1.1, 0.7, 1.9], ["a", "a", "b", "c", "d", "e", "f", "g"])
    >>> print(f"{limits.low:.2f} to {limits.high:.2f}")
    0.50 to 1.90
    """
    sample = finite_sample(differences)

    def refuted(centre: float) -> bool:
        return patient_signed_rank(sample - centre, cluster).p_value <= 1 - confidence_level

    if sample.size**2 > LAID_OUT:
        middle = pseudo_median(sample, method="asymptotic").shift
        return _searched(refuted, float(sample.min()), middle, float(sample.max()))
    first, second = np.triu_indices(sample.size)
    averages = (sample[first] + sample[second]) / 2
    return _between_steps(refuted, np.unique(averages), float(np.median(averages)))


def _last_refuted(refuted: Callable[[int], bool], *, outer: int, inner: int) -> int | None:
    """Return the refuted candidate nearest to `inner`, by halving; None when even `outer` is not refuted."""
    if not refuted(outer):
        return None
    while abs(outer - inner) > 1:
        half = abs(outer - inner) // 2
        middle = outer + half if outer < inner else outer - half
        if refuted(middle):
            outer = middle
        else:
            inner = middle
    return outer


def patient_friedman(blocks: ArrayLike, cluster: ArrayLike, *, n_resamples: int = 9999, rng: Seed = 0) -> ChiSquareTest:
    """Friedman's statistic over lesions, referred to permutations of the times within whole patients.

    All lesions of a patient keep their times in common, so what is permuted is the patient's course, and the lesions of
    a patient count as one observation of it.

    Parameters
    ----------
    blocks : array_like of float, shape (n, k)
        One row per lesion, one column per time; finite, complete.
    cluster : array_like, shape (n,)
        The patient of each row.
    n_resamples : int
        Random permutations.
    rng : int, sequence of int, SeedSequence or Generator
        Where the permutations come from.

    Returns
    -------
    ChiSquareTest
        Friedman's statistic with the permutation p, ``(1 + as extreme) / (1 + n_resamples)``; NaN when every row is
        tied throughout.

    Examples
    --------
    >>> blocks = [[1.4, 2.9, 2.1], [0.7, 1.1, 0.9], [2.2, 4.0, 4.1], [1.0, 1.3, 1.6]]
    >>> test = patient_friedman(blocks, ["a", "a", "b", "c"], n_resamples=999)
    >>> round(test.statistic, 2), test.p_value > 0.05
    (6.0, True)
    """
    table = np.asarray(blocks, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2 or not np.all(np.isfinite(table)):
        raise ValueError("Friedman needs a complete table: one row per block, two or more columns, finite values")
    n, k = table.shape
    codes, n_clusters = cluster_codes(cluster, n)
    centred = row_midranks(table) - (k + 1) / 2
    spread = float(np.sum(centred**2))
    df = float(k - 1)
    if spread == 0:
        return ChiSquareTest(np.nan, df, np.nan)
    totals = np.zeros((n_clusters, k))
    np.add.at(totals, codes, centred)
    observed = float(np.sum(totals.sum(axis=0) ** 2))
    generator = np.random.default_rng(seed_sequence(rng))
    as_extreme = 0
    rows_at_once = max(1, 2_000_000 // (n_clusters * k))
    for first in range(0, n_resamples, rows_at_once):
        rows = min(rows_at_once, n_resamples - first)
        order = generator.random((rows, n_clusters, k)).argsort(axis=2)
        shuffled = np.take_along_axis(np.broadcast_to(totals, order.shape), order, axis=2).sum(axis=1)
        # rank totals are multiples of one half: rounding cannot make a tie of a difference
        as_extreme += int(np.sum(np.sum(shuffled**2, axis=1) >= observed - 1e-6))
    return ChiSquareTest((k - 1) * observed / spread, df, (1 + as_extreme) / (1 + n_resamples))
