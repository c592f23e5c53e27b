"""Two sets of uptake values against each other, unpaired or paired, rows independent or nested in patients.

Each function returns the lines of one comparison: the difference of means (or ratio of geometric means), the
Hodges-Lehmann shift with its rank test and, unpaired, the standardised difference and the probability that one value
exceeds the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.result import Estimate
from biomarker.analyses.uptake_models import Levels, model_contrast
from biomarker.kernels.auc_interval import auc_interval
from biomarker.kernels.clustered_ranks import (
    centre_interval,
    datta_satten,
    patient_rank_sum,
    patient_signed_rank,
    shift_interval,
)
from biomarker.kernels.delong import delong
from biomarker.kernels.group_difference import TTest, hedges_g, paired_t, two_sample_t
from biomarker.kernels.interval import Interval
from biomarker.kernels.obuchowski import obuchowski
from biomarker.kernels.rank_tests import ExactChoice, hodges_lehmann, mann_whitney, pseudo_median, signed_rank

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]
Design = Literal["independent", "patients differ", "within patients", "naive"]

MOST_COUNTED = 200  # rows whose arrangements can be counted in reasonable time


class Compared(NamedTuple):
    """The lines of a comparison and the design they were made under."""

    lines: list[Estimate]
    design: Design
    exact_ranks: bool = False


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Whether values are compared as they are, or by their logarithms and so as ratios."""

    is_log: bool
    unit: str

    def on(self, values: Floats) -> Floats:
        """Return the values on the scale of the comparison."""
        return np.log(values) if self.is_log else values

    def line(
        self,
        blank: Estimate,
        names: tuple[str, str],
        value: float,
        limits: Interval,
        *,
        statistic: float,
        p_value: float,
        df: float = np.nan,
    ) -> Estimate:
        """Fill a blank line on the scale of the reader, under the first name a ratio, under the second a difference."""
        if self.is_log:
            value, limits = float(np.exp(value)), Interval(*(float(np.exp(limit)) for limit in limits))
        return replace(
            blank,
            quantity=names[0] if self.is_log else names[1],
            value=value,
            low=limits.low,
            high=limits.high,
            statistic=statistic,
            df=df,
            p_value=p_value,
            unit="" if self.is_log else self.unit,
        )


MEANS = ("geometric_mean_ratio", "mean_difference")
SHIFTS = ("hodges_lehmann_ratio", "hodges_lehmann_shift")


def design_of(in_first: Bools, patients: Codes | None) -> Design:
    """Return how the two groups lie in patients; "naive" where patients are too few for nesting to be allowed for."""
    if patients is None or np.unique(patients).size == patients.size:
        return "independent"
    first, second = np.unique(patients[in_first]), np.unique(patients[~in_first])
    if min(first.size, second.size) < 2 or np.unique(patients).size < 3:
        return "naive"
    return "within patients" if np.intersect1d(first, second).size else "patients differ"


def unpaired_lines(
    values: Floats,
    in_first: Bools,
    patients: Codes | None,
    *,
    scale: Scale,
    of: Mapping[str, object],
    confidence_level: float,
    levels: Levels | None = None,
    rank_test: ExactChoice = "auto",
) -> Compared:
    """Compare two groups of values; `patients` is None when rows are independent.

    `levels` are those of random effects other than the patient, of the same rows.
    """
    design = design_of(in_first, patients)
    is_nested = design in ("patients differ", "within patients")
    clusters = patients if is_nested and patients is not None else np.arange(values.size)
    blank = _blank(values.size, patients, design, of)
    x = scale.on(values)
    test = _mean_test(x, in_first, clusters, design, levels, confidence_level)
    shift, exact = _shift_line(x, in_first, clusters, design, scale, confidence_level, blank, rank_test)
    lines = [
        scale.line(
            blank,
            MEANS,
            test.difference,
            test.interval,
            statistic=test.statistic,
            df=test.df,
            p_value=test.p_value,
        ),
        shift,
    ]
    if not is_nested and levels is None:
        effect = hedges_g(x[in_first], x[~in_first], confidence_level=confidence_level)
        low, high = effect.interval
        lines.append(replace(blank, quantity="hedges_g", value=effect.value, low=low, high=high))
    lines.append(_auc_line(x, in_first, clusters, is_nested, confidence_level, blank))
    return Compared(lines, design, exact)


def _blank(n: int, patients: Codes | None, design: Design, of: Mapping[str, object]) -> Estimate:
    """Return the line that all lines of a comparison are filled from."""
    n_patients = None if patients is None else int(np.unique(patients).size)
    marked = {"interval": "naive"} if design == "naive" else {}
    return Estimate(quantity="", value=np.nan, n=n, n_patients=n_patients, of={**of, **marked})


