"""The sandwich variance of Cox coefficients, for patients of one centre or periods of one patient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from biomarker.kernels.follow_up import Floats, check_codes
from biomarker.kernels.partial_likelihood import stratum_designs
from biomarker.kernels.risk_sets import RiskSets, event_sums, over_events


def score_residuals(design: ArrayLike, coefficients: ArrayLike, sets: Sequence[RiskSets]) -> Floats:
    """Return what each row adds to the score, in itself and through the risk sets it is in [1]_.

    Parameters
    ----------
    design, coefficients, sets
        As in `partial_likelihood`.

    Returns
    -------
    ndarray, shape (n, p)
        They add up to the score; 0 for rows of strata without events. As R's ``residuals(fit, "score")``.

    References
    ----------
    .. [1] Lin DY, Wei LJ. The robust inference for the Cox proportional hazards model. J Am Stat Assoc
       1989;84:1074-1078.
    """
    x, beta = np.asarray(design, float), np.asarray(coefficients, float)
    found = np.zeros(x.shape)
    for own, s, _ in stratum_designs((x - x.mean(axis=0)).T[None], sets):
        sums = event_sums(own, (beta @ own[0])[None], s)
        counts = np.diff(s.tie_starts, append=s.events.size)
        mean_of_tie = (np.add.reduceat(sums.mean[0], s.tie_starts, axis=1) / counts)[:, s.event_time]
        exposure = over_events((1 / sums.total)[:, None], sums, s)[0]
        faced = over_events(sums.mean / sums.total[:, None], sums, s)[0]
        residual = -sums.risk * (own[0] * exposure - faced)
        residual[:, s.events] += own[0][:, s.events] - mean_of_tie
        found[s.rows] = residual.T
    return found


def cluster_covariance(residuals: ArrayLike, covariance: ArrayLike, clusters: ArrayLike) -> Floats:
    """Return the sandwich covariance of the coefficients with residuals added up by cluster [1]_.

    Parameters
    ----------
    residuals : array_like, shape (n, p)
        From `score_residuals`.
    covariance : array_like, shape (p, p)
        Inverse information.
    clusters : array_like of int, shape (n,)
        A code of each row's patient or centre.

    Returns
    -------
    ndarray, shape (p, p)
        Without a correction for few clusters, as in R's ``coxph(cluster=)``.

    References
    ----------
    .. [1] Lee EW, Wei LJ, Amato DA. Cox-type regression analysis for large numbers of small groups of correlated
       failure time observations. In: Survival Analysis: State of the Art. Kluwer; 1992:237-247.
    """
    each, inverse = np.asarray(residuals, float), np.asarray(covariance, float)
    code = check_codes(clusters, len(each))
    together = np.stack([np.bincount(code, weights=column) for column in each.T], axis=1)
    moved = together @ inverse
    return np.asarray(moved.T @ moved)
