"""Results are frozen, print themselves, and give the same columns whatever the analysis."""

import pickle
from dataclasses import FrozenInstanceError, dataclass
from math import isnan, nan

import numpy as np
import pytest

from biomarker.analyses.result import COLUMNS, Estimate, Exclusion, Method, Population, Result, seed_of
from biomarker.errors import DesignError


@dataclass(frozen=True, kw_only=True)
class Plain(Result):
    """A result with nothing of its own."""


def plain(*estimates):
    return Plain(estimates=estimates, method=Method(name="none"), population=Population(rows_in=3, rows_used=3))


def test_estimates_hold_python_numbers_and_nan_where_undefined():
    line = Estimate(quantity="auc", value=np.float64(0.7), n=np.int64(4), of={"time": np.int64(24)})
    assert type(line.value) is float
    assert type(line.n) is int
    assert type(line.of["time"]) is int
    assert isnan(line.low)


def test_results_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Estimate(quantity="auc", value=0.5).value = 0.9
    with pytest.raises(TypeError):
        Estimate(quantity="auc", value=0.5, of={"a": 1}).of["a"] = 2


def test_frames_have_the_same_columns_even_when_empty():
    assert tuple(plain().to_frame().columns) == COLUMNS
    frame = plain(Estimate(quantity="icc", value=0.5, df=(3, 10), of={"form": "ICC(2,1)"})).to_frame()
    assert frame.loc[0, "of"] == {"form": "ICC(2,1)"}
    assert frame.loc[0, "df"] == (3.0, 10.0)


def test_one_line_is_found_by_what_tells_it_apart():
    result = plain(
        *(Estimate(quantity="rate", value=value, of={"group": group}) for group, value in [("a", 0.1), ("b", 0.2)])
    )
    assert result.estimate("rate", group="b").value == 0.2
    with pytest.raises(DesignError, match="tell them apart"):
        result.estimate("rate")
    with pytest.raises(DesignError, match="did you mean 'rate'"):
        result.estimate("rates")


def test_the_numerator_of_a_proportion():
    assert Estimate(quantity="ppv", value=25 / 30, n=30, unit="fraction").numerator == 25
    assert Estimate(quantity="ppv", value=nan, n=0, unit="fraction").numerator == 0
    with pytest.raises(ValueError, match="no proportion"):
        _ = Estimate(quantity="auc", value=0.7, n=30).numerator


def test_every_row_is_used_or_excluded():
    with pytest.raises(ValueError, match="3 rows in, but 1 used and 1 left out"):
        Population(rows_in=3, rows_used=1, exclusions=(Exclusion(reason="x", rows=(1,)),))


def test_the_population_reads_as_a_sentence():
    gone = Exclusion(reason="with suvmax missing", rows=(27, 28), column="suvmax")
    population = Population(
        rows_in=44, rows_used=42, patients_in=15, patients_used=14, exclusions=(gone,), unit="lesion"
    )
    assert population.sentence() == (
        "42 lesions in 14 patients analysed, of 44 lesions in 15 patients; excluded: 2 with SUVmax missing."
    )
    assert Population(rows_in=1, rows_used=1, patients_in=1, patients_used=1, unit="patient").sentence() == (
        "1 patient analysed; none excluded."
    )


@pytest.mark.parametrize("level", [0, 1, 95, -0.1])
def test_a_confidence_level_is_a_fraction(level):
    with pytest.raises(DesignError, match="confidence_level"):
        Method(name="x", confidence_level=level)


def test_results_travel_between_processes():
    result = plain(Estimate(quantity="auc", value=0.7, of={"marker": "suvmax"}))
    again = pickle.loads(pickle.dumps(result))
    assert again.estimate("auc", marker="suvmax").value == 0.7


def test_the_seed_of_a_generator_can_be_passed_again():
    assert seed_of(7) == 7
    assert seed_of(np.random.default_rng(7)) == 7
    assert seed_of(np.random.default_rng([7, 8])) == (7, 8)


def test_a_column_of_one_letter_is_not_looked_for_within_words():
    from biomarker.analyses.result import Exclusion

    assert Exclusion(reason="with g missing", rows=(1,), column="g").printed_reason == "with G missing"
    assert Exclusion(reason="with suvmax_24h missing", rows=(1,), column="suvmax_24h").printed_reason == (
        "with SUVmax 24 h missing"
    )
