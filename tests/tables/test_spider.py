import pandas as pd

from biomarker import spider

VISITS = pd.DataFrame(
    {
        "patient_id": ["A"] * 6 + ["B"] * 3 + ["C"] * 3,
        "lesion_id": [1] * 3 + [2] * 3 + [1] * 6,
        "weeks": [0, 8, 16] * 4,
        "diameter_mm": [50, 30, 25, 20, 18, 21, 40, 44, 52, 10, 7, 8],
        "response": ["PR"] * 6 + ["PD"] * 3 + ["PR"] * 3,
    }
)


def cells(table):
    return [row.cells for row in table.lines]


def test_groups_and_courses():
    table = spider(VISITS, time="weeks", size="diameter_mm", response="response", by_item=True).table()
    assert table.title == "Best change of each lesion in diameter (mm)"
    assert table.header[:3] == ("Response", "Lesions (patients)", "Decrease ≥ 30%, n (%, 95% CI)")
    rows = cells(table)
    assert rows[0][:2] == ("All", "4 (3)")
    assert rows[0][2].startswith("2/4 (50.0, ")
    assert rows[0][3:] == ("−20.0 (−50.0 to 10.0)", "8.0 (8.0–16.0)")
    assert rows[2][:2] == ("PD", "1 (1)")
    assert rows[3] == ("Each lesion",)
    assert rows[4] == ("A 1", "", "", "−50.0", "16.0")
