"""The table of survival curves, as it prints."""

import pandas as pd

from biomarker import survival_curves

WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
FREIREICH = pd.DataFrame(
    {
        "patient_id": range(42),
        "remission_weeks": WEEKS + PLACEBO,
        "relapse": RELAPSE + [1] * 21,
        "arm": ["6-MP"] * 21 + ["Placebo"] * 21,
        "sex": ["F", "M"] * 21,
    }
)
ARGUMENTS = {"duration": "remission_weeks", "event": "relapse"}


def cells(table):
    return [row.cells for row in table.lines]


def test_two_groups_in_print():
    table = survival_curves(FREIREICH, **ARGUMENTS, group="arm", times=[8, 40]).table()
    assert table.title == "Remission by arm"
    assert table.header == ("", "6-MP", "Placebo")
    assert cells(table) == [
        ("Patients", "21", "21"),
        ("Events", "9", "21"),
        ("Median, weeks (95% CI)", "23.0 (13.0–NR)", "8.0 (4.0–11.0)"),
        ("Median follow-up, weeks", "25.0", "NR"),
        ("Remission, % (95% CI)",),
        ("At 8 weeks", "80.7 (56.3–92.3)", "38.1 (18.3–57.8)"),
        ("At 40 weeks", "NE", "0.0"),
        ("Log-rank p", "<0.001", ""),
    ]
    assert table.footnotes == (
        "CI, confidence interval (Kaplan-Meier estimates with log-log intervals); NR, not reached; NE, not estimable.",
        "Median follow-up is by the reverse Kaplan-Meier method.",
        "Survival at 40 weeks is not estimable in 6-MP: follow-up ends before (at 6-MP 35).",
        "42 patients analysed; none excluded.",
    )


def test_journal_style_and_level():
    result = survival_curves(FREIREICH, **ARGUMENTS, group="arm", times=8, confidence_level=0.9, strata="sex")
    rows = cells(result.table("nejm"))
    assert rows[2][0] == "Median, weeks (90% CI)"
    assert rows[2][1].endswith(" to NR)")
    assert rows[-1] == ("Stratified log-rank P", "<0.001", "")


def test_without_groups_and_from_a_landmark():
    table = survival_curves(FREIREICH, **ARGUMENTS, landmark=6).table()
    assert table.title == "Remission from a landmark at 6 weeks"
    assert table.header == ("", "All patients")
    labels = [row[0] for row in cells(table)]
    assert labels == [
        "Patients",
        "Events",
        "Median, weeks (95% CI)",
        "Median follow-up, weeks",
    ]
    assert table.footnotes[-1] == (
        "33 patients analysed, of 42 patients; excluded: 9 with the event before the landmark of 6 weeks."
    )


def test_groups_of_numbers_bear_the_name_of_their_column():
    table = survival_curves(FREIREICH.assign(ecog=[0, 1] * 21), **ARGUMENTS, group="ecog").table()
    assert table.header == ("", "ECOG 0", "ECOG 1")


def test_nobody_has_the_event():
    rows = cells(survival_curves(FREIREICH.assign(relapse=0), **ARGUMENTS, group="arm", times=4).table())
    assert rows[2] == ("Median, weeks (95% CI)", "NR", "NR")
    assert rows[5] == ("At 4 weeks", "100.0", "100.0")
    assert rows[-1] == ("Log-rank p", "NE", "")
