"""Which marker goes best with the outcome? Correlations with one outcome compared, never by their p-values."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from biomarker.analyses.comparison_method import (
    COEFFICIENTS,
    COMPARISONS,
    LABELS,
    METHODS,
    chosen_comparison,
    chosen_method,
    comparison_method,
    comparison_notes,
)
from biomarker.analyses.correlation import check_resamples
from biomarker.analyses.correlation_by_patient import FEWEST_LEFT_OUT, units_of
from biomarker.analyses.correlation_contrasts import (
    ByBootstrap,
    ByFormula,
    ByJackknife,
    Comparison,
    MarkerSet,
    pairs_of,
)
from biomarker.analyses.correlation_method import few_units_note
from biomarker.analyses.outcome_scale import Outcome, select_outcome
from biomarker.analyses.population import Positive
from biomarker.analyses.result import Estimate, Result, checked_fraction, seed_of
from biomarker.analyses.roc_area import area_design
from biomarker.analyses.roc_contrasts import Curves, compared
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.kernels.correlation import Correlation
from biomarker.kernels.correlation_resampling import Method as Coefficient
from biomarker.vocabulary import column_label

NAIVE = {"interval": "naive"}


@dataclass(frozen=True, kw_only=True, eq=False)
class CorrelationComparison(Result):
    """Correlations of markers with one outcome.

    Attributes
    ----------
    outcome : str
    markers : tuple of str
    coefficient : str
        The quantity of each marker's line: ``"spearman_rho"``, ``"auc"``...
    difference : str
        The quantity of each pair's line.
    is_nested : bool
    """

    outcome: str
    markers: tuple[str, ...]
    coefficient: str
    difference: str
    is_nested: bool

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height in inches: taller with more markers."""
        pairs = sum(line.quantity == self.difference for line in self.estimates)
        return (3.46, 1.0 + 0.22 * (len(self.markers) + pairs))

    @property
    def caption(self) -> str:
        """What the figure shows."""
        label = LABELS[self.coefficient][0]
        return (
            f"{label[0].upper()}{label[1:]} of each marker with {column_label(self.outcome)} (filled), and differences "
            f"between markers (open), with {100 * self.method.confidence_level:g}% confidence intervals."
        )


