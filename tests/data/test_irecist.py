"""iRECIST by cases: tables 2 and 3 of Seymour 2017 and the working group's answers."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from biomarker.data.best_overall_response import best_overall_response
from biomarker.data.response import response_category

NAN = math.nan
STEP = 56


def course(sums, *, others=(), new=None):
    """One target with these diameters, the status of one non-target lesion, and new lesions by visit."""
    rows = [("T1", at * STEP, "target", value, "") for at, value in enumerate(sums)]
    rows += [("X", at * STEP, "non-target", NAN, word) for at, word in enumerate(others)]
    for at, lesions in (new or {}).items():
        for name, value in lesions.items():
            size, status = (value, "") if not isinstance(value, str) else (NAN, value)
            rows.append((name, at * STEP, "new", size, status))
    frame = pd.DataFrame(rows, columns=["lesion_id", "day", "role", "diameter_mm", "status"])
    return frame.assign(patient_id="01", lesion_site="organ")


def at_visits(measurements, **options):
    return response_category(measurements, criteria="irecist", per="visit", **options)


PERSISTS = "present"
WORSE, MORE = "unequivocal progression", "further increase"


@pytest.mark.parametrize(
    ("measurements", "expected", "reason"),
    [
        # no progression so far: as RECIST 1.1
        (course([100, 60, 0]), ["iPR", "iCR"], "iCR: all targets gone"),
        (course([100, 90]), ["iSD"], "iSD: sum"),
        # of targets: confirmed by 5 mm more, sequential increases are additive
        (course([100, 130, 135]), ["iUPD", "iCPD"], "sum of diameters +5 mm further, 56 days after iUPD on day 56"),
        (course([100, 130, 134, 136]), ["iUPD", "iUPD", "iCPD"], "+6 mm further, 112 days"),
        (course([100, 130, 134.9]), ["iUPD", "iUPD"], "iUPD: no further increase since iUPD on day 56"),
        # the bar is reset where the targets are no longer in progression, and iUPD has to happen again
        (course([100, 130, 110, 140]), ["iUPD", "iSD", "iUPD"], "progression of target lesions, to be confirmed"),
        (course([100, 130, 60, 90, 100]), ["iUPD", "iPR", "iUPD", "iCPD"], "+10 mm further, 56 days after iUPD"),
        (course([100, 130, 110]), ["iUPD", "iSD"], "iSD: iUPD of day 56 not confirmed, the bar is reset; sum"),
        # of non-target lesions: any further increase confirms, without being unequivocal again
        (course([100, 90, 90], others=[PERSISTS, WORSE, MORE]), ["iUPD", "iCPD"], "non-target lesions have grown"),
        (course([100, 90, 90], others=[PERSISTS, WORSE, WORSE]), ["iUPD", "iUPD"], "no further increase"),
        (course([100, 90, 90], others=[PERSISTS, WORSE, PERSISTS]), ["iUPD", "iSD"], "the bar is reset"),
        # by another kind of lesion
        (course([100, 130, 130], others=[PERSISTS, PERSISTS, WORSE]), ["iUPD", "iCPD"],
         "progression of non-target lesions as well"),
        (course([100, 130, 110], new={2: {"B": 10}}), ["iUPD", "iCPD"], "new lesion B, 56 days"),
        (course([100, 90, 125], new={1: {"B": 10}, 2: {"B": 10}}), ["iUPD", "iCPD"],
         "progression of target lesions as well"),
        # of new lesions: by 5 mm in sum, by number, or by any growth of those not measured
        (course([100, 90, 90], new={1: {"B": 10}, 2: {"B": 15}}), ["iUPD", "iCPD"], "new lesions have grown further"),
        (course([100, 90, 90], new={1: {"B": 10}, 2: {"B": 14.9}}), ["iUPD", "iUPD"], "no further increase"),
        (course([100, 90, 90], new={1: {"B": 10}, 2: {"B": 10, "C": 10}}), ["iUPD", "iCPD"], "more new lesion C"),
        (course([100, 90, 90], new={1: {"B": ""}, 2: {"B": MORE}}), ["iUPD", "iCPD"], "new lesions have grown further"),
        (course([100, 90, 90], new={1: {"B": ""}}), ["iUPD", "iUPD"], "no further increase"),
        (course([100, 90, 90], new={1: {"B": 10}, 2: {"B": "absent"}}), ["iUPD", "iSD"], "the bar is reset"),
        # scenario B: targets shrink after the new lesion; scenario F: the response was there before it
        (course([100, 90, 60], new={1: {"B": 10}, 2: {"B": 10}}), ["iUPD", "iPR"], "iPR: iUPD of day 56 not confirmed"),
        (course([100, 60, 60, 60], new={2: {"B": 10}, 3: {"B": 10}}), ["iPR", "iUPD", "iUPD"], "no further increase"),
        # forgiven new lesions count again when others appear or they grow as targets must
        (course([100, 90, 60, 60], new={1: {"B": 10}, 3: {"B": 10, "C": 12}}), ["iUPD", "iPR", "iUPD"], "new lesion C"),
        (course([100, 90, 60, 60], new={1: {"B": 10}, 3: {"B": 15}}), ["iUPD", "iPR", "iUPD"], "progression of new"),
        (course([100, 90, 60, 60], new={1: {"B": 10}, 3: {"B": 14}}), ["iUPD", "iPR", "iPR"], "iPR: sum"),
        # not assessed: neither confirmed nor resolved
        (course([100, 130, NAN, 136]), ["iUPD", "NE", "iCPD"], "+6 mm further, 112 days after iUPD on day 56"),
        # what was confirmed stays so
        (course([100, 130, 140, 20]), ["iUPD", "iCPD", "iCPD"], "iCPD: progression was confirmed on day 112"),
        # patients without targets
        (course([], others=[PERSISTS, PERSISTS, "absent"]), ["non-iCR/non-iUPD", "iCR"], "non-target lesions gone"),
    ],
)  # fmt: skip
def test_responses_at_visits(measurements, expected, reason):
    found = at_visits(measurements)
    assert found["response"].tolist() == expected
    assert reason in found["reason"].iloc[-1]


def test_a_scan_within_four_weeks_confirms_nothing():
    measurements = course([100, 130, 140]).assign(day=[0, 56, 70])
    found = at_visits(measurements)
    assert found["response"].tolist() == ["iUPD", "iUPD"]
    assert "+10 mm further, but only 14 days after iUPD: too early to confirm" in found["reason"].iloc[1]
    assert at_visits(measurements, confirm_days=14)["response"].tolist() == ["iUPD", "iCPD"]


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [  # the examples of table 3
        (("iCR", "iCR", "NE", "iUPD", "iCPD"), "iCR"),
        (("iCR", "iUPD", "iPR", "iUPD", "iCPD"), "iCR"),
        (("iUPD", "iPR", "iCR", "iUPD", "iCPD"), "iCR"),
        (("iUPD", "NE", "iCR", "NE", "NE"), "iCR"),
        (("iUPD", "iPR", "iSD", "iUPD", "iCPD"), "iPR"),
        (("iUPD", "iSD", "iPR", "iUPD", "NE"), "iPR"),
        (("iUPD", "iSD", "iUPD", "iCPD", "iSD"), "iSD"),
        (("iUPD", "iCPD", "iPR", "iCR", "NE"), "iCPD"),
        (("iUPD", "iUPD", "iCPD", "iPR", "NE"), "iCPD"),
        (("iUPD", "NE", "NE", "NE", "NE"), "iUPD"),
    ],
)
def test_best_response_table_3(sequence, expected):
    visits = pd.DataFrame({"patient_id": "01", "day": [56, 112, 168, 224, 280], "response": sequence})
    assert best_overall_response(visits, criteria="irecist")["best_response"].item() == expected


@pytest.mark.parametrize(
    ("sequence", "day"),
    [
        (("iPR", "iUPD", "iCPD"), 112),  # progression is dated by the iUPD that was confirmed
        (("iUPD", "iSD", "iUPD", "NE", "iCPD"), 168),
        (("iUPD", "iSD", "iPR"), math.nan),  # ... one that was not does not count
        (("iSD", "iUPD", "iUPD"), 112),  # ... unless nothing better came after it
        (("iSD", "iUPD", "NE"), 112),
    ],
)
def test_the_day_of_progression(sequence, day):
    visits = pd.DataFrame(
        {"patient_id": "01", "day": [56 * (at + 1) for at in range(len(sequence))], "response": sequence}
    )
    found = best_overall_response(visits, criteria="irecist")["progression_day"].item()
    assert found == day or (math.isnan(found) and math.isnan(day))
