"""What waterfall and spider share: checks on changes in percent, and lines for shares and medians of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.result import Estimate
from biomarker.analyses.two_by_two import NAIVE
from biomarker.errors import DesignError, Problem, SchemaError
from biomarker.kernels.clustered_proportion import clustered_proportion
from biomarker.kernels.median_interval import FEWEST_PATIENTS, median_interval
from biomarker.kernels.proportion import INTERVALS, proportion

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

ROUNDING = 1e-9  # 100 * (14 / 20 - 1) is a decrease of 30 %, whatever its last digit


def check_reference_lines(decrease: object, increase: object) -> None:
    """Raise a `DesignError` unless `decrease` lies from -100 to below 0, and `increase` above 0."""
    for name, value, low, high in (("decrease", decrease, -100.0, 0.0), ("increase", increase, 0.0, np.inf)):
        is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not (is_number and low <= float(value) <= high and value != 0):  # type: ignore[arg-type]
            example = "-30" if name == "decrease" else "20"
            raise DesignError(
                f"{name} is {value!r}; give a change in percent, {'below' if high == 0 else 'above'} 0: {example}"
            )


def check_changes(changes: pd.Series) -> str:
    """Refuse changes below -100 %, and return a note where changes look like fractions."""
    problems = [
        Problem(
            rule="is below -100 %: a size cannot fall by more than itself",
            row=int(label) if isinstance(label, int | np.integer) else None,
            column=str(changes.name),
            value=f"{value:g}",
        )
        for label, value in changes[changes < -100 - ROUNDING].items()
    ]
    if problems:
        raise SchemaError(problems)
    if len(changes) > 2 and 0 < changes.abs().max() <= 1:
        return "No change is larger than 1 in size: changes are to be in percent, -30 for a decrease of 30%."
    return ""


def fell(changes: Floats, decrease: float) -> NDArray[np.bool_]:
    """Say which changes are a decrease of at least that much."""
    return np.asarray(changes <= decrease + ROUNDING)


def rose(changes: Floats, increase: float) -> NDArray[np.bool_]:
    """Say which changes are an increase of at least that much."""
    return np.asarray(changes >= increase - ROUNDING)


def nested_codes(codes: Codes | None) -> Codes | None:
    """Return patient codes 0 .. K-1 where a patient has more than one row, else None."""
    if codes is None:
        return None
    labels, again = np.unique(codes, return_inverse=True)
    return again if labels.size < codes.size else None


def share_line(
    quantity: str,
    hits: NDArray[np.bool_],
    codes: Codes | None,
    *,
    interval: str,
    confidence_level: float,
    of: Mapping[str, Any],
) -> Estimate:
    """Return the share of rows, or of lesions nested in patients, with its interval."""
    plain = INTERVALS[interval](hits.sum(), hits.size, confidence_level=confidence_level)
    low, high, labelled = plain.low, plain.high, dict(of)
    nested = nested_codes(codes)
    if nested is not None and nested.max() == 0:
        labelled |= NAIVE
    elif nested is not None:
        counts = np.bincount(nested, weights=hits), np.bincount(nested)
        found = clustered_proportion(*counts, interval=interval, confidence_level=confidence_level)
        low, high = found.low, found.high
    return Estimate(
        quantity=quantity,
        value=proportion(hits.sum(), hits.size),
        low=float(low),
        high=float(high),
        n=hits.size,
        n_patients=None if codes is None else np.unique(codes).size,
        unit="fraction",
        of=labelled,
    )


def median_line(
    quantity: str, values: Floats, codes: Codes | None, *, unit: str, confidence_level: float, of: Mapping[str, Any]
) -> Estimate:
    """Return the median with its interval."""
    nested = nested_codes(codes)
    labelled = dict(of)
    if nested is not None and nested.max() + 1 < FEWEST_PATIENTS:
        nested, labelled = None, labelled | NAIVE
    low, high = median_interval(values, nested, confidence_level=confidence_level)
    return Estimate(
        quantity=quantity,
        value=float(np.median(values)),
        low=low,
        high=high,
        n=values.size,
        n_patients=None if codes is None else np.unique(codes).size,
        unit=unit,
        of=labelled,
    )


def naive_note(lines: list[Estimate]) -> str:
    """Say that intervals of one or two patients are naive, or nothing."""
    if not any(line.of.get("interval") == "naive" for line in lines):
        return ""
    return (
        "Lesions of too few patients have no interval that honours nesting; those labelled naive take lesions as "
        "independent."
    )