def compare_correlations(
    data: pd.DataFrame,
    *,
    outcome: str,
    markers: Sequence[str],
    method: str = "auto",
    comparison: str = "auto",
    against: str | None = None,
    positive: Positive | None = None,
    order: Sequence[object] | None = None,
    higher_is_positive: bool | Mapping[str, bool] = True,
    n_resamples: int = 2000,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator = 0,
    patient: str | None = "patient_id",
) -> CorrelationComparison:
    """Compare the correlations of several markers with one outcome, on the rows that have them all.

    That one correlation is "significant" and another is not does not show that they differ; their difference is
    estimated and tested itself, with the correlation between the markers taken into account.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient.
    outcome : str
        Column: numbers; two classes (bool, 0/1, or any with `positive`); or ordered classes (RECIST responses, an
        ordered categorical, or any with `order`).
    markers : list of str
        Columns of two markers or more.
    method : str
        ``"auto"``: Spearman for numbers, the area under the ROC curve for two classes, Somers' D [1]_ for ordered
        ones. Or ``"pearson"``, ``"spearman"``, ``"kendall"``, ``"somers_d"``, ``"auc"``.
    comparison : str
        ``"auto"``: Williams' test [2]_ with Zou's interval [3]_ for Pearson on independent rows; for two classes
        DeLong's, or Obuchowski's when lesions are nested, as in `compare_roc_curves`; else the jackknife.
        ``"jackknife"`` leaves out each patient (or row) in turn: a t test of Fisher z on K - 1 degrees of freedom, and
        limits of the difference recovered from those of the two. ``"bootstrap"`` resamples whole patients.
        ``"williams"``, ``"steiger"`` [4]_ and ``"meng"`` [5]_ are for Pearson and Spearman on independent rows.
    against : str, optional
        A marker that all others are compared with; by default every pair is compared.
    positive : value or list of values, optional
        What counts as the positive class of an outcome with two.
    order : list, optional
        The classes of an ordered outcome, from low to high; rows with any other are left out and counted.
    higher_is_positive : bool or mapping of marker to bool
        False turns a marker round, so that the strength of markers of opposite direction can be compared.
    n_resamples : int
        Of the bootstrap.
    confidence_level : float
    rng : int or Generator
        Of the bootstrap.
    patient : str or None
        Column of patients; None says that rows are independent.

    Returns
    -------
    CorrelationComparison
        A line a marker (``spearman_rho``, ``pearson_r``, ``kendall_tau``, ``somers_d`` or ``auc``;
        ``of={"marker": ...}``), ``correlation_difference`` (``auc_difference``) of each pair (``of`` with first, second
        and comparison), for Meng's test also ``fisher_z_difference``, and with three markers or more
        ``correlations_equal`` (``auc_equality``), the joint test. Identical markers differ by 0 with p = 1.

    Raises
    ------
    DesignError
        If there are fewer than two markers or four rows, a column is given twice, the outcome has one class only or an
        unknown order, or the comparison does not fit the method or the nesting.
    SchemaError
        If a marker holds text or infinity.

    Notes
    -----
    In simulated studies of 10 to 40 patients (``tests/coverage/correlations.py``) the jackknife's intervals of a
    difference cover 93 to 99 %, nested or not; formulas for independent rows cover 83 to 97 % when lesions are nested.

    References
    ----------
    .. [1] Somers RH. Am Sociol Rev 1962;27:799-811.
    .. [2] Williams EJ. J R Stat Soc B 1959;21:396-399.
    .. [3] Zou GY. Psychol Methods 2007;12:399-413.
    .. [4] Steiger JH. Psychol Bull 1980;87:245-251.
    .. [5] Meng XL, Rosenthal R, Rubin DB. Psychol Bull 1992;111:172-175.

    Examples
    --------
    >>> lesions = pd.DataFrame({
    ...     "change": [-60, -45, -30, -35, -12, -20, 0, 8, 15, 25],
    ...     "suvmax": [9.1, 7.0, 8.2, 6.1, 4.0, 5.2, 3.3, 5.0, 2.6, 2.1],
    ...     "ihc": [3, 2, 3, 1, 2, 1, 2, 3, 0, 1],
    ... })
    >>> result = compare_correlations(
    ...     lesions, outcome="change", markers=["suvmax", "ihc"], method="pearson", patient=None
    ... )
    >>> difference = result.estimate("correlation_difference")
    >>> print(f"{difference.value:.2f} ({difference.low:.2f} to {difference.high:.2f}), p = {difference.p_value:.3f}")
    -0.47 (-1.14 to -0.13), p = 0.006
    """
    columns = _columns(outcome, markers, against)
    for name, given, known in (("method", method, METHODS), ("comparison", comparison, COMPARISONS)):
        if given not in known:
            raise DesignError(f"no {name} {given!r}{nearest(str(given), known)}; there are {', '.join(known)}")
    check_resamples(n_resamples)
    checked_fraction(confidence_level, "confidence_level")
    seed_of(rng)  # refuses what is no seed
    upward = _directions(columns, higher_is_positive)
    found = select_outcome(data, outcome, columns, positive=positive, order=order, patient=patient)
    sample = found.sample
    if len(sample.frame) < 4:
        raise DesignError(f"{len(sample.frame)} complete rows are too few to compare correlations; 4 are needed")
    method = chosen_method(method, found.kind, outcome)
    comparison = chosen_comparison(comparison, method, found.kind, is_nested=sample.is_nested)
    if few := few_units_note(sample):
        warnings.warn(few, SmallSampleWarning, stacklevel=2)
    pairs = pairs_of(columns, against)
    if comparison == "roc":
        lines, said = _by_areas(found, columns, upward, pairs, method, confidence_level)
    else:
        lines, said = _by_correlations(
            found, columns, upward, pairs, method, comparison, confidence_level, n_resamples, rng
        )
    coefficient = COEFFICIENTS[method]
    notes = (*sample.notes, *said, few, *comparison_notes(lines, coefficient, confidence_level))
    return CorrelationComparison(
        estimates=tuple(lines),
        method=comparison_method(
            method,
            comparison,
            notes,
            is_nested=sample.is_nested,
            n_markers=len(columns),
            settings={"against": against, "order": list(found.levels) or None, "higher_is_positive": str(upward)},
            confidence_level=confidence_level,
            n_resamples=n_resamples,
            rng=rng,
        ),
        population=sample.population,
        outcome=outcome,
        markers=tuple(columns),
        coefficient=coefficient,
        difference="auc_difference" if method == "auc" else "correlation_difference",
        is_nested=sample.is_nested,
    )


