"""Lesion rows to one row per patient: the rule is a choice of the analysis, so it is always named.

A lesion without a value is left out of its patient's aggregate and counted; a patient with no measured lesion has no
value. So a patient whose only measured lesion is cold counts as negative even where other lesions were not measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from biomarker.data.columns import numbers_of, require_columns
from biomarker.errors import DesignError, nearest

_COUNTS = ("n_lesions", "n_missing")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class LesionRule:
    """How the lesions of a patient become one value.

    Parameters
    ----------
    how : str
        ``max``, ``mean``, ``geometric_mean``, ``median``, ``min``, ``sum``, ``count``, ``hottest_k``,
        ``volume_weighted``, ``any_positive``, ``share_positive`` or ``pattern``.
    k : int
        Of ``hottest_k``: the mean of the k highest lesions, or of all where there are fewer.
    weights : str, optional
        Column of volumes: needed by ``volume_weighted``; with it, ``share_positive`` and ``pattern`` are shares of the
        volume, not of the number of lesions.
    cutoff : float, optional
        What makes a lesion positive; a marker of true and false needs none. With it ``count`` counts positive lesions.
    higher_is_positive : bool
        Whether a lesion is positive at or above the cutoff, or at or below it.
    dominant : float
        Of ``pattern``: the share above which positive lesions are the dominant part.
    """

    how: str = "max"
    k: int = 3
    weights: str | None = None
    cutoff: float | None = None
    higher_is_positive: bool = True
    dominant: float = 0.5

    def __post_init__(self) -> None:
        if self.how not in RULES:
            hint = nearest(self.how, list(RULES)) or f"; the rules are {', '.join(RULES)}"
            raise DesignError(f"unknown how = {self.how!r}{hint}")
        if not isinstance(self.k, int) or isinstance(self.k, bool) or self.k < 1:
            raise DesignError(f"k = {self.k!r} is not a whole number of lesions, 1 or more")
        if self.cutoff is not None and not (_is_number(self.cutoff) and math.isfinite(self.cutoff)):
            raise DesignError(f"cutoff = {self.cutoff!r} is not a number")
        if self.weights is not None and not isinstance(self.weights, str):
            raise DesignError(f"weights = {self.weights!r}; give the name of one column")
        if not _is_number(self.dominant) or not 0 <= self.dominant < 1:
            raise DesignError(f"dominant = {self.dominant!r} is not a share from 0 up to, not including, 1")
        if self.how == "volume_weighted" and not self.weights:
            raise DesignError('how = "volume_weighted" needs weights, the column of lesion volumes')

    @property
    def is_class(self) -> bool:
        """Whether the patient gets a class (yes or no, a pattern), not a number."""
        return self.how in ("any_positive", "pattern")

    def describe(self, marker: str) -> str:
        """Say the rule in words.

        Examples
        --------
        >>> LesionRule(how="hottest_k", k=3).describe("suvmax")
        'mean suvmax of the 3 hottest lesions'
        """
        sign = "≥" if self.higher_is_positive else "≤"
        # without a cutoff the marker is a reading of true and false: "any lesion detected"
        positive = marker.lower() if self.cutoff is None else f"with {marker} {sign} {self.cutoff:g}"
        share = f"share of {'volume' if self.weights else 'lesions'} {positive}"
        return {
            "max": f"highest {marker}",
            "mean": f"mean {marker}",
            "geometric_mean": f"geometric mean {marker}",
            "median": f"median {marker}",
            "min": f"lowest {marker}",
            "sum": f"sum of {marker}",
            "count": "number of measured lesions" if self.cutoff is None else f"number of lesions {positive}",
            "hottest_k": f"mean {marker} of the {self.k} hottest lesions",
            "volume_weighted": f"mean {marker} weighted by {self.weights}",
            "any_positive": f"any lesion {positive}",
            "share_positive": share,
            "pattern": f"pattern A to D by {share}: all, above {self.dominant:.0%}, less, none",
        }[self.how]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def aggregate_lesions(
    lesions: pd.DataFrame,
    *,
    marker: str,
    how: str = "max",
    patient: str = "patient_id",
    by: Sequence[str] = (),
    name: str | None = None,
    k: int = 3,
    weights: str | None = None,
    cutoff: float | None = None,
    higher_is_positive: bool = True,
    dominant: float = 0.5,
) -> pd.DataFrame:
    """Reduce lesion rows to one row per patient.

    Parameters
    ----------
    lesions : DataFrame
        One row per lesion.
    marker : str
        Column of the lesions' values: numbers; or true and false for the rules about positive lesions.
    how : str
        The rule: see `LesionRule`. The patterns follow the ZEPHIR trial: A, all lesions positive; B, the dominant
        part; C, a minor part; D, none.
    patient : str
        Column that says whose lesion it is. Rows without it are left out.
    by : sequence of str
        Columns that tell the scans of a patient apart: there is then one row per patient and scan, which a second call
        may reduce to the patient. Rows without them are left out.
    name : str, optional
        Name of the new column; ``marker_how`` by default.
    k : int
        How many of the hottest lesions "hottest_k" averages.
    weights : str, optional
        Column of weights, such as volumes, for "volume_weighted" and, where given, "share_positive" and "pattern".
    cutoff : float, optional
        From which a lesion is positive, for the rules about positive lesions.
    higher_is_positive : bool
        The direction of the cutoff.
    dominant : float
        Share of lesions above which the positive ones are the dominant part, for "pattern".

    Returns
    -------
    DataFrame
        One row per patient in the order they first appear: `patient`, `by`, `name`, ``n_lesions`` and ``n_missing``
        (lesions whose value, or weight where the rule weighs, is missing). Where none is measured, or those
        that are weigh nothing, the value is missing.

    Raises
    ------
    DesignError
        If a column or the rule is unknown, an argument the rule needs is lacking, or a geometric mean meets a value
        that is not positive.

    References
    ----------
    .. [1] Gebhart G, et al. Ann Oncol 2016;27:619-624 (patterns A to D).

    Examples
    --------
    >>> lesions = pd.DataFrame({"patient_id": ["02", "02", "06"], "suvmax": [13.1, 19.3, None]})
    >>> aggregate_lesions(lesions, marker="suvmax", how="max")
      patient_id  suvmax_max  n_lesions  n_missing
    0         02        19.3          2          0
    1         06         NaN          1          1
    """
    rule = LesionRule(
        how=how, k=k, weights=weights, cutoff=cutoff, higher_is_positive=higher_is_positive, dominant=dominant
    )
    return apply_rule(lesions, rule, marker=marker, patient=patient, name=name, by=by)


def apply_rule(
    lesions: pd.DataFrame,
    rule: LesionRule,
    *,
    marker: str,
    patient: str = "patient_id",
    name: str | None = None,
    by: Sequence[str] = (),
) -> pd.DataFrame:
    """Reduce lesion rows by a `LesionRule`: `aggregate_lesions` with the rule in one piece."""
    if isinstance(by, str):
        raise DesignError(f"by = {by!r}; give a list of columns, such as [{by!r}]")
    if not isinstance(lesions, pd.DataFrame):
        raise DesignError(f"lesions is {type(lesions).__name__}; give a DataFrame with one row per lesion")
    if not isinstance(marker, str):
        raise DesignError(f"marker = {marker!r}; give the name of one column")
    key = [patient, *by]
    name = name or f"{marker}_{rule.how}"
    if name in (*key, *_COUNTS):
        raise DesignError(f"name = {name!r} is a column of the result already; give another")
    require_columns(lesions, [*key, marker, *([rule.weights] if rule.weights else [])], key="aggregate_lesions")
    owned = lesions[lesions[key].notna().all(axis=1)]
    codes, patients = _keyed(owned, key)
    group = _Lesions(
        codes=codes,
        n_patients=len(patients),
        uptake=numbers_of(owned, marker, booleans=True),
        volumes=_volumes(owned, rule.weights),
        rule=rule,
        marker=marker,
    )
    n_lesions = np.bincount(codes, minlength=len(patients))
    return pd.DataFrame(
        {
            **{column: patients[column].array for column in key},
            name: RULES[rule.how](group),
            "n_lesions": n_lesions,
            "n_missing": n_lesions - group.totals(np.ones(len(codes))).astype(np.int64),
        }
    )


def _keyed(rows: pd.DataFrame, key: Sequence[str]) -> tuple[npt.NDArray[np.intp], pd.DataFrame]:
    """Return a code for the patient, or patient and scan, of each row, in order of appearance, and what they are."""
    codes = rows.groupby(list(key), sort=False, observed=True).ngroup().to_numpy().astype(np.intp)
    return codes, rows[list(key)].drop_duplicates()


def _volumes(lesions: pd.DataFrame, weights: str | None) -> Floats | None:
    if weights is None:
        return None
    volumes = numbers_of(lesions, weights)
    if (volumes < 0).any():
        raise DesignError(f"weights = {weights!r} holds a negative value")
    return volumes


@dataclass(frozen=True, kw_only=True, eq=False)
class _Lesions:
    """The lesions of all patients as arrays; `codes` says whose each is."""

    codes: npt.NDArray[np.intp]
    n_patients: int
    uptake: Floats
    volumes: Floats | None
    rule: LesionRule
    marker: str

    @property
    def measured(self) -> npt.NDArray[np.bool_]:
        """Lesions with a value, and with a volume where the rule weighs."""
        measured = ~np.isnan(self.uptake)
        weighed = self.volumes is not None and self.rule.how in ("volume_weighted", "share_positive", "pattern")
        return measured & ~np.isnan(self.volumes) if weighed and self.volumes is not None else measured

    def totals(self, amounts: Floats) -> Floats:
        """Sum `amounts` over the measured lesions of each patient."""
        measured = self.measured
        totals = np.bincount(self.codes[measured], weights=amounts[measured], minlength=self.n_patients)
        return totals.astype(np.float64)

    def shares(self, numerator: Floats, denominator: Floats) -> Floats:
        """Divide the patients' totals; NaN for a patient with nothing measured."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.totals(numerator) / self.totals(denominator)

    def reduced(self, method: str) -> Floats:
        """Reduce the measured lesions of each patient by a method of pandas' groupby."""
        measured = self.measured
        by_patient = pd.Series(self.uptake[measured]).groupby(self.codes[measured])
        reduced: Floats = getattr(by_patient, method)().reindex(range(self.n_patients)).to_numpy(dtype=float)
        return reduced

    def positive(self) -> Floats:
        """Return 1 for each positive lesion and 0 for each other."""
        rule = self.rule
        if rule.cutoff is None:
            if not np.isin(self.uptake[self.measured], (0.0, 1.0)).all():
                raise DesignError(f"how = {rule.how!r} needs a cutoff: {self.marker!r} is not of true and false")
            return self.uptake
        hot = self.uptake >= rule.cutoff if rule.higher_is_positive else self.uptake <= rule.cutoff
        return hot.astype(float)


