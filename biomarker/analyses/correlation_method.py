"""Which correlation, with which interval: names, papers and what a reader is told."""

from __future__ import annotations

import numpy as np

from biomarker.analyses.population import Sample
from biomarker.analyses.result import Method, seed_of
from biomarker.kernels.correlation import Correlation
from biomarker.kernels.correlation_exact import ALL_ORDERS_UP_TO
from biomarker.references import (
    BAKDASH_MARUSICH_2017,
    BEST_ROBERTS_1975,
    BONETT_WRIGHT_2000,
    EFRON_TIBSHIRANI_1993,
    FIELLER_1957,
    FISHER_1924,
    HESTERBERG_2015,
    KENDALL_1942,
    Reference,
)
from biomarker.vocabulary import lower_label

# the quantity each method estimates, how it is named in print, and the paper behind its interval
METHODS: dict[str, tuple[str, str, Reference]] = {
    "spearman": ("spearman_rho", "Spearman rank correlation", BONETT_WRIGHT_2000),
    "pearson": ("pearson_r", "Pearson correlation", FISHER_1924),
    "kendall": ("kendall_tau", "Kendall rank correlation (tau-b)", FIELLER_1957),
    "repeated_measures": ("repeated_measures_r", "repeated-measures correlation", BAKDASH_MARUSICH_2017),
}
INTERVALS = ("auto", "jackknife", "bootstrap", "fisher")
FEW = 10


def interval_phrase(interval: str, n_resamples: int, *, is_nested: bool) -> str:
    """Return how an interval is named in a footnote."""
    unit = "patient" if is_nested else "row"
    return {
        "fisher": "Fisher z intervals",
        "jackknife": f"intervals by leaving out each {unit} in turn (Fisher z, t with {unit}s − 1 degrees of freedom)",
        "bootstrap": f"percentile intervals, widened for few {unit}s, from {n_resamples:,} resamples of whole {unit}s",
    }[interval]


def interval_references(interval: str, own: Reference) -> tuple[Reference, ...]:
    """Return the papers behind an interval."""
    return {"fisher": (own,), "jackknife": (EFRON_TIBSHIRANI_1993,), "bootstrap": (HESTERBERG_2015,)}[interval]


def correlation_method(
    method: str,
    interval: str,
    controls: list[str],
    sample: Sample,
    notes: list[str],
    *,
    n_resamples: int,
    confidence_level: float,
    rng: int | np.random.Generator,
) -> Method:
    """Put the method of one correlation into words."""
    _, label, own = METHODS[method]
    phrase = interval_phrase(interval, n_resamples, is_nested=sample.is_nested)
    given = f", holding {', '.join(map(lower_label, controls))} constant," if controls else ""
    nested = " Lesions were treated as nested in patients." if sample.is_nested else ""
    is_resampled = interval == "bootstrap"
    partial = (KENDALL_1942,) if controls and method == "kendall" else ()
    return Method(
        name=f"{label}, {phrase}",
        confidence_level=confidence_level,
        settings={"method": method, "interval": interval, "partial": controls, "clustered": sample.is_nested},
        references=(*interval_references(interval, own), *partial, *_test_references(method, interval, controls)),
        seed=seed_of(rng) if is_resampled else None,
        n_resamples=n_resamples if is_resampled else None,
        notes=tuple(notes),
        description=f"{label[0].upper()}{label[1:]}{given} was estimated with {phrase}."
        f"{_test_sentence(method, interval, controls, len(sample.frame))}{nested}",
    )


def _test_references(method: str, interval: str, controls: list[str]) -> tuple[Reference, ...]:
    return (BEST_ROBERTS_1975,) if method == "spearman" and interval == "fisher" and not controls else ()


def _test_sentence(method: str, interval: str, controls: list[str], n: int) -> str:
    if method not in ("spearman", "kendall") or interval != "fisher" or controls or n > ALL_ORDERS_UP_TO:
        return ""
    return f" The p-value is exact, from all orders of the {n} rows."


def correlation_notes(found: Correlation, sample: Sample, columns: tuple[str, ...]) -> list[str]:
    """Say why a coefficient or its interval is not estimable."""
    if np.isnan(found.value):
        constant = [column for column in columns if np.ptp(sample.frame[column].to_numpy()) == 0]
        why = (
            f"{' and '.join(map(lower_label, constant))} does not vary" if constant else "nothing is left to correlate"
        )
        return [f"The correlation is not estimable: {why}."]
    if np.isnan(found.interval.low) and abs(found.value) == 1:
        return ["The coefficient is 1 in size, where Fisher's z is infinite: an interval is not estimable."]
    if np.isnan(found.interval.low):
        return ["There are too few rows or patients, or they agree too well without one of them, for an interval."]
    return []


def few_units_note(sample: Sample) -> str:
    """Say that an interval rests on few patients or rows, or nothing."""
    n_units = int(sample.clusters.max()) + 1
    unit = "row" if sample.patients is None else "patient"
    return f"The interval rests on {n_units} independent {unit}{'s' * (n_units != 1)} only." if n_units < FEW else ""