def _columns(outcome: str, markers: Sequence[str], against: str | None) -> list[str]:
    if not isinstance(markers, str | list | tuple):
        raise DesignError(f"markers is {markers!r}; give a list of two columns or more")
    columns = [markers] if isinstance(markers, str) else list(markers)
    if len(columns) < 2:
        raise DesignError("one marker has nothing to be compared with: give two markers or more")
    twice = sorted({str(column) for column in columns if columns.count(column) > 1})
    if twice:
        raise DesignError(f"markers names {', '.join(map(repr, twice))} more than once")
    if outcome in columns:
        raise DesignError(f"{outcome!r} is the outcome and cannot be its own marker as well")
    if against is not None and against not in columns:
        raise DesignError(f"against is {against!r}{nearest(str(against), columns)}; there are {', '.join(columns)}")
    return columns


def _directions(columns: list[str], higher_is_positive: bool | Mapping[str, bool]) -> dict[str, int]:
    if not isinstance(higher_is_positive, Mapping):
        return dict.fromkeys(columns, 1 if higher_is_positive else -1)
    unknown = [name for name in higher_is_positive if name not in columns]
    if unknown:
        raise DesignError(f"higher_is_positive names {unknown[0]!r}, no marker{nearest(str(unknown[0]), columns)}")
    return {column: 1 if higher_is_positive.get(column, True) else -1 for column in columns}


def _by_areas(
    found: Outcome,
    columns: list[str],
    upward: dict[str, int],
    pairs: list[tuple[int, int]],
    method: str,
    confidence_level: float,
) -> tuple[list[Estimate], list[str]]:
    """Compare areas under ROC curves, as Somers' D where that is asked for: twice the area less 1."""
    is_positive = found.scores > 0
    design = area_design(
        found.sample, is_positive, variance="auto", interval="logit", confidence_level=confidence_level
    )
    matrix = np.stack([found.sample.frame[column].to_numpy(np.float64) * upward[column] for column in columns])
    curves = Curves("marker", tuple(columns), matrix, tuple(upward.values()), is_positive)
    lines, notes = compared(curves, pairs, design, found.sample)
    if len(columns) == 2:
        lines = [line for line in lines if line.quantity != "auc_equality"]
    notes = [*design.notes, *notes]
    return ([_as_somers(line) for line in lines] if method == "somers_d" else lines), notes


def _as_somers(line: Estimate) -> Estimate:
    names = {"auc": "somers_d", "auc_difference": "correlation_difference", "auc_equality": "correlations_equal"}
    shift = 1.0 if line.quantity == "auc" else 0.0
    value, low, high = (2 * part - shift for part in (line.value, line.low, line.high))
    return replace(line, quantity=names[line.quantity], value=value, low=low, high=high, unit="")


