"""The best cutoff of a marker, in the data and in thousands of resamples of whole patients at once.

The marker is sorted once. A resample is a column of weights, its 2x2 tables at every cutoff are differences of
cumulative sums down that column, and the arrays have shape (cutoffs, resamples): resamples run along the contiguous
axis.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from .cutoff_criteria import CRITERIA, TOLERANCE, Counts, Criterion, CriterionSettings
from .resampling import Seed, chunk_size, jackknife_weights, patient_weights
from .weighted_roc import (
    Cumulative,
    MarkerRows,
    area_under,
    counts_at,
    cumulative_weights,
    tables_each,
    tables_from,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Ties = Literal["middle", "most_sensitive", "most_specific"]

MAX_CANDIDATES = 4096
"""With more distinct values than this, resamples choose among this many of them, evenly spaced in rank."""

SMOOTHING_GRID = 512
"""Cutoffs at which smoothed classes are compared, evenly spaced over the range of the marker."""


@dataclass(frozen=True, kw_only=True)
class CutoffRule:
    """How a cutoff is chosen.

    Attributes
    ----------
    criterion : str
        A key of `CRITERIA`.
    settings : CriterionSettings
        The numbers that criterion needs.
    ties : {"middle", "most_sensitive", "most_specific"}
        Which of several tied optima is taken. ``"middle"`` is the middle one of them in order of the marker, and of
        an even number the more sensitive of the two in the middle, so that the cutoff is always one of the candidates.
    candidates : {"observed", "midpoint"}
        The distinct observed values, or the points half-way between them.
    minimum_share : float
        At least this share of the rows must be called positive, and at least this share negative.
    smoothing : {"none", "kernel"}
        ``"kernel"`` compares cutoffs after each class's distribution has been smoothed by a normal kernel [1]_ with
        bandwidth 0.9 min(SD, IQR/1.349) n^(-1/5) [2]_, on a grid of `SMOOTHING_GRID` points over the range.

    References
    ----------
    .. [1] Fluss R, Faraggi D, Reiser B. Estimation of the Youden index and its associated cutoff point.
       Biom J 2005;47:458-472.
    .. [2] Silverman BW. Density Estimation for Statistics and Data Analysis. Chapman & Hall, 1986, section 3.4.2.
    """

    criterion: str = "youden"
    settings: CriterionSettings = field(default_factory=CriterionSettings)
    ties: Ties = "middle"
    candidates: Literal["observed", "midpoint"] = "observed"
    minimum_share: float = 0.0
    smoothing: Literal["none", "kernel"] = "none"

    def __post_init__(self) -> None:
        if self.criterion not in CRITERIA:
            raise ValueError(f"no criterion {self.criterion!r}")
        if CRITERIA[self.criterion].minimum_of and not 0 <= self.settings.minimum <= 1:
            raise ValueError(f"criterion {self.criterion!r} needs a minimum between 0 and 1")
        if not self.settings.cost_ratio > 0:
            raise ValueError("cost_ratio must be positive")
        if not (np.isnan(self.settings.prevalence) or 0 < self.settings.prevalence < 1):
            raise ValueError("prevalence must lie between 0 and 1, both excluded")
        if not 0 <= self.minimum_share < 0.5:
            raise ValueError("minimum_share must lie in [0, 0.5)")


class ChosenCutoff(NamedTuple):
    """The cutoff chosen in the data.

    Attributes
    ----------
    cutoff : float
        NaN when no candidate is admissible.
    tied : ndarray of float
        Every optimum, ascending; `cutoff` is one of them.
    counts : Counts
        The 2x2 table at `cutoff`.
    cutoffs, values : ndarray of float
        Every candidate, ascending, and the criterion there; NaN where it is not admissible.
    """

    cutoff: float
    tied: FloatArray
    counts: Counts
    cutoffs: FloatArray
    values: FloatArray


class ResampledCutoffs(NamedTuple):
    """The cutoff chosen anew in each resample, and how it does there and elsewhere.

    Attributes
    ----------
    cutoffs, auc : ndarray of float, shape (n_resamples,)
        NaN in a resample that lacks a class; the cutoff also where no candidate is admissible.
    inside, original, left_out : Counts of shape (n_resamples,)
        The 2x2 table of each resample's cutoff in that resample, in all patients, and in the patients not drawn.
    n_missing_class : int
        Resamples that lack a class.
    """

    cutoffs: FloatArray
    auc: FloatArray
    inside: Counts
    original: Counts
    left_out: Counts
    n_missing_class: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _Chooser:
    """The candidates of a rule with what is the same in every resample worked out."""

    rows: MarkerRows
    rule: CutoffRule
    signed: FloatArray  # the cutoffs compared, ascending: the first calls the most rows positive
    positive_start: IntArray  # of the candidates, or of the distinct values when classes are smoothed
    negative_start: IntArray
    smoothers: tuple[FloatArray, FloatArray] | None = None  # (grid, distinct values), positive and negative class

    @property
    def criterion(self) -> Criterion:
        return CRITERIA[self.rule.criterion]

    def tables(self, cumulative: Cumulative) -> Counts:
        """Return the tables compared, shape (cutoffs, resamples)."""
        counts = tables_from(cumulative, self.positive_start, self.negative_start)
        if self.smoothers is None:
            return counts
        at_value = [-np.diff(called, axis=0, append=0.0) for called in (counts.tp, counts.fp)]
        tp, fp = (smoother @ weight for smoother, weight in zip(self.smoothers, at_value, strict=True))
        return Counts(tp, fp, cumulative.positive[-1] - tp, cumulative.negative[-1] - fp)

    def values(self, counts: Counts) -> FloatArray:
        """Return the criterion; NaN at cutoffs that are not observed, not admissible, or where a class is missing."""
        values = self.criterion.function(counts, self.rule.settings)
        called = counts.tp + counts.fp
        excluded = np.isnan(values)
        if self.smoothers is None and self.rule.candidates == "observed":
            # a value no drawn patient has is no candidate of that resample
            excluded[:-1] |= called[:-1] == called[1:]
            excluded[-1] |= called[-1] == 0
        total = called + counts.fn + counts.tn
        if self.rule.minimum_share:
            least = self.rule.minimum_share * total * (1 - TOLERANCE)
            excluded |= (called < least) | (total - called < least)
        excluded |= (counts.tp + counts.fn == 0) | (counts.fp + counts.tn == 0)
        return np.where(excluded, np.nan, values)

    def tied(self, counts: Counts, values: FloatArray) -> BoolArray:
        """Mark every optimum of each column."""
        best = _ties_at_best(values if self.criterion.maximise else -values)
        if self.criterion.then is not None:
            second = self.criterion.then(counts, self.rule.settings)
            best &= _ties_at_best(np.where(best, second, np.nan))
        return best

    def choose(self, weights: NDArray[np.number]) -> tuple[FloatArray, Cumulative]:
        """Return each resample's signed cutoff (NaN where it has none) and its cumulative weights."""
        cumulative = cumulative_weights(self.rows, weights)
        counts = self.tables(cumulative)
        picked = _pick(self.tied(counts, self.values(counts)), self.rule.ties)
        return np.where(picked < 0, np.nan, self.signed[picked]), cumulative


