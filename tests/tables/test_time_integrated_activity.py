import pandas as pd

from biomarker import time_integrated_activity

ORGANS = pd.DataFrame(
    {
        "patient_id": ["1", "1", "2", "2"] * 2,
        "organ": ["Liver"] * 4 + ["Spleen"] * 4,
        "hours": [2.0, 96.0] * 4,
        "activity_percent": [15.0, 14.0, 18.0, 17.0, 3.0, 2.0, 2.0, 1.0],
    }
)


def test_mean_spread_and_range_by_organ():
    table = time_integrated_activity(ORGANS, time="hours", activity="activity_percent", nuclide="89Zr").table()
    assert table.title == "Time-integrated activity coefficient (h)"
    assert table.header == ("Organ", "n", "Mean (95% CI)", "SD", "Range")
    assert [row.cells for row in table.lines] == [
        ("Liver", "2", "18.6 (−3.67 to 40.8)", "2.48", "16.8–20.3"),
        ("Spleen", "2", "2.23 (−5.18 to 9.65)", "0.825", "1.65–2.82"),
    ]


def test_one_patient_has_values():
    one = ORGANS[ORGANS["patient_id"] == "1"]
    table = time_integrated_activity(one, time="hours", activity="activity_percent", nuclide="89Zr").table()
    assert table.header == ("Organ", "Value")
    assert [row.cells for row in table.lines] == [("Liver", "16.8"), ("Spleen", "2.82")]
