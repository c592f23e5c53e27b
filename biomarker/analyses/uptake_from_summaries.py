"""The comparison of `compare_uptake` from published means, standard deviations or errors, and sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.printed_figures import is_number, whole_numbers
from biomarker.analyses.result import Estimate, Method, Population, Result, checked_fraction
from biomarker.analyses.summary_input import group_names
from biomarker.analyses.uptake_contrasts import MEANS, Scale
from biomarker.errors import DesignError, nearest
from biomarker.kernels.group_difference import TTest, hedges_g_from_test, t_test, t_test_from_summary
from biomarker.kernels.summary_tests import anova_from_summary, paired_t_from_summary
from biomarker.references import HEDGES_1981, HIGGINS_2008, STUDENT_1908, WELCH_1947, WELCH_1951, Reference
from biomarker.vocabulary import column_label, marker_unit

Floats = NDArray[np.float64]
NOT_NESTED = (
    "Summaries say nothing of patients: values are taken as independent, and intervals are too narrow where several "
    "lesions are of one patient."
)


class _Groups(NamedTuple):
    """Means and standard deviations on the scale of the comparison, and sizes."""

    names: tuple[str, ...]
    means: Floats
    sds: Floats
    n: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class UptakeFromSummaries(Result):
    """Summaries by `of` group, comparisons by `of` group and reference."""

    marker: str
    groups: tuple[str, ...]
    reference: str
    is_log: bool
    is_paired: bool

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height of the figure, inches."""
        return (min(7.09, max(2.6, 0.9 * len(self.groups))), 2.9)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        mean = "geometric mean" if self.is_log else "mean"
        return (
            f"{column_label(self.marker)} by group, from published summaries: {mean} with "
            f"{100 * self.method.confidence_level:g}% confidence interval."
        )


def compare_uptake_from_summaries(
    *,
    means: Sequence[float],
    n: int | Sequence[int],
    sd: Sequence[float] | None = None,
    se: Sequence[float] | None = None,
    groups: Sequence[str] | None = None,
    reference: str | None = None,
    scale: str = "raw",
    correlation: float | None = None,
    marker: str = "uptake",
    confidence_level: float = 0.95,
) -> UptakeFromSummaries:
    """Compare groups of which only means, spreads and sizes are published.

    The numbers are those that `compare_uptake` gives for independent values with these summaries.

    Parameters
    ----------
    means : list of float
        Arithmetic means, one a group.
    n : int or list of int
        Values in each group.
    sd, se : list of float
        Standard deviations, or standard errors: one of the two. `check_summary` tells which of them a "±" is.
    groups : list of str, optional
        Names of the groups.
    reference : str, optional
        The group that the others are compared with; the last by default.
    scale : {"raw", "log"}
        Differences of means; or ratios of geometric means, found from mean and SD as those of log-normal values [1]_.
    correlation : float, optional
        Between the two values of each lesion, where two groups are paired: the paired t test then.
    marker : str
        What was measured; it names the table and tells the unit.
    confidence_level : float
        Of the intervals.

    Returns
    -------
    UptakeFromSummaries
        For each group `mean` (with its t interval), `sd`, `se` and, on the log scale, `geometric_mean`; for each
        against the reference `mean_difference` or `geometric_mean_ratio` by Welch's test, the same with
        ``_equal_variance`` by Student's, and `hedges_g`; or the paired t test alone. With three or more groups
        `any_difference` (Welch) and `any_difference_equal_variance`.

    Raises
    ------
    DesignError
        If lists differ in length, both or neither of `sd` and `se` are given, a spread is negative, a size is below
        two, or a mean is not positive on the log scale.

    References
    ----------
    .. [1] Higgins JPT, White IR, Anzures-Cabrera J. Stat Med 2008;27:6072-6092.

    Examples
    --------
    >>> result = compare_uptake_from_summaries(means=[7.83, 5.73], se=[0.55, 0.47], n=18, groups=["24 h", "48 h"])
    >>> round(result.estimate("mean_difference_equal_variance").p_value, 4)
    0.0065
    """
    level = checked_fraction(confidence_level, "confidence_level")
    if scale not in ("raw", "log"):
        raise DesignError(f"no scale {scale!r}{nearest(str(scale), ['log', 'raw'])}; there are log and raw")
    if not isinstance(marker, str) or not marker:
        raise DesignError(f"marker is {marker!r}; name what was measured")
    printed = _read(means, sd, se, n, groups)
    against = printed.names[-1] if reference is None else str(reference)
    if against not in printed.names:
        raise DesignError(
            f"no group {against!r}{nearest(against, printed.names)}; there are {', '.join(printed.names)}"
        )
    if correlation is not None:
        _check_pair(printed, correlation)
    how = Scale(is_log=scale == "log", unit=marker_unit(marker))
    compared = _on_log_scale(printed) if how.is_log else printed
    lines = [*_summaries(printed, compared, how, level), *_contrasts(compared, against, how, correlation, level)]
    if len(printed.names) > 2:
        lines += _overall(compared)
    return UptakeFromSummaries(
        estimates=tuple(lines),
        method=Method(
            name="the paired t test from summaries" if correlation is not None else "Welch's t test from summaries",
            confidence_level=level,
            settings={"scale": scale, "reference": against, "correlation": correlation, "spread": "se" if se else "sd"},
            references=_references(how.is_log, correlation is not None, len(printed.names) > 2),
            notes=(NOT_NESTED, *([_LOG_NORMAL] if how.is_log else [])),
            description=_description(how.is_log, correlation),
        ),
        population=Population(rows_in=sum(printed.n), rows_used=sum(printed.n), unit="value"),
        marker=marker,
        groups=printed.names,
        reference=against,
        is_log=how.is_log,
        is_paired=correlation is not None,
    )


