"""Which rows test positive: a binary column, with indeterminate results told apart, or a marker at a cutoff."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import compress
from math import isfinite

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import Positive, Sample, as_class, require_columns, select_rows
from biomarker.analyses.result import Exclusion, Population
from biomarker.errors import DesignError
from biomarker.vocabulary import column_label


@dataclass(frozen=True, kw_only=True)
class Unsure:
    """The rows again, indeterminate ones among them: for either reading of these, the frame and the calls."""

    n: int
    frames: dict[str, tuple[Sample, NDArray[np.bool_]]]


def checked_test(index_test: str | None, marker: str | None, cutoff: float | None, indeterminate: object) -> str:
    """Return the column that makes the test; refuse arguments that do not fit one another."""
    if (index_test is None) == (marker is None):
        raise DesignError("give either index_test, a binary column, or marker with a cutoff")
    if index_test is not None:
        if cutoff is not None:
            raise DesignError("a cutoff goes with marker, not with index_test")
        return index_test
    if cutoff is None or isinstance(cutoff, bool | str) or not isfinite(cutoff):
        raise DesignError(f"cutoff is {cutoff!r}; give the number from which {marker!r} is positive")
    if indeterminate is not None:
        raise DesignError("indeterminate goes with index_test; a marker at a cutoff is positive or negative")
    return str(marker)


def marker_rows(
    data: pd.DataFrame,
    reference_standard: str,
    marker: str,
    cutoff: float | None,
    positive: Positive | None,
    higher_is_positive: bool,
    patient: str | None,
) -> tuple[Sample, NDArray[np.bool_], str]:
    """Return the rows of a marker, whether each is at or beyond the cutoff, and a note that says so."""
    sample = select_rows(data, numeric=[marker], classes={reference_standard: positive}, patient=patient)
    values = sample.frame[marker].to_numpy()
    called = values >= cutoff if higher_is_positive else values <= cutoff
    return sample, called, f"Positive test: {column_label(marker)} {'≥' if higher_is_positive else '≤'} {cutoff:g}."


def index_test_rows(
    data: pd.DataFrame,
    reference_standard: str,
    index_test: str,
    positive: Positive | None,
    test_positive: Positive | None,
    indeterminate: Positive | None,
    patient: str | None,
) -> tuple[Sample, NDArray[np.bool_], Unsure | None, str]:
    """Select rows, leaving those with an indeterminate test to a second and third selection."""

    def select(column: pd.Series, test_is: Positive | None) -> Sample:
        frame = data.copy(deep=False)
        frame[index_test] = column
        return select_rows(frame, classes={reference_standard: positive, index_test: test_is}, patient=patient)

    require_columns(data, [index_test])
    if index_test == reference_standard:
        raise DesignError(f"{index_test!r} is the reference standard and cannot be the test as well")
    if indeterminate is None:
        sample = select(data[index_test], test_positive)
        return sample, sample.frame[index_test].to_numpy(bool), None, ""
    wanted = list(indeterminate) if isinstance(indeterminate, list | tuple) else [indeterminate]
    is_unsure = data[index_test].isin(wanted)
    if not is_unsure.any():
        raise DesignError(f"{index_test!r} is never {', '.join(map(repr, wanted))}, which you call indeterminate")
    called, note = as_class(data[index_test].mask(is_unsure), test_positive)
    sample = select(called, None)
    before = [reference_standard, *([patient] if patient in data else [])]  # a row that lacks these is counted there
    lacks_test_only = called.isna().to_numpy() & data[before].notna().all(axis=1).to_numpy()
    unsure = is_unsure.to_numpy(bool)[lacks_test_only]
    sample = replace(sample, population=_told_apart(sample.population, index_test, unsure))
    readings = {
        f"as {word}": select(called.mask(is_unsure, word == "positive"), None) for word in ("positive", "negative")
    }
    frames = {how: (one, one.frame[index_test].to_numpy(bool)) for how, one in readings.items()}
    n = sum(exclusion.n for exclusion in sample.population.exclusions if "indeterminate" in exclusion.reason)
    return sample, sample.frame[index_test].to_numpy(bool), Unsure(n=n, frames=frames), note


def _told_apart(population: Population, index_test: str, unsure: NDArray[np.bool_]) -> Population:
    """Split the rows without a test result into indeterminate and missing ones: by place, for labels may repeat."""
    exclusions: list[Exclusion] = []
    for exclusion in population.exclusions:
        if exclusion.column != index_test:
            exclusions.append(exclusion)
            continue
        parts = {
            f"with {index_test} indeterminate": tuple(compress(exclusion.rows, unsure)),
            exclusion.reason: tuple(compress(exclusion.rows, ~unsure)),
        }
        exclusions += [Exclusion(reason=why, rows=rows, column=index_test) for why, rows in parts.items() if rows]
    return replace(population, exclusions=tuple(exclusions))
