"""Comparisons of survival curves: tests of the log-rank family, pairs of groups, differences in survival and RMST."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.follow_up import FollowUpSample, Level, strata_codes
from biomarker.analyses.result import Estimate
from biomarker.analyses.survival_lines import interval_at, read_curve
from biomarker.analyses.survival_options import SurvivalOptions
from biomarker.errors import DesignError, nearest
from biomarker.kernels.log_rank import LogRank, log_rank, trend_test
from biomarker.kernels.multiplicity import adjusted_p_values
from biomarker.kernels.rmst import RestrictedMean, rmst_difference, rmst_ratio
from biomarker.kernels.survival import SurvivalCurve
from biomarker.kernels.survival_difference import survival_difference

TEST_QUANTITIES = {
    "log-rank": "log_rank",
    "gehan": "gehan_test",
    "tarone-ware": "tarone_ware_test",
    "peto": "peto_test",
    "modified-peto": "modified_peto_test",
    "fleming-harrington": "fleming_harrington_test",
}


def reference_group(groups: Sequence[Level], reference: Level | None, column: str) -> int:
    """Return the position of the group that the others are compared with: the first unless told."""
    if reference is None:
        return 0
    texts = [str(group) for group in groups]
    if str(reference) not in texts:
        raise DesignError(
            f"reference = {reference!r} is no value of {column!r}{nearest(str(reference), texts)}; "
            f"there are {', '.join(texts)}"
        )
    return texts.index(str(reference))


def group_tests(
    follow_up: FollowUpSample, codes: NDArray[np.intp], groups: Sequence[Level], options: SurvivalOptions
) -> tuple[list[Estimate], list[LogRank]]:
    """Return a line for each test asked for, of trend and of pairs, and the tests of all groups."""
    strata = strata_codes(follow_up.sample.frame, options.strata)

    def test_of(rows: NDArray[np.bool_], own_codes: NDArray[np.intp], weights: str) -> LogRank:
        return log_rank(
            follow_up.duration[rows],
            follow_up.event[rows],
            own_codes[rows],
            strata=None if strata is None else strata[rows],
            entry=None if follow_up.entry is None else follow_up.entry[rows],
            weights=weights,
            rho=options.rho,
            gamma=options.gamma,
        )

    everyone = np.ones(codes.size, bool)
    tests = [test_of(everyone, codes, name) for name in options.tests]
    n_patients = follow_up.sample.n_patients
    lines = [
        Estimate(
            quantity=TEST_QUANTITIES[name],
            value=test.statistic,
            statistic=test.statistic,
            df=test.df,
            p_value=test.p_value,
            of={"rho": options.rho, "gamma": options.gamma} if name == "fleming-harrington" else {},
            n=codes.size,
            n_patients=n_patients,
        )
        for name, test in zip(options.tests, tests, strict=True)
    ]
    if options.trend is not False:
        trend = trend_test(test_of(everyone, codes, "log-rank"), _trend_scores(options.trend, groups))
        lines.append(
            Estimate(
                quantity="log_rank_trend",
                value=trend.z,
                statistic=trend.statistic,
                df=1,
                p_value=trend.p_value,
                n=codes.size,
                n_patients=n_patients,
            )
        )
    if options.pairwise:
        lines += _pairwise_lines(test_of, codes, groups, options)
    return lines, tests


def _trend_scores(trend: bool | tuple[float, ...], groups: Sequence[Level]) -> Sequence[float] | None:
    if isinstance(trend, bool):
        return None
    if len(trend) != len(groups) or len(set(trend)) < 2:
        listed = ", ".join(map(str, groups))
        raise DesignError(
            f"trend has {len(trend)} scores, {len(set(trend))} of them different, for {len(groups)} groups: give one "
            f"for each of {listed}, in this order"
        )
    return trend


def _pairwise_lines(
    test_of: Callable[[NDArray[np.bool_], NDArray[np.intp], str], LogRank],
    codes: NDArray[np.intp],
    groups: Sequence[Level],
    options: SurvivalOptions,
) -> list[Estimate]:
    """Log-rank test of every two groups; the value is the adjusted p, beside the raw one."""
    pairs = list(combinations(range(len(groups)), 2))
    tests = [test_of(np.isin(codes, pair), (codes == pair[1]).astype(np.intp), options.tests[0]) for pair in pairs]
    adjusted = adjusted_p_values([test.p_value for test in tests], options.adjust)
    return [
        Estimate(
            quantity="pairwise_p_value",
            value=value,
            statistic=test.statistic,
            df=test.df,
            p_value=test.p_value,
            n=int(np.isin(codes, pair).sum()),
            of={"comparison": f"{groups[pair[0]]} v {groups[pair[1]]}"},
        )
        for pair, test, value in zip(pairs, tests, adjusted, strict=True)
    ]


def contrast_lines(
    curves: Sequence[SurvivalCurve],
    means: Sequence[RestrictedMean],
    groups: Sequence[Level],
    options: SurvivalOptions,
    *,
    reference: int,
    unit: str,
    confidence_level: float,
) -> list[Estimate]:
    """Return each group's difference from the reference in survival at the times, and in RMST, and its ratio."""
    lines: list[Estimate] = []
    at = [read_curve(curve, options.times) for curve in curves]
    small_sample = options.rmst_interval == "t"
    for g, group in enumerate(groups):
        if g == reference:
            continue
        comparison = f"{group} v {groups[reference]}"
        for i, time in enumerate(options.times):
            found = survival_difference(
                (float(at[g].survival[i]), float(at[reference].survival[i])),
                (float(at[g].std_error[i]), float(at[reference].std_error[i])),
                (interval_at(at[g], i), interval_at(at[reference], i)),
            )
            lines.append(
                Estimate(
                    quantity="survival_difference",
                    value=found.value,
                    low=found.interval.low,
                    high=found.interval.high,
                    statistic=found.statistic,
                    df=1,
                    p_value=found.p_value,
                    unit="fraction",
                    of={"comparison": comparison, "time": time},
                )
            )
        if not means:
            continue
        for quantity, contrast, own_unit in (
            ("rmst_difference", rmst_difference, unit),
            ("rmst_ratio", rmst_ratio, ""),
        ):
            found = contrast(means[g], means[reference], confidence_level=confidence_level, small_sample=small_sample)
            lines.append(
                Estimate(
                    quantity=quantity,
                    value=found.value,
                    low=found.interval.low,
                    high=found.interval.high,
                    statistic=found.statistic,
                    p_value=found.p_value,
                    unit=own_unit,
                    of={"comparison": comparison, "time": means[g].tau},
                )
            )
    return lines
