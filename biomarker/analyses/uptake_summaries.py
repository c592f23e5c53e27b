"""The lines that summarise one group of uptake values: shared by every analysis that describes uptake."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.result import Estimate
from biomarker.kernels.describe import describe, geometric_mean, mean_interval

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

FEWEST_CLUSTERS = 3
PLAIN = ("sd", "se", "median", "q1", "q3", "minimum", "maximum")


def summary_lines(
    values: Floats, clusters: Codes, *, of: Mapping[str, object], unit: str, named: bool, confidence_level: float
) -> list[Estimate]:
    """Return mean, SD, SE, median, quartiles, range and geometric mean of one group.

    Intervals and the standard error allow for nesting of values in `clusters`. `named` says whether clusters are
    patients, to be counted. The geometric mean and its CV are NaN when a value is zero or negative.
    """
    n, n_clusters = values.size, int(np.unique(clusters).size)
    n_patients = n_clusters if named else None
    known = 1.0 if n_clusters >= FEWEST_CLUSTERS else np.nan

    def line(quantity: str, value: float, low: float = np.nan, high: float = np.nan, in_unit: str = unit) -> Estimate:
        return Estimate(
            quantity=quantity, value=value, low=low, high=high, n=n, n_patients=n_patients, unit=in_unit, of=of
        )

    summary = describe(values)
    mean = mean_interval(values, clusters, confidence_level=confidence_level)
    geometric = geometric_mean(values, clusters, confidence_level=confidence_level)
    plain = {name: getattr(summary, name) for name in PLAIN} | {"se": mean.se}
    return [
        line("mean", mean.mean, *(known * limit for limit in mean.interval)),
        *(line(name, value) for name, value in plain.items()),
        line("geometric_mean", geometric.mean, *(known * limit for limit in geometric.interval)),
        line("geometric_cv", geometric.cv, in_unit="fraction"),
    ]
