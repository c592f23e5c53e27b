"""The parts of an ROC analysis that rest on resamples: partial area, operating points, band; and the smooth curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.population import Sample
from biomarker.analyses.result import Estimate
from biomarker.analyses.roc_area import AreaDesign
from biomarker.errors import DesignError
from biomarker.kernels.auc_interval import auc_interval, critical_value
from biomarker.kernels.binormal import BinormalFit, binormal_fit, binormal_sensitivity
from biomarker.kernels.interval import Interval
from biomarker.kernels.partial_auc import Focus, mcclish_corrected, partial_auc
from biomarker.kernels.resampled_roc import resampled_patient_curves, resampled_row_curves
from biomarker.kernels.resampling import percentile_interval
from biomarker.kernels.roc import Rates, RocPoints
from biomarker.kernels.roc_points import (
    as_rates,
    bootstrap_width,
    cutoff_at,
    effective_size_interval,
    fixed_width_band,
    kolmogorov_smirnov_width,
    sensitivity_at,
    specificity_at,
)

Floats = NDArray[np.float64]
BANDS = ("pointwise", "simultaneous")
SMOOTHS = ("binormal",)
GRID = np.linspace(0, 1, 101)  # specificities at which a band is drawn


@dataclass(frozen=True, kw_only=True, eq=False)
class RocLine:
    """The corners of one empirical curve, from the strictest cutoff to the laxest.

    `cutoffs` are in units of the marker; the first is infinite (nobody is positive).
    """

    label: str
    cutoffs: Floats
    sensitivities: Floats
    specificities: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """Confidence limits of sensitivity over a grid of specificities; `kind` is pointwise or simultaneous."""

    kind: str
    specificities: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Smooth:
    """A smooth curve over a grid of specificities."""

    kind: str
    specificities: Floats
    sensitivities: Floats


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What was asked for beside the area."""

    partial: tuple[float, float] | None
    focus: Focus
    specificities: tuple[float, ...]
    sensitivities: tuple[float, ...]
    interpolate: bool
    band: str | None
    smooth: str | None
    n_resamples: int

    def needs_resamples(self, design: AreaDesign) -> bool:
        """Whether anything asked for is made from resamples."""
        banded = self.band == "pointwise" or (self.band == "simultaneous" and design.is_clustered)
        return bool(self.partial or self.specificities or self.sensitivities or banded)


@dataclass(frozen=True, kw_only=True, eq=False)
class Resampled:
    """The parts in each resample: rows are resamples, columns what was asked for."""

    partial: Floats
    sensitivities: Floats
    specificities: Floats
    band: Floats
    note: str = ""


@dataclass
class _Chunks:
    """The parts of resamples as they come, chunk by chunk."""

    partial: list[Floats] = field(default_factory=list)
    sensitivities: list[Floats] = field(default_factory=list)
    specificities: list[Floats] = field(default_factory=list)
    band: list[Floats] = field(default_factory=list)


def fraction_list(values: float | Sequence[float] | None, argument: str) -> tuple[float, ...]:
    """Return one fraction or several as a tuple, or raise a DesignError."""
    if values is None:
        return ()
    given = [values] if isinstance(values, int | float | np.number) else list(values)
    for value in given:
        if not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
            raise DesignError(f"{argument} is {value!r}; give fractions between 0 and 1")
    return tuple(float(value) for value in given)


def fraction_range(partial: Sequence[float] | None) -> tuple[float, float] | None:
    """Return the range of a partial area, the lower end first, or raise a DesignError."""
    if partial is None:
        return None
    ends = sorted(fraction_list(partial, "partial"))
    if len(ends) != 2 or ends[0] == ends[1]:
        raise DesignError(f"partial is {partial!r}; give the two ends of a range, for example [0.9, 1.0]")
    return ends[0], ends[1]


def curve_line(points: RocPoints, label: str, higher_is_positive: bool) -> RocLine:
    """Return the curve in the marker's own units."""
    return RocLine(
        label=label,
        cutoffs=points.cutoff if higher_is_positive else -points.cutoff,
        sensitivities=points.sensitivity,
        specificities=points.specificity,
    )


