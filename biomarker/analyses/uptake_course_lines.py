"""The lines of one course of uptake: summaries at each time, peaks, paired tests between times, ratios of tissues."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from biomarker.analyses.group_order import level_names
from biomarker.analyses.population import Sample
from biomarker.analyses.result import Estimate
from biomarker.analyses.uptake_contrasts import Design, Scale, paired_lines
from biomarker.analyses.uptake_courses import Course, hours
from biomarker.analyses.uptake_summaries import summary_lines
from biomarker.errors import DesignError
from biomarker.kernels.clustered_ranks import patient_friedman
from biomarker.kernels.rank_tests_several import friedman

MOST_TIMES_FOR_ALL_PAIRS = 5


def summaries_by_time(
    course: Course, times: tuple[float, ...], unit: str, named: bool, confidence_level: float
) -> list[Estimate]:
    """Return mean, SD, SE, median, quartiles, range and geometric mean at each time."""
    lines = []
    for place, time in enumerate(times):
        known = np.isfinite(course.uptake[:, place])
        if known.any():
            lines += summary_lines(
                course.uptake[known, place],
                course.patients[known],
                of={**course.of, "time": hours(time)},
                unit=unit,
                named=named,
                confidence_level=confidence_level,
            )
    return lines


def peaks(course: Course, times: tuple[float, ...], lines: list[Estimate]) -> list[Estimate]:
    """Return when each summary is highest, and how many fully measured lesions are highest at each time."""
    if len(times) < 2:
        return []
    peaks = []
    for quantity in ("mean", "median", "geometric_mean"):
        own = [
            line
            for line in lines
            if line.quantity == quantity and {k: v for k, v in line.of.items() if k != "time"} == course.of
        ]
        values = np.array([line.value for line in own])
        highest = float(own[int(np.argmax(values))].of["time"]) if np.isfinite(values).all() else np.nan
        peaks.append(Estimate(quantity="peak_time", value=highest, unit="h", of={**course.of, "summary": quantity}))
    complete = course.uptake[np.isfinite(course.uptake).all(axis=1)]
    at = np.argmax(complete, axis=1) if len(complete) else np.empty(0, int)
    for place, time in enumerate(times):
        share = float(np.mean(at == place)) if at.size else np.nan
        of = {**course.of, "time": hours(time)}
        peaks.append(Estimate(quantity="peak_share", value=share, n=len(complete), unit="fraction", of=of))
    return peaks


def comparisons(
    course: Course, times: tuple[float, ...], unit: str, as_ratios: bool, confidence_level: float
) -> tuple[list[Estimate], list[Design]]:
    """Compare times in pairs on the lesions measured at both: all pairs, or each with the first when they are many."""
    pairs = list(combinations(range(len(times)), 2))
    if len(times) > MOST_TIMES_FOR_ALL_PAIRS:
        pairs = [pair for pair in pairs if pair[0] == 0]
    finite = course.uptake[np.isfinite(course.uptake)]
    scale = Scale(is_log=as_ratios and bool(np.all(finite > 0)), unit=unit)
    lines, designs = [], []
    for early, late in pairs:
        both = np.isfinite(course.uptake[:, [early, late]]).all(axis=1)
        if both.sum() < 2:
            continue
        found = paired_lines(
            course.uptake[both, late],
            course.uptake[both, early],
            course.patients[both] if course.is_nested else None,
            scale=scale,
            of={**course.of, "time": hours(times[late]), "reference": hours(times[early])},
            confidence_level=confidence_level,
        )
        lines += found.lines
        designs.append(found.design)
    return lines, designs


def overall_test(course: Course, n_resamples: int, rng: int | np.random.Generator) -> list[Estimate]:
    """Test any difference between three or more times on the lesions measured at all of them."""
    complete = np.isfinite(course.uptake).all(axis=1)
    if course.uptake.shape[1] < 3 or complete.sum() < 2:
        return []
    blocks, patients = course.uptake[complete], course.patients[complete]
    name = "Friedman"
    if course.is_nested:
        test = patient_friedman(blocks, patients, n_resamples=n_resamples, rng=rng)
        name = "Friedman, times permuted within patients"
    else:
        test = friedman(blocks)
    return [
        Estimate(
            quantity="any_difference",
            value=np.nan,
            statistic=test.statistic,
            df=test.df,
            p_value=test.p_value,
            n=len(blocks),
            of={**course.of, "test": name},
        )
    ]


def ratios_to_reference(
    sample: Sample,
    courses: tuple[Course, ...],
    marker: str,
    time: str,
    tissue: str | None,
    by: str | None,
    reference: str,
    confidence_level: float,
) -> tuple[list[Estimate], str]:
    """Divide each value by the patient's mean in the reference tissue at that time."""
    known = tuple(dict.fromkeys(course.tissue for course in courses))
    if tissue is None or reference not in known:
        raise DesignError(
            f"no reference_tissue {reference!r}; {tissue or 'tissue'!r} holds {', '.join(known) or 'none'}"
        )
    if sample.patients is None:
        raise DesignError("a ratio to a reference tissue needs the patient of each row")
    frame = pd.DataFrame(
        {
            "patient": sample.patients,
            "tissue": level_names(sample.frame[tissue]),
            "group": level_names(sample.frame[by]) if by else "",
            "time": sample.frame[time],
            "value": sample.frame[marker],
        }
    )
    below = frame[frame["tissue"] == reference].groupby(["patient", "time"])["value"].mean().rename("below")
    others = frame[frame["tissue"] != reference].join(below, on=["patient", "time"])
    usable = (others["below"] > 0) & (others["value"] > 0)
    lines: list[Estimate] = []
    for course in courses:
        rows = others[usable & (others["tissue"] == course.tissue) & (others["group"] == course.group)]
        for at, part in rows.groupby("time"):
            ratio = (part["value"] / part["below"]).to_numpy()
            of = {**course.of, "time": hours(float(str(at))), "reference": reference}
            found = summary_lines(
                ratio, part["patient"].to_numpy(), of=of, unit="", named=True, confidence_level=confidence_level
            )
            named = {"geometric_mean": "ratio_to_reference", "median": "median_ratio_to_reference"}
            lines += [replace(line, quantity=named[line.quantity]) for line in found if line.quantity in named]
    left_out = int((~usable).sum())
    note = f"{left_out} values have no positive ratio to {reference} and are not in its summaries." if left_out else ""
    return lines, note
