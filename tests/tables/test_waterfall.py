import pandas as pd

from biomarker import waterfall

LESIONS = pd.DataFrame(
    {
        "patient_id": [1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        "diameter_change_percent": [-62, -45, 10, -30, 0, 8, 25, -80, -22, 31, -12, -35, 4, -100],
        "suvmax": [9, 7, 2, 8, 3, 5, 2, 11, 6, 1, 4, 8, 3, 12],
    }
)


def cells(table):
    return [row.cells for row in table.lines]


def test_independent_bars():
    table = waterfall(LESIONS, change="diameter_change_percent", marker="suvmax", patient=None).table()
    assert table.title == "Best change of each row: diameter change (%)"
    assert table.header == ("Quantity", "n", "Estimate (95% CI)", "p")
    assert cells(table) == [
        ("Decrease of at least 30%, %", "6/14", "42.9 (21.4–67.4)", ""),
        ("Increase of at least 20%, %", "2/14", "14.3 (4.0–39.9)", ""),
        ("Median change, %", "14", "−17.0 (−62.0 to 10.0)", ""),
        ("Spearman ρ of SUVmax with the change", "14", "−0.96 (−0.99 to −0.83)", "<0.001"),
    ]


def test_nested_bars_count_patients():
    table = waterfall(LESIONS, change="diameter_change_percent", decrease=-50).table()
    rows = cells(table)
    assert table.header == ("Quantity", "n (patients)", "Estimate (95% CI)")  # without a marker nothing is tested
    assert rows[0][:2] == ("Decrease of at least 50%, %", "3/14 (11)")
