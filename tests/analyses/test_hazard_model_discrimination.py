"""C-indices of a hazard model, their correction and the difference between two models, against R and themselves."""

import numpy as np
import pytest

from biomarker import hazard_model

from .hazard_reference import BREAST, HEART, LUNG, OF_HEART, OF_LUNG, REFERENCE

DATA = LUNG.astype({"ecog": str})
QUICK = {**OF_LUNG, "n_resamples": 40}


def test_two_models_of_the_same_patients_against_r():
    # concordance(fit1, fit2)$var, Harrell and timewt = "n/G2"
    result = hazard_model(DATA, **OF_LUNG, predictors=["age", "sex"], compare_with=["age", "sex", "ecog"])
    for quantity, expected in (("c_index", "pair"), ("uno_c_index", "pair_uno")):
        line = result.estimate(f"{quantity}_difference")
        theirs = REFERENCE["lung"][expected]
        assert line.value == pytest.approx(theirs["difference"], rel=1e-8)
        assert (line.high - line.low) / 2 / 1.959963984540054 == pytest.approx(theirs["se"], rel=1e-8)
    names = [line.of["model"] for line in result.estimates if line.quantity == "c_index"]
    assert names == ["age + sex", "age + sex + ecog"]


def test_what_a_predictor_adds():
    result = hazard_model(DATA, **OF_LUNG, predictors=["age", "sex", "wt.loss"], compare_with=["age", "sex"])
    both = REFERENCE["lung"]["efron"]["loglik"][1]
    small = hazard_model(DATA, **OF_LUNG, predictors=["age", "sex"]).estimate("likelihood_ratio_test").statistic
    added = result.estimate("added_predictors_test")
    whole = 2 * (both - REFERENCE["lung"]["efron"]["loglik"][0])
    assert [added.statistic, added.df] == pytest.approx([whole - small, 1], rel=1e-6)
    assert added.of["term"] == "wt.loss"
    turned = hazard_model(DATA, **OF_LUNG, predictors=["age", "sex"], compare_with=["age", "sex", "wt.loss"])
    assert turned.estimate("added_predictors_test").statistic == pytest.approx(added.statistic)
    assert turned.estimate("c_index_difference").value == pytest.approx(-result.estimate("c_index_difference").value)
    apart = hazard_model(DATA, **OF_LUNG, predictors="age", compare_with="sex")
    assert not [line for line in apart.estimates if line.quantity == "added_predictors_test"]


def test_a_model_against_itself():
    result = hazard_model(DATA, **OF_LUNG, predictors="age", compare_with="age")
    line = result.estimate("c_index_difference")
    assert line.value == 0
    assert np.isnan([line.low, line.p_value]).all()  # no spread is no certainty


def test_corrected_is_lower_and_seeded():
    result = hazard_model(DATA, **QUICK, predictors=["age", "sex", "ecog"], rng=4)
    for quantity in ("c_index", "uno_c_index"):
        apparent, corrected = result.estimate(quantity), result.estimate(f"{quantity}_corrected")
        assert corrected.value < apparent.value
        assert 0 <= corrected.low < corrected.value < corrected.high <= 1
    again = hazard_model(DATA, **QUICK, predictors=["age", "sex", "ecog"], rng=4)
    assert again.estimate("c_index_corrected") == result.estimate("c_index_corrected")
    other = hazard_model(DATA, **QUICK, predictors=["age", "sex", "ecog"], rng=5)
    assert other.estimate("c_index_corrected").value != result.estimate("c_index_corrected").value
    assert (result.method.seed, result.method.n_resamples) == (4, 40)
    assert ".632+ bootstrap (40 resamples" in result.method.description


def test_harrells_bootstrap():
    result = hazard_model(DATA, **QUICK, predictors=["age", "sex", "ecog"], optimism="harrell")
    assert result.estimate("c_index_corrected").value < result.estimate("c_index").value
    assert "Harrell's bootstrap" in result.method.description


def test_order_of_rows_does_not_matter_where_patients_are_named():
    data = DATA.assign(patient_id=[f"P{i:03d}" for i in range(len(DATA))])
    options = {**QUICK, "patient": "patient_id", "predictors": ["age", "sex"]}
    one, other = (hazard_model(d, **options).estimate("c_index_corrected") for d in (data, data.iloc[::-1]))
    assert other.value == pytest.approx(one.value, rel=1e-10)


def test_events_up_to_a_time():
    expected = REFERENCE["lung"]["efron"]["uno_until"]
    result = hazard_model(LUNG, **OF_LUNG, predictors=["age", "sex", "wt.loss"], concordance_until=expected[0])
    assert result.estimate("uno_c_index").value == pytest.approx(expected[1], rel=1e-9)


def test_periods_are_resampled_by_patient():
    result = hazard_model(HEART, **{**OF_HEART, "n_resamples": 40}, predictors=["age", "transplant"])
    assert result.estimate("c_index_corrected").value < result.estimate("c_index").value


def test_rows_beyond_thousands_are_not_resampled_unless_asked():
    n = 2001
    many = LUNG.iloc[np.arange(n) % len(LUNG)].reset_index(drop=True)
    options = {key: value for key, value in OF_LUNG.items() if key != "n_resamples"}
    result = hazard_model(many, **options, predictors="age")
    assert not [line for line in result.estimates if line.quantity.endswith("corrected")]
    assert result.method.n_resamples is None


@pytest.mark.filterwarnings("ignore::biomarker.errors.SmallSampleWarning")
def test_what_a_predictor_adds_where_events_are_few():
    # Heinze and Schemper's breast cancer data: the penalised likelihood ratio of G alone is its profile test
    options = {"duration": "time", "event": "event", "patient": None, "n_resamples": 0}
    result = hazard_model(BREAST, **options, predictors=["T", "N", "G", "CD"], compare_with=["T", "N", "CD"])
    added = result.estimate("added_predictors_test")
    assert added.statistic == pytest.approx(REFERENCE["breast"]["firth"]["chisq"][2], abs=1e-6)
