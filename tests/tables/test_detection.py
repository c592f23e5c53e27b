import pandas as pd

import biomarker as bm


def lines(table):
    return [row.cells for row in table.lines]


def test_rates_by_group():
    frame = pd.DataFrame({"therapy": ["a"] * 8 + ["b"] * 2, "detected": [1] * 7 + [0] + [1, 0]})
    table = bm.detection_rate(frame, detected="detected", by="therapy", interval="clopper-pearson").table()
    assert table.title == "Detection rate by therapy"
    assert table.header == ("Therapy", "n/N", "%", "95% CI")
    assert lines(table) == [("a", "7/8", "87.5", "47.3–99.7"), ("b", "1/2", "50.0", "1.3–98.7")]
    assert table.footnotes[0] == "CI, confidence interval: exact (Clopper-Pearson) intervals."


def test_all_together_and_nested():
    frame = pd.DataFrame({"patient_id": [1, 1, 2, 3, 3], "detected": [1, 0, 1, 1, 1]})
    table = bm.detection_rate(frame, detected="detected").table("lancet")
    assert table.header == ("", "Patients", "n/N", "%", "95% CI")
    assert lines(table)[0][:4] == ("All", "3", "4/5", "80·0")


def test_times_compared():
    # 10 lesions at three times: 5, 9 and 8 seen. Tango's limits solved in R (uniroot): 0.0115 to 0.6873,
    # -0.0608 to 0.6032, -0.4535 to 0.2801; Cochran's Q 5.2 from its variance; mid-p of 4 v 0, 3 v 0 and 1 v 2 by hand
    seen = {1: [1] * 5 + [0] * 5, 24: [1] * 9 + [0], 48: [1] * 7 + [0, 0, 1]}
    frame = pd.DataFrame(
        [(lesion, time, hit) for time, hits in seen.items() for lesion, hit in enumerate(hits)],
        columns=["lesion_id", "hours_post_injection", "detected"],
    )
    table = bm.detection_rate(frame, detected="detected", by="hours_post_injection", unit="lesion_id").table()
    assert table.header == ("Hours after injection", "n/N", "%", "95% CI", "p")
    assert lines(table)[3:] == [
        ("Compared over 10 units seen under every condition",),
        ("All (Cochran Q 5.20)", "", "", "", "0.074"),
        ("24 − 1", "", "40.0", "1.1–68.7", "0.062"),
        ("48 − 1", "", "30.0", "−6.1 to 60.3", "0.125"),
        ("48 − 24", "", "−10.0", "−45.4 to 28.0", "0.625"),
    ]