def _mean_test(
    x: Floats, in_first: Bools, clusters: Codes, design: Design, levels: Levels | None, confidence_level: float
) -> TTest:
    if design == "naive" or (design == "independent" and levels is None):
        return two_sample_t(x[in_first], x[~in_first], confidence_level=confidence_level)
    fixed = np.column_stack([np.ones(x.size), in_first])
    return model_contrast(x, fixed, clusters, levels, [0.0, 1.0], confidence_level)


def _shift_line(
    x: Floats,
    in_first: Bools,
    clusters: Codes,
    design: Design,
    scale: Scale,
    confidence_level: float,
    blank: Estimate,
    asked: ExactChoice,
) -> tuple[Estimate, bool]:
    """Return the line of the rank test, and whether its p was counted."""
    first, second = x[in_first], x[~in_first]
    plain = hodges_lehmann(first, second, confidence_level=confidence_level, method=asked)
    limits = plain.interval
    if design in ("independent", "naive"):
        test = mann_whitney(first, second, method=asked)
    else:
        rank_test = patient_rank_sum if design == "patients differ" else datta_satten
        test = rank_test(x, in_first, clusters)
        limits = shift_interval(x, in_first, clusters, test=rank_test, confidence_level=confidence_level)
    if np.isnan(test.p_value):
        limits = Interval(np.nan, np.nan)
    line = scale.line(blank, SHIFTS, plain.shift, limits, statistic=test.statistic, p_value=test.p_value)
    return line, test.exact


def _auc_line(
    x: Floats,
    in_first: Bools,
    clusters: Codes,
    is_nested: bool,
    confidence_level: float,
    blank: Estimate,
) -> Estimate:
    # corrected for leverage, as in `roc_curve`
    found = obuchowski(x, in_first, clusters, small_sample="leverage") if is_nested else delong(x, in_first)
    units = [int(np.unique(clusters[rows]).size) for rows in (in_first, ~in_first)]
    low, high = auc_interval(
        float(found.auc[0]),
        float(found.covariance[0, 0]),
        n_positive=units[0],
        n_negative=units[1],
        df=float(np.unique(clusters).size - 1) if is_nested else np.inf,
        confidence_level=confidence_level,
    )
    return replace(blank, quantity="auc", value=float(found.auc[0]), low=low, high=high, unit="fraction")


def paired_lines(
    first: Floats,
    second: Floats,
    patients: Codes | None,
    *,
    scale: Scale,
    of: Mapping[str, object],
    confidence_level: float,
    levels: Levels | None = None,
    rank_test: ExactChoice = "auto",
) -> Compared:
    """Compare values measured twice on the same lesions; `patients` is None when lesions are independent.

    `levels` are those of random effects other than the patient, of the same lesions.
    """
    differences = scale.on(first) - scale.on(second)
    # two columns of the same values, one of them converted, differ in the last digit only
    differences[np.isclose(first, second, rtol=1e-13, atol=0)] = 0.0
    n_patients = None if patients is None else np.unique(patients).size
    is_nested = patients is not None and n_patients is not None and n_patients < differences.size
    design: Design = "independent" if not is_nested else "naive" if n_patients == 1 else "within patients"
    blank = _blank(differences.size, patients, design, of)
    centre = pseudo_median(differences, confidence_level=confidence_level, method=rank_test)
    limits = centre.interval
    clusters = np.arange(differences.size) if patients is None else patients
    if design == "within patients" or (levels is not None and design != "naive"):
        one = np.ones((differences.size, 1))
        test = model_contrast(differences, one, clusters, levels, [1.0], confidence_level)
    else:
        test = paired_t(differences, confidence_level=confidence_level)
    if design == "within patients":
        ranks = patient_signed_rank(differences, clusters)
        limits = centre_interval(differences, clusters, confidence_level=confidence_level)
    else:
        ranks = signed_rank(differences, method=rank_test)
    if np.isnan(ranks.p_value):
        limits = Interval(np.nan, np.nan)
    lines = [
        scale.line(
            blank,
            MEANS,
            test.difference,
            test.interval,
            statistic=test.statistic,
            df=test.df,
            p_value=test.p_value,
        ),
        scale.line(blank, SHIFTS, centre.shift, limits, statistic=ranks.statistic, p_value=ranks.p_value),
    ]
    return Compared(lines, design, ranks.exact)
