"""The table of intraclass correlations, as it prints."""

import numpy as np
import pytest

import biomarker as bm
from tests.analyses.test_intraclass_correlation import JUDGES, features, long, nested_readings, sessions


def test_table():
    table = bm.intraclass_correlation(
        long(JUDGES, name="score"), value="score", form=["ICC(2,1)", "ICC(3,k)"], patient=None
    ).table()
    assert table.title == "Intraclass correlation of score, 4 readers"
    assert table.header == ("Form", "ICC", "95% CI", "F (df)", "p")
    assert [row.cells for row in table.lines] == [
        ("ICC(2,1)", "0.290", "0.019–0.761", "11.0 (5, 15)", "<0.001"),
        ("ICC(3,k)", "0.909", "0.676–0.986", "11.0 (5, 15)", "<0.001"),
        ("Variance (share of the total)",),
        ("Lesion", "2.56 (29.0%)", "", "", ""),
        ("Reader", "5.24 (59.5%)", "", "", ""),
        ("Residual", "1.02 (11.6%)", "", "", ""),
    ]
    assert table.footnotes[0] == (
        "ICC, intraclass correlation; CI, confidence interval (F intervals); p, F test that lesions do not differ."
    )
    assert table.footnotes[-1] == "24 readings analysed; none excluded."


def test_naive_interval_stands_beneath():
    values, patients = nested_readings()
    table = bm.intraclass_correlation(long(values, patients=patients), value="suvmax").table()
    first, second = table.lines[:2]
    assert first.cells[3:] == ("", "")
    assert second.indent == 1
    assert second.cells[0] == "as if lesions were independent"
    assert second.cells[4] == "<0.001"


@pytest.mark.parametrize("form", ["ICC(2,1)", "ICC(3,k)"])
def test_undefined_prints_ne(form):
    table = bm.intraclass_correlation(long(np.full((6, 2), 2.0)), value="suvmax", form=form, patient=None).table()
    assert table.lines[0].cells == (form, "NE", "NE", "NE (5, 5)", "NE")
    assert table.lines[-1].cells[1] == "0 (NE%)"


def test_sessions_and_features_have_tables_of_their_own():
    table = bm.intraclass_correlation(sessions(nested=True), value="suvmax", session="session").table()
    assert table.title == "Agreement between and within 3 readers on SUVmax"
    assert [row.cells[0] for row in table.lines[:4]] == [
        "Inter-reader ICC", "as if lesions were independent", "Intra-reader ICC", "as if lesions were independent",
    ]  # fmt: skip
    several = bm.intraclass_correlation(features(), value=["f0", "f1"]).table()
    assert several.header == ("Feature", "ICC", "95% CI", "Lesions")
    assert [row.cells[0] for row in several.lines] == ["F0", "F1"]
