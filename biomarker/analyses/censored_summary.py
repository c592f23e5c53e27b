"""What is the mean where some values lie below the limit of detection? Log-normal summaries without substitution."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from biomarker.analyses.group_order import level_names, ordered_levels
from biomarker.analyses.population import Sample, select_rows
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.errors import DesignError
from biomarker.kernels.censored_lognormal import (
    CensoredLognormal,
    fit_censored_lognormal,
    geometric_mean_interval,
    mean_interval,
    sigma_interval,
)
from biomarker.references import BELL_MCCAFFREY_2002, COHEN_1959, HELSEL_2012, SATTERTHWAITE_1946
from biomarker.vocabulary import column_label, marker_unit

MOST_BELOW = 0.8  # of the values: beyond it the spread rests on a handful


@dataclass(frozen=True, kw_only=True, eq=False)
class CensoredGroup:
    """The values of one group, those below the limit at their limit, and the fit."""

    label: str
    values: NDArray[np.float64]
    is_below: NDArray[np.bool_]
    fit: CensoredLognormal

    def fitted_share(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of the fitted distribution up to each value."""
        share: NDArray[np.float64] = ndtr((np.log(value) - self.fit.mu) / self.fit.sigma)
        return share


@dataclass(frozen=True, kw_only=True, eq=False)
class CensoredSummary(Result):
    """Lines by `of` group; `groups` holds what the figure draws."""

    groups: tuple[CensoredGroup, ...]
    marker: str

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return (
            f"Distribution of {column_label(self.marker)}: steps, share of values up to each known one; lines, the "
            "log-normal distribution fitted to known values and to those below the limit."
        )


