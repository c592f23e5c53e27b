"""How good is the scan, when the truth was read in some patients only? Correction for verification bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import Positive, Sample, select_rows
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction, seed_of
from biomarker.analyses.tested_rows import checked_test
from biomarker.errors import DesignError, nearest
from biomarker.kernels.interval import Interval
from biomarker.kernels.resampling import patient_weights, percentile_interval
from biomarker.kernels.verification_bias import (
    QUANTITIES,
    Cells,
    begg_greenes,
    count_cells,
    logit_intervals,
    multiple_imputation,
)
from biomarker.references import BEGG_GREENES_1983, EFRON_TIBSHIRANI_1993, HAREL_ZHOU_2006

CORRECTIONS = ("begg_greenes", "multiple_imputation")
INTERVALS = ("bootstrap", "logit")
N_IMPUTATIONS = 200


@dataclass(frozen=True, kw_only=True)
class VerificationBias(Result):
    """Accuracy among verified rows and corrected, told apart by `of` ``analysis``; the counts by test result."""

    reference_standard: str
    test: str
    verified_of_positive: tuple[int, int]  # verified, tested
    verified_of_negative: tuple[int, int]

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return "Accuracy among verified rows only, and corrected for verification that depended on the test."


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """The rows as the kernels want them."""

    truth: NDArray[np.bool_]
    verified: NDArray[np.bool_]
    test: NDArray[np.bool_]
    stratum: NDArray[np.intp]
    clusters: NDArray[np.intp]


def verification_bias(
    data: pd.DataFrame,
    *,
    reference_standard: str,
    index_test: str | None = None,
    marker: str | None = None,
    cutoff: float | None = None,
    positive: Positive | None = None,
    test_positive: Positive | None = None,
    higher_is_positive: bool = True,
    covariates: Sequence[str] | str = (),
    correction: str = "begg_greenes",
    interval: str = "bootstrap",
    n_resamples: int = 2000,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator = 0,
    patient: str | None = "patient_id",
) -> VerificationBias:
    """Accuracy of a test when only some rows were verified by the reference standard [1]_.

    A row whose reference standard is missing counts as tested and not verified. The correction holds if, given the test
    result (and the covariates), whether a row was verified did not depend on the truth.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient, verified or not.
    reference_standard : str
        Column with the truth, missing where it was not read.
    index_test : str, optional
        A binary test column; or give `marker` and `cutoff`.
    marker : str, optional
        A column of numbers.
    cutoff : float, optional
        ``marker >= cutoff`` is positive (``<=`` when `higher_is_positive` is false).
    positive : value or list of values, optional
        What counts as positive on the reference standard; needed unless it is bool or 0/1.
    test_positive : value or list of values, optional
        The same for `index_test`.
    higher_is_positive : bool
        The direction of the marker.
    covariates : str or list of str
        Columns of few values on which verification depended too.
    correction : {"begg_greenes", "multiple_imputation"}
        Imputation [2]_ takes rows as independent.
    interval : {"bootstrap", "logit"}
        Of the Begg-Greenes correction: percentiles of resampled patients, or the logit with each patient's influence
        and t(K-1).
    n_resamples : int
        Of the bootstrap.
    confidence_level : float
        Of the intervals.
    rng : int or Generator
        Of the bootstrap or imputation.
    patient : str or None
        Column of patients; None says that rows are independent.

    Returns
    -------
    VerificationBias
        ``sensitivity``, ``specificity``, ``ppv``, ``npv`` and ``prevalence``, with `of` ``analysis`` "verified only"
        and "corrected"; NaN where no row of a test result was verified.

    Raises
    ------
    DesignError
        If every row is verified, none is, or an argument is unknown.

    References
    ----------
    .. [1] Begg CB, Greenes RA. Biometrics 1983;39:207-215.
    .. [2] Harel O, Zhou XH. Stat Med 2006;25:3769-3786.

    Examples
    --------
    >>> rows = [(1, 1, 231), (1, 0, 32), (1, None, 166), (0, 1, 27), (0, 0, 54), (0, None, 140)]
    >>> data = pd.DataFrame([row[:2] for row in rows for _ in range(row[2])], columns=["scan", "disease"])
    >>> result = verification_bias(
    ...     data, reference_standard="disease", index_test="scan", interval="logit", patient=None
    ... )
    >>> round(result.estimate("sensitivity", analysis="corrected").value, 3)
    0.836
    """
    test = checked_test(index_test, marker, cutoff, None)
    strata = [covariates] if isinstance(covariates, str) else list(covariates)
    checked_fraction(confidence_level, "confidence_level")
    seed_of(rng)  # refuses what is no seed
    if index_test == reference_standard:
        raise DesignError(f"{index_test!r} is the reference standard and cannot be the test as well")
    _check(correction, interval, n_resamples)
    sample = select_rows(
        data,
        numeric=[test] if index_test is None else [],
        classes={reference_standard: positive} | ({index_test: test_positive} if index_test is not None else {}),
        other=strata,
        patient=patient,
        keep_missing=[reference_standard],
    )
    rows = _rows(sample, reference_standard, test, None if index_test else cutoff, higher_is_positive, strata)
    _check_verified(rows, reference_standard)
    cells = count_cells(rows.truth, rows.verified, rows.test, rows.stratum)
    naive = _among_verified(rows, confidence_level)
    corrected, n_lost = _corrected(rows, cells, correction, interval, n_resamples, confidence_level, rng)
    lines = _lines("verified only", naive, rows.verified, sample) + _lines(
        "corrected", corrected, np.ones_like(rows.verified), sample
    )
    return VerificationBias(
        estimates=tuple(lines),
        method=_method(sample, correction, interval, n_resamples, n_lost, confidence_level, rng, corrected),
        population=sample.population,
        reference_standard=reference_standard,
        test=test,
        verified_of_positive=(int((rows.verified & rows.test).sum()), int(rows.test.sum())),
        verified_of_negative=(int((rows.verified & ~rows.test).sum()), int((~rows.test).sum())),
    )


def _check(correction: str, interval: str, n_resamples: int) -> None:
    for name, value, known in (("correction", correction, CORRECTIONS), ("interval", interval, INTERVALS)):
        if value not in known:
            raise DesignError(f"no {name} {value!r}{nearest(value, known)}; there are {' and '.join(known)}")
    if n_resamples < 1:
        raise DesignError(f"n_resamples = {n_resamples}: give 1 or more")


def _rows(
    sample: Sample,
    reference_standard: str,
    test: str,
    cutoff: float | None,
    higher_is_positive: bool,
    strata: list[str],
) -> _Rows:
    frame = sample.frame
    truth = frame[reference_standard]
    called = frame[test].to_numpy()
    if cutoff is not None:
        called = called >= cutoff if higher_is_positive else called <= cutoff
    stratum = (
        frame.groupby(strata, sort=True).ngroup().to_numpy().astype(np.intp)
        if strata
        else np.zeros(len(frame), np.intp)
    )
    return _Rows(
        truth=truth.fillna(value=False).to_numpy(dtype=bool),
        verified=truth.notna().to_numpy(),
        test=called.astype(bool),
        stratum=stratum,
        clusters=sample.clusters,
    )


def _check_verified(rows: _Rows, reference_standard: str) -> None:
    if rows.verified.all():
        raise DesignError(
            f"every row has {reference_standard!r}, so there is nothing to correct; use predictive_values"
        )
    if not rows.verified.any():
        raise DesignError(f"no row has {reference_standard!r}, so accuracy is not estimable")
    if rows.test.all() or not rows.test.any():
        which = "positive" if rows.test.all() else "negative"
        raise DesignError(f"every row tests {which}, so sensitivity and specificity are not estimable")


def _among_verified(rows: _Rows, confidence_level: float) -> dict[str, tuple[float, Interval]]:
    """Return the figures that a report without correction would print."""
    chosen = rows.verified
    part = _Rows(
        truth=rows.truth[chosen],
        verified=np.ones(int(chosen.sum()), bool),
        test=rows.test[chosen],
        stratum=np.zeros(int(chosen.sum()), np.intp),
        clusters=np.unique(rows.clusters[chosen], return_inverse=True)[1],
    )
    return _by_logit(part, count_cells(part.truth, part.verified, part.test, part.stratum), confidence_level)


def _corrected(
    rows: _Rows,
    cells: Cells,
    correction: str,
    interval: str,
    n_resamples: int,
    confidence_level: float,
    rng: int | np.random.Generator,
) -> tuple[dict[str, tuple[float, Interval]], int]:
    """Return estimates with intervals, and how many resamples had a cell that could not be corrected."""
    if (cells.verified[cells.tested > 0] == 0).any() or (correction == "begg_greenes" and interval == "logit"):
        return _by_logit(rows, cells, confidence_level), 0
    if correction == "multiple_imputation":
        return multiple_imputation(
            cells, np.random.default_rng(rng), n_imputations=N_IMPUTATIONS, confidence_level=confidence_level
        ), 0
    values = begg_greenes(cells)
    drawn = _resampled(rows, cells, n_resamples, rng)
    usable = np.isfinite(np.stack(list(drawn.values()))).all(axis=0)
    return {
        name: (float(values[name]), _percentiles(drawn[name][usable], confidence_level)) for name in QUANTITIES
    }, int((~usable).sum())


def _percentiles(samples: NDArray[np.float64], confidence_level: float) -> Interval:
    return percentile_interval(samples, confidence_level) if samples.size > 1 else Interval(np.nan, np.nan)


def _by_logit(rows: _Rows, cells: Cells, confidence_level: float) -> dict[str, tuple[float, Interval]]:
    values = begg_greenes(cells)
    limits = logit_intervals(
        rows.truth, rows.verified, rows.test, rows.stratum, rows.clusters, confidence_level=confidence_level
    )
    return {name: (float(values[name]), limits[name]) for name in QUANTITIES}


def _resampled(
    rows: _Rows, cells: Cells, n_resamples: int, rng: int | np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Return each quantity in every resample of patients: sums of each patient's cells, weighted."""
    n_patients, shape = int(rows.clusters.max()) + 1, cells.tested.shape
    cell = rows.stratum * 2 + rows.test
    size = cells.tested.size

    def by_patient(counted: NDArray[np.bool_]) -> NDArray[np.float64]:
        place = rows.clusters[counted] * size + cell[counted]
        return np.bincount(place, minlength=n_patients * size).reshape(n_patients, size).astype(float)

    parts = [by_patient(rows.truth & rows.verified), by_patient(rows.verified), by_patient(np.ones_like(rows.verified))]
    chunks = [
        begg_greenes(Cells(*((weights @ part).reshape(-1, *shape) for part in parts)))
        for weights in patient_weights(n_patients, n_resamples, rng)
    ]
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in QUANTITIES}


