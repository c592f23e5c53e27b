"""How many decays happen in each organ? Activity integrated over time, per unit of injected activity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from biomarker.analyses.activity_curves import Curve, Curves, activity_curves, hours_per
from biomarker.analyses.curve_summaries import summaries_over_curves
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.data.metric_arguments import one_of
from biomarker.data.uptake_metrics import half_life_hours
from biomarker.errors import DesignError
from biomarker.kernels.activity_integral import STARTS, TAILS, IntegratedActivity, integrated_activity
from biomarker.references import BOLCH_2009, SIEGEL_1999
from biomarker.vocabulary import column_label

QUANTITIES = ("time_integrated_activity", "time_integrated_activity_coefficient")
_START_WORDS = {
    "constant": "before the first measurement by decay alone",
    "zero": "before the first measurement by a line from zero",
}
_TAIL_WORDS = {
    "physical": "after the last measurement by decay alone",
    "effective": "after the last measurement at the rate of the last two, or by decay alone where that is faster",
    "none": "not beyond the last measurement",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class TimeIntegratedActivity(Result):
    """Lines by `of` patient, organ and group; `curves` holds what the figure draws, corrected for decay."""

    curves: tuple[Curve, ...]
    organs: tuple[str, ...]
    groups: tuple[str, ...]
    activity: str
    unit: str
    time_unit: str

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return f"{column_label(self.activity)} over time by organ, corrected for decay; lines join means over patients."


def time_integrated_activity(
    organs: pd.DataFrame,
    *,
    time: str,
    activity: str,
    nuclide: str,
    organ: str = "organ",
    injected: float | str | None = None,
    decay_corrected: bool = True,
    method: str = "trapezoid",
    start: str = "constant",
    tail: str = "physical",
    by: str | None = None,
    time_unit: str | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> TimeIntegratedActivity:
    """Integrate the activity of each organ from injection to infinity.

    Parameters
    ----------
    organs : DataFrame
        One row an organ, patient and time.
    time, activity : str
        Columns; the unit of time is that of the column's name or `time_unit`. Activity of the whole organ, in MBq or in
        percent of the injected activity (a column such as ``activity_percent``).
    nuclide : str
        "89Zr": what decays.
    organ : str
        Column of organs.
    injected : float or str, optional
        Injected activity in the unit of `activity`: a number, or a column with one value a patient. 100 where
        activity is in percent. With it coefficients (h) are given, formerly "residence times".
    decay_corrected : bool
        Whether activities are corrected for decay to the injection, as percentages of it are.
    method : {"trapezoid", "exponential"}
        Trapezoids of the activity as it is, not corrected; or the sum of one or two exponentials, by AICc, fitted to
        the corrected activity, with the rate of decay added. A curve that no exponential fits is integrated by
        trapezoids, and named.
    start : {"constant", "zero"}
        Before the first measurement: the corrected activity of that measurement, or a line from zero.
    tail : {"physical", "effective", "none"}
        After the last: decay alone, which is the most that is possible; or the rate between the last two.
    by : str, optional
        Column of groups of patients.
    time_unit : {"h", "min", "d"}, optional
        Where the name of the column does not say.
    confidence_level : float
        Of means over patients.
    patient : str or None
        Column of patients.

    Returns
    -------
    TimeIntegratedActivity
        `time_integrated_activity` (unit of activity x h), `time_integrated_activity_coefficient` (h) and
        `share_after_last` of each patient and organ, and with `of` summary (mean, SD, minimum, maximum) over patients.

    Raises
    ------
    DesignError
        If an activity is negative, a time stands twice, or the unit of time, the nuclide or an argument is not known.

    References
    ----------
    Bolch WE, and others. J Nucl Med 2009;50:477-484. Siegel JA, and others. J Nucl Med 1999;40(2 Suppl):37S-61S.

    Examples
    --------
    A tenth of the injected 89Zr that never leaves the liver decays there: 0.1 x 78.41 / ln 2 = 11.3 h:

    >>> liver = pd.DataFrame({"organ": "Liver", "hours": [1, 24, 96], "activity_percent": 10.0})
    >>> result = time_integrated_activity(liver, time="hours", activity="activity_percent", nuclide="89Zr",
    ...                                   method="exponential", patient=None)
    >>> round(result.estimate("time_integrated_activity_coefficient").value, 1)
    11.3
    """
    checked_fraction(confidence_level, "confidence_level")
    one_of(method, ("trapezoid", "exponential"), "method")
    one_of(start, STARTS, "start")
    one_of(tail, TAILS, "tail")
    curves = activity_curves(
        organs,
        time=time,
        value=activity,
        patient=patient,
        parts=[organ],
        constants=[injected] if isinstance(injected, str) else [],
        by=by,
        time_unit=time_unit,
        nuclide=nuclide,
        decay_corrected=decay_corrected,
    )
    doses = injected_of(curves, injected)
    per_unit = hours_per(curves.time_unit)
    named = organ.removesuffix("_id")
    lines: list[Estimate] = []
    replaced: list[str] = []
    for curve, dose in zip(curves.curves, doses, strict=True):
        if (curve.value < 0).any():
            raise DesignError(f"{curve.name} has an activity of {curve.value.min():g}; activities are 0 or more")
        found = integrated_activity(
            curve.time * per_unit, curve.value, half_life_hours(nuclide), method=method, start=start, tail=tail
        )
        if found.is_replaced:
            replaced.append(curve.name)
        lines += _lines(found, curve, dose, curves.unit, named)
    own = list(lines)
    if len(curves.curves) > len({curve.of[named] for curve in curves.curves}):
        quantities = (*QUANTITIES, "share_after_last")
        lines += summaries_over_curves(own, arithmetic=quantities, confidence_level=confidence_level)
    settings = {
        "method": method, "start": start, "tail": tail, "nuclide": nuclide, "decay_corrected": decay_corrected,
        "injected": injected,
    }  # fmt: skip
    return TimeIntegratedActivity(
        estimates=tuple(lines),
        method=_method(curves, own, replaced, settings, confidence_level),
        population=curves.sample.population,
        curves=curves.curves,
        organs=tuple(dict.fromkeys(str(line.of["organ"]) for line in own)),
        groups=curves.groups,
        activity=activity,
        unit=curves.unit,
        time_unit=curves.time_unit,
    )


def injected_of(curves: Curves, injected: float | str | None) -> list[float]:
    """Return the injected activity of each curve; NaN where it is not known."""
    if injected is None:
        return [100.0 if curves.unit == "%ID" else np.nan] * len(curves.curves)
    if not isinstance(injected, str):
        if isinstance(injected, bool) or not isinstance(injected, int | float) or not 0 < injected < np.inf:
            raise DesignError(f"injected is {injected!r}; give a positive activity, or the column that holds it")
        return [float(injected)] * len(curves.curves)
    found = []
    for curve in curves.curves:
        values = np.unique(curve.others[injected])
        if values.size > 1 or not values[0] > 0:
            shown = ", ".join(f"{value:g}" for value in values[:4])
            raise DesignError(f"{curve.name} has {injected} {shown}; give one positive injected activity a patient")
        found.append(float(values[0]))
    return found


def _lines(found: IntegratedActivity, curve: Curve, dose: float, unit: str, named: str) -> list[Estimate]:
    of: dict[str, Any] = {key: value for key, value in curve.of.items() if key != named} | {"organ": curve.of[named]}
    parts = [("time_integrated_activity", 1.0, f"{unit}·h" if unit else "h")]
    if np.isfinite(dose):
        parts.append(("time_integrated_activity_coefficient", dose, "h"))
    lines = [
        Estimate(quantity=name, value=found.value / by, unit=shown, n=curve.time.size, of=of)
        for name, by, shown in parts
    ]
    share = found.after_last / found.value if found.value > 0 else np.nan
    return [*lines, Estimate(quantity="share_after_last", value=share, unit="fraction", n=curve.time.size, of=of)]


def _curves(count: int) -> str:
    return f"{count} curve{'s' * (count != 1)}"


def _method(
    curves: Curves, own: list[Estimate], replaced: list[str], settings: dict[str, Any], confidence_level: float
) -> Method:
    notes = list(curves.notes)
    if replaced:
        notes.append(
            f"No exponential fits {_curves(len(replaced))}, integrated by trapezoids instead: {'; '.join(replaced[:6])}"
            f"{'; …' * (len(replaced) > 6)}."
        )
    most = half_life_hours(settings["nuclide"]) / np.log(2)
    excess = [
        line for line in own if line.quantity == "time_integrated_activity_coefficient" and line.value > 1.001 * most
    ]
    if excess:
        notes.append(
            f"{len(excess)} coefficient{' is' if len(excess) == 1 else 's are'} above {most:.4g} h, which is all of "
            "the injected activity decaying in place: the injected activity or the unit of activity is wrong there."
        )
    late = [line.value for line in own if line.quantity == "share_after_last" and line.value > 0.3]
    if late:
        notes.append(f"In {_curves(len(late))} more than 30% of the integral lies after the last measurement.")
    is_fit = settings["method"] == "exponential"
    by_fit = "one or two exponentials (by AICc) of the decay-corrected activity, with the rate of decay added"
    by_area = f"trapezoids, {_START_WORDS[settings['start']]} and {_TAIL_WORDS[settings['tail']]}"
    return Method(
        name=by_fit if is_fit else by_area,
        confidence_level=confidence_level,
        settings=settings,
        references=(BOLCH_2009, SIEGEL_1999),
        notes=tuple(notes),
        description=(
            f"Activity of each organ was integrated over time by {by_fit if is_fit else by_area}, for the decay of "
            f"{settings['nuclide']}, and summarised over patients by mean and standard deviation."
        ),
    )
