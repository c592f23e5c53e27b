"""The linear mixed model with several random intercepts (patient, centre, scan ...), crossed or nested, by REML.

The likelihood is profiled down to one ratio of variances per random effect and evaluated on cross-products only, so
its cost does not grow with the rows. Gradient and Hessian are algebra, and a ratio whose likelihood is highest at zero
ends at exactly zero. With patients as the only effect `mixed.random_intercept` gives the same fit faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.special import fdtrc

from biomarker.kernels.describe import cluster_codes, finite_sample
from biomarker.kernels.group_difference import TTest, t_test
from biomarker.kernels.interval import Interval
from biomarker.kernels.mixed import FTest

Floats = NDArray[np.float64]

MOST_LEVELS = 2_000  # of all random effects together: the work grows with their cube
_STARTS = (0.3, 1.0)  # ratios of standard deviations that the search begins from
_STEPS = 40  # of Newton's method at most; a handful is usual


class RandomEffects(NamedTuple):
    """Fixed effects with their covariance, the variance of each random effect and what is left within.

    `by_variance` (m + 1, p, p) is the derivative of the covariance by each variance, the residual one last;
    `uncertainty` (m + 1, m + 1) the large-sample covariance of the variances, zero for one that is itself zero.
    """

    coefficients: Floats
    covariance: Floats
    variances: Floats
    residual_variance: float
    n_levels: tuple[int, ...]
    by_variance: Floats
    uncertainty: Floats


class _Products(NamedTuple):
    """Cross-products of rows; `blocks` says which columns of z are which effect."""

    zz: Floats
    zx: Floats
    zy: Floats
    xx: Floats
    xy: Floats
    yy: float
    blocks: tuple[slice, ...]
    n: int


class _State(NamedTuple):
    """All that one set of ratios gives: deviance, coefficients, and the projections the derivatives are made of."""

    deviance: float
    beta: Floats
    inverse: Floats
    residual: float
    zpz: Floats
    zpy: Floats
    zvx: Floats


class _Moments(NamedTuple):
    """By pair of effects, traces of P V_k P V_l and forms y'P V_k P V_l P y; by effect, their halves."""

    traces: Floats
    forms: Floats
    own: Floats
    squares: Floats


def random_effects(values: ArrayLike, design: ArrayLike, effects: Sequence[ArrayLike]) -> RandomEffects:
    """Fit ``values = design @ beta + sum of b_k[effects[k]] + error`` by restricted maximum likelihood [1]_.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The outcome, most often log uptake.
    design : array_like of float, shape (n, p)
        Fixed effects, of full column rank.
    effects : sequence of array_like, each shape (n,)
        The level of each row in each random effect. An effect is nested in another when each of its labels occurs
        with one label of the other only; nothing else needs to be said about it.

    Returns
    -------
    RandomEffects
        Variances are zero where the likelihood is highest at zero.

    Raises
    ------
    ValueError
        If the design is not of full rank, an effect has a single level or one level per row, two effects have the same
        levels, or there are more than `MOST_LEVELS` levels.

    References
    ----------
    .. [1] Bates D, Maechler M, Bolker B, Walker S. Fitting linear mixed-effects models using lme4. J Stat Softw
       2015;67(1):1-48.

    Examples
    --------
    Two scans of three patients, the same two cameras throughout.

    >>> fit = random_effects([1.0, 1.4, 2.9, 3.5, 2.1, 2.6], np.ones((6, 1)), [[1, 1, 2, 2, 3, 3], [1, 2] * 3])
    >>> print(f"{fit.coefficients[0]:.3f}; {fit.variances[0]:.3f}, {fit.variances[1]:.3f}")
    2.250; 1.005, 0.123
    """
    y = finite_sample(values)
    x = np.asarray(design, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] != y.size:
        raise ValueError("design needs one row per value")
    if y.size <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError("the design is not of full rank")
    codes = [cluster_codes(effect, y.size) for effect in effects]
    _check_levels(codes, y.size)
    # least-squares residuals of unit size: neither a large mean nor a small unit costs any digits
    start: Floats = np.asarray(np.linalg.lstsq(x, y)[0], dtype=np.float64)
    left = y - x @ start
    size = float(np.sqrt(np.mean(left**2)))
    n_levels = tuple(count for _, count in codes)
    m, p = len(codes), x.shape[1]
    if size <= 1e-12 * float(np.abs(y).max()):
        by_variance, none = np.zeros((m + 1, p, p)), np.zeros((m + 1, m + 1))
        return RandomEffects(start, np.zeros((p, p)), np.zeros(m), 0.0, n_levels, by_variance, none)
    products = _products(left / size, x, codes)
    return _fitted(products, _best_ratios(products, m), start, size, n_levels)