def _ties_at_best(values: FloatArray) -> BoolArray:
    """Mark the largest value of each column and those that differ from it by rounding; nothing in a column of NaN."""
    filled = np.where(np.isnan(values), -np.inf, values)
    best = filled.max(axis=0)
    known = np.isfinite(best)
    near = np.where(known, best - TOLERANCE * np.maximum(1, np.abs(best)), np.inf)
    return np.asarray(filled >= near)


def _pick(tied: BoolArray, ties: Ties) -> IntArray:
    """Return the line of one tied optimum in each column, -1 where there is none."""
    number = tied.sum(axis=0)
    first = np.argmax(tied, axis=0)
    last = tied.shape[0] - 1 - np.argmax(tied[::-1], axis=0)
    picked = {"most_sensitive": first, "most_specific": last, "middle": first.copy()}[ties]
    several = np.flatnonzero(number > 2)
    if ties == "middle" and several.size:
        running = np.cumsum(tied[:, several], axis=0)
        picked[several] = np.argmax(running >= (number[several] + 1) // 2, axis=0)
    return np.where(number == 0, -1, picked)


def _bandwidth(values: FloatArray, span: float) -> float:
    """Return Silverman's bandwidth; for a class that does not vary, one point of the grid."""
    spread = float(np.std(values, ddof=1)) if values.size > 1 else 0.0
    quarter, three_quarters = np.quantile(values, [0.25, 0.75])
    if three_quarters > quarter:
        spread = min(spread, float(three_quarters - quarter) / 1.349)
    return 0.9 * spread * values.size**-0.2 if spread > 0 else span / SMOOTHING_GRID or 1.0


def _chooser(rows: MarkerRows, rule: CutoffRule, max_candidates: int | None = None) -> _Chooser:
    values = np.concatenate([rows.positive, rows.negative])
    values.sort()
    signed = values[np.concatenate([[True], values[1:] > values[:-1]])]
    if max_candidates is not None and signed.size > max_candidates:
        signed = np.unique(values[np.linspace(0, values.size - 1, max_candidates).astype(np.int64)])
    compared, smoothers = signed, None
    if rule.smoothing == "kernel":
        compared = np.linspace(signed[0], signed[-1], SMOOTHING_GRID)
        smoothers = tuple(
            ndtr((signed - compared[:, None]) / _bandwidth(by_class, float(np.ptp(signed))))
            for by_class in (rows.positive, rows.negative)
        )
    elif rule.candidates == "midpoint" and signed.size > 1:
        compared = signed = signed[:-1] + np.diff(signed) / 2
    return _Chooser(
        rows=rows,
        rule=rule,
        signed=compared,
        positive_start=np.searchsorted(rows.positive, signed),
        negative_start=np.searchsorted(rows.negative, signed),
        smoothers=smoothers,
    )


def choose_cutoff(rows: MarkerRows, rule: CutoffRule) -> ChosenCutoff:
    """Choose the best cutoff in the data, among all distinct values however many.

    Parameters
    ----------
    rows : MarkerRows
        From `marker_rows`.
    rule : CutoffRule
        The criterion, its settings, and which of tied optima to take.

    Returns
    -------
    ChosenCutoff

    Examples
    --------
    Four lesions, two of them responding; 2 and 3 serve equally, and the more sensitive of the two is taken.

    >>> from biomarker.kernels.weighted_roc import marker_rows
    >>> best = choose_cutoff(marker_rows([1, 2, 2, 3], [0, 0, 1, 1]), CutoffRule())
    >>> best.cutoff, best.tied.tolist(), best.values.tolist()
    (2.0, [2.0, 3.0], [0.0, 0.5, 0.5])
    """
    chooser = _chooser(rows, rule, MAX_CANDIDATES if rule.smoothing == "kernel" else None)
    cumulative = cumulative_weights(rows, np.ones((1, rows.n_patients)))
    counts = chooser.tables(cumulative)
    values = chooser.values(counts)
    tied = chooser.tied(counts, values)
    line = int(_pick(tied, rule.ties)[0])
    cutoff = float(rows.sign * chooser.signed[line]) if line >= 0 else float("nan")
    upward = slice(None, None, int(rows.sign))
    return ChosenCutoff(
        cutoff=cutoff,
        tied=(rows.sign * chooser.signed[tied[:, 0]])[upward],
        counts=counts_at(rows, cutoff),
        cutoffs=(rows.sign * chooser.signed)[upward],
        values=values[upward, 0],
    )


def resample_cutoffs(
    rows: MarkerRows, rule: CutoffRule, n_resamples: int, rng: Seed, *, stratified: bool = False
) -> ResampledCutoffs:
    """Choose the cutoff anew in resamples of whole patients.

    Parameters
    ----------
    rows : MarkerRows
        From `marker_rows`.
    rule : CutoffRule
        As in the data. With more than `MAX_CANDIDATES` distinct values, that many of them are the candidates.
    n_resamples : int
        Resamples.
    rng : int, sequence of int, SeedSequence or Generator
        See `resampling.seed_sequence`.
    stratified : bool
        Patients with positive rows only, negative rows only, and both are drawn separately, each as many as there are.

    Returns
    -------
    ResampledCutoffs
    """
    strata = rows.patient_classes() if stratified else None
    chunk = chunk_size(rows.n_rows)
    weights = patient_weights(rows.n_patients, n_resamples, rng, strata=strata, chunk=chunk)
    return choose_for_weights(rows, rule, weights)


def jackknife_cutoffs(rows: MarkerRows, rule: CutoffRule) -> FloatArray:
    """Choose the cutoff with each patient left out in turn (groups of them when there are very many).

    Returns
    -------
    ndarray of float, shape (n_left_out,)
        NaN where a class would be missing.
    """
    return choose_for_weights(rows, rule, jackknife_weights(rows.n_patients, chunk=chunk_size(rows.n_rows))).cutoffs


def choose_for_weights(rows: MarkerRows, rule: CutoffRule, weights: Iterable[NDArray[np.number]]) -> ResampledCutoffs:
    """Choose a cutoff for every row of patient weights: resamples, training folds, left-out patients.

    Parameters
    ----------
    rows : MarkerRows
        From `marker_rows`.
    rule : CutoffRule
        See `CutoffRule`.
    weights : iterable of ndarray, each of shape (n_chunk, n_patients)
        Who counts how often. Patients of weight 0 are those left out.

    Returns
    -------
    ResampledCutoffs
    """
    chooser = _chooser(rows, rule, MAX_CANDIDATES)
    chunks: list[FloatArray] = [np.empty((10, 0))]
    for chunk in weights:
        signed, cumulative = chooser.choose(chunk)
        left_out = cumulative_weights(rows, chunk == 0)
        tables = (*tables_each(rows, cumulative, signed), *tables_each(rows, left_out, signed))
        chunks.append(np.stack([signed, area_under(rows, cumulative), *tables]))
    signed, auc, *tables_of_all = np.concatenate(chunks, axis=1)
    cutoffs = rows.sign * signed
    return ResampledCutoffs(
        cutoffs=cutoffs,
        auc=auc,
        inside=Counts(*tables_of_all[:4]),
        original=counts_at(rows, cutoffs),
        left_out=Counts(*tables_of_all[4:]),
        n_missing_class=int(np.isnan(auc).sum()),
    )
