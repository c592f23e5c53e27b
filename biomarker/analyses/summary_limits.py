"""Checks of a printed summary against what its range, median, whole steps and percentages allow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biomarker.analyses.printed_figures import Printed, overlap
from biomarker.analyses.result import Estimate
from biomarker.analyses.summary_verdicts import READINGS, Summary, Verdict, listed, reading_name
from biomarker.kernels.interval import Interval
from biomarker.kernels.summary_limits import (
    geometric_mean_range,
    possible_counts,
    possible_sums,
    sd_is_possible,
    sd_range,
)


def range_lines(summary: Summary) -> tuple[list[Estimate], list[Verdict]]:
    """Check each group's mean and spread against its smallest and largest value."""
    lines: list[Estimate] = []
    verdicts: list[Verdict] = []
    if "minimums" not in summary.others or "maximums" not in summary.others:
        return lines, verdicts
    for place, name in enumerate(summary.names):
        low, high = (summary.others[key][place] for key in ("minimums", "maximums"))
        if summary.n[place] < 2:
            continue
        found = sd_range(summary.means[place].interval, low.interval, high.interval, summary.n[place])
        where = f"{name}: {summary.n[place]} values from {low.text} to {high.text}"
        if not found.mean_is_possible:
            sentence = f"{where} cannot have a mean of {summary.means[place].text}."
            verdicts.append(Verdict(check="range", of=name, holds=False, sentence=sentence))
            continue
        limits = found.interval
        lines.append(
            Estimate(
                quantity="possible_sd", value=np.nan, low=limits.low, high=limits.high, n=summary.n[place],
                of={"group": name},
            )
        )  # fmt: skip
        said = f"{where} with mean {summary.means[place].text} have an SD from {limits.low:.2f} to {limits.high:.2f}"
        verdicts.append(_spread_verdict(summary, place, "range", said, limits))
    return lines, verdicts


def _spread_verdict(summary: Summary, place: int, check: str, said: str, limits: Interval) -> Verdict:
    """Say which readings of a group's spread lie within limits of its SD."""
    name = summary.names[place]
    if summary.spreads is None:
        return Verdict(check=check, of=name, holds=True, sentence=f"{said}.")
    level, spread = summary.confidence_level, summary.spreads[place].text
    fits = tuple(reading for reading in READINGS if overlap(summary.sd(place, reading), limits))
    words = [f"{reading_name(reading, level)} (SD {summary.printed_sd(place, reading):.2f})" for reading in READINGS]
    can = [word for reading, word in zip(READINGS, words, strict=True) if reading in fits]
    cannot = [word for reading, word in zip(READINGS, words, strict=True) if reading not in fits]
    parts = [f"can be {listed(can, 'or')}"] if can else []
    parts += [f"cannot be {listed(cannot, 'or')}"] if cannot else []
    sentence = f"{said}; the spread {spread} {', and '.join(parts)}."
    return Verdict(check=check, of=name, holds=bool(fits), sentence=sentence, readings=fits)


def median_verdicts(summary: Summary) -> list[Verdict]:
    """Check that the median lies in the range, and no further from the mean than one (population) SD."""
    found = []
    for place, median in enumerate(summary.others.get("medians", ())):
        name, mean = summary.names[place], summary.means[place]
        if summary.n[place] < 2:
            continue
        apart = max(0.0, median.interval.low - mean.interval.high, mean.interval.low - median.interval.high)
        least = apart / np.sqrt((summary.n[place] - 1) / summary.n[place])
        said = f"{name}: a median of {median.text} beside a mean of {mean.text} needs an SD of {least:.2f} or more"
        found.append(_spread_verdict(summary, place, "median", said, Interval(least, np.inf)))
        if "minimums" in summary.others:
            low, high = (summary.others[key][place] for key in ("minimums", "maximums"))
            if not overlap(median.interval, Interval(low.interval.low, high.interval.high)):
                sentence = f"{name}: the median {median.text} lies outside the range {low.text} to {high.text}."
                found.append(Verdict(check="median", of=name, holds=False, sentence=sentence))
    return found


