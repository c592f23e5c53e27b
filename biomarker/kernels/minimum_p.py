"""What a p-value is worth that was the smallest of many: maximally selected chi-square statistics.

The cutoff that separates two classes with the smallest p is found by looking at every cutoff, so that p itself is far
too small. Three corrections are here: the formula of Miller and Siegmund, Altman's approximation to it, and
permutation of whole patients, which alone is valid when lesions are nested.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from .resampling import BLOCK, Seed, child_stream, chunk_size, seed_sequence
from .weighted_roc import MarkerRows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def chi_square_p(chi_square: ArrayLike) -> FloatArray:
    """Return the uncorrected p of a chi-square with one degree of freedom.

    Examples
    --------
    >>> print(f"{chi_square_p(3.841459):.4f}")
    0.0500
    """
    return np.asarray(chdtrc(1, np.asarray(chi_square, float)))[()]


def miller_siegmund_p(chi_square: float, lowest_share: float, highest_share: float) -> float:
    """Correct the smallest p for having looked at every cutoff [1]_.

    With z the root of the largest chi-square and cutoffs tried from the `lowest_share` to the `highest_share`
    quantile::

        p = phi(z) (z - 1/z) log( high (1 - low) / ((1 - high) low) ) + 4 phi(z) / z

    Parameters
    ----------
    chi_square : float
        The largest uncorrected chi-square over the cutoffs.
    lowest_share, highest_share : float
        Shares of the rows below the first and the last cutoff tried, ``0 < low <= high < 1``.

    Returns
    -------
    float
        At most 1. It is 1 below z = 1, where the approximation has no meaning.

    References
    ----------
    .. [1] Miller R, Siegmund D. Maximally selected chi square statistics. Biometrics 1982;38:1011-1016.

    Examples
    --------
    With cutoffs between the 10 and the 90 % quantile, a smallest p of 0.002 is worth 0.045.

    >>> from scipy.special import chdtri
    >>> print(f"{miller_siegmund_p(chdtri(1, 0.002), 0.1, 0.9):.3f}")
    0.045
    """
    if not 0 < lowest_share <= highest_share < 1:
        raise ValueError("need 0 < lowest_share <= highest_share < 1")
    if np.isnan(chi_square):
        return float("nan")
    z = float(np.sqrt(chi_square))
    if z <= 1:
        return 1.0
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    spread = np.log(highest_share * (1 - lowest_share) / ((1 - highest_share) * lowest_share))
    return float(min(1.0, density * (z - 1 / z) * spread + 4 * density / z))


def altman_p(smallest_p: float, share: float = 0.1) -> float:
    """Approximate the correction of Miller and Siegmund from the smallest p alone [1]_.

    Parameters
    ----------
    smallest_p : float
        Uncorrected; the approximation holds between 0.0001 and 0.1.
    share : {0.05, 0.1}
        Share of the rows left out at either end when cutoffs were tried.

    Returns
    -------
    float
        NaN outside the range in which the approximation holds.

    References
    ----------
    .. [1] Altman DG, Lausen B, Sauerbrei W, Schumacher M. Dangers of using "optimal" cutpoints in the evaluation of
       prognostic factors. J Natl Cancer Inst 1994;86:829-835.

    Examples
    --------
    A smallest p of 0.002 is worth about 0.044.

    >>> print(f"{altman_p(0.002):.3f}")
    0.044
    """
    factors = {0.05: (3.13, 1.65), 0.1: (1.63, 2.35)}
    if share not in factors:
        raise ValueError("the approximation is known for a share of 0.05 or 0.1")
    if not 0.0001 < smallest_p < 0.1:
        return float("nan")
    outer, inner = factors[share]
    return float(-outer * smallest_p * (1 + inner * np.log(smallest_p)))


def permutation_p(rows: MarkerRows, *, minimum_share: float = 0.1, n_permutations: int = 9999, rng: Seed = 0) -> float:
    """Refer the largest chi-square to its distribution when class and marker have nothing to do with each other.

    Where each patient's rows are all of one class, classes are dealt anew to whole patients. Where patients have rows
    of both, the contribution of each patient to the covariance of class and call keeps or changes its sign at random
    (a wild cluster resample), which leaves the dependence within patients as it is.

    Parameters
    ----------
    rows : MarkerRows
        From `weighted_roc.marker_rows`.
    minimum_share : float
        At least this share of the rows lies on either side of every cutoff tried.
    n_permutations : int
        At least 1; p is ``(1 + as large or larger) / (1 + n_permutations)``.
    rng : int, sequence of int, SeedSequence or Generator
        See `resampling.seed_sequence`.

    Returns
    -------
    float
        NaN where no cutoff leaves enough rows on both sides.

    References
    ----------
    .. [1] Hothorn T, Lausen B. On the exact distribution of maximally selected rank statistics.
       Comput Stat Data Anal 2003;43:121-137.
    .. [2] Cameron AC, Gelbach JB, Miller DL. Bootstrap-based improvements for inference with clustered errors.
       Rev Econ Stat 2008;90:414-427.
    """
    if n_permutations < 1:
        raise ValueError("need at least one permutation")
    scan = _scan(rows, minimum_share)
    if not scan.called.size:
        return float("nan")
    truth = scan.truth.astype(float)
    observed = scan.largest(truth[:, None], truth.sum())[0]
    by_patient = rows.patient_classes()
    deal = _dealt_classes if not (by_patient == 2).any() else _changed_signs
    seed, at_once = seed_sequence(rng), chunk_size(rows.n_rows)
    as_large = 0
    for block in range(-(-n_permutations // BLOCK)):
        stream = child_stream(seed, block)
        left = min(BLOCK, n_permutations - block * BLOCK)
        for first in range(0, left, at_once):
            weights, positives = deal(scan, by_patient, stream, min(at_once, left - first))
            as_large += int(np.sum(scan.largest(weights, positives) >= observed * (1 - 1e-9)))
    return (1 + as_large) / (1 + n_permutations)


class _Scan(NamedTuple):
    """All rows sorted by the marker, and the cutoffs tried: rows from `start` on are called positive."""

    patient: IntArray
    truth: NDArray[np.bool_]
    start: IntArray
    called: FloatArray

    def largest(self, weights: FloatArray, positives: FloatArray) -> FloatArray:
        """Return the largest chi-square of each column of row weights, of which `positives` count as positive rows."""
        n = self.truth.size
        sums = np.zeros((n + 1, weights.shape[1]))
        np.cumsum(weights, axis=0, out=sums[1:])
        total = sums[-1]
        covariance = (total - sums[self.start]) - self.called[:, None] / n * total
        spread = (self.called * (n - self.called))[:, None] * (positives * (n - positives))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.max(n**3 * covariance**2 / spread, axis=0))


def _scan(rows: MarkerRows, minimum_share: float) -> _Scan:
    values = np.concatenate([rows.positive, rows.negative])
    order = np.argsort(values, kind="stable")
    values = values[order]
    start = np.flatnonzero(values[1:] > values[:-1]) + 1
    called = (values.size - start).astype(float)
    least = minimum_share * values.size * (1 - 1e-12)
    tried = (called >= least) & (values.size - called >= least)
    return _Scan(
        patient=np.concatenate([rows.positive_patient, rows.negative_patient])[order],
        truth=(np.arange(values.size) < rows.positive.size)[order],
        start=start[tried],
        called=called[tried],
    )


def _dealt_classes(
    scan: _Scan, by_patient: IntArray, stream: np.random.Generator, n: int
) -> tuple[FloatArray, FloatArray]:
    """Return each row's class after the classes were dealt anew to patients, and the positive rows there then are."""
    dealt = stream.permuted(np.tile(by_patient.astype(float), (n, 1)), axis=1)
    weights = np.ascontiguousarray(dealt.T)[scan.patient]
    return weights, weights.sum(axis=0)


def _changed_signs(
    scan: _Scan, by_patient: IntArray, stream: np.random.Generator, n: int
) -> tuple[FloatArray, FloatArray]:
    """Return each row's centred class times the sign its patient drew, and the positive rows there are."""
    signs = stream.integers(0, 2, (n, by_patient.size)) * 2.0 - 1.0
    centred = scan.truth - scan.truth.mean()
    return np.ascontiguousarray(signs.T)[scan.patient] * centred[:, None], np.asarray(scan.truth.sum(dtype=float))
