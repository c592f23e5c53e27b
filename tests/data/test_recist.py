"""RECIST 1.1 by cases: tables 1 to 3 of Eisenhauer 2009, and what the working group has answered since."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from biomarker.data.best_overall_response import best_overall_response
from biomarker.data.recist import overall_response
from biomarker.data.response import response_category
from biomarker.errors import BiomarkerWarning, DesignError, SchemaError, StudyError

NAN = math.nan
COLUMNS = ["lesion_id", "day", "role", "lesion_site", "diameter_mm", "status"]


def course(*rows, patient="01"):
    """Rows of (lesion, day, role, site, diameter, status); a target's site and status may be left out."""
    filled = [(*row, *("liver", NAN, "")[len(row) - 3 :]) for row in rows]
    return pd.DataFrame(filled, columns=COLUMNS).assign(patient_id=patient)


def sums(*values, site="liver", step=56):
    """One target, measured at visits eight weeks apart."""
    return course(*(("T1", step * at, "target", site, value) for at, value in enumerate(values)))


def at_visits(measurements, **options):
    return response_category(measurements, per="visit", **options)


def responses(measurements, **options):
    return at_visits(measurements, **options)["response"].tolist()


@pytest.mark.parametrize(
    ("target", "non_target", "new", "expected"),
    [  # table 1, patients with target disease, and table 2, with non-target disease only
        ("CR", "CR", False, "CR"),
        ("CR", "", False, "CR"),
        ("CR", "non-CR/non-PD", False, "PR"),
        ("CR", "NE", False, "PR"),
        ("PR", "non-CR/non-PD", False, "PR"),
        ("PR", "NE", False, "PR"),
        ("PR", "CR", False, "PR"),
        ("SD", "non-CR/non-PD", False, "SD"),
        ("SD", "NE", False, "SD"),
        ("NE", "non-CR/non-PD", False, "NE"),
        ("NE", "CR", False, "NE"),
        ("PD", "CR", False, "PD"),
        ("CR", "PD", False, "PD"),
        ("NE", "PD", False, "PD"),
        ("CR", "CR", True, "PD"),
        ("NE", "NE", True, "PD"),
        ("", "CR", False, "CR"),
        ("", "non-CR/non-PD", False, "non-CR/non-PD"),
        ("", "NE", False, "NE"),
        ("", "PD", False, "PD"),
        ("", "CR", True, "PD"),
        ("", "", False, "ND"),
    ],
)
def test_tables_1_and_2(target, non_target, new, expected):
    assert overall_response(target, non_target, new_lesion=new) == expected


@pytest.mark.parametrize(
    ("diameters", "expected", "reason"),
    [
        ((100, 70), ["PR"], "sum of diameters 70 mm, −30% from 100 mm at baseline"),
        ((100, 70.1), ["SD"], "sum of diameters 70.1 mm, −29.9% from 100 mm at baseline"),
        ((100, 120), ["PD"], "+20% and +20 mm from the smallest sum 100 mm"),
        ((100, 119.9), ["SD"], "+19.9% and +19.9 mm from the smallest sum 100 mm: no progression"),
        # progression is from the nadir, response from the baseline: PR and PD at once is PD
        ((100, 50, 60), ["PR", "PD"], "−40% from 100 mm at baseline; +20% and +10 mm from the smallest sum 50 mm"),
        # 20 % and more, but less than 5 mm: no progression
        ((20, 11, 15.9), ["PR", "SD"], "+44.5% and +4.9 mm from the smallest sum 11 mm: no progression"),
        ((20, 11, 16), ["PR", "PD"], "+45.5% and +5 mm from the smallest sum 11 mm"),
        # 5 mm and more, but less than 20 %
        ((100, 115), ["SD"], "+15% and +15 mm"),
        ((100, 0), ["CR"], "all targets gone"),
        # the working group's example: 165, 63 and 65 mm is a partial response that goes on
        ((165, 63, 65), ["PR", "PR"], "sum of diameters 65 mm, −60.6% from 165 mm"),
        # ... and 100, 70, 70, 80, 80, 80: a response seen twice ends by progression only
        (
            (100, 70, 70, 80, 80, 80),
            ["PR"] * 5,
            "−20% from 100 mm at baseline; a partial response continues until progression",
        ),
        # decimals: 1.2 x 25.5 is 30.6 on paper
        ((25.5, 30.6), ["PD"], "+20%"),
        ((30.1, 21.07), ["PR"], "−30%"),
    ],
)
def test_targets(diameters, expected, reason):
    found = at_visits(sums(*diameters), confirm_days=28)
    assert found["response"].tolist() == expected
    assert reason in found["reason"].iloc[-1]


