"""Does a positive scan mean response? Predictive values, sensitivity and specificity of a 2x2 table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import Positive, require_both_classes
from biomarker.analyses.result import Estimate, Method, Population, Result
from biomarker.analyses.tested_rows import Unsure, checked_test, index_test_rows, marker_rows
from biomarker.analyses.two_by_two import (
    CELLS,
    TableOfCounts,
    checked_interval,
    cutoff_text,
    few_patients_note,
    interval_sentence,
    lines_of,
    method_references,
    reasons_told,
)
from biomarker.errors import DesignError
from biomarker.references import MERCALDO_2007
from biomarker.vocabulary import column_label

CURVE_PREVALENCES = tuple(round(0.01 * step, 2) for step in range(1, 100))
INDEPENDENT_COUNTS = "The table was given as counts: rows are treated as independent of one another."


@dataclass(frozen=True, kw_only=True, eq=False)
class PredictiveValues(Result):
    """Every quantity of a 2x2 table, with what a figure of predictive values against prevalence needs.

    Attributes
    ----------
    tp, fp, fn, tn : int
        Cells of the table, in rows of the data.
    reference_standard, index_test : str
        Columns; empty where counts were given. `index_test` is the marker, where a cutoff makes the test.
    cutoff : float, optional
    is_nested : bool
        Whether intervals allow for lesions nested in patients.
    n_indeterminate : int
        Rows with an indeterminate test, which the main estimates leave out.
    prevalences : tuple of float
        Those asked for.
    curve : dict
        ``"prevalence"`` (99 fractions), ``"ppv"`` and ``"npv"`` (each of shape (3, 99): value, low, high).
    """

    tp: int
    fp: int
    fn: int
    tn: int
    reference_standard: str = ""
    index_test: str = ""
    cutoff: float | None = None
    is_nested: bool = False
    n_indeterminate: int = 0
    prevalences: tuple[float, ...] = ()
    curve: dict[str, NDArray[np.float64]]

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height in inches: two panels where another prevalence was asked for."""
        return (7.09, 2.9) if self.prevalences else (3.46, 2.9)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        level = f"{100 * self.method.confidence_level:g}%"
        test = f" of {column_label(self.index_test)}{cutoff_text(self.cutoff)}" if self.index_test else ""
        shown = f"Accuracy and predictive values{test}, with {level} confidence intervals."
        if not self.prevalences:
            return shown
        return (
            f"First panel: {shown[0].lower()}{shown[1:]} Second panel: PPV and NPV at other prevalences, with {level} "
            "confidence bands; open markers, the prevalences asked for; dotted line, the prevalence in the sample."
        )

    def estimate(self, quantity: str, **of: object) -> Estimate:
        """Return the one line of that quantity; without further keys the one of the sample itself."""
        named = [line for line in self.estimates if line.quantity == quantity]
        own = [line for line in named if {key: of_it for key, of_it in line.of.items() if key != "interval"} == of]
        return own[0] if len(own) == 1 else super().estimate(quantity, **of)


