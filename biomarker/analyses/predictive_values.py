"""Does a positive scan mean response? Predictive values, sensitivity and specificity of a 2x2 table."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from biomarker.analyses.population import Positive, require_both_classes, select_rows
from biomarker.analyses.result import Estimate, Method, Population, Result
from biomarker.kernels.proportion import INTERVALS
from biomarker.references import WILSON_1927


@dataclass(frozen=True, kw_only=True)
class PredictiveValues(Result):
    """Predictive values of a 2x2 table; `tp`, `fp`, `fn`, `tn` are its cells, in rows of the data."""

    tp: int
    fp: int
    fn: int
    tn: int
    reference_standard: str
    index_test: str
    cutoff: float | None = None


def predictive_values(
    data: pd.DataFrame,
    *,
    reference_standard: str,
    marker: str,
    cutoff: float,
    positive: Positive | None = None,
    higher_is_positive: bool = True,
    interval: str = "wilson",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> PredictiveValues:
    """First version, the lead's worked example of the contract; the binary-test helper completes it."""
    sample = select_rows(data, numeric=[marker], classes={reference_standard: positive}, patient=patient)
    truth = sample.frame[reference_standard]
    require_both_classes(truth, reference_standard, "sensitivity or specificity")
    values = sample.frame[marker]
    called = values >= cutoff if higher_is_positive else values <= cutoff
    cells = {
        "tp": int((called & truth).sum()),
        "fp": int((called & ~truth).sum()),
        "fn": int((~called & truth).sum()),
        "tn": int((~called & ~truth).sum()),
    }
    method = Method(
        name=f"{interval.capitalize()} intervals",
        confidence_level=confidence_level,
        settings={"cutoff": cutoff, "higher_is_positive": higher_is_positive, "interval": interval},
        references=(WILSON_1927,),
        notes=(*sample.notes, f"Positive: {marker} {'>=' if higher_is_positive else '<='} {cutoff:g}."),
    )
    return PredictiveValues(
        estimates=tuple(_proportions(**cells, interval=interval, confidence_level=confidence_level)),
        method=method,
        population=sample.population,
        reference_standard=reference_standard,
        index_test=marker,
        cutoff=cutoff,
        **cells,
    )


def _proportions(tp: int, fp: int, fn: int, tn: int, *, interval: str, confidence_level: float) -> list[Estimate]:
    fractions = {"sensitivity": (tp, tp + fn), "specificity": (tn, tn + fp), "ppv": (tp, tp + fp), "npv": (tn, tn + fn)}
    lines = []
    for quantity, (x, n) in fractions.items():
        low, high = INTERVALS[interval](x, n, confidence_level=confidence_level)
        value = x / n if n else float("nan")
        lines.append(Estimate(quantity=quantity, value=value, low=low, high=high, n=n, unit="fraction"))
    return lines
