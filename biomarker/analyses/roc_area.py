"""Which variance an area under the ROC curve gets, and its line of estimates: shared by one curve and several."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit

from biomarker.analyses.population import Sample
from biomarker.analyses.result import Estimate, checked_fraction
from biomarker.errors import DesignError, IndependenceWarning, SmallSampleWarning, nearest
from biomarker.kernels.auc_interval import auc_interval, difference_test
from biomarker.kernels.delong import AucEstimate, delong, hanley_mcneil_variance
from biomarker.kernels.obuchowski import obuchowski, patient_counts
from biomarker.references import (
    DELONG_1988,
    HANLEY_MCNEIL_1982,
    NEWCOMBE_2006,
    OBUCHOWSKI_1997,
    PEPE_2003,
    Reference,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

VARIANCES = ("auto", "delong", "hanley-mcneil", "obuchowski", "obuchowski-uncorrected")
INTERVALS = ("logit", "wald")
_NAMES = {
    "delong": "DeLong variance",
    "hanley-mcneil": "Hanley-McNeil variance",
    "obuchowski": "Obuchowski variance for lesions nested in patients, corrected for leverage",
    "obuchowski-uncorrected": "Obuchowski variance for lesions nested in patients",
}
_REFERENCES = {
    "delong": DELONG_1988,
    "hanley-mcneil": HANLEY_MCNEIL_1982,
    "obuchowski": OBUCHOWSKI_1997,
    "obuchowski-uncorrected": OBUCHOWSKI_1997,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class AreaDesign:
    """How the variance of an area is made, and what it counts as independent units."""

    variance: str
    interval: Literal["logit", "wald"]
    confidence_level: float
    positive: Bools
    patients: NDArray[np.intp] | None  # None: rows are the units
    n_positive_units: int
    n_negative_units: int
    df: float
    is_naive: bool = False
    notes: tuple[str, ...] = ()

    @property
    def is_clustered(self) -> bool:
        """Whether patients, not rows, are the units."""
        return self.patients is not None

    @property
    def name(self) -> str:
        """The method, as a phrase."""
        t = f", t({self.df:g})" if np.isfinite(self.df) else ""
        return f"{_NAMES[self.variance]}, {'Wald' if self.interval == 'wald' else 'logit'} interval{t}"

    @property
    def references(self) -> tuple[Reference, ...]:
        """Papers behind variance and interval."""
        return (_REFERENCES[self.variance], *((PEPE_2003,) if self.interval == "logit" else ()))

    def description(self) -> str:
        """Return what a methods section says about variance and interval."""
        scale = "logit scale" if self.interval == "logit" else "plain scale (Wald)"
        if not self.is_clustered:
            level = f"{100 * self.confidence_level:g}%"
            return f"with a {_NAMES[self.variance]} and {level} confidence intervals on the {scale}"
        corrected = ", corrected for patients with many lesions," if self.variance == "obuchowski" else ""
        return (
            f"with the variance of Obuchowski for lesions nested in patients{corrected} and "
            f"{100 * self.confidence_level:g}% confidence intervals on the {scale} from Student's t with patients − 1 "
            "degrees of freedom"
        )


def choice(value: object, allowed: Sequence[str], argument: str) -> str:
    """Return `value` if it is one of the words allowed, or raise a DesignError that names the nearest."""
    if value not in allowed:
        raise DesignError(f"no {argument} {value!r}{nearest(str(value), allowed)}; there are {', '.join(allowed)}")
    return str(value)


def area_design(
    sample: Sample, positive: Bools, *, variance: str, interval: str, confidence_level: float
) -> AreaDesign:
    """Choose the variance: DeLong for independent rows, Obuchowski for rows nested in patients, unless told otherwise.

    Raises
    ------
    DesignError
        If the variance or interval is unknown or the confidence level is no fraction.
    """
    wanted = choice(variance, VARIANCES, "variance")
    scale = cast("Literal['logit', 'wald']", choice(interval, INTERVALS, "interval"))
    checked_fraction(confidence_level, "confidence_level")
    shared: dict[str, Any] = {"interval": scale, "confidence_level": confidence_level, "positive": positive}
    by_row: dict[str, Any] = {
        "patients": None, "n_positive_units": int(positive.sum()), "n_negative_units": int((~positive).sum()),
        "df": np.inf,
    }  # fmt: skip
    if wanted == "auto":
        wanted = "obuchowski" if sample.is_nested else "delong"
    if not wanted.startswith("obuchowski"):
        notes = (_ignored_nesting(_NAMES[wanted]),) if sample.is_nested else ()
        return AreaDesign(variance=wanted, notes=notes, is_naive=sample.is_nested, **shared, **by_row)
    counts = patient_counts(positive, sample.clusters)
    if min(counts.with_positive, counts.with_negative) < 2:
        which = "positive" if counts.with_positive < 2 else "negative"
        notes = (_one_patient(which),)
        return AreaDesign(variance="delong", notes=notes, is_naive=sample.is_nested, **shared, **by_row)
    return AreaDesign(
        variance=wanted,
        patients=sample.clusters,
        n_positive_units=counts.with_positive,
        n_negative_units=counts.with_negative,
        df=counts.patients - 1,
        **shared,
    )


def _ignored_nesting(name: str) -> str:
    sentence = (
        f"The {name} treats lesions of one patient as independent: the intervals are too narrow when they are alike."
    )
    warnings.warn(sentence, IndependenceWarning, stacklevel=4)
    return sentence


def _one_patient(which: str) -> str:
    sentence = (
        f"All {which} rows come from a single patient, so an interval that allows for nesting is not estimable: the "
        "interval given is naive, as if rows were independent."
    )
    warnings.warn(sentence, SmallSampleWarning, stacklevel=4)
    return sentence


def areas(design: AreaDesign, markers: ArrayLike, *, contrast: ArrayLike | None = None) -> AucEstimate:
    """Areas of markers that already point upwards, with their covariance by the design."""
    matrix = np.atleast_2d(np.asarray(markers, np.float64))
    if design.patients is not None:
        small_sample: Literal["leverage", "none"] = "leverage" if design.variance == "obuchowski" else "none"
        return obuchowski(matrix, design.positive, design.patients, contrast=contrast, small_sample=small_sample)
    return delong(matrix, design.positive, contrast=contrast)


def area_variance(design: AreaDesign, estimate: AucEstimate, position: int = 0) -> float:
    """Variance of one area; Hanley-McNeil's where that was asked for."""
    if design.variance == "hanley-mcneil":
        area = estimate.auc[position]
        return float(hanley_mcneil_variance(area, design.n_positive_units, design.n_negative_units))
    return float(estimate.covariance[position, position])


