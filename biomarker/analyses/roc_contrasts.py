"""Lines of a comparison of ROC curves: each area, each difference, and the test that all are equal."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.population import Sample
from biomarker.analyses.result import Estimate
from biomarker.analyses.roc_area import AreaDesign, area_line, areas, bound_note
from biomarker.errors import DirectionWarning
from biomarker.kernels.auc_interval import difference_interval, difference_test, joint_test, satterthwaite_df
from biomarker.kernels.delong import AucEstimate
from biomarker.kernels.interval import Interval
from biomarker.kernels.obuchowski import obuchowski, patient_counts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Curves:
    """Markers (key "marker") or groups of rows (key "group"), one row each of `matrix`, pointing upwards.

    NaN stands where a group does not have a row; `signs` turn values back into the marker's own.
    """

    key: str
    names: tuple[str, ...]
    matrix: Floats
    signs: tuple[int, ...]
    positive: Bools

    def rows(self, position: int) -> Bools:
        """Say which rows of the data a curve uses."""
        return np.asarray(~np.isnan(self.matrix[position]), np.bool_)

    def share_patients(self, design: AreaDesign, first: int, second: int) -> bool:
        """Say whether two curves have rows of the same patient."""
        if design.patients is None:
            return False
        of_first, of_second = (np.unique(design.patients[self.rows(position)]) for position in (first, second))
        return bool(np.intersect1d(of_first, of_second).size)

    def contrasted(self, contrast: Floats, design: AreaDesign) -> AucEstimate:
        """Combine areas linearly. Groups of independent rows are patients of one row each."""
        if self.key == "group" and design.patients is None:
            return obuchowski(self.matrix, self.positive, np.arange(self.positive.size), contrast=contrast)
        return areas(design, self.matrix, contrast=contrast)


@dataclass(frozen=True, eq=False)
class _Comparison:
    curves: Curves
    design: AreaDesign
    own: tuple[AreaDesign, ...]  # the design of each curve: with groups, its own rows and patients
    variances: Floats
    lines: tuple[Estimate, ...]  # the areas
    sample: Sample


def compared(
    curves: Curves, pairs: list[tuple[int, int]], design: AreaDesign, sample: Sample
) -> tuple[list[Estimate], list[str]]:
    """Return the lines of areas, differences and equality, and what a reader must be told about them."""
    own = tuple(_own_design(curves, position, design) for position in range(len(curves.names)))
    single = curves.contrasted(np.eye(len(curves.names)), design)
    variances = np.diag(single.covariance)
    lines, notes = [], []
    for position, name in enumerate(curves.names):
        area, variance = float(single.auc[position]), float(variances[position])
        lines.append(_area_line(curves, position, area, variance, own[position], sample))
        notes += [bound_note(own[position], area, variance, f"The area of {name}"), _direction_note(name, area)]
    comparison = _Comparison(curves, design, own, variances, tuple(lines), sample)
    for pair in pairs:
        line, note = _difference_line(comparison, pair)
        lines.append(line)
        notes.append(note)
    lines.append(_equality_line(comparison))
    if len(pairs) > 1:
        notes.append("p-values of pairs are not adjusted for their number; the joint test comes first.")
    return lines, notes


def _own_design(curves: Curves, position: int, design: AreaDesign) -> AreaDesign:
    if curves.key == "marker":
        return design
    rows = curves.rows(position)
    positive = design.positive[rows]
    if design.patients is None:
        n_positive = int(positive.sum())
        return replace(
            design, positive=positive, n_positive_units=n_positive, n_negative_units=positive.size - n_positive
        )
    counts = patient_counts(positive, design.patients[rows])
    return replace(
        design,
        positive=positive,
        patients=design.patients[rows],
        n_positive_units=counts.with_positive,
        n_negative_units=counts.with_negative,
        df=max(counts.patients - 1, 1),
    )


def _area_line(
    curves: Curves, position: int, area: float, variance: float, own: AreaDesign, sample: Sample
) -> Estimate:
    line = area_line(own, area, variance, sample, **{curves.key: curves.names[position]})
    return replace(line, n_patients=_n_patients(sample, curves.rows(position)))


def _n_patients(sample: Sample, rows: Bools) -> int | None:
    return None if sample.patients is None else int(np.unique(sample.patients[rows]).size)


def _direction_note(name: str, area: float) -> str:
    if not area < 0.5:
        return ""
    sentence = f"The area of {name} is below 0.5: it runs against the direction given, which was not changed."
    warnings.warn(sentence, DirectionWarning, stacklevel=4)
    return sentence


def _difference_line(comparison: _Comparison, pair: tuple[int, int]) -> tuple[Estimate, str]:
    curves = comparison.curves
    first, second = pair
    contrast = np.zeros((1, len(curves.names)))
    contrast[0, [first, second]] = 1, -1
    estimate = curves.contrasted(contrast, comparison.design)
    difference, variance = float(estimate.auc[0]), float(estimate.covariance[0, 0])
    df = _difference_df(comparison, pair)
    test = difference_test(difference, variance, df=df)
    limits, note = _difference_limits(comparison, pair, variance, df)
    either = curves.rows(first) | curves.rows(second)
    names = curves.names[first], curves.names[second]
    line = Estimate(
        quantity="auc_difference",
        value=difference,
        low=limits.low,
        high=limits.high,
        statistic=test.statistic,
        df=test.df if np.isfinite(test.df) else float("nan"),
        p_value=test.p_value,
        n=int(either.sum()),
        n_patients=_n_patients(comparison.sample, either),
        unit="fraction",
        of={"comparison": f"{names[0]} - {names[1]}", "first": names[0], "second": names[1]},
    )
    return line, note


def _difference_limits(
    comparison: _Comparison, pair: tuple[int, int], variance: float, df: float
) -> tuple[Interval, str]:
    names = [comparison.curves.names[position] for position in pair]
    if _same_order(comparison.curves, pair):
        note = f"{names[0]} and {names[1]} put all rows in the same order, so their curves are one and the same."
        return Interval(0.0, 0.0), note
    first, second = (comparison.lines[position] for position in pair)
    # the estimated variance of an area of 0 or 1 is 0, which would pass for certainty in that of the difference
    perfect = [name for name, line in zip(names, (first, second), strict=True) if line.value in (0.0, 1.0)]
    limits = difference_interval(
        first.value,
        second.value,
        0.0 if perfect else variance,
        of_first=Interval(first.low, first.high),
        of_second=Interval(second.low, second.high),
        df=df,
        confidence_level=comparison.design.confidence_level,
    )
    if variance > 0 and not perfect:
        return limits, ""
    why = f"The area of {' and of '.join(perfect)} is 0 or 1 and shows no variance" if perfect else "It has no variance"
    return limits, (
        f"Difference between {names[0]} and {names[1]}: {why[0].lower()}{why[1:]}; its interval combines those of the "
        "two areas as if they were independent (MOVER), which is cautious."
    )


def _difference_df(comparison: _Comparison, pair: tuple[int, int]) -> float:
    """Return infinity or K - 1 for markers; for groups that share no patient, the df of Welch and Satterthwaite."""
    curves, design = comparison.curves, comparison.design
    if curves.key == "marker":
        return design.df
    if design.patients is not None and curves.share_patients(design, *pair):
        return float(np.unique(design.patients[curves.rows(pair[0]) | curves.rows(pair[1])]).size - 1)
    own = [comparison.own[position] for position in pair]
    units = [one.df if one.is_clustered else float(one.positive.size - 1) for one in own]
    df = satterthwaite_df(comparison.variances[list(pair)], units)
    return df if df > 0 else float("inf")


def _same_order(curves: Curves, pair: tuple[int, int]) -> bool:
    if curves.key == "group":
        return False
    first, second = (np.unique(curves.matrix[position], return_inverse=True)[1] for position in pair)
    return bool(np.array_equal(first, second))


def _equality_line(comparison: _Comparison) -> Estimate:
    n_curves = len(comparison.curves.names)
    against_last = np.column_stack((np.eye(n_curves - 1), -np.ones(n_curves - 1)))
    estimate = comparison.curves.contrasted(against_last, comparison.design)
    df = comparison.design.df
    test = joint_test(estimate.auc, estimate.covariance, df=df)
    return Estimate(
        quantity="auc_equality",
        value=float("nan"),
        statistic=test.statistic,
        df=(test.df, df - test.df + 1) if np.isfinite(df) and test.df > 0 else test.df,
        p_value=test.p_value,
        n=comparison.design.positive.size,
        n_patients=comparison.sample.n_patients,
    )
