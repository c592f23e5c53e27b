"""Lines of an intraclass correlation: by mean squares or by REML, with patients, readers and sessions told apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.reading_rows import ReadingRows
from biomarker.analyses.result import Estimate
from biomarker.kernels.icc import icc_estimate, icc_with_interval, mean_squares, variance_components
from biomarker.kernels.icc import intraclass_correlation as icc_with_test
from biomarker.kernels.icc_nested import leave_one_patient_out, nested_interval, patient_mean_icc, within_patient_icc
from biomarker.kernels.icc_reml import crossed_components, icc_from_components, reading_sums
from biomarker.kernels.icc_unbalanced import random_reader_interval, ratio_interval, ratio_test
from biomarker.kernels.variance_components import nested_and_crossed
from biomarker.vocabulary import marker_unit

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of every form: the names of the forms, how they are estimated, and against which null value."""

    forms: dict[str, str]  # as asked for, and in the notation of Shrout and Fleiss
    by_reml: bool
    complete_only: bool
    null_value: float
    confidence_level: float
    n_draws: int = 16_384  # of generalised intervals


@dataclass(frozen=True, kw_only=True, eq=False)
class Readings:
    """The table of one value: items by readers, NaN where there is no reading."""

    grid: Floats
    patients: NDArray[np.intp] | None
    patient_names: tuple[str, ...]
    item_word: str

    @classmethod
    def of(cls, rows: ReadingRows, grid: Floats) -> Readings:
        """Return the items of `grid` that two readers have read."""
        used = (~np.isnan(grid)).sum(axis=1) > 1
        patients, names = None, rows.patient_names
        if rows.patients is not None:
            known, patients = np.unique(rows.patients[used], return_inverse=True)
            names = tuple(rows.patient_names[code] for code in known)
        return cls(grid=grid[used], patients=patients, patient_names=names, item_word=rows.item_word)

    @property
    def n_patients(self) -> int | None:
        """Patients, or None where no column names them."""
        return None if self.patients is None or not self.patients.size else int(self.patients.max()) + 1

    @property
    def is_nested(self) -> bool:
        """Whether a patient has more than one item."""
        return self.n_patients is not None and self.n_patients < len(self.grid)

    @property
    def is_complete(self) -> bool:
        """Whether every reader has read every item."""
        return not np.isnan(self.grid).any()

    @property
    def read_by_all(self) -> NDArray[np.bool_]:
        """Which items every reader has read."""
        return np.asarray(~np.isnan(self.grid).any(axis=1), dtype=bool)

    @property
    def counts(self) -> dict[str, Any]:
        """Items and patients, as an `Estimate` takes them."""
        return {"n": len(self.grid), "n_patients": self.n_patients}


def form_lines(readings: Readings, question: Question) -> tuple[list[Estimate], list[str]]:
    """One line a form with its interval and test; where items are nested, four more on what patients make of it."""
    lines, notes = [], []
    for name, form in question.forms.items():
        line, remarks = _one_form(readings, question, name, form)
        if readings.is_nested:
            lines += [*_nested_lines(readings, question, line, form), *_patient_lines(readings, question, name, form)]
        else:
            lines.append(line)
        notes += remarks
    unknown = [line for line in lines if line.quantity == "icc" and np.isnan(line.low) and not np.isnan(line.value)]
    if readings.is_nested and unknown:
        notes.append(_not_estimable(readings))
    return lines, notes + (_within_notes(lines, readings.item_word) if not unknown else [])


def _not_estimable(readings: Readings) -> str:
    word = readings.item_word
    return (
        f"Too few patients to tell how their {word}s go together: no interval that honours nesting can be estimated, "
        f"only the naive one, as if {word}s were independent."
    )


def _one_form(readings: Readings, question: Question, name: str, form: str) -> tuple[Estimate, list[str]]:
    """Return the line that takes items for independent."""
    numbers = _by_reml(readings, question, form) if question.by_reml else _by_mean_squares(readings, question, form)
    line = Estimate(quantity="icc", of=_of(name, form), **numbers, **readings.counts)
    return line, _form_notes(line.value, name, readings)


def _of(name: str, form: str) -> dict[str, str]:
    return {"form": name} if name == form else {"form": name, "shrout_fleiss": form}


def _by_mean_squares(readings: Readings, question: Question, form: str) -> dict[str, Any]:
    f = icc_with_test(
        readings.grid, form, confidence_level=question.confidence_level, null_value=question.null_value
    )  # fmt: skip
    return {
        "value": f.icc, "low": f.low, "high": f.high, "statistic": f.f, "df": (f.df1, float(f.df2)),
        "p_value": f.p_value,
    }  # fmt: skip