def area_line(design: AreaDesign, area: float, variance: float, population: Sample, **of: object) -> Estimate:
    """Return the line of an area: its interval, and its test against one half on the interval's scale."""
    interval = auc_interval(
        area,
        variance,
        n_positive=design.n_positive_units,
        n_negative=design.n_negative_units,
        df=design.df,
        confidence_level=design.confidence_level,
        method=design.interval,
    )
    usable = variance > 0 and 0 < area < 1
    distance, its_variance = area - 0.5, variance
    if usable and design.interval == "logit":
        distance, its_variance = float(logit(area)), variance / (area * (1 - area)) ** 2
    test = difference_test(distance, its_variance if usable else float("nan"), df=design.df)
    return Estimate(
        quantity="auc",
        value=area,
        low=interval.low,
        high=interval.high,
        statistic=test.statistic,
        df=test.df if np.isfinite(test.df) else float("nan"),
        p_value=test.p_value,
        n=design.positive.size,
        n_patients=population.n_patients,
        unit="fraction",
        of={**of, **({"interval": "naive"} if design.is_naive else {})},
    )


def bound_note(design: AreaDesign, area: float, variance: float, name: str = "The area") -> str:
    """Say when and why Newcombe's interval stands in, or nothing."""
    if variance > 0 and 0 < area < 1:
        return ""
    single = min(design.n_positive_units, design.n_negative_units) < 2
    if single:
        why = "rests on a single patient or row of one class, so it has no variance"
    elif area in (0, 1):
        why = f"is {area:g}, where its estimated variance is 0 whatever the number of patients"
    else:
        why = "has an estimated variance of 0, or none at all"
    sentence = f"{name} {why}: the interval is Newcombe's score interval (method 5), and there is no p-value."
    if single:
        warnings.warn(sentence, SmallSampleWarning, stacklevel=4)
    return sentence


def bound_references(notes: Sequence[str]) -> tuple[Reference, ...]:
    """Newcombe's paper, when one of the notes says that his interval was used."""
    return (NEWCOMBE_2006,) if any("Newcombe" in note for note in notes) else ()
