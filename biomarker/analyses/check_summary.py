"""Do a published mean, spread, size and p hang together? What its ± stands for, and what it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biomarker.analyses.printed_figures import Printed, printed_list, whole_numbers
from biomarker.analyses.result import Estimate, Method, Population, Result, checked_fraction
from biomarker.analyses.summary_input import read_summary
from biomarker.analyses.summary_limits import (
    geometric_verdicts,
    median_verdicts,
    percentage_lines,
    range_lines,
    variation_verdicts,
    whole_number_lines,
)
from biomarker.analyses.summary_verdicts import (
    READINGS,
    Recalculation,
    Summary,
    Verdict,
    implied_sds,
    listed,
    p_verdict,
    paired_lines,
    reading_name,
    recalculations,
    statistic_verdicts,
)
from biomarker.errors import DesignError, nearest
from biomarker.kernels.summary_check import Reading
from biomarker.references import (
    ALTMAN_BLAND_2005,
    ANAYA_2016,
    BROWN_HEATHERS_2017,
    STUDENT_1908,
    WELCH_1947,
    Reference,
)


@dataclass(frozen=True, kw_only=True)
class CheckedSummary(Result):
    """Recomputed figures, and a `Verdict` of each check."""

    groups: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    recalculated: tuple[Recalculation, ...]
    reported_p: Printed | None
    readings: tuple[Reading, ...]  # of the spread that pass every check; empty where there is no spread, or none does

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height of the figure, inches."""
        lines = len({(each.test, each.sides) for each in self.recalculated}) * len(READINGS) or len(self.verdicts)
        return (3.46, max(1.6, 0.7 + 0.18 * lines))

    @property
    def caption(self) -> str:
        """What the figure shows."""
        if not self.recalculated:
            return "Checks of a printed summary: filled marks hold, open marks do not."
        band = "; the band is the reported p-value" if self.reported_p is not None else ""
        return (
            "p-values recomputed from a printed summary by what its spread may stand for: marks are from the figures "
            f"as printed, lines from all that round to them{band}; filled marks agree with it. Values below 1e-8 are "
            "drawn there."
        )


