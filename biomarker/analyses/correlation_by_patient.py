"""Correlations with whole patients left out or resampled: who is a unit, and how many fit into memory at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.analyses.population import Sample
from biomarker.kernels.resampling import JACKKNIFE_GROUPS, chunk_size, jackknife_weights, patient_weights

Floats = NDArray[np.float64]
Resampled = Callable[[ArrayLike], Floats]  # weights of units, (B, K), to statistics, (B,) or (B, k)

FEWEST_LEFT_OUT = 3  # a jackknife of fewer patients has no spread to speak of
JACKKNIFE_CELLS, FEWEST_GROUPS = 50_000_000, 50  # a million rows are left out in 50 groups, not in a thousand


def units_of(sample: Sample, columns: Sequence[str]) -> NDArray[np.intp]:
    """Return a code for the independent unit of each row: its patient or, where rows stand for themselves, itself.

    Rows that stand for themselves are numbered by their values in `columns`, so that a resample does not depend on the
    order in which rows come; rows with the same values may change places.
    """
    if sample.patients is not None:
        return sample.patients
    order = np.lexsort([sample.frame[column].to_numpy() for column in reversed(columns)])
    codes = np.empty(order.size, np.intp)
    codes[order] = np.arange(order.size)
    return codes


def left_out(resampled: Resampled, n_units: int, n_rows: int) -> Floats:
    """Return a statistic without each unit in turn, or without each of fewer groups of units where rows are many."""
    most = min(JACKKNIFE_GROUPS, max(FEWEST_GROUPS, JACKKNIFE_CELLS // n_rows))
    chunks = jackknife_weights(n_units, max_groups=most, chunk=chunk_size(n_rows))
    return np.concatenate([resampled(weights) for weights in chunks])


def drawn(resampled: Resampled, n_units: int, n_rows: int, n_resamples: int, rng: int | np.random.Generator) -> Floats:
    """Return a statistic in resamples of whole units."""
    chunks = patient_weights(n_units, n_resamples, rng, chunk=chunk_size(n_rows))
    return np.concatenate([resampled(weights) for weights in chunks])