def test_a_lesion_back_after_complete_response_is_progression_whatever_its_size():
    found = at_visits(sums(40, 0, 4))
    assert found["response"].tolist() == ["CR", "PD"]
    assert found["reason"].iloc[1].startswith("PD: target T1 reappeared after complete response")
    # an assessment that failed in between does not undo the complete response
    missed = sums(40, 0, NAN, 3)
    assert responses(missed) == ["CR", "NE", "PD"]


def test_a_lesion_back_after_partial_response_is_added_to_the_sum():
    """One of several that reappears is not enough: the sum has to meet progression."""
    rows = [("T1", 0, "target", "lung", 60), ("T2", 0, "target", "liver", 20),
            ("T1", 56, "target", "lung", 40), ("T2", 56, "target", "liver", 0),
            ("T1", 112, "target", "lung", 40), ("T2", 112, "target", "liver", 6)]  # fmt: skip
    found = at_visits(course(*rows))
    assert found["response"].tolist() == ["PR", "PR"]
    assert found["sum_mm"].tolist() == [40, 46]
    assert found["nadir"].tolist() == [80, 40]


def test_nodes_are_complete_below_10_mm_though_the_sum_is_not_0():
    rows = [("N1", 0, "target", "lymph node", 22), ("T1", 0, "target", "liver", 30),
            ("N1", 56, "target", "lymph node", 9.9), ("T1", 56, "target", "liver", 0),
            ("N1", 112, "target", "lymph node", 9), ("T1", 112, "target", "liver", 0),
            ("N1", 168, "target", "lymph node", 10), ("T1", 168, "target", "liver", 0)]  # fmt: skip
    found = at_visits(course(*rows))
    # the working group: a target node is back from 10 mm on, and after a complete response that is progression
    assert found["response"].tolist() == ["CR", "CR", "PD"]
    assert found["reason"].iloc[0] == "CR: all targets gone, nodes below 10 mm (sum 9.9 mm)."
    assert found["sum_mm"].tolist() == [9.9, 9, 10]
    assert "target N1 reappeared after complete response" in found["reason"].iloc[2]


def test_a_node_of_10_mm_is_not_complete():
    assert responses(sums(30, 10, site="lymph node")) == ["PR"]
    by_column = sums(30, 9).assign(is_node=True)
    assert responses(by_column) == ["CR"]
    assert responses(by_column.assign(is_node="no")) == ["PR"]


def test_too_small_to_measure_is_5_mm():
    rows = [("T1", 0, "target", "liver", 12), ("T1", 56, "target", "liver", NAN, "too small to measure")]
    found = at_visits(course(*rows))
    assert found["sum_mm"].item() == 5
    assert "lesion T1 too small to measure, taken as 5 mm" in found["reason"].item()
    assert at_visits(course(*rows), too_small_mm=2)["sum_mm"].item() == 2
    measured = course(rows[0], ("T1", 56, "target", "liver", 3, "too small to measure"))
    assert at_visits(measured)["sum_mm"].item() == 3


def test_absent_without_a_diameter_is_0_mm():
    assert responses(course(("T1", 0, "target", "liver", 12), ("T1", 56, "target", "liver", NAN, "absent"))) == ["CR"]


