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
    assert table.header == ("", "6-MP", "Placebo", "p")
    assert [(spanner.label, spanner.first, spanner.last) for spanner in table.spanners] == [("Arm", 1, 2)]
    assert cells(table) == [
        ("Patients", "21", "21", ""),
        ("Events", "9", "21", ""),
        ("Median, weeks (95% CI)", "23.0 (13.0–NR)", "8.0 (4.0–11.0)", ""),
        ("Time until 25% had the event, weeks (95% CI)", "13.0 (6.0–22.0)", "4.0 (1.0–5.0)", ""),
        ("Time until 75% had the event, weeks (95% CI)", "NR (23.0–NR)", "12.0 (8.0–22.0)", ""),
        ("Median follow-up, weeks", "25.0", "NR", ""),
        ("Mean survival time to 23 weeks (95% CI)", "17.9 (14.0–21.8)", "8.7 (5.7–11.6)", ""),
        ("Remission, % (95% CI)",),
        ("At 8 weeks", "80.7 (56.3–92.3)", "38.1 (18.3–57.8)", ""),
        ("At 40 weeks", "NE", "0.0", ""),
        ("Against 6-MP (95% CI)",),
        ("Difference in survival at 8 weeks, percentage points", "–", "−42.6 (−65.5 to −11.3)", ""),
        ("Difference in survival at 40 weeks, percentage points", "–", "NE", ""),
        ("Difference in mean survival time, weeks", "–", "−9.2 (−13.8 to −4.7)", ""),
        ("Ratio of mean survival times", "–", "0.48 (0.33–0.71)", ""),
        ("Log-rank test", "", "", "<0.001"),
    ]
    assert table.footnotes == (
        "CI, confidence interval (Kaplan-Meier estimates with log-log intervals); NR, not reached; NE, not estimable.",
        "Median follow-up is by the reverse Kaplan-Meier method.",
        "Mean survival time is the area under the curve up to then (RMST).",
        "Survival at 40 weeks is not estimable in 6-MP: follow-up ends before (at 6-MP 35).",
        "Mean survival time is restricted to 23 weeks, the shortest follow-up of a group; "
        "a time set in advance is better.",
        "42 patients analysed; none excluded.",
    )


def test_journal_style_and_level():
    result = survival_curves(FREIREICH, **ARGUMENTS, group="arm", times=8, confidence_level=0.9, strata="sex")
    rows = cells(result.table("nejm"))
    assert rows[2][0] == "Median, weeks (90% CI)"
    assert rows[2][1].endswith(" to NR)")
    assert rows[-1] == ("Stratified log-rank test", "", "", "<0.001")


def test_without_groups_and_from_a_landmark():
    table = survival_curves(FREIREICH, **ARGUMENTS, landmark=6).table()
    assert table.title == "Remission from a landmark at 6 weeks"
    assert table.header == ("", "All patients")
    labels = [row[0] for row in cells(table)]
    assert labels == [
        "Patients",
        "Events",
        "Median, weeks (95% CI)",
        "Time until 25% had the event, weeks (95% CI)",
        "Time until 75% had the event, weeks (95% CI)",
        "Median follow-up, weeks",
        "Mean survival time to 29 weeks (95% CI)",
    ]
    assert table.footnotes[-1] == (
        "33 patients analysed, of 42 patients; excluded: 9 with the event before the landmark of 6 weeks."
    )


def test_groups_of_numbers_bear_the_name_of_their_column():
    table = survival_curves(FREIREICH.assign(ecog=[0, 1] * 21), **ARGUMENTS, group="ecog").table()
    assert table.header == ("", "ECOG 0", "ECOG 1", "p")


def test_nobody_has_the_event():
    rows = cells(survival_curves(FREIREICH.assign(relapse=0), **ARGUMENTS, group="arm", times=4).table())
    assert rows[2] == ("Median, weeks (95% CI)", "NR", "NR", "")
    assert ("At 4 weeks", "100.0", "100.0", "") in rows
    assert rows[-1] == ("Log-rank test", "", "", "NE")


def test_several_tests_trend_and_pairs():
    data = FREIREICH.assign(stage=["I", "II", "III"] * 14)
    result = survival_curves(
        data, **ARGUMENTS, group="stage", tests=["log-rank", "gehan", "fleming-harrington"], trend=True, pairwise=True,
        tau=None, quantiles=[],
    )  # fmt: skip
    rows = cells(result.table())
    assert [row[0] for row in rows][4:] == [
        "Log-rank test",
        "Gehan test",
        "Fleming-Harrington (0, 1) test",
        "Test of trend",
        "Pairs: log-rank test, Holm-adjusted (raw)",
        "I v II",
        "I v III",
        "II v III",
    ]
    first = result.estimate("pairwise_p_value", comparison="I v II")
    assert rows[9][-1] == f"{first.value:.3f} ({first.p_value:.3f})" or rows[9][-1].startswith("1.00")
    assert any("Several tests" in note for note in result.warnings)
