"""What trial tables hold besides the textbook: other therapies, deaths, readers, scans made otherwise, slips."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from biomarker.data.best_overall_response import best_overall_response
from biomarker.data.response import response_category
from biomarker.errors import BiomarkerWarning, DesignError, SchemaError

NAN = math.nan


def course(*rows, patient="01", **columns):
    """Rows of (lesion, day, role, diameter, status); status may be left out."""
    filled = [(*row, *("",)[len(row) - 4 :]) for row in rows]
    frame = pd.DataFrame(filled, columns=["lesion_id", "day", "role", "diameter_mm", "status"])
    return frame.assign(patient_id=patient, lesion_site=frame["lesion_id"], **columns)


def sums(*values, days=None, **columns):
    days = days or [56 * at for at in range(len(values))]
    return course(*(("T1", day, "target", value) for day, value in zip(days, values, strict=True)), **columns)


def responses(measurements, **options):
    return response_category(measurements, per="visit", **options)["response"].tolist()


def test_only_a_confirmed_response_goes_on():
    """Partial, stable, partial, stable: nothing was confirmed, so the last visit is stable and so is the best."""
    up_and_down = sums(100, 70, 75, 70, 75)
    assert responses(up_and_down) == ["PR", "SD", "PR", "SD"]
    assert response_category(up_and_down, confirm=True)["best_response"].item() == "SD"
    assert responses(up_and_down, accept_stable=True) == ["PR", "SD", "PR", "PR"]
    one_gap, two_gaps = sums(100, 70, NAN, 70, 75), sums(100, 70, NAN, NAN, 70, 75)
    assert responses(one_gap) == ["PR", "NE", "PR", "PR"]
    assert responses(two_gaps) == ["PR", "NE", "NE", "PR", "SD"]
    assert responses(two_gaps, max_not_evaluable=2) == ["PR", "NE", "NE", "PR", "PR"]
    after_progression = sums(100, 70, 70, 90, 75)
    assert responses(after_progression) == ["PR", "PR", "PD", "SD"]


def test_a_lesion_back_after_complete_response_is_progression_though_another_was_not_seen():
    rows = [("T1", 0, "target", 30), ("T2", 0, "target", 20), ("T1", 56, "target", 0), ("T2", 56, "target", 0),
            ("T1", 112, "target", 4), ("T2", 112, "target", NAN)]  # fmt: skip
    found = response_category(course(*rows), per="visit")
    assert found["response"].tolist() == ["CR", "PD"]
    assert "target T1 reappeared after complete response; target T2 not evaluable" in found["reason"].iloc[1]


def test_a_new_node_of_normal_size_is_no_new_lesion():
    rows = [("T1", 0, "target", 30), ("T1", 56, "target", 30), ("T1", 112, "target", 30),
            ("N9", 56, "new", 8), ("N9", 112, "new", 12)]  # fmt: skip
    measurements = course(*rows).replace({"lesion_site": {"N9": "Lymph node, axillary"}})
    found = response_category(measurements, per="visit")
    assert found["response"].tolist() == ["SD", "PD"]
    assert "new node N9 of 8 mm is below 10 mm, not counted as new" in found["reason"].iloc[0]
    assert responses(measurements, criteria="irecist") == ["iSD", "iUPD"]
    assert responses(measurements.assign(is_node=False)) == ["PD", "PD"]
    called = measurements.assign(status=["", "", "", "unequivocal", ""])
    assert responses(called) == ["PD", "PD"]


@pytest.mark.parametrize(
    ("site", "is_node"),
    [
        ("Lymph node", True), ("LYMPH NODE, MEDIASTINAL", True), ("left axillary lymph nodes", True),
        ("LN inguinal", True), ("Nodal", True), ("Lung nodule", False), ("extranodal", False),
        ("non-nodal soft tissue", False), ("extra-nodal", False), ("liver", False),
    ],
)  # fmt: skip
def test_sites_that_are_lymph_nodes(site, is_node):
    """A node below 10 mm is gone; any other lesion that can be measured is there."""
    assert responses(sums(30, 9).assign(lesion_site=site)) == (["CR"] if is_node else ["PR"])


def test_another_therapy_ends_what_counts():
    measurements = sums(100, 90, 60, 40, 90, therapy_day=60)
    at_visits = response_category(measurements, per="visit", new_therapy="therapy_day")
    assert at_visits["response"].tolist() == ["SD", "PR", "PR", "PD"]
    assert at_visits["not_counted"].tolist() == ["", *["after new anticancer therapy on day 60"] * 3]
    best = response_category(measurements, new_therapy="therapy_day").iloc[0]
    assert (best["best_response"], best["last_day"], best["best_change_percent"]) == ("SD", 56, -10)
    assert math.isnan(best["progression_day"])
    # on the very day a scan still counts: it is made before the first dose
    assert response_category(measurements.assign(t=112), new_therapy="t")["best_response"].item() == "PR"
    # a response is followed up to the last scan before the other therapy
    responded = response_category(sums(100, 60, 60, 60, 90, therapy_day=130), new_therapy="therapy_day").iloc[0]
    assert responded["duration_of_response_months"] == pytest.approx(56 / 30.4375)
    assert not responded["duration_event"]
    at_once = response_category(sums(100, 60, therapy_day=10), new_therapy="therapy_day").iloc[0]
    assert at_once["reason"] == "NE: no assessment after the baseline and up to new anticancer therapy on day 10."
    after = response_category(sums(100, 130, 60), per="visit")
    assert after["not_counted"].tolist() == ["", "after progression on day 56"]


def test_death_ends_a_response_unless_progression_or_another_therapy_came_first():
    died = response_category(sums(100, 60, 60, death_day=200), death="death_day").iloc[0]
    assert died["duration_of_response_months"] == pytest.approx(144 / 30.4375)
    assert died["duration_event"]
    assert math.isnan(died["progression_day"])
    treated = sums(100, 60, 60, death_day=200, therapy_day=150)
    found = response_category(treated, death="death_day", new_therapy="therapy_day").iloc[0]
    assert found["duration_of_response_months"] == pytest.approx(56 / 30.4375)
    assert not found["duration_event"]
    progressed = response_category(sums(100, 60, 100, death_day=200), death="death_day").iloc[0]
    assert (progressed["progression_day"], progressed["duration_event"]) == (112, True)
    early = response_category(sums(100, death_day=20), death="death_day").iloc[0]
    assert early["reason"] == "NE: no assessment after the baseline; died on day 20."
    dated = sums(100, 60).assign(day=["2026-01-05", "2026-03-02"], death=[None, "2026-05-01"])
    assert response_category(dated, death="death")["duration_of_response_months"].item() == pytest.approx(60 / 30.4375)
    with pytest.raises(SchemaError, match=r"row 1, day: 'day 56' is after the death of patient 01, 40 days from the"):
        response_category(sums(100, 60, death_day=40), death="death_day")
    with pytest.raises(SchemaError, match=r"row 1, d: differs from row 0: patient 01 must have one value"):
        response_category(sums(100, 60, d=[400, 500]), death="d")


def test_each_reader_has_his_own_targets_and_response():
    first = sums(100, 60, 60).assign(reader_id="R1")
    second = sums(80, 70, 100).assign(reader_id="R2", lesion_id="T9")
    both = pd.concat([first, second], ignore_index=True)
    best = response_category(both, reader="reader_id")
    assert best[["patient_id", "reader_id", "best_response"]].to_numpy().tolist() == [
        ["01", "R1", "PR"],
        ["01", "R2", "SD"],
    ]
    assert responses(both, reader="reader_id") == ["PR", "PR", "SD", "PD"]
    same = both.assign(lesion_id="T1")
    with pytest.raises(DesignError, match=r"several readers \(reader_id\) measured the same lesions; give reader ="):
        response_category(same)
    with pytest.raises(SchemaError, match="row 0, reader_id: must not be missing"):
        response_category(same.assign(reader_id=[None, *same["reader_id"][1:]]), reader="reader_id")


def test_scans_of_one_visit_on_two_days_are_told():
    rows = [("T1", 0, "target", 30), ("T2", 0, "target", 40), ("T1", 56, "target", 10), ("T2", 58, "target", 10)]
    with pytest.warns(BiomarkerWarning, match="patient 01: the scans on days 56 and 58 show different targets"):
        assert responses(course(*rows)) == ["NE", "NE"]


def test_centimetres_among_millimetres_are_told():
    rows = [("T1", 0, "target", 52), ("T2", 0, "target", 31), ("T1", 56, "target", 4.8), ("T2", 56, "target", 3)]
    with pytest.warns(BiomarkerWarning, match="patient 01: every target of day 56 has about a tenth .* in cm"):
        response_category(course(*rows))
    assert responses(course(*rows[:2], ("T1", 56, "target", 5), ("T2", 56, "target", 3))) == ["PR"]


@pytest.mark.parametrize(
    ("measurements", "message"),
    [
        (course(("T1", 0, "target", 30), ("T1", 56, "target", 12, "absent")),
         "row 1, diameter_mm: '12' is the diameter of a lesion whose status says that it is gone"),
        (sums(30, 20, is_node=[2, 2]), "row 0, is_node: '2' is neither yes nor no"),
        (sums(30, 20, hours_post_injection=[1.0, -1.0]), "row 1, hours_post_injection: '-1' is negative"),
    ],
)  # fmt: skip
def test_rows_that_contradict_themselves(measurements, message):
    with pytest.raises(SchemaError, match=message):
        response_category(measurements)


def test_a_node_called_gone_may_still_be_seen():
    node = course(("T1", 0, "target", 30), ("T1", 56, "target", 8, "CR")).assign(is_node=True)
    assert responses(node) == ["CR"]


def percist(*, hours=(1.0, 1.0), injected=(300.0, 300.0), scanner=("A", "A"), sd=0.2, **options):
    rows = [
        ("01", lesion, 56 * at, role, site, peak, mean, spread, hours[at], injected[at], scanner[at])
        for at, uptake in enumerate((9.0, 5.0))
        for lesion, role, site, peak, mean, spread in (
            ("T1", "target", "lung", uptake, NAN, NAN),
            (None, "reference", "liver", NAN, 2.0, sd),
        )
    ]
    columns = ["patient_id", "lesion_id", "day", "role", "lesion_site", "sulpeak", "sulmean", "sul_sd"]
    columns += ["hours_post_injection", "injected_activity_mbq", "scanner"]
    found = response_category(pd.DataFrame(rows, columns=columns), criteria="percist-1.0", per="visit", **options)
    return found["response"].item(), found["reason"].item()


@pytest.mark.parametrize(
    ("options", "expected", "reason"),
    [
        ({}, "PMR", "PMR: SULpeak 5, −44.4% and −4.00 from 9 at baseline."),
        ({"hours": (1.0, 1.25)}, "PMR", "−44.4%"),
        ({"hours": (1.0, 1.26)}, "NE", "uptake time 75.6 min against 60 min at baseline, allowed ±15 min"),
        ({"hours": (0.95, 0.8)}, "NE", "uptake time 48 min at this visit, below 50 min"),
        ({"hours": (0.8, 0.95)}, "NE", "uptake time 48 min at baseline, below 50 min"),
        ({"injected": (300.0, 240.0)}, "PMR", "−44.4%"),
        ({"injected": (300.0, 239.0)}, "NE", "injected activity 239 MBq against 300 MBq at baseline (−20.3%, allowed"),
        ({"injected": (300.0, 361.0)}, "NE", "+20.3%"),
        ({"scanner": ("A", "B")}, "NE", "scans not comparable: scanner B against A at baseline"),
        ({"scanner": ("A", "")}, "PMR", "; scanner not given, so not compared."),
        ({"scanner": ("A", "B"), "comparability": False}, "PMR", "−44.4%"),
        ({"sd": NAN}, "PMR", "measurable from 1.5 × liver mean, whose SD is not given"),
    ],
)
def test_percist_compares_how_scans_were_made(options, expected, reason):
    response, why = percist(**options)
    assert response == expected
    assert reason in why


def test_an_uptake_time_in_minutes_is_refused():
    with pytest.raises(SchemaError, match=r"hours_post_injection: '60' is no time of an FDG scan in hours .* minutes"):
        percist(hours=(60.0, 62.0))


def test_eortc_by_the_cycles_before_each_scan():
    table = sums(0, 0, 0, suvmax=[10.0, 8.4, 8.4], cycles=[0, 1, 3]).drop(columns="diameter_mm")
    assert responses(table, criteria="eortc") == ["PMR", "SMD"]
    assert responses(table.drop(columns="cycles"), criteria="eortc") == ["SMD", "SMD"]
    assert responses(table.assign(cycles=NAN), criteria="eortc", one_cycle=True) == ["PMR", "PMR"]


def test_responses_written_out():
    words = [" cr", "Partial Response", "STABLE DISEASE", "Progressive disease", "Not evaluable", "Non-CR/Non-PD"]
    visits = pd.DataFrame({"patient_id": range(6), "day": 60, "response": words})
    assert best_overall_response(visits)["best_response"].tolist() == ["CR", "PR", "SD", "PD", "NE", "non-CR/non-PD"]
    metabolic = best_overall_response(visits.iloc[:4].assign(response=["CMR", *words[1:4]]), criteria="percist-1.0")
    assert metabolic["best_response"].tolist() == ["CMR", "PMR", "SMD", "PMD"]
    with pytest.raises(SchemaError, match="row 0, response: 'minor response' is not one of CR, PR, SD"):
        best_overall_response(visits.assign(response="minor response"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"confirm": "yes"}, "confirm = 'yes' is neither true nor false"),
        ({"strict": 0}, "strict = 0 is neither true nor false"),
        ({"diameter": ["diameter_mm"]}, r"diameter = \['diameter_mm'\]; give the name of one column"),
        ({"death": 3}, "death = 3; give the name of one column"),
    ],
)
def test_options_of_another_kind(options, message):
    with pytest.raises(DesignError, match=message):
        response_category(sums(100, 60), **options)


def test_a_therapy_before_the_baseline_is_a_prior_one():
    with pytest.raises(SchemaError, match="row 0, t: is 30 days before the baseline of patient 01; give the"):
        response_category(sums(100, 60, t=-30), new_therapy="t")


def test_days_as_text_are_days():
    assert responses(sums(100, 60).assign(day=["0", "56.0"])) == ["PR"]
    with pytest.raises(SchemaError, match="row 0, day: '0' is neither a number of days nor a date"):
        responses(sums(100, 60).assign(day=["0", "05/03/2026"]))


def test_dates_of_assessed_responses_need_a_baseline():
    visits = pd.DataFrame({"patient_id": ["1"], "day": pd.to_datetime(["2026-03-02"]), "response": ["PR"]})
    with pytest.raises(SchemaError, match="is a date; give days since the baseline"):
        best_overall_response(visits)
