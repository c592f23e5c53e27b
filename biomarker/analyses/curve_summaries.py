"""From a quantity of each patient's curve to patients as a whole, and between groups of patients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from biomarker.analyses.result import Estimate
from biomarker.kernels.describe import geometric_mean, mean_interval
from biomarker.kernels.group_difference import two_sample_t

_OWN = ("patient", "lesion")  # what tells a curve from those it is summarised with


def summaries_over_curves(
    lines: Iterable[Estimate], *, arithmetic: Sequence[str] = (), confidence_level: float
) -> list[Estimate]:
    """Return, for each quantity and what else tells its lines apart, its mean, spread and range over curves.

    The mean is geometric with t limits of the logarithms, robust to several curves of a patient; it is arithmetic for
    the quantities named in `arithmetic`, and where a value is not positive; of those that are shares it is the mean of
    logits, transformed back. `of` then has ``summary``: "geometric mean", "mean" or "logit mean", "geometric CV" or
    "SD", "minimum", "maximum".
    """
    found = []
    for (quantity, rest), own in _gathered(lines).items():
        values = np.array([line.value for line in own])
        of = dict(rest)
        patients = np.unique(
            [str(line.of.get("patient", place)) for place, line in enumerate(own)], return_inverse=True
        )[1]
        count: dict[str, Any] = {"n": values.size, "n_patients": int(patients.max()) + 1}
        unit = own[0].unit
        is_log = quantity not in arithmetic and bool(np.all(values > 0))
        if is_log:
            with np.errstate(over="ignore"):  # two patients a world apart have limits beyond the range of numbers
                mean = geometric_mean(values, patients, confidence_level=confidence_level)
            centre, (low, high), spread, words = mean.mean, mean.interval, mean.cv, ("geometric mean", "geometric CV")
        elif unit == "fraction" and np.all((values > 0) & (values < 1)):
            plain = mean_interval(np.log(values / (1 - values)), patients, confidence_level=confidence_level)
            centre, low, high = (float(1 / (1 + np.exp(-x))) for x in (plain.mean, *plain.interval))
            spread, words = float(values.std(ddof=1)) if values.size > 1 else np.nan, ("logit mean", "SD")
        else:
            plain = mean_interval(values, patients, confidence_level=confidence_level)
            centre, (low, high), words = plain.mean, plain.interval, ("mean", "SD")
            spread = float(values.std(ddof=1)) if values.size > 1 else np.nan
        found.append(
            Estimate(
                quantity=quantity, value=centre, low=low, high=high, unit=unit, of=of | {"summary": words[0]}, **count
            )
        )
        spread_unit = "fraction" if is_log else unit
        found.append(
            Estimate(quantity=quantity, value=spread, unit=spread_unit, of=of | {"summary": words[1]}, **count)
        )
        for word, value in (("minimum", values.min()), ("maximum", values.max())):
            found.append(Estimate(quantity=quantity, value=value, unit=unit, of=of | {"summary": word}, **count))
    return found


def comparisons_of_groups(
    lines: Iterable[Estimate], groups: Sequence[str], quantities: Sequence[str], *, confidence_level: float
) -> list[Estimate]:
    """Compare each group with the first by the ratio of geometric means, Welch's test of the logarithms.

    A patient's curves count as their geometric mean, so that each patient counts once.
    """
    kept = [line for line in lines if line.quantity in quantities]
    gathered: dict[tuple[Any, ...], dict[str, dict[str, list[float]]]] = {}
    for (quantity, rest), own in _gathered(kept).items():
        group = dict(rest).get("group")
        key = (quantity, tuple(pair for pair in rest if pair[0] != "group"))
        for place, line in enumerate(own):
            patient = str(line.of.get("patient", place))
            gathered.setdefault(key, {}).setdefault(str(group), {}).setdefault(patient, []).append(line.value)
    found = []
    for (quantity, rest), by_group in gathered.items():
        for group in groups[1:]:
            first, second = (_logs(by_group.get(name, {})) for name in (group, groups[0]))
            if not first.size or not second.size or not np.isfinite([*first, *second]).all():
                continue
            test = two_sample_t(first, second, confidence_level=confidence_level)
            with np.errstate(over="ignore"):
                ratio, low, high = np.exp([test.difference, *test.interval])
            found.append(
                Estimate(
                    quantity="geometric_mean_ratio",
                    value=ratio,
                    low=low,
                    high=high,
                    statistic=test.statistic,
                    df=test.df,
                    p_value=test.p_value,
                    n_patients=first.size + second.size,
                    of={"term": quantity, **dict(rest), "group": group, "reference": groups[0]},
                )
            )
    return found


def _gathered(lines: Iterable[Estimate]) -> dict[tuple[str, tuple[tuple[str, Any], ...]], list[Estimate]]:
    """Return the lines with a value, by quantity and all that tells them apart but the curve itself."""
    found: dict[tuple[str, tuple[tuple[str, Any], ...]], list[Estimate]] = {}
    for line in lines:
        if np.isfinite(line.value):
            rest = tuple((key, value) for key, value in line.of.items() if key not in _OWN)
            found.setdefault((line.quantity, rest), []).append(line)
    return found


def _logs(by_patient: dict[str, list[float]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array([np.mean(np.log(values)) for values in by_patient.values()])
