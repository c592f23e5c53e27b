"""The interaction itself, the effect of treatment by level of the marker and in subgroups, and that of the marker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import exp, inf, isnan, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, stdtr, stdtrit

from biomarker.analyses.follow_up import levels_and_codes
from biomarker.analyses.interaction_data import TwoArms
from biomarker.analyses.result import Estimate
from biomarker.errors import DesignError
from biomarker.kernels.outcome_models import Fits

Floats = NDArray[np.float64]

QUARTILES = {"lower quartile": 0.25, "median": 0.5, "upper quartile": 0.75}


class Scale(NamedTuple):
    """How an effect is told: its name, whether it is a ratio, and degrees of freedom of its tests."""

    name: str
    is_ratio: bool
    df: float

    def estimate(self, prefix: str, b: float, se: float, confidence: float, /, **of: object) -> Estimate:
        """Return one effect with its interval and test."""
        width = float(stdtrit(self.df, (1 + confidence) / 2)) * se
        statistic = b / se if se > 0 else nan
        shown = (exp(b) if b < _LARGEST else inf, _exp(b - width), _exp(b + width))
        value, low, high = shown if self.is_ratio else (b, b - width, b + width)
        return Estimate(
            quantity=f"{prefix}_{self.name}",
            value=value,
            low=low,
            high=high,
            statistic=statistic,
            df=self.df if np.isfinite(self.df) else nan,
            p_value=float(2 * stdtr(self.df, -abs(statistic))) if not isnan(statistic) else nan,
            of=of,
        )


_LARGEST = 700.0


def _exp(value: float) -> float:
    return nan if isnan(value) else inf if value > _LARGEST else exp(value)


class Interaction(NamedTuple):
    """The fitted model with the interaction, and its likelihood ratio test."""

    coefficients: Floats
    covariance: Floats
    statistic: float
    p_value: float
    is_penalized: bool
    converged: bool


def fit_interaction(arms: TwoArms) -> Interaction:
    """Fit arm, marker, their product and covariates; with Firth's penalty where there is no finite maximum."""
    design = arms.design()
    _check_rank(arms, design)
    for is_penalized in (False, True):
        whole = arms.model.fit(design, penalized=is_penalized)
        if whole.converged[0] or is_penalized:
            break
    without = arms.model.fit(np.delete(design, 2, axis=1), penalized=is_penalized)
    gain = max(2 * float(whole.log_likelihood[0] - without.log_likelihood[0]), 0.0)
    known = bool(whole.converged[0] and without.converged[0])
    return Interaction(
        whole.coefficients[0],
        whole.covariance[0],
        gain if known else nan,
        float(chdtrc(1, gain)) if known else nan,
        is_penalized,
        bool(whole.converged[0]),
    )


