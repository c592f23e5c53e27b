"""Newton's method on Cox's partial likelihood, plain or with Firth's penalty, for many models in one go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.follow_up import Floats
from biomarker.kernels.partial_likelihood import Likelihoods, StratumDesign, likelihoods, stratum_designs
from biomarker.kernels.risk_sets import RiskSets

# Newton decrement, twice the log-likelihood still to be gained, below which one more step ends it: that step squares
# the error. With the penalty the information is not the exact curvature, and errors only shrink by a factor.
ENOUGH, ENOUGH_PENALIZED = 1e-9, 1e-19
MOST_STEPS, MOST_HALVINGS = 40, 30
SLOW, DIFFERENCE = 8, 1e-4  # penalised steps after which the curvature of the penalty is worth its cost
# Standard error of the log hazard ratio over the whole range of a column. A finite maximum stays far below; where the
# likelihood only levels off (separation), it is in the hundreds by the time a fit stops.
FLAT = 30.0
LONGEST_STEP = 5.0  # in standard deviations of a column: far steps overflow where a marker separates events
CELLS = 60_000  # of the largest array, which then stays in the cache: models beyond it are fitted in turn


class CoxFits(NamedTuple):
    """B fitted models of p columns, in units of the design."""

    coefficients: Floats  # (B, p)
    information: Floats  # (B, p, p), of the plain likelihood
    log_likelihood: Floats  # (B,), of the plain likelihood
    penalty: Floats  # (B,); 0 without one
    gain: Floats  # (B,): increase of the (penalised) log-likelihood over no effect
    score_statistic: Floats  # (B,): score test of no effect; NaN where the fit did not begin there
    converged: NDArray[np.bool_]  # (B,); False where the likelihood has no maximum, as under separation


def fit_many(
    design: ArrayLike,
    sets: Sequence[RiskSets],
    *,
    weights: ArrayLike | None = None,
    penalized: bool = False,
    fixed: ArrayLike | None = None,
    at: ArrayLike | None = None,
    enough: float | None = None,
) -> CoxFits:
    """Maximise the partial likelihoods of many Cox models with one outcome.

    Parameters
    ----------
    design : array_like, shape (n, p) or (B, n, p)
        Predictors, the same for every model or each its own.
    sets : sequence of RiskSets
        From `risk_sets`.
    weights : array_like, shape (B, n), optional
        How often each patient counts in each model, at least 0 (see `event_sums`).
    penalized : bool
        Whether to maximise Firth's penalised likelihood.
    fixed : array_like of bool, shape (p,), optional
        Coefficients that stay where `at` has them, as for a profile; the penalty is still that of all of them.
    at : array_like, shape (B, p) or (p,), optional
        Coefficients to begin with, 0 by default.
    enough : float, optional
        Newton decrement below which one more step ends it; by default one that leaves coefficients with eight digits.

    Returns
    -------
    CoxFits
        The same whatever the number of models fitted together.

    Examples
    --------
    Remission under 6-mercaptopurine, the first eight of either arm:

    >>> from biomarker.kernels.risk_sets import risk_sets
    >>> weeks = [6, 6, 6, 6, 7, 9, 10, 10, 1, 1, 2, 2, 3, 4, 4, 5]
    >>> relapse = [1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1]
    >>> placebo = [[0.0]] * 8 + [[1.0]] * 8
    >>> plain = fit_many(placebo, risk_sets(weeks, relapse))
    >>> firth = fit_many(placebo, risk_sets(weeks, relapse), penalized=True)
    >>> plain.converged.tolist(), firth.converged.tolist(), firth.coefficients.round(2).tolist()
    ([False], [True], [[3.86]])
    """
    x = np.asarray(design, float)
    x = x[None] if x.ndim == 2 else x
    counts = None if weights is None else np.asarray(weights, float)
    begin = None if at is None else np.atleast_2d(np.asarray(at, float))
    n_models = max(x.shape[0], 1 if counts is None else len(counts), 1 if begin is None else len(begin))
    free = np.ones(x.shape[2], bool) if fixed is None else ~np.asarray(fixed, bool)
    stop = (ENOUGH_PENALIZED if penalized else ENOUGH) if enough is None else enough
    parts = []
    for models in _chunks(n_models, x.shape[1] * (x.shape[2] + 1)):
        own_x = x if x.shape[0] == 1 else x[models]
        own_counts = None if counts is None else counts[models]
        start = np.zeros((models.stop - models.start, x.shape[2]))
        if begin is not None:
            start += begin if len(begin) == 1 else begin[models]
        parts.append(_fit_chunk(own_x, sets, own_counts, penalized, free, start, stop))
    return CoxFits(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _chunks(n_models: int, cells_each: int) -> Iterator[slice]:
    step = max(1, CELLS // max(cells_each, 1))
    for start in range(0, n_models, step):
        yield slice(start, min(start + step, n_models))


def _fit_chunk(
    x: Floats,
    sets: Sequence[RiskSets],
    weights: Floats | None,
    penalized: bool,
    free: NDArray[np.bool_],
    start: Floats,
    enough: float,
) -> CoxFits:
    """Fit on standardised columns, where a step of 1 means the same for every column."""
    spread = x.std(axis=1)
    scale = np.where(spread > 0, spread, 1.0)
    standard = (x - x.mean(axis=1, keepdims=True)) / scale[:, None]
    designs = stratum_designs(np.ascontiguousarray(standard.swapaxes(1, 2)), sets, weights)
    beta = start * scale
    with np.errstate(all="ignore"):  # under separation risks come to span more than floating point does: no maximum
        return _fitted(designs, standard, scale, beta, penalized, free, enough)


def _fitted(
    designs: Sequence[StratumDesign],
    standard: Floats,
    scale: Floats,
    beta: Floats,
    penalized: bool,
    free: NDArray[np.bool_],
    enough: float,
) -> CoxFits:
    """Climb from `beta`, in standard units, and return the fits in those of the design."""
    first = likelihoods(designs, beta, penalized=penalized)
    nothing = np.where(free, 0.0, beta)
    if np.array_equal(nothing, beta):
        null, statistic = first, _steps(first, free, first.information)[1]
    else:
        null = likelihoods(designs, nothing, penalized=penalized, information=penalized)
        statistic = np.full(len(beta), np.nan)
    height = null.log_likelihood + null.penalty
    beta, here, converged = _climb(designs, beta, first, penalized, free, enough)
    shift = np.log(scale).sum(axis=1) if penalized else 0.0
    gain = here.log_likelihood + here.penalty - height  # NaN with fewer events than columns: the penalty is infinite
    return CoxFits(
        coefficients=beta / scale,
        information=here.information * scale[:, :, None] * scale[:, None, :],
        log_likelihood=here.log_likelihood,
        penalty=here.penalty + shift,
        gain=gain,
        score_statistic=np.full(len(beta), np.nan) if penalized else statistic,
        converged=converged & np.isfinite(gain)
        if penalized
        else converged & ~has_levelled_off(standard, here.information).any(axis=1),
    )


def has_levelled_off(x: Floats, information: Floats) -> NDArray[np.bool_]:
    """Tell which columns have no finite coefficient: shape (B, p), from the design (B or 1, n, p) and information."""
    with np.errstate(invalid="ignore", divide="ignore"):
        std_error = 1 / np.sqrt(np.maximum(np.diagonal(information, axis1=1, axis2=2), 0.0))
        return np.asarray(~(std_error * np.ptp(x, axis=1) < FLAT), bool)


def _climb(
    designs: Sequence[StratumDesign],
    beta: Floats,
    here: Likelihoods,
    penalized: bool,
    free: NDArray[np.bool_],
    enough: float,
) -> tuple[Floats, Likelihoods, NDArray[np.bool_]]:
    """Step uphill, each model until it has arrived; those still on their way are evaluated together."""
    beta, converged = beta.copy(), np.zeros(len(beta), bool)
    going = np.arange(len(beta))
    for number in range(MOST_STEPS):
        at = Likelihoods(*(part[going] for part in here))
        own = designs if going.size == len(beta) else [design.of_models(going) for design in designs]
        curvature = at.information
        if penalized and number >= SLOW:
            curvature = _penalized_curvature(own, beta[going], at, free)
        step, decrement = _steps(at, free, curvature)
        reached, there = _uphill(own, beta[going], at, step, penalized)
        beta[going] = reached
        for kept, new in zip(here, there, strict=True):
            kept[going] = new
        arrived = decrement < enough
        converged[going[arrived]] = True
        going = going[~arrived]
        if going.size == 0:
            break
    return beta, here, converged


def _penalized_curvature(
    designs: Sequence[StratumDesign], beta: Floats, at: Likelihoods, free: NDArray[np.bool_]
) -> Floats:
    """Return the curvature with that of the penalty, by differences of the score; the plain one where it is not convex.

    Where a column has hardly any information the penalty curves as much as the likelihood, and steps that leave it out
    go to and fro.
    """
    found = np.zeros(at.information.shape)
    for j in np.flatnonzero(free):
        moved = np.zeros(beta.shape[1])
        moved[j] = DIFFERENCE
        up, down = (likelihoods(designs, beta + sign * moved, penalized=True) for sign in (1, -1))
        change = down.score + down.penalty_score - up.score - up.penalty_score
        found[:, :, j] = change / (2 * DIFFERENCE)
    found = (found + found.swapaxes(1, 2)) / 2
    own = found[:, free][:, :, free]
    usable: NDArray[np.bool_] = np.asarray(np.isfinite(own).all(axis=(1, 2)))
    usable[usable] = np.linalg.eigvalsh(own[usable])[:, 0] > 0
    return np.where(usable[:, None, None], found, at.information)


def _steps(at: Likelihoods, free: NDArray[np.bool_], curvature: Floats) -> tuple[Floats, Floats]:
    """Return Newton's steps, shortened where they go too far, and the decrement of each model."""
    score = (at.score + at.penalty_score)[:, free]
    information = curvature[:, free][:, :, free]
    try:
        step = np.linalg.solve(information, score[..., None])[..., 0]
    except np.linalg.LinAlgError:
        step = np.matmul(np.linalg.pinv(information, hermitian=True), score[..., None])[..., 0]
    decrement = (step * score).sum(axis=1)
    longest = np.abs(step).max(axis=1, initial=0.0, keepdims=True)
    shortened = step * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, LONGEST_STEP))
    whole = np.zeros(at.score.shape)
    whole[:, free] = np.nan_to_num(shortened)
    return whole, np.where(np.isfinite(decrement), np.abs(decrement), np.inf)


def _uphill(
    designs: Sequence[StratumDesign], beta: Floats, at: Likelihoods, step: Floats, penalized: bool
) -> tuple[Floats, Likelihoods]:
    """Take the steps, halving those that lead downhill."""
    there = likelihoods(designs, beta + step, penalized=penalized)
    before = at.log_likelihood + at.penalty
    slack = 1e-12 * (1 + np.abs(at.log_likelihood))
    for _ in range(MOST_HALVINGS):
        with np.errstate(invalid="ignore"):
            lower = np.flatnonzero(~(there.log_likelihood + there.penalty >= before - slack))
        if lower.size == 0:
            break
        step[lower] /= 2
        again = likelihoods([design.of_models(lower) for design in designs], (beta + step)[lower], penalized=penalized)
        for kept, new in zip(there, again, strict=True):
            kept[lower] = new
    return beta + step, there
