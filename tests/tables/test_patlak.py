import numpy as np
import pandas as pd

from biomarker import patlak

HOURS = np.array([1.0, 24, 48, 96])


def scans(n=1):
    rows = [
        pd.DataFrame({"patient_id": f"P{i}", "lesion_id": "L1", "hours": HOURS, "blood": 5.0,
                      "suv": 5 * (0.3 + 0.02 * (1 + i) * HOURS) + [0, 0.1, -0.1, 0.05]})
        for i in range(n)
    ]  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def cells(data, **given):
    table = patlak(data, time="hours", plasma="blood", tissue="suv", weights="constant", **given).table()
    return table, [row.cells for row in table.lines]


def test_one_lesion():
    table, rows = cells(scans())
    assert table.labels == ("", "Ki (1/h) (95% CI)", "V_T (95% CI)", "t* (h)", "Points")
    assert rows == [("P0, L1", "0.0200 (0.0179–0.0221)", "0.302 (0.181–0.423)", "1.00", "4")]


def test_several_lesions_and_their_mean():
    _, rows = cells(scans(3))
    assert rows[0] == ("All curves: 3 curves of 3 patients",)
    assert rows[1][:3] == ("Mean of Ki and V_T", "0.0400 (−0.00967 to 0.0897)", "0.302 (0.302–0.302)")
    assert rows[2][1] == "0.0200"
    assert rows[3][1] == "0.0200–0.0600"
    assert rows[4] == ("Each curve",)
    assert len(rows) == 8


def test_a_known_t_star_has_the_limits_of_the_line_and_a_chosen_one_says_so():
    table, rows = cells(scans(), t_star=1)
    assert rows == [("P0, L1", "0.0200 (0.0187–0.0213)", "0.302 (0.232–0.372)", "1.00", "4")]
    assert "chosen" not in table.footnotes[0]
    assert "allowing for the choice of t* by the bootstrap" in cells(scans())[0].footnotes[0]
    assert cells(scans())[0].footnotes[0].endswith("start of the line, chosen from each plot.")