def test_split_lesions_are_added_and_merged_ones_are_measured_once():
    split = course(("T1", 0, "target", "liver", 40), ("T1", 56, "target", "liver", 15, "split"),
                   ("T1", 56, "target", "liver", 12, "split"))  # fmt: skip
    found = at_visits(split)
    assert (found["sum_mm"].item(), found["response"].item()) == (27, "PR")
    assert "lesion T1 split, diameters of the parts added" in found["reason"].item()
    merged = course(
        ("T1", 0, "target", "liver", 30),
        ("T2", 0, "target", "liver", 20),
        ("T1", 56, "target", "liver", 44, "merged"),
        ("T2", 56, "target", "liver", NAN, "merged"),
    )
    found = at_visits(merged)
    assert (found["sum_mm"].item(), found["response"].item()) == (44, "SD")
    assert "lesions T1 and T2 merged, measured as one" in found["reason"].item()
    nowhere = merged.assign(diameter_mm=[30, 20, NAN, NAN])
    with pytest.raises(SchemaError, match="row 2, diameter_mm: is merged, but no merged lesion of the visit has a dia"):
        at_visits(nowhere)


@pytest.mark.parametrize(
    ("second", "expected", "reason"),
    [
        ((60, NAN), "NE", "NE: target T2 not evaluable."),
        # what is left has grown by 20 % over the whole sum: progression whatever the other one does
        ((84, NAN), "PD", "target T2 not evaluable, but the sum of the others alone is 84 mm, +20% and +14 mm"),
        ((83, NAN), "NE", "not evaluable"),
        ((NAN, NAN), "NE", "NE: targets T1 and T2 not evaluable."),
    ],
)
def test_missing_targets(second, expected, reason):
    rows = [("T1", 0, "target", "liver", 50), ("T2", 0, "target", "lung", 20),
            *((f"T{at + 1}", 56, "target", "liver", value) for at, value in enumerate(second))]  # fmt: skip
    found = at_visits(course(*rows).assign(lesion_site="x"))
    assert found["response"].item() == expected
    assert reason in found["reason"].item()
    assert math.isnan(found["sum_mm"].item())


def test_a_target_without_a_row_was_not_assessed_and_its_visit_is_no_nadir():
    rows = [("T1", 0, "target", "liver", 50), ("T2", 0, "target", "lung", 50), ("T1", 56, "target", "liver", 20),
            ("T1", 112, "target", "liver", 50), ("T2", 112, "target", "lung", 50)]  # fmt: skip
    found = at_visits(course(*rows))
    assert found["response"].tolist() == ["NE", "SD"]
    assert found["nadir"].tolist() == [100, 100]


@pytest.mark.parametrize(
    ("status", "diameter", "expected", "reason"),
    [
        ("absent", NAN, "CR", "non-target lesions gone"),
        ("CR", NAN, "CR", "non-target lesions gone"),
        ("present", NAN, "PR", "non-target lesions persist"),
        ("non-CR/non-PD", NAN, "PR", "non-target lesions persist"),
        ("not evaluable", NAN, "PR", "non-target lesion X not evaluable"),
        ("", NAN, "PR", "non-target lesion X not evaluable"),
        ("unequivocal progression", NAN, "PD", "PD: unequivocal progression of non-target lesion X; all targets gone"),
        ("", 0, "CR", "non-target lesions gone"),
        ("", 8, "PR", "non-target lesions persist"),
    ],
)
def test_non_target_lesions(status, diameter, expected, reason):
    rows = [("T1", 0, "target", "liver", 50), ("X", 0, "non-target", "bone", NAN, "present"),
            ("T1", 56, "target", "liver", 0), ("X", 56, "non-target", "bone", diameter, status)]  # fmt: skip
    found = at_visits(course(*rows))
    assert found["response"].item() == expected
    assert reason in found["reason"].item()