def _mean(lesions: _Lesions) -> Floats:
    return lesions.shares(lesions.uptake, np.ones_like(lesions.uptake))


def _geometric_mean(lesions: _Lesions) -> Floats:
    impossible = int((lesions.uptake <= 0).sum())
    if impossible:
        raise DesignError(
            f"geometric_mean: {impossible} values of {lesions.marker!r} are not above zero and have no logarithm; "
            "leave them out by where, or take the median"
        )
    return np.exp(lesions.shares(np.log(lesions.uptake), np.ones_like(lesions.uptake)))


def _sum(lesions: _Lesions) -> Floats:
    return np.where(lesions.totals(np.ones_like(lesions.uptake)) > 0, lesions.totals(lesions.uptake), np.nan)


def _count(lesions: _Lesions) -> Floats:
    counted = np.ones_like(lesions.uptake) if lesions.rule.cutoff is None else lesions.positive()
    return lesions.totals(counted)


def _hottest(lesions: _Lesions) -> Floats:
    # rank the measured lesions from the hottest down within each patient
    order = np.lexsort((-lesions.uptake, lesions.codes))
    order = order[lesions.measured[order]]
    codes = lesions.codes[order]
    first = np.searchsorted(codes, codes)
    chosen = np.arange(len(codes)) - first < lesions.rule.k
    total = np.bincount(codes[chosen], weights=lesions.uptake[order][chosen], minlength=lesions.n_patients)
    with np.errstate(invalid="ignore"):  # nothing measured: 0/0 is the missing value
        return total / np.bincount(codes[chosen], minlength=lesions.n_patients)