def resampled_parts(
    at: Parts,
    design: AreaDesign,
    upward: Floats,
    points: RocPoints,
    rng: int | np.random.Generator,
) -> Resampled:
    """Draw the resamples once and take every part from the same ones."""
    found = _Chunks()
    for rates in _curves(at, design, upward, points, rng):
        if at.partial:
            found.partial.append(partial_auc(rates, *at.partial, focus=at.focus))
        found.sensitivities.append(sensitivity_at(rates, at.specificities, interpolate=at.interpolate))
        found.specificities.append(specificity_at(rates, at.sensitivities, interpolate=at.interpolate))
        if at.band:
            found.band.append(sensitivity_at(rates, GRID, interpolate=True))
    columns = len(at.specificities), len(at.sensitivities)
    return Resampled(
        partial=np.concatenate(found.partial) if found.partial else np.empty(0),
        sensitivities=np.concatenate(found.sensitivities) if found.sensitivities else np.empty((0, columns[0])),
        specificities=np.concatenate(found.specificities) if found.specificities else np.empty((0, columns[1])),
        band=np.concatenate(found.band) if found.band else np.empty((0, GRID.size)),
        note=" ".join(note for note in (_lost_note(found), _still_note(found)) if note),
    )


def _curves(
    at: Parts,
    design: AreaDesign,
    upward: Floats,
    points: RocPoints,
    rng: int | np.random.Generator,
) -> Iterator[Rates]:
    if not at.needs_resamples(design):
        return iter(())
    if design.patients is not None:
        return resampled_patient_curves(upward, design.positive, design.patients, at.n_resamples, rng)
    return resampled_row_curves(points, at.n_resamples, rng)


def _lost_note(found: _Chunks) -> str:
    for chunks in (found.band, found.sensitivities, found.specificities, found.partial):
        if chunks and chunks[0].size:
            values = np.concatenate(chunks)
            lost = int(np.isnan(values.reshape(len(values), -1)).any(axis=1).sum())
            if lost:
                return f"{lost} of {len(values)} resamples of patients held a single class and were left out."
            return ""
    return ""


def _still_note(found: _Chunks) -> str:
    """Say why a partial area has no limits, where all resamples give the same one."""
    areas = np.concatenate(found.partial) if found.partial else np.empty(0)
    areas = areas[np.isfinite(areas)]
    if areas.size and np.ptp(areas) == 0:
        return "The partial area is the same in every resample, so the bootstrap gives it no interval."
    return ""


def partial_lines(
    at: Parts, design: AreaDesign, sample: Sample, points: RocPoints, resampled: Resampled
) -> list[Estimate]:
    """Return the partial area, raw and corrected after McClish, with percentile limits."""
    if at.partial is None:
        return []
    low, high = at.partial
    raw = float(partial_auc(as_rates(points), low, high, focus=at.focus)[0])
    limits = percentile_interval(resampled.partial, design.confidence_level)
    if limits.low == limits.high:  # every resample gives the same area: the bootstrap has nothing to say
        limits = Interval(np.nan, np.nan)
    corrected, corrected_low, corrected_high = mcclish_corrected([raw, *limits], low, high)
    line = Estimate(
        quantity="partial_auc",
        value=raw,
        low=limits.low,
        high=limits.high,
        n=design.positive.size,
        n_patients=sample.n_patients,
        of={"focus": at.focus, "from": low, "to": high},
    )
    # McClish's scale has no meaning below chance, so there the value is undefined
    value = corrected if corrected >= 0.5 else float("nan")
    stretched = {"value": value, "low": max(corrected_low, 0.0), "high": corrected_high, "unit": "fraction"}
    return [line, replace(line, quantity="partial_auc_corrected", **stretched)]


def operating_lines(
    at: Parts,
    design: AreaDesign,
    sample: Sample,
    points: RocPoints,
    resampled: Resampled,
    higher_is_positive: bool,
) -> list[Estimate]:
    """Return the sensitivity at each specificity asked for, then the specificity at each sensitivity."""
    rates, sign, lines = as_rates(points), 1 if higher_is_positive else -1, []
    for column, required in enumerate(at.specificities):
        cutoff = cutoff_at(points, specificity=required)
        corner = int(np.flatnonzero(points.cutoff == cutoff)[0])
        value = float(sensitivity_at(rates, required, interpolate=at.interpolate)[0, 0])
        of: dict[str, object] = {"at_specificity": required, "achieved": required}
        if not at.interpolate:
            of |= {"achieved": float(points.specificity[corner]), "cutoff": sign * cutoff}
        drawn, units = resampled.sensitivities[:, column], design.n_positive_units
        lines.append(_operating_line("sensitivity", value, drawn, units, design, sample, of))
    for column, required in enumerate(at.sensitivities):
        cutoff = cutoff_at(points, sensitivity=required)
        corner = int(np.flatnonzero(points.cutoff == cutoff)[0])
        value = float(specificity_at(rates, required, interpolate=at.interpolate)[0, 0])
        of = {"at_sensitivity": required, "achieved": required}
        if not at.interpolate:
            of |= {"achieved": float(points.sensitivity[corner]), "cutoff": sign * cutoff}
        drawn, units = resampled.specificities[:, column], design.n_negative_units
        lines.append(_operating_line("specificity", value, drawn, units, design, sample, of))
    return lines


