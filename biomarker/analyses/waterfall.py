"""How much did each lesion or patient shrink? Best changes in order, their shares, and uptake against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.correlation import CorrelationResult, correlate
from biomarker.analyses.population import Sample, require_columns, select_rows
from biomarker.analyses.response_levels import ResponseLevels, response_levels
from biomarker.analyses.result import Method, Result
from biomarker.analyses.size_change import (
    check_changes,
    check_reference_lines,
    fell,
    median_line,
    naive_note,
    nested_codes,
    rose,
    share_line,
)
from biomarker.analyses.two_by_two import INTERVAL_NAMES, NESTED_REFERENCES, NESTED_SENTENCE, checked_interval
from biomarker.errors import DesignError
from biomarker.references import EISENHAUER_2009, WOODRUFF_1952, Reference
from biomarker.vocabulary import lower_label

Floats = NDArray[np.float64]
FEWEST_FOR_CORRELATION = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Waterfall(Result):
    """Best changes from the largest increase to the largest decrease, with what bars are to show.

    Attributes
    ----------
    change : str
        Column.
    marker : str, optional
        Column shown beneath the bars.
    changes : ndarray, shape (bars,)
        Percent, in descending order.
    markers : ndarray, shape (bars,), or None
        The marker of each bar; NaN where missing.
    names : tuple of str
        What each bar is: patient and item.
    response : ResponseLevels, optional
        What colours the bars.
    decrease, increase : float
        Reference lines, percent.
    unit : str
        What a bar is: lesion, patient, row.
    is_nested : bool
    """

    change: str
    marker: str | None
    changes: Floats
    markers: Floats | None
    names: tuple[str, ...]
    response: ResponseLevels | None
    decrease: float
    increase: float
    unit: str
    is_nested: bool

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height in inches: two columns wide for many bars, taller with a marker."""
        return (3.46 if len(self.changes) <= 60 else 7.09, 2.9 if self.marker is None else 3.3)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        coloured = "" if self.response is None else f", coloured by {lower_label(self.response.column)}"
        beneath = (
            ""
            if self.marker is None
            else f" The strip beneath shows {lower_label(self.marker)} of each bar, white where missing."
        )
        return (
            f"Waterfall of the best change of each {self.unit}{coloured}. Dashed lines: {self.decrease:g}% and "
            f"+{self.increase:g}%.{beneath}".replace("-", "\u2212")
        )


