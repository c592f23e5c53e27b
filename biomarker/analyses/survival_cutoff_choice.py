"""The choice of a cutoff for survival: the statistic at every cutoff, its null distribution, and resampled patients."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri

from biomarker.analyses.follow_up import FollowUpSample
from biomarker.analyses.result import Estimate
from biomarker.analyses.survival_cutoff_plan import CutoffPlan
from biomarker.errors import DesignError
from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.interval import Interval
from biomarker.kernels.log_rank_scan import (
    log_rank_at_cutoffs,
    log_rank_scores,
    marked_follow_up,
    permutation_p,
    permuted_maxima,
    scan_cutoffs,
)
from biomarker.kernels.maximally_selected import (
    exact_gauss_p,
    hothorn_lausen_p,
    integer_scores,
    lausen_schumacher_94_p,
)
from biomarker.kernels.minimum_p import miller_siegmund_p
from biomarker.kernels.resampling import expanded_level, percentile_interval, substream
from biomarker.kernels.risk_sets import risk_sets
from biomarker.kernels.survival_cutoff import (
    Corrected,
    ResampledCutoffs,
    best_cutoffs,
    is_positive,
    resample_survival_cutoffs,
    without_optimism,
)
from biomarker.kernels.two_group_hazard import log_hazard_ratio
from biomarker.vocabulary import marker_unit

Floats = NDArray[np.float64]

MOST_LEVELS = 150  # of whole-number scores, for exact counts in reasonable time


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A hazard ratio on the log scale; `is_penalized` where only Firth's likelihood has a maximum."""

    log_value: float
    std_error: float
    is_penalized: bool = False
    scale: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What was found at all cutoffs, at the best, and in resamples."""

    cutoffs: Floats
    statistics: Floats
    cutoff: float
    tied: Floats
    statistic: float
    p_values: dict[str, float]
    critical_value: float
    interval: Interval
    resampled: ResampledCutoffs
    positive: NDArray[np.bool_]
    log_rank: float
    apparent: Ratio
    corrected: Corrected
    continuous: Ratio | None


def choose(follow_up: FollowUpSample, values: Floats, marker: str, plan: CutoffPlan) -> Choice:
    """Choose the cutoff, refer its statistic to its null distribution, and resample patients.

    Raises
    ------
    DesignError
        If no cutoff lies between the shares, or no two patients differ in survival.
    """
    data = marked_follow_up(follow_up.duration, follow_up.event, values)
    shares = {"lowest_share": plan.minimum_share, "highest_share": plan.maximum_share}
    scores = log_rank_scores(data, ties=plan.ties)
    if np.ptp(scores) < 1e-12:
        raise DesignError("survival is the same in every patient, all events at one time: no cutoff parts anything")
    scan = scan_cutoffs(data, scores, **shares)
    tried = np.flatnonzero(~np.isnan(scan.z[0]))
    if not tried.size:
        raise DesignError(
            f"no cutoff of {marker!r} has between {plan.minimum_share:g} and {plan.maximum_share:g} of the patients "
            "below it: its values are too few; give other shares"
        )
    size = np.abs(scan.z[0, tried])
    statistic = float(size.max())
    cutoffs = data.levels[tried + 1] if plan.higher_is_positive else data.levels[tried]
    cutoff = float(best_cutoffs(data, scan, higher_is_positive=plan.higher_is_positive)[0])
    maxima = permuted_maxima(data, scores, scan, n_permutations=plan.n_permutations, rng=substream(plan.seed, 0))
    resampled = resample_survival_cutoffs(
        data,
        plan.n_resamples,
        substream(plan.seed, 1),
        higher_is_positive=plan.higher_is_positive,
        ties=plan.ties,
        **shares,
    )
    positive = is_positive(data, np.array([cutoff]), higher_is_positive=plan.higher_is_positive)
    fits = [log_hazard_ratio(data, positive, penalized=penalized) for penalized in (False, True)]
    is_penalized = bool(np.isnan(fits[0].value[0]))
    apparent = Ratio(
        log_value=float(fits[is_penalized].value[0]),
        std_error=float(fits[is_penalized].std_error[0]),
        is_penalized=is_penalized,
    )
    level = plan.confidence_level
    if plan.cutoff_interval == "expanded-percentile":
        level = expanded_level(level, values.size)
    return Choice(
        cutoffs=cutoffs,
        statistics=size,
        cutoff=cutoff,
        tied=cutoffs[size >= statistic * (1 - 1e-9)],
        statistic=statistic,
        p_values={"permutation": permutation_p(statistic, maxima)}
        | _approximate_p(statistic, scores[0], scan.below[0, tried], data.by_marker, plan),
        critical_value=float(np.quantile(maxima, plan.confidence_level)),
        interval=percentile_interval(resampled.cutoffs, level),
        resampled=resampled,
        positive=positive[0],
        log_rank=float(
            log_rank_at_cutoffs(follow_up.duration, follow_up.event, positive[0].astype(float), [1.0]).chi_square[0]
        ),
        apparent=apparent,
        corrected=without_optimism(apparent.log_value, resampled, correction=plan.correction),
        continuous=_continuous(follow_up, values),
    )


def _approximate_p(
    statistic: float, scores: Floats, below: Floats, by_marker: NDArray[np.intp], plan: CutoffPlan
) -> dict[str, float]:
    """Return the p-values by formula: asymptotic, and the bound by exact distributions of whole-number scores."""
    n = scores.size
    whole = integer_scores(scores, min(n, MOST_LEVELS))
    sums = np.cumsum(whole[by_marker])[below.astype(int) - 1]
    sd = np.sqrt(below * (n - below) / (n * (n - 1)) * np.sum((whole - whole.mean()) ** 2))
    of_whole = float(np.max(np.abs(sums - below * whole.mean()) / sd))  # rounding moves the statistic a little
    return {
        "exact-gauss": exact_gauss_p(statistic, below, n),
        "lausen-schumacher-92": miller_siegmund_p(statistic**2, plan.minimum_share, plan.maximum_share),
        "lausen-schumacher-94": lausen_schumacher_94_p(statistic, below, n),
        "hothorn-lausen": hothorn_lausen_p(of_whole, whole, below),
    }


def _continuous(follow_up: FollowUpSample, values: Floats) -> Ratio | None:
    """Fit Cox's model to the marker as measured: per doubling where it spans two of them, else per unit."""
    doubled = bool(values.min() > 0 and values.max() >= 4 * values.min())
    x = np.log2(values) if doubled else values
    largest = float(np.abs(x).max())
    scaled = x / largest  # so that neither huge nor tiny values leave floating point when squared
    spread = float(scaled.std())
    fit = fit_many(((scaled - scaled.mean()) / spread)[:, None], risk_sets(follow_up.duration, follow_up.event))
    spread *= largest
    if not fit.converged[0]:
        return None
    return Ratio(
        log_value=float(fit.coefficients[0, 0]) / spread,
        std_error=float(1 / np.sqrt(fit.information[0, 0, 0])) / spread,
        scale="per doubling" if doubled else "per unit",
    )