def test_non_target_nodes_are_gone_below_10_mm_and_not_back_by_being_seen():
    node = [("T1", 0, "target", "liver", 50), ("X", 0, "non-target", "lymph node", 12),
            ("T1", 56, "target", "liver", 0), ("X", 56, "non-target", "lymph node", 9),
            ("T1", 112, "target", "liver", 0), ("X", 112, "non-target", "lymph node", 11)]  # fmt: skip
    found = at_visits(course(*node))
    assert found["response"].tolist() == ["CR", "CR"]
    assert "non-target nodal lesion X visible without unequivocal progression" in found["reason"].iloc[1]
    other = course(*node).assign(lesion_site="bone", diameter_mm=[50, 12, 0, 0, 0, 4])
    found = at_visits(other)
    assert found["response"].tolist() == ["CR", "PD"]
    assert "non-target lesion X reappeared after complete response" in found["reason"].iloc[1]


def test_non_target_disease_alone():
    rows = [("X", 0, "non-target", "pleura", NAN, "present"), ("X", 56, "non-target", "pleura", NAN, "present"),
            ("X", 112, "non-target", "pleura", NAN, "absent")]  # fmt: skip
    assert responses(course(*rows)) == ["non-CR/non-PD", "CR"]
    best = response_category(course(*rows[:2]))
    assert best["best_response"].item() == "non-CR/non-PD"
    assert best["disease_control"].item()
    # an unconfirmed complete response without targets is no stable disease
    assert response_category(course(*rows), confirm=True)["best_response"].item() == "non-CR/non-PD"


def test_new_lesions():
    rows = [("T1", 0, "target", "liver", 50), ("T1", 56, "target", "liver", 20), ("T1", 112, "target", "liver", 10),
            ("T1", 168, "target", "liver", 10)]  # fmt: skip
    new = course(*rows, ("B1", 112, "new", "brain"))
    found = at_visits(new)
    assert found["response"].tolist() == ["PR", "PD", "PD"]
    assert found["reason"].iloc[1].startswith("PD: new lesion B1; sum of diameters 10 mm, −80%")
    assert found["new_lesion"].tolist() == [False, True, True]
    # equivocal at first, and never more: no progression
    doubtful = course(*rows, ("B1", 112, "new", "brain", NAN, "equivocal"))
    found = at_visits(doubtful)
    assert found["response"].tolist() == ["PR", "PR", "PR"]
    assert "lesion B1 equivocal, not counted as new" in found["reason"].iloc[1]
    # ... confirmed later: progression on the day it was first seen
    confirmed = course(*rows, ("B1", 112, "new", "brain", NAN, "equivocal"), ("B1", 168, "new", "brain", 12))
    best = response_category(confirmed)
    assert responses(confirmed) == ["PR", "PD", "PD"]
    assert best["progression_day"].item() == 112


TABLE_3 = [  # first and later response, best overall response where confirmation is asked for; late: SD long enough
    ("CR", "CR", "CR", "CR"),
    ("CR", "PR", "SD", "PD"),
    ("CR", "SD", "SD", "PD"),
    ("CR", "PD", "SD", "PD"),
    ("CR", "NE", "SD", "NE"),
    ("PR", "CR", "PR", "PR"),
    ("PR", "PR", "PR", "PR"),
    ("PR", "SD", "SD", "SD"),
    ("PR", "PD", "SD", "PD"),
    ("PR", "NE", "SD", "NE"),
    ("NE", "NE", "NE", "NE"),
]


@pytest.mark.parametrize(("first", "later", "late", "early"), TABLE_3)
def test_table_3(first, later, late, early):
    """The second visit is always late enough for stable disease of its own, as the table takes it."""
    for day, expected in ((56, late), (30, early)):
        visits = pd.DataFrame({"patient_id": "01", "day": [day, day + 56], "response": [first, later]})
        best = best_overall_response(visits, confirm=True)
        assert best["best_response"].item() == expected, (first, later, day)
        assert best["confirmed"].item() == (expected in ("CR", "PR"))
        assert best["reason"].item().startswith(f"{expected}: ")


