"""Errors name the place, the value and what to do."""

import pytest

from biomarker.errors import BiomarkerError, DesignError, Problem, SchemaError, StudyError, nearest


def test_a_problem_names_file_row_column_value_and_rule():
    problem = Problem(file="lesions.csv", row=7, column="suvmax", value="hot", rule="is not a number")
    assert str(problem) == "lesions.csv, row 7, suvmax: 'hot' is not a number"


def test_row_zero_of_a_frame_is_named():
    assert str(Problem(row=0, column="x", value="a", rule="is not a number")) == "row 0, x: 'a' is not a number"


def test_a_schema_error_holds_every_problem_and_prints_the_first_twenty():
    error = SchemaError(Problem(row=row, rule="is bad") for row in range(1, 26))
    assert len(error.problems) == 25
    assert str(error).startswith("25 problems in the data:")
    assert str(error).endswith("... and 5 more")


@pytest.mark.parametrize("kind", [StudyError, DesignError, SchemaError])
def test_every_error_of_the_input_is_a_value_error(kind):
    assert issubclass(kind, BiomarkerError)
    assert issubclass(kind, ValueError)


def test_the_nearest_word_ignores_case():
    assert nearest("SUVMAX", ["suvmax", "suvmean"]) == " (did you mean 'suvmax'?)"
    assert nearest("qqq", ["suvmax"]) == ""
