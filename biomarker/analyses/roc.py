"""How well does a marker tell responders from others? One ROC curve, its area, points and band."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import Positive, Sample, require_both_classes, select_rows
from biomarker.analyses.result import Estimate, Method, Result, seed_of
from biomarker.analyses.roc_area import (
    AreaDesign,
    area_design,
    area_line,
    area_variance,
    areas,
    bound_note,
    bound_references,
    choice,
)
from biomarker.analyses.roc_curve_parts import (
    BANDS,
    SMOOTHS,
    Band,
    Parts,
    RocLine,
    Smooth,
    curve_line,
    drawn_band,
    fraction_list,
    fraction_range,
    operating_lines,
    partial_lines,
    resampled_parts,
    smooth_curve,
)
from biomarker.errors import DesignError, DirectionWarning
from biomarker.kernels.partial_auc import Focus
from biomarker.kernels.roc import roc_points
from biomarker.references import CAMPBELL_1994, MCCLISH_1989, METZ_1998, WILSON_1927, Reference
from biomarker.vocabulary import column_label


@dataclass(frozen=True, kw_only=True, eq=False)
class RocCurve(Result):
    """One ROC curve.

    Attributes
    ----------
    curve : RocLine
        Cutoffs in units of the marker, with sensitivity and specificity at each.
    band : Band, optional
        Confidence limits of sensitivity over specificity.
    smooth : Smooth, optional
        The binormal curve.
    marker, reference_standard : str
        Columns.
    higher_is_positive : bool
        The direction that was given.
    n_positive, n_negative : int
        Rows of each class.
    """

    curve: RocLine
    marker: str
    reference_standard: str
    higher_is_positive: bool
    n_positive: int
    n_negative: int
    band: Band | None = None
    smooth: Smooth | None = None
    figure_size = (3.46, 3.3)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        level = f"{100 * self.method.confidence_level:g}%"
        band = (
            ""
            if self.band is None
            else f" The band holds {self.band.kind} {level} confidence limits of the sensitivity."
        )
        smooth = "" if self.smooth is None else " The thin line is the binormal curve."
        points = " Circles are the operating points listed." if self.operating_points else ""
        return (
            f"Receiver operating characteristic of {column_label(self.marker)} for "
            f"{column_label(self.reference_standard).lower()}, with the area under the curve (AUC) and its {level} "
            f"confidence interval; the dotted line is chance.{band}{smooth}{points}"
        )

    @property
    def operating_points(self) -> tuple[tuple[float, float], ...]:
        """Specificity and sensitivity of each operating point asked for."""
        points = []
        for line in self.estimates:
            if "at_specificity" in line.of:
                points.append((float(line.of["achieved"]), line.value))
            elif "at_sensitivity" in line.of:
                points.append((line.value, float(line.of["achieved"])))
        return tuple(points)


def roc_curve(
    data: pd.DataFrame,
    *,
    reference_standard: str,
    marker: str,
    positive: Positive | None = None,
    higher_is_positive: bool = True,
    variance: str = "auto",
    interval: str = "logit",
    partial: Sequence[float] | None = None,
    partial_focus: str = "specificity",
    at_specificity: float | Sequence[float] | None = None,
    at_sensitivity: float | Sequence[float] | None = None,
    interpolate: bool = False,
    band: str | None = "pointwise",
    smooth: str | None = None,
    n_resamples: int = 2000,
    rng: int | np.random.Generator = 0,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> RocCurve:
    """Receiver operating characteristic of a marker: area, partial area, operating points and confidence band.

    The direction of the marker is given, never guessed, so an area may come out below 0.5; the result then warns.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient.
    reference_standard : str
        Column with the outcome: bool, 0/1, or any two classes with `positive` given.
    marker : str
        Column of the marker, finite numbers. Rows without one are left out and counted.
    positive : value or list of values, optional
        What counts as positive in the reference standard.
    higher_is_positive : bool
        Whether high values speak for the positive class.
    variance : {"auto", "delong", "hanley-mcneil", "obuchowski", "obuchowski-uncorrected"}
        ``"auto"`` is DeLong's [1]_ for independent rows and Obuchowski's [2]_ for lesions nested in patients, with a
        correction for patients who hold many of the lesions; ``"obuchowski-uncorrected"`` is as published, whose
        intervals cover less than 95 % at 15 to 40 patients.
    interval : {"logit", "wald"}
        Scale of the interval of the area. Where the area is 0 or 1, or has no variance, Newcombe's score interval
        [3]_ stands in.
    partial : pair of float, optional
        Range of specificity (or sensitivity) for a partial area, as fractions in any order.
    partial_focus : {"specificity", "sensitivity"}
        What `partial` is a range of.
    at_specificity, at_sensitivity : float or list of float, optional
        Operating points wanted: the sensitivity at these specificities, the specificity at these sensitivities.
    interpolate : bool
        False gives the best cutoff of the data that meets the requirement; True reads the line between two cutoffs.
    band : {"pointwise", "simultaneous", "none"} or None
        Band of the curve. Pointwise limits hold at one specificity at a time. Simultaneous ones hold the whole curve:
        Campbell's fixed-width band [4]_ for independent rows, a bootstrap band of fixed width when nested.
    smooth : {"binormal"} or None
        Add the binormal curve by maximum likelihood [5]_. Its interval takes rows as independent.
    n_resamples : int
        Bootstrap resamples for partial area, operating points and band: of whole patients when nested, of rows
        within each class otherwise.
    rng : int or Generator
        Seed of the resamples.
    confidence_level : float
        Two-sided, a fraction.
    patient : str or None
        Column of patient identifiers; None says that rows are independent.

    Returns
    -------
    RocCurve
        Estimates ``auc``; ``partial_auc`` and ``partial_auc_corrected`` (McClish [6]_); ``sensitivity`` and
        ``specificity`` at the operating points; ``binormal_auc``, ``binormal_a`` and ``binormal_b``.

    Raises
    ------
    DesignError
        If only one class is present, a column or option is unknown, or a range is impossible.
    SchemaError
        If the marker holds text or infinity.

    References
    ----------
    .. [1] DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845.
    .. [2] Obuchowski NA. Biometrics 1997;53:567-578.
    .. [3] Newcombe RG. Stat Med 2006;25:559-573.
    .. [4] Campbell G. Stat Med 1994;13:499-508.
    .. [5] Metz CE, Herman BA, Shen JH. Stat Med 1998;17:1033-1053.
    .. [6] McClish DK. Med Decis Making 1989;9:190-195.

    Examples
    --------
    Ratings of 109 CT images by one reader (Hanley and McNeil, Radiology 1982;143:29-36): area 0.893.

    >>> counts = {"normal": [33, 6, 6, 11, 2], "abnormal": [3, 2, 2, 11, 33]}
    >>> rows = [(truth, rating + 1) for truth, row in counts.items() for rating, n in enumerate(row) for _ in range(n)]
    >>> images = pd.DataFrame(rows, columns=["truth", "rating"])
    >>> result = roc_curve(images, reference_standard="truth", positive="abnormal", marker="rating")
    >>> auc = result.estimate("auc")
    >>> print(f"{auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f})")
    0.893 (0.816 to 0.940)
    """
    at = Parts(
        partial=fraction_range(partial),
        focus=cast("Focus", choice(partial_focus, ("specificity", "sensitivity"), "partial_focus")),
        specificities=fraction_list(at_specificity, "at_specificity"),
        sensitivities=fraction_list(at_sensitivity, "at_sensitivity"),
        interpolate=bool(interpolate),
        band=None if band in (None, "none") else choice(band, BANDS, "band"),
        smooth=None if smooth is None else choice(smooth, SMOOTHS, "smooth"),
        n_resamples=_count(n_resamples),
    )
    sample = select_rows(data, numeric=[marker], classes={reference_standard: positive}, patient=patient)
    truth = sample.frame[reference_standard]
    require_both_classes(truth, reference_standard, "an ROC curve")
    is_positive = truth.to_numpy(bool)
    design = area_design(sample, is_positive, variance=variance, interval=interval, confidence_level=confidence_level)
    upward = sample.frame[marker].to_numpy(float) * (1 if higher_is_positive else -1)
    points = roc_points(upward, is_positive)
    seed = seed_of(rng)
    resampled = resampled_parts(at, design, upward, points, rng)
    smoothed, smooth_lines, smooth_note = smooth_curve(at.smooth, upward, design, sample)
    area, area_note = _area(design, upward, sample)
    notes = (
        *sample.notes,
        *design.notes,
        area_note,
        _direction_note(marker, area, higher_is_positive),
        smooth_note,
        resampled.note,
    )
    return RocCurve(
        estimates=(
            area,
            *partial_lines(at, design, sample, points, resampled),
            *operating_lines(at, design, sample, points, resampled, higher_is_positive),
            *smooth_lines,
        ),
        method=_method(at, design, higher_is_positive, seed, notes),
        population=sample.population,
        curve=curve_line(points, column_label(marker), higher_is_positive),
        band=drawn_band(at, design, points, resampled),
        smooth=smoothed,
        marker=marker,
        reference_standard=reference_standard,
        higher_is_positive=bool(higher_is_positive),
        n_positive=int(is_positive.sum()),
        n_negative=int((~is_positive).sum()),
    )


def _area(design: AreaDesign, upward: NDArray[np.float64], sample: Sample) -> tuple[Estimate, str]:
    estimate = areas(design, upward)
    area, variance = float(estimate.auc[0]), area_variance(design, estimate)
    return area_line(design, area, variance, sample), bound_note(design, area, variance)


def _method(
    at: Parts, design: AreaDesign, higher_is_positive: bool, seed: int | tuple[int, ...] | None, notes: tuple[str, ...]
) -> Method:
    drawn = at.needs_resamples(design)
    return Method(
        name=design.name,
        confidence_level=design.confidence_level,
        settings=_settings(at, design, higher_is_positive),
        references=(*design.references, *bound_references(notes), *_references(at, design)),
        seed=seed if drawn else None,
        n_resamples=at.n_resamples if drawn else None,
        notes=notes,
        description=_description(at, design),
    )


def _count(n_resamples: object) -> int:
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, int | np.integer) or n_resamples < 2:
        raise DesignError(f"n_resamples is {n_resamples!r}; give a whole number of at least 2, usually 2000")
    return int(n_resamples)


def _direction_note(marker: str, area: Estimate, higher_is_positive: bool) -> str:
    if not area.value < 0.5:
        return ""
    expected, seen = ("higher", "lower") if higher_is_positive else ("lower", "higher")
    sentence = (
        f"The area is below 0.5: {marker} was said to be {expected} in positives and is {seen} in these data. "
        "The direction was not changed."
    )
    warnings.warn(sentence, DirectionWarning, stacklevel=3)
    return sentence


def _settings(at: Parts, design: AreaDesign, higher_is_positive: bool) -> dict[str, object]:
    settings: dict[str, object] = {
        "higher_is_positive": bool(higher_is_positive),
        "variance": design.variance,
        "interval": design.interval,
    }
    if at.partial:
        settings |= {"partial": list(at.partial), "partial_focus": at.focus}
    if at.specificities or at.sensitivities:
        settings |= {
            "at_specificity": list(at.specificities),
            "at_sensitivity": list(at.sensitivities),
            "interpolate": at.interpolate,
        }
    return settings | {"band": at.band, "smooth": at.smooth}


def _references(at: Parts, design: AreaDesign) -> tuple[Reference, ...]:
    found = []
    if at.partial:
        found.append(MCCLISH_1989)
    if at.specificities or at.sensitivities or at.band == "pointwise":
        found.append(WILSON_1927)
    if at.band == "simultaneous" and not design.is_clustered:
        found.append(CAMPBELL_1994)
    if at.smooth:
        found.append(METZ_1998)
    return tuple(found)


def _description(at: Parts, design: AreaDesign) -> str:
    unit = "whole patients" if design.is_clustered else "rows within each class"
    text = [f"The area under the empirical ROC curve was estimated {design.description()}."]
    if at.partial:
        low, high = at.partial
        text.append(
            f"The partial area between a {at.focus} of {low:g} and {high:g} was computed by linear interpolation and "
            f"corrected after McClish; its interval is the bootstrap percentile interval from {at.n_resamples:,} "
            f"resamples of {unit}."
        )
    if at.specificities or at.sensitivities or at.band == "pointwise":
        text.append(
            "Intervals at fixed specificity or sensitivity are Wilson intervals at the effective number of "
            f"observations found by {at.n_resamples:,} bootstrap resamples of {unit}."
        )
    if at.smooth:
        text.append("A binormal curve was fitted by maximum likelihood.")
    return " ".join(text)
