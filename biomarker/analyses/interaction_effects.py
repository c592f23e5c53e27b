"""The interaction itself, the effect of treatment by level of the marker and in subgroups, and that of the marker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import exp, inf, isnan, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc, ndtri, stdtr, stdtrit

from biomarker.analyses.follow_up import levels_and_codes
from biomarker.analyses.interaction_data import TwoArms
from biomarker.analyses.result import Estimate
from biomarker.errors import DesignError
from biomarker.kernels.outcome_models import Fits
from biomarker.kernels.profile_likelihood import profile_limits
from biomarker.vocabulary import column_label

Floats = NDArray[np.float64]

SAME = 1e-7  # what is left of a column, as a share of it, where it is a combination of others
QUARTILES = {"lower quartile": 0.25, "median": 0.5, "upper quartile": 0.75}


class Effect(NamedTuple):
    """A coefficient, or a sum of them, on the scale it was fitted on."""

    b: float
    low: float
    high: float
    statistic: float
    df: float  # of t; NaN of a normal statistic, and 1 of the chi-square of a penalised likelihood
    p_value: float
    is_penalized: bool = False


UNKNOWN = Effect(nan, nan, nan, nan, nan, nan)


class Scale(NamedTuple):
    """How an effect is told: its name, and whether it is a ratio."""

    name: str
    is_ratio: bool

    def estimate(self, prefix: str, effect: Effect, /, **of: object) -> Estimate:
        """Return one effect with its interval and test."""
        shown = (effect.b, effect.low, effect.high)
        value, low, high = (_exp(one) for one in shown) if self.is_ratio else shown
        return Estimate(
            quantity=f"{prefix}_{self.name}",
            value=value,
            low=low,
            high=high,
            statistic=effect.statistic,
            df=effect.df,
            p_value=effect.p_value,
            of=of,
        )


_LARGEST = 700.0


def _exp(value: float) -> float:
    return nan if isnan(value) else inf if value > _LARGEST else exp(value)


class Interaction(NamedTuple):
    """The fitted model with the interaction, and its test."""

    design: Floats
    fits: Fits
    statistic: float
    p_value: float
    is_penalized: bool
    converged: bool


def fit_interaction(arms: TwoArms) -> Interaction:
    """Fit arm, marker, their product and covariates; with Firth's penalty where there is no finite maximum."""
    design = arms.design()
    _check_rank(arms, design)
    everybody = np.ones((1, arms.n))
    fits, is_penalized = _fitted(arms, design, everybody)
    statistic, p_value = _without(arms, design, fits, everybody, [2], is_penalized=is_penalized)
    return Interaction(design, fits, statistic, p_value, is_penalized, bool(fits.converged[0]))


def _fitted(arms: TwoArms, design: Floats, weights: Floats) -> tuple[Fits, bool]:
    """Return the fit and whether it had to be penalised."""
    fits = arms.model.fit(design, weights)
    if fits.converged.all():
        return fits, False
    return arms.model.fit(design, weights, penalized=True), True


def _without(
    arms: TwoArms, design: Floats, fits: Fits, weights: Floats, columns: Sequence[int], *, is_penalized: bool
) -> tuple[float, float]:
    """Test that some columns have no effect: by the likelihood ratio, or F in a linear model; statistic and p-value.

    With a penalty the smaller model keeps that of all columns [1]_: penalties of different columns do not compare.

    References
    ----------
    .. [1] Heinze G, Schemper M. Stat Med 2002;21:2409-2419.
    """
    if is_penalized:
        fixed = np.isin(np.arange(design.shape[1]), columns)
        smaller = arms.model.fit(design, weights, penalized=True, fixed=fixed, at=np.zeros((1, design.shape[1])))
    else:
        smaller = arms.model.fit(np.delete(design, columns, axis=1), weights)
    if not (fits.converged[0] and smaller.converged[0]):
        return nan, nan
    gain = max(2 * float(fits.log_likelihood[0] - smaller.log_likelihood[0]), 0.0)
    left = arms.residual_df(design, weights)
    if left == inf:
        return gain, float(chdtrc(len(columns), gain))
    ratio = float(np.expm1(gain / weights.sum())) * left / len(columns)
    return ratio, float(fdtrc(len(columns), left, ratio))


def _check_rank(arms: TwoArms, design: Floats) -> None:
    """Refuse covariates that repeat the marker, the arm or one another: their effects cannot be told apart."""
    if len(independent_columns(design, np.ones(arms.n, bool))) == design.shape[1]:
        return
    names = ", ".join(repr(name) for name in (arms.marker.name, *(term.name for term in arms.covariates)))
    raise DesignError(
        f"the effects of treatment, {names} cannot be told apart: one is a combination of others, or within an arm the "
        "marker is always the same; leave out what repeats another"
    )