def _lines(
    analysis: str, found: dict[str, tuple[float, Interval]], counted: NDArray[np.bool_], sample: Sample
) -> list[Estimate]:
    n_patients = None if sample.n_patients is None else len(np.unique(sample.clusters[counted]))
    return [
        Estimate(
            quantity=quantity,
            value=value,
            low=limits.low,
            high=limits.high,
            n=int(counted.sum()),
            n_patients=n_patients,
            unit="fraction",
            of={"analysis": analysis},
        )
        for quantity, (value, limits) in found.items()
    ]


def _method(
    sample: Sample,
    correction: str,
    interval: str,
    n_resamples: int,
    n_lost: int,
    confidence_level: float,
    rng: int | np.random.Generator,
    corrected: dict[str, tuple[float, Interval]],
) -> Method:
    is_bootstrap = correction == "begg_greenes" and interval == "bootstrap"
    is_imputed = correction == "multiple_imputation"
    how = {
        (False, True): f"percentile intervals from {n_resamples:,} resamples of whole patients",
        (False, False): "logit intervals from the influence of each patient, t with patients − 1 degrees of freedom",
    }.get((is_imputed, is_bootstrap), f"{N_IMPUTATIONS} imputations combined by Rubin's rules on the logit scale")
    label = "multiple imputation" if is_imputed else "the method of Begg and Greenes"
    notes = [
        *sample.notes,
        "The correction assumes that, given the test result and any covariates, verification did not depend on the "
        "truth; the data cannot show this.",
    ]
    lost = [name for name in QUANTITIES if isnan(corrected[name][0])]
    if lost:
        names = ", ".join(name if name not in ("ppv", "npv") else name.upper() for name in lost)
        notes.append(f"Not estimable: {names}, because a test result has rows of which none was verified.")
    if n_lost:
        notes.append(f"{n_lost:,} of {n_resamples:,} resamples lacked a verified row that is needed and were left out.")
    if is_imputed and sample.is_nested:
        notes.append(
            "The imputation takes rows as independent although patients have several: its intervals are narrow."
        )
    return Method(
        name=f"correction for verification bias by {label}; {how}",
        confidence_level=confidence_level,
        settings={"correction": correction, "interval": interval, "clustered": sample.is_nested},
        references=(
            BEGG_GREENES_1983,
            *((HAREL_ZHOU_2006,) if is_imputed else ()),
            *((EFRON_TIBSHIRANI_1993,) if is_bootstrap else ()),
        ),
        seed=seed_of(rng) if is_bootstrap or is_imputed else None,
        n_resamples=n_resamples if is_bootstrap else None,
        notes=tuple(notes),
        description=(
            "Sensitivity, specificity and predictive values were corrected for partial verification by "
            f"{label}, with {how}."
        ),
    )
