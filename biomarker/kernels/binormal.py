"""The binormal ROC curve: sensitivity = Φ(a + b Φ⁻¹(1 - specificity)), by maximum likelihood or by regression.

Nothing is assumed of the marker itself, only that some rising transformation makes both classes normal. Only the
order of the data counts, so the marker is first cut into the shortest list of ordered categories with the same
likelihood.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, solveh_banded
from scipy.special import ndtr, ndtri

from biomarker.kernels.roc import RocPoints, roc_points

Floats = NDArray[np.float64]
SQRT_2PI = np.sqrt(2 * np.pi)


class BinormalFit(NamedTuple):
    """A binormal curve: ``a`` separates the classes, ``b`` is the ratio of their spreads (negatives to positives).

    ``covariance`` of (a, b) and ``auc_variance`` are NaN for a regression. Everything is NaN when no curve fits best,
    as when a single cutoff separates the classes.
    """

    a: float
    b: float
    auc: float
    covariance: Floats
    auc_variance: float
    log_likelihood: float
    cutpoints: Floats


def binormal_fit(marker: ArrayLike, positive: ArrayLike) -> BinormalFit:
    """Fit a binormal curve to continuous data by maximum likelihood over ranks [1]_.

    Parameters
    ----------
    marker : array_like of float, shape (n,)
        Higher means more positive.
    positive : array_like of bool, shape (n,)
        The class of each row.

    Returns
    -------
    BinormalFit
        NaN throughout when the likelihood has no maximum.

    Raises
    ------
    ValueError
        If shapes differ, a class is empty or the marker holds NaN.

    References
    ----------
    .. [1] Metz CE, Herman BA, Shen JH. Maximum likelihood estimation of receiver operating characteristic (ROC) curves
       from continuously-distributed data. Stat Med 1998;17:1033-1053.
    """
    negatives, positives = _truth_runs(roc_points(marker, positive))
    return binormal_fit_from_counts(negatives, positives)


def binormal_fit_from_counts(negatives: ArrayLike, positives: ArrayLike) -> BinormalFit:
    """Fit a binormal curve to ratings by maximum likelihood [1]_.

    Parameters
    ----------
    negatives, positives : array_like of int, shape (j,)
        Rows of each class in each ordered category, the least suspicious first.

    Returns
    -------
    BinormalFit
        NaN throughout when the likelihood has no maximum. Variances are from the expected information.

    Raises
    ------
    ValueError
        If shapes differ, a count is negative or a class is empty.

    References
    ----------
    .. [1] Dorfman DD, Alf E. Maximum-likelihood estimation of parameters of signal-detection theory and determination
       of confidence intervals: rating-method data. J Math Psychol 1969;6:487-496.

    Examples
    --------
    Ratings of 109 CT images (Hanley and McNeil, Radiology 1982;143:29-36), whose binormal area is 0.911.

    >>> fit = binormal_fit_from_counts([33, 6, 6, 11, 2], [3, 2, 2, 11, 33])
    >>> print(f"a {fit.a:.4f}, b {fit.b:.4f}, area {fit.auc:.4f}")
    a 1.6568, b 0.7130, area 0.9113
    """
    counts = _checked_counts(negatives, positives)
    if counts.shape[1] < 3:  # two categories make one point; many binormal curves pass through it
        return _no_fit()
    parameters = _start(counts)
    likelihood = _log_likelihood(parameters, counts)
    for _ in range(200):
        step = _scoring_step(parameters, counts)
        if step is None:
            return _no_fit()
        new, new_likelihood = _shortened(parameters, step, counts, likelihood)
        converged = (
            new_likelihood - likelihood < 1e-12 * (1 + abs(likelihood)) and np.abs(new - parameters).max() < 1e-9
        )
        parameters, likelihood = new, new_likelihood
        if converged:
            return _described(parameters, likelihood, counts)
    return _no_fit()


def binormal_regression(points: RocPoints) -> BinormalFit:
    """Fit a binormal curve by least squares on the normal quantiles of the corners of the empirical curve.

    Quick and without a likelihood: corners are not independent, so no variance is given. Corners at 0 or 1 have no
    quantile and are left out.

    Parameters
    ----------
    points : RocPoints
        The empirical curve.

    Returns
    -------
    BinormalFit
        With NaN variances; NaN throughout when fewer than two corners are left.
    """
    x, y = ndtri(1 - points.specificity), ndtri(points.sensitivity)
    usable = np.isfinite(x) & np.isfinite(y)
    x, y = x[usable], y[usable]
    spread = x - x.mean() if x.size else x
    if spread.size < 2 or not spread @ spread > 0:
        return _no_fit()
    b = float(spread @ (y - y.mean()) / (spread @ spread))
    a = float(y.mean() - b * x.mean())
    return _no_fit()._replace(a=a, b=b, auc=_area(a, b))


def binormal_sensitivity(fit: BinormalFit, specificity: ArrayLike) -> Floats:
    """Sensitivity of the fitted curve at given specificities.

    Examples
    --------
    >>> fit = binormal_fit_from_counts([33, 6, 6, 11, 2], [3, 2, 2, 11, 33])
    >>> binormal_sensitivity(fit, [1.0, 0.9, 0.0]).round(4).tolist()
    [0.0, 0.7713, 1.0]
    """
    return np.asarray(ndtr(fit.a + fit.b * ndtri(1 - np.asarray(specificity, np.float64))), np.float64)


def _area(a: float, b: float) -> float:
    return float(ndtr(a / np.sqrt(1 + b**2)))


def _no_fit() -> BinormalFit:
    nan = float("nan")
    return BinormalFit(nan, nan, nan, np.full((2, 2), nan), nan, nan, np.empty(0))


def _truth_runs(points: RocPoints) -> tuple[Floats, Floats]:
    """Merge neighbouring values that hold rows of the same single class: the likelihood stays the same."""
    negatives = np.diff(points.false_positives)[::-1]
    positives = np.diff(points.true_positives)[::-1]
    kind = np.where(negatives == 0, 1, np.where(positives == 0, -1, 0))
    starts = np.flatnonzero(np.append(True, (kind[1:] != kind[:-1]) | (kind[1:] == 0)))
    return np.add.reduceat(negatives, starts).astype(float), np.add.reduceat(positives, starts).astype(float)


def _checked_counts(negatives: ArrayLike, positives: ArrayLike) -> Floats:
    counts = np.stack([np.asarray(negatives, np.float64), np.asarray(positives, np.float64)])
    if counts.ndim != 2 or (counts < 0).any() or (counts.sum(axis=1) == 0).any():
        raise ValueError("need two vectors of counts, none negative, neither all zero")
    return counts[:, counts.sum(axis=0) > 0]


def _start(counts: Floats) -> Floats:
    """Equal spreads, the area of the data, and cutpoints where the mixture has the pooled shares."""
    share = counts.sum(axis=1) / counts.sum()
    below = np.cumsum(counts[0]) - counts[0] / 2
    area = np.clip(counts[1] @ below / counts.sum(axis=1).prod(), 0.02, 0.98)
    a = np.sqrt(2) * ndtri(area)
    grid = np.linspace(-9 + min(a, 0), 9 + max(a, 0), 4001)
    mixture = share[0] * ndtr(grid) + share[1] * ndtr(grid - a)
    return np.concatenate(([a, 1.0], np.interp(np.cumsum(counts.sum(axis=0))[:-1] / counts.sum(), mixture, grid)))


def _probabilities(parameters: Floats) -> tuple[Floats, Floats]:
    """Shares of each category in each class, shape (2, j), and the cutpoints on each class's own scale, (2, j - 1)."""
    a, b, cutpoints = parameters[0], parameters[1], parameters[2:]
    scaled = np.stack([cutpoints, b * cutpoints - a])
    padded = np.pad(scaled, ((0, 0), (1, 1)), constant_values=((-np.inf, np.inf),))
    # The difference of two upper tails keeps its digits where the lower tails are both near 1.
    lower_tail = ndtr(padded[:, 1:]) - ndtr(padded[:, :-1])
    upper_tail = ndtr(-padded[:, :-1]) - ndtr(-padded[:, 1:])
    return np.where(padded[:, :-1] > 0, upper_tail, lower_tail), scaled