_LOG_NORMAL = (
    "Geometric means are those of log-normal values with the published means and SDs, not published themselves."
)


def _read(
    means: Sequence[float],
    sd: Sequence[float] | None,
    se: Sequence[float] | None,
    n: int | Sequence[int],
    groups: Sequence[str] | None,
) -> _Groups:
    if (sd is None) == (se is None):
        raise DesignError("give either sd or se; check_summary tells which of them a printed ± can be")
    centres = _numbers(means, "means", None)
    if centres.size < 2:
        raise DesignError("two means make a comparison; give one a group")
    spreads = _numbers(sd if sd is not None else se, "sd" if sd is not None else "se", centres.size)
    if np.any(spreads < 0):
        raise DesignError(f"a spread of {spreads.min():g} is negative")
    sizes = whole_numbers(n, "n", centres.size, least=2)
    sds = spreads if sd is not None else spreads * np.sqrt(sizes)
    return _Groups(group_names(groups, centres.size), centres, sds, sizes)


def _numbers(figures: object, name: str, count: int | None) -> Floats:
    if isinstance(figures, str) or not isinstance(figures, Sequence | np.ndarray):
        raise DesignError(f"{name} is {figures!r}; give a list of numbers, one a group")
    for figure in figures:
        if not is_number(figure):
            raise DesignError(f"{name} holds {figure!r}; give finite numbers")
    if count is not None and len(figures) != count:
        raise DesignError(f"{name} has {len(figures)} numbers for {count} means")
    return np.asarray(figures, dtype=np.float64)


def _check_pair(groups: _Groups, correlation: float) -> None:
    if not (is_number(correlation) and -1 <= correlation <= 1):
        raise DesignError(f"correlation is {correlation!r}; it lies between -1 and 1")
    if len(groups.names) != 2 or groups.n[0] != groups.n[1]:
        raise DesignError("correlation is for two groups of pairs, with the same n")


def _on_log_scale(groups: _Groups) -> _Groups:
    """Return mean and SD of the logarithms of log-normal values with these means and SDs."""
    if np.any(groups.means <= 0):
        raise DesignError('a mean of zero or below has no logarithm; take scale = "raw"')
    variance = np.log1p((groups.sds / groups.means) ** 2)
    return _Groups(groups.names, np.log(groups.means) - variance / 2, np.sqrt(variance), groups.n)