def _check_levels(codes: Sequence[tuple[NDArray[np.intp], int]], n: int) -> None:
    if not codes:
        raise ValueError("name a random effect")
    for place, (code, count) in enumerate(codes):
        if count < 2 or count == n:
            raise ValueError(f"random effect {place} has {count} levels in {n} rows: its variance cannot be told")
        for other, (earlier, known) in enumerate(codes[:place]):
            if known == count and np.unique(np.stack([earlier, code]), axis=1).shape[1] == count:
                raise ValueError(f"random effects {other} and {place} divide the rows alike")
    total = sum(count for _, count in codes)
    if total > MOST_LEVELS:
        raise ValueError(f"{total} levels of random effects are more than {MOST_LEVELS}")


def _products(y: Floats, x: Floats, codes: Sequence[tuple[NDArray[np.intp], int]]) -> _Products:
    ends = np.cumsum([0, *(count for _, count in codes)])
    q = int(ends[-1])
    columns = [code + begin for (code, _), begin in zip(codes, ends[:-1], strict=True)]
    zz, zx = np.zeros((q, q)), np.zeros((q, x.shape[1]))
    zy = np.zeros(q)
    for row in columns:
        np.add.at(zx, row, x)
        np.add.at(zy, row, y)
        for column in columns:
            np.add.at(zz, (row, column), 1.0)
    blocks = tuple(slice(int(a), int(b)) for a, b in pairwise(ends))
    return _Products(zz, zx, zy, x.T @ x, x.T @ y, float(y @ y), blocks, y.size)


def _at(products: _Products, ratios: Floats) -> _State:
    """Return likelihood and projections at ratios of each variance to the residual one."""
    root = np.concatenate([
        np.full(block.stop - block.start, np.sqrt(ratio)) for block, ratio in zip(products.blocks, ratios, strict=True)
    ])  # fmt: skip
    factor = cho_factor(products.zz * root[:, None] * root + np.eye(root.size), lower=True)
    right = np.column_stack([products.zz, products.zx, products.zy])
    solved = right - (products.zz * root) @ cho_solve(factor, right * root[:, None])
    q = root.size
    zvx, zvy = solved[:, q:-1], solved[:, -1]
    lifted = cho_solve(factor, right[:, q:] * root[:, None]) * root[:, None]
    xvx = products.xx - products.zx.T @ lifted[:, :-1]
    inverse = np.linalg.inv(xvx)
    xvy = products.xy - products.zx.T @ lifted[:, -1]
    beta = inverse @ xvy
    residual = max(products.yy - float(products.zy @ lifted[:, -1]) - float(beta @ xvy), 0.0)
    log_det = 2 * float(np.log(np.diag(factor[0])).sum()) + float(np.linalg.slogdet(xvx)[1])
    with np.errstate(divide="ignore"):  # a residual of nothing: the deviance falls without end
        deviance = log_det + (products.n - beta.size) * float(np.log(residual))
    return _State(deviance, beta, inverse, residual, solved[:, :q] - zvx @ inverse @ zvx.T, zvy - zvx @ beta, zvx)


def _moments(products: _Products, state: _State) -> _Moments:
    blocks = products.blocks
    return _Moments(
        np.array([[np.sum(state.zpz[a, b] ** 2) for b in blocks] for a in blocks]),
        np.array([[state.zpy[a] @ state.zpz[a, b] @ state.zpy[b] for b in blocks] for a in blocks]),
        np.array([np.diag(state.zpz)[block].sum() for block in blocks]),
        np.array([np.sum(state.zpy[block] ** 2) for block in blocks]),
    )


