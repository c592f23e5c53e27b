import json
from pathlib import Path

import pandas as pd

from biomarker import compare_correlations

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "compare_correlations.json").read_text())
ATTITUDE = pd.DataFrame(REFERENCE["attitude"]).assign(patient_id=REFERENCE["patient"])


def cells(table):
    return [row.cells for row in table.lines]


def test_independent_rows_print_what_r_gives():
    result = compare_correlations(
        ATTITUDE, outcome="rating", markers=["complaints", "learning", "raises"], method="pearson", patient=None
    )
    table = result.table()
    assert table.title == "Markers and rating: correlations compared"
    assert table.header == ("Marker", "n", "Estimate", "95% CI", "p")
    assert cells(table) == [
        ("Pearson correlation",),
        ("Complaints", "30", "0.83", "0.66–0.91", "<0.001"),
        ("Learning", "30", "0.62", "0.34–0.80", "<0.001"),
        ("Raises", "30", "0.59", "0.29–0.78", "<0.001"),
        ("Difference in correlation",),
        ("Complaints − Learning", "30", "0.20", "0.01–0.47", "0.048"),
        ("Complaints − Raises", "30", "0.24", "0.05–0.50", "0.015"),
        ("Learning − Raises", "30", "0.03", "−0.22 to 0.30", "0.786"),
        ("All correlations equal", "30", "", "", "0.028"),
    ]


def test_nested_rows_count_patients_and_name_hotelling():
    result = compare_correlations(ATTITUDE, outcome="rating", markers=["complaints", "learning", "raises"])
    table = result.table()
    assert table.header[1] == "n (patients)"
    assert cells(table)[1] == ("Complaints", "30 (10)", "0.83", "0.64–0.93", "<0.001")
    assert table.lines[-1].notes[-1][0].startswith("Hotelling's T² = ")
    assert table.lines[-1].notes[-1][0].endswith("F(2, 8).")


def test_areas_have_three_digits_and_meng_his_own_rows():
    data = pd.DataFrame({"seen": [0, 0, 0, 1, 1, 1, 0, 1, 1, 0], "a": range(10), "b": [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]})
    table = compare_correlations(data, outcome="seen", markers=["a", "b"], patient=None).table()
    assert cells(table)[0] == ("Area under the ROC curve",)
    assert cells(table)[1][:3] == ("A", "10", "0.680")
    result = compare_correlations(
        ATTITUDE,
        outcome="rating",
        markers=["complaints", "learning"],
        method="pearson",
        comparison="meng",
        patient=None,
    )
    assert [row[0] for row in cells(result.table())][-2:] == ["Difference in Fisher z", "Complaints − Learning"]