def geometric_verdicts(summary: Summary) -> list[Verdict]:
    """Check that a geometric mean can go with mean, spread and range."""
    found = []
    for place, geometric in enumerate(summary.others.get("geometric_means", ())):
        name, mean = summary.names[place], summary.means[place]
        said = f"{name}: a geometric mean of {geometric.text} beside a mean of {mean.text}"
        if geometric.interval.low > mean.interval.high:
            sentence = f"{said} is not possible: no geometric mean exceeds the mean."
            found.append(Verdict(check="geometric mean", of=name, holds=False, sentence=sentence))
            continue
        if "minimums" not in summary.others or summary.spreads is None or summary.n[place] < 2:
            found.append(Verdict(check="geometric mean", of=name, holds=True, sentence=f"{said} is possible."))
            continue
        low, high = (summary.others[key][place].interval for key in ("minimums", "maximums"))
        fits = tuple(
            reading
            for reading in READINGS
            if overlap(
                geometric.interval,
                geometric_mean_range(mean.interval, summary.sd(place, reading), low, high, summary.n[place]),
            )
        )
        named = [reading_name(reading, summary.confidence_level) for reading in fits]
        can = f"goes with the spread read as {listed(named, 'or')}" if named else "goes with no reading of the spread"
        found.append(
            Verdict(check="geometric mean", of=name, holds=bool(fits), sentence=f"{said} {can}.", readings=fits)
        )
    return found


def variation_verdicts(summary: Summary) -> list[Verdict]:
    """Check a coefficient of variation, in percent, against mean and spread."""
    found = []
    for place, cv in enumerate(summary.others.get("cv_percent", ())):
        low, high = summary.means[place].interval
        limits = Interval(max(cv.interval.low, 0.0) / 100 * low, cv.interval.high / 100 * high)
        said = (
            f"{summary.names[place]}: a coefficient of variation of {cv.text}% beside a mean of "
            f"{summary.means[place].text} implies an SD from {limits.low:.3g} to {limits.high:.3g}"
        )
        found.append(_spread_verdict(summary, place, "coefficient of variation", said, limits))
    return found


def whole_number_lines(summary: Summary) -> tuple[list[Estimate], list[Verdict]]:
    """Check that values in steps of the granularity can have the mean (GRIM) and the SD (GRIMMER)."""
    lines: list[Estimate] = []
    verdicts: list[Verdict] = []
    step = summary.granularity
    if step is None:
        return lines, verdicts
    for place, name in enumerate(summary.names):
        mean, n = summary.means[place], summary.n[place]
        first, last = possible_sums(mean.interval, n, step)
        possible = first <= last
        low, high = (first * step, last * step) if possible else (np.nan, np.nan)
        lines.append(Estimate(quantity="possible_sum", value=np.nan, low=low, high=high, n=n, of={"group": name}))
        said = f"{name}: {n} values in steps of {step:g}"
        can = "can" if possible else "cannot"
        verdicts.append(
            Verdict(check="whole steps", of=name, holds=possible, sentence=f"{said} {can} have a mean of {mean.text}.")
        )
        if possible and summary.spreads is not None and n > 1:
            fits = tuple(each for each in READINGS if sd_is_possible(mean.interval, summary.sd(place, each), n, step))
            named = listed([reading_name(each, summary.confidence_level) for each in fits], "or") if fits else ""
            spread = summary.spreads[place].text
            can = f"can have the spread {spread} as {named}" if fits else f"cannot have the spread {spread} at all"
            sentence = f"{said} and mean {mean.text} {can}."
            verdicts.append(
                Verdict(check="whole steps, spread", of=name, holds=bool(fits), sentence=sentence, readings=fits)
            )
    return lines, verdicts


def percentage_lines(
    names: Sequence[str], percentages: Sequence[Printed], totals: Sequence[int], counts: Sequence[int] | None
) -> tuple[list[Estimate], list[Verdict]]:
    """Check that each percentage is one of a count of its total, and of the count that is reported with it."""
    lines: list[Estimate] = []
    verdicts: list[Verdict] = []
    for place, (name, percentage, total) in enumerate(zip(names, percentages, totals, strict=True)):
        first, last = possible_counts(percentage.times(0.01), total)
        possible = first <= last
        only = float(first) if first == last else np.nan
        low, high = (float(first), float(last)) if possible else (np.nan, np.nan)
        lines.append(Estimate(quantity="possible_count", value=only, low=low, high=high, n=total, of={"group": name}))
        said = f"{name}: {percentage.text}% of {total}"
        if not possible:
            sentence = f"{said} is no whole number."
        else:
            sentence = f"{said} is {first}." if first == last else f"{said} is a count from {first} to {last}."
        holds = possible
        if counts is not None:
            holds = first <= counts[place] <= last
            sentence = (
                f"{said} agrees with {counts[place]}/{total}."
                if holds
                else (f"{said} is not {counts[place]}/{total}, which is {100 * counts[place] / total:.4g}%.")
            )
        verdicts.append(Verdict(check="percentage", of=name, holds=holds, sentence=sentence))
    return lines, verdicts