def _slope(products: _Products, state: _State) -> Floats:
    """Return the derivative of the deviance by each ratio."""
    df, zpz, zpy = products.n - state.beta.size, np.diag(state.zpz), state.zpy
    with np.errstate(divide="ignore", invalid="ignore"):  # nothing is left where the residual is nothing
        return np.array([zpz[b].sum() - df * np.sum(zpy[b] ** 2) / state.residual for b in products.blocks])


def _best_ratios(products: _Products, m: int) -> Floats:
    """Return the ratios of lowest deviance: searched from several starts, then polished by Newton's method."""

    def deviance(sds: Floats) -> tuple[float, Floats]:
        state = _at(products, sds**2)
        return state.deviance, 2 * sds * _slope(products, state)

    found = [np.zeros(m)]
    for start in _STARTS:  # a rough search: the polish gives the digits
        search = minimize(
            deviance, np.full(m, start), jac=True, method="L-BFGS-B", bounds=[(0.0, 1e4)] * m, options={"ftol": 1e-7}
        )
        found.append(np.asarray(search.x, dtype=np.float64) ** 2)
    best = min(found, key=lambda ratios: _at(products, ratios).deviance)
    return _polished(products, np.where(best < 1e-7, 0.0, best))


def _polished(products: _Products, ratios: Floats) -> Floats:
    """Solve for a zero slope in the ratios that are not zero; one that turns negative is zero."""
    for _ in range(_STEPS):
        state = _at(products, ratios)
        slope = _slope(products, state)
        free = (ratios > 0) | (slope < 0)
        if not free.any() or not state.residual > 0:
            break
        moments, df = _moments(products, state), products.n - state.beta.size
        curvature = df * (
            2 * moments.forms / state.residual - np.outer(moments.squares, moments.squares) / state.residual**2
        )
        curvature = (curvature - moments.traces)[np.ix_(free, free)]
        if np.linalg.eigvalsh(curvature)[0] <= 0:  # not in the bowl of the minimum: the search's answer stands
            break
        moved = ratios.copy()
        moved[free] = np.maximum(ratios[free] - np.linalg.solve(curvature, slope[free]), 0.0)
        if _at(products, moved).deviance > state.deviance + 1e-9:
            break
        change, ratios = float(np.abs(moved - ratios).max()), moved
        if change <= 1e-12 * (1 + float(ratios.max())):
            break
    return ratios


def _fitted(
    products: _Products, ratios: Floats, start: Floats, size: float, n_levels: tuple[int, ...]
) -> RandomEffects:
    state = _at(products, ratios)
    p = state.beta.size
    within = state.residual / (products.n - p)
    # derivative of the inverse of X' V^-1 X by each variance
    parts = [state.zvx[block].T @ state.zvx[block] for block in products.blocks]
    rest = np.linalg.inv(state.inverse) - np.einsum("k,kij->ij", ratios, np.stack(parts))
    return RandomEffects(
        start + size * state.beta,
        size**2 * within * state.inverse,
        size**2 * within * ratios,
        size**2 * within,
        n_levels,
        np.stack([state.inverse @ part @ state.inverse for part in [*parts, rest]]),
        size**4 * _uncertainty(products, state, ratios, within),
    )


def _uncertainty(products: _Products, state: _State, ratios: Floats, within: float) -> Floats:
    """Return the covariance of the variances: twice the inverse of the deviance's second derivatives by them."""
    m, found = ratios.size, _moments(products, state)
    # the residual's own come last; for them PP = P - sum of ratio_k P Z_k Z_k' P
    traces, forms = np.zeros((m + 1, m + 1)), np.zeros((m + 1, m + 1))
    traces[:m, :m], forms[:m, :m] = found.traces, found.forms
    traces[m, :m] = traces[:m, m] = found.own - found.traces @ ratios
    forms[m, :m] = forms[:m, m] = found.squares - found.forms @ ratios
    traces[m, m] = products.n - state.beta.size - ratios @ found.own - ratios @ traces[:m, m]
    forms[m, m] = state.residual - ratios @ found.squares - ratios @ forms[:m, m]
    uncertainty = np.zeros((m + 1, m + 1))
    if not within > 0:
        return uncertainty
    known = np.ix_(np.append(ratios > 0, True), np.append(ratios > 0, True))
    information = ((2 * forms / within - traces) / within**2)[known]
    if np.linalg.eigvalsh(information)[0] > 0:
        uncertainty[known] = 2 * np.linalg.inv(information)
    return uncertainty