@pytest.mark.parametrize(
    ("days", "sequence", "options", "expected"),
    [
        ((56, 112, 168), ("PR", "NE", "PR"), {}, "PR"),  # the paper names this sequence a confirmed response
        ((56, 112, 168, 224), ("PR", "NE", "NE", "PR"), {}, "SD"),
        ((56, 112, 168, 224), ("PR", "NE", "NE", "PR"), {"max_not_evaluable": 2}, "PR"),
        ((56, 112, 168), ("PR", "SD", "PR"), {}, "SD"),
        ((56, 112, 168), ("PR", "SD", "PR"), {"accept_stable": True}, "PR"),
        ((56, 112, 168), ("CR", "NE", "CR"), {}, "CR"),
        ((56, 70), ("PR", "PR"), {}, "SD"),  # two weeks are too few to confirm
        ((56, 70, 84), ("PR", "PR", "PR"), {}, "PR"),
        ((56, 112, 168), ("PR", "CR", "CR"), {}, "CR"),
        ((56, 112, 168), ("SD", "PR", "PD"), {}, "SD"),
        ((56, 112), ("SD", "PD"), {}, "SD"),
        ((41, 112), ("SD", "PD"), {}, "PD"),
        ((42, 112), ("SD", "PD"), {}, "SD"),
        ((41,), ("SD",), {}, "NE"),
        ((20, 56), ("NE", "PD"), {}, "PD"),
        ((56, 112), ("PD", "CR"), {}, "PD"),  # nothing after progression counts
    ],
)
def test_best_response_with_confirmation(days, sequence, options, expected):
    visits = pd.DataFrame({"patient_id": "01", "day": days, "response": sequence})
    assert best_overall_response(visits, confirm=True, **options)["best_response"].item() == expected


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        (("PR", "PD"), "PR"),
        (("SD", "CR"), "CR"),
        (("PD", "PR"), "PD"),
        (("NE", "SD"), "SD"),
        (("non-CR/non-PD", "PD"), "non-CR/non-PD"),
        (("ND", "ND"), "ND"),
    ],
)
def test_best_response_without_confirmation(sequence, expected):
    visits = pd.DataFrame({"patient_id": "01", "day": [56, 112], "response": sequence})
    assert best_overall_response(visits)["best_response"].item() == expected


def test_duration_of_response_runs_from_the_first_response_to_progression_or_the_last_visit():
    measurements = pd.concat(
        [
            sums(100, 90, 60, 0, 30).assign(patient_id="back"),
            sums(100, 90, 60, 60).assign(patient_id="lasting"),
            sums(100, 95).assign(patient_id="stable"),
            sums(100, 60, 130).assign(patient_id="unconfirmed"),
        ]
    )
    best = response_category(measurements).set_index("patient_id")
    assert best["best_response"].to_dict() == {"back": "CR", "lasting": "PR", "stable": "SD", "unconfirmed": "PR"}
    assert best.loc["back", ["response_day", "progression_day"]].tolist() == [112, 224]
    assert best.loc["back", "duration_of_response_months"] == pytest.approx(112 / 30.4375)
    assert best.loc["lasting", "duration_of_response_months"] == pytest.approx(56 / 30.4375)
    assert best["duration_event"].tolist() == [True, False, pd.NA, True]
    assert best["best_change_percent"].tolist() == [-100, -40, -5, -40]
    confirmed = response_category(measurements, confirm=True).set_index("patient_id")
    # the complete response was seen once, but it confirms the partial one before it
    assert confirmed["best_response"].to_dict() == {
        "back": "PR", "lasting": "PR", "stable": "SD", "unconfirmed": "SD"
    }  # fmt: skip
    assert confirmed.loc["back", "response_day"] == 112
    assert confirmed.loc["unconfirmed", "reason"] == (
        "SD: PR on day 56 was not confirmed; no progression by day 56, at least 42 days from baseline."
    )
    assert math.isnan(confirmed.loc["unconfirmed", "response_day"])


