"""Uptake metrics against figures worked by hand, DICOM's formulas, and their invariants."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from biomarker.data.body_size import body_surface_area, lean_body_mass
from biomarker.data.uptake_metrics import (
    decay_factor,
    is_below_resolution,
    percent_injected_activity,
    standardized_uptake_value,
    target_to_background,
)
from biomarker.errors import BiomarkerWarning, DesignError

WEIGHT = st.floats(40, 150)
HEIGHT = st.floats(140, 205)


def suv(concentration=5.0, **given):
    return standardized_uptake_value(
        concentration, **({"injected_mbq": 370, "weight_kg": 70, "corrected_to": "injection"} | given)
    )


def test_activity_spread_evenly_through_the_body_has_an_suv_of_one():
    concentration = 370 * 1000 / (70 * 1000)  # kBq over mL, at 1 g/mL
    assert suv(concentration) == pytest.approx(1, abs=1e-14)


def test_after_one_half_life_the_same_concentration_is_twice_the_suv():
    later = suv(corrected_to="scan", nuclide="F-18", hours_to_scan=109.77 / 60)
    assert later == pytest.approx(2 * suv(), rel=1e-12)


def test_the_residue_is_taken_off_at_the_time_of_injection():
    """A syringe of 400 MBq, half an hour before injection, and 10 MBq left, 20 minutes after it, of 18F by hand."""
    at_injection = 400 * 2 ** (-30 / 109.77) - 10 * 2 ** (20 / 109.77)
    found = suv(
        injected_mbq=400,
        residual_mbq=10,
        nuclide="18F",
        hours_assay_to_injection=0.5,
        hours_injection_to_residual=1 / 3,
    )
    assert found == pytest.approx(5 * 70 / at_injection, rel=1e-12)


def test_lean_mass_and_surface_take_the_place_of_weight():
    body = {"height_cm": 175, "sex": "male"}
    lean = suv(by="lean_body_mass", **body)
    assert lean == pytest.approx(suv() * lean_body_mass(70, 175, "male") / 70, rel=1e-12)
    surface = suv(by="body_surface_area", height_cm=175)
    assert surface == pytest.approx(5 * 1e4 * np.sqrt(70 * 175 / 3600) / 370e3, rel=1e-12)
    assert suv(by="lean_body_mass", lean_formula="james", **body) == pytest.approx(
        5 * (77 - 128 * 0.16) / 370, rel=1e-12
    )


@pytest.mark.parametrize(
    ("formula", "sex", "expected"),
    [
        ("james", "M", 1.10 * 80 - 128 * (80 / 180) ** 2),
        ("james", "F", 1.07 * 80 - 148 * (80 / 180) ** 2),
        ("janmahasatian", "male", 9270 * 80 / (6680 + 216 * 80 / 3.24)),
        ("janmahasatian", "female", 9270 * 80 / (8780 + 244 * 80 / 3.24)),
    ],
)
def test_lean_mass_by_hand(formula, sex, expected):
    assert lean_body_mass(80, 180, sex, formula=formula) == pytest.approx(expected, rel=1e-12)


def test_another_sex_has_the_mean_of_both():
    both = [lean_body_mass(80, 180, sex) for sex in ("male", "female")]
    assert lean_body_mass(80, 180, "Other") == pytest.approx(np.mean(both), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(WEIGHT, HEIGHT, st.sampled_from(["male", "female", "other"]))
def test_lean_mass_is_less_than_weight_and_grows_with_it(weight, height, sex):
    assume(weight / (height / 100) ** 2 > 14)  # the formula is not of people thinner than any it was fitted to
    lean = lean_body_mass(weight, height, sex)
    assert 0 < lean < weight
    assert lean_body_mass(weight + 1, height, sex) > lean


def test_the_formula_of_james_turns_down_and_is_refused_below_zero():
    with pytest.warns(BiomarkerWarning, match="2 of 2 rows"):
        heavy = lean_body_mass([150, 170], 160, "female", formula="james")
    assert heavy[1] < heavy[0]
    with pytest.raises(DesignError, match=r"no positive lean mass.*janmahasatian"):
        lean_body_mass(250, 150, "female", formula="james")


def test_du_bois_and_mosteller_agree_for_an_adult_of_usual_build():
    assert body_surface_area(70, 170) == pytest.approx(1.818, abs=5e-4)
    assert body_surface_area(70, 170, formula="dubois") == pytest.approx(1.810, abs=5e-4)


def test_columns_keep_their_rows_and_missing_values_stay_missing():
    frame = pd.DataFrame({"c": [5.0, np.nan, 2.5], "w": [70, 80, 90]}, index=[4, 7, 9])
    found = suv(frame["c"], weight_kg=frame["w"])
    assert list(found.index) == [4, 7, 9]
    assert found.isna().tolist() == [False, True, False]
    assert found[9] == pytest.approx(suv(2.5, weight_kg=90))
    nullable = pd.Series([5.0, None], dtype="Float64")
    assert suv(nullable).isna().tolist() == [False, True]
    assert suv([5.0, 10.0]).tolist() == pytest.approx([suv(), 2 * suv()])


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 500), st.floats(1, 1000), WEIGHT, st.floats(0.1, 10))
def test_suv_is_in_proportion(concentration, injected, weight, factor):
    whole = suv(concentration, injected_mbq=injected, weight_kg=weight)
    assert suv(factor * concentration, injected_mbq=injected, weight_kg=weight) == pytest.approx(factor * whole)


def test_percent_injected_adds_up():
    assert percent_injected_activity(370 / 70, injected_mbq=370, volume_ml=70_000) == pytest.approx(100)
    assert percent_injected_activity(370 / 70, injected_mbq=370) == pytest.approx(100 / 70)
    lung = percent_injected_activity(1.0, injected_mbq=37, density_g_ml=0.26)
    assert lung == pytest.approx(100 / 37 / 0.26)
    halved = percent_injected_activity(1.0, injected_mbq=37, nuclide="Zr-89", hours_to_scan=78.41)
    assert halved == pytest.approx(2 * 100 / 37)


def test_a_background_of_zero_has_no_ratio():
    assert np.isnan(target_to_background(3, 0))
    assert target_to_background(np.array([3.0, 4.0]), 2).tolist() == [1.5, 2.0]


def test_sizes_below_a_multiple_of_the_resolution_are_flagged():
    sizes = pd.Series([8, 15, 14.9, None])
    flags = is_below_resolution(sizes, fwhm_mm=6)
    assert flags.tolist()[:3] == [True, False, True]
    assert flags.isna().tolist() == [False, False, False, True]
    assert is_below_resolution(np.array([8.0, 15.0]), fwhm_mm=6, multiple=2).tolist() == [True, False]
    assert is_below_resolution(float("nan"), fwhm_mm=6) is None


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 1000), st.sampled_from(["89Zr", "124I", "18F", "177Lu"]))
def test_decay_forth_and_back_is_none(hours, nuclide):
    if nuclide != "18F" or hours < 200:
        assert decay_factor(nuclide, hours) * decay_factor(nuclide, -hours) == pytest.approx(1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"weight_kg": 70_000}, "weight_kg holds 70000.*in kg.*grams"),
        ({"height_cm": 1.75, "sex": "male", "by": "lean_body_mass"}, "height_cm holds 1.75.*metres"),
        ({"injected_mbq": 37_000_000}, "injected_mbq.*MBq.*Bq"),
        ({"injected_mbq": 0}, "injected_mbq"),
        ({"concentration": -1.0}, "concentration_kbq_ml holds -1"),
        ({"residual_mbq": 400}, "as much as was injected"),
        ({"residual_mbq": -1}, "residual_mbq"),
        ({"weight_kg": "70 kg"}, "weight_kg.*give numbers"),
        ({"weight_kg": None}, "weight_kg is lacking"),
        ({"by": "lean_mass"}, "did you mean 'lean_body_mass'"),
        ({"by": "lean_body_mass", "height_cm": 170}, "sex is lacking"),
        ({"by": "lean_body_mass", "height_cm": 170, "sex": "femal"}, "did you mean 'female'"),
        ({"corrected_to": "scan"}, "hours_to_scan is lacking"),
        ({"corrected_to": "scan", "hours_to_scan": 2}, "no nuclide"),
        ({"corrected_to": "scan", "hours_to_scan": 2, "nuclide": "89Zn"}, "did you mean '89Zr'"),
        ({"corrected_to": "scan", "hours_to_scan": 5000, "nuclide": "89Zr"}, "hours_to_scan holds 5000.*minutes"),
        ({"concentration": [1, 2], "weight_kg": [70, 80, 90]}, "different lengths"),
        ({"concentration": float("inf")}, "infinite"),
        ({"concentration": pd.Series([True, False])}, "give numbers"),
    ],
)
def test_what_cannot_be_is_refused_in_words(wrong, says):
    with pytest.raises(DesignError, match=says):
        suv(**wrong)


def test_columns_of_different_rows_are_refused():
    with pytest.raises(DesignError, match="different rows"):
        target_to_background(pd.Series([1.0, 2.0]), pd.Series([1.0, 2.0], index=[5, 6]))
    with pytest.raises(DesignError, match="0 or more"):
        target_to_background(-1, 2)
    with pytest.raises(DesignError, match="multiple"):
        is_below_resolution(10, fwhm_mm=6, multiple=0)


def test_haycock_by_hand():
    assert body_surface_area(20, 110, formula="haycock") == pytest.approx(0.024265 * 20**0.5378 * 110**0.3964)
    assert body_surface_area(70, 170, formula="haycock") == pytest.approx(1.826, abs=5e-4)


def test_a_gram_is_a_thousandth_of_a_kilogram():
    whole = percent_injected_activity(5, injected_mbq=37)
    assert percent_injected_activity(5, injected_mbq=37, per="gram") == pytest.approx(whole / 1000)
    with pytest.raises(DesignError, match="did you mean 'gram'"):
        percent_injected_activity(5, injected_mbq=37, per="grams")


def test_a_syringe_calibrated_to_a_later_time_held_more_at_injection():
    """300 MBq of 18F as of half an hour after the injection, and a residue corrected to the same time."""
    found = suv(
        injected_mbq=300,
        residual_mbq=6,
        nuclide="18F",
        hours_assay_to_injection=-0.5,
        hours_injection_to_residual=0.5,
    )
    assert found == pytest.approx(5 * 70 / (294 * 2 ** (30 / 109.77)), rel=1e-12)
    same_clock = suv(
        injected_mbq=300, residual_mbq=6, nuclide="18F", hours_assay_to_injection=0.5, hours_injection_to_residual=-0.5
    )
    assert same_clock == pytest.approx(5 * 70 / (294 * 2 ** (-30 / 109.77)), rel=1e-12)


@pytest.mark.parametrize("sex", ["", "U", "unknown", None, np.nan, pd.NA])
def test_an_unknown_sex_gives_no_lean_mass(sex):
    assert np.isnan(lean_body_mass(80, 180, sex))


@pytest.mark.parametrize(("sex", "bmi"), [("male", 42.97), ("female", 36.15)])
def test_james_warns_where_his_parabola_falls(sex, bmi):
    height = 170
    weight = bmi * (height / 100) ** 2
    lean_body_mass(weight * 0.999, height, sex, formula="james")  # warnings are errors here
    with pytest.warns(BiomarkerWarning, match=r"falls with weight.*1 of 1 rows"):
        heavier = lean_body_mass(weight * 1.001, height, sex, formula="james")
    with pytest.warns(BiomarkerWarning):
        assert lean_body_mass(weight * 1.01, height, sex, formula="james") < heavier