def _by_reml(readings: Readings, question: Question, form: str) -> dict[str, Any]:
    model, k = int(form[4]), readings.grid.shape[1]
    nan = float("nan")
    # no likelihood where readers agree exactly: items differ, or do not
    if np.all(np.nanmax(readings.grid, axis=1) == np.nanmin(readings.grid, axis=1)):
        icc = nan if np.nanmax(readings.grid) == np.nanmin(readings.grid) else 1.0
        return {"value": icc, "low": icc, "high": icc}
    sums = reading_sums(readings.grid)
    null = question.null_value
    if form[6] == "k":  # the same hypothesis, of a single reading
        null = null / (k - (k - 1) * null)
    f = ratio_test(sums, 3 if model == 2 else model, null_value=null)
    test: dict[str, Any] = {"statistic": f.statistic, "df": (f.df1, f.df2), "p_value": f.p_value}
    if model == 2:
        drawn = random_reader_interval(
            sums, null_value=null, confidence_level=question.confidence_level, n_draws=question.n_draws
        )
        low, high = drawn.low, drawn.high
        if null > 0:
            test = {"p_value": drawn.p_value}
    else:
        limits = ratio_interval(sums, model, confidence_level=question.confidence_level)
        low, high = float(limits.low[0]), float(limits.high[0])
    if form[6] == "k":
        low, high = (k * rho / (1 + (k - 1) * rho) if (k - 1) * rho > -1 else -np.inf for rho in (low, high))
    icc = float(icc_from_components(crossed_components(sums, model), form, k)[0])
    return {"value": icc, "low": low, "high": high, **test}


def _nested_lines(readings: Readings, question: Question, naive: Estimate, form: str) -> list[Estimate]:
    if readings.patients is None:
        return []
    low, high = nested_interval(
        readings.grid, readings.patients, form, confidence_level=question.confidence_level
    )  # fmt: skip
    if np.isnan(naive.value):
        low = high = float("nan")
    counts = readings.counts
    test: dict[str, Any] = {"statistic": naive.statistic, "df": naive.df, "p_value": naive.p_value}
    return [
        Estimate(quantity="icc", value=naive.value, low=low, high=high, of=naive.of, **counts),
        Estimate(
            quantity="icc_naive", value=naive.value, low=naive.low, high=naive.high,
            of={**naive.of, "interval": "naive"}, **test, **counts,
        ),
    ]  # fmt: skip


def _patient_lines(readings: Readings, question: Question, name: str, form: str) -> list[Estimate]:
    """Lines of patients' means, of lesions within patients, and the range when each patient is left out."""
    if readings.patients is None:
        return []
    everyone, level = readings.read_by_all, question.confidence_level
    lines = []
    if everyone.sum() > 1:
        table, patient = readings.grid[everyone], readings.patients[everyone]
        for quantity, found in (
            ("icc_patient_means", patient_mean_icc(table, patient, form, confidence_level=level)),
            ("icc_within_patients", within_patient_icc(table, patient, form, confidence_level=level)),
        ):
            counts: dict[str, Any] = {"n": found.n_items, "n_patients": found.n_patients}
            of = _of(name, form)
            lines.append(
                Estimate(quantity=quantity, value=found.icc, low=found.low, high=found.high, of=of, **counts)
            )  # fmt: skip
    without = leave_one_patient_out(readings.grid, readings.patients, form)
    if np.isfinite(without).any():
        whole = _whole_icc(readings, question, form)
        most = int(np.nanargmax(np.abs(without - whole))) if not np.isnan(whole) else 0
        lines.append(
            Estimate(
                quantity="icc_leave_one_patient_out", value=without[most], low=np.nanmin(without),
                high=np.nanmax(without), of={**_of(name, form), "without": readings.patient_names[most]},
                **readings.counts,
            )
        )  # fmt: skip
    return lines


def _within_notes(lines: list[Estimate], word: str) -> list[str]:
    within = [line for line in lines if line.quantity == "icc_within_patients" and not np.isnan(line.value)]
    if not any(np.isnan(line.low) for line in within):
        return []
    if within[0].n_patients == 1:
        return [f"Only one patient has several {word}s, so the ICC within patients has no interval."]
    return ["The ICC within patients has no interval: it is not defined once some patient is left out."]


def _whole_icc(readings: Readings, question: Question, form: str) -> float:
    if question.by_reml:
        sums = reading_sums(readings.grid)
        return float(icc_from_components(crossed_components(sums, int(form[4])), form, readings.grid.shape[1])[0])
    return float(icc_estimate(mean_squares(readings.grid), form))


def _form_notes(icc: float, name: str, readings: Readings) -> list[str]:
    if np.isnan(icc):
        nothing = np.nanmax(readings.grid) == np.nanmin(readings.grid)
        why = "the readings do not vary" if nothing else "the variance of a mean reading comes out negative"
        return [f"{name} is not defined: {why}."]
    if icc == 1:
        return ["Readers agree exactly, so the interval has no width."]
    if icc < 0:
        word = readings.item_word
        return [f"{name} is below 0: readers differ more on one {word} than {word}s differ."]
    return []