def test_a_patient_without_a_visit_after_baseline_is_not_evaluable():
    best = response_category(sums(30))
    assert best["best_response"].item() == "NE"
    assert best["reason"].item() == "NE: no assessment after the baseline."
    assert at_visits(sums(30)).empty


def test_dates_and_named_visits_serve_as_well_as_days():
    measurements = sums(100, 60, 130).assign(visit=["Baseline", "Week 8", "Week 16"])
    dated = measurements.assign(scan_date=pd.to_datetime(["2026-01-05", "2026-03-02", "2026-04-27"])).drop(
        columns="day"
    )
    written = dated.assign(scan_date=dated["scan_date"].dt.strftime("%Y-%m-%d"))
    for table in (dated, written, dated.sample(frac=1, random_state=1)):
        found = at_visits(table)
        assert found["day"].tolist() == [56, 112]
        assert found["visit"].tolist() == ["Week 8", "Week 16"]
        assert found["response"].tolist() == ["PR", "PD"]


def changed(measurements, row, **cells):
    out = measurements.astype({column: object for column in cells if column in measurements})
    for column, value in cells.items():
        out.loc[row, column] = value
    return out


BASE = course(("T1", 0, "target", "liver", 50), ("T2", 0, "target", "lung", 30), ("X", 0, "non-target", "bone", NAN),
              ("T1", 56, "target", "liver", 45), ("T2", 56, "target", "lung", 20),
              ("X", 56, "non-target", "bone", NAN, "present"))  # fmt: skip


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (changed(BASE, 3, role="tagret"), r"row 3, role: 'tagret' is not a role .* \(did you mean 'target'\?\)"),
        (changed(BASE, 5, status="presnt"), r"row 5, status: 'presnt' is not a status .*\(did you mean 'present'\?\)"),
        (changed(BASE, 4, diameter_mm=-3), "row 4, diameter_mm: '-3' is negative"),
        (changed(BASE, 4, diameter_mm=0.4), "row 4, diameter_mm: '0.4' is below 1 mm; .*: is this in cm?"),
        (changed(BASE, 4, diameter_mm=2000), "row 4, diameter_mm: '2000' is above 1000 mm"),
        (changed(BASE, 4, diameter_mm="big"), "row 4, diameter_mm: 'big' is not a finite number"),
        (changed(BASE, 1, diameter_mm=2.5), "row 1, diameter_mm: '2.5' is not measurable: .* is the column in cm?"),
        (changed(BASE, 0, lesion_site="node", diameter_mm=14), "short axis of a node as a target is at least 15 mm"),
        (changed(BASE, 1, diameter_mm=0), "row 1, diameter_mm: '0' a target cannot be 0 mm"),
        (changed(BASE, 1, diameter_mm=NAN), "row 1, diameter_mm: a target needs its diameter at baseline"),
        (changed(BASE, 4, patient_id=None), "row 4, patient_id: must not be missing"),
        (changed(BASE, 4, lesion_id=None), "row 4, lesion_id: must not be missing"),
        (changed(BASE, 4, day=None), "row 4, day: must not be missing"),
        (changed(BASE, 4, role=None), "row 4, role: must not be missing"),
        (changed(BASE, 4, day="soon"), "row 4, day: 'soon' is neither a number of days nor a date"),
        (changed(BASE, 4, lesion_id="T9"), "row 4, lesion_id: 'T9' has no baseline row: lesion T9 of patient 01"),
        (changed(BASE, 4, lesion_id="T1"), "row 4, lesion_id: 'T1' is a second row of lesion T1"),
        (changed(BASE, 3, role="non-target"), "row 3, role: 'non-target' contradicts target in row 0"),
        (changed(BASE, 0, role="new"), "row 0, role: 'new' is at the baseline"),
        (BASE.assign(day=[0, 0, 0, -7, 56, 56]), "row 0, day: 'day 0' is a second baseline of patient 01, bes"),
        (
            BASE.assign(visit=["baseline"] * 3 + ["early"] * 3, day=[0, 0, 0, -7, -7, -7]),
            r"row 3, day: 'day -7' is before the baseline of patient 01, day 0 \(row 0\)",
        ),
        (
            BASE.assign(visit=["baseline"] * 3 + ["week 8"] * 3, day=[0, 3, 0, 56, 56, 56]),
            r"row 1, day: 'day 3' is a second baseline of patient 01, beside day 0 \(row 0\); keep one of them",
        ),
        (
            BASE.assign(visit=["baseline"] * 3 + ["week 8"] * 3, day=[0, 0, 0, 56, 58, 56]),
            r"row 4, day: 'day 58' is not the day of visit week 8 of patient 01, day 56 \(row 3\)",
        ),
        (BASE.assign(visit="week 1"), "row 0, visit: 'week 1' is of patient 01, who has no visit called baseline"),
        (BASE.assign(is_node="maybe"), "row 0, is_node: 'maybe' is neither yes nor no"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be(table, message):
    with pytest.raises(SchemaError, match=message):
        response_category(table)


def many(n, site=None):
    return course(*((f"T{at}", 0, "target", site or f"organ {at}", 20.0) for at in range(n)))


def test_too_many_targets_are_refused_or_named():
    with pytest.raises(SchemaError, match=r"row 5, role: 'target' is one of 6 targets; RECIST 1.1 allows five"):
        response_category(many(6))
    with pytest.raises(SchemaError, match="row 2, lesion_site: 'lung' is target 3 in one organ"):
        response_category(many(3, site="lung"))
    with pytest.raises(SchemaError, match="is target 3 in one organ"):  # nodes of all regions are one organ
        response_category(many(3).assign(is_node=True))
    with pytest.warns(BiomarkerWarning, match=r"row 5, role: 'target' is one of 6 targets"):
        found = response_category(many(6), strict=False)
    assert found["best_response"].item() == "NE"
    assert response_category(many(5))["best_response"].item() == "NE"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"criteria": "recist"}, r"no criteria 'recist' \(did you mean 'irecist'\?\); there are recist-1.1, irecist"),
        ({"per": "lesion"}, "per = 'lesion'; write \"patient\""),
        ({"confirm_days": -1}, "confirm_days = -1 is not a number of 0 or more"),
        ({"too_small_mm": "5"}, "too_small_mm = '5' is not a number"),
        ({"n_lesions": 6}, "n_lesions = 6; PERCIST takes"),
        ({"n_lesions": True}, "n_lesions = True is not a whole number"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(DesignError, match=message):
        response_category(BASE, **options)


def test_columns_and_tables_that_are_not_there():
    with pytest.raises(StudyError, match=r"no column 'role' \(did you mean"):
        response_category(BASE.rename(columns={"role": "roles"}))
    with pytest.raises(StudyError, match="no column 'diameter_mm'"):
        response_category(BASE.rename(columns={"diameter_mm": "size_mm"}))
    assert response_category(BASE.rename(columns={"diameter_mm": "size_mm"}), diameter="size_mm").shape[0] == 1
    for nothing in (BASE.iloc[:0], None):
        with pytest.raises(DesignError, match="measurements must be a DataFrame"):
            response_category(nothing)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"response": "PRR"}, r"row 0, response: 'PRR' is not one of CR, PR, SD.*\(did you mean 'PR'\?\)"),
        ({"response": None}, "row 0, response: must not be missing"),
        ({"day": 0}, "row 0, day: '0' is not after the baseline"),
        ({"day": 112}, "row 1, day: '112' is a second row of its patient and day"),
    ],
)
def test_sequences_that_cannot_be(cells, message):
    visits = pd.DataFrame({"patient_id": "01", "day": [56, 112], "response": ["PR", "PR"]})
    with pytest.raises(SchemaError, match=message):
        best_overall_response(changed(visits, 0, **cells))
    with pytest.raises(DesignError, match="no criteria 'who'"):
        best_overall_response(visits, criteria="who")