def _summaries(printed: _Groups, compared: _Groups, scale: Scale, level: float) -> list[Estimate]:
    lines = []
    for place, (name, n) in enumerate(zip(printed.names, printed.n, strict=True)):
        of, se = {"group": name}, printed.sds[place] / np.sqrt(n)
        limits = _mean(printed, place, level).interval
        lines += [
            Estimate(
                quantity="mean",
                value=printed.means[place],
                low=limits.low,
                high=limits.high,
                n=n,
                unit=scale.unit,
                of=of,
            ),
            Estimate(quantity="sd", value=printed.sds[place], n=n, unit=scale.unit, of=of),
            Estimate(quantity="se", value=se, n=n, unit=scale.unit, of=of),
        ]
        if scale.is_log:
            value, low, high = np.exp([compared.means[place], *_mean(compared, place, level).interval])
            lines.append(
                Estimate(quantity="geometric_mean", value=value, low=low, high=high, n=n, unit=scale.unit, of=of)
            )
    return lines


def _mean(groups: _Groups, place: int, level: float) -> TTest:
    se = float(groups.sds[place]) / np.sqrt(groups.n[place])
    with np.errstate(divide="ignore", invalid="ignore"):  # an SD of zero: no t, and limits at the mean
        return t_test(float(groups.means[place]), float(se) or np.nan, groups.n[place] - 1.0, confidence_level=level)


def _contrasts(groups: _Groups, against: str, scale: Scale, correlation: float | None, level: float) -> list[Estimate]:
    lines = []
    other = groups.names.index(against)
    for place, name in enumerate(groups.names):
        if place == other:
            continue
        n = (groups.n[place], groups.n[other])
        blank = Estimate(quantity="", value=np.nan, n=sum(n), of={"group": name, "reference": against})
        first = (float(groups.means[place]), float(groups.sds[place]))
        second = (float(groups.means[other]), float(groups.sds[other]))
        if correlation is not None:
            blank = Estimate(quantity="", value=np.nan, n=n[0], of=blank.of)
            paired = paired_t_from_summary(*first, *second, n[0], correlation, confidence_level=level)
            lines.append(_line(scale, blank, MEANS, paired))
            continue
        welch, student = (
            t_test_from_summary(*first, n[0], *second, n[1], equal_variance=pooled, confidence_level=level)
            for pooled in (False, True)
        )
        effect = hedges_g_from_test(student, *n, confidence_level=level)
        low, high = effect.interval
        lines += [
            _line(scale, blank, MEANS, welch),
            _line(scale, blank, (f"{MEANS[0]}_equal_variance", f"{MEANS[1]}_equal_variance"), student),
            Estimate(quantity="hedges_g", value=effect.value, low=low, high=high, n=sum(n), of=blank.of),
        ]
    return lines


def _line(scale: Scale, blank: Estimate, names: tuple[str, str], test: TTest) -> Estimate:
    return scale.line(
        blank, names, test.difference, test.interval, statistic=test.statistic, df=test.df, p_value=test.p_value
    )


def _overall(groups: _Groups) -> list[Estimate]:
    lines = []
    for quantity, pooled in (("any_difference", False), ("any_difference_equal_variance", True)):
        test = anova_from_summary(groups.means, groups.sds, groups.n, equal_variance=pooled)
        lines.append(
            Estimate(
                quantity=quantity, value=np.nan, statistic=test.statistic, df=(test.df, test.df_residual),
                p_value=test.p_value, n=sum(groups.n), of={"test": "analysis of variance" if pooled else "Welch's F"},
            )
        )  # fmt: skip
    return lines


def _references(is_log: bool, is_paired: bool, several: bool) -> tuple[Reference, ...]:
    papers = [STUDENT_1908] if is_paired else [WELCH_1947, STUDENT_1908, HEDGES_1981]
    return (*papers, *([WELCH_1951] if several else []), *([HIGGINS_2008] if is_log else []))


def _description(is_log: bool, correlation: float | None) -> str:
    what = "Geometric means, found from means and SDs as those of log-normal values," if is_log else "Means"
    if correlation is not None:
        how = f"the paired t test from published summaries, with a correlation of {correlation:g}"
        return f"{what} were compared by {how}."
    return (
        f"{what} were compared from published summaries by Welch's t test, and by Student's for comparison. Hedges' g "
        "has an interval from the noncentral t distribution."
    )