def predictive_values(
    data: pd.DataFrame,
    *,
    reference_standard: str,
    index_test: str | None = None,
    marker: str | None = None,
    cutoff: float | None = None,
    positive: Positive | None = None,
    test_positive: Positive | None = None,
    indeterminate: Positive | None = None,
    higher_is_positive: bool = True,
    interval: str = "wilson",
    prevalence: float | Sequence[float] | None = None,
    adjusted: bool = False,
    continuity: float = 0.0,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> PredictiveValues:
    """Predictive values, accuracy and likelihood ratios of a binary test, or of a marker at a cutoff.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient.
    reference_standard : str
        Column with the truth or outcome.
    index_test : str, optional
        Column of a binary test; or else give `marker` and `cutoff`.
    marker : str, optional
        Column of numbers: ``marker >= cutoff`` is a positive test (``<=`` where not `higher_is_positive`).
    cutoff : float, optional
    positive : value or list of values, optional
        What counts as positive in `reference_standard`; not needed where it is bool or 0/1.
    test_positive : value or list of values, optional
        The same for `index_test`.
    indeterminate : value or list of values, optional
        Results of `index_test` that are neither. The main estimates leave those rows out and count them; a second and
        third set take them as positive and as negative.
    higher_is_positive : bool
    interval : str
        For proportions: ``"wilson"`` (default: close to nominal for every n), ``"clopper-pearson"`` (never below
        nominal), ``"jeffreys"`` or ``"agresti-coull"``. With nested lesions, at the effective number of lesions.
    prevalence : float or list of float, optional
        Give PPV and NPV also for populations of these prevalences, with logit intervals.
    adjusted : bool
        Use Mercaldo's adjusted logit interval for them (rows independent only): steadier near 0 and 1.
    continuity : float
        Added to every cell where one is zero, for likelihood ratios and odds ratio (rows independent only). Nothing is
        added by default.
    confidence_level : float
    patient : str or None
        Column of patients. Where it repeats, variances are those between patients; None says that rows are
        independent.

    Returns
    -------
    PredictiveValues
        Quantities ``sensitivity``, ``specificity``, ``ppv``, ``npv``, ``accuracy``, ``balanced_accuracy``,
        ``lr_positive``, ``lr_negative``, ``diagnostic_odds_ratio``, ``youden``, ``f1``, ``mcc``, ``kappa``,
        ``prevalence``; then ``ppv`` and ``npv`` of each prevalence asked for (``of={"prevalence": 0.3}``) and the
        four main ones with indeterminate tests taken as positive and as negative.

    Raises
    ------
    DesignError
        If the reference standard has one class only, or arguments do not fit one another.

    Notes
    -----
    Where a class is held by one patient only, a nested interval is not estimable: the naive one is given, and both a
    note and ``of={"interval": "naive"}`` say so.

    Examples
    --------
    >>> import pandas as pd
    >>> responses, suvmax = ["CR", "PR", "SD", "PD", "PD", "PR"], [9.1, 6.2, 5.8, 2.0, 1.4, 3.9]
    >>> scans = pd.DataFrame({"response": responses, "suvmax": suvmax})
    >>> result = predictive_values(
    ...     scans, reference_standard="response", positive=["CR", "PR"], marker="suvmax", cutoff=5, patient=None
    ... )
    >>> result.tp, result.fp, result.fn, result.tn
    (2, 1, 1, 2)
    """
    checked_interval(interval, confidence_level)
    prevalences = checked_prevalences(prevalence)
    test = checked_test(index_test, marker, cutoff, indeterminate)
    if index_test is not None:
        sample, called, unsure, note = index_test_rows(
            data, reference_standard, index_test, positive, test_positive, indeterminate, patient
        )
    else:
        sample, called, note = marker_rows(
            data, reference_standard, test, cutoff, positive, higher_is_positive, patient
        )
        unsure = None
    truth = sample.frame[reference_standard].to_numpy(bool)
    require_both_classes(sample.frame[reference_standard], reference_standard, "sensitivity or specificity")
    table = TableOfCounts.of(truth, called, sample.patients if sample.is_nested else None)
    _refuse_unfit(table, adjusted=adjusted, continuity=continuity)
    options: dict[str, Any] = {"interval": interval, "confidence_level": confidence_level}
    found = _found(table, prevalences, adjusted=adjusted, continuity=continuity, **options)
    lines = [*found["lines"], *_indeterminate_lines(unsure, reference_standard, **options)]
    return _result(
        table,
        found | {"lines": lines},
        population=sample.population,
        notes=(*sample.notes, note, few_patients_note(sample.n_patients, is_nested=table.is_nested), *found["notes"]),
        settings={
            "cutoff": cutoff, "higher_is_positive": higher_is_positive if marker else None,
            "indeterminate": indeterminate, "adjusted": adjusted or None, "continuity": continuity or None,
        },
        prevalences=prevalences,
        interval=interval,
        confidence_level=confidence_level,
        reference_standard=reference_standard,
        index_test=test,
        cutoff=None if cutoff is None else float(cutoff),
        n_indeterminate=0 if unsure is None else unsure.n,
    )  # fmt: skip


def predictive_values_from_counts(
    *,
    tp: int,
    fp: int,
    fn: int,
    tn: int,
    interval: str = "wilson",
    prevalence: float | Sequence[float] | None = None,
    adjusted: bool = False,
    continuity: float = 0.0,
    confidence_level: float = 0.95,
) -> PredictiveValues:
    """Predictive values of a published 2x2 table: as `predictive_values`, from its four counts.

    Counts say nothing of patients, so that intervals are those of independent rows.

    Parameters
    ----------
    tp, fp, fn, tn : int
        True and false positives, false and true negatives.
    interval : str
        As in `predictive_values`, like the arguments after it.
    prevalence : float or list of float, optional
    adjusted : bool
    continuity : float
    confidence_level : float

    Returns
    -------
    PredictiveValues
        The quantities of `predictive_values`.

    Raises
    ------
    DesignError
        If a count is negative or no whole number, or all are zero.

    Examples
    --------
    Dehdashti F. Breast Cancer Res Treat 2018;169:523-530: SUVmax 3.2, PPV 83.3 % (65.3-94.4).

    >>> result = predictive_values_from_counts(tp=25, fp=5, fn=8, tn=8, interval="clopper-pearson")
    >>> ppv = result.estimate("ppv")
    >>> f"{100 * ppv.value:.1f} ({100 * ppv.low:.1f}-{100 * ppv.high:.1f})"
    '83.3 (65.3-94.4)'
    """
    checked_interval(interval, confidence_level)
    prevalences = checked_prevalences(prevalence)
    counts = {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
    for name, count in counts.items():
        if (
            isinstance(count, bool)
            or not isinstance(count, int | np.integer | float | np.floating)
            or not isfinite(count)
            or count != int(count)
            or count < 0
        ):
            raise DesignError(f"{name} is {count!r}; give a whole number, 0 or more")
    tp, fp, fn, tn = (int(count) for count in counts.values())
    total = tp + fp + fn + tn
    if total == 0:
        raise DesignError("tp, fp, fn and tn are all zero: there is no row to estimate from")
    table = TableOfCounts(cells=(np.array([tp]), np.array([fp]), np.array([fn]), np.array([tn])), is_nested=False)
    _refuse_unfit(table, adjusted=adjusted, continuity=continuity)
    options: dict[str, Any] = {"interval": interval, "confidence_level": confidence_level}
    found = _found(table, prevalences, adjusted=adjusted, continuity=continuity, **options)
    return _result(
        table,
        found,
        population=Population(rows_in=total, rows_used=total),
        notes=(INDEPENDENT_COUNTS, *found["notes"]),
        settings={**counts, "adjusted": adjusted or None, "continuity": continuity or None},
        prevalences=prevalences,
        **options,
    )


def checked_prevalences(prevalence: float | Sequence[float] | None) -> tuple[float, ...]:
    """Return the prevalences asked for, each a fraction between 0 and 1."""
    if prevalence is None:
        return ()
    several: list[Any] = list(prevalence) if isinstance(prevalence, list | tuple | np.ndarray) else [prevalence]
    for one in several:
        if isinstance(one, bool | str) or not isinstance(one, int | float | np.number) or not 0 < one < 1:
            raise DesignError(f"prevalence is {one!r}; give a fraction above 0 and below 1, such as 0.3")
    return tuple(dict.fromkeys(float(one) for one in several))


def _refuse_unfit(table: TableOfCounts, *, adjusted: bool, continuity: float) -> None:
    for name, given in (("adjusted", adjusted), ("continuity", continuity)):
        if given and table.is_nested:
            raise DesignError(
                f"{name} is for independent rows; leave it out, or say patient = None (false in a study file)"
            )
    if isinstance(continuity, str | None) or not (isfinite(continuity) and continuity >= 0):
        raise DesignError(f"continuity is {continuity!r}; give a positive number such as 0.5, or 0 for none")


def _found(
    table: TableOfCounts,
    prevalences: tuple[float, ...],
    *,
    adjusted: bool,
    continuity: float,
    interval: str,
    confidence_level: float,
) -> dict[str, Any]:
    measures, naive = table.measures(interval=interval, confidence_level=confidence_level, continuity=continuity)
    lines = lines_of(measures, table, naive=naive)
    options: dict[str, Any] = {"adjusted": adjusted, "interval": interval, "confidence_level": confidence_level}
    for prevalence in prevalences:
        at = table.at_prevalence(np.asarray(prevalence), **options)
        for name in ("ppv", "npv"):
            value, low, high, _ = at[name]
            lines.append(
                Estimate(quantity=name, value=value, low=low, high=high, unit="fraction", of={"prevalence": prevalence})
            )
    curve = table.at_prevalence(np.asarray(CURVE_PREVALENCES), **options)
    return {
        "lines": lines,
        "notes": reasons_told(measures, naive),
        "curve": {"prevalence": np.asarray(CURVE_PREVALENCES)}
        | {name: np.stack([np.asarray(part, float) for part in curve[name][:3]]) for name in ("ppv", "npv")},
    }


def _indeterminate_lines(
    unsure: Unsure | None, reference_standard: str, *, interval: str, confidence_level: float
) -> list[Estimate]:
    lines: list[Estimate] = []
    for how, (sample, called) in (unsure.frames if unsure else {}).items():
        truth = sample.frame[reference_standard].to_numpy(bool)
        table = TableOfCounts.of(truth, called, sample.patients if sample.is_nested else None)
        measures, naive = table.measures(interval=interval, confidence_level=confidence_level)
        main = {name: measures[name] for name in ("sensitivity", "specificity", "ppv", "npv", "accuracy")}
        lines += lines_of(main, table, of={"indeterminate": how}, naive=naive)
    return lines


def _result(
    table: TableOfCounts,
    found: dict[str, Any],
    *,
    population: Population,
    notes: tuple[str, ...],
    settings: dict[str, Any],
    prevalences: tuple[float, ...],
    interval: str,
    confidence_level: float,
    **fields: Any,  # noqa: ANN401 - the fields of PredictiveValues that one caller has and the other has not
) -> PredictiveValues:
    name, description = interval_sentence(interval, is_nested=table.is_nested)
    references = method_references(interval, is_nested=table.is_nested)
    if prevalences:
        description += " Predictive values at other prevalences have logit intervals."
        references = (*references, MERCALDO_2007)
        settings |= {"prevalence": list(prevalences)}
    method = Method(
        name=name,
        confidence_level=confidence_level,
        settings={"interval": interval} | {key: value for key, value in settings.items() if value is not None},
        references=references,
        notes=notes,
        description=description,
    )
    return PredictiveValues(
        estimates=tuple(found["lines"]),
        method=method,
        population=population,
        is_nested=table.is_nested,
        prevalences=prevalences,
        curve=found["curve"],
        **(fields | dict(zip(CELLS, table.totals, strict=True))),
    )
