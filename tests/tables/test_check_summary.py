from biomarker import check_summary

TIMES = {"means": ["7.83", "5.73"], "spreads": ["0.55", "0.47"], "n": 18, "groups": ["24 h", "48 h"]}


def cells(table):
    return [row.cells for row in table.lines]


def test_one_column_a_reading():
    table = check_summary(**TIMES, p_value="0.0065", paired=True, minimums=[3, 2], maximums=[10.5, 9.5]).table()
    assert table.header == ("If the spread is the", "SD", "SE", "95% CI half-width")
    rows = cells(table)
    assert rows[:5] == [
        ("SD implied",),
        ("24 h", "0.55 (0.55–0.56)", "2.33 (2.31–2.35)", "1.11 (1.10–1.12)"),
        ("48 h", "0.47 (0.46–0.47)", "1.99 (1.97–2.02)", "0.95 (0.94–0.96)"),
        ("p-value recomputed",),
        ("Student's t test, two-sided", "<0.0001", "0.00645 (0.00579 to 0.00717)", "<0.0001"),
    ]
    assert ("Correlation that a paired t test needs", "impossible", "0.12 (0.10–0.15)", "impossible") in rows
    assert ("Reported p", "0.0065", "", "") in rows
    assert rows[-2][0] == "24 h"
    assert table.footnotes[-1] == "2 groups analysed; none excluded."
    assert any("only if the spread is read as the standard error" in note for note in table.footnotes)


def test_percentages_have_a_row_each():
    table = check_summary(percentages=["94.4", "95.0"], totals=[18, 18]).table()
    assert cells(table) == [("Percentage", "Percentage 1", "yes"), ("Percentage", "Percentage 2", "no")]
    assert table.footnotes[-1] == "2 percentages analysed; none excluded."
