"""Small-sample p-values of a trend over ordered groups, and rank tests of several groups of patients with lesions.

The normal approximation of Jonckheere and Terpstra is in `rank_tests_several`; here its distribution is counted, or
whole patients are dealt out to the groups anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.arrangements import label_arrangements, tail_p
from biomarker.kernels.describe import cluster_codes, finite_sample
from biomarker.kernels.permutation_distribution import subset_sum_distribution, two_sided_p
from biomarker.kernels.rank_tests_several import jonckheere_terpstra
from biomarker.kernels.ranks import midranks, tie_sum
from biomarker.kernels.resampling import Seed

Floats = NDArray[np.float64]
How = Literal["exact", "permutation", "normal"]

COUNTED_UP_TO = 100  # values whose distribution without ties is counted
PERMUTED_UP_TO = 100  # values with ties that are dealt out anew


class PermutationTest(NamedTuple):
    """A statistic, its standardised value or degrees of freedom, the p and how that was found."""

    statistic: float
    z: float
    p_value: float
    how: How


def jonckheere(groups: Sequence[ArrayLike], *, n_resamples: int = 9999, rng: Seed = 0) -> PermutationTest:
    """Jonckheere-Terpstra test, exact or by permutation when there are few values [1]_.

    Parameters
    ----------
    groups : sequence of array_like of float
        Two or more non-empty samples of finite values, in the order of the trend.
    n_resamples : int
        Random arrangements, when values are tied and too many to list all arrangements.
    rng : int, sequence of int, SeedSequence or Generator
        Where those come from.

    Returns
    -------
    PermutationTest
        J, its standardised value and the two-sided p, twice the smaller tail. Without ties and up to 100 values the
        distribution is counted, as the convolution of those of each group against all before it; with ties
        arrangements are listed or drawn; beyond that the p is normal.

    References
    ----------
    .. [1] Jonckheere AR. Biometrika 1954;41:133-145.

    Examples
    --------
    >>> test = jonckheere([[1.1, 2.0, 2.4], [2.2, 3.1, 3.9], [3.5, 4.8, 5.0]])
    >>> test.statistic, round(test.p_value, 4), test.how
    (25.0, 0.0095, 'exact')
    """
    asymptotic = jonckheere_terpstra(groups)
    samples = [finite_sample(group) for group in groups]
    pooled = np.concatenate(samples)
    sizes = [sample.size for sample in samples]
    if np.isnan(asymptotic.p_value):
        return PermutationTest(asymptotic.statistic, np.nan, np.nan, "normal")
    if tie_sum(pooled) == 0 and pooled.size <= COUNTED_UP_TO:
        p_value = two_sided_p(_untied_distribution(sizes), round(asymptotic.statistic))
        return PermutationTest(asymptotic.statistic, asymptotic.z, p_value, "exact")
    if pooled.size > PERMUTED_UP_TO:
        return PermutationTest(asymptotic.statistic, asymptotic.z, asymptotic.p_value, "normal")
    # pairs are counted doubled, so that ties are whole numbers
    wins = np.sign(pooled[None, :] - pooled[:, None]) + 1
    observed = round(2 * asymptotic.statistic)
    complete, chunks = label_arrangements(np.repeat(np.arange(len(sizes)), sizes), n_resamples=n_resamples, rng=rng)
    below = above = total = 0
    for labels in chunks:
        doubled = np.rint(_ordered_wins(wins, labels, len(sizes)))
        below, above = below + int(np.sum(doubled <= observed)), above + int(np.sum(doubled >= observed))
        total += len(labels)
    p_value = tail_p(below, above, total, complete=complete)
    return PermutationTest(asymptotic.statistic, asymptotic.z, p_value, "exact" if complete else "permutation")


def _untied_distribution(sizes: Sequence[int]) -> Floats:
    """Return the distribution of J: each group's U against all before it, which are independent."""
    distribution, before = np.ones(1), sizes[0]
    for size in sizes[1:]:
        drawn = min(size, before)  # U is symmetric in its two samples
        ranks = np.arange(1, before + size + 1)
        u = subset_sum_distribution(ranks, drawn)[drawn * (drawn + 1) // 2 :]
        distribution = np.convolve(distribution, u)
        before += size
    return distribution


def _ordered_wins(wins: Floats, labels: NDArray[np.intp], n_groups: int) -> Floats:
    """Return for each arrangement the wins of later groups over earlier ones."""
    total = np.zeros(len(labels))
    for group in range(n_groups - 1):
        total += np.sum(((labels == group) @ wins) * (labels > group), axis=1)
    return total


class _Scores(NamedTuple):
    """Each patient's sum of centred ranks (doubled), group and number of lesions."""

    scores: Floats
    group: NDArray[np.intp]
    sizes: Floats


def _patient_scores(values: ArrayLike, group: ArrayLike, cluster: ArrayLike) -> _Scores:
    sample = finite_sample(values)
    codes, n_clusters = cluster_codes(cluster, sample.size)
    groups = np.asarray(group, dtype=np.intp)
    of_patient = np.zeros(n_clusters, np.intp)
    of_patient[codes] = groups
    if np.any(of_patient[codes] != groups):
        raise ValueError("the group varies within a patient")
    doubled = 2 * midranks(sample) - (sample.size + 1)
    sums = np.bincount(codes, doubled, minlength=n_clusters).astype(np.float64)
    return _Scores(sums, of_patient, np.bincount(codes, minlength=n_clusters).astype(np.float64))


def patient_trend(
    values: ArrayLike, group: ArrayLike, cluster: ArrayLike, *, n_resamples: int = 9999, rng: Seed = 0
) -> PermutationTest:
    """Trend of ranks over ordered groups of patients, permuting whole patients.

    The statistic is Cuzick's [1]_: the sum of ranks times the number of the group; lesions are ranked together and
    patients dealt out to the groups anew, so that lesions of one patient stay together. With two groups it is
    `patient_rank_sum`.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite values.
    group : array_like of int, shape (n,)
        The group of each value, counted from 0 in the order of the trend; constant within a patient.
    cluster : array_like, shape (n,)
        The patient of each value.
    n_resamples : int
        Random arrangements, where they are too many to list.
    rng : int, sequence of int, SeedSequence or Generator
        Where those come from.

    Returns
    -------
    PermutationTest
        Positive where later groups are the higher. NaN p when all values or all groups are equal.

    References
    ----------
    .. [1] Cuzick J. A Wilcoxon-type test for trend. Stat Med 1985;4:87-90.

    Examples
    --------
    >>> uptake = [1.0, 1.4, 2.2, 3.1, 2.8, 5.0, 6.2, 1.9]
    >>> test = patient_trend(uptake, [0, 0, 0, 1, 1, 2, 2, 1], [1, 1, 2, 3, 3, 4, 4, 5])
    >>> test.statistic, round(test.p_value, 3), test.how
    (12.5, 0.133, 'exact')
    """
    found = _patient_scores(values, group, cluster)
    steps = found.group - found.group.mean()
    observed = float(found.group @ found.scores)
    spread = float(np.sqrt(np.sum(steps**2) * np.sum((found.scores - found.scores.mean()) ** 2)))
    if not spread > 0:
        return PermutationTest(observed / 2, np.nan, np.nan, "normal")
    z = float(steps @ found.scores) * np.sqrt(found.scores.size - 1) / spread
    complete, chunks = label_arrangements(found.group, n_resamples=n_resamples, rng=rng)
    below = above = total = 0
    for labels in chunks:
        dealt = labels @ found.scores  # whole numbers: no rounding can make a tie of a difference
        below, above = below + int(np.sum(dealt <= observed + 1e-6)), above + int(np.sum(dealt >= observed - 1e-6))
        total += len(labels)
    p_value = tail_p(below, above, total, complete=complete)
    return PermutationTest(observed / 2, float(z), p_value, "exact" if complete else "permutation")


def patient_kruskal_wallis(
    values: ArrayLike, group: ArrayLike, cluster: ArrayLike, *, n_resamples: int = 9999, rng: Seed = 0
) -> PermutationTest:
    """Kruskal-Wallis statistic of lesions, referred to arrangements of whole patients.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite values.
    group : array_like of int, shape (n,)
        The group of each value, counted from 0; constant within a patient.
    cluster : array_like, shape (n,)
        The patient of each value.
    n_resamples : int
        Random arrangements, where they are too many to list.
    rng : int, sequence of int, SeedSequence or Generator
        Where those come from.

    Returns
    -------
    PermutationTest
        The statistic without a correction for ties, which no arrangement changes; `z` is NaN. NaN p when all values
        are equal.

    Examples
    --------
    >>> uptake = [1.0, 1.4, 2.2, 3.1, 2.8, 5.0, 6.2, 1.9]
    >>> test = patient_kruskal_wallis(uptake, [0, 0, 0, 1, 1, 2, 2, 1], [1, 1, 2, 3, 3, 4, 4, 5])
    >>> round(test.statistic, 2), round(test.p_value, 2)
    (5.36, 0.33)
    """
    found = _patient_scores(values, group, cluster)
    if not np.abs(found.scores).max() > 0:
        return PermutationTest(np.nan, np.nan, np.nan, "normal")
    n_groups, n = int(found.group.max()) + 1, float(found.sizes.sum())

    def between(labels: NDArray[np.intp]) -> Floats:
        total = np.zeros(len(labels))
        for one in range(n_groups):
            held = labels == one
            total += (held @ found.scores) ** 2 / np.maximum(held @ found.sizes, 1.0)
        return total

    observed = float(between(found.group[None, :])[0])
    complete, chunks = label_arrangements(found.group, n_resamples=n_resamples, rng=rng)
    as_extreme = total = 0
    for labels in chunks:
        as_extreme += int(np.sum(between(labels) >= observed * (1 - 1e-9)))
        total += len(labels)
    extra = 0 if complete else 1
    # ranks were doubled and centred: a quarter of their squares over the variance n (n + 1) / 12 of ranks
    statistic = observed / 4 * 12 / (n * (n + 1))
    return PermutationTest(
        statistic, np.nan, (as_extreme + extra) / (total + extra), "exact" if complete else "permutation"
    )