def feature_lines(rows: ReadingRows, question: Question, columns: tuple[str, ...]) -> tuple[list[Estimate], list[str]]:
    """One line a feature and form: all complete and independent features at once, the others one by one."""
    grid = rows.grid()
    complete = ~np.isnan(grid).any(axis=(0, 1))
    at_once = complete & (not rows.is_nested) & (not question.by_reml)
    lines: dict[tuple[int, str], Estimate] = {}
    counts: dict[str, Any] = {"n": rows.n_items, "n_patients": rows.n_patients}
    places = np.flatnonzero(at_once)
    ms = mean_squares(grid[:, :, places]) if places.size else None
    for name, form in question.forms.items():
        if ms is None:
            break
        found = icc_with_interval(
            ms, form, confidence_level=question.confidence_level, null_value=question.null_value
        )  # fmt: skip
        df2 = np.broadcast_to(found.df2, places.shape).tolist()
        parts = (found.icc, found.low, found.high, found.f, found.p_value)
        listed = zip(places.tolist(), *(part.tolist() for part in parts), df2, strict=True)
        for place, icc, low, high, f, p_value, df in listed:
            lines[place, name] = Estimate(
                quantity="icc", value=icc, low=low, high=high, statistic=f, df=(found.df1, df), p_value=p_value,
                of={"feature": columns[place], **_of(name, form)}, **counts,
            )  # fmt: skip
    unread = []
    for place in np.flatnonzero(~at_once).tolist():
        one = Readings.of(rows, _read_by_all(grid[:, :, place]) if question.complete_only else grid[:, :, place])
        if not _can_be_estimated(one):
            unread.append(columns[place])
            continue
        alone = replace(question, by_reml=question.by_reml or not one.is_complete, n_draws=4096)
        for name, form in question.forms.items():
            line, _ = _one_form(one, alone, name, form)
            if one.is_nested:
                line = _nested_lines(one, alone, line, form)[0]
            lines[place, name] = replace(line, of={"feature": columns[place], **line.of})
    notes = [f"No two items of {', '.join(unread)} were read by two readers."] if unread else []
    notes += _feature_notes(list(lines.values()), int((~complete).sum()) - len(unread))
    ordered = [(place, name) for place in range(len(columns)) for name in question.forms]
    return [lines[key] for key in ordered if key in lines], notes


def _read_by_all(grid: Floats) -> Floats:
    return np.where(np.isnan(grid).any(axis=1, keepdims=True), np.nan, grid)


def _can_be_estimated(readings: Readings) -> bool:
    return len(readings.grid) > 1 and int((~np.isnan(readings.grid)).any(axis=0).sum()) > 1


def _feature_notes(lines: list[Estimate], n_incomplete: int) -> list[str]:
    undefined = sorted({str(line.of["feature"]) for line in lines if np.isnan(line.value)})
    notes = []
    if undefined:
        shown = ", ".join(undefined[:5]) + (f" and {len(undefined) - 5} more" if len(undefined) > 5 else "")
        notes.append(f"The ICC is not defined for {shown}: the readings do not vary, or a variance comes out negative.")
    if n_incomplete > 0:
        one = n_incomplete == 1
        notes.append(
            f"{n_incomplete} feature{'' if one else 's'} {'lacks' if one else 'lack'} readings and "
            f"{'was' if one else 'were'} estimated by REML."
        )
    return notes


def component_lines(readings: Readings, question: Question, value: str) -> tuple[list[Estimate], list[str]]:
    """Variance of patients (where nested), items, readers and residual, each with its share."""
    grid = readings.grid
    if np.nanmax(grid) == np.nanmin(grid):
        parts = dict.fromkeys((readings.item_word, "reader", "residual"), 0.0)
        return component_estimates(parts, readings.counts, value), []
    if readings.is_nested and readings.patients is not None and np.unique(readings.patients).size > 1:
        item, reader = np.nonzero(~np.isnan(grid))
        fit = nested_and_crossed(grid[item, reader], [readings.patients[item], item], [reader])
        parts = dict(zip(("patient", readings.item_word, "reader", "residual"), fit.variances.tolist(), strict=True))
        return component_estimates(parts, readings.counts, value), []
    if question.by_reml:
        fitted = crossed_components(reading_sums(grid), 2)
        parts = {readings.item_word: fitted.item[0], "reader": fitted.reader[0], "residual": fitted.residual[0]}
        return component_estimates(parts, readings.counts, value), []
    ms = mean_squares(grid)
    by_moments = variance_components(ms)
    parts = {readings.item_word: by_moments.item, "reader": by_moments.reader, "residual": by_moments.residual}
    negative = [
        name for name, square in ((readings.item_word, ms.items), ("reader", ms.readers)) if square < ms.residual
    ]
    notes = [f"The variance between {name}s came out negative and is set to 0." for name in negative]
    return component_estimates(parts, readings.counts, value), notes


def component_estimates(parts: dict[str, float], counts: dict[str, Any], value: str) -> list[Estimate]:
    """Return a line for each variance and one for its share of the total."""
    total, unit = sum(parts.values()), marker_unit(value)
    squared = f"({unit})²" if unit else ""
    variances = [
        Estimate(quantity="variance_component", value=part, of={"component": name}, unit=squared, **counts)
        for name, part in parts.items()
    ]
    return variances + [
        Estimate(
            quantity="variance_share", value=part / total if total > 0 else float("nan"), of={"component": name},
            unit="fraction", **counts,
        )
        for name, part in parts.items()
    ]  # fmt: skip
