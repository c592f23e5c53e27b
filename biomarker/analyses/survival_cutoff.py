"""Which cutoff of uptake parts survival best? And what is left of it, being the best of many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import select_follow_up
from biomarker.analyses.immortal_time import check_known_in_time
from biomarker.analyses.population import Positive
from biomarker.analyses.result import Result, checked_fraction
from biomarker.analyses.survival_cutoff_choice import choose, cutoff_lines
from biomarker.analyses.survival_cutoff_method import cutoff_method
from biomarker.analyses.survival_cutoff_plan import check_estimable, cutoff_plan
from biomarker.analyses.survival_options import check_measured_at
from biomarker.vocabulary import column_label, lower_label

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SurvivalCutoff(Result):
    """A cutoff chosen by the largest log-rank statistic.

    Attributes
    ----------
    cutoffs, statistics : ndarray, shape (n_cutoffs,)
        Every cutoff tried, as a value of the marker, and its absolute standardised log-rank statistic.
    cutoff : float
    low, high : float
        Limits of the cutoff.
    critical_value : float
        That the largest statistic exceeds in one of twenty permutations (at a confidence level of 95 %).
    resampled : ndarray, shape (n_resamples,)
        Cutoff chosen in each resample of patients.
    marker, duration : str
        Columns.
    higher_is_positive : bool
    unit : str
        Of time.
    """

    cutoffs: Floats
    statistics: Floats
    cutoff: float
    low: float
    high: float
    critical_value: float
    resampled: Floats
    marker: str
    duration: str
    higher_is_positive: bool
    unit: str

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: a column wide, with a panel beneath for the resamples."""
        return 3.46, 3.6

    @property
    def caption(self) -> str:
        """What the figure shows."""
        level = self.method.confidence_level
        return (
            f"Choice of a cutoff of {lower_label(self.marker)} for survival. Top: standardised log-rank statistic at "
            f"every cutoff; the dot is the one chosen, the band its {100 * level:g}% confidence interval, and the line "
            f"what the largest statistic exceeds in {100 * (1 - level):.3g}% of permutations. Bottom: cutoffs chosen "
            f"in {self.method.n_resamples:,} resamples of patients."
        )

    def group_label(self, *, positive: bool) -> str:
        """Name a group by the cutoff, as in print: "Highest SUVmax ≥ 12.5"."""
        sign = {(True, True): "≥", (True, False): "<", (False, True): "≤", (False, False): ">"}
        return f"{column_label(self.marker)} {sign[self.higher_is_positive, positive]} {self.cutoff:.4g}"


