"""Would acting on the scan do more good than treating all or none? Decision curves."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from biomarker.analyses.population import Positive, Sample, require_both_classes, select_rows
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.kernels.net_benefit import NetBenefit, treat_all
from biomarker.kernels.net_benefit import net_benefit as net_benefit_kernel
from biomarker.references import VICKERS_ELKIN_2006
from biomarker.vocabulary import column_label

DEFAULT_CUTOFFS = tuple(round(0.05 * step, 2) for step in range(1, 20))


@dataclass(frozen=True, kw_only=True)
class NetBenefitResult(Result):
    """Decision curves: estimates of ``net_benefit`` and ``net_benefit_over_all`` by marker and cutoff."""

    markers: tuple[str, ...]
    cutoffs: tuple[float, ...]
    all_treated: tuple[float, ...]  # net benefit of treating everyone, at each cutoff
    prevalence: float
    figure_size = (3.46, 2.9)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return (
            "Decision curves: net benefit of acting on each marker, against treating all and treating none, "
            "by the risk of response at which one would act. Bands are pointwise confidence intervals."
        )


def net_benefit(
    data: pd.DataFrame,
    *,
    reference_standard: str,
    markers: Sequence[str] | str,
    cutoffs: Sequence[float] | float | None = None,
    positive: Positive | None = None,
    as_probability: Sequence[str] | str = (),
    prevalence: float | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> NetBenefitResult:
    """Net benefit of acting on a marker, over the risks at which one might act [1]_.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient.
    reference_standard : str
        Column with the outcome.
    markers : str or list of str
        Columns to compare on the same rows: binary tests (bool or 0/1) or risks in [0, 1], or markers named in
        `as_probability` too.
    cutoffs : list of float, optional
        Risks at which one would act, each in (0, 1); 0.05 to 0.95 by 0.05 when left out.
    positive : value or list of values, optional
        What counts as positive on the reference standard; needed unless it is bool or 0/1.
    as_probability : str or list of str
        Markers on another scale, such as an SUV, that are turned into risks by a logistic regression on the same data;
        the curve is then optimistic, and a note says so.
    prevalence : float, optional
        Of the population the test is meant for, in (0, 1); the observed share when left out.
    confidence_level : float
        Of the intervals.
    patient : str or None
        Column of patients; None says that rows are independent.

    Returns
    -------
    NetBenefitResult
        ``net_benefit`` and ``net_benefit_over_all`` (the difference from treating all), per row of the
        population, with `of` ``marker`` and ``cutoff``; intervals from each patient's influence with t(K-1).

    Raises
    ------
    DesignError
        If a marker is neither a test nor a risk, a cutoff or the prevalence is not inside (0, 1), or there is one
        class.

    References
    ----------
    .. [1] Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-574.

    Examples
    --------
    >>> data = pd.DataFrame({"response": [1, 1, 0, 0] * 3, "hot": [1, 0, 0, 0] * 3})
    >>> result = net_benefit(data, reference_standard="response", markers="hot", cutoffs=[0.5], patient=None)
    >>> result.estimate("net_benefit", marker="hot").value
    0.25
    """
    names, fitted = _names(markers), _names(as_probability)
    thresholds = _cutoffs(cutoffs)
    checked_fraction(confidence_level, "confidence_level")
    _check_names(names, fitted, prevalence)
    tests = [name for name in names if name in data and pd.api.types.is_bool_dtype(data[name])]
    sample = select_rows(
        data,
        numeric=[name for name in names if name not in tests],
        classes={reference_standard: positive, **dict.fromkeys(tests)},
        patient=patient,
    )
    truth = sample.frame[reference_standard]
    require_both_classes(truth, reference_standard, "a decision curve")
    notes, estimates = list(sample.notes), []
    for name in names:
        risk, note = _risk(sample.frame[name], truth, is_fitted=name in fitted)
        notes.append(note)
        curve = net_benefit_kernel(
            truth, risk, thresholds, sample.clusters, prevalence=prevalence, confidence_level=confidence_level
        )
        estimates += _estimates(name, thresholds, curve, sample)
    notes += _warnings(sample)
    share = float(truth.mean()) if prevalence is None else prevalence
    return NetBenefitResult(
        estimates=tuple(estimates),
        method=_method(sample, notes, prevalence, fitted, confidence_level),
        population=sample.population,
        markers=tuple(names),
        cutoffs=tuple(thresholds.tolist()),
        all_treated=tuple(treat_all(truth, thresholds, prevalence=prevalence).tolist()),
        prevalence=share,
    )


def _names(value: Sequence[str] | str) -> list[str]:
    return [value] if isinstance(value, str) else list(dict.fromkeys(value))


def _cutoffs(cutoffs: Sequence[float] | float | None) -> np.ndarray:
    chosen = DEFAULT_CUTOFFS if cutoffs is None else cutoffs
    thresholds = np.unique(np.atleast_1d(np.asarray(chosen, dtype=float)))
    wrong = [f"{value:g}" for value in thresholds if not 0 < value < 1]
    if wrong or not thresholds.size:
        raise DesignError(
            f"cutoffs of a decision curve are risks between 0 and 1, and {', '.join(wrong) or 'none'} is not; "
            "an SUV cutoff makes a binary test: give the test as a marker"
        )
    return thresholds


def _check_names(names: list[str], fitted: list[str], prevalence: float | None) -> None:
    if not names:
        raise DesignError("no marker is given; name at least one in markers")
    for name in fitted:
        if name not in names:
            raise DesignError(f"as_probability names {name!r}, which is not among markers{nearest(name, names)}")
    if prevalence is not None and not 0 < prevalence < 1:
        raise DesignError(f"prevalence = {prevalence:g}: give a fraction between 0 and 1")


def _risk(marker: pd.Series, truth: pd.Series, *, is_fitted: bool) -> tuple[np.ndarray, str]:
    """Return the risk each row has by a marker, and what a reader must know about it."""
    values = marker.to_numpy(dtype=float)
    if is_fitted:
        if np.ptp(values) == 0:
            raise DesignError(f"{marker.name!r} has one value only, so no risk can be fitted to it")
        from biomarker.models.logistic import logistic_risk

        fit = logistic_risk(values, truth.to_numpy())
        penalty = " (Firth's penalty, because the marker separates the classes)" if fit.is_penalized else ""
        return fit.risk, (
            f"Risks by {column_label(str(marker.name))} were fitted by logistic regression to the same rows{penalty}, "
            "so its curve is optimistic."
        )
    if values.min() < 0 or values.max() > 1:
        raise DesignError(
            f"{marker.name!r} runs from {values.min():g} to {values.max():g}, so it is neither a binary test nor a "
            "risk; name it in as_probability to have risks fitted, or give a 0/1 test made by a cutoff"
        )
    return values, ""


def _estimates(name: str, thresholds: np.ndarray, curve: NetBenefit, sample: Sample) -> list[Estimate]:
    parts = (
        ("net_benefit", curve.value, curve.interval),
        ("net_benefit_over_all", curve.over_all, curve.over_all_interval),
    )
    return [
        Estimate(
            quantity=quantity,
            value=value[i],
            low=interval.low[i],
            high=interval.high[i],
            n=len(sample.frame),
            n_patients=sample.n_patients,
            unit=f"per {sample.population.unit}",
            of={"marker": name, "cutoff": float(cutoff)},
        )
        for i, cutoff in enumerate(thresholds)
        for quantity, value, interval in parts
    ]


def _warnings(sample: Sample) -> list[str]:
    patients = len(np.unique(sample.clusters))
    if patients >= 10:
        return []
    note = f"With {patients} patients the intervals of net benefit rest on few independent units."
    warnings.warn(note, SmallSampleWarning, stacklevel=3)
    return [note]


def _method(
    sample: Sample, notes: list[str], prevalence: float | None, fitted: list[str], confidence_level: float
) -> Method:
    at = "the observed prevalence" if prevalence is None else f"a prevalence of {prevalence:g}"
    nested = " Intervals allow for lesions nested in patients." if sample.is_nested else ""
    return Method(
        name="net benefit, with intervals from the influence of each patient, t with patients − 1 degrees of freedom",
        confidence_level=confidence_level,
        settings={"prevalence": prevalence, "as_probability": fitted, "clustered": sample.is_nested},
        references=(VICKERS_ELKIN_2006,),
        notes=tuple(notes),
        description=(
            f"Decision curves gave the net benefit of acting on each marker at {at}, against treating all and treating "
            f"none, over the risks at which one might act.{nested}"
        ),
    )
