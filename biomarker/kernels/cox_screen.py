"""One Cox model a marker, for thousands of markers at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.follow_up import Floats, check_follow_up
from biomarker.kernels.risk_sets import RiskSets, risk_sets


class ScreenedHazards(NamedTuple):
    """Univariable Cox models, one entry a marker, shape (m,)."""

    coefficient: Floats  # log hazard ratio per unit; NaN where there is no finite estimate
    std_error: Floats
    likelihood_ratio: Floats  # chi-square on 1 degree of freedom; a limit where events are separated
    score: Floats  # chi-square on 1 degree of freedom, defined also where events are separated
    p_value: Floats  # of the likelihood ratio
    n: Floats  # patients with a value
    n_events: Floats


def screen_hazards(
    markers: ArrayLike,
    duration: ArrayLike,
    event: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    ties: str = "efron",
    penalized: bool = False,
) -> ScreenedHazards:
    """Fit a Cox model to each of many markers, by Newton steps taken for all of them together.

    Parameters
    ----------
    markers : array_like, shape (n, m)
        One column a marker; NaN leaves a patient out of that marker's model.
    duration, event, strata, entry, ties
        As in `risk_sets`.
    penalized : bool
        Whether to fit with Firth's penalty, so that every coefficient is finite.

    Returns
    -------
    ScreenedHazards
        NaN for a marker that does not vary among the patients at risk.

    Raises
    ------
    ValueError
        For follow-up that is not possible, or markers of another length.

    Examples
    --------
    >>> weeks, relapse = [6, 6, 7, 9, 10, 13, 16, 17], [1, 0, 1, 0, 1, 1, 1, 0]
    >>> screened = screen_hazards([[1, 3], [2, 1], [1, 4], [3, 1], [1, 5], [3, 9], [2, 2], [1, 6]], weeks, relapse)
    >>> screened.coefficient.round(3).tolist()
    [-0.283, -0.017]
    """
    t, happened, start = check_follow_up(duration, event, entry)
    values = np.asarray(markers, float)
    if values.ndim != 2 or len(values) != t.size:
        raise ValueError("need one row of markers per patient")
    columns = np.ascontiguousarray(values.T)
    known = np.isfinite(columns)
    weights = None if known.all() else known.astype(float)
    n, n_events = known.sum(axis=1).astype(float), (known * happened).sum(axis=1)
    if weights is not None:
        mean = np.where(known, columns, 0.0).sum(axis=1) / np.maximum(n, 1)
        columns = np.where(known, columns, mean[:, None])
    sets = risk_sets(t, happened, strata=strata, entry=start, ties=ties)
    spread = columns.std(axis=1)
    usable = np.flatnonzero((n_events > 0) & (spread > 1e-12 * np.abs(columns).max(axis=1, initial=0.0)))
    found = np.full((4, len(columns)), np.nan)
    if usable.size:
        own = None if weights is None else weights[usable]
        found[:, usable] = _fitted(columns[usable], sets, own, penalized)
    return ScreenedHazards(found[0], found[1], found[2], found[3], chdtrc(1, found[2]), n, n_events)


def _fitted(columns: Floats, sets: Sequence[RiskSets], weights: Floats | None, penalized: bool) -> Floats:
    """Return coefficient, standard error, likelihood ratio and score statistic, shape (4, m)."""
    fits = fit_many(columns[:, :, None], sets, weights=weights, penalized=penalized)
    plain = fit_many(columns[:, :, None], sets, weights=weights, enough=np.inf) if penalized else fits
    with np.errstate(divide="ignore", invalid="ignore"):
        std_error = 1 / np.sqrt(fits.information[:, 0, 0])
    told = np.isfinite(plain.score_statistic)
    good = fits.converged & told
    return np.stack([
        np.where(good, fits.coefficients[:, 0], np.nan),
        np.where(good, std_error, np.nan),
        np.where(told, np.maximum(2 * fits.gain, 0.0), np.nan),
        plain.score_statistic,
    ])  # fmt: skip
