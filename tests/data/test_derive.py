from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from biomarker.data.derive import derive_table
from biomarker.data.table import DataTable
from biomarker.errors import DesignError, StudyError


def table(name, schema="", tokens=None, **columns):
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame(columns, index=pd.RangeIndex(2, n + 2, name="row"))
    kept = {} if tokens is None else {"tokens": pd.DataFrame(tokens, columns=["row", "column", "token"])}
    return DataTable(name=name, frame=frame, schema_name=schema, source=f"{name}.csv", **kept)


@pytest.fixture
def tables():
    lesions = table(
        "lesions",
        schema="lesion",
        tokens=[[4, "suvmax_24h", "n/a*"]],
        patient_id=["01", "01", "02", "03"],
        lesion_id=["1", "2", "1", "1"],
        lesion_site=["LN", "LN", "lung", "bone"],
        arm=["A", "A", "B", None],
        suvmax_2h=[1.0, 2.0, 3.0, 4.0],
        suvmax_24h=[2.0, 4.0, np.nan, 16.0],
        detected_24h=[True, True, False, True],
    )
    patients = table(
        "patients", schema="patient", patient_id=["01", "02", "03", "04"], response=["CR", "PD", "SD", "PR"]
    )
    return {"lesions": lesions, "patients": patients}


def derive(tables, target, source, **options):
    return derive_table(tables, target, source, options)


def test_lesions_to_patients_who_are_there(tables):
    made = derive(tables, "patients", "lesions", how="max", marker="suvmax_24h", name="hottest")
    assert made.frame["hottest"].tolist() == pytest.approx([4.0, np.nan, 16.0, np.nan], nan_ok=True)
    assert made.frame["hottest_n_lesions"].tolist() == [2, 1, 1, 0]
    assert made.frame["hottest_n_missing"].tolist() == [0, 1, 0, 0]
    assert list(made.frame.index) == [2, 3, 4, 5], "rows keep their numbers"
    assert made.schema_name == "patient"
    assert made.notes == (
        "hottest: per patient, highest suvmax_24h; 4 lesions (1 not measured and left out) of 3 patients, 1 of them "
        "without a measured lesion.",
    )
    assert "hottest" not in tables["patients"].frame


def test_lesions_to_a_new_table_of_patients(tables):
    made = derive(tables, "per_patient", "lesions", how="any_positive", marker="suvmax_24h", cutoff=4, name="positive")
    assert list(made.frame.columns) == ["patient_id", "arm", "positive", "positive_n_lesions", "positive_n_missing"]
    assert made.frame["positive"].tolist() == [True, pd.NA, True]
    assert list(made.frame.index) == [1, 2, 3]


def test_booleans_stay_booleans_where_a_patient_has_no_lesion(tables):
    made = derive(tables, "patients", "lesions", how="any_positive", marker="detected_24h", name="seen")
    assert str(made.frame["seen"].dtype) == "boolean"
    assert made.frame["seen"].tolist() == [True, False, True, pd.NA]


def test_where_leaves_out_lesions_first(tables):
    made = derive(tables, "patients", "lesions", how="count", marker="suvmax_2h", name="n", where={"suvmax_2h": ">= 2"})
    assert made.frame["n"].tolist()[:3] == [1, 1, 1]
    assert made.notes[0].endswith("(rows of lesions with suvmax_2h >= 2: 3 of 4).")


def test_a_lesion_of_a_stranger_is_refused(tables):
    tables["patients"] = table("patients", patient_id=["01", "02"])
    with pytest.raises(DesignError, match="1 patients of 'lesions' are not in 'patients': 03"):
        derive(tables, "patients", "lesions", how="max", marker="suvmax_2h")


def test_columns_of_the_same_row(tables):
    log = derive(tables, "lesions", "lesions", how="log", marker="suvmax_24h", base=2)
    assert log.frame["log2_suvmax_24h"].tolist() == pytest.approx([1, 2, np.nan, 4], nan_ok=True)
    assert log.notes == ("log2_suvmax_24h: logarithm to base 2 of suvmax_24h.",)
    ratio = derive(tables, "lesions", "lesions", how="ratio", numerator="suvmax_24h", denominator="suvmax_2h", name="r")
    assert ratio.frame["r"].tolist() == pytest.approx([2, 2, np.nan, 4], nan_ok=True)
    change = {"baseline": "suvmax_2h", "follow_up": "suvmax_24h"}
    difference = derive(tables, "lesions", "lesions", how="difference", **change)
    assert difference.frame["suvmax_24h_minus_suvmax_2h"].tolist() == pytest.approx([1, 2, np.nan, 12], nan_ok=True)
    percent = derive(tables, "lesions", "lesions", how="percent_change", name="p", **change)
    assert percent.frame["p"].tolist() == pytest.approx([100, 100, np.nan, 300], nan_ok=True)