def independent_columns(design: Floats, rows: NDArray[np.bool_]) -> list[int]:
    """Return the columns that are no combination of a constant and of those before them, among some of the rows."""
    kept: list[int] = []
    basis = np.full((int(rows.sum()), 1), 1 / np.sqrt(max(int(rows.sum()), 1)))
    for j, column in enumerate(design[rows].T):
        spread = np.linalg.norm(column - column.mean()) if column.size else 0.0
        if not spread > 1e-12 * np.abs(column).max(initial=0.0):
            continue
        rest = (column - column.mean()) / spread
        for _ in range(2):  # once more, for what rounding left
            rest = rest - basis @ (basis.T @ rest)
        if (length := np.linalg.norm(rest)) > SAME:
            kept.append(j)
            basis = np.column_stack([basis, rest / length])
    return kept


def combined(
    arms: TwoArms, design: Floats, fits: Fits, which: Mapping[int, float], level: float, *, is_penalized: bool,
    weights: Floats | None = None,
) -> Effect:  # fmt: skip
    """Return a sum of coefficients, each with its factor, of which the first is 1.

    Its interval is Wald's, with t in a linear model; where the likelihood is penalised it is that of the profile, as
    is its test: there Wald's would be far off.
    """
    counts = np.ones((1, arms.n)) if weights is None else weights
    p = design.shape[1]
    v = np.zeros(p)
    for place, factor in which.items():
        v[place] = factor
    if not fits.converged[0]:
        return UNKNOWN
    b, se = float(v @ fits.coefficients[0]), float(np.sqrt(v @ fits.covariance[0] @ v))
    if is_penalized:
        return _profiled(arms, design, v, (b, se), counts, level)
    df = arms.residual_df(design, counts)
    width = float(stdtrit(df, (1 + level) / 2)) * se
    statistic = b / se if se > 0 else nan
    p_value = float(2 * stdtr(df, -abs(statistic))) if not isnan(statistic) else nan
    return Effect(b, b - width, b + width, statistic, df if np.isfinite(df) else nan, p_value)


def _profiled(
    arms: TwoArms, design: Floats, v: Floats, wald: tuple[float, float], weights: Floats, level: float
) -> Effect:
    """Return a sum of coefficients with its profile: it is itself a coefficient of columns that are recombined."""
    b, se = wald
    pivot = int(np.flatnonzero(v == 1)[0])
    change = np.eye(v.size)
    change[pivot] = v
    columns = design @ np.linalg.inv(change)
    fixed = np.arange(v.size) == pivot

    def profile(values: Floats, _: NDArray[np.intp]) -> Floats:
        at = np.zeros((values.size, v.size))
        at[:, pivot] = values
        again = np.repeat(weights, values.size, axis=0)
        return arms.model.fit(columns, again, penalized=True, fixed=fixed, at=at).log_likelihood

    top = float(arms.model.fit(columns, weights, penalized=True).log_likelihood[0])
    limits = profile_limits(profile, [b], [se], top, z=float(ndtri((1 + level) / 2)))
    gain = max(2 * (top - float(profile(np.zeros(1), np.zeros(1, np.intp))[0])), 0.0)
    low, high = float(np.asarray(limits.low)[0]), float(np.asarray(limits.high)[0])
    return Effect(b, low, high, gain, 1.0, float(chdtrc(1, gain)), is_penalized=True)


def main_lines(arms: TwoArms, found: Interaction, scale: Scale, level: float) -> Iterator[Estimate]:
    """Give the interaction, its test, and the effect of the marker in either arm."""
    term = arms.marker

    def effect(which: Mapping[int, float]) -> Effect:
        return combined(arms, found.design, found.fits, which, level, is_penalized=found.is_penalized)

    unit = {"per": term.per} if term.per else {"level": term.levels[0], "reference": term.reference}
    yield scale.estimate("interaction", effect({2: 1.0}), term=term.name, **unit)
    yield Estimate(
        quantity="interaction_test",
        value=found.statistic,
        statistic=found.statistic,
        df=1,
        p_value=found.p_value,
        n=arms.n,
        of={"term": term.name},
    )
    for name, which in zip(arms.arms, ({1: 1.0}, {1: 1.0, 2: 1.0}), strict=True):
        yield scale.estimate("marker", effect(which), term=term.name, arm=name, **unit)


