"""The table beneath a swimmer plot, as it prints."""

import biomarker as bm
from tests.analyses.test_swimmer import ASKED, patients


def test_one_column_a_group():
    table = bm.swimmer(patients(), **ASKED, group="arm", events={"First response": "response_months"}).table()
    assert table.title == "Progression-free survival, course of 6 patients"
    assert table.header == ("", "All (n = 6)", "A (n = 3)", "B (n = 2)")
    assert [row.cells for row in table.lines] == [
        ("Events, n/N (%)", "4/6 (66.7)", "2/3 (66.7)", "2/2 (100.0)"),
        ("Without the event at the end, n/N (%)", "2/6 (33.3)", "1/3 (33.3)", "0/2 (0.0)"),
        ("Median follow-up, months (95% CI)", "12.5 (NR–NR)", "12.5 (NR–NR)", "NR"),
        ("Longest follow-up, months", "12.5", "12.5", "3.0"),
        ("Total follow-up, months", "44.5", "28.5", "3.5"),
        ("First response, n/N (%)", "3/6 (50.0)", "3/3 (100.0)", "0/2 (0.0)"),
        ("First response, months, median (range)", "2.0 (1.5–9.0)", "2.0 (1.5–9.0)", "NE"),
    ]
    assert "). NR, not reached; NE, not estimable. Median (range)" in table.footnotes[0]


def test_ongoing_when_it_is_told():
    table = bm.swimmer(patients(), **ASKED, ongoing="treated").table()
    assert table.lines[1].cells == ("Ongoing, n/N (%)", "1/6 (16.7)")
