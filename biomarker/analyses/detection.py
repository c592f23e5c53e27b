"""How often was it seen? The detection rate of lesions or patients, by group or time point."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import Positive, Sample, select_rows
from biomarker.analyses.result import Estimate, Method, Result
from biomarker.analyses.two_by_two import (
    INTERVAL_NAMES,
    NAIVE,
    NESTED_REFERENCES,
    NESTED_SENTENCE,
    checked_interval,
    few_patients_note,
    interval_name,
)
from biomarker.errors import DesignError, nearest
from biomarker.kernels.clustered_proportion import ONE_PATIENT, clustered_proportion
from biomarker.kernels.paired_proportions import (
    MCNEMAR_METHODS,
    HypothesisTest,
    cochran_q,
    mcnemar,
    paired_difference,
)
from biomarker.kernels.paired_tests import Side, difference, score_test
from biomarker.kernels.proportion import INTERVALS, proportion
from biomarker.references import (
    COCHRAN_1950,
    FAGERLAND_2013,
    MCNEMAR_1947,
    OBUCHOWSKI_1998,
    TANGO_1998,
    ZOU_DONNER_2008,
    Reference,
)
from biomarker.vocabulary import lower_label

YES = {"yes", "no"}


@dataclass(frozen=True, kw_only=True)
class DetectionRate(Result):
    """Detection rates, and where the same units were seen under every condition, tests between conditions.

    Attributes
    ----------
    detected : str
        Column.
    by : str, optional
        Column of groups or time points.
    groups : tuple
        Its values, in order.
    is_nested : bool
    n_units : int, optional
        Units with every condition, which the tests between conditions rest on.
    """

    detected: str
    by: str | None = None
    groups: tuple[Any, ...] = ()
    is_nested: bool = False
    n_units: int | None = None

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height in inches: taller with more groups."""
        return (3.46, max(1.5, 0.9 + 0.28 * len(self.groups)))

    @property
    def caption(self) -> str:
        """What the figure shows."""
        by = f" by {lower_label(self.by)}" if self.by else ""
        return f"Detection rate{by} with {100 * self.method.confidence_level:g}% confidence intervals."


