"""Performance at given cutoffs, and how often measuring again would change the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.cutoff_evaluation import Evaluation, curve, evaluation_lines, evaluation_method
from biomarker.analyses.cutoff_performance import check_interval, check_level
from biomarker.analyses.measurement_error import stated_error
from biomarker.analyses.population import Positive, require_both_classes, select_rows
from biomarker.analyses.reader_effect import reader_grid
from biomarker.analyses.result import Result
from biomarker.errors import DesignError
from biomarker.vocabulary import column_label

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class EvaluatedCutoffs(Result):
    """Performance at given cutoffs.

    Attributes
    ----------
    cutoffs : tuple of float
    grey_zones : tuple of pair of float
        Round each cutoff, where a measurement error was given; else empty.
    curve_cutoffs, sensitivities, specificities : ndarray of float
        Performance at every distinct value of the marker (thinned evenly where there are very many).
    probabilities : ndarray of float, shape (cutoffs, rows)
        For each row that it changes class when measured again; no rows without a measurement error.
    measured : ndarray of float, shape (rows,)
        The marker of each row, in the order of `probabilities`.
    change_probability : float
        The probability beyond which a row lies in the grey zone.
    is_prespecified : bool
    readers : tuple of str
        Whose readings were compared; empty where none were given.
    reader_discordances : ndarray of float
        At each of `curve_cutoffs`, the share of items that readers put on both sides of it.
    item_word : str
        What an item of the readings is called: lesion, patient, item.
    """

    cutoffs: tuple[float, ...]
    grey_zones: tuple[tuple[float, float], ...]
    curve_cutoffs: Floats
    sensitivities: Floats
    specificities: Floats
    probabilities: Floats
    marker: str
    reference_standard: str
    higher_is_positive: bool
    change_probability: float
    is_prespecified: bool
    readers: tuple[str, ...] = ()
    reader_discordances: Floats = field(default_factory=lambda: np.empty(0))
    item_word: str = "lesion"
    measured: Floats = field(default_factory=lambda: np.empty(0))
    figure_size = (3.46, 2.7)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        zones = (
            f" Shaded: measured values that change class on remeasurement with a probability above "
            f"{self.change_probability:.0%}."
            if self.grey_zones
            else ""
        )
        given = "prespecified " if self.is_prespecified else ""
        has_marks = any(line.of.get("performance") == "reader" for line in self.estimates)
        marks = "; marks, what the readings of each give" if has_marks else ""
        readers = (
            f" Dotted: share of {self.item_word}s that {len(self.readers)} readers put on both sides{marks}."
            if self.readers
            else ""
        )
        return (
            f"Sensitivity and specificity of {column_label(self.marker)} at every cutoff; vertical lines are the "
            f"{given}cutoffs.{zones}{readers}"
        )


def evaluate_cutoff(
    data: pd.DataFrame,
    *,
    reference_standard: str,
    marker: str,
    cutoffs: float | Sequence[float],
    repeatability: float | Mapping[str, Any] | None = None,
    readers: Mapping[str, Any] | None = None,
    change_probability: float = 0.05,
    is_prespecified: bool = True,
    positive: Positive | None = None,
    higher_is_positive: bool = True,
    interval: str = "wilson",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> EvaluatedCutoffs:
    """Judge a marker at given cutoffs, and say what measurement error does to the calls.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient.
    reference_standard : str
        Column with the outcome: bool, 0/1, or any two classes with `positive` given.
    marker : str
        Column of the marker.
    cutoffs : float or list of float
        In the marker's unit; ``marker >= cutoff`` is positive (``<=`` when `higher_is_positive` is False).
    repeatability : float, mapping or None
        The error of one measurement: a within-lesion CV as a fraction, or one of ``{within_cv}``,
        ``{repeatability_coefficient}`` (in the marker's unit), ``{percent_repeatability_coefficient}``,
        ``{percent_limits}`` (two fractions), ``{within_sd, scale}``, ``{columns, scale}`` (columns of `data` with
        readings of the same lesions) or ``{readings, value, item, scale}`` (a long table of readings). Errors stated
        in percent are constant on the log scale, others on that of the marker [1]_.
    readers : mapping, optional
        Readings of the same items by several readers: ``{readings, value, item, reader, where, readers}``, a long table
        with one row a reading (in a study file its name) and its columns, by default that of `marker`, ``lesion_id``
        and ``reader_id``; ``where`` chooses rows, such as one session, and ``readers`` some of the readers. Where
        `data` names the items too, only those analysed count, and each reader is held against the reference standard.
    change_probability : float
        A measured value lies in the grey zone when a second measurement has a higher probability than this to fall on
        the other side. At 0.025 the zone reaches one repeatability coefficient to either side of the cutoff.
    is_prespecified : bool
        Whether the cutoffs were fixed before these data were seen. False has the result say that performance may be
        too good.
    positive : value or list of values, optional
        What counts as positive in the reference standard.
    higher_is_positive : bool
        Whether high values speak for the positive class.
    interval : str
        Intervals of proportions: ``"wilson"``, ``"clopper-pearson"``, ``"jeffreys"``, ``"agresti-coull"``; taken at
        the effective number of lesions where lesions are nested in patients.
    confidence_level : float
        Two-sided, a fraction.
    patient : str or None
        Column of patient identifiers; None says that rows are independent.

    Returns
    -------
    EvaluatedCutoffs
        For each cutoff (``of["cutoff"]``): ``sensitivity``, ``specificity``, ``ppv``, ``npv``, ``accuracy``,
        ``youden``, as measured (``of["performance"] == "as measured"``) and, with a measurement error, as expected
        were each value to carry a further error of the same size [2]_ (``"further error"``); ``grey_zone`` with its
        limits; ``share_in_grey_zone`` and ``patients_in_grey_zone`` (with at least one lesion there);
        ``probability_of_change``, the expected share of lesions that a second measurement would reclassify, and
        ``patient_probability_of_change``, of patients with at least one such lesion; with readings,
        ``reader_discordance``, the share of items that readers put on both sides of the cutoff,
        ``patients_with_reader_discordance``, ``reader_pair_discordance`` of two readers at random, ``reader_kappa``
        (Cohen's, or Conger's of several readers), the performance of each reader (``of["performance"] == "reader"``,
        ``of["reader"]``) and ``reader_range``, the lowest and highest over readers. Once: ``within_sd``,
        ``within_cv`` and ``repeatability_coefficient``.

    Raises
    ------
    DesignError
        If one class is absent, or a cutoff, the repeatability or another argument is impossible.
    SchemaError
        If the marker holds text or infinity.

    References
    ----------
    .. [1] Bland JM, Altman DG. BMJ 1996;313:106.
    .. [2] Cook JR, Stefanski LA. J Am Stat Assoc 1994;89:1314-1328.

    Examples
    --------
    >>> lesions = pd.DataFrame({"suvmax": [2.0, 3.1, 3.8, 4.2, 6.0, 9.5], "response": [0, 0, 1, 0, 1, 1]})
    >>> result = evaluate_cutoff(
    ...     lesions, reference_standard="response", marker="suvmax", cutoffs=4.0, repeatability=0.12, patient=None
    ... )
    >>> zone = result.estimate("grey_zone")
    >>> print(f"{zone.low:.2f} to {zone.high:.2f} {zone.unit}")
    3.03 to 5.28 g/mL
    >>> print(f"{result.estimate('probability_of_change').value:.2f}")
    0.14
    """
    if not 0 < change_probability < 0.5:
        raise DesignError(f"change_probability is {change_probability}; give a fraction in (0, 0.5), such as 0.05")
    asked = _cutoffs(cutoffs)
    sample = select_rows(data, numeric=[marker], classes={reference_standard: positive}, patient=patient)
    require_both_classes(sample.frame[reference_standard], reference_standard, "sensitivity or specificity")
    task = Evaluation(
        measured=sample.frame[marker].to_numpy(float),
        truth=sample.frame[reference_standard].to_numpy(bool),
        sample=sample,
        marker=marker,
        stated=stated_error(repeatability, data, patient),
        higher_is_positive=bool(higher_is_positive),
        change_probability=change_probability,
        interval=check_interval(interval),
        confidence_level=check_level(confidence_level),
        grid=reader_grid(readers, data, sample, marker=marker, reference_standard=reference_standard, patient=patient),
    )
    task.check(asked)
    lines, notes = evaluation_lines(task, asked)
    curve_cutoffs, sensitivities, specificities = curve(task)
    return EvaluatedCutoffs(
        estimates=tuple(lines),
        method=evaluation_method(task, notes, is_prespecified=bool(is_prespecified)),
        population=sample.population,
        cutoffs=asked,
        grey_zones=tuple(task.zone(cutoff) for cutoff in asked) if task.stated else (),
        curve_cutoffs=curve_cutoffs,
        sensitivities=sensitivities,
        specificities=specificities,
        probabilities=np.stack([task.changes(cutoff) for cutoff in asked]),
        measured=task.measured,
        marker=marker,
        reference_standard=reference_standard,
        higher_is_positive=bool(higher_is_positive),
        change_probability=change_probability,
        is_prespecified=bool(is_prespecified),
        **_of_readers(task, curve_cutoffs),
    )


def _of_readers(task: Evaluation, cutoffs: Floats) -> dict[str, Any]:
    """Return what the result holds of readers, where there are any."""
    if task.grid is None:
        return {}
    shares = task.grid.discordance(cutoffs, higher_is_positive=task.higher_is_positive)
    return {"readers": task.grid.readers, "reader_discordances": shares, "item_word": task.grid.item_word}


def _cutoffs(cutoffs: object) -> tuple[float, ...]:
    given: list[Any] = list(cutoffs) if isinstance(cutoffs, list | tuple | np.ndarray) else [cutoffs]
    if not given:
        raise DesignError("cutoffs is empty; give at least one value of the marker")
    for value in given:
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
            raise DesignError(f"cutoffs holds {value!r}; give finite numbers in the unit of the marker")
    return tuple(sorted({float(value) for value in given}))
