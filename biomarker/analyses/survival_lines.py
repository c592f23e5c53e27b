"""The lines of one group's survival curve: events, median and quartiles, follow-up, survival at times, RMST."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import nan

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.follow_up import FollowUpSample, Level
from biomarker.analyses.result import Estimate
from biomarker.analyses.survival_options import AUTO, SurvivalOptions
from biomarker.errors import DesignError
from biomarker.kernels.follow_up import Floats
from biomarker.kernels.interval import Interval
from biomarker.kernels.rmst import RestrictedMean, restricted_mean, rmst_interval
from biomarker.kernels.survival import SurvivalAt, SurvivalCurve, kaplan_meier, survival_at, survival_quantile

Of = Mapping[str, Level]


def group_lines(
    curve: SurvivalCurve,
    part: FollowUpSample,
    mean: RestrictedMean | None,
    options: SurvivalOptions,
    *,
    of: Of,
    confidence_level: float,
) -> list[Estimate]:
    """Return all lines of a group."""
    n = part.event.size
    n_patients = None if part.sample.patients is None else n

    def line(quantity: str, limits: Iterable[float], unit: str, **more: Level) -> Estimate:
        value, low, high = limits
        return Estimate(
            quantity=quantity, value=value, low=low, high=high, n=n, n_patients=n_patients, unit=unit, of={**of, **more}
        )

    watched = kaplan_meier(
        part.duration, ~part.event, entry=part.entry, conf_type=options.conf_type, confidence_level=confidence_level
    )
    at = read_curve(curve, options.times)
    lines = [
        line("events", (float(part.event.sum()), nan, nan), ""),
        line("median_survival", survival_quantile(curve), part.unit),
        line("median_follow_up", survival_quantile(watched), part.unit),
    ]
    lines += [
        line("survival_quantile", survival_quantile(curve, share), part.unit, share=share)
        for share in options.quantiles
    ]
    lines += [
        line("survival", (at.survival[i], at.low[i], at.high[i]), "fraction", time=time)
        for i, time in enumerate(options.times)
    ]
    if mean is not None:
        interval = rmst_interval(mean, confidence_level=confidence_level, small_sample=options.rmst_interval == "t")
        lines.append(line("rmst", (mean.value, *interval), part.unit, time=mean.tau))
    return lines


def read_curve(curve: SurvivalCurve, times: Sequence[float]) -> SurvivalAt:
    """Read a curve at times, without an interval where nobody has had the event: Greenwood's 0 says nothing."""
    at = survival_at(curve, times)
    is_whole = at.survival == 1
    return at._replace(low=np.where(is_whole, nan, at.low), high=np.where(is_whole, nan, at.high))


def interval_at(at: SurvivalAt, i: int) -> Interval:
    """Return the interval at the i-th time."""
    return Interval(float(at.low[i]), float(at.high[i]))


def restricted_means(
    curves: Sequence[SurvivalCurve], groups: Sequence[Level], tau: float | str | None, unit: str
) -> tuple[RestrictedMean, ...]:
    """Return the restricted mean of each group up to one time; none where it is not wanted or there is no time.

    Raises
    ------
    DesignError
        If a group's follow-up ends before `tau` with patients still free of the event.
    """
    last = min(float(curve.time[-1]) for curve in curves)
    if tau is None or (tau == AUTO and last <= 0):
        return ()
    horizon = last if tau == AUTO else float(tau)
    means = tuple(restricted_mean(curve, horizon) for curve in curves)
    short = {
        f"{group}" if group != "" else "all patients": float(curve.time[-1])
        for group, curve, mean in zip(groups, curves, means, strict=True)
        if np.isnan(mean.value)
    }
    if short:
        ends = ", ".join(f"{group} {end:g}" for group, end in short.items())
        raise DesignError(
            f"tau = {horizon:g} {unit}".rstrip() + f" is past follow-up, which ends at: {ends}. The mean survival time "
            f"up to then is not known: give a tau of at most {min(short.values()):g}, or leave it out"
        )
    return means


def counts_by(part: FollowUpSample, times: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Count patients at risk just before each time, and those with the event and censored up to it.

    At time 0 those at risk are the ones observed from the start.
    """
    observed = part.duration[:, None] >= times
    if part.entry is not None:
        entry = part.entry[:, None]
        observed &= (entry < times) | (entry <= 0)
    ended = part.duration[:, None] <= times
    happened = ended & part.event[:, None]
    at_risk, events, censored = (
        np.asarray(rows.sum(axis=0), np.intp) for rows in (observed, happened, ended & ~happened)
    )
    return at_risk, events, censored
