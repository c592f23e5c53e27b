"""How closely do two measurements go together? Correlation with an interval, also for lesions nested in patients."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.correlation_by_patient import FEWEST_LEFT_OUT, drawn, left_out, units_of
from biomarker.analyses.correlation_method import (
    INTERVALS,
    METHODS,
    correlation_method,
    correlation_notes,
    few_units_note,
)
from biomarker.analyses.population import Sample, select_rows
from biomarker.analyses.response_levels import ResponseLevels, response_levels
from biomarker.analyses.result import Estimate, Result, checked_fraction, seed_of
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.kernels.correlation import Correlation, kendall, pearson, spearman
from biomarker.kernels.correlation_intervals import bootstrap_interval, jackknife_interval
from biomarker.kernels.correlation_partial import partial_correlation, repeated_measures_correlation
from biomarker.kernels.correlation_resampling import PartialResampler, resampled_repeated_measures
from biomarker.vocabulary import column_label, lower_label

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class CorrelationResult(Result):
    """One correlation, with the points it comes from.

    Attributes
    ----------
    x, y : str
        Columns.
    x_values, y_values : ndarray, shape (rows,)
    patients : ndarray of int, shape (rows,)
        A code for the patient of each point, or the row itself.
    partial : tuple of str
        Columns held constant.
    is_nested : bool
    response : ResponseLevels, optional
        What colours the points.
    """

    x: str
    y: str
    x_values: Floats
    y_values: Floats
    patients: NDArray[np.intp]
    partial: tuple[str, ...] = ()
    is_nested: bool = False
    response: ResponseLevels | None = None

    @property
    def caption(self) -> str:
        """What the figure shows."""
        points = ""
        if self.response is not None:
            points = f"Points are coloured by {lower_label(self.response.column)}."
        elif self.is_nested:
            points = "Each point is one lesion; lesions of one patient share a colour."
        return f"{column_label(self.y)} against {lower_label(self.x)}. {points}".strip()


def correlate(
    data: pd.DataFrame,
    *,
    x: str,
    y: str,
    method: str = "spearman",
    partial: Sequence[str] | str = (),
    response: str | None = None,
    interval: str = "auto",
    n_resamples: int = 2000,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator = 0,
    patient: str | None = "patient_id",
) -> CorrelationResult:
    """Correlation of two columns, its interval and test.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient.
    x, y : str
        Columns of numbers: uptake and change in size, for instance.
    method : {"spearman", "pearson", "kendall", "repeated_measures"}
        The coefficient. "repeated_measures" [1]_ asks about the correlation within patients, the others over all rows.
    partial : str or list of str
        Columns held constant; not with "repeated_measures".
    response : str, optional
        Column of classes that colours the points of the figure. It changes no number, and rows without one are kept.
    interval : {"auto", "jackknife", "bootstrap", "fisher"}
        "auto" leaves out each patient in turn (the jackknife of Fisher's z, t with K-1 degrees of freedom) where
        patients have several rows, because its simulated coverage is closest to nominal; and takes Fisher's z where
        rows are independent, with the standard error of Bonett and Wright for Spearman [2]_ and of Fieller, Hartley
        and Pearson for Kendall [3]_. "bootstrap" resamples whole patients and takes percentiles, widened for few
        patients; its p-value is that of its interval.
    n_resamples : int
        Of the bootstrap.
    confidence_level : float
        Of the interval.
    rng : int or Generator
        Of the bootstrap.
    patient : str or None
        Column of patients; None says that rows are independent.

    Returns
    -------
    CorrelationResult
        One line: ``spearman_rho``, ``pearson_r``, ``kendall_tau`` or ``repeated_measures_r``, in [-1, 1]. NaN where a
        column does not vary. With fewer than three patients an interval that honours nesting is not estimable: the
        naive one is given and labelled so (``of["interval"]``).

    Raises
    ------
    DesignError
        For an unknown method or interval, fewer than three rows, or a combination that has no answer.

    Notes
    -----
    For independent rows p is exact for Spearman up to 9 rows (ties included) and for Kendall up to 9 rows with ties
    and 49 without; beyond that Spearman's comes from the Edgeworth series of algorithm AS 89 without ties and from t
    with ties, and Kendall's from the tie-corrected normal distribution.

    References
    ----------
    .. [1] Bakdash JZ, Marusich LR. Front Psychol 2017;8:456.
    .. [2] Bonett DG, Wright TA. Psychometrika 2000;65:23-28.
    .. [3] Fieller EC, Hartley HO, Pearson ES. Biometrika 1957;44:470-481.

    Examples
    --------
    >>> data = pd.DataFrame({"suvmax": [1.2, 3.4, 2.2, 5.1, 4.0, 7.7] * 2, "ihc": [0, 1, 1, 2, 3, 3] * 2})
    >>> result = correlate(data, x="ihc", y="suvmax", patient=None)
    >>> round(result.estimate("spearman_rho").value, 3)
    0.883
    """
    controls = [partial] if isinstance(partial, str) else list(partial)
    _check(method, controls, interval, n_resamples, x, y)
    checked_fraction(confidence_level, "confidence_level")
    seed_of(rng)  # refuses what is no seed
    columns = (x, y, *controls)
    shown = [response] if response is not None else []
    sample = select_rows(data, numeric=list(columns), other=shown, keep_missing=shown, patient=patient)
    _check_rows(sample, method)
    _check_controls(sample, controls)
    chosen = _chosen_interval(interval, sample, method)
    found = _independent(sample, columns, method, confidence_level)
    is_naive = sample.is_nested and chosen != "fisher" and int(sample.clusters.max()) + 1 < FEWEST_LEFT_OUT
    if chosen != "fisher" and not is_naive:
        found = _by_patient(found, sample, columns, method, chosen, n_resamples, confidence_level, rng)
    notes = [*sample.notes, *correlation_notes(found, sample, columns[:2])]
    if is_naive:
        chosen = "fisher"
        notes.append(
            "With fewer than three patients an interval that honours nesting is not estimable; the one given is naive "
            "and takes rows as independent."
        )
    if few := few_units_note(sample):
        notes.append(few)
        warnings.warn(few, SmallSampleWarning, stacklevel=2)
    return CorrelationResult(
        estimates=(correlation_line(found, sample, METHODS[method][0], _of(x, y, controls, is_naive=is_naive)),),
        method=correlation_method(
            method, chosen, controls, sample, notes, n_resamples=n_resamples, confidence_level=confidence_level, rng=rng
        ),
        population=sample.population,
        x=x,
        y=y,
        x_values=sample.frame[x].to_numpy(),
        y_values=sample.frame[y].to_numpy(),
        patients=sample.clusters,
        partial=tuple(controls),
        is_nested=sample.is_nested,
        response=None if response is None else response_levels(sample.frame[response], response),
    )


def _of(x: str, y: str, controls: list[str], *, is_naive: bool) -> dict[str, str]:
    given = {"given": ", ".join(controls)} if controls else {}
    return {"x": x, "y": y, **given, **({"interval": "naive"} if is_naive else {})}


def correlation_line(found: Correlation, sample: Sample, quantity: str, of: dict[str, str]) -> Estimate:
    """Return a coefficient as a line of estimates."""
    return Estimate(
        quantity=quantity,
        value=found.value,
        low=found.interval.low,
        high=found.interval.high,
        statistic=found.statistic,
        df=found.df,
        p_value=found.p_value,
        n=len(sample.frame),
        n_patients=sample.n_patients,
        of=of,
    )


def _check(method: str, controls: list[str], interval: str, n_resamples: int, x: str, y: str) -> None:
    for name, given, known in (("method", method, list(METHODS)), ("interval", interval, INTERVALS)):
        if given not in known:
            raise DesignError(f"no {name} {given!r}{nearest(str(given), known)}; there are {', '.join(known)}")
    if controls and method == "repeated_measures":
        raise DesignError("partial is for spearman, pearson and kendall, not for repeated_measures")
    if len({str(column) for column in (x, y, *controls)}) < 2 + len(controls):
        raise DesignError("x, y and partial name one column twice; a column's correlation with itself says nothing")
    check_resamples(n_resamples)


def check_resamples(n_resamples: object) -> None:
    """Raise a `DesignError` unless a number of resamples is a whole number of at least 1."""
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, int | np.integer) or n_resamples < 1:
        raise DesignError(f"n_resamples = {n_resamples!r}: give 1 or more")


def _check_controls(sample: Sample, controls: Sequence[str]) -> None:
    """Refuse to hold constant what is constant already."""
    for name in controls:
        values = sample.frame[name].to_numpy()
        if np.ptp(values) == 0:
            raise DesignError(
                f"partial: {name!r} is {values[0]:g} in every row, so there is nothing to hold constant; leave it out"
            )


def _check_rows(sample: Sample, method: str) -> None:
    if len(sample.frame) < 3:
        raise DesignError(f"{len(sample.frame)} complete rows are too few for a correlation; at least 3 are needed")
    if method == "repeated_measures" and not sample.is_nested:
        raise DesignError(
            "repeated_measures needs patients with several rows each, and no patient has more than one; "
            "take spearman or pearson"
        )


def _chosen_interval(interval: str, sample: Sample, method: str) -> str:
    """Return the interval to make: "auto" is the jackknife where lesions are nested, else Fisher's z."""
    if interval != "auto":
        return interval
    return "jackknife" if sample.is_nested and method != "repeated_measures" else "fisher"


def _independent(sample: Sample, columns: tuple[str, ...], method: str, confidence_level: float) -> Correlation:
    x, y, *held = (sample.frame[column].to_numpy() for column in columns)
    if method == "repeated_measures":
        return repeated_measures_correlation(x, y, sample.clusters, confidence_level=confidence_level)
    if held:
        controls = np.column_stack(held)
        return partial_correlation(x, y, controls, method=method, confidence_level=confidence_level)  # type: ignore[arg-type]
    return PLAIN[method](x, y, confidence_level=confidence_level)


PLAIN = {"spearman": spearman, "pearson": pearson, "kendall": kendall}


def _by_patient(
    found: Correlation,
    sample: Sample,
    columns: tuple[str, ...],
    method: str,
    chosen: str,
    n_resamples: int,
    confidence_level: float,
    rng: int | np.random.Generator,
) -> Correlation:
    """Replace the interval and test by those that leave out or resample whole patients."""
    units = units_of(sample, columns)
    n_units, n_rows = int(units.max()) + 1, len(units)
    x, y, *held = (sample.frame[column].to_numpy() for column in columns)
    if method == "repeated_measures":

        def resampled(weights: object) -> Floats:
            return resampled_repeated_measures(x, y, units, weights)  # type: ignore[arg-type]

    else:
        controls = np.column_stack(held) if held else None
        resampler = PartialResampler(x, y, method=method, controls=controls, cluster=units)  # type: ignore[arg-type]
        resampled = resampler.resampled  # type: ignore[assignment]
    if chosen == "jackknife":
        others = left_out(resampled, n_units, n_rows)
        return jackknife_interval(found.value, others, confidence_level=confidence_level)
    values = drawn(resampled, n_units, n_rows, n_resamples, rng)
    return bootstrap_interval(found.value, values, n_units, confidence_level=confidence_level)
