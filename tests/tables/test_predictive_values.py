import numpy as np
import pandas as pd

import biomarker as bm
from biomarker.tables.naive import NAIVE


def lines(table):
    return [row.cells for row in table.lines]


def test_counts_table():
    # Dehdashti F. Breast Cancer Res Treat 2018;169:523-530: 83.3 (65.3-94.4), 75.8 (57.7-88.9), 50.0, 61.5 printed
    table = bm.predictive_values_from_counts(
        tp=25, fp=5, fn=8, tn=8, interval="clopper-pearson", prevalence=0.3
    ).table()
    assert table.title == "Predictive values"
    assert table.header == ("Quantity", "n/N", "Estimate", "95% CI")
    assert lines(table) == [
        ("True positive 25, false positive 5, false negative 8, true negative 8",),
        ("Sensitivity", "25/33", "75.8", "57.7–88.9"),
        ("Specificity", "8/13", "61.5", "31.6–86.1"),
        ("PPV", "25/30", "83.3", "65.3–94.4"),
        ("NPV", "8/16", "50.0", "24.7–75.3"),
        ("Accuracy", "33/46", "71.7", "56.5–84.0"),
        ("Balanced accuracy", "", "68.6", "51.2–82.6"),
        ("LR+", "", "1.97", "0.964–4.02"),
        ("LR−", "", "0.394", "0.188–0.826"),
        ("Diagnostic odds ratio", "", "5.00", "1.27–19.7"),
        ("Youden J", "", "0.37", "0.02–0.65"),
        ("F1", "", "0.79", "0.65–0.89"),
        ("Matthews correlation", "", "0.35", "0.04–0.60"),
        ("Cohen kappa", "", "0.35", "0.04–0.60"),
        ("Prevalence", "33/46", "71.7", "56.5–84.0"),
        ("At a prevalence of 30.0%",),
        ("PPV", "", "45.8", "29.2–63.3"),
        ("NPV", "", "85.6", "73.9–92.5"),
    ]
    assert table.footnotes[-1] == "46 rows analysed; none excluded."
    assert any("independent" in note for note in table.footnotes)


def test_undefined_and_infinite_numbers():
    table = bm.predictive_values_from_counts(tp=4, fp=0, fn=0, tn=9).table("nejm")
    cells = {row[0]: row[1:] for row in lines(table)}
    assert cells["LR+"][1] == "∞"
    assert cells["LR+"][2].endswith(" to ∞")
    assert cells["Matthews correlation"][1] == "1.00"
    never = bm.predictive_values_from_counts(tp=0, fp=0, fn=4, tn=9).table()
    cells = {row[0]: row[1:] for row in lines(never)}
    assert cells["PPV"] == ("0/0", "NE", "NE")
    assert cells["LR+"] == ("", "NE", "NE")
    assert any("PPV: no row is positive on the test." in note for note in never.footnotes)


def test_nested_table_counts_patients_and_marks_naive_intervals():
    frame = pd.DataFrame({"patient_id": [1, 1, 2, 2, 3], "response": [1, 1, 0, 0, 0], "suvmax_24h": [6.0, 2, 1, 7, 2]})
    table = bm.predictive_values(frame, reference_standard="response", marker="suvmax_24h", cutoff=5).table("lancet")
    assert table.title == "Predictive values of SUVmax 24 h at a cutoff of 5"
    assert table.header[:3] == ("Quantity", "Patients", "n/N")
    cells = {row[0]: row[1:] for row in lines(table)}
    assert cells["Sensitivity"][:3] == ("1", "1/2", "50·0")
    marked = {row.cells[0]: row.notes[4] for row in table.lines if not row.is_heading}
    assert marked["Sensitivity"] == (NAIVE,)
    assert marked["Specificity"] == ()
    assert table.marks == {NAIVE: "*"}  # the Lancet's first sign


def test_indeterminate_tests_stand_under_their_own_headings():
    frame = pd.DataFrame({"response": [1, 1, 1, 0, 0, 0], "pet": ["+", "+", "?", "-", "-", "+"]})
    result = bm.predictive_values(
        frame, reference_standard="response", index_test="pet", test_positive="+", indeterminate="?", patient=None
    )
    headings = [row.cells[0] for row in result.table().lines if row.is_heading]
    assert headings[1:] == ["1 indeterminate tests as positive", "1 indeterminate tests as negative"]
    assert np.isclose(result.estimate("sensitivity", indeterminate="as negative").value, 2 / 3)
