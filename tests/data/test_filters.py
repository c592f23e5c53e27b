from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biomarker.data.filters import condition_text, filter_rows, where_rows
from biomarker.errors import DesignError, StudyError


@pytest.fixture
def lesions():
    return pd.DataFrame(
        {
            "tumor_type": ["Melanoma", "NSCLC", "Melanoma", None, "HCC"],
            "size_mm": [12.0, 9.9, 10.0, 30.0, np.nan],
            "dose": [0.5, 1.5, 5.0, 0.5, 1.5],
            "target": [True, False, True, True, False],
            "seen": pd.array([True, None, False, True, False], dtype="boolean"),
            "scan_date": pd.to_datetime(["2026-01-01", "2026-02-01", None, "2026-03-01", "2026-04-01"]),
            "all_missing": [None] * 5,
        },
        index=pd.RangeIndex(2, 7, name="row"),
    )


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({}, [2, 3, 4, 5, 6]),
        ({"tumor_type": "Melanoma"}, [2, 4]),
        ({"tumor_type": "== Melanoma"}, [2, 4]),
        ({"tumor_type": "!= Melanoma"}, [3, 6]),
        ({"tumor_type": ["Melanoma", "HCC"]}, [2, 4, 6]),
        ({"tumor_type": ["!= Melanoma", "!= HCC"]}, [3]),
        ({"tumor_type": ["Melanoma", "Sarcoma"]}, [2, 4]),
        ({"size_mm": ">= 10"}, [2, 4, 5]),
        ({"size_mm": ">10"}, [2, 5]),
        ({"size_mm": [">= 10", "< 20"]}, [2, 4]),
        ({"size_mm": 10}, [4]),
        ({"size_mm": "!= 10"}, [2, 3, 5]),
        ({"dose": [0.5, 1.5]}, [2, 3, 5, 6]),
        ({"dose": "<= 1.5"}, [2, 3, 5, 6]),
        ({"target": True}, [2, 4, 5]),
        ({"target": "yes"}, [2, 4, 5]),
        ({"seen": False}, [4, 6]),
        ({"seen": "!= true"}, [4, 6]),
        ({"seen": "missing"}, [3]),
        ({"size_mm": "not missing"}, [2, 3, 4, 5]),
        ({"scan_date": "> 2026-01-15"}, [3, 5, 6]),
        ({"scan_date": "2026-03-01"}, [5]),
        ({"tumor_type": "Melanoma", "size_mm": ">= 11"}, [2]),
    ],
)
def test_conditions(lesions, where, rows):
    assert list(filter_rows(lesions, where).index) == rows


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"tumour_type": "HCC"}, r"table 'lesions' has no column 'tumour_type' \(did you mean 'tumor_type'\?\)"),
        (
            {"tumor_type": "melanoma"},
            r"where\.tumor_type: the column holds no 'melanoma' \(did you mean 'Melanoma'",
        ),
        ({"tumor_type": ["Melanoma", "nsclc"]}, r"the column holds no 'nsclc' \(did you mean 'NSCLC'\?\)"),
        ({"tumor_type": ["X1", "Y2"]}, r"holds no 'X1'; it holds Melanoma, NSCLC, HCC"),
        ({"tumor_type": ">= 10"}, "needs numbers or dates, and the column is text"),
        ({"target": "> 0"}, "needs numbers or dates, and the column is boolean"),
        ({"target": "maybe"}, "'maybe' is neither true nor false"),
        ({"size_mm": "big"}, "'big' is not a number, and the column holds numbers"),
        ({"size_mm": [">= 10", 20]}, "either values or conditions, not both"),
        ({"size_mm": []}, "the list is empty"),
        ({"size_mm": {"min": 10}}, "is no condition"),
        ({"scan_date": "> March"}, "is not a date"),
    ],
)
def test_conditions_that_cannot_be(lesions, where, message):
    with pytest.raises(StudyError, match=message):
        where_rows(lesions, where, table="lesions")


def test_no_row_left_names_the_condition_that_took_the_last(lesions):
    with pytest.raises(DesignError) as error:
        where_rows(lesions, {"tumor_type": "Melanoma", "size_mm": "> 12", "dose": 5}, table="lesions")
    assert str(error.value) == (
        "where: no row of table 'lesions' is left: of 5 rows, tumor_type = Melanoma leaves 2, size_mm > 12 leaves 0. "
        "None of the 2 rows before it meets size_mm > 12"
    )
    with pytest.raises(DesignError, match="the column is missing in 5 of them"):
        where_rows(lesions, {"all_missing": "not missing"})


def test_each_condition_is_logged(lesions):
    steps = where_rows(lesions, {"size_mm": ">= 10", "dose": 0.5}).steps
    assert [(s.condition, s.rows_before, s.rows_after, s.rows_missing) for s in steps] == [
        ("size_mm >= 10", 5, 3, 1),
        ("dose = 0.5", 3, 2, 0),
    ]


def test_nothing_is_evaluated(lesions):
    with pytest.raises(StudyError, match="is not a number"):
        where_rows(lesions, {"size_mm": ">= __import__('os').getpid()"})


def test_the_frame_is_not_changed(lesions):
    before = lesions.copy(deep=True)
    filter_rows(lesions, {"size_mm": ">= 10"})
    pd.testing.assert_frame_equal(lesions, before)


def test_a_converted_unit_meets_its_bound():
    assert len(filter_rows(pd.DataFrame({"x": [0.1 + 0.2]}), {"x": "<= 0.3"})) == 1


def test_conditions_in_words():
    assert condition_text("a", [">= 10", "< 20"]) == "a >= 10 and a < 20"
    assert condition_text("a", True) == "a = true"


@given(st.lists(st.floats(-100, 100) | st.none(), min_size=1), st.floats(-100, 100))
def test_a_condition_and_its_opposite_share_out_the_rows(values, bound):
    data = pd.DataFrame({"x": pd.Series(values, dtype=float)})

    def kept(condition):
        try:
            return set(filter_rows(data, {"x": condition}).index)
        except DesignError:
            return set()

    present = set(data.index[data["x"].notna()])
    for one, other in ((">=", "<"), (">", "<="), ("==", "!=")):
        assert kept(f"{one} {bound!r}") | kept(f"{other} {bound!r}") == present
        assert not kept(f"{one} {bound!r}") & kept(f"{other} {bound!r}")
