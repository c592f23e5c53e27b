"""Tissue weights, the rules for the remainder, and organs that are not given."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.effective_dose import SCHEMES, effective_dose_of, tissue_doses


def even(scheme, dose=1.0):
    return dict.fromkeys([*SCHEMES[scheme].tissues, *SCHEMES[scheme].remainder], dose)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_weights_add_up_to_one(scheme):
    rules = SCHEMES[scheme]
    assert sum(rules.tissues.values()) + rules.remainder_weight == pytest.approx(1, abs=1e-12)
    assert effective_dose_of(even(scheme, 3.0), scheme).value == pytest.approx(3.0, abs=1e-12)


def test_the_remainder_of_publication_103_is_a_plain_mean_of_thirteen():
    assert len(SCHEMES["icrp103"].remainder) == 13
    doses = even("icrp103", 0.0) | {"spleen": 13.0}
    assert effective_dose_of(doses).value == pytest.approx(0.12)


def test_the_remainder_of_publication_60_is_split_where_one_of_it_has_the_highest_dose():
    doses = even("icrp60", 1.0) | {"spleen": 5.0}
    assert effective_dose_of(doses, "icrp60").value == pytest.approx(0.95 + 0.025 * 5 + 0.025 * 1)
    below = even("icrp60", 1.0) | {"spleen": 5.0, "liver": 6.0}
    masses = SCHEMES["icrp60"].remainder
    mean = (sum(masses.values()) + 4 * masses["spleen"]) / sum(masses.values())
    assert effective_dose_of(below, "icrp60").value == pytest.approx(0.90 + 0.05 * 6 + 0.05 * mean)


def test_parts_of_the_colon_and_organs_of_each_sex():
    found = tissue_doses({"upper large intestine": 1.0, "lower large intestine": 2.0, "ovaries": 3.0, "uterus": 4.0})
    assert found["colon"] == pytest.approx(0.57 + 0.86)
    assert (found["gonads"], found["prostate or uterus"]) == (3.0, 4.0)
    assert tissue_doses({"left colon": 1.0, "right colon": 3.0})["colon"] == pytest.approx(2.0)
    assert tissue_doses({"left colon": 1.0, "right colon": 3.0, "rectum": 2.0})["colon"] == pytest.approx(2.0)
    assert "colon" not in tissue_doses({"left colon": 1.0})


def test_missing_organs():
    doses = even("icrp103")
    del doses["breast"], doses["thymus"]
    with pytest.raises(ValueError, match="breast, thymus"):
        effective_dose_of(doses)
    assert effective_dose_of(doses, missing="zero").value == pytest.approx(1 - 0.12 - 0.12 / 13)
    assert effective_dose_of(doses, missing="leave_out").value == pytest.approx(1)
    assert effective_dose_of(doses | {"total body": 2.0}, missing="total_body").value == pytest.approx(1.12 + 0.12 / 13)
    assert effective_dose_of(doses, missing="zero").missing == ("breast", "thymus")
    with pytest.raises(ValueError, match="total body"):
        effective_dose_of(doses, missing="total_body")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=27, max_size=27), st.floats(0.01, 100), st.sampled_from(sorted(SCHEMES)))
def test_it_is_in_proportion_and_between_the_doses(values, factor, scheme):
    doses = dict(zip(even(scheme), values, strict=False))
    whole = effective_dose_of(doses, scheme).value
    assert min(doses.values()) - 1e-9 <= whole <= max(doses.values()) + 1e-9
    scaled = effective_dose_of({organ: factor * dose for organ, dose in doses.items()}, scheme).value
    assert scaled == pytest.approx(factor * whole, rel=1e-9)


def test_unknown_words():
    with pytest.raises(ValueError, match="no tissue weights"):
        effective_dose_of({}, "icrp26")
    with pytest.raises(ValueError, match="no way"):
        effective_dose_of({}, missing="ignore")
