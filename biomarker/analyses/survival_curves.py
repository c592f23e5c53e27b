"""How long until progression or death? Kaplan-Meier curves, medians, survival at given times, RMST, log-rank tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import Columns, FollowUpSample, Level, group_codes, round_times, select_follow_up
from biomarker.analyses.immortal_time import check_known_in_time
from biomarker.analyses.population import Positive
from biomarker.analyses.result import Estimate, Result, checked_fraction
from biomarker.analyses.survival_comparisons import contrast_lines, group_tests, reference_group
from biomarker.analyses.survival_lines import counts_by, group_lines, restricted_means
from biomarker.analyses.survival_method import survival_method
from biomarker.analyses.survival_notes import closing_notes, comparison_notes, untested
from biomarker.analyses.survival_options import AUTO, Numbers, SurvivalOptions, check_measured_at, survival_options
from biomarker.kernels.interval import Interval
from biomarker.kernels.survival import SurvivalCurve, kaplan_meier
from biomarker.kernels.survival_bands import survival_band
from biomarker.vocabulary import lower_label

Floats = NDArray[np.float64]
Counts = NDArray[np.intp]

WITH_LIMITS = 4  # groups; with more, shaded limits would hide the curves


@dataclass(frozen=True, kw_only=True, eq=False)
class SurvivalCurves(Result):
    """Kaplan-Meier curves of one or more groups.

    Attributes
    ----------
    groups : tuple
        Values of the group column in the order drawn; one empty text without groups.
    curves : tuple of SurvivalCurve
        Steps of each group: time, at_risk, events, censored, survival (a fraction), std_error, low, high.
    bands : tuple of Interval
        Limits that hold each whole curve, at its times; empty unless `band` was asked for.
    at_risk_times : ndarray, shape (n_times,)
    at_risk, events_by, censored_by : ndarray of int, shape (n_groups, n_times)
        Patients under observation just before each time, and with the event or censored up to it.
    times : tuple of float
        At which survival was asked for.
    tau : float, optional
        Up to which mean survival time was taken.
    reference : str, int or float
        Group that the others are compared with.
    duration, group : str
        Columns; `group` is empty without groups.
    unit : str
        Of time; empty where the name of `duration` does not tell.
    landmark : float, optional
        From which time is counted.
    risk_table : {"at-risk", "kmunicate"}
        What the figure writes beneath the curves.
    """

    groups: tuple[Level, ...]
    curves: tuple[SurvivalCurve, ...]
    bands: tuple[Interval, ...]
    at_risk_times: Floats
    at_risk: Counts
    events_by: Counts
    censored_by: Counts
    times: tuple[float, ...]
    tau: float | None
    reference: Level
    duration: str
    group: str
    unit: str
    landmark: float | None = None
    risk_table: str = "at-risk"

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: a column wide, and taller with each group at risk."""
        lines_each = 4 if self.risk_table == "kmunicate" else 2
        return 3.46, 2.9 + 0.17 * lines_each * len(self.groups)

    @property
    def shows_limits(self) -> bool:
        """Whether the figure shades limits or bands: those asked for, or where few curves overlap."""
        return bool(self.bands) or len(self.groups) <= WITH_LIMITS

    @property
    def caption(self) -> str:
        """What the figure shows."""
        by = f" by {lower_label(self.group)}" if self.group else ""
        level = f"{100 * self.method.confidence_level:g}%"
        band = f"pointwise {level} confidence limits"
        if self.bands:
            name = "Hall-Wellner" if self.method.settings["band"] == "hall-wellner" else "equal-precision"
            band = f"simultaneous {level} {name} bands, which hold the whole curve"
        beneath = "patients at risk"
        if self.risk_table == "kmunicate":
            beneath += ", and censored or with the event up to each time"
        shown = f", with {band}" if self.shows_limits else ""
        return f"Kaplan-Meier curves{by}{shown}; ticks mark censored patients. Beneath: {beneath}."

    def of_group(self, group: Level) -> dict[str, Level]:
        """Return what tells the lines of a group from those of the others: nothing without groups."""
        return {"group": group} if self.group else {}

    def at_risk_table(self) -> pd.DataFrame:
        """Return the counts beneath the curves, one row a group and time.

        Columns: group, time, at_risk (just before the time), events and censored (up to and with it).
        """
        shape = self.at_risk.shape
        return pd.DataFrame(
            {
                "group": np.repeat(np.array(self.groups, dtype=object), shape[1]),
                "time": np.tile(self.at_risk_times, shape[0]),
                "at_risk": self.at_risk.ravel(),
                "events": self.events_by.ravel(),
                "censored": self.censored_by.ravel(),
            }
        )