def test_a_column_of_chosen_rows_is_missing_in_the_others(tables):
    made = derive(tables, "lesions", "lesions", how="log", marker="suvmax_2h", name="l", where={"suvmax_2h": "> 1"})
    assert made.frame["l"].isna().tolist() == [True, False, False, False]


def test_division_by_zero_is_missing_and_said():
    tables = {"t": table("t", a=[1.0, 2.0], b=[0.0, 4.0])}
    made = derive(tables, "t", "t", how="ratio", numerator="a", denominator="b", name="r")
    assert made.frame["r"].isna().tolist() == [True, False]
    assert made.notes == ("r: a divided by b, missing in 1 rows where b is 0.",)
    with pytest.raises(DesignError, match=r"1 values of 'b' are not positive and have no logarithm \(first in row 2\)"):
        derive(tables, "t", "t", how="log", marker="b")


def test_classes_by_cutoff(tables):
    made = derive(
        tables,
        "lesions",
        "lesions",
        how="class",
        marker="suvmax_24h",
        cutoffs=[4, 10],
        labels=["low", "mid", "high"],
        name="c",
    )
    assert made.frame["c"].tolist()[:2] == ["low", "mid"], "a value at the cutoff is of the upper class"
    assert made.frame["c"].isna().tolist() == [False, False, True, False]
    median = derive(
        tables,
        "lesions",
        "lesions",
        how="class",
        marker="suvmax_2h",
        cutoffs="median",
        labels=["low", "high"],
        name="c",
    )
    assert median.frame["c"].tolist() == ["low", "low", "high", "high"]
    assert "the median of these data" in median.notes[0]


def test_recoding(tables):
    groups = {"responder": ["CR", "PR"], "non-responder": ["SD", "PD"]}
    made = derive(tables, "patients", "patients", how="recode", marker="response", groups=groups, name="responded")
    assert made.frame["responded"].tolist() == ["responder", "non-responder", "non-responder", "responder"]
    with pytest.raises(StudyError, match="'response' holds 'PR', which is in no group"):
        derive(tables, "patients", "patients", how="recode", marker="response", groups={"a": ["CR"], "b": ["PD", "SD"]})
    rest = derive(
        tables, "patients", "patients", how="recode", marker="response", groups={"CR": "CR"}, otherwise="else", name="g"
    )
    assert rest.frame["g"].tolist() == ["CR", "else", "else", "else"]
    doses = {"t": table("t", dose=[10.0, 0.5, None])}
    made = derive(doses, "t", "t", how="recode", marker="dose", groups={"low": [0.5], "high": [10]}, name="g")
    assert made.frame["g"].tolist()[:2] == ["high", "low"]
    assert pd.isna(made.frame["g"].iloc[2])


def test_labels_that_say_yes_and_no_become_numbers_or_booleans(tables):
    one = {"1": ["CR", "PR"], "0": ["SD", "PD"]}
    made = derive(tables, "patients", "patients", how="recode", marker="response", groups=one, name="r")
    assert made.frame["r"].tolist() == [1.0, 0.0, 0.0, 1.0]
    truth = {"true": ["CR", "PR"], "false": ["SD", "PD"]}
    made = derive(tables, "patients", "patients", how="recode", marker="response", groups=truth, name="r")
    assert made.frame["r"].tolist() == [True, False, False, True]
    assert made.frame["r"].dtype == bool


def test_wide_to_long(tables):
    made = derive(tables, "uptake", "lesions", how="long", markers=["suvmax", "detected"])
    frame = made.frame
    assert frame[["patient_id", "lesion_id", "hours_post_injection"]].to_numpy().tolist()[:3] == [
        ["01", "1", 2.0],
        ["01", "1", 24.0],
        ["01", "2", 2.0],
    ]
    assert frame["suvmax"].tolist() == pytest.approx([1, 2, 2, 4, 3, np.nan, 4, 16], nan_ok=True)
    assert frame["detected"].tolist() == [pd.NA, True, pd.NA, True, pd.NA, False, pd.NA, True]
    assert made.tokens.to_numpy().tolist() == [[6, "suvmax", "n/a*"]], "the word of a missing cell moves with it"
    assert frame["suvmax"].isna().to_numpy().nonzero()[0].tolist() == [5]
    assert list(frame.index) == list(range(1, 9))