def satterthwaite(fit: RandomEffects, weights: ArrayLike) -> float:
    """Return Satterthwaite's degrees of freedom of a combination of fixed effects, infinite when nothing limits them.

    Examples
    --------
    >>> fit = random_effects([1.0, 1.4, 2.9, 3.5, 2.1, 2.6], np.ones((6, 1)), [[1, 1, 2, 2, 3, 3], [1, 2] * 3])
    >>> round(satterthwaite(fit, [1.0]), 2)
    2.62
    """
    combination = np.asarray(weights, dtype=np.float64)
    variance = float(combination @ fit.covariance @ combination)
    slope = np.einsum("i,kij,j->k", combination, fit.by_variance, combination)
    spread = float(slope @ fit.uncertainty @ slope)
    return 2 * variance**2 / spread if spread > 0 else np.inf


def effects_contrast(
    fit: RandomEffects, weights: ArrayLike, *, most_df: float, confidence_level: float = 0.95
) -> TTest:
    """Estimate a combination of fixed effects, with the smaller of Satterthwaite's degrees of freedom and `most_df`.

    Parameters
    ----------
    fit : RandomEffects
        The fitted model.
    weights : array_like of float, shape (p,)
        One weight per fixed effect.
    most_df : float
        What the design can carry at most, such as patients less groups.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    TTest
        NaN error, interval and p when the residuals do not vary.

    Examples
    --------
    >>> fit = random_effects([1.0, 1.4, 2.9, 3.5, 2.1, 2.6], np.ones((6, 1)), [[1, 1, 2, 2, 3, 3], [1, 2] * 3])
    >>> mean = effects_contrast(fit, [1.0], most_df=2)
    >>> round(mean.difference, 3), mean.df
    (2.25, 2.0)
    """
    combination = np.asarray(weights, dtype=np.float64)
    estimate = float(combination @ fit.coefficients)
    se = float(np.sqrt(combination @ fit.covariance @ combination))
    if not se > 0:
        return TTest(estimate, np.nan, Interval(np.nan, np.nan), np.nan, np.nan, np.nan)
    df = min(float(most_df), satterthwaite(fit, combination))
    return t_test(estimate, se, df, confidence_level=confidence_level)


def effects_joint_test(fit: RandomEffects, weights: ArrayLike, *, most_df: float) -> FTest:
    """Wald F test that several combinations are all zero, with the smallest degrees of freedom among them.

    Parameters
    ----------
    fit : RandomEffects
        The fitted model.
    weights : array_like of float, shape (q, p)
        One row per combination, of full row rank.
    most_df : float
        What the design can carry at most.

    Returns
    -------
    FTest
        NaN when the residuals do not vary.

    Examples
    --------
    >>> fit = random_effects([1.0, 1.4, 2.9, 3.5, 2.1, 2.6], np.ones((6, 1)), [[1, 1, 2, 2, 3, 3], [1, 2] * 3])
    >>> round(effects_joint_test(fit, [[1.0]], most_df=2).statistic, 2)
    12.74
    """
    combinations = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    q = combinations.shape[0]
    df = min([float(most_df), *(satterthwaite(fit, row) for row in combinations)])
    if not np.trace(fit.covariance) > 0:
        return FTest(np.nan, float(q), df, np.nan)
    estimates = combinations @ fit.coefficients
    statistic = float(estimates @ np.linalg.solve(combinations @ fit.covariance @ combinations.T, estimates)) / q
    return FTest(statistic, float(q), df, float(fdtrc(q, df, statistic)))