def _check_rank(arms: TwoArms, design: Floats) -> None:
    """Refuse covariates that repeat the marker, the arm or one another: their effects cannot be told apart."""
    spread = design.std(axis=0)
    standard = (design - design.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    if np.linalg.matrix_rank(standard, tol=1e-7 * np.sqrt(arms.n)) == design.shape[1]:
        return
    names = ", ".join(repr(name) for name in (arms.marker.name, *(term.name for term in arms.covariates)))
    raise DesignError(
        f"the effects of treatment, {names} cannot be told apart: one is a combination of others, or within an arm the "
        "marker is always the same; leave out what repeats another"
    )


def combined(found: Interaction, weights: Mapping[int, float]) -> tuple[float, float]:
    """Return a sum of coefficients, each with its weight, and its standard error."""
    if not found.converged:
        return nan, nan
    v = np.zeros(found.coefficients.size)
    for place, weight in weights.items():
        v[place] = weight
    return float(v @ found.coefficients), float(np.sqrt(v @ found.covariance @ v))


def main_lines(arms: TwoArms, found: Interaction, scale: Scale, level: float) -> Iterator[Estimate]:
    """Give the interaction, its likelihood ratio test, and the effect of the marker in either arm."""
    term = arms.marker
    unit = {"per": term.per} if term.per else {"level": term.levels[0], "reference": term.reference}
    yield scale.estimate("interaction", *combined(found, {2: 1.0}), level, term=term.name, **unit)
    yield Estimate(
        quantity="interaction_test",
        value=found.statistic,
        statistic=found.statistic,
        df=1,
        p_value=found.p_value,
        n=arms.n,
        of={"term": term.name},
    )
    for name, weights in zip(arms.arms, ({1: 1.0}, {1: 1.0, 2: 1.0}), strict=True):
        yield scale.estimate("marker", *combined(found, weights), level, term=term.name, arm=name, **unit)


def level_lines(
    arms: TwoArms, found: Interaction, scale: Scale, levels: Sequence[float] | None, level: float
) -> Iterator[Estimate]:
    """Give the effect of treatment at values of the marker, from the model with the interaction."""
    if arms.marker.levels:
        shown = {arms.marker.reference: 0.0, arms.marker.levels[0]: 1.0}
        for name, x in shown.items():
            yield scale.estimate("treatment", *combined(found, {0: 1.0, 2: x}), level, marker=name)
        return
    values = {name: float(np.quantile(arms.raw, share)) for name, share in QUARTILES.items()}
    if levels is not None:
        values = {f"{value:g}": value for value in levels}
    for name, value in values.items():
        x = arms.in_unit(value) - arms.centre
        of = {"marker": value, "at": name} if levels is None else {"marker": value}
        yield scale.estimate("treatment", *combined(found, {0: 1.0, 2: x}), level, **of)


def treatment_lines(
    arms: TwoArms, scale: Scale, groups: Mapping[str, tuple[tuple[str, ...], NDArray[np.intp]]], level: float
) -> Iterator[Estimate]:
    """Give the effect of treatment in all patients and in each subgroup, with the test that it differs between them.

    `groups` holds for each subgrouping the labels of its groups and each patient's code.
    """
    arm = arms.is_treated.astype(float)
    everybody = np.column_stack([arm, arms.extra])
    b, se = _effect(arms, everybody, np.ones((1, arms.n)))
    yield scale.estimate("treatment", b, se, level, subgroup="all patients")
    for name, (labels, codes) in groups.items():
        inside = np.array([codes == code for code in range(len(labels))], float)
        for number, label in enumerate(labels):
            b, se = _effect(arms, everybody, inside[number : number + 1])
            line = scale.estimate("treatment", b, se, level, subgroup=name, level=label)
            yield replace(line, n=int(inside[number].sum()))
        indicators = inside[1:].T
        without = np.column_stack([arm, indicators, arms.extra])
        whole = np.column_stack([without, indicators * arm[:, None]])
        yield _subgroup_test(arms, without, whole, name, len(labels) - 1)


def _effect(arms: TwoArms, design: Floats, weights: Floats) -> tuple[float, float]:
    """Return the coefficient of the first column and its standard error; penalised where there is no finite maximum."""
    fits, _ = _fitted(arms, design, weights)
    if not fits.converged[0]:
        return nan, nan
    return float(fits.coefficients[0, 0]), float(np.sqrt(fits.covariance[0, 0, 0]))


def _fitted(arms: TwoArms, design: Floats, weights: Floats) -> tuple[Fits, bool]:
    """Return the fit and whether it had to be penalised."""
    fits = arms.model.fit(design, weights)
    if fits.converged.all():
        return fits, False
    return arms.model.fit(design, weights, penalized=True), True


def _subgroup_test(arms: TwoArms, without: Floats, whole: Floats, name: str, df: int) -> Estimate:
    ones = np.ones((1, arms.n))
    larger, is_penalized = _fitted(arms, whole, ones)
    smaller = arms.model.fit(without, ones, penalized=is_penalized)
    known = bool(larger.converged[0] and smaller.converged[0])
    gain = max(2 * float(larger.log_likelihood[0] - smaller.log_likelihood[0]), 0.0) if known else nan
    return Estimate(
        quantity="subgroup_interaction_test",
        value=gain,
        statistic=gain,
        df=df,
        p_value=float(chdtrc(df, gain)) if known else nan,
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
            found[column] = (tuple(str(one) for one in levels), codes)
    return found