def cutoff_lines(choice: Choice, plan: CutoffPlan, marker: str, follow_up: FollowUpSample) -> tuple[Estimate, ...]:
    """Return the lines of a result."""
    n, n_patients = follow_up.event.size, follow_up.sample.n_patients
    of = {"marker": marker, "cutoff": choice.cutoff}
    chosen = choice.resampled.cutoffs[~np.isnan(choice.resampled.cutoffs)]
    lines = [
        Estimate(
            quantity="cutoff",
            value=choice.cutoff,
            low=choice.interval.low,
            high=choice.interval.high,
            n=n,
            n_patients=n_patients,
            unit=marker_unit(marker),
            of={"marker": marker},
        )
    ]
    lines += [
        Estimate(
            quantity="maximal_log_rank",
            value=choice.statistic,
            statistic=choice.statistic,
            p_value=p,
            n=n,
            n_patients=n_patients,
            of={"marker": marker, "method": method},
        )
        for method, p in choice.p_values.items()
    ]
    lines.append(
        Estimate(
            quantity="log_rank",
            value=choice.log_rank,
            statistic=choice.log_rank,
            df=1,
            p_value=float(chdtrc(1, choice.log_rank)) if choice.log_rank >= 0 else nan,
            n=n,
            n_patients=n_patients,
            of=of,
        )
    )
    for side, rows in (("positive", choice.positive), ("negative", ~choice.positive)):
        lines.append(
            Estimate(
                quantity="events", value=float(follow_up.event[rows].sum()), n=int(rows.sum()), of={**of, "group": side}
            )
        )
    apparent = choice.apparent
    corrected = Ratio(log_value=choice.corrected.value, std_error=apparent.std_error)
    lines += [
        _ratio_line(apparent, plan, {**of, "performance": "apparent"}),
        _ratio_line(corrected, plan, {**of, "performance": "corrected"}),
    ]
    if choice.continuous is not None:
        lines.append(_ratio_line(choice.continuous, plan, {"term": f"{marker}, {choice.continuous.scale}"}, test=True))
    share = float(np.mean(chosen == choice.cutoff)) if chosen.size else nan
    lines.append(Estimate(quantity="selection_frequency", value=share, n=chosen.size, unit="fraction", of=of))
    return tuple(lines)


def _ratio_line(ratio: Ratio, plan: CutoffPlan, of: dict[str, object], *, test: bool = False) -> Estimate:
    """Return a hazard ratio with its Wald limits; a test only of what was not chosen on the data."""
    half_width = float(ndtri((1 + plan.confidence_level) / 2)) * ratio.std_error
    z = ratio.log_value / ratio.std_error
    with np.errstate(over="ignore"):  # per unit of a marker of 1e-300 it is infinite
        value, low, high = np.exp(ratio.log_value + half_width * np.array([0.0, -1.0, 1.0]))
    return Estimate(
        quantity="hazard_ratio",
        value=value,
        low=low,
        high=high,
        statistic=z if test else nan,
        p_value=float(chdtrc(1, z**2)) if test else nan,
        of=of,
    )