def detection_rate(
    data: pd.DataFrame,
    *,
    detected: str,
    by: str | None = None,
    unit: str | list[str] | None = None,
    positive: Positive | None = None,
    interval: str = "wilson",
    test: str = "mid-p",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> DetectionRate:
    """Share of lesions, or patients, that were seen, in all or by group or time point.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient, and time point where there are several.
    detected : str
        Column: bool, 0/1 or yes/no, or any other with `positive`.
    by : str, optional
        Column of groups or time points.
    unit : str or list of str, optional
        Column or columns that name what is seen again under each value of `by`: a lesion at several times. The rates
        are then compared by Cochran's Q and, pair by pair, McNemar's test, over units with every condition.
    positive : value or list of values, optional
        What counts as detected.
    interval : str
        ``"wilson"`` (default), ``"clopper-pearson"``, ``"jeffreys"`` or ``"agresti-coull"``.
    test : str
        Form of McNemar's test: ``"mid-p"`` (default: neither conservative nor over its level), ``"exact"``,
        ``"asymptotic"`` or ``"corrected"``. With units nested in patients it is Obuchowski's clustered test instead.
    confidence_level : float
    patient : str or None
        Column of patients; where it repeats within a group, intervals allow for it.

    Returns
    -------
    DetectionRate
        ``detection_rate`` of each group (``of={"group": ...}``) and, without `by`, of all; with `unit` also
        ``detection_difference`` of each pair (``of={"comparison": "24 − 1"}``), and ``cochran_q``.

    Raises
    ------
    DesignError
        If `unit` is given without `by`, a unit has two rows under one condition, or no unit has every condition.

    Examples
    --------
    Patients with tumour uptake of a CD8 tracer, 10 of 15.

    >>> import pandas as pd
    >>> seen = pd.DataFrame({"detected": [True] * 10 + [False] * 5})
    >>> rate = detection_rate(seen, detected="detected", interval="clopper-pearson").estimate("detection_rate")
    >>> f"{100 * rate.value:.0f} % ({100 * rate.low:.0f}-{100 * rate.high:.0f})"
    '67 % (38-88)'
    """
    checked_interval(interval, confidence_level)
    if test not in MCNEMAR_METHODS:
        raise DesignError(
            f"no form of McNemar's test {test!r}{nearest(str(test), list(MCNEMAR_METHODS))}; "
            f"there are {', '.join(MCNEMAR_METHODS)}"
        )
    units = [unit] if isinstance(unit, str) else list(unit or ())
    if units and by is None:
        raise DesignError("unit tells what is seen again under each value of `by`: give by as well")
    patient = patient or None  # false in a study file
    sample = select_rows(
        data,
        classes={detected: _positive(data, detected, positive)},
        other=[column for column in dict.fromkeys([*([by] if by else []), *units]) if column != patient],
        patient=patient,
    )
    groups = _groups(sample.frame, by)
    options: dict[str, Any] = {"interval": interval, "confidence_level": confidence_level}
    found = [_rate(sample, detected, by, group, **options) for group in groups or (None,)]
    lines, notes = [line for line, _ in found], [note for _, note in found]
    is_nested = any(line.n_patients is not None and line.n_patients != line.n for line in lines)
    references: tuple[Reference, ...] = (INTERVAL_NAMES[interval][1], *(NESTED_REFERENCES if is_nested else ()))
    description = f"Detection rates are given with {INTERVAL_NAMES[interval][0]} intervals."
    n_units, compared = None, None
    if units:
        compared = _compared(sample, detected, str(by), units, groups, test=test, confidence_level=confidence_level)
        lines, notes, n_units = [*lines, *compared.lines], [*notes, compared.note], compared.n_units
        references, description = (*references, *compared.references), f"{description} {compared.description}"
    caution = few_patients_note(sample.n_patients, is_nested=is_nested)
    return DetectionRate(
        estimates=tuple(lines),
        method=Method(
            name=interval_name(interval, is_nested=is_nested),
            confidence_level=confidence_level,
            settings={"interval": interval} | ({"test": test} if units else {}),
            references=references,
            notes=(*sample.notes, *notes, caution),
            description=f"{description} {NESTED_SENTENCE}" if is_nested else description,
        ),
        population=sample.population,
        detected=detected,
        by=by,
        groups=groups,
        is_nested=is_nested,
        n_units=n_units,
    )


@dataclass(frozen=True, kw_only=True)
class _Compared:
    """What came out between conditions, and how."""

    lines: list[Estimate]
    n_units: int
    note: str
    references: tuple[Reference, ...]
    description: str


def _positive(data: pd.DataFrame, detected: str, positive: Positive | None) -> Positive | None:
    """Take yes/no for what it says; other words must be told."""
    if positive is None and isinstance(data, pd.DataFrame) and detected in data.columns:
        values = set(data[detected].dropna().unique())
        if "yes" in values and values <= YES:
            return "yes"
    return positive


def _groups(frame: pd.DataFrame, by: str | None) -> tuple[Any, ...]:
    """Return the values of `by`: categories in their order, numbers by size, words as they first appear."""
    if by is None:
        return ()
    column = frame[by]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(value for value in column.cat.categories if (column == value).any())
    values: list[Any] = pd.unique(column).tolist()
    return tuple(sorted(values)) if pd.api.types.is_numeric_dtype(column) else tuple(values)


def _rate(
    sample: Sample, detected: str, by: str | None, group: Hashable, *, interval: str, confidence_level: float
) -> tuple[Estimate, str]:
    """Return the line of one group, and a note where its interval is not what it seems."""
    inside = np.ones(len(sample.frame), bool) if by is None else (sample.frame[by] == group).to_numpy()
    seen = sample.frame[detected].to_numpy(bool)[inside]
    codes = None if sample.patients is None else np.unique(sample.patients[inside], return_inverse=True)[1]
    n_patients = None if codes is None else int(codes.max()) + 1
    of: dict[str, Any] = {} if by is None else {"group": group}
    plain = INTERVALS[interval](seen.sum(), len(seen), confidence_level=confidence_level)
    low, high, note = plain.low, plain.high, ""
    if codes is not None and n_patients is not None and n_patients < len(seen):
        found = clustered_proportion(
            np.bincount(codes, weights=seen), np.bincount(codes), interval=interval, confidence_level=confidence_level
        )
        low, high = found.low, found.high
        named = "" if by is None else f" of {by} {group}"
        note = f"Detection rate{named}: {found.reason}." if found.reason else ""
        if found.reason == ONE_PATIENT:
            low, high, of = plain.low, plain.high, of | NAIVE
            note = f"{note[:-1]}; the interval given is naive and takes its lesions as independent."
    line = Estimate(
        quantity="detection_rate",
        value=proportion(seen.sum(), len(seen)),
        low=low,
        high=high,
        n=len(seen),
        n_patients=n_patients,
        unit="fraction",
        of=of,
    )
    return line, note


def _compared(
    sample: Sample,
    detected: str,
    by: str,
    units: list[str],
    groups: tuple[Any, ...],
    *,
    test: str,
    confidence_level: float,
) -> _Compared:
    """Compare conditions over the units that have all of them."""
    seen, codes = _wide(sample, detected, by, units, groups)
    is_nested = codes is not None and int(codes.max()) + 1 < len(codes)
    patients = codes if is_nested else None
    lines = []
    if len(groups) > 2 and not is_nested:
        outcome = cochran_q(seen)
        lines.append(_tested("cochran_q", outcome.statistic, outcome, n=len(seen), of={}))
    for first, second in combinations(range(len(groups)), 2):
        later, earlier = seen[:, second], seen[:, first]
        found, outcome = _pair(later, earlier, patients, test=test, confidence_level=confidence_level)
        of = {"comparison": f"{groups[second]} − {groups[first]}"}
        lines.append(
            _tested("detection_difference", found.value, outcome, n=len(seen), of=of, low=found.low, high=found.high)
        )
    name = "each " + " and ".join(units)
    note = f"Conditions are compared over {len(seen)} units ({name}) with all {len(groups)} of them."
    if is_nested:
        return _Compared(
            lines=lines,
            n_units=len(seen),
            note=f"{note} Units are nested in patients, for which Cochran's Q does not hold; it is left out.",
            references=(OBUCHOWSKI_1998, ZOU_DONNER_2008),
            description="Conditions were compared pair by pair with a score test whose variance is between patients, "
            "and differences have limits combined from those of the two rates.",
        )
    return _Compared(
        lines=lines,
        n_units=len(seen),
        note=note,
        references=(COCHRAN_1950, MCNEMAR_1947, FAGERLAND_2013, TANGO_1998),
        description=f"Conditions were compared with Cochran's Q and pair by pair with McNemar's test ({test}); "
        "differences have Tango's score interval.",
    )


def _wide(
    sample: Sample, detected: str, by: str, units: list[str], groups: tuple[Any, ...]
) -> tuple[NDArray[np.bool_], NDArray[np.intp] | None]:
    """Return results by unit and condition, for units with every condition, and the patient codes of those units."""
    frame = sample.frame[[*units, by, detected]].assign(_patient=sample.clusters)
    keys = list(dict.fromkeys([*units, *(["_patient"] if sample.patients is not None else [])]))
    twice = frame.duplicated([*keys, by])
    if twice.any():
        row = frame[twice].iloc[0]
        named = ", ".join(f"{column} {row[column]}" for column in units)
        raise DesignError(f"{named} has two rows at {by} {row[by]}; unit must name one thing seen once each time")
    wide = frame.pivot_table(index=keys, columns=by, values=detected, aggfunc="first", observed=True)
    wide = wide.reindex(columns=list(groups)).dropna()
    if wide.empty:
        raise DesignError(f"no unit has a result under every value of {by!r}, so that they cannot be compared")
    codes = None if sample.patients is None else pd.factorize(wide.index.get_level_values("_patient"))[0]
    return wide.to_numpy(bool), codes


def _pair(
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    patients: NDArray[np.intp] | None,
    *,
    test: str,
    confidence_level: float,
) -> tuple[Any, HypothesisTest]:
    if patients is None:
        b, c = int((first & ~second).sum()), int((~first & second).sum())
        found = paired_difference(
            int((first & second).sum()), b, c, int((~first & ~second).sum()), confidence_level=confidence_level
        )
        return found, mcnemar(b, c, method=test)
    every = np.ones(len(first), bool)
    one, other = Side(first, every), Side(second, every)
    return difference(one, other, patients, confidence_level=confidence_level), score_test(one, other, patients)


def _tested(
    quantity: str,
    value: float,
    outcome: HypothesisTest,
    *,
    n: int,
    of: dict[str, Any],
    low: float = np.nan,
    high: float = np.nan,
) -> Estimate:
    return Estimate(
        quantity=quantity,
        value=value,
        low=low,
        high=high,
        statistic=outcome.statistic,
        df=outcome.df,
        p_value=outcome.p_value,
        n=n,
        of=of,
    )
