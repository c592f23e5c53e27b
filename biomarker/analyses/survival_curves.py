"""How long until progression or death? Kaplan-Meier curves, medians, survival at given times, log-rank test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import (
    Columns,
    FollowUpSample,
    Level,
    levels_and_codes,
    names_of,
    round_times,
    select_follow_up,
    strata_codes,
)
from biomarker.analyses.population import Positive
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.analyses.survival_notes import not_reached, past_follow_up, still_whole, untested
from biomarker.errors import DesignError, nearest
from biomarker.kernels.log_rank import log_rank
from biomarker.kernels.survival import (
    CONF_TYPES,
    SurvivalCurve,
    kaplan_meier,
    survival_at,
    survival_quantile,
)
from biomarker.references import (
    ANDERSON_1983,
    BORGAN_LIESTOL_1990,
    BROOKMEYER_CROWLEY_1982,
    KAPLAN_MEIER_1958,
    MANTEL_1966,
    SCHEMPER_SMITH_1996,
)
from biomarker.vocabulary import lower_label

Floats = NDArray[np.float64]

MAX_GROUPS = 10  # more curves than a reader can tell apart: a measured marker, most likely


@dataclass(frozen=True, kw_only=True, eq=False)
class SurvivalCurves(Result):
    """Kaplan-Meier curves of one or more groups.

    Attributes
    ----------
    groups : tuple
        Values of the group column in the order drawn; one empty text without groups.
    curves : tuple of SurvivalCurve
        Steps of each group: time, at_risk, events, censored, survival (a fraction), std_error, low, high.
    at_risk_times : ndarray, shape (n_times,)
    at_risk : ndarray of int, shape (n_groups, n_times)
        Patients under observation just before each time.
    times : tuple of float
        At which survival was asked for.
    duration, group : str
        Columns; `group` is empty without groups.
    unit : str
        Of time; empty where the name of `duration` does not tell.
    landmark : float, optional
        From which time is counted.
    """

    groups: tuple[Level, ...]
    curves: tuple[SurvivalCurve, ...]
    at_risk_times: Floats
    at_risk: NDArray[np.intp]
    times: tuple[float, ...]
    duration: str
    group: str
    unit: str
    landmark: float | None = None

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: a column wide, and taller with each group at risk."""
        return 3.46, 2.9 + 0.34 * len(self.groups)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        by = f" by {lower_label(self.group)}" if self.group else ""
        return (
            f"Kaplan-Meier curves{by}, with pointwise {self.method.confidence_level:.0%} confidence bands; "
            "ticks mark censored patients. Beneath: patients at risk."
        )

    def of_group(self, group: Level) -> dict[str, Level]:
        """Return what tells the lines of a group from those of the others: nothing without groups."""
        return {"group": group} if self.group else {}


