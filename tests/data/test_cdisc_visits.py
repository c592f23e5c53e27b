"""SDTM TR to measurements of lesions over visits, and from them to responses."""

from __future__ import annotations

import pandas as pd
import pytest

from biomarker.data.cdisc_visits import tumours_at_visits
from biomarker.data.cells import TextTable
from biomarker.data.layouts import laid_out
from biomarker.data.response import response_category
from biomarker.errors import StudyError

COLUMNS = ["TRLNKID", "TRGRPID", "TRLOC", "TRTESTCD", "TRSTRESC", "TRSTRESU", "VISIT", "TRDTC", "TRDY", "TRLOBXFL"]
FIRST, SECOND = ("SCREENING", "2026-01-05", "-7", "Y"), ("WEEK 8", "2026-03-10", "58", "")
ROWS = [
    ("T01", "TARGET", "LIVER", "LDIAM", "40", "mm", *FIRST),
    ("T02", "TARGET", "LYMPH NODE", "LPERP", "18", "mm", *FIRST),
    ("T02", "TARGET", "LYMPH NODE", "LDIAM", "30", "mm", *FIRST),
    ("NT01", "NON-TARGET", "BONE", "TUMSTATE", "PRESENT", "", *FIRST),
    ("", "TARGET", "", "SUMDIAM", "58", "mm", *FIRST),
    ("T01", "TARGET", "LIVER", "LDIAM", "20", "mm", *SECOND),
    ("T02", "TARGET", "LYMPH NODE", "LPERP", "8", "mm", *SECOND),
    ("T02", "TARGET", "LYMPH NODE", "LDIAM", "15", "mm", *SECOND),
    ("NT01", "NON-TARGET", "BONE", "TUMSTATE", "PRESENT", "", *SECOND),
]


def table(rows=ROWS, **changes):
    frame = pd.DataFrame(rows, columns=COLUMNS, index=pd.RangeIndex(2, len(rows) + 2)).assign(USUBJID="A1", **changes)
    return TextTable(frame=frame.astype(object), file="tr.csv")


def made(given):
    turned = laid_out(given, "sdtm-tr", part="visits")
    frame = turned.frame.assign(diameter_mm=pd.to_numeric(turned.frame["diameter_mm"], errors="coerce"))
    return turned, frame


def test_nodes_by_the_short_axis_and_days_by_dates():
    turned, frame = made(table())
    assert frame[["lesion_id", "visit", "scan_date", "role", "is_node", "diameter_mm"]].fillna(
        0
    ).to_numpy().tolist() == [
        ["T01", "baseline", "2026-01-05", "target", "false", 40],
        ["T02", "baseline", "2026-01-05", "target", "true", 18],
        ["NT01", "baseline", "2026-01-05", "non-target", "false", 0],
        ["T01", "WEEK 8", "2026-03-10", "target", "false", 20],
        ["T02", "WEEK 8", "2026-03-10", "target", "true", 8],
        ["NT01", "WEEK 8", "2026-03-10", "non-target", "false", 0],
    ]
    found = response_category(frame, per="visit")
    assert found[["day", "response", "sum_mm"]].to_numpy().tolist() == [[64, "PR", 28]]
    assert "1 row of another test or of no one lesion was left out" in turned.notes[0]
    assert "the baseline is the visit with TRLOBXFL Y (SCREENING)" in turned.notes[0]


def test_study_days_have_no_day_0():
    """Day -7 and day 58 are 64 days apart, as their dates are."""
    turned, frame = made(table(TRDTC=""))
    assert response_category(frame.assign(day=frame["day"].astype(float)), per="visit")["day"].item() == 64
    assert "TRDY has no day 0" in turned.notes[0]
    with pytest.raises(StudyError, match=r"tr.csv: the visits have no time: complete dates in TRDTC"):
        made(TextTable(frame=table(TRDTC="2026-01").frame.drop(columns="TRDY"), file="tr.csv"))


def test_a_baseline_without_its_flag_is_taken_by_name_and_told():
    turned, frame = made(table(TRLOBXFL=""))
    assert set(frame["visit"]) == {"baseline", "WEEK 8"}
    assert "no visit is flagged as baseline, so it is taken by its name (SCREENING)" in turned.notes[0]


def test_what_was_not_done_is_not_evaluable():
    rows = [*ROWS[:5], ("T01", "TARGET", "LIVER", "LDIAM", "", "", *SECOND), *ROWS[6:]]
    turned, frame = made(table(rows, TRSTAT=["", "", "", "", "", "NOT DONE", "", "", ""]))
    assert frame["status"].tolist() == ["", "", "present", "not evaluable", "", "present"]
    assert response_category(frame, per="visit")["response"].item() == "NE"
    assert not turned.problems


def test_what_cannot_be_told_is_refused():
    with pytest.raises(
        StudyError, match="lesions such as T02 have a longest diameter and one across, and no column TRLOC"
    ):
        made(TextTable(frame=table().frame.drop(columns="TRLOC"), file="tr.csv"))
    mixed = [(*row[:5], "cm", *row[6:]) if at == 0 else row for at, row in enumerate(ROWS)]
    with pytest.raises(StudyError, match=r"tr\.csv: TRSTRESU of diameters holds cm, mm; give one"):
        made(table(mixed))
    turned, _ = made(table(TRGRPID="T"))
    assert turned.problems[0].column == "TRGRPID"
    with pytest.raises(StudyError, match="no part 'visit'"):
        laid_out(table(), "sdtm-tr", part="visit")
    with pytest.raises(StudyError, match="no row of TRTESTCD is one of LDIAM"):
        tumours_at_visits(table(TRTESTCD="SUMDIAM"))
    centimetres, _ = made(table(TRSTRESU="cm"))
    assert centimetres.units == {"diameter_mm": "cm"}
