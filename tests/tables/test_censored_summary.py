import pandas as pd

from biomarker import censored_summary


def test_one_row_a_group():
    data = pd.DataFrame({"suvmax": [0.5, 0.0, 0.7, 1.1, 2.0, 3.9, 0.0, 1.0, 2.0, 4.0], "arm": ["A"] * 6 + ["B"] * 4})
    table = censored_summary(data, marker="suvmax", limit=0.6, by="arm", patient=None).table()
    assert table.title == "SUVmax (g/mL), with values below the limit of detection"
    assert [row.cells[:3] for row in table.lines] == [("A", "6", "2 (33%)"), ("B", "4", "1 (25%)")]
    assert table.lines[0].cells[3:] == ("0.922 (0.278–3.05)", "2.62 (1.39–16.7)", "1.46 (0.378–5.67)", "1.80")
