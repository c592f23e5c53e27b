"""Table 1 from frames: the published characteristics, how columns are summarised, what is refused."""

import numpy as np
import pandas as pd
import pytest

from biomarker import characteristics
from biomarker.errors import DesignError, SchemaError
from biomarker.examples.catalogue import example_folder


@pytest.fixture(scope="module")
def patients():
    frame = pd.read_csv(example_folder("cd8") / "patients.csv", dtype={"subject_id": str}, na_values=["n/a", "-"])
    return frame.rename(columns={"subject_id": "patient_id", "age": "age_years"})


def test_the_published_characteristics(patients):
    # 89Zr-Df-IAB22M2C phase 1, Table 1: age 64 (30-81), 9 male (60 %), the treatment profiles
    result = characteristics(patients, variables=["age_years", "sex", "treatment_profile"])
    age = {name: result.estimate(name, variable="age_years").value for name in ("median", "minimum", "maximum")}
    assert age == {"median": 64, "minimum": 30, "maximum": 81}
    male = result.estimate("share", variable="sex", level="Male")
    assert (male.numerator, male.n) == (9, 15)
    profiles = {
        line.of["level"]: line.numerator
        for line in result.estimates
        if line.quantity == "share" and line.of["variable"] == "treatment_profile"
    }
    assert sorted(profiles.values()) == [2, 2, 3, 3, 5]
    assert profiles["Immunotherapy, >2 months"] == 5


def test_groups_add_up_to_all(patients):
    result = characteristics(patients, variables=["age_years", "tumor_type"], by="sex")
    assert result.groups == ("Female", "Male", "All")
    assert result.group_sizes == (6, 9, 15)
    for level in ("HCC", "Melanoma", "NSCLC"):
        counts = [
            result.estimate("share", variable="tumor_type", level=level, group=group).numerator
            for group in result.groups
        ]
        assert counts[0] + counts[1] == counts[2]


def test_missing_values_are_counted_and_leave_the_denominator(patients):
    result = characteristics(patients, variables=["response", "therapy_duration_months"])
    assert result.estimate("n_missing", variable="response").value == 12
    assert result.estimate("share", variable="response", level="CR").n == 3
    assert result.estimate("median", variable="therapy_duration_months").n == 10
    assert result.variables[0].levels == ("CR", "PR", "SD")  # not alphabetical
    assert result.population.rows_used == 15  # nobody is left out for a missing value


def test_patients_without_a_group_are_left_out_and_counted(patients):
    result = characteristics(patients, variables="age_years", by="response")
    assert result.population.rows_used == 3
    assert [exclusion.reason for exclusion in result.exclusions] == ["with response missing"]


def test_how_a_column_is_summarised():
    data = pd.DataFrame(
        {"age": range(40, 60), "ecog": [0, 1, 1, 2] * 5, "treated": [True, False] * 10, "site": ["a", "b"] * 10}
    )
    found = {v.name: v for v in characteristics(data, variables=list(data.columns)).variables}
    assert found["age"].kinds == ("median_range",)
    assert found["ecog"].levels == ("0", "1", "2")
    assert found["treated"].levels == ("Yes", "No")
    told = characteristics(data, variables={"ecog": ["mean_sd", "median_iqr"], "age": "auto"}, continuous="mean_sd")
    assert told.estimate("mean", variable="ecog").value == 1
    assert told.variables[1].kinds == ("mean_sd",)


def test_categories_keep_their_order():
    levels = pd.Categorical(["high", "low", "low"], categories=["low", "mid", "high"], ordered=True)
    result = characteristics(pd.DataFrame({"dose": levels}), variables="dose")
    assert result.variables[0].levels == ("low", "high")


def test_the_order_of_rows_does_not_matter(patients):
    arguments = {"variables": ["age_years", "sex", "tumor_type", "response"], "by": "cohort"}
    shuffled = patients.sample(frac=1, random_state=3)
    assert characteristics(patients, **arguments).estimates == characteristics(shuffled, **arguments).estimates


def test_several_rows_of_a_patient_are_noted():
    data = pd.DataFrame({"patient_id": [1, 1, 2], "lesion_id": [1, 2, 1], "sex": ["F", "F", "M"]})
    assert any("several rows" in note for note in characteristics(data, variables="sex").warnings)


def test_a_column_that_is_all_missing_has_no_summary():
    data = pd.DataFrame({"age": [np.nan, np.nan, np.nan], "sex": ["F", "M", "M"]})
    result = characteristics(data, variables={"age": "mean_sd", "sex": "count"})
    assert np.isnan(result.estimate("mean", variable="age").value)
    assert result.estimate("n_missing", variable="age").value == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variables": ["agee"]}, "did you mean 'age'"),
        ({"variables": []}, "at least one variable"),
        ({"variables": {"age": "medain_range"}}, "did you mean 'median_range'"),
        ({"variables": {"age": ["count", "mean_sd"]}}, "either counted or summarised"),
        ({"variables": ["age"], "continuous": "count"}, "continuous='count'"),
        ({"variables": ["age", "sex"], "by": "sex"}, "makes the groups"),
    ],
)
def test_refused(arguments, message):
    data = pd.DataFrame({"age": [50, 60, 70], "sex": ["F", "M", "M"]})
    with pytest.raises(DesignError, match=message):
        characteristics(data, **arguments)


def test_text_asked_for_a_mean_names_the_cells():
    with pytest.raises(SchemaError, match="is not a number"):
        characteristics(pd.DataFrame({"age": ["50", "sixty"]}), variables={"age": "mean_sd"})
