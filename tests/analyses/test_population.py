"""Rows are chosen the same way everywhere, and every row left out is counted."""

import numpy as np
import pandas as pd
import pytest

from biomarker.analyses.population import as_class, require_both_classes, select_rows
from biomarker.errors import DesignError, SchemaError


def lesions(**columns):
    base = {
        "patient_id": ["01", "01", "02", "03"],
        "lesion_id": [1, 2, 1, 1],
        "suvmax": [2.0, 3.5, np.nan, 8.1],
        "response": ["CR", "CR", "PD", None],
    }
    return pd.DataFrame(base | columns, index=pd.Index([2, 3, 4, 5], name="row"))


def test_missing_rows_are_counted_under_the_first_column_they_lack():
    sample = select_rows(lesions(), numeric=["suvmax"], classes={"response": ["CR"]})
    assert sample.frame.index.tolist() == [2, 3]
    assert {e.column: e.rows for e in sample.population.exclusions} == {"suvmax": (4,), "response": (5,)}
    assert (sample.population.patients_in, sample.population.patients_used) == (3, 1)
    assert sample.population.unit == "lesion"


def test_lesions_of_one_patient_are_nested():
    sample = select_rows(lesions(), other=["lesion_id"])
    assert sample.is_nested
    assert sample.clusters.tolist() == [0, 0, 1, 2]


def test_independence_is_said_aloud():
    for sample in (select_rows(lesions(), other=["lesion_id"], patient=None),
                   select_rows(lesions().drop(columns="patient_id"), other=["lesion_id"])):  # fmt: skip
        assert not sample.is_nested
        assert any("independent" in note for note in sample.notes)


def test_a_patient_column_that_was_named_must_exist():
    with pytest.raises(DesignError, match=r"no column 'subject'"):
        select_rows(lesions(), numeric=["suvmax"], patient="subject")


def test_rows_without_a_patient_are_excluded():
    sample = select_rows(lesions(patient_id=["01", None, "02", "03"]), other=["lesion_id"])
    assert sample.population.exclusions[0].reason == "with patient_id missing"


def test_every_cell_that_is_no_number_is_named():
    with pytest.raises(SchemaError) as caught:
        select_rows(lesions(suvmax=["2.0", "hot", "cold", "inf"]), numeric=["suvmax"])
    assert [(p.row, p.value, p.rule) for p in caught.value.problems] == [
        (3, "hot", "is not a number"),
        (4, "cold", "is not a number"),
        (5, "inf", "is not finite"),
    ]


def test_the_caller_s_frame_is_left_alone():
    data = lesions()
    before = data.copy(deep=True)
    select_rows(data, numeric=["suvmax"], classes={"response": "CR"})
    pd.testing.assert_frame_equal(data, before)


def test_the_positive_class_is_never_guessed():
    with pytest.raises(DesignError, match=r"which values of 'response' are positive\? It holds 'CR', 'PD'"):
        as_class(lesions()["response"], None)
    with pytest.raises(DesignError, match="did you mean 'CR'"):
        as_class(lesions()["response"], "cr")


def test_one_of_several_positive_values_may_be_absent_and_is_named():
    classes, note = as_class(lesions()["response"], ["CR", "PR"])
    assert classes.sum() == 2
    assert note == "Positive class of response: CR, PR; negative: PD. No row has response PR."
    with pytest.raises(DesignError, match="did you mean 'PD'"):
        as_class(lesions()["response"], ["CR", "pd"])


def test_bool_and_zero_one_need_no_positive():
    for values in ([True, False], [0, 1], [0.0, np.nan]):
        classes, note = as_class(pd.Series(values, name="event"), None)
        assert classes.dtype == "boolean"
        assert note == ""


def test_what_counts_as_positive_and_negative_is_said():
    classes, note = as_class(lesions()["response"], ["CR", "PD"])
    assert note == "Positive class of response: CR, PD; negative: none."
    assert classes.isna().sum() == 1


def test_one_class_is_refused_by_name():
    with pytest.raises(DesignError, match="every one of the 2 rows is positive on 'event', so an AUC is not estimable"):
        require_both_classes(pd.Series([True, True]), "event", "an AUC")


@pytest.mark.parametrize("data", [None, [1, 2], pd.DataFrame()])
def test_no_rows_no_analysis(data):
    with pytest.raises(DesignError, match=r"DataFrame|no rows"):
        select_rows(data, numeric=["x"])


def test_no_row_left_says_why():
    with pytest.raises(DesignError, match="no row is left: 4 with suvmax missing of 4 rows"):
        select_rows(lesions(suvmax=np.nan), numeric=["suvmax"])


def test_doubled_columns_are_refused():
    data = lesions()
    with pytest.raises(DesignError, match="more than one column 'suvmax'"):
        select_rows(pd.concat([data, data[["suvmax"]]], axis=1), numeric=["suvmax"])