def waterfall(
    data: pd.DataFrame,
    *,
    change: str,
    response: str | None = None,
    marker: str | None = None,
    item: str | Sequence[str] | None = None,
    decrease: float = -30.0,
    increase: float = 20.0,
    method: str = "spearman",
    interval: str = "wilson",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> Waterfall:
    """Best change of each lesion or patient in order, the shares beyond two lines, and a marker against them.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient, or one a visit of it with `item`.
    change : str
        Column with the change from baseline in percent: -30 for a decrease of 30 %.
    response : str, optional
        Column of classes that colours the bars; bars without one are grey.
    marker : str, optional
        Column of numbers, such as uptake: shown beneath the bars and correlated with the change.
    item : str or list of str, optional
        Column or columns that, within a patient, name what a bar is, where it has several rows: its lowest change is
        its best, shown with the marker and response of that row. Name the column of patients for a bar a patient.
    decrease, increase : float
        Reference lines in percent; those of RECIST 1.1 [1]_ by default.
    method : {"spearman", "pearson", "kendall"}
        Correlation of marker and change; as in `correlate`.
    interval : str
        Of the shares: ``"wilson"``, ``"clopper-pearson"``, ``"jeffreys"`` or ``"agresti-coull"``.
    confidence_level : float
    patient : str or None
        Column of patients; where a patient has several bars, intervals allow for it.

    Returns
    -------
    Waterfall
        ``decrease_rate`` and ``increase_rate`` (``of["cutoff"]``), ``median_change`` in percent, and with a marker the
        correlation by its own name (``spearman_rho``).

    Raises
    ------
    DesignError
        If lesions have several rows and `item` is not given, or an option is unknown.
    SchemaError
        If a change is text or below -100 %.

    References
    ----------
    .. [1] Eisenhauer EA, Therasse P, Bogaerts J, et al. Eur J Cancer 2009;45:228-247.

    Examples
    --------
    >>> lesions = pd.DataFrame({
    ...     "change": [-62, -45, -30, -28, -22, -12, 0, 8, 15, 25],
    ...     "suvmax": [9.1, 7.0, 8.2, 6.0, 7.5, 4.0, 3.3, 5.0, 2.6, 2.1],
    ... })
    >>> result = waterfall(lesions, change="change", marker="suvmax", patient=None)
    >>> rate = result.estimate("decrease_rate")
    >>> print(f"{rate.value:.2f} ({rate.low:.2f} to {rate.high:.2f})")
    0.30 (0.11 to 0.60)
    """
    check_reference_lines(decrease, increase)
    checked_interval(interval, confidence_level)
    if method == "repeated_measures":
        raise DesignError("a waterfall's correlation is over all bars: spearman, pearson or kendall")
    items = [] if item is None else [item] if isinstance(item, str) else list(item)
    sample = _sample(data, change, marker, response, items, patient)
    looks_wrong = check_changes(sample.frame[change])
    bars = _bars(sample, change, items, patient)
    codes = None if sample.patients is None else bars["_patient"].to_numpy(np.intp)
    options: dict[str, Any] = {"confidence_level": confidence_level}
    changes = bars[change].to_numpy(np.float64)
    shares = (
        ("decrease_rate", fell(changes, decrease), decrease),
        ("increase_rate", rose(changes, increase), increase),
    )
    lines = [
        *(
            share_line(name, hits, codes, interval=interval, of={"cutoff": line}, **options)
            for name, hits, line in shares
        ),
        median_line("median_change", changes, codes, unit="%", of={}, **options),
    ]
    correlated = _correlated(bars, marker, change, method, codes, confidence_level)
    unit = _unit(sample, items, patient)
    reduced = (
        f"The lowest change of each {unit} is its best: {len(bars)} from {len(sample.frame)} rows." if items else ""
    )
    is_nested = nested_codes(codes) is not None
    notes = (*sample.notes, reduced, looks_wrong, naive_note(lines), *_marker_notes(correlated, marker))
    return Waterfall(
        estimates=(*lines, *(() if correlated is None else correlated.estimates)),
        method=_method(interval, confidence_level, is_nested, correlated, notes, decrease, increase, items),
        population=replace(sample.population, unit="measurement") if items else sample.population,
        change=change,
        marker=marker,
        changes=changes,
        markers=None if marker is None else bars[marker].to_numpy(np.float64),
        names=tuple(bars["_name"]),
        response=None if response is None else response_levels(bars[response], response),
        decrease=float(decrease),
        increase=float(increase),
        unit=unit,
        is_nested=is_nested,
    )


def _sample(
    data: pd.DataFrame, change: str, marker: str | None, response: str | None, items: list[str], patient: str | None
) -> Sample:
    if marker == change:
        raise DesignError(f"{change!r} is the change, and cannot be its own marker as well")
    shown = [column for column in (marker, response) if column is not None]
    if response is not None and response in (change, marker):
        raise DesignError(f"{response!r} cannot be the response as well; name a column of classes")
    named = [column for column in items if column != patient]
    require_columns(data, [change, *shown, *items])
    sample = select_rows(
        data,
        numeric=[change, *([marker] if marker else [])],
        other=[*named, *([response] if response else [])],
        keep_missing=shown,
        patient=patient,
    )
    if not items and sample.patients is not None and "lesion_id" in sample.frame and "lesion_id" not in shown:
        twice = sample.frame.assign(_patient=sample.patients).duplicated(["_patient", "lesion_id"])
        if twice.any():
            row = sample.frame[twice].iloc[0]
            raise DesignError(
                f"lesion {row['lesion_id']} of patient {row[str(patient)]} has several rows: give item='lesion_id' "
                "for the best change of each lesion, or choose rows of one visit"
            )
    return sample


def _bars(sample: Sample, change: str, items: list[str], patient: str | None) -> pd.DataFrame:
    """Return one row a bar, the largest increase first."""
    frame = sample.frame.assign(_patient=sample.clusters)
    named = [column for column in items if column != patient]
    shown = named or (["lesion_id"] if "lesion_id" in frame.columns and not items else [])
    who = [] if sample.patients is None else [str(patient)]
    frame["_name"] = (
        frame[[*who, *shown]].astype(str).agg(" ".join, axis=1) if who or shown else frame.index.astype(str)
    )
    keys = [*(["_patient"] if who else []), *named]
    frame = frame.sort_values([change, "_name"], ascending=[False, True], kind="stable")
    return frame.drop_duplicates(keys, keep="last") if items else frame


def _unit(sample: Sample, items: list[str], patient: str | None) -> str:
    if not items:
        return sample.population.unit
    return "patient" if items == [patient] else "lesion"


def _correlated(
    bars: pd.DataFrame,
    marker: str | None,
    change: str,
    method: str,
    codes: NDArray[np.intp] | None,
    confidence_level: float,
) -> CorrelationResult | None:
    if marker is None:
        return None
    known = bars[[marker, change]].assign(patient_id=bars["_patient"]).dropna(subset=[marker])
    if len(known) < FEWEST_FOR_CORRELATION:
        return None
    patient = None if codes is None else "patient_id"
    return correlate(known, x=marker, y=change, method=method, confidence_level=confidence_level, patient=patient)


def _marker_notes(correlated: CorrelationResult | None, marker: str | None) -> tuple[str, ...]:
    if marker is None:
        return ()
    if correlated is None:
        return (f"Too few bars have a value of {lower_label(marker)} for a correlation.",)
    return tuple(note for note in correlated.method.notes if not note.startswith("Rows are treated as independent"))


def _method(
    interval: str,
    confidence_level: float,
    is_nested: bool,
    correlated: CorrelationResult | None,
    notes: Sequence[str],
    decrease: float,
    increase: float,
    items: list[str],
) -> Method:
    of_share, own = INTERVAL_NAMES[interval]
    nested = " at the effective number of lesions, lesions nested in patients" if is_nested else ""
    of_median = "Woodruff's interval" if is_nested else "an interval between order statistics"
    references: tuple[Reference, ...] = (EISENHAUER_2009, own)
    references += (*NESTED_REFERENCES, WOODRUFF_1952) if is_nested else ()
    sentence = (
        f"Best changes are shown in order; shares with a decrease of at least {-decrease:g}% and an increase of at "
        f"least {increase:g}% are given with {of_share} intervals, and the median with {of_median}."
    )
    if is_nested:
        sentence += f" {NESTED_SENTENCE}"
    settings: dict[str, Any] = {"decrease": decrease, "increase": increase, "interval": interval, "item": items}
    name = f"{of_share} intervals{nested}; {of_median} of the median"
    if correlated is not None:
        settings |= {"method": correlated.method.settings["method"]}
        references += correlated.method.references
        sentence += f" {correlated.method.description.removesuffix(' Lesions were treated as nested in patients.')}"
        name += f"; {correlated.method.name}"
    return Method(
        name=name,
        confidence_level=confidence_level,
        settings=settings,
        references=references,
        notes=tuple(notes),
        description=sentence,
    )
