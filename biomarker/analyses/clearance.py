"""How fast does activity leave the blood or the body? Exponentials, areas, and clearance of each patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from biomarker.analyses.activity_curves import Curves, activity_curves
from biomarker.analyses.clearance_lines import FittedCurve, curve_lines, dose_of, fitted_curves
from biomarker.analyses.clearance_method import clearance_method
from biomarker.analyses.curve_summaries import comparisons_of_groups, summaries_over_curves
from biomarker.analyses.result import Result, checked_fraction
from biomarker.data.metric_arguments import one_of
from biomarker.errors import DesignError
from biomarker.kernels.curve_area import RULES
from biomarker.kernels.exponentials import WEIGHTS
from biomarker.vocabulary import column_label

COMPARED = (
    "half_life", "half_life_biologic", "half_life_effective", "auc", "auc_decaying", "auc_trapezoid",
    "mean_residence_time", "clearance", "central_volume", "steady_state_volume",
)  # fmt: skip
ARITHMETIC = ("phase_fraction", "auc_beyond_last", "aicc")


@dataclass(frozen=True, kw_only=True, eq=False)
class Clearance(Result):
    """Lines by `of` patient, phase and group; `curves` holds what the figure draws."""

    curves: tuple[FittedCurve, ...]
    terms: int
    activity: str
    time_unit: str
    unit: str
    groups: tuple[str, ...]

    @property
    def caption(self) -> str:
        """What the figure shows."""
        fits = {1: "one exponential", 2: "two exponentials", 3: "three exponentials"}[self.terms]
        drawn = (
            f"{column_label(self.activity)}, corrected for decay, over time; lines are fits of {fits} to each patient"
        )
        return f"{drawn}{', by group' * bool(self.groups)}."


def clearance(
    blood: pd.DataFrame,
    *,
    time: str,
    activity: str,
    terms: int | str = "auto",
    weights: str = "proportional",
    dose: float | str | None = None,
    nuclide: str | None = None,
    decay_corrected: bool = True,
    by: str | None = None,
    area: str = "linear_up_log_down",
    interval: str = "delta",
    below_lod: str | None = None,
    time_unit: str | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> Clearance:
    """Fit exponentials to the activity of each patient, and summarise half-lives and clearance over patients.

    Parameters
    ----------
    blood : DataFrame
        One row a sample.
    time : str
        Column of times after injection; its unit is that of its name (``hours_post_injection``) or `time_unit`.
    activity : str
        Column of activity or concentration.
    terms : {1, 2, 3, "auto"}
        Exponentials. "auto" takes the number with the lowest AICc [1]_ of all patients together, each with
        parameters of its own and all with one error variance.
    weights : {"proportional", "constant", "1/y", "1/y2"}
        What errors are like. The default fits logarithms: errors in proportion to the activity, as those of counting
        and pipetting over two decades of activity nearly are. "constant" is the plain least squares of R's ``nls``.
    dose : float or str, optional
        What was injected: a number, or a column with one value a patient. In MBq for kBq/mL; for %ID/L it is 100 and
        need not be given. It gives clearance and volumes, in dose over the unit of activity.
    nuclide : str, optional
        "89Zr": half-lives are then called biologic, and effective ones are given too.
    decay_corrected : bool
        Whether activities are corrected for decay to the injection. If not they are corrected by `nuclide` before
        anything is fitted, and `weights` are those of the corrected activities.
    by : str, optional
        Column of groups of patients, such as the protein dose.
    area : {"linear_up_log_down", "linear"}
        Trapezoids of the area without a model, to the last sample; beyond it by the terminal slope, over the number of
        points with the best adjusted R².
    interval : {"delta", "profile"}
        Of each patient's values: t limits of logarithms, or limits where the sum of squares of the refitted curve has
        grown too much [2]_; these allow for curvature, and may be infinite.
    below_lod : str, optional
        Column that is true for samples below the limit of detection; they are left out and counted. Where the last
        samples of a curve are, its slowest half-life comes out too long.
    time_unit : {"h", "min", "d"}, optional
        Where the name of the column does not say.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    patient : str or None
        Column of patients; None takes all rows as one curve.

    Returns
    -------
    Clearance
        Per patient and phase (1 the fastest) `half_life` (`half_life_biologic` and `half_life_effective` with a
        nuclide) and `phase_fraction`, its share of the activity at time zero; `auc` and `mean_residence_time` to
        infinity by the fit; `auc_trapezoid`, `auc_beyond_last` and `half_life_terminal` without a model; all of the
        activity corrected for decay. With a nuclide `auc_decaying` and `auc_trapezoid_decaying` are the areas of the
        activity as it is, decay included, which dosimetry needs. With a dose `clearance`, `central_volume` and
        `steady_state_volume`; `aicc` of each number of terms. Over patients the same with `of` summary (geometric mean,
        geometric CV, minimum, maximum); between groups `geometric_mean_ratio` with `of` term.

    Raises
    ------
    DesignError
        If no curve can be fitted, a time stands twice or before the injection, the unit of time is not known, values
        are not positive where weights need it, or an argument is unknown.

    References
    ----------
    .. [1] Hurvich CM, Tsai CL. Biometrika 1989;76:297-307.
    .. [2] Bates DM, Watts DG. Nonlinear regression analysis and its applications. New York: Wiley; 1988.

    Examples
    --------
    Indometacin in plasma (Kwan 1976, R's ``Indometh``), subject 1; ``nls`` gives half-lives of 0.388 and 4.142 h:

    >>> hours = [0.25, 0.5, 0.75, 1, 1.25, 2, 3, 4, 5, 6, 8]
    >>> ug_ml = [1.5, 0.94, 0.78, 0.48, 0.37, 0.19, 0.12, 0.11, 0.08, 0.07, 0.05]
    >>> result = clearance(pd.DataFrame({"hours": hours, "ug_ml": ug_ml}), time="hours", activity="ug_ml", terms=2,
    ...                    weights="constant", patient=None)
    >>> [round(result.estimate("half_life", phase=phase).value, 3) for phase in (1, 2)]
    [0.388, 4.142]
    """
    checked_fraction(confidence_level, "confidence_level")
    if isinstance(terms, bool) or terms not in (1, 2, 3, "auto"):
        raise DesignError(f'terms is {terms!r}; give 1, 2, 3 or "auto"')
    for value, known, name in ((weights, WEIGHTS, "weights"), (area, RULES, "area")):
        one_of(value, known, name)
    one_of(interval, ("delta", "profile"), "interval")
    curves = activity_curves(
        blood,
        time=time,
        value=activity,
        patient=patient,
        constants=[dose] if isinstance(dose, str) else [],
        by=by,
        below_lod=below_lod,
        time_unit=time_unit,
        nuclide=nuclide,
        decay_corrected=decay_corrected,
    )
    doses = dose_of(curves, dose)
    fits = fitted_curves(curves, terms, weights)
    how: dict[str, Any] = {"weights": weights, "area": area, "interval": interval, "confidence_level": confidence_level}
    own = [line for fit in fits.curves for line in curve_lines(fit, curves, doses, **how)]
    lines = [*own, *_over_patients(own, curves, confidence_level)]
    settings: dict[str, Any] = {
        "terms": terms, "weights": weights, "area": area, "interval": interval, "nuclide": nuclide,
        "decay_corrected": decay_corrected, "dose": dose,
    }  # fmt: skip
    return Clearance(
        estimates=tuple(lines),
        method=clearance_method(curves, fits, own, settings, confidence_level),
        population=curves.sample.population,
        curves=fits.curves,
        terms=fits.terms,
        activity=activity,
        time_unit=curves.time_unit,
        unit=curves.unit,
        groups=curves.groups,
    )


def _over_patients(own: list[Any], curves: Curves, confidence_level: float) -> list[Any]:
    if len(curves.curves) < 2:
        return []
    kept = [line for line in own if line.quantity != "aicc"]
    return [
        *summaries_over_curves(kept, arithmetic=ARITHMETIC, confidence_level=confidence_level),
        *comparisons_of_groups(kept, curves.groups, COMPARED, confidence_level=confidence_level),
    ]