def survival_curves(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    group: str | None = None,
    times: Sequence[float] | float | None = None,
    conf_type: str = "log-log",
    event_values: Positive | None = None,
    landmark: float | None = None,
    entry: str | None = None,
    strata: Columns | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> SurvivalCurves:
    """Kaplan-Meier curves with medians, survival at given times, and the log-rank test [1]_ [2]_ [3]_.

    Parameters
    ----------
    patients : DataFrame
        One row a patient.
    duration : str
        Column with the time from start to event or end of follow-up, at least 0; its name tells the unit
        (``pfs_months``).
    event : str
        Column that says whether the event happened: bool, or 0/1 with 1 for the event. CDISC's ``CNSR`` is the other
        way round (0 is the event): give ``event_values=[0]``.
    group : str, optional
        Column with the groups to compare, at most ten; make classes of a measured marker first.
    times : float or list of float, optional
        At which survival is wanted, in the unit of `duration`.
    conf_type : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale of the pointwise intervals, and so of the limits of the median. "log-log" keeps its coverage in small
        samples [4]_; "log" is the default of R and "log-log" that of SAS.
    event_values : value or list of values, optional
        What in `event` means that the event happened; needed unless it is bool or 0/1.
    landmark : float, optional
        Patients with the event or censored before it are left out and counted, and time is counted from it: what a
        comparison by response or by a later scan needs [5]_.
    entry : str, optional
        Column with the time at which a patient came under observation (left truncation).
    strata : str or list of str, optional
        Columns within whose classes the log-rank test compares the groups; curves are not stratified.
    confidence_level : float
        Of the intervals, a fraction in (0, 1).
    patient : str or None
        Column of patients, of whom each has one row. None says that rows are independent.

    Returns
    -------
    SurvivalCurves
        Per group ``events`` (of n), ``median_survival``, ``median_follow_up`` (reverse Kaplan-Meier) and, at each of
        `times`, ``survival``; with two or more groups ``log_rank``. Numbers at risk and curves are fields.

    Raises
    ------
    DesignError
        If what counts as an event is not told, a patient has several rows, there are too many groups, or a column or
        option is unknown.
    SchemaError
        If a duration is negative or an entry is not before its duration; every such row is named.

    Notes
    -----
    The median is the first time at which the curve is at or below one half, and the middle of a stretch that lies on
    one half, as in R. A limit that the curve or its band does not reach is NaN. Follow-up of length 0 counts as at
    risk at time 0, so that an event then lowers the curve at once. Survival past the last follow-up is NaN.

    References
    ----------
    .. [1] Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481.
    .. [2] Brookmeyer R, Crowley J. Biometrics 1982;38:29-41.
    .. [3] Mantel N. Cancer Chemother Rep 1966;50:163-170.
    .. [4] Borgan Ø, Liestøl K. Scand J Stat 1990;17:35-41.
    .. [5] Anderson JR, Cain KC, Gelber RD. J Clin Oncol 1983;1:710-719.

    Examples
    --------
    Weeks in remission under 6-mercaptopurine and placebo (Freireich et al., Blood 1963;21:699-716):

    >>> weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    >>> relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    >>> placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    >>> data = pd.DataFrame({
    ...     "remission_weeks": weeks + placebo,
    ...     "relapse": relapse + [1] * 21,
    ...     "arm": ["6-MP"] * 21 + ["placebo"] * 21,
    ... })
    >>> result = survival_curves(data, duration="remission_weeks", event="relapse", group="arm", patient=None)
    >>> result.estimate("median_survival", group="6-MP").value
    23.0
    >>> round(result.estimate("log_rank").statistic, 2)
    16.79
    """
    checked_fraction(confidence_level, "confidence_level")
    asked, stratifiers = _times(times), names_of(strata)
    _check_options(conf_type, stratifiers, group)
    follow_up = select_follow_up(
        patients,
        duration=duration,
        event=event,
        event_values=event_values,
        entry=entry,
        landmark=landmark,
        other=[*([group] if group else []), *stratifiers],
        patient=patient,
    )
    settings = {
        "conf_type": conf_type,
        "landmark": landmark,
        "strata": stratifiers,
        "entry": entry,
        "event_values": event_values,
    }
    method = _method(follow_up, settings, group=group, confidence_level=confidence_level)
    groups, codes = _groups(follow_up.sample.frame, group)
    parts = [follow_up.part(codes == code) for code in range(len(groups))]
    curves = tuple(
        kaplan_meier(
            part.duration, part.event, entry=part.entry, conf_type=conf_type, confidence_level=confidence_level
        )
        for part in parts
    )
    ticks = round_times(float(follow_up.duration.max()), follow_up.unit)
    result = SurvivalCurves(
        estimates=(),
        method=method,
        population=follow_up.sample.population,
        groups=groups,
        curves=curves,
        at_risk_times=ticks,
        at_risk=np.array([_at_risk(part, ticks) for part in parts]),
        times=asked,
        duration=duration,
        group=group or "",
        unit=follow_up.unit,
        landmark=landmark,
    )
    return _estimated(result, parts, follow_up, codes, stratifiers)


def _times(times: Sequence[float] | float | None) -> tuple[float, ...]:
    asked = [] if times is None else [times] if isinstance(times, int | float) else list(times)
    wrong = [str(time) for time in asked if isinstance(time, str | bool) or not 0 <= time < float("inf")]
    if wrong:
        raise DesignError(f"times = {', '.join(wrong)}: give numbers of at least 0, in the unit of the duration")
    return tuple(sorted({float(time) for time in asked}))


def _check_options(conf_type: str, strata: Sequence[str], group: str | None) -> None:
    if conf_type not in CONF_TYPES:
        known = ", ".join(CONF_TYPES)
        raise DesignError(f"no conf_type {conf_type!r}{nearest(str(conf_type), CONF_TYPES)}; there are {known}")
    if strata and not group:
        raise DesignError("strata belong to the log-rank test, which needs groups: give group=..., or leave strata out")
    if group in strata:
        raise DesignError(f"{group!r} is the group and a stratum: within a stratum there is nothing to compare")


def _groups(frame: pd.DataFrame, group: str | None) -> tuple[tuple[Level, ...], NDArray[np.intp]]:
    """Return the groups in order, and the code of each patient's."""
    if group is None:
        return ("",), np.zeros(len(frame), np.intp)
    levels, codes = levels_and_codes(frame[group])
    if len(levels) > MAX_GROUPS:
        raise DesignError(
            f"{group!r} has {len(levels)} values, too many for a curve each: make classes of it first "
            "(how = 'class' in a [[derive]] of the study file, or pandas.cut)"
        )
    return levels, codes


def _at_risk(part: FollowUpSample, times: Floats) -> NDArray[np.intp]:
    """Count patients under observation just before each time; at time 0, those observed from the start."""
    observed = part.duration[:, None] >= times
    if part.entry is not None:
        entry = part.entry[:, None]
        observed &= (entry < times) | (entry <= 0)
    return np.asarray(observed.sum(axis=0), dtype=np.intp)


def _estimated(
    result: SurvivalCurves,
    parts: Sequence[FollowUpSample],
    follow_up: FollowUpSample,
    codes: NDArray[np.intp],
    strata: Sequence[str],
) -> SurvivalCurves:
    """Return the result with its estimates, and the notes that follow from them."""
    lines: list[Estimate] = []
    for group, curve, part in zip(result.groups, result.curves, parts, strict=True):
        lines += [*_median_lines(result, group, curve, part), *_survival_lines(result, group, curve, part)]
    last = {group: curve.time[-1] for group, curve in zip(result.groups, result.curves, strict=True)}
    notes = [not_reached(lines), past_follow_up(lines, last, result.unit), still_whole(lines)]
    if len(result.groups) > 1:
        stratum = strata_codes(follow_up.sample.frame, strata)
        test = log_rank(follow_up.duration, follow_up.event, codes, strata=stratum, entry=follow_up.entry)
        lines.append(
            Estimate(
                quantity="log_rank",
                value=test.statistic,
                statistic=test.statistic,
                df=test.df,
                p_value=test.p_value,
                n=codes.size,
                n_patients=follow_up.sample.n_patients,
            )
        )
        notes.append(untested(test, len(result.groups)))
    elif result.group:
        notes.append(f"All patients are {result.groups[0]} on {result.group}, so there is nothing to compare.")
    method = replace(result.method, notes=(*result.method.notes, *notes))
    return replace(result, estimates=tuple(lines), method=method)


def _median_lines(result: SurvivalCurves, group: Level, curve: SurvivalCurve, part: FollowUpSample) -> list[Estimate]:
    """Events, median survival and median follow-up of a group, the last with events and censoring exchanged."""
    n, of = part.event.size, result.of_group(group)
    n_patients = None if part.sample.patients is None else n
    conf_type, level = str(result.method.settings["conf_type"]), result.method.confidence_level
    watched = kaplan_meier(part.duration, ~part.event, entry=part.entry, conf_type=conf_type, confidence_level=level)
    lines = [Estimate(quantity="events", value=float(part.event.sum()), n=n, n_patients=n_patients, of=of)]
    for quantity, source in (("median_survival", curve), ("median_follow_up", watched)):
        value, low, high = survival_quantile(source)
        lines.append(
            Estimate(
                quantity=quantity, value=value, low=low, high=high, n=n, n_patients=n_patients, unit=result.unit, of=of
            )
        )
    return lines


def _survival_lines(result: SurvivalCurves, group: Level, curve: SurvivalCurve, part: FollowUpSample) -> list[Estimate]:
    n = part.event.size
    at = survival_at(curve, result.times)
    is_whole = at.survival == 1  # no event yet: Greenwood's error is 0, and says nothing
    low, high = (np.where(is_whole, nan, limit) for limit in (at.low, at.high))
    return [
        Estimate(
            quantity="survival",
            value=at.survival[i],
            low=low[i],
            high=high[i],
            n=n,
            n_patients=None if part.sample.patients is None else n,
            unit="fraction",
            of={**result.of_group(group), "time": time},
        )
        for i, time in enumerate(result.times)
    ]


def _method(
    follow_up: FollowUpSample, settings: Mapping[str, object], *, group: str | None, confidence_level: float
) -> Method:
    conf_type, strata, landmark = settings["conf_type"], settings["strata"], settings["landmark"]
    text = [
        f"Survival was estimated by the Kaplan-Meier method with pointwise {confidence_level:.0%} confidence intervals "
        f"on the {conf_type} scale, and medians with Brookmeyer-Crowley limits; median follow-up by the reverse "
        "Kaplan-Meier method."
    ]
    references = [KAPLAN_MEIER_1958, BROOKMEYER_CROWLEY_1982, SCHEMPER_SMITH_1996]
    if conf_type != "plain":
        references.append(BORGAN_LIESTOL_1990)
    if group:
        within = f", stratified by {', '.join(map(str, strata))}" if isinstance(strata, list) and strata else ""
        text.append(f"Groups were compared by the two-sided log-rank test{within}.")
        references.append(MANTEL_1966)
    if landmark is not None:
        at = f"{landmark:g} {follow_up.unit}".strip()
        text.append(f"Time was counted from a landmark at {at}, for patients still under observation then.")
        references.append(ANDERSON_1983)
    if follow_up.entry is not None:
        text.append("Patients counted as at risk from their entry into observation (left truncation).")
    return Method(
        name=f"Kaplan-Meier estimates with {conf_type} intervals",
        confidence_level=confidence_level,
        settings=settings,
        references=tuple(references),
        notes=follow_up.notes,
        description=" ".join(text),
    )
