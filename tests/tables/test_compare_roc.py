"""How a comparison of ROC curves is laid out."""

from pathlib import Path

import numpy as np
import pandas as pd

from biomarker.analyses.compare_roc import compare_roc_curves

OVARIAN = pd.read_csv(Path(__file__).parents[1] / "reference" / "ovarian.csv", comment="#")
MARKERS = {"markers": ["albumin", "total_protein", "krebs_goetz"], "higher_is_positive": {"krebs_goetz": False}}


def test_whole_table():
    result = compare_roc_curves(OVARIAN, reference_standard="outcome", **MARKERS)
    table = result.table()
    assert table.title == "ROC curves for outcome compared"
    assert table.header == ("Curve", "n", "Estimate", "95% CI", "p")
    areas = [result.estimate("auc", marker=marker) for marker in MARKERS["markers"]]
    intervals = [f"{line.low:.3f}–{line.high:.3f}" for line in areas]
    assert [row.cells for row in table.lines] == [
        ("AUC",),
        ("Albumin", "43", "0.737", intervals[0], ""),
        ("Total protein", "43", "0.648", intervals[1], ""),
        ("Krebs goetz", "43", "0.726", intervals[2], ""),
        ("Difference in AUC",),
        ("Albumin − Total protein", "43", "0.089", "−0.021 to 0.198", "0.112"),
        ("Albumin − Krebs goetz", "43", "0.011", "−0.176 to 0.198", "0.910"),
        ("Total protein − Krebs goetz", "43", "−0.078", "−0.283 to 0.127", "0.456"),
        ("All areas equal", "43", "", "", "0.282"),
    ]
    assert "not adjusted" in table.footnotes[2]


def test_two_curves_need_no_joint_row_and_groups_keep_their_names():
    data = OVARIAN.assign(stage=np.where(np.arange(43) % 2, "III", "IV"))
    table = compare_roc_curves(data, reference_standard="outcome", markers="albumin", by="stage").table()
    labels = [row.cells[0] for row in table.lines]
    assert labels == ["AUC", "III", "IV", "Difference in AUC", "III − IV"]


def test_nested_joint_test_names_its_degrees_of_freedom():
    data = OVARIAN.assign(patient_id=np.arange(43) // 2)
    table = compare_roc_curves(data, reference_standard="outcome", **MARKERS).table()
    assert "F(2, 20)" in table.lines[-1].notes[-1][0]


def test_what_is_not_estimable_says_so():
    data = pd.DataFrame({"response": [0, 0, 0, 1, 1, 1], "perfect": range(6), "constant": 1.0})
    table = compare_roc_curves(data, reference_standard="response", markers=["perfect", "constant"]).table()
    assert table.lines[-1].cells[-1] == "NE"