def level_lines(
    arms: TwoArms, found: Interaction, scale: Scale, levels: Sequence[float] | None, level: float
) -> Iterator[Estimate]:
    """Give the effect of treatment at values of the marker, from the model with the interaction."""

    def effect(x: float) -> Effect:
        return combined(arms, found.design, found.fits, {0: 1.0, 2: x}, level, is_penalized=found.is_penalized)

    if arms.marker.levels:
        shown = {arms.marker.reference: 0.0, arms.marker.levels[0]: 1.0}
        for name, x in shown.items():
            yield scale.estimate("treatment", effect(x), marker=name)
        return
    values = {name: float(np.quantile(arms.raw, share)) for name, share in QUARTILES.items()}
    if levels is not None:
        values = {f"{value:g}": value for value in levels}
    for name, value in values.items():
        x = arms.in_unit(value) - arms.centre
        of = {"marker": value, "at": name} if levels is None else {"marker": value}
        yield scale.estimate("treatment", effect(x), **of)


class TreatmentLines(NamedTuple):
    """Effects of treatment in all patients and in subgroups, and where they needed a penalty or had no estimate."""

    lines: list[Estimate]
    penalized: list[str]
    unknown: list[str]


def treatment_lines(
    arms: TwoArms, scale: Scale, groups: Mapping[str, tuple[tuple[str, ...], NDArray[np.intp]]], level: float
) -> TreatmentLines:
    """Give the effect of treatment in all patients and in each subgroup, with the test that it differs between them.

    `groups` holds for each subgrouping the labels of its groups and each patient's code. A covariate that does not vary
    within a subgroup is left out there.
    """
    arm = arms.is_treated.astype(float)
    design = np.column_stack([arm, arms.extra])
    found = TreatmentLines([], [], [])

    def add(where: str, weights: Floats, **of: object) -> None:
        effect = _effect(arms, design, weights, level)
        found.lines.append(replace(scale.estimate("treatment", effect, **of), n=int(weights.sum())))
        if effect.is_penalized or isnan(effect.b):
            (found.penalized if effect.is_penalized else found.unknown).append(where)

    add("all patients", np.ones((1, arms.n)), subgroup="all patients")
    for name, (labels, codes) in groups.items():
        inside = np.array([codes == code for code in range(len(labels))], float)
        for number, label in enumerate(labels):
            add(f"{column_label(name)} {label}", inside[number : number + 1], subgroup=name, level=label)
        found.lines.append(_subgroup_test(arms, inside[1:].T, name))
    return found


def _effect(arms: TwoArms, design: Floats, weights: Floats, level: float) -> Effect:
    """Return the effect of the first column; with a penalty where the likelihood has no finite maximum."""
    kept = independent_columns(design, weights[0] > 0)
    if 0 not in kept:
        return UNKNOWN
    own = design[:, kept]
    fits, is_penalized = _fitted(arms, own, weights)
    return combined(arms, own, fits, {0: 1.0}, level, is_penalized=is_penalized, weights=weights)


def _subgroup_test(arms: TwoArms, indicators: Floats, name: str) -> Estimate:
    arm, ones = arms.is_treated.astype(float), np.ones((1, arms.n))
    everything = np.column_stack([arm, indicators, arms.extra, indicators * arm[:, None]])
    kept = independent_columns(everything, ones[0] > 0)
    products = np.flatnonzero(np.asarray(kept) >= everything.shape[1] - indicators.shape[1])
    statistic, p_value = nan, nan
    if products.size:  # a group that lacks an arm says nothing of the interaction
        design = everything[:, kept]
        fits, is_penalized = _fitted(arms, design, ones)
        statistic, p_value = _without(arms, design, fits, ones, products.tolist(), is_penalized=is_penalized)
    return Estimate(
        quantity="subgroup_interaction_test",
        value=statistic,
        statistic=statistic,
        df=products.size,
        p_value=p_value,
        n=arms.n,
        of={"subgroup": name},
    )


def subgroup_codes(
    arms: TwoArms, marker: str, cutoff: float | None, subgroups: Sequence[str]
) -> dict[str, tuple[tuple[str, ...], NDArray[np.intp]]]:
    """Return the subgroups of the forest figure: the marker in two, then the columns asked for."""
    found: dict[str, tuple[tuple[str, ...], NDArray[np.intp]]] = {}
    if not arms.marker.levels:
        at = float(np.median(arms.raw)) if cutoff is None else cutoff
        above = (arms.raw >= at).astype(np.intp)
        if 0 < above.sum() < above.size:
            found[marker] = ((f"< {at:.4g}", f"≥ {at:.4g}"), above)
    for column in subgroups:
        levels, codes = levels_and_codes(arms.sample.frame[column])
        if len(levels) > 1:
            found[column] = (tuple(f"{one:g}" if isinstance(one, float) else str(one) for one in levels), codes)
    return found