def censored_summary(
    data: pd.DataFrame,
    *,
    marker: str,
    limit: float | str | None = None,
    below: str | None = None,
    by: str | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> CensoredSummary:
    """Summarise a marker of which some values are known only to lie below a limit.

    Such values are carried as what they are: each adds the probability of lying below its limit to the likelihood of a
    log-normal distribution [1]_. Zero, the limit or half of it in their place would bias mean and spread.

    Parameters
    ----------
    data : DataFrame
        One row a value.
    marker : str
        Column of positive values. One that lies below may be missing, zero, or the limit itself.
    limit : float or str, optional
        Limit of detection: a number, or a column with that of each row. Without `below`, values under it are below it.
    below : str, optional
        Column that is true where the value lies below the limit. Without `limit`, the marker holds the limit there.
    by : str, optional
        Column of groups.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    patient : str or None
        Column of patients; where a patient has several values, intervals are robust to that: errors are by the
        jackknife over patients, and t has the degrees of freedom of Satterthwaite [2]_ [3]_, fewer than patients less
        one where a few of them hold most of the values. In simulated trials of 10 to 40 patients, correlated by 0.2 or
        0.5 within them and with 0 to 60 % below the limit, 95 % limits of the mean held in 93 to 98 %.

    Returns
    -------
    CensoredSummary
        For each group `geometric_mean`, `mean`, `sd` and `geometric_sd` (the factor) by maximum likelihood, and
        `share_below_limit`. Of a group that lies below as a whole only the share is known.

    Raises
    ------
    DesignError
        If neither `limit` nor `below` is given, a limit or a value that is not below is not positive, or every value
        lies below.

    References
    ----------
    .. [1] Cohen AC. Technometrics 1959;1:217-237. Helsel DR. Statistics for censored environmental data. Wiley; 2012.
    .. [2] Satterthwaite FE. Biometrics Bull 1946;2:110-114.
    .. [3] Bell RM, McCaffrey DF. Surv Methodol 2002;28:169-181.

    Examples
    --------
    >>> counts = pd.DataFrame({"activity": [0.2, 0.0, 0.7, 1.1, 2.0, 3.9]})
    >>> result = censored_summary(counts, marker="activity", limit=0.5, patient=None)
    >>> round(result.estimate("geometric_mean").value, 2), result.estimate("share_below_limit").numerator
    (0.86, 2)
    """
    checked_fraction(confidence_level, "confidence_level")
    if limit is None and below is None:
        raise DesignError("give the limit of detection, or the column that says which values lie below it")
    if limit is not None and not isinstance(limit, str) and (isinstance(limit, bool) or not 0 < limit < np.inf):
        raise DesignError(f"limit is {limit!r}; give a positive number, or a column")
    sample, values, is_below = _select(data, marker, limit, below, by, patient)
    if is_below.all():
        raise DesignError("every value lies below the limit; nothing but that can be said of them")
    levels = ordered_levels(sample.frame[by]) if by else ("",)
    named = level_names(sample.frame[by]).to_numpy() if by else np.full(len(values), "")
    groups, lines = [], []
    for level in levels:
        own = named == level
        codes = sample.clusters[own]
        fit = fit_censored_lognormal(values[own], is_below[own], codes)
        groups.append(CensoredGroup(label=level, values=values[own], is_below=is_below[own], fit=fit))
        lines += _lines(groups[-1], codes, sample, marker_unit(marker), confidence_level)
    return CensoredSummary(
        estimates=tuple(lines),
        method=_method(sample, groups, limit, confidence_level),
        population=replace(sample.population, unit="value"),
        groups=tuple(groups),
        marker=marker,
    )


def _select(
    data: pd.DataFrame, marker: str, limit: float | str | None, below: str | None, by: str | None, patient: str | None
) -> tuple[Sample, NDArray[np.float64], NDArray[np.bool_]]:
    """Return the rows, their values or limits, and which lie below."""
    columns = [marker, *([limit] if isinstance(limit, str) else [])]
    sample = select_rows(
        data,
        numeric=columns,
        classes={below: None} if below else None,
        other=[by] if by else [],
        patient=patient,
        keep_missing=[marker] if below and limit is not None else [],
    )
    frame = sample.frame
    values = frame[marker].to_numpy(dtype=np.float64)
    if limit is None:
        limits = values
    else:
        limits = (
            frame[limit].to_numpy(dtype=np.float64) if isinstance(limit, str) else np.full(len(values), float(limit))
        )
    is_below = frame[below].to_numpy(dtype=bool) if below else values < limits
    if np.any(limits[is_below] <= 0):
        raise DesignError("a limit of detection is positive; where a value lies below it, give the limit")
    known = values[~is_below]
    wrong = known[~(known > 0)]
    if wrong.size:
        shown = "missing" if np.isnan(wrong[0]) else f"{wrong[0]:g}"
        raise DesignError(f"{marker!r} is {shown} in a row that is not below the limit; such values are positive")
    return sample, np.where(is_below, limits, values), is_below


def _lines(
    group: CensoredGroup, codes: NDArray[np.intp], sample: Sample, unit: str, confidence_level: float
) -> list[Estimate]:
    fit, of = group.fit, {"group": group.label} if group.label else {}
    n = len(group.is_below)
    n_patients = int(np.unique(codes).size) if sample.patients is not None else None
    mean = np.exp(fit.mu + fit.sigma**2 / 2)
    parts = (
        ("geometric_mean", np.exp(fit.mu), geometric_mean_interval(fit, confidence_level=confidence_level), unit),
        ("mean", mean, mean_interval(fit, confidence_level=confidence_level), unit),
        ("sd", mean * np.sqrt(np.expm1(fit.sigma**2)), (np.nan, np.nan), unit),
        (
            "geometric_sd",
            np.exp(fit.sigma),
            tuple(map(np.exp, sigma_interval(fit, confidence_level=confidence_level))),
            "",
        ),
    )
    lines = [
        Estimate(
            quantity=name,
            value=value,
            low=limits[0],
            high=limits[1],
            df=np.nan if name == "sd" else fit.df,  # the SD has no interval
            n=n,
            n_patients=n_patients,
            unit=u,
            of=of,
        )
        for name, value, limits, u in parts
    ]
    share = float(group.is_below.mean())
    return [
        *lines,
        Estimate(quantity="share_below_limit", value=share, n=n, n_patients=n_patients, unit="fraction", of=of),
    ]


def _method(sample: Sample, groups: list[CensoredGroup], limit: float | str | None, confidence_level: float) -> Method:
    nested = ", robust to nesting in patients" if sample.is_nested else ""
    how = " by the jackknife, with Satterthwaite's degrees of freedom" if sample.is_nested else ""
    notes = [*sample.notes, *_degrees_of_freedom(sample, groups)]
    for group in groups:
        where = f" of {group.label}" if group.label else ""
        if group.is_below.all():
            notes.append(f"Every value{where} lies below the limit, the highest limit being {max(group.values):g}.")
            continue
        if group.is_below.mean() > MOST_BELOW:
            notes.append(
                f"More than {MOST_BELOW:.0%} of the values{where} lie below the limit; the fit rests on the few others."
            )
        if np.isnan(group.fit.mu):
            notes.append(f"Fewer than two different values{where} are known, so that nothing is estimable.")
    return Method(
        name=f"maximum likelihood of a left-censored log-normal distribution, t intervals{nested}{how}",
        confidence_level=confidence_level,
        settings={
            "limit": limit,
            "clustered": sample.is_nested,
            "degrees_of_freedom": "Satterthwaite" if sample.is_nested else "values less one",
        },
        references=(COHEN_1959, HELSEL_2012, *((SATTERTHWAITE_1946, BELL_MCCAFFREY_2002) if sample.is_nested else ())),
        notes=tuple(notes),
        description=(
            "Values below the limit of detection were carried as such, not replaced by a number: mean, geometric mean "
            "and spread are those of a log-normal distribution fitted by maximum likelihood, with t "
            f"intervals{nested}{how}."
        ),
    )


def _degrees_of_freedom(sample: Sample, groups: list[CensoredGroup]) -> list[str]:
    """Say how many there are, where patients have several values."""
    told = [
        f"{group.fit.df:.1f}{f' of {group.label}' if group.label else ''}"
        for group in groups
        if np.isfinite(group.fit.df) and group.fit.df > 0
    ]
    if not sample.is_nested or not told:
        return []
    return [
        f"The t intervals have {' and '.join(told)} degrees of freedom: patients less one where each has as many "
        "values, fewer where some have many."
    ]