def check_summary(
    *,
    means: Sequence[float | str] | None = None,
    spreads: Sequence[float | str] | None = None,
    n: int | Sequence[int] | None = None,
    groups: Sequence[str] | None = None,
    p_value: float | str | None = None,
    t_statistic: float | str | None = None,
    interval: Sequence[float | str] | None = None,
    spread_is: str | None = None,
    paired: bool = False,
    correlation: float | None = None,
    minimums: Sequence[float | str] | None = None,
    maximums: Sequence[float | str] | None = None,
    medians: Sequence[float | str] | None = None,
    geometric_means: Sequence[float | str] | None = None,
    cv_percent: Sequence[float | str] | None = None,
    granularity: float | None = None,
    percentages: Sequence[float | str] | None = None,
    totals: Sequence[int] | None = None,
    counts: Sequence[int] | None = None,
    n_total: int | None = None,
    decimals: int | None = None,
    confidence_level: float = 0.95,
) -> CheckedSummary:
    """Check whether the figures of a published comparison can be true together.

    A "±" can be a standard deviation, a standard error or half a confidence interval, and papers confuse them [1]_.
    The p-value is recomputed under each reading, from every mean and spread that rounds to what is printed, and the
    readings that give the reported one are named. Ranges, medians, geometric means, coefficients of variation and
    values in whole steps [2]_ [3]_ rule out further readings, or the figures themselves.

    Parameters
    ----------
    means, spreads : list of float or str, optional
        One a group; text keeps the digits as printed ("7.80").
    n : int or list of int, optional
        Values in each group: rows, not patients, where the paper tested rows.
    groups : list of str, optional
        Names of the groups.
    p_value : float or str, optional
        As reported: 0.0065, "<0.0001", "NS".
    t_statistic : float or str, optional
        As reported, of either sign.
    interval : list of two, optional
        Reported limits of the difference of means.
    spread_is : {"sd", "se", "ci"}, optional
        What the paper says the spread is.
    paired : bool
        Whether the two means are of the same lesions or patients: the correlation is then found that the reported p
        would need.
    correlation : float, optional
        Between the two values of a pair, where it is known: adds the paired t test.
    minimums, maximums, medians, geometric_means : list of float or str, optional
        Printed with the means, one a group.
    cv_percent : list of float or str, optional
        Coefficients of variation, percent.
    granularity : float, optional
        The step of a single value: 1 for whole numbers, 0.1 for values recorded to one decimal.
    percentages, totals, counts : list, optional
        Percentages, their denominators and, where printed, their numerators.
    n_total : int, optional
        What the sizes of the groups should add up to.
    decimals : int, optional
        To how many decimals means and spreads are printed, where their text does not show it.
    confidence_level : float
        Of intervals, reported or read.

    Returns
    -------
    CheckedSummary
        `recomputed_p` by `of` reading, test and sides, with the smallest and largest that the rounding allows;
        `implied_sd` by group and reading; `implied_correlation` by reading when paired; `possible_sd` between low and
        high, given the range; `possible_sum` and `possible_count`. `verdicts` says it in sentences, and `readings`
        names what the spread can be after all checks.

    Raises
    ------
    DesignError
        If a figure is no number, a list has another length, or there is nothing to check.

    Notes
    -----
    Agreement is no proof: figures that hang together can still be wrong.

    References
    ----------
    .. [1] Altman DG, Bland JM. BMJ 2005;331:903.
    .. [2] Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369.
    .. [3] Anaya J. PeerJ Preprints 2016;4:e2400v1.

    Examples
    --------
    124I-trastuzumab uptake of HER2-positive lesions, said to be mean ± SD: 7.83 ± 0.55 at 24 h and 5.73 ± 0.47 at
    48 h, P = 0.0065.

    >>> result = check_summary(means=["7.83", "5.73"], spreads=["0.55", "0.47"], n=18, p_value="0.0065")
    >>> result.readings
    ('se',)
    >>> round(result.estimate("recomputed_p", reading="se", test="Student's t test", sides=2).value, 4)
    0.0065
    """
    level = checked_fraction(confidence_level, "confidence_level")
    said = _stated(spread_is)
    names, summary = read_summary(
        means, spreads, n, groups, decimals, level,
        p_value=p_value, t_statistic=t_statistic, interval=interval, paired=paired, correlation=correlation,
        granularity=granularity,
        others={
            "minimums": minimums, "maximums": maximums, "medians": medians, "geometric_means": geometric_means,
            "cv_percent": cv_percent,
        },
    )  # fmt: skip
    lines: list[Estimate] = []
    verdicts: list[Verdict] = []
    recalculated: tuple[Recalculation, ...] = ()
    if summary is not None:
        lines, verdicts, recalculated = _checked(summary)
    more, shares = _percentages(percentages, totals, counts, groups)
    names = names or tuple(verdict.of for verdict in shares)
    lines, verdicts = [*lines, *more], [*verdicts, *shares]
    if n_total is not None and summary is not None:
        verdicts.append(_sum_verdict(summary.n, whole_numbers([n_total], "n_total")[0]))
    if not verdicts and not recalculated:
        raise DesignError(
            "nothing to check: give means, spreads and n, best with p_value, or percentages with totals, or minimums "
            "and maximums"
        )
    readings = _surviving(verdicts) if summary is not None and summary.spreads is not None else ()
    if summary is not None and summary.spreads is not None:
        verdicts.append(_conclusion(readings, said, level))
    return CheckedSummary(
        estimates=tuple(lines),
        method=Method(
            name=_name(summary, recalculated),
            confidence_level=level,
            settings={"spread_is": spread_is, "paired": paired, "correlation": correlation, "granularity": granularity},
            references=_references(recalculated, granularity),
            notes=tuple(verdict.sentence for verdict in verdicts),
            description=_description(summary, recalculated),
        ),
        population=Population(rows_in=len(names), rows_used=len(names), unit="group" if summary else "percentage"),
        groups=names,
        verdicts=tuple(verdicts),
        recalculated=recalculated,
        reported_p=None if summary is None else summary.p_value,
        readings=readings,
    )


def _stated(spread_is: str | None) -> Reading | None:
    for reading in READINGS:
        if spread_is == reading:
            return reading
    if spread_is is None:
        return None
    raise DesignError(f"spread_is is {spread_is!r}{nearest(str(spread_is), READINGS)}; it is sd, se or ci")


def _checked(summary: Summary) -> tuple[list[Estimate], list[Verdict], tuple[Recalculation, ...]]:
    """Make every check that the figures allow."""
    lines: list[Estimate] = []
    verdicts: list[Verdict] = []
    recalculated: tuple[Recalculation, ...] = ()
    if summary.spreads is not None:
        lines += implied_sds(summary)
        if len(summary.means) > 1:
            recalculated = recalculations(summary)
            lines += [_p_line(each, summary) for each in recalculated]
            verdicts += [verdict for verdict in [p_verdict(summary, recalculated)] if verdict]
        paired, verdict = paired_lines(summary)
        lines += paired
        verdicts += [verdict] if verdict else []
        verdicts += statistic_verdicts(summary) if len(summary.means) == 2 else []
        verdicts += variation_verdicts(summary)
    for check in (range_lines, whole_number_lines):
        more, found = check(summary)
        lines, verdicts = [*lines, *more], [*verdicts, *found]
    verdicts += [*median_verdicts(summary), *geometric_verdicts(summary)]
    return lines, verdicts, recalculated