def _volume_weighted(lesions: _Lesions) -> Floats:
    volumes = _weights(lesions)
    return lesions.shares(lesions.uptake * volumes, volumes)


def _weights(lesions: _Lesions) -> Floats:
    return np.ones_like(lesions.uptake) if lesions.volumes is None else lesions.volumes


def _share_positive(lesions: _Lesions) -> Floats:
    weights = _weights(lesions)
    return lesions.shares(lesions.positive() * weights, weights)


def _any_positive(lesions: _Lesions) -> pd.arrays.BooleanArray | npt.NDArray[np.bool_]:
    unmeasured = lesions.totals(np.ones_like(lesions.uptake)) == 0
    positive = lesions.totals(lesions.positive()) > 0
    return pd.arrays.BooleanArray(positive, unmeasured) if unmeasured.any() else positive


def _pattern(lesions: _Lesions) -> npt.NDArray[np.object_]:
    """Name the share of positive lesions as the ZEPHIR trial did."""
    weights = _weights(lesions)
    share = _share_positive(lesions)
    # all and none are told from the sums themselves: a quotient may miss 1 by a rounding
    positive, total = lesions.totals(lesions.positive() * weights), lesions.totals(weights)
    named = np.where(share > lesions.rule.dominant, "B", "C").astype(object)
    named[positive == total] = "A"
    named[positive == 0] = "D"
    named[np.isnan(share)] = np.nan
    return named


RULES: Mapping[str, Callable[[_Lesions], Any]] = {
    "max": lambda lesions: lesions.reduced("max"),
    "mean": _mean,
    "geometric_mean": _geometric_mean,
    "median": lambda lesions: lesions.reduced("median"),
    "min": lambda lesions: lesions.reduced("min"),
    "sum": _sum,
    "count": _count,
    "hottest_k": _hottest,
    "volume_weighted": _volume_weighted,
    "any_positive": _any_positive,
    "share_positive": _share_positive,
    "pattern": _pattern,
}
RULE_KEYS = tuple(field.name for field in fields(LesionRule) if field.name != "how")
