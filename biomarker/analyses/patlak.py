"""How fast is the tracer taken up for good? Patlak lines of lesions against plasma or blood."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from biomarker.analyses.activity_curves import Curve, Curves, activity_curves
from biomarker.analyses.correlation import check_resamples
from biomarker.analyses.curve_summaries import comparisons_of_groups, summaries_over_curves
from biomarker.analyses.population import require_columns
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction, seed_of
from biomarker.data.metric_arguments import one_of
from biomarker.errors import DesignError, SmallSampleWarning
from biomarker.kernels.curve_area import RULES
from biomarker.kernels.patlak import (
    FEWEST_POINTS,
    WEIGHTS,
    PatlakLine,
    PatlakPoints,
    patlak_line,
    patlak_points,
    weights_of,
)
from biomarker.kernels.patlak_choice import chosen_line
from biomarker.kernels.resampling import Seed, seed_sequence
from biomarker.references import EFRON_TIBSHIRANI_1993, PATLAK_1983, PATLAK_BLASBERG_1985

_CHOSEN = (
    "t* was chosen from each plot. The limits of its line allow for that, by curves drawn anew with t* chosen in each, "
    "and are wider than those of a line from a known t*; Ki itself may be some per cent too high where the plot bends "
    "within max_error. Give t_star where the tracer's is known."
)
_OVER_LESIONS = (
    "Means over lesions weigh every lesion alike, however well its line is known; their limits hold the spread between "
    "lesions and patients and the error of the lines."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedPlot:
    """The points of one lesion and its line, with limits that allow for a chosen t*."""

    curve: Curve
    points: PatlakPoints
    line: PatlakLine


@dataclass(frozen=True, kw_only=True, eq=False)
class Patlak(Result):
    """Lines by `of` patient, lesion and group; `plots` holds what the figure draws."""

    plots: tuple[FittedPlot, ...]
    groups: tuple[str, ...]
    time_unit: str
    tissue: str
    plasma: str

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return (
            "Patlak plots: activity of the tissue over that of plasma, against the area under plasma over plasma. "
            "Filled points lie on the lines, from t* on; open points are before it. Of more than six lesions the heavy "
            "lines have their mean Ki and V_T."
        )


def patlak(
    data: pd.DataFrame,
    *,
    time: str,
    plasma: str,
    tissue: str,
    lesion: str | None = "lesion_id",
    t_star: float | str = "auto",
    max_error: float = 0.1,
    weights: str = "1/y2",
    area: str = "linear_up_log_down",
    by: str | None = None,
    nuclide: str | None = None,
    decay_corrected: bool = True,
    time_unit: str | None = None,
    n_resamples: int = 1000,
    rng: int | np.random.Generator = 0,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> Patlak:
    """Fit a Patlak line to each lesion: net influx Ki and volume of distribution V_T [1]_.

    Parameters
    ----------
    data : DataFrame
        One row a lesion and time, with plasma (or blood) at that time. Rows without tissue activity add to the area
        under plasma.
    time, plasma, tissue : str
        Columns; both activities in one unit, corrected for decay alike. SUV will do.
    lesion : str or None
        Column of lesions, where the table has it.
    t_star : float or "auto"
        Time from which on the plot is a line. "auto" takes, for each lesion, the earliest time from which no point
        deviates from the line by more than `max_error`, three points or more being left; else the last three. The
        limits of Ki and V_T then allow for the choice, by curves drawn anew in which t* is chosen again [2]_: their
        errors are root mean squared errors over these, never less than those of the lines. In simulated lesions 95 %
        limits of Ki held in 94 to 100 % (of V_T in 93 to 100 %) where weights suit the errors, those that take t* as
        known in 69 to 97 % (11 to 94 %). Ki itself was up to 5 % too high where the plot bends within `max_error`. Give
        a time where the tracer's is known: limits are narrower.
    max_error : float
        A fraction.
    weights : {"1/y2", "constant", "plasma"}
        Of points. The default suits errors of activity in proportion to it: with 5 % in tissue, 3 % in plasma and five
        points from a given t* the limits of Ki held in 95 % of 1,500 simulated lesions, those of equal weights in 80 %.
        "plasma" weighs by plasma squared, where errors of tissue are of one size.
    area : {"linear_up_log_down", "linear"}
        Trapezoids under plasma. Before the first sample plasma falls along the line through the logarithms of the
        first two.
    by : str, optional
        Column of groups of patients.
    nuclide : str, optional
        Needed where activities are not decay-corrected.
    decay_corrected : bool
        Whether both activities are corrected for decay to the injection.
    time_unit : {"h", "min", "d"}, optional
        Where the name of the column does not say.
    n_resamples : int
        Curves drawn anew for each lesion where t* is chosen from the plot.
    rng : int or Generator
        Seed of these; each lesion has the same, so that its limits do not depend on others.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    patient : str or None
        Column of patients.

    Returns
    -------
    Patlak
        `ki` (per unit of time), `v_t`, `t_star` and `patlak_r2` of each lesion, and with `of` summary over lesions,
        with t limits robust to lesions nested in patients; between groups `geometric_mean_ratio` of ki and v_t.

    Raises
    ------
    DesignError
        If no lesion has three points from t*, plasma is not positive or has two values at one time, or an argument is
        unknown.

    References
    ----------
    .. [1] Patlak CS, Blasberg RG, Fenstermacher JD. J Cereb Blood Flow Metab 1983;3:1-7.
    .. [2] Efron B, Tibshirani RJ. An introduction to the bootstrap. Chapman & Hall; 1993.

    Examples
    --------
    >>> hours = np.array([1.0, 24, 48, 96])
    >>> scans = pd.DataFrame({"hours": hours, "blood": 5.0, "suv": 5.0 * (0.3 + 0.02 * hours)})
    >>> result = patlak(scans, time="hours", plasma="blood", tissue="suv", patient=None)
    >>> round(result.estimate("ki").value, 6), round(result.estimate("v_t").value, 6)
    (0.02, 0.3)
    """
    checked_fraction(confidence_level, "confidence_level")
    checked_fraction(max_error, "max_error")
    one_of(weights, WEIGHTS, "weights")
    one_of(area, RULES, "area")
    if t_star != "auto" and (isinstance(t_star, bool) or not isinstance(t_star, int | float) or t_star < 0):
        raise DesignError(f't_star is {t_star!r}; give a time of 0 or more, or "auto"')
    check_resamples(n_resamples)
    is_chosen, seed = t_star == "auto", seed_of(rng)
    require_columns(data, [time, plasma, tissue])
    parts = [lesion] if lesion is not None and lesion in data.columns else []
    if lesion is not None and lesion != "lesion_id":
        require_columns(data, [lesion])
    reading = {"time": time, "nuclide": nuclide, "decay_corrected": decay_corrected, "time_unit": time_unit}
    tissues = activity_curves(data, value=tissue, others=[plasma], patient=patient, parts=parts, by=by, **reading)  # type: ignore[arg-type]  # plain keywords
    named = [patient] if tissues.sample.patients is not None and patient else []
    once = data[[*named, time, plasma]].drop_duplicates()
    blood = activity_curves(once, value=plasma, patient=patient, **reading)  # type: ignore[arg-type]
    plasmas = {curve.of.get("patient"): curve for curve in blood.curves}
    fit = _Fit(
        t_star=t_star, max_error=max_error, weights=weights, area=area, n_resamples=n_resamples,
        seed=seed_sequence(rng) if is_chosen else 0, confidence_level=confidence_level,
    )  # fmt: skip
    plots, short, bent = _plots(tissues, plasmas, fit)
    lines = [line for plot in plots for line in _lines(plot, tissues.time_unit)]
    own = list(lines)
    if len(plots) > 1:
        kept = [line for line in own if line.quantity in ("ki", "v_t")]
        lines += summaries_over_curves(kept, arithmetic=("ki", "v_t"), confidence_level=confidence_level)
        lines += comparisons_of_groups(kept, tissues.groups, ("ki", "v_t"), confidence_level=confidence_level)
    notes = [*tissues.notes, *_notes(plots, short, bent, max_error)]
    if is_chosen:
        notes[len(tissues.notes) : len(tissues.notes)] = _notes_of_choice(plots)
    if len(plots) > 1:
        notes.insert(len(tissues.notes), _OVER_LESIONS)
    if bent:
        warnings.warn(notes[-1], SmallSampleWarning, stacklevel=2)
    settings: dict[str, object] = {
        "t_star": t_star, "max_error": max_error, "weights": weights, "area": area, "nuclide": nuclide,
        "decay_corrected": decay_corrected,
    }  # fmt: skip
    is_chosen = is_chosen and any(plot.points.x.size > FEWEST_POINTS for plot in plots)
    method = _method(settings, notes, tissues.time_unit, len(plots) > 1, is_chosen, confidence_level)
    if is_chosen:
        method = replace(method, n_resamples=n_resamples, seed=seed)
    return Patlak(
        estimates=tuple(lines),
        method=method,
        population=tissues.sample.population,
        plots=tuple(plots),
        groups=tissues.groups,
        time_unit=tissues.time_unit,
        tissue=tissue,
        plasma=plasma,
    )


@dataclass(frozen=True, kw_only=True)
class _Fit:
    """How lines are fitted: arguments of `patlak`, and the seed of resamples."""

    t_star: float | str
    max_error: float
    weights: str
    area: str
    n_resamples: int
    seed: Seed
    confidence_level: float


def _plots(tissues: Curves, plasmas: dict[object, Curve], fit: _Fit) -> tuple[list[FittedPlot], list[str], list[str]]:
    """Return the fitted plots, the names of lesions with too few points, and of those that are never linear."""
    plots, short, bent = [], [], []
    for curve in tissues.curves:
        blood = plasmas[curve.of.get("patient")]
        try:
            points = patlak_points(blood.time, blood.value, curve.time, curve.value, rule=fit.area)
            at_scans = blood.value[np.searchsorted(blood.time, curve.time)]
            weight = weights_of(points, at_scans, fit.weights)
        except ValueError as error:
            raise DesignError(f"{curve.name}: {error}") from None
        first = 0 if fit.t_star == "auto" else int(np.searchsorted(curve.time, float(fit.t_star)))
        if points.x.size - first < FEWEST_POINTS:
            short.append(curve.name)
            continue
        if fit.t_star == "auto":
            line, is_linear = chosen_line(
                points, at_scans, fit.weights, fit.max_error,
                n_resamples=fit.n_resamples, rng=fit.seed, confidence_level=fit.confidence_level,
            )  # fmt: skip
            bent += [] if is_linear else [curve.name]
        else:
            line = patlak_line(points, first, weight, confidence_level=fit.confidence_level)
        plots.append(FittedPlot(curve=curve, points=points, line=line))
    if not plots:
        raise DesignError(
            f"no curve has {FEWEST_POINTS} points"
            + (f" from t* = {fit.t_star} on" if fit.t_star != "auto" else "")
            + f"; a Patlak line and its error need them ({'; '.join(short[:4])})"
        )
    return plots, short, bent


def _lines(plot: FittedPlot, time_unit: str) -> list[Estimate]:
    line, of = plot.line, plot.curve.of
    slope = Estimate(
        quantity="ki",
        value=line.slope,
        low=line.slope_interval.low,
        high=line.slope_interval.high,
        df=line.n_points - 2,
        n=line.n_points,
        unit=f"1/{time_unit}",
        of=of,
    )
    intercept = Estimate(
        quantity="v_t",
        value=line.intercept,
        low=line.intercept_interval.low,
        high=line.intercept_interval.high,
        df=line.n_points - 2,
        n=line.n_points,
        of=of,
    )
    start = Estimate(quantity="t_star", value=plot.curve.time[line.first], n=line.n_points, unit=time_unit, of=of)
    return [slope, intercept, start, Estimate(quantity="patlak_r2", value=line.r2, n=line.n_points, of=of)]


def _notes(plots: Sequence[FittedPlot], short: list[str], bent: list[str], max_error: float) -> list[str]:
    notes = []
    if short:
        notes.append(
            f"{len(short)} of {len(plots) + len(short)} curves have fewer than {FEWEST_POINTS} points from t* on and "
            f"no line: {'; '.join(short[:6])}{'; …' * (len(short) > 6)}."
        )
    few = sum(plot.line.n_points == FEWEST_POINTS for plot in plots)
    if few:
        notes.append(
            f"{few} line{' rests' if few == 1 else 's rest'} on {FEWEST_POINTS} points: one degree of freedom, and "
            "intervals as wide as that."
        )
    negative = sum(plot.line.slope < 0 for plot in plots)
    if negative:
        notes.append(f"In {negative} curve{'s' * (negative != 1)} the tissue lets go of the tracer: Ki is below zero.")
    if bent:
        notes.append(
            f"{len(bent)} of {len(plots)} plots {'is' if len(bent) == 1 else 'are'} nowhere linear to within "
            f"{max_error:.0%}; the line is that of the last three points."
        )
    return notes


def _notes_of_choice(plots: Sequence[FittedPlot]) -> list[str]:
    """Say what choosing t* from the plots does to their limits."""
    without = sum(plot.points.x.size == FEWEST_POINTS for plot in plots)
    notes = [_CHOSEN] if without < len(plots) else []
    if without:
        notes.append(
            f"{without} of {len(plots)} plots {'has' if without == 1 else 'have'} {FEWEST_POINTS} points, all taken: "
            "there t* cannot be chosen, and the limits take the plot as a line from its first point."
        )
    return notes


def _method(
    settings: Mapping[str, object],
    notes: list[str],
    time_unit: str,
    several: bool,
    is_resampled: bool,
    confidence_level: float,
) -> Method:
    t_star = (
        f"the earliest time from which on no point deviates by more than {settings['max_error']:.0%} from the line"
        if settings["t_star"] == "auto"
        else f"{settings['t_star']:g} {time_unit}"
    )
    weighted = "weighted " if settings["weights"] != "constant" else ""
    over = ", and of means over lesions, robust to nesting in patients" if several else ""
    allowing = " allowing for the choice of t* by the bootstrap" if is_resampled else ""
    resampled = (
        " Their errors are root mean squared errors over curves drawn anew with t* chosen in each, and never less than "
        "those of the lines."
        if is_resampled
        else ""
    )
    return Method(
        name=f"t intervals of each line{allowing}{over}",
        confidence_level=confidence_level,
        settings=settings,
        references=(PATLAK_1983, PATLAK_BLASBERG_1985, *((EFRON_TIBSHIRANI_1993,) if is_resampled else ())),
        notes=tuple(notes),
        description=(
            "Net influx (Ki) and volume of distribution (V_T) were estimated by Patlak's graphical method for each "
            f"lesion, with t* = {t_star}, by {weighted}least squares with t intervals{allowing}.{resampled}"
        ),
    )