def _log_likelihood(parameters: Floats, counts: Floats) -> float:
    if parameters[1] <= 0 or (np.diff(parameters[2:]) <= 0).any():
        return -np.inf
    shares, _ = _probabilities(parameters)
    if (shares[counts > 0] <= 0).any():
        return -np.inf
    return float((counts[counts > 0] * np.log(shares[counts > 0])).sum())


class _Information(NamedTuple):
    """Score and expected information: of cutpoints (banded), across (border), of (a, b) (corner)."""

    score: Floats
    banded: Floats
    border: Floats
    corner: Floats


def _information(parameters: Floats, counts: Floats) -> _Information:
    b, cutpoints = parameters[1], parameters[2:]
    shares, scaled = _probabilities(parameters)
    shares = np.maximum(shares, 1e-300)
    density = np.exp(-(scaled**2) / 2) / SQRT_2PI
    total = counts.sum(axis=1, keepdims=True)
    slope = density * np.array([[1.0], [b]])  # d(cumulative share) / d(cutpoint), by class
    inverse = total / shares
    diagonal = (slope**2 * (inverse[:, :-1] + inverse[:, 1:])).sum(axis=0)
    off = -(slope[:, :-1] * slope[:, 1:] * inverse[:, 1:-1]).sum(axis=0)
    by_shape = np.stack([-density[1], cutpoints * density[1]])  # d(cumulative share of positives) / d(a, b)
    by_category = np.diff(np.pad(by_shape, ((0, 0), (1, 1))), axis=1)
    ratio = counts / shares
    score_cutpoints = (slope * (ratio[:, :-1] - ratio[:, 1:])).sum(axis=0)
    weighted = by_category * inverse[1]
    return _Information(
        np.concatenate((by_category @ ratio[1], score_cutpoints)),
        np.stack([np.append(0.0, off), diagonal]),
        (slope[1] * (weighted[:, :-1] - weighted[:, 1:])).T,
        weighted @ by_category.T,
    )