def _by_correlations(
    found: Outcome,
    columns: list[str],
    upward: dict[str, int],
    pairs: list[tuple[int, int]],
    method: str,
    comparison: str,
    confidence_level: float,
    n_resamples: int,
    rng: int | np.random.Generator,
) -> tuple[list[Estimate], list[str]]:
    sample, notes = found.sample, []
    units = units_of(replace(sample, frame=sample.frame.assign(_outcome=found.scores)), ["_outcome", *columns])
    is_nested, label = sample.is_nested, {}
    if is_nested and int(units.max()) + 1 < FEWEST_LEFT_OUT:
        bare = replace(sample, patients=None, frame=sample.frame.assign(_outcome=found.scores))
        units, is_nested, label = units_of(bare, ["_outcome", *columns]), False, NAIVE
        notes.append(
            "With fewer than three patients intervals that honour nesting are not estimable; those given are naive and "
            "take rows as independent."
        )
    markers = MarkerSet(
        outcome=found.scores,
        markers=np.stack([sample.frame[column].to_numpy(np.float64) * upward[column] for column in columns]),
        method="somers_d" if method == "auc" else cast("Coefficient", method),
        units=units,
        is_nested=is_nested,
        confidence_level=confidence_level,
    )
    way = _way(markers, comparison, n_resamples, rng)
    of_area = method == "auc"
    shared: dict[str, Any] = {"n": len(sample.frame), "n_patients": sample.n_patients}
    lines = [
        _line(COEFFICIENTS[method], way.own(number), {"marker": name} | label, shared, half=of_area, shift=of_area)
        for number, name in enumerate(columns)
    ]
    name = "auc_difference" if of_area else "correlation_difference"
    for first, second in pairs:
        of = {"comparison": f"{columns[first]} - {columns[second]}", "first": columns[first], "second": columns[second]}
        lines.append(_line(name, way.difference(first, second), of | label, shared, half=of_area))
        if comparison == "meng" and isinstance(way, ByFormula):
            lines.append(_line("fisher_z_difference", way.of_z(first, second), of | label, shared))
    if len(columns) > 2:
        lines.append(_joint_line("auc_equality" if of_area else "correlations_equal", way, label, shared))
    if len(pairs) > 1:
        notes.append("p-values of pairs are not adjusted for their number; the joint test comes first.")
    return lines, [*notes, *_not_estimable(lines, columns, found)]


def _way(markers: MarkerSet, comparison: str, n_resamples: int, rng: int | np.random.Generator) -> Comparison:
    if comparison == "jackknife":
        return ByJackknife(markers)
    if comparison == "bootstrap":
        return ByBootstrap(markers, n_resamples, rng)
    return ByFormula(markers, comparison)


def _line(
    quantity: str,
    found: Correlation,
    of: dict[str, str],
    shared: dict[str, Any],
    *,
    half: bool = False,
    shift: bool = False,
) -> Estimate:
    """Return a line; an area is half of one more than Somers' D, and a difference of areas half that of D."""
    by, plus = (0.5, 0.5 if shift else 0.0) if half else (1.0, 0.0)
    value, low, high = (by * part + plus for part in (found.value, *found.interval))
    return Estimate(
        quantity=quantity, value=value, low=low, high=high, statistic=found.statistic, df=found.df,
        p_value=found.p_value, unit="fraction" if half else "", of=of, **shared,
    )  # fmt: skip


def _joint_line(quantity: str, way: Comparison, label: dict[str, str], shared: dict[str, Any]) -> Estimate:
    test = way.equality()
    df: float | tuple[float, float] = test.df
    if not isinstance(way, ByFormula) and test.df > 0:
        df = (test.df, way.markers.n_units - test.df)
    return Estimate(
        quantity=quantity, value=np.nan, statistic=test.statistic, df=df, p_value=test.p_value, of=label, **shared
    )


def _not_estimable(lines: list[Estimate], columns: list[str], found: Outcome) -> list[str]:
    """Say why a coefficient or a difference is undefined."""
    frame, notes = found.sample.frame, []
    constant = [column for column in columns if np.ptp(frame[column].to_numpy(np.float64)) == 0]
    if np.ptp(found.scores) == 0:
        notes.append("The outcome does not vary, so that nothing can go with it.")
    elif constant:
        notes.append(f"{' and '.join(map(column_label, constant))} does not vary, so that nothing goes with it.")
    for line in lines:
        if "marker" in line.of and abs(line.value) == 1 and np.isnan(line.low):
            label = column_label(str(line.of["marker"]))
            notes.append(f"The coefficient of {label} is 1 in size, where Fisher's z has no interval.")
    return notes