def _p_line(each: Recalculation, summary: Summary) -> Estimate:
    found = each.found
    df: float | tuple[float, float] = (len(summary.n) - 1.0, found.df) if len(summary.n) > 2 else found.df
    return Estimate(
        quantity="recomputed_p", value=found.p_value, low=found.p_range.low, high=found.p_range.high,
        statistic=found.statistic, df=df, p_value=found.p_value, n=sum(summary.n),
        of={"reading": each.reading, "test": each.test, "sides": each.sides},
    )  # fmt: skip


def _percentages(
    percentages: Sequence[float | str] | None,
    totals: Sequence[int] | None,
    counts: Sequence[int] | None,
    groups: Sequence[str] | None,
) -> tuple[list[Estimate], list[Verdict]]:
    if percentages is None:
        if totals is not None or counts is not None:
            raise DesignError("counts and totals are checked against percentages; give those too")
        return [], []
    figures = printed_list(percentages, "percentages")
    for figure in figures:
        if not 0 <= figure.value <= 100:
            raise DesignError(f"percentages holds {figure.text}; a percentage lies between 0 and 100")
    if totals is None:
        raise DesignError("percentages need totals: what they are per cent of")
    wholes = whole_numbers(totals, "totals", len(figures), least=1)
    numerators = None if counts is None else whole_numbers(counts, "counts", len(figures))
    names = tuple(map(str, groups)) if groups is not None and len(groups) == len(figures) else None
    return percentage_lines(
        names or tuple(f"Percentage {place + 1}" for place in range(len(figures))), figures, wholes, numerators
    )


def _sum_verdict(sizes: Sequence[int], total: int) -> Verdict:
    added = " + ".join(map(str, sizes))
    holds = sum(sizes) == total
    result = f"{added} = {sum(sizes)}" if len(sizes) > 1 else added
    tail = "as reported" if holds else f"not the reported {total}"
    return Verdict(check="total", holds=holds, sentence=f"The groups add up to {result}, {tail}.")


def _surviving(verdicts: Sequence[Verdict]) -> tuple[Reading, ...]:
    """Return the readings that pass every check in which the spread plays a part; a pair may explain the p instead."""
    by_p = [verdict.readings for verdict in verdicts if verdict.check in ("p-value", "pairs") and verdict.readings]
    checks = [verdict.readings for verdict in verdicts if verdict.readings is not None]
    others = [
        verdict.readings
        for verdict in verdicts
        if verdict.readings is not None and verdict.check not in ("p-value", "pairs")
    ]
    if not checks:
        return ()
    p_checked = any(verdict.check == "p-value" for verdict in verdicts)
    return tuple(
        reading
        for reading in READINGS
        if all(reading in fits for fits in others) and (not p_checked or any(reading in fits for fits in by_p))
    )


def _conclusion(readings: Sequence[Reading], said: Reading | None, level: float) -> Verdict:
    """Say what the spread can be after all checks, and whether that is what the paper says."""
    named = listed([reading_name(reading, level) for reading in readings], "or") if readings else ""
    only = " only" if len(readings) == 1 else ""
    if not readings:
        sentence = "No reading of the spread passes every check: the figures cannot all be right."
    elif said is None or said in readings:
        sentence = f"Taken together, the spread can{only} be {named}."
    else:
        sentence = f"Taken together, the spread can{only} be {named}, not {reading_name(said, level)} as stated."
    holds = bool(readings) and (said is None or said in readings)
    return Verdict(check="reading of the spread", holds=holds, sentence=sentence)


def _references(recalculated: Sequence[Recalculation], granularity: float | None) -> tuple[Reference, ...]:
    papers = [ALTMAN_BLAND_2005]
    papers += [STUDENT_1908, WELCH_1947] if recalculated else []
    papers += [BROWN_HEATHERS_2017, ANAYA_2016] if granularity is not None else []
    return tuple(papers)


def _name(summary: Summary | None, recalculated: Sequence[Recalculation]) -> str:
    if recalculated:
        return "t tests recomputed from printed means, spreads and sizes, under each reading of the spread"
    if summary is None:
        return "comparison of printed percentages with whole numbers"
    return "comparison of printed figures with one another"


def _description(summary: Summary | None, recalculated: Sequence[Recalculation]) -> str:
    if summary is None:
        return "Printed percentages were compared with the whole numbers that their totals allow."
    sentences = []
    if recalculated:
        sentences.append(
            "The p-value was recomputed from the printed means, spreads and sizes, the spread read in turn as standard "
            f"deviation, standard error and half of the {100 * summary.confidence_level:g}% confidence interval, over "
            "all figures that round to those printed."
        )
    if "minimums" in summary.others:
        sentences.append("Spreads were compared with the standard deviations that the printed range allows.")
    if summary.granularity is not None:
        sentences.append("Means and spreads were compared with those that values in whole steps can have.")
    return " ".join(sentences) or "Printed figures were compared with one another."
