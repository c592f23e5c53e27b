"""From which value of a marker on is a lesion positive? A cutoff chosen on the data, and what it will be worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.cutoff_choice import choose_in
from biomarker.analyses.cutoff_method import (
    CORRECTIONS,
    CUTOFF_INTERVALS,
    SMOOTHINGS,
    criterion_settings,
    cutoff_method,
)
from biomarker.analyses.cutoff_performance import check_interval, check_level, choice
from biomarker.analyses.cutoff_plan import CutoffCurve, Group, Plan
from biomarker.analyses.population import Positive, Sample, require_both_classes, select_rows
from biomarker.analyses.result import Estimate, Result, seed_of
from biomarker.errors import DesignError
from biomarker.kernels.cutoff import CutoffRule, Ties
from biomarker.kernels.cutoff_criteria import CRITERIA
from biomarker.kernels.resampling import seed_sequence
from biomarker.vocabulary import column_label


@dataclass(frozen=True, kw_only=True, eq=False)
class SuvCutoff(Result):
    """Cutoffs chosen on the data.

    Attributes
    ----------
    curves : tuple of CutoffCurve
        One a marker and group: the criterion at every cutoff, tied optima, and the cutoffs that resamples chose.
    criterion : str
        Its name; `criterion_label` is what its value is.
    correction : str
        How performance was corrected for optimism.
    is_data_driven : bool
        Always true: the cutoffs come from the data they are judged on.
    """

    curves: tuple[CutoffCurve, ...]
    reference_standard: str
    criterion: str
    criterion_label: str
    correction: str
    higher_is_positive: bool
    is_data_driven: bool = True
    figure_size = (3.46, 3.9)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        names = ", ".join(dict.fromkeys(column_label(curve.marker) for curve in self.curves))
        return (
            f"Choice of a cutoff of {names}. Top: {self.criterion_label} at every cutoff; circles are the optima, the "
            f"filled one is given, and the bar is its {100 * self.method.confidence_level:g}% confidence interval. "
            f"Bottom: share of {self.method.n_resamples:,} resamples in which each cutoff was chosen."
        )


def suv_cutoff(
    data: pd.DataFrame,
    *,
    reference_standard: str,
    marker: str | None = None,
    markers: Sequence[str] | None = None,
    criterion: str = "youden",
    minimum: float | None = None,
    prevalence: float | None = None,
    cost_ratio: float = 1.0,
    minimum_share: float | None = None,
    ties: str = "middle",
    candidates: str = "observed",
    smoothing: str = "none",
    positive: Positive | None = None,
    higher_is_positive: bool = True,
    by: str | Sequence[str] | None = None,
    cutoff_interval: str = "expanded-percentile",
    interval: str = "wilson",
    correction: str = ".632+",
    n_resamples: int = 2000,
    stratified: bool = False,
    n_folds: int = 10,
    n_repeats: int = 20,
    n_permutations: int = 1999,
    rng: int | np.random.Generator = 0,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> SuvCutoff:
    """Choose a cutoff of a marker on the data, with its interval and what it will achieve in new patients.

    A cutoff that is best in the data looks better there than it is. Whole patients are resampled and the cutoff is
    chosen anew in each resample: this gives its interval, how often each cutoff is chosen, and the performance that
    is left once optimism is removed.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient.
    reference_standard : str
        Column with the outcome: bool, 0/1, or any two classes with `positive` given.
    marker, markers : str or list of str
        The marker; or several, side by side on the rows that have them all (24 h against 48 h, SUVmax against
        SUVpeak). Give one of both.
    criterion : str
        What the cutoff is best at: ``"youden"`` [1]_, ``"closest_topleft"``, ``"max_product"``, ``"max_accuracy"``,
        ``"max_kappa"``, ``"max_f1"``; ``"min_sensitivity"``, ``"min_specificity"``, ``"target_ppv"``,
        ``"target_npv"`` (reach `minimum` and maximise the other); ``"cost"`` (with `cost_ratio` and `prevalence`);
        ``"prevalence_matching"``; ``"max_odds_ratio"`` and ``"min_p"`` (with corrected p), which are here because
        papers use them: both favour cutoffs at the ends.
    minimum : float, optional
        The sensitivity, specificity, PPV or NPV to be reached, a fraction.
    prevalence : float, optional
        Prevalence at which cost, PPV and NPV are weighed, in (0, 1); that of the data unless given.
    cost_ratio : float
        Cost of a false negative in false positives.
    minimum_share : float, optional
        Least share of the rows on either side of the cutoff: 0.1 for ``"min_p"``, else 0.
    ties : {"middle", "most_sensitive", "most_specific"}
        Which of tied optima is given; all are listed. The middle one is, of an even number, the more sensitive of the
        middle two.
    candidates : {"observed", "midpoint"}
        Cutoffs are observed values (``marker >= cutoff`` is positive), or lie half-way between them.
    smoothing : {"none", "kernel", "kernel-log"}
        Compare cutoffs after smoothing each class by a normal kernel [2]_, on the marker or its logarithm. The cutoff
        then varies less.
    positive : value or list of values, optional
        What counts as positive in the reference standard.
    higher_is_positive : bool
        Whether high values speak for the positive class.
    by : str or list of str, optional
        A cutoff for each group: subgroup, site, tracer.
    cutoff_interval : {"expanded-percentile", "percentile", "bca"}
        Interval of the cutoff. The default widens percentiles for few patients [3]_ and covers 94 to 97 % from 15
        patients on (simulated, ``tests/coverage/cutoff.py``); plain percentiles cover 92 to 95 %, and BCa, whose
        jackknife fails for a cutoff, 71 to 80 %.
    interval : str
        Intervals of apparent proportions: ``"wilson"``, ``"clopper-pearson"``, ``"jeffreys"``, ``"agresti-coull"``.
    correction : {".632+", "ordinary"}
        How optimism is removed. The .632+ bootstrap [4]_ is nearly unbiased; the ordinary one leaves about a third of
        the optimism.
    n_resamples : int
        Bootstrap resamples of whole patients.
    stratified : bool
        Resample patients of either class separately, so that no resample lacks a class.
    n_folds, n_repeats : int
        Folds and repeats of the cross-validation that is given beside; no repeats, no cross-validation.
    n_permutations : int
        Permutations of whole patients for the corrected p of ``"min_p"``.
    rng : int or Generator
        Seed.
    confidence_level : float
        Two-sided, a fraction.
    patient : str or None
        Column of patient identifiers; None says that rows are independent.

    Returns
    -------
    SuvCutoff
        Estimates ``cutoff``; ``sensitivity``, ``specificity``, ``ppv``, ``npv``, ``accuracy`` and ``youden``, each with
        ``of["performance"]`` ``"apparent"``, ``"corrected"`` or ``"cross-validated"``; ``selection_frequency`` of the
        cutoffs chosen most often; ``min_p`` by ``of["correction"]``. ``of`` also names marker and group where there
        are several.

    Raises
    ------
    DesignError
        If one class is absent, a marker does not vary, no cutoff meets the criterion, or an argument is impossible.
    SchemaError
        If a marker holds text or infinity.

    Warns
    -----
    SmallSampleWarning
        If a class has a single patient: no interval is then given.
    DirectionWarning
        If a marker runs against the direction it was given.

    References
    ----------
    .. [1] Youden WJ. Cancer 1950;3:32-35.
    .. [2] Fluss R, Faraggi D, Reiser B. Biom J 2005;47:458-472.
    .. [3] Hesterberg TC. Am Stat 2015;69:371-386.
    .. [4] Efron B, Tibshirani R. J Am Stat Assoc 1997;92:548-560.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> response = np.repeat([True, False], 30)
    >>> lesions = pd.DataFrame({"suvmax": rng.lognormal(1.5 + 0.7 * response, 0.5), "response": response})
    >>> result = suv_cutoff(lesions, reference_standard="response", marker="suvmax", n_resamples=500, patient=None)
    >>> cutoff = result.estimate("cutoff")
    >>> print(f"{cutoff.value:.1f} ({cutoff.low:.1f} to {cutoff.high:.1f}) {cutoff.unit}")
    7.1 (6.1 to 7.9) g/mL
    >>> for kind in ("apparent", "corrected"):
    ...     print(kind, f"{result.estimate('youden', performance=kind).value:.2f}")
    apparent 0.73
    corrected 0.67
    """
    names = _marker_names(marker, markers)
    groups_by = [by] if isinstance(by, str) else list(by or [])
    share = (0.1 if criterion == "min_p" else 0.0) if minimum_share is None else minimum_share
    seed_of(rng)  # refuses what is no seed
    plan = Plan(
        rule=_rule(
            criterion=choice(criterion, tuple(CRITERIA), "criterion"),
            settings=criterion_settings(criterion, minimum, prevalence, cost_ratio),
            ties=cast("Ties", choice(ties, ("middle", "most_sensitive", "most_specific"), "ties")),
            candidates=choice(candidates, ("observed", "midpoint"), "candidates"),
            smoothing=choice(smoothing, SMOOTHINGS, "smoothing"),
            minimum_share=share,
        ),
        log_scale=smoothing == "kernel-log",
        higher_is_positive=bool(higher_is_positive),
        cutoff_interval=choice(cutoff_interval, tuple(CUTOFF_INTERVALS), "cutoff_interval"),
        interval=check_interval(interval),
        correction=choice(correction, tuple(CORRECTIONS), "correction"),
        n_resamples=_count(n_resamples, "n_resamples", 2),
        n_folds=_count(n_folds, "n_folds", 2),
        n_repeats=_count(n_repeats, "n_repeats", 0),
        n_permutations=_count(n_permutations, "n_permutations", 1),
        stratified=bool(stratified),
        seed=seed_sequence(rng),
        confidence_level=check_level(confidence_level),
    )
    sample = select_rows(data, numeric=names, classes={reference_standard: positive}, other=groups_by, patient=patient)
    require_both_classes(sample.frame[reference_standard], reference_standard, "a cutoff")
    patients = _patients_by_name(sample, patient)
    estimates, curves, notes = _all_groups(sample, patients, plan, names, groups_by, reference_standard)
    return SuvCutoff(
        estimates=tuple(estimates),
        method=cutoff_method(plan, sample, seed_of(rng), tuple(notes)),
        population=sample.population,
        curves=tuple(curves),
        reference_standard=reference_standard,
        criterion=criterion,
        criterion_label=CRITERIA[criterion].label,
        correction=correction,
        higher_is_positive=bool(higher_is_positive),
    )


def _patients_by_name(sample: Sample, patient: str | None) -> NDArray[np.intp] | None:
    """Return patients numbered in the order of their names, so that the order of the rows changes nothing."""
    if sample.patients is None or patient is None:
        return None
    names = sample.frame[patient].astype(str).to_numpy()
    _, first = np.unique(sample.patients, return_index=True)
    rank = np.empty(first.size, np.intp)
    rank[np.argsort(names[first], kind="stable")] = np.arange(first.size)
    return rank[sample.patients]


def _all_groups(
    sample: Sample,
    patients: NDArray[np.intp] | None,
    plan: Plan,
    names: Sequence[str],
    groups_by: Sequence[str],
    reference_standard: str,
) -> tuple[list[Estimate], list[CutoffCurve], list[str]]:
    """Choose a cutoff for every marker in every group; a group that has no answer is told of and left out."""
    estimates: list[Estimate] = []
    curves: list[CutoffCurve] = []
    notes = list(sample.notes)
    failures: list[DesignError] = []
    groups = _groups(sample, groups_by)
    for of, rows in groups:
        for name in names:
            group = Group(
                marker=name,
                of={**({"marker": name} if len(names) > 1 else {}), **of},
                values=sample.frame[name].to_numpy(float)[rows],
                truth=sample.frame[reference_standard].to_numpy(bool)[rows],
                patients=None if patients is None else patients[rows],
                is_nested=sample.is_nested,
            )
            try:
                lines, curve, more = choose_in(group, plan)
            except DesignError as failure:
                if len(groups) * len(names) == 1:
                    raise
                failures.append(failure)
                notes.append(f"{group.begin}no cutoff, as {failure}.")
                continue
            estimates += lines
            curves.append(curve)
            notes += more
    if not curves:
        raise DesignError(f"no group has a cutoff: {'; '.join(map(str, failures))}")
    return estimates, curves, notes


def _groups(sample: Sample, groups_by: Sequence[str]) -> list[tuple[dict[str, object], NDArray[np.intp]]]:
    """Return each group's names and the positions of its rows, in the order of the sorted names."""
    if not groups_by:
        return [({}, np.arange(len(sample.frame)))]
    labels = sample.frame[list(groups_by)].reset_index(drop=True)
    keys = labels.drop_duplicates().sort_values(list(groups_by)).to_dict("records")
    return [
        (
            {str(name): value for name, value in key.items()},
            np.flatnonzero(np.logical_and.reduce([labels[name] == value for name, value in key.items()])),
        )
        for key in keys
    ]


def _marker_names(marker: str | None, markers: Sequence[str] | None) -> list[str]:
    if (marker is None) == (markers is None):
        raise DesignError("give either `marker`, one column, or `markers`, a list of columns")
    if marker is not None:
        return [marker]
    names = [markers] if isinstance(markers, str) else list(markers or [])
    if not names or len(set(names)) < len(names):
        raise DesignError(f"markers is {names}; give at least one column, and each once")
    return names


def _rule(**choices: Any) -> CutoffRule:  # noqa: ANN401 - the fields of CutoffRule, checked word by word before
    smoothing = "none" if choices["smoothing"] == "none" else "kernel"
    try:
        return CutoffRule(**{**choices, "smoothing": smoothing})
    except (TypeError, ValueError) as fault:
        raise DesignError(f"this cutoff cannot be looked for: {fault}") from fault


def _count(value: object, argument: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise DesignError(f"{argument} is {value!r}; give a whole number of at least {least}")
    return int(value)
