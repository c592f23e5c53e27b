"""PERCIST 1.0 and EORTC by constructed cases at each limit."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from biomarker.data.response import response_category
from biomarker.errors import SchemaError, StudyError

NAN = math.nan
LIVER = (2.0, 0.2)  # mean and SD: measurable from 1.5 x 2.0 + 2 x 0.2 = 3.4


def scans(*visits, liver=(LIVER, LIVER, LIVER), blood=None):
    """Each visit is a mapping of lesions to (role, SULpeak, status) or just SULpeak of a target."""
    rows = []
    for at, lesions in enumerate(visits):
        for name, cell in lesions.items():
            role, uptake, status = cell if isinstance(cell, tuple) else ("target", cell, "")
            rows.append((name, 56 * at, role, f"organ of {name}", uptake, status, NAN, NAN))
        for site, values in (("liver", liver), ("blood pool", blood)):
            if values is not None and values[at] is not None:
                rows.append((None, 56 * at, "reference", site, NAN, "", *values[at]))
    columns = ["lesion_id", "day", "role", "lesion_site", "sulpeak", "status", "sulmean", "sul_sd"]
    return pd.DataFrame(rows, columns=columns).assign(patient_id="01")


def percist(measurements, **options):
    found = response_category(measurements, criteria="percist-1.0", per="visit", **options)
    return found["response"].iloc[-1], found["reason"].iloc[-1]


@pytest.mark.parametrize(
    ("before", "after", "expected", "reason"),
    [
        (10, 7, "PMR", "SULpeak 7, −30% and −3.00 from 10 at baseline"),
        (10, 7.1, "SMD", "SULpeak 7.1, −29% and −2.90 from 10"),
        (10, 13, "PMD", "SULpeak 13, +30% and +3.00 from 10"),
        (10, 12.9, "SMD", "+29%"),
        (10, 1.9, "CMR", "all uptake gone to background (SULpeak 1.9, −81%"),
        (10, 2.0, "PMR", "−80%"),  # at the mean of liver is not below it
        (3.4, 2.6, "SMD", "−23.5%"),  # 0.8 units alone are not enough
        (3.4, 4.5, "PMD", "+32.4% and +1.10"),
    ],
)
def test_percist_by_the_hottest_lesion(before, after, expected, reason):
    response, why = percist(scans({"T1": before}, {"T1": after}))
    assert response == expected
    assert reason in why


def test_percist_asks_for_0_8_units_besides_30_percent():
    faint = {"liver": ((1.0, 0.1), (1.0, 0.1))}  # measurable from 1.7
    assert percist(scans({"T1": 2.0}, {"T1": 1.25}, **faint))[0] == "SMD"
    assert percist(scans({"T1": 2.0}, {"T1": 2.75}, **faint))[0] == "SMD"
    assert percist(scans({"T1": 2.0}, {"T1": 1.2}, **faint))[0] == "PMR"
    assert percist(scans({"T1": 2.0}, {"T1": 2.8}, **faint))[0] == "PMD"


def test_percist_takes_the_hottest_lesion_of_each_scan():
    measurements = scans({"T1": 10, "T2": 6}, {"T1": 4, "T2": 9})
    assert percist(measurements) == (
        "SMD",
        "SMD: SULpeak 9, −10% and −1.00 from 10 at baseline; uptake time, injected activity and scanner not given, so "
        "not compared.",
    )
    response, why = percist(measurements, n_lesions=5)
    assert response == "SMD"
    assert "summed SULpeak of up to 5 lesions 13, −18.8% and −3.00 from 16" in why
    # two lesions of an organ at most
    same = scans({"T1": 10, "T2": 6, "T3": 5}, {"T1": 4, "T2": 4, "T3": 4}).assign(
        lesion_site=lambda d: d["lesion_site"].where(d["role"] == "reference", "lung")
    )
    assert "8, −50% and −8.00 from 16" in percist(same, n_lesions=5)[1]


@pytest.mark.parametrize(
    ("measurements", "expected", "reason"),
    [
        (scans({"T1": 3.3}, {"T1": 2}), "NE", "SULpeak at baseline 3.3 is below 3.40 (1.5 × liver mean + 2 SD)"),
        (scans({"T1": 3.4}, {"T1": 2.1}), "PMR", "−38.2% and −1.30"),
        # liver diseased: 2 x blood pool + 2 SD = 3.2
        (scans({"T1": 3.1}, {"T1": 2}, liver=None, blood=((1.5, 0.1), (1.5, 0.1))), "NE", "below 3.20 (2 × blood pool"),
        (scans({"T1": 3.2}, {"T1": 2}, liver=None, blood=((1.5, 0.1), (1.5, 0.1))), "PMR", "−37.5%"),
        # liver within 20 % and 0.3 units
        (scans({"T1": 9}, {"T1": 5}, liver=((2.0, 0.2), (2.29, 0.2))), "PMR", "−44.4%"),
        (scans({"T1": 9}, {"T1": 5}, liver=((2.0, 0.2), (2.3, 0.2))), "NE", "less than 0.3"),
        (scans({"T1": 9}, {"T1": 5}, liver=((2.0, 0.2), (2.31, 0.2))), "NE",
         "scans not comparable: liver mean 2.31 against 2 at baseline (+15.5%, +0.31; allowed ±20% and less than 0.3)"),
        (scans({"T1": 9}, {"T1": 5}, liver=((1.0, 0.2), (1.25, 0.2))), "NE", "(+25%, +0.25;"),
        (scans({"T1": 9}, {"T1": 5}, liver=None), "NE", "no uptake of liver or blood pool at baseline"),
        (scans({"T1": 9}, {"T1": 5}, liver=(LIVER, None)), "NE", "no uptake of the same reference tissue at both"),
        (scans({"T1": 9}, {"T1": (NAN)}), "NE", "SULpeak of the targets was not measured"),
        # what is seen by eye needs no comparable scans
        (scans({"T1": 9}, {"T1": 5, "B": ("new", 4, "")}, liver=None), "PMD", "PMD: new lesion B."),
        (scans({"T1": 9, "X": ("non-target", 3, "")}, {"T1": 1, "X": ("non-target", 9, "unequivocal progression")}),
         "PMD", "unequivocal progression of lesion X"),
        # complete only where the others are gone as well
        (scans({"T1": 9, "X": ("non-target", 3, "")}, {"T1": 1, "X": ("non-target", 1.5, "")}), "CMR", "background"),
        (scans({"T1": 9, "X": ("non-target", 3, "")}, {"T1": 1, "X": ("non-target", 2.5, "")}), "PMR", "−72.2%"),
        (scans({"T1": 9}, {"T1": ("target", NAN, "absent")}), "CMR", "SULpeak 0, −100%"),
        # ... and not above blood pool, where that was measured
        (scans({"T1": 9}, {"T1": 1.8}, blood=((1.4, 0.1), (1.4, 0.1))), "PMR", "−80%"),
        (scans({"T1": 9}, {"T1": 1.5}, blood=((1.4, 0.1), (1.4, 0.1))), "CMR", "−83.3%"),
    ],
)  # fmt: skip
def test_percist_rules(measurements, expected, reason):
    response, why = percist(measurements)
    assert response == expected
    assert reason in why


def test_percist_without_a_reference_tissue_when_that_is_said():
    assert percist(scans({"T1": 9}, {"T1": 5}, liver=None), comparability=False)[0] == "PMR"
    assert percist(scans({"T1": 9}, {"T1": 5}, liver=(LIVER, (3.0, 0.2))), comparability=False)[0] == "PMR"


def test_percist_by_total_lesion_uptake():
    measurements = scans({"T1": 9}, {"T1": 9.5}, liver=(LIVER, LIVER)).assign(tlg_g=[20, NAN, 35, NAN])
    response, why = percist(measurements)
    assert response == "PMD"
    assert "total lesion uptake +75% without a decline of SULpeak" in why
    assert percist(measurements.assign(tlg_g=[20, NAN, 34.9, NAN]))[0] == "SMD"
    assert percist(measurements.assign(sulpeak=[9, NAN, 8.5, NAN]))[0] == "SMD"


def test_best_metabolic_response():
    best = response_category(scans({"T1": 9}, {"T1": 5}, {"T1": 14}), criteria="percist-1.0")
    assert best["best_response"].item() == "PMR"
    assert best["objective_response"].item()
    assert (best["response_day"].item(), best["progression_day"].item()) == (56, 112)
    assert best["best_change_percent"].item() == pytest.approx(-400 / 9)
    # complete and then some uptake again is no progression by itself
    best = response_category(scans({"T1": 9}, {"T1": 1}, {"T1": 3}), criteria="percist-1.0")
    assert (best["best_response"].item(), math.isnan(best["progression_day"].item())) == ("CMR", True)


def eortc(before, after, *, sizes=None, status=None, new=False, **options):
    rows = [
        *((f"T{at}", 0, "target", value, "") for at, value in enumerate(before)),
        *((f"T{at}", 21, "target", value, status or "") for at, value in enumerate(after)),
    ]
    rows += [("B", 21, "new", 3.0, "")] if new else []
    table = pd.DataFrame(rows, columns=["lesion_id", "day", "role", "suvmax", "status"]).assign(patient_id="01")
    if sizes:
        table["diameter_mm"] = sizes
    found = response_category(table, criteria="eortc", per="visit", **options)
    return found["response"].item(), found["reason"].item()


@pytest.mark.parametrize(
    ("before", "after", "options", "expected", "reason"),
    [
        ([10], [12.5], {}, "SMD", "summed uptake of targets 12.5, +25% from baseline"),
        ([10], [12.6], {}, "PMD", "+26%"),
        ([10], [7.5], {}, "SMD", "−25%"),
        ([10], [7.4], {}, "PMR", "−26%"),
        ([10], [8.5], {"one_cycle": True}, "PMR", "−15% from baseline, after one cycle"),
        ([10], [8.6], {"one_cycle": True}, "SMD", "−14%"),
        ([10], [8.5], {}, "SMD", "−15%"),
        ([10, 6], [5, 3], {}, "PMR", "−50%"),
        ([10, 6], [5, NAN], {}, "NE", "uptake of target T1 not measured"),
        ([10], [NAN], {"status": "absent"}, "CMR", "uptake of every lesion is that of surrounding tissue"),
        ([10], [5], {"new": True}, "PMD", "PMD: new lesion B."),
        ([10], [9], {"sizes": [20, 25]}, "PMD", "extent of uptake +25% from baseline"),
        ([10], [9], {"sizes": [20, 24]}, "SMD", "−10%"),
    ],
)
def test_eortc(before, after, options, expected, reason):
    response, why = eortc(before, after, **options)
    assert response == expected
    assert reason in why


def test_metabolic_baselines_that_cannot_be():
    with pytest.raises(SchemaError, match="row 0, sulpeak: a target needs its uptake at baseline"):
        percist(scans({"T1": NAN}, {"T1": 5}))
    with pytest.raises(SchemaError, match="row 0, sulpeak: '0' a target cannot have no uptake"):
        percist(scans({"T1": 0}, {"T1": 5}))
    with pytest.raises(SchemaError, match="row 2, sulpeak: '-5' is negative"):
        percist(scans({"T1": 9}, {"T1": -5}))
    with pytest.raises(StudyError, match=r"no column 'suvmax' \(did you mean"):
        response_category(scans({"T1": 9}, {"T1": 5}), criteria="eortc")
