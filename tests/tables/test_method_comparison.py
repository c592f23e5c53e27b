"""The table of a comparison of methods, as it prints."""

import biomarker as bm
from tests.analyses.test_limits_of_agreement import replicated
from tests.analyses.test_method_comparison import WIDE


def test_columns():
    table = bm.method_comparison(WIDE, x="Wright", y="mini", at=[400], patient=None).table()
    assert table.title == "Comparison of Wright and Mini"
    assert table.header == ("Quantity", "Estimate", "95% CI", "p")
    # the lines are R's: tests/reference/method_comparison.json, peak_flow
    assert [row.cells for row in table.lines] == [
        ("Deming regression",),
        ("Intercept", "15.23", "−132.86 to 163.32", ""),
        ("Slope", "0.971", "0.675–1.267", ""),
        ("Bias at 400", "3.58", "−30.12 to 37.29", ""),
        ("Passing-Bablok regression",),
        ("Intercept", "−24.31", "−178.03 to 82.94", ""),
        ("Slope", "1.065", "0.837–1.397", ""),
        ("Bias at 400", "1.62", "−21.29 to 24.53", ""),
        ("Linearity (cusum test)", "", "", "0.766"),
    ]
    assert any("Mini = intercept + slope × Wright" in note for note in table.footnotes)


def test_readings_have_a_unit():
    table = bm.method_comparison(replicated(), value="suvmax", fits="orthogonal", at=[6.5]).table()
    assert table.title == "Comparison of A and B on SUVmax"
    assert table.header[1] == "Estimate, g/mL"
    assert [row.cells[0] for row in table.lines] == [
        "Orthogonal regression", "Intercept", "Slope", "Bias at 6.50 g/mL",
    ]  # fmt: skip


def test_no_line():
    table = bm.method_comparison(WIDE.assign(mini=1.0), x="Wright", y="mini", patient=None).table()
    assert table.lines[2].cells == ("Slope", "NE", "NE", "")
