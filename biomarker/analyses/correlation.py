"""How closely do two measurements go together? Correlation with an interval, also for lesions nested in patients."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import Sample, select_rows
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction, seed_of
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.kernels.correlation import (
    Correlation,
    kendall,
    partial_correlation,
    pearson,
    repeated_measures_correlation,
    spearman,
)
from biomarker.kernels.correlation_resampling import (
    jackknife_interval,
    resampled_correlation,
    resampled_repeated_measures,
)
from biomarker.kernels.resampling import jackknife_weights, patient_weights, percentile_interval
from biomarker.references import (
    BAKDASH_MARUSICH_2017,
    BONETT_WRIGHT_2000,
    EFRON_TIBSHIRANI_1993,
    FISHER_1924,
    Reference,
)
from biomarker.vocabulary import column_label, lower_label

Floats = NDArray[np.float64]

# the quantity each method estimates, how it is named in print, and the paper behind its interval
METHODS: dict[str, tuple[str, str, Reference]] = {
    "spearman": ("spearman_rho", "Spearman rank correlation", BONETT_WRIGHT_2000),
    "pearson": ("pearson_r", "Pearson correlation", FISHER_1924),
    "kendall": ("kendall_tau", "Kendall rank correlation (tau-b)", BONETT_WRIGHT_2000),
    "repeated_measures": ("repeated_measures_r", "repeated-measures correlation", BAKDASH_MARUSICH_2017),
}
INTERVALS = ("auto", "jackknife", "bootstrap", "fisher")
MOST_NESTED_PAIRS = 10_000  # rows whose pairs, laid out for Kendall's coefficient in resamples, take some 3 GB


@dataclass(frozen=True, kw_only=True, eq=False)
class CorrelationResult(Result):
    """One correlation, with the points it comes from: `x_values`, `y_values` and the patient code of each."""

    x: str
    y: str
    x_values: Floats
    y_values: Floats
    patients: NDArray[np.intp]
    partial: tuple[str, ...] = ()
    is_nested: bool = False

    @property
    def caption(self) -> str:
        """What the figure shows."""
        points = "Each point is one lesion; lesions of one patient share a colour." if self.is_nested else ""
        return f"{column_label(self.y)} against {lower_label(self.x)}. {points}".strip()


def correlate(
    data: pd.DataFrame,
    *,
    x: str,
    y: str,
    method: str = "spearman",
    partial: Sequence[str] | str = (),
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
        Columns of numbers.
    method : {"spearman", "pearson", "kendall", "repeated_measures"}
        The coefficient. "repeated_measures" [1]_ asks about the correlation within patients, the others over all rows.
    partial : str or list of str
        Columns held constant (Spearman and Pearson only).
    interval : {"auto", "jackknife", "bootstrap", "fisher"}
        "auto" leaves out each patient in turn (the jackknife of Fisher's z, t with K-1 degrees of freedom) where
        patients have several rows, because its simulated coverage is closest to nominal; and takes Fisher's z with the
        standard error of Bonett and Wright [2]_ where rows are independent. "bootstrap" resamples whole patients and
        takes percentiles.
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
        column does not vary.

    Raises
    ------
    DesignError
        For an unknown method or interval, fewer than three rows, or a combination that has no answer.

    References
    ----------
    .. [1] Bakdash JZ, Marusich LR. Front Psychol 2017;8:456.
    .. [2] Bonett DG, Wright TA. Psychometrika 2000;65:23-28.

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
    sample = select_rows(data, numeric=[x, y, *controls], patient=patient)
    _check_rows(sample, method)
    found = _independent(sample, x, y, controls, method, confidence_level)
    chosen = _chosen_interval(interval, sample, method)
    notes = [*sample.notes, *_notes_on(found, sample, x, y)]
    if chosen != "fisher":
        found = _by_patient(found, sample, (x, y, *controls), method, chosen, n_resamples, confidence_level, rng)
    quantity = METHODS[method][0]
    line = Estimate(
        quantity=quantity,
        value=found.value,
        low=found.interval.low,
        high=found.interval.high,
        statistic=found.statistic,
        df=found.df,
        p_value=found.p_value,
        n=len(sample.frame),
        n_patients=sample.n_patients,
        of={"x": x, "y": y} | ({"given": ", ".join(controls)} if controls else {}),
    )
    return CorrelationResult(
        estimates=(line,),
        method=_method(method, chosen, controls, sample, notes, n_resamples, confidence_level, rng),
        population=sample.population,
        x=x,
        y=y,
        x_values=sample.frame[x].to_numpy(),
        y_values=sample.frame[y].to_numpy(),
        patients=sample.clusters,
        partial=tuple(controls),
        is_nested=sample.is_nested,
    )


def _check(method: str, controls: list[str], interval: str, n_resamples: int, x: str, y: str) -> None:
    if method not in METHODS:
        raise DesignError(f"no method {method!r}{nearest(method, list(METHODS))}; there are {', '.join(METHODS)}")
    if interval not in INTERVALS:
        raise DesignError(f"no interval {interval!r}{nearest(interval, INTERVALS)}; there are {', '.join(INTERVALS)}")
    if controls and method not in ("spearman", "pearson"):
        raise DesignError(f"partial is for spearman and pearson, not for {method}")
    if len({x, y, *controls}) < 2 + len(controls):
        raise DesignError("x, y and partial name one column twice; a column's correlation with itself says nothing")
    if n_resamples < 1:
        raise DesignError(f"n_resamples = {n_resamples}: give 1 or more")


def _check_rows(sample: Sample, method: str) -> None:
    if len(sample.frame) < 3:
        raise DesignError(f"{len(sample.frame)} complete rows are too few for a correlation; at least 3 are needed")
    if method == "kendall" and sample.is_nested and len(sample.frame) > MOST_NESTED_PAIRS:
        raise DesignError(
            f"{len(sample.frame):,} rows nested in patients are too many for Kendall's coefficient, which lays out "
            f"every pair of rows; {MOST_NESTED_PAIRS:,} can be correlated: take spearman, or aggregate lesions"
        )
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


def _independent(
    sample: Sample, x: str, y: str, controls: list[str], method: str, confidence_level: float
) -> Correlation:
    first, second = sample.frame[x].to_numpy(), sample.frame[y].to_numpy()
    if method == "repeated_measures":
        return repeated_measures_correlation(first, second, sample.clusters, confidence_level=confidence_level)
    if controls:
        held = sample.frame[controls].to_numpy()
        ranks = method == "spearman"
        return partial_correlation(first, second, held, ranks=ranks, confidence_level=confidence_level)
    kernel = {"spearman": spearman, "pearson": pearson, "kendall": kendall}[method]
    return kernel(first, second, confidence_level=confidence_level)


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
    codes = sample.clusters
    n_patients = int(codes.max()) + 1
    if chosen == "jackknife":
        left_out = _resampled(sample, columns, method, jackknife_weights(n_patients))
        return jackknife_interval(found.value, left_out, confidence_level=confidence_level)
    drawn = _resampled(sample, columns, method, patient_weights(n_patients, n_resamples, rng))
    usable = drawn[np.isfinite(drawn)]
    if usable.size < 2 or np.isnan(found.value):
        return found._replace(
            interval=type(found.interval)(np.nan, np.nan), statistic=np.nan, df=np.nan, p_value=np.nan
        )
    interval = percentile_interval(usable, confidence_level)
    # no p-value: the percentile bootstrap gives none that agrees with its interval in small samples
    return Correlation(found.value, interval, np.nan, np.nan, np.nan)


def _resampled(sample: Sample, columns: tuple[str, ...], method: str, weights: Iterable[NDArray[np.int64]]) -> Floats:
    x, y, *controls = (sample.frame[column].to_numpy() for column in columns)
    held = np.column_stack(controls) if controls else None
    parts = []
    for chunk in weights:
        if method == "repeated_measures":
            parts.append(resampled_repeated_measures(x, y, sample.clusters, chunk))
        else:
            by_row = chunk[:, sample.clusters]
            parts.append(resampled_correlation(x, y, by_row, method=method, controls=held))  # type: ignore[arg-type]
    return np.concatenate(parts)


def _notes_on(found: Correlation, sample: Sample, x: str, y: str) -> list[str]:
    notes = []
    if np.isnan(found.value):
        constant = [column for column in (x, y) if np.ptp(sample.frame[column].to_numpy()) == 0]
        why = f"{' and '.join(constant)} does not vary" if constant else "nothing is left to correlate"
        notes.append(f"The correlation is not estimable: {why}.")
    n_patients = int(sample.clusters.max()) + 1
    if n_patients < 10:
        notes.append(f"The interval rests on {n_patients} independent units only.")
        warnings.warn(notes[-1], SmallSampleWarning, stacklevel=3)
    return notes


def _method(
    method: str,
    chosen: str,
    controls: list[str],
    sample: Sample,
    notes: list[str],
    n_resamples: int,
    confidence_level: float,
    rng: int | np.random.Generator,
) -> Method:
    _, label, reference = METHODS[method]
    intervals = {
        "fisher": "Fisher z intervals",
        "jackknife": "intervals by leaving out each patient in turn (Fisher z, t with K-1 degrees of freedom)",
        "bootstrap": f"percentile intervals from {n_resamples:,} resamples of whole patients",
    }
    given = f", holding {', '.join(controls)} constant," if controls else ""
    nested = " Lesions were treated as nested in patients." if sample.is_nested else ""
    is_resampled = chosen == "bootstrap"
    return Method(
        name=f"{label}, {intervals[chosen]}",
        confidence_level=confidence_level,
        settings={"method": method, "interval": chosen, "partial": controls, "clustered": sample.is_nested},
        references=(reference,) if chosen == "fisher" else (EFRON_TIBSHIRANI_1993,),
        seed=seed_of(rng) if is_resampled else None,
        n_resamples=n_resamples if is_resampled else None,
        notes=tuple(notes),
        description=f"{label[0].upper()}{label[1:]}{given} was estimated with {intervals[chosen]}.{nested}",
    )