def _scoring_step(parameters: Floats, counts: Floats) -> Floats | None:
    """Fisher's step; the cutpoints' tridiagonal block is eliminated first, so it costs O(j)."""
    information = _information(parameters, counts)
    try:
        solved = solveh_banded(information.banded, np.column_stack((information.score[2:], information.border)))
        shape_information = information.corner - information.border.T @ solved[:, 1:]
        shape = np.linalg.solve(shape_information, information.score[:2] - information.border.T @ solved[:, 0])
    except (LinAlgError, ValueError):
        return None
    step = np.concatenate((shape, solved[:, 0] - solved[:, 1:] @ shape))
    return step if np.isfinite(step).all() else None


def _shortened(parameters: Floats, step: Floats, counts: Floats, likelihood: float) -> tuple[Floats, float]:
    """Halve a step until the cutpoints stay in order and the likelihood does not fall."""
    for _ in range(60):
        new = parameters + step
        new_likelihood = _log_likelihood(new, counts)
        if new_likelihood >= likelihood:
            return new, new_likelihood
        step = step / 2
    return parameters, likelihood


def _described(parameters: Floats, likelihood: float, counts: Floats) -> BinormalFit:
    information = _information(parameters, counts)
    solved = solveh_banded(information.banded, information.border)
    covariance = np.linalg.inv(information.corner - information.border.T @ solved)
    a, b = float(parameters[0]), float(parameters[1])
    # d(area) / d(a, b) with area = Φ(a / √(1 + b²))
    size = np.sqrt(1 + b**2)
    gradient = np.exp(-((a / size) ** 2) / 2) / SQRT_2PI * np.array([1 / size, -a * b / size**3])
    variance = float(gradient @ covariance @ gradient)
    return BinormalFit(a, b, _area(a, b), covariance, variance, likelihood, parameters[2:])