def test_readers_side_by_side_to_long():
    tables = {"wide": table("wide", patient_id=["1", "2"], SUVmax_phys1=[1.0, 2.0], SUVmax_phys2=[1.5, 2.5])}
    columns = {"first": "SUVmax_phys1", "second": "SUVmax_phys2"}
    made = derive(tables, "readings", "wide", how="long", columns=columns, name="reader_id", value="suvmax")
    assert made.frame.to_numpy().tolist() == [
        ["1", "first", 1.0],
        ["1", "second", 1.5],
        ["2", "first", 2.0],
        ["2", "second", 2.5],
    ]


def test_days_and_hours_name_the_same_time_twice():
    tables = {"t": table("t", patient_id=["1"], suvmax_24h=[1.0], suvmax_1d=[2.0])}
    with pytest.raises(StudyError, match="suvmax_24h and suvmax_1d hold the same measurement twice"):
        derive(tables, "u", "t", how="long", markers=["suvmax"])


def test_columns_carried_over(tables):
    made = derive(tables, "lesions", "patients", how="join", columns=["response"])
    assert made.frame["response"].tolist() == ["CR", "CR", "PD", "SD"]
    assert list(made.frame.index) == [2, 3, 4, 5]
    tables["patients"] = table("patients", patient_id=["01", "01"], response=["CR", "PD"])
    with pytest.raises(DesignError, match="'patients' has more than one row for patient_id 01"):
        derive(tables, "lesions", "patients", how="join", columns=["response"])


def test_rows_chosen_under_a_new_name(tables):
    made = derive(tables, "nodes", "lesions", how="select", where={"lesion_site": "LN"})
    assert (made.name, list(made.frame.index), len(made.tokens)) == ("nodes", [2, 3], 0)
    assert made.notes == ("nodes: chosen (rows of lesions with lesion_site = LN: 2 of 4).",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"how": "maximum", "marker": "suvmax_2h"}, r"unknown how = 'maximum' \(did you mean 'max'\?\)"),
        ({"how": "max", "markr": "suvmax_2h"}, r"unknown key 'markr' \(did you mean 'marker'\?\)"),
        ({"how": "max"}, "how = 'max' needs marker"),
        ({"how": "max", "marker": 3}, "marker = 3: give text"),
        ({"how": "hottest_k", "marker": "suvmax_2h", "k": True}, "k = True: give a whole number"),
        ({"how": "max", "marker": "suvmax"}, r"no column 'suvmax' \(did you mean"),
        ({"how": "log", "marker": "suvmax_2h"}, "works within one table"),
        ({"how": "long", "markers": ["suvmax"]}, "'patients' is there already"),
    ],
)
def test_steps_to_patients_that_cannot_be(tables, options, message):
    with pytest.raises(StudyError, match=message) as error:
        derive(tables, "patients", "lesions", **options)
    assert str(error.value).startswith("[[derive]] '")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"how": "log", "name": "suvmax_24h"}, "has a column 'suvmax_24h' already"),
        ({"how": "log", "base": 3}, "base = 3 is not 2, 10"),
        ({"how": "class", "cutoffs": [2, 1], "labels": ["a", "b", "c"]}, "do not rise"),
        ({"how": "class", "cutoffs": [2], "labels": ["a"]}, "1 cutoffs need 2 labels"),
        ({"how": "class", "cutoffs": [2], "labels": ["a", "a"]}, "name a class twice"),
        ({"how": "class", "cutoffs": "mean", "labels": ["a", "b"]}, "did you mean 'median'"),
    ],
)
def test_columns_that_cannot_be(tables, options, message):
    with pytest.raises(StudyError, match=message):
        derive(tables, "lesions", "lesions", marker="suvmax_2h", **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"how": "long", "markers": ["suvmean"]}, r"no columns such as suvmean_24h.*did you mean 'suvmax'"),
        ({"how": "long"}, "either markers, or columns"),
        ({"how": "long", "columns": {"a": "suvmax_2h"}}, "columns needs? name"),
        ({"how": "select", "where": "size"}, "where = 'size': give a table"),
        ({"how": "join", "columns": ["arm"]}, "there is no 'new' yet"),
    ],
)
def test_tables_that_cannot_be(tables, options, message):
    with pytest.raises(StudyError, match=message):
        derive(tables, "new", "lesions", **options)


def test_an_unknown_table_names_the_nearest(tables):
    with pytest.raises(StudyError, match=r"no table 'lesion' \(did you mean 'lesions'\?\)"):
        derive(tables, "patients", "lesion", how="max", marker="suvmax_2h")