def survival_cutoff(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    marker: str,
    higher_is_positive: bool = True,
    minimum_share: float = 0.1,
    maximum_share: float = 0.9,
    ties: str = "log-rank",
    cutoff_interval: str = "expanded-percentile",
    correction: str = ".632+",
    n_permutations: int = 9999,
    n_resamples: int = 2000,
    event_values: Positive | None = None,
    landmark: float | None = None,
    measured_at: Mapping[str, float | str] | None = None,
    rng: int | np.random.Generator = 0,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> SurvivalCutoff:
    """Choose the cutoff of a marker with the largest log-rank statistic, and say what it is worth [1]_.

    The smallest of many p-values is no p-value, and the hazard ratio at the cutoff that was best in the data is too
    far from 1. Here the statistic is referred to the distribution of its maximum, the cutoff has an interval from
    resampled patients, the hazard ratio is corrected for optimism, and beside it stands the marker as it was measured,
    which needs no cutoff.

    Parameters
    ----------
    patients : DataFrame
        One row a patient.
    duration : str
        Column with the time from start to event or end of follow-up, at least 0.
    event : str
        Column that says whether the event happened: bool, or 0/1 with 1 for the event.
    marker : str
        Column with the measured marker.
    higher_is_positive : bool
        Whether ``marker >= cutoff`` is the group whose hazard is given against the other's; otherwise
        ``marker <= cutoff``.
    minimum_share, maximum_share : float
        Cutoffs are tried with this share of patients below them, rounded down to whole patients.
    ties : {"log-rank", "hothorn-lausen"}
        How the scores count those at risk at tied times: as the log-rank test does, or as R's maxstat.
    cutoff_interval : {"expanded-percentile", "percentile"}
        Of the cutoffs of resamples; the first is wider for few patients, as these need.
    correction : {".632+", "ordinary"}
        How the hazard ratio is corrected for optimism; ".632+" comes nearer to the truth in most trials of 40 and 100
        patients; with no effect and 40 patients "ordinary" does.
    n_permutations : int
        Of the follow-up over the marker, for the p-value.
    n_resamples : int
        Of patients, for the interval of the cutoff and the correction of the hazard ratio.
    event_values : value or list of values, optional
        What in `event` means that the event happened; needed unless that column is bool or 0/1.
    landmark : float, optional
        From which time is counted, for a marker measured after the start.
    measured_at : mapping of str to float or str, optional
        When the marker was known, if not at the start; see `survival_curves`.
    rng : int or numpy Generator
        Seed, or source of random numbers.
    confidence_level : float
        Of the intervals, a fraction in (0, 1).
    patient : str or None
        Column of patients.

    Returns
    -------
    SurvivalCutoff
        ``cutoff`` with its interval; ``maximal_log_rank`` with a p-value by each ``of["method"]``: "permutation",
        "exact-gauss" [2]_, "lausen-schumacher-92" [1]_, "lausen-schumacher-94" [3]_ and "hothorn-lausen" [2]_;
        ``hazard_ratio`` ``of["performance"]`` "apparent" and "corrected", and ``of["term"]`` for the marker itself per
        doubling (per unit where it spans less than two doublings); ``log_rank`` at the cutoff, uncorrected; ``events``
        of both groups; ``selection_frequency`` of the cutoff in resamples.

    Raises
    ------
    DesignError
        If the marker is constant, nobody has the event, survival does not differ between any patients, no cutoff lies
        between the shares, or the marker was not known when the clock started.
    SchemaError
        If a duration is negative or a number is none; every such row is named.

    References
    ----------
    .. [1] Lausen B, Schumacher M. Maximally selected rank statistics. Biometrics 1992;48:73-85.
    .. [2] Hothorn T, Lausen B. Comput Stat Data Anal 2003;43:121-137.
    .. [3] Lausen B, Sauerbrei W, Schumacher M. In: Computational Statistics. Physica, 1994:483-496.
    .. [4] Altman DG, Lausen B, Sauerbrei W, Schumacher M. J Natl Cancer Inst 1994;86:829-835.

    Examples
    --------
    Age at diagnosis of 26 patients with ovarian cancer, and days until death (Edmunson et al., Cancer Treat Rep
    1979;63:241-247):

    >>> data = pd.DataFrame({
    ...     "os_days": [59, 115, 156, 421, 431, 448, 464, 475, 477, 563, 638, 744, 769, 770, 803, 855, 1040, 1106, 1129,
    ...                 1206, 1227, 268, 329, 353, 365, 377],
    ...     "died": [1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0],
    ...     "age": [72.3, 74.5, 66.5, 53.4, 50.3, 56.4, 56.9, 59.9, 64.2, 55.2, 56.8, 50.1, 59.6, 57.1, 39.3, 43.1,
    ...             38.9, 44.6, 53.9, 44.2, 59.6, 74.5, 43.1, 63.2, 64.4, 58.3],
    ... })
    >>> from biomarker.errors import SmallSampleWarning
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", SmallSampleWarning)  # with 12 events it warns
    ...     result = survival_cutoff(data, duration="os_days", event="died", marker="age", n_resamples=200)
    >>> result.cutoff
    59.9
    >>> p = result.estimate("maximal_log_rank", method="permutation").p_value
    >>> print(f"p {p:.3f}, uncorrected {result.estimate('log_rank').p_value:.4f}")
    p 0.006, uncorrected 0.0001
    """
    checked_fraction(confidence_level, "confidence_level")
    plan = cutoff_plan(
        higher_is_positive=higher_is_positive,
        minimum_share=minimum_share,
        maximum_share=maximum_share,
        ties=ties,
        cutoff_interval=cutoff_interval,
        correction=correction,
        n_permutations=n_permutations,
        n_resamples=n_resamples,
        rng=rng,
        confidence_level=confidence_level,
    )
    check_measured_at(measured_at, [marker])
    follow_up = select_follow_up(
        patients,
        duration=duration,
        event=event,
        event_values=event_values,
        landmark=landmark,
        numeric=[marker],
        patient=patient,
    )
    known = check_known_in_time([marker], patients, measured_at=measured_at, landmark=landmark)
    values = follow_up.sample.frame[marker].to_numpy(dtype=float)
    check_estimable(follow_up, values, marker)
    choice = choose(follow_up, values, marker, plan)
    given = {"landmark": landmark, "event_values": event_values, "measured_at": measured_at}
    return SurvivalCutoff(
        estimates=cutoff_lines(choice, plan, marker, follow_up),
        method=cutoff_method(follow_up, plan, choice, marker=marker, given=given, notes=[known]),
        population=follow_up.sample.population,
        cutoffs=choice.cutoffs,
        statistics=choice.statistics,
        cutoff=choice.cutoff,
        low=choice.interval.low,
        high=choice.interval.high,
        critical_value=choice.critical_value,
        resampled=choice.resampled.cutoffs,
        marker=marker,
        duration=duration,
        higher_is_positive=higher_is_positive,
        unit=follow_up.unit,
    )
