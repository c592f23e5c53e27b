"""The error of a measurement, however a study states it: a CV, a repeatability coefficient, limits, or readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from biomarker.analyses.cutoff_performance import choice
from biomarker.analyses.population import require_columns, select_rows
from biomarker.analyses.repeatability import Repeatability
from biomarker.errors import DesignError, nearest
from biomarker.kernels.remeasurement import (
    MeasurementError,
    Scale,
    WithinVariation,
    error_from_percent_limits,
    error_from_percent_repeatability,
    error_from_readings,
    error_from_repeatability,
    error_from_within_cv,
)
from biomarker.vocabulary import column_label

FORMS = (
    "within_cv", "repeatability_coefficient", "percent_repeatability_coefficient", "percent_limits", "within_sd",
    "columns", "readings",
)  # fmt: skip
_ROW = "row of the table"
_ALLOWED = {"within_sd": ("scale",), "columns": ("scale",), "readings": ("scale", "value", "item")}


@dataclass(frozen=True, kw_only=True)
class StatedError:
    """A measurement error and where it comes from; `variation` where it was estimated from readings."""

    error: MeasurementError
    source: str
    variation: WithinVariation | None = None


def stated_error(repeatability: object, data: pd.DataFrame, patient: str | None) -> StatedError | None:
    """Return the error that `repeatability` states, or None where it is None.

    Parameters
    ----------
    repeatability : number, mapping, Repeatability or None
        A number is a within-lesion CV, a fraction; the result of a `repeatability` analysis brings its own error. A
        mapping has one of: ``within_cv``, ``repeatability_coefficient``
        (in the marker's unit), ``percent_repeatability_coefficient`` (a fraction), ``percent_limits`` (two fractions,
        such as [-0.28, 0.39]), ``within_sd`` (with ``scale``), ``columns`` (names of columns of `data` that hold
        readings of the same lesion, with ``scale``) or ``readings`` (a long DataFrame, with ``value``, ``item`` and
        ``scale``).
    data : DataFrame
        The lesions.
    patient : str or None
        Column of patients, in a table of readings too: lesions may be numbered anew in each.

    Raises
    ------
    DesignError
        If the mapping says nothing, too much, or what cannot be.
    """
    if repeatability is None:
        return None
    if isinstance(repeatability, Repeatability):
        return _from_result(repeatability)
    if isinstance(repeatability, int | float) and not isinstance(repeatability, bool):
        repeatability = {"within_cv": repeatability}
    if not isinstance(repeatability, Mapping):
        raise DesignError(f"repeatability is {repeatability!r}; give a within-lesion CV such as 0.12, or a mapping")
    given = dict(repeatability)
    form = _form(given)
    scale = cast("Scale", choice(given.get("scale", "log"), ("log", "raw"), "scale"))
    try:
        return _error(form, given, scale, data, patient)
    except DesignError:
        raise
    except (TypeError, ValueError) as fault:
        raise DesignError(f"repeatability: {form} = {given[form]!r}: {fault}") from fault


def _from_result(result: Repeatability) -> StatedError:
    """Take the error that a repeatability analysis has found, on its scale."""
    lines = {line.quantity: line for line in result.estimates if line.of.get("method") != "root mean square"}
    line = lines.get("within_cv" if result.scale == "log" else "within_sd")
    if line is None or not line.value > 0:
        raise DesignError(
            "the repeatability analysis found no error of measurement: no item was read twice by one reader, or "
            "repeated readings never differ"
        )
    is_log = result.scale == "log"
    error = error_from_within_cv(line.value) if is_log else MeasurementError(line.value, "raw")
    return StatedError(
        error=error, source=f"the repeatability of {column_label(result.value)} in {line.n} {result.item_word}s"
    )  # fmt: skip


def _form(given: Mapping[str, Any]) -> str:
    forms = [key for key in given if key in FORMS]
    known = (*FORMS, "scale", "value", "item")
    for key in given:
        if key not in known:
            raise DesignError(f"repeatability has no {key!r}{nearest(str(key), known)}; it has {', '.join(known)}")
    if len(forms) != 1:
        raise DesignError(f"repeatability needs exactly one of {', '.join(FORMS)}; it has {', '.join(forms) or 'none'}")
    extra = [key for key in given if key != forms[0] and key not in _ALLOWED.get(forms[0], ())]
    if extra:
        raise DesignError(f"repeatability by {forms[0]!r} takes no {', '.join(extra)}")
    return forms[0]


def _error(form: str, given: Mapping[str, Any], scale: Scale, data: pd.DataFrame, patient: str | None) -> StatedError:
    if form in ("columns", "readings"):
        return _from_readings(given, scale, data, patient)
    value = given[form]
    if form == "percent_limits":
        low, high = (float(limit) for limit in value)
        error = error_from_percent_limits(low, high)
        return StatedError(error=error, source=f"limits of change of {100 * low:+.3g}% and {100 * high:+.3g}%")
    number = float(value)
    if not (np.isfinite(number) and number > 0):
        raise DesignError(f"repeatability: {form} is {value!r}; give a positive number")
    if form in ("within_cv", "percent_repeatability_coefficient") and number > 2:
        raise DesignError(f"repeatability: {form} is {value!r}; give a fraction, such as 0.12 for 12%")
    return {
        "within_cv": lambda: StatedError(
            error=error_from_within_cv(number), source=f"a within-lesion CV of {100 * number:.3g}%"
        ),
        "repeatability_coefficient": lambda: StatedError(
            error=error_from_repeatability(number), source=f"a repeatability coefficient of {number:.3g}"
        ),
        "percent_repeatability_coefficient": lambda: StatedError(
            error=error_from_percent_repeatability(number),
            source=f"a repeatability coefficient of {100 * number:.3g}%",
        ),
        "within_sd": lambda: StatedError(
            error=MeasurementError(number, scale),
            source=f"a within-lesion SD of {number:.3g}{' of the natural logarithm' if scale == 'log' else ''}",
        ),
    }[form]()


def _from_readings(given: Mapping[str, Any], scale: Scale, data: pd.DataFrame, patient: str | None) -> StatedError:
    """Estimate the error from columns of readings side by side, or from a long table of them."""
    if "columns" in given:
        columns = list(given["columns"])
        if len(columns) < 2:
            raise DesignError("repeatability by columns needs two columns of readings or more")
        rows = data.assign(**{_ROW: np.arange(len(data))})  # every row stays, whichever of its readings are missing
        sample = select_rows(rows, numeric=columns, other=[_ROW], patient=None, keep_missing=columns)
        values = sample.frame[columns].to_numpy(float)
        items = np.repeat(np.arange(len(values)), len(columns))
        flat = values.ravel()
    else:
        missing = [key for key in ("value", "item") if key not in given]
        if missing:
            raise DesignError(f"repeatability by readings needs {' and '.join(missing)}, columns of that table")
        readings = given["readings"]
        require_columns(readings, [given["value"], given["item"]])
        sample = select_rows(readings, numeric=[given["value"]], other=[given["item"]], patient=patient)
        flat = sample.frame[given["value"]].to_numpy(float)
        # lesions may be numbered anew in each patient: L01 of one is not L01 of another
        owned = sample.frame.assign(owner=0 if sample.patients is None else sample.patients)
        items = owned.groupby(["owner", given["item"]], sort=False, observed=True).ngroup().to_numpy().astype(np.intp)
    known = np.isfinite(flat)
    found = error_from_readings(flat[known], items[known], scale)
    if found.error.sd == 0:
        raise DesignError("repeated readings never differ, so they show no measurement error")
    return StatedError(
        error=found.error,
        source=f"{found.n_items} lesions with repeated readings ({found.df} degrees of freedom)",
        variation=found,
    )