def survival_curves(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    group: str | None = None,
    times: Numbers | None = None,
    quantiles: Numbers = (0.25, 0.75),
    conf_type: str = "log-log",
    band: str | None = None,
    event_values: Positive | None = None,
    landmark: float | None = None,
    entry: str | None = None,
    measured_at: Mapping[str, float | str] | None = None,
    strata: Columns | None = None,
    tests: Sequence[str] | str = "log-rank",
    rho: float = 0.0,
    gamma: float = 1.0,
    trend: bool | Sequence[float] = False,
    pairwise: bool = False,
    adjust: str = "holm",
    reference: Level | None = None,
    tau: float | str | None = "auto",
    rmst_interval: str = "t",
    risk_table: str = "at-risk",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> SurvivalCurves:
    """Kaplan-Meier curves with medians, survival at given times, mean survival time, and log-rank tests [1]_ [2]_ [3]_.

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
    quantiles : float or list of float
        Shares of patients with the event whose time is wanted besides the median: the quartiles by default.
    conf_type : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale of the pointwise intervals, and so of the limits of the median. "log-log" keeps its coverage in small
        samples [4]_; "log" is the default of R and "log-log" that of SAS.
    band : {"hall-wellner", "equal-precision"}, optional
        Band that holds the whole curve with the given confidence, in place of pointwise limits in the figure [5]_. With
        10 to 15 patients a group the equal-precision band holds less than it says, Hall and Wellner's nearly.
    event_values : value or list of values, optional
        What in `event` means that the event happened; needed unless it is bool or 0/1.
    landmark : float, optional
        Patients with the event or censored before it are left out and counted, and time is counted from it: what a
        comparison by response or by a later scan needs [6]_.
    entry : str, optional
        Column with the time at which a patient came under observation (left truncation).
    measured_at : mapping of str to float or str, optional
        When the group was known: a time since the start, or the column with each patient's own. A group known only
        after the clock starts, as response is, is refused: the time until then would be immortal.
    strata : str or list of str, optional
        Columns within whose classes the tests compare the groups; curves are not stratified.
    tests : str or list of str
        Among "log-rank", "gehan", "tarone-ware", "peto", "modified-peto" and "fleming-harrington" [7]_.
    rho, gamma : float
        Of Fleming and Harrington's weights, ``S(t-)**rho * (1 - S(t-))**gamma``; by default late differences weigh.
    trend : bool or list of float
        Whether to test for a trend over the groups in their order, or their scores.
    pairwise : bool
        Whether to test every two groups, by the first of `tests`.
    adjust : {"holm", "hochberg", "bonferroni", "benjamini-hochberg", "benjamini-yekutieli"}
        How p-values of pairs are adjusted.
    reference : value of `group`, optional
        That the other groups are compared with in survival and mean survival time; the first by default.
    tau : float, "auto" or None
        Up to which the mean survival time (RMST) is taken; "auto" is the end of the shortest follow-up of a group, as
        in R's survRM2, None leaves it out. Past follow-up it is refused.
    rmst_interval : {"t", "normal"}
        "t" widens RMST intervals for few events, and holds its level from 10 patients a group on; "normal" is
        survRM2's, which covers 87 to 95 % with 10 to 20.
    risk_table : {"at-risk", "kmunicate"}
        What the figure writes beneath the curves: patients at risk, or also those censored and with the event so far,
        as readers asked for in the KMunicate study [8]_.
    confidence_level : float
        Of the intervals, a fraction in (0, 1).
    patient : str or None
        Column of patients, of whom each has one row. None says that rows are independent.

    Returns
    -------
    SurvivalCurves
        Per group ``events`` (of n), ``median_survival``, ``survival_quantile`` (``of={"share": 0.25}``),
        ``median_follow_up`` (reverse Kaplan-Meier), ``rmst`` and, at each of `times`, ``survival``. With two or more
        groups ``log_rank`` or what else is in `tests`, ``log_rank_trend`` (value z), ``pairwise_p_value`` (adjusted,
        beside the raw p), and against the reference ``survival_difference``, ``rmst_difference`` and ``rmst_ratio``
        (``of={"comparison": "B v A"}``: B minus, or over, A). Numbers at risk and curves are fields.

    Raises
    ------
    DesignError
        If what counts as an event is not told, a patient has several rows, there are too many groups, a group was not
        known when the clock started, `tau` is past follow-up, or a column or option is unknown.
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
    .. [5] Hall WJ, Wellner JA. Biometrika 1980;67:133-143; Nair VN. Technometrics 1984;26:265-275.
    .. [6] Anderson JR, Cain KC, Gelber RD. J Clin Oncol 1983;1:710-719.
    .. [7] Klein JP, Moeschberger ML. Survival Analysis. 2nd ed. Springer, 2003, section 7.3.
    .. [8] Morris TP, Jarvis CI, Cragg W, et al. BMJ Open 2019;9:e030215.

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
    >>> round(result.estimate("rmst_difference").value, 2), result.tau
    (-9.24, 23.0)
    """
    checked_fraction(confidence_level, "confidence_level")
    options = survival_options(
        times=times,
        quantiles=quantiles,
        strata=strata,
        tests=tests,
        rho=rho,
        gamma=gamma,
        trend=trend,
        group=group,
        tau=tau,
        reference=reference,
        conf_type=conf_type,
        band=band,
        pairwise=pairwise,
        adjust=adjust,
        rmst_interval=rmst_interval,
        risk_table=risk_table,
    )
    markers = [*([group] if group else []), *options.strata]
    check_measured_at(measured_at, markers)
    follow_up = select_follow_up(
        patients,
        duration=duration,
        event=event,
        event_values=event_values,
        entry=entry,
        landmark=landmark,
        other=markers,
        patient=patient,
    )
    known = check_known_in_time(markers, patients, measured_at=measured_at, landmark=landmark, entry=entry)
    given = {"landmark": landmark, "entry": entry, "event_values": event_values, "measured_at": measured_at}
    groups, codes = group_codes(follow_up.sample.frame, group)
    method = survival_method(
        follow_up, options, given=given, n_groups=len(groups), confidence_level=confidence_level, notes=[known]
    )
    parts = [follow_up.part(codes == code) for code in range(len(groups))]
    curves = tuple(
        kaplan_meier(
            part.duration, part.event, entry=part.entry, conf_type=conf_type, confidence_level=confidence_level
        )
        for part in parts
    )
    ticks = round_times(float(follow_up.duration.max()), follow_up.unit)
    counts = [counts_by(part, ticks) for part in parts]
    result = SurvivalCurves(
        estimates=(),
        method=method,
        population=follow_up.sample.population,
        groups=groups,
        curves=curves,
        bands=_bands(curves, options, confidence_level),
        at_risk_times=ticks,
        at_risk=np.array([at_risk for at_risk, _, _ in counts]),
        events_by=np.array([events for _, events, _ in counts]),
        censored_by=np.array([censored for _, _, censored in counts]),
        times=options.times,
        tau=None,
        reference=groups[reference_group(groups, options.reference, group or "")],
        duration=duration,
        group=group or "",
        unit=follow_up.unit,
        landmark=landmark,
        risk_table=risk_table,
    )
    return _estimated(result, parts, follow_up, codes, options)


def _bands(curves: Sequence[SurvivalCurve], options: SurvivalOptions, confidence_level: float) -> tuple[Interval, ...]:
    if options.band is None:
        return ()
    how = {"band": options.band, "conf_type": options.conf_type}
    return tuple(survival_band(curve, confidence_level=confidence_level, **how) for curve in curves)


def _estimated(
    result: SurvivalCurves,
    parts: Sequence[FollowUpSample],
    follow_up: FollowUpSample,
    codes: NDArray[np.intp],
    options: SurvivalOptions,
) -> SurvivalCurves:
    """Return the result with its estimates, and the notes that follow from them."""
    level = result.method.confidence_level
    means = restricted_means(result.curves, result.groups, options.tau, result.unit)
    lines: list[Estimate] = []
    for g, (group, curve, part) in enumerate(zip(result.groups, result.curves, parts, strict=True)):
        of, mean = result.of_group(group), means[g] if means else None
        lines += group_lines(curve, part, mean, options, of=of, confidence_level=level)
    last = {group: curve.time[-1] for group, curve in zip(result.groups, result.curves, strict=True)}
    notes = closing_notes(lines, last, means, unit=result.unit, chosen_tau=options.tau == AUTO)
    if len(result.groups) > 1:
        found, tests = group_tests(follow_up, codes, result.groups, options)
        lines += found
        lines += contrast_lines(
            result.curves,
            means,
            result.groups,
            options,
            reference=result.groups.index(result.reference),
            unit=result.unit,
            confidence_level=level,
        )
        notes += [untested(tests[0], len(result.groups)), *comparison_notes(options, result.groups)] if tests else []
    elif result.group:
        notes.append(f"All patients are {result.groups[0]} on {result.group}, so there is nothing to compare.")
    method = replace(result.method, notes=(*result.method.notes, *notes))
    tau = means[0].tau if means else None
    return replace(result, estimates=tuple(lines), method=method, tau=tau)