def _operating_line(
    quantity: str,
    value: float,
    resampled: Floats,
    n_units: int,
    design: AreaDesign,
    sample: Sample,
    of: dict[str, object],
) -> Estimate:
    interval = effective_size_interval(
        value, resampled, n_units, df=design.df, confidence_level=design.confidence_level
    )
    of_class = design.positive if quantity == "sensitivity" else ~design.positive
    return Estimate(
        quantity=quantity,
        value=value,
        low=interval.low,
        high=interval.high,
        n=int(of_class.sum()),
        n_patients=None if sample.patients is None else int(np.unique(sample.patients[of_class]).size),
        unit="fraction",
        of=of,
    )


def drawn_band(at: Parts, design: AreaDesign, points: RocPoints, resampled: Resampled) -> Band | None:
    """Return the band of the curve: from resamples, or Campbell's for a whole curve of independent rows."""
    if at.band is None:
        return None
    curve = sensitivity_at(as_rates(points), GRID, interpolate=True)[0]
    level = design.confidence_level
    if at.band == "pointwise":
        limits = effective_size_interval(
            curve, resampled.band, design.n_positive_units, df=design.df, confidence_level=level
        )
    elif design.is_clustered:
        width = bootstrap_width(curve, resampled.band, confidence_level=level)
        limits = fixed_width_band(points, GRID, width)
    else:
        width = kolmogorov_smirnov_width(design.n_positive_units, design.n_negative_units, confidence_level=level)
        limits = fixed_width_band(points, GRID, width)
    # at a specificity of 0 everybody is positive: the sensitivity is 1 and nothing about it is uncertain
    low, high = (np.where(GRID == 0, 1.0, limit) for limit in limits)
    return Band(kind=at.band, specificities=GRID, low=low, high=high)


def smooth_curve(
    smooth: str | None, upward: Floats, design: AreaDesign, sample: Sample
) -> tuple[Smooth | None, list[Estimate], str]:
    """Return the binormal curve over the grid, its lines of estimates, and a note where there is something to say."""
    if smooth is None:
        return None, [], ""
    fit = binormal_fit(upward, design.positive)
    note, limits = "", [Interval(np.nan, np.nan)] * 3
    if not np.isfinite(fit.auc):
        note = "No binormal curve fits best: one cutoff separates the classes, or the marker has too few values."
    elif sample.is_nested:
        note = "The binormal curve takes lesions of one patient as independent, so it is given without intervals."
    else:
        limits = _binormal_limits(fit, design)
    lines = [
        Estimate(
            quantity=f"binormal_{name}",
            value=getattr(fit, name),
            low=interval.low,
            high=interval.high,
            n=design.positive.size,
            n_patients=sample.n_patients,
            unit="fraction" if name == "auc" else "",
        )
        for name, interval in zip(("auc", "a", "b"), limits, strict=True)
    ]
    if not np.isfinite(fit.auc):
        return None, lines, note
    curve = Smooth(kind=smooth, specificities=GRID, sensitivities=binormal_sensitivity(fit, GRID))
    return curve, lines, note


def _binormal_limits(fit: BinormalFit, design: AreaDesign) -> list[Interval]:
    """Intervals of the area, on the logit scale, and of a and b."""
    area = auc_interval(
        fit.auc,
        fit.auc_variance,
        n_positive=design.n_positive_units,
        n_negative=design.n_negative_units,
        confidence_level=design.confidence_level,
    )
    reach = critical_value(design.confidence_level) * np.sqrt(np.diag(fit.covariance))
    return [area, *(Interval(value - r, value + r) for value, r in zip((fit.a, fit.b), reach, strict=True))]
