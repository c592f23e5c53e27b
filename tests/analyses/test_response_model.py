"""Expected values: tests/reference/response_model.R (glm, polr, geepack, glmer, and the published Firth estimates)."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker import ConvergenceError, DesignError, SchemaError, SmallSampleWarning, response_model

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "response_model.json").read_text())
BIRTHWT = pd.DataFrame(REFERENCE["birthwt"]["data"])
ENDOMETRIAL = pd.DataFrame(REFERENCE["endometrial"]["data"])
RESPIRATORY = pd.DataFrame(REFERENCE["respiratory"]).rename(columns={"patient": "patient_id"})
OHIO = pd.DataFrame(REFERENCE["ohio"]).rename(columns={"id": "patient_id"})


def model(data, **arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallSampleWarning)
        return response_model(data, **{"n_resamples": 0, **arguments})


def ratios(result):
    return np.array([line.value for line in result.estimates if line.quantity == "odds_ratio"])


def lesions(seed=3, patients=24):
    """Lesions of 24 patients, of whom some respond in all."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), 1 + rng.poisson(3, patients))
    suvmax = np.exp(rng.normal(1.5, 0.5, patient.size) + 0.4 * rng.normal(size=patients)[patient])
    latent = 1.4 * np.log2(suvmax) - 2.9 + 0.8 * rng.normal(size=patients)[patient] + rng.logistic(size=patient.size)
    return pd.DataFrame(
        {
            "patient_id": patient,
            "lesion_id": np.arange(patient.size),
            "suvmax": suvmax,
            "her2_status": rng.choice(["0", "1+", "2+"], patients)[patient],
            "responded": latent > 0,
            "response": np.array(["PD", "SD", "PR", "CR"])[np.digitize(latent, [-1, 0.3, 1.5])],
        }
    )


def test_logistic_regression_of_birth_weight_is_that_of_r():
    result = model(
        BIRTHWT, response="low", predictors=["age", "lwt", "race", "smoke", "ht"], patient=None, n_resamples=20
    )
    expected = REFERENCE["birthwt"]["logistic"]
    lines = [line for line in result.estimates if line.quantity == "odds_ratio"]
    assert result.fitted_by == "ml"
    assert_allclose(ratios(result), np.exp(expected["coefficients"][1:]), rtol=1e-7)
    assert_allclose([(line.low, line.high) for line in lines], np.exp(expected["profile_exact"]), rtol=1e-6)
    assert_allclose(result.estimate("likelihood_ratio_test").statistic, expected["lr"], rtol=1e-6)
    assert_allclose(result.estimate("wald_test").statistic, expected["wald"], rtol=1e-6)
    assert_allclose(result.estimate("score_test").statistic, expected["score"], rtol=1e-6)
    of_terms = [line.statistic for line in lines if "level" not in line.of]
    of_terms.insert(2, result.estimate("term_likelihood_ratio_test", term="race").statistic)
    assert_allclose(of_terms, expected["drop1"], rtol=1e-6)
    assert_allclose(result.estimate("auc", performance="apparent").value, expected["lrm"]["C"], rtol=1e-6)
    assert_allclose(result.estimate("nagelkerke_r2", performance="apparent").value, expected["lrm"]["R2"], rtol=1e-6)
    assert_allclose(result.estimate("brier", performance="apparent").value, expected["lrm"]["Brier"], rtol=1e-6)
    assert_allclose(result.estimate("intercept").value, expected["coefficients"][0], rtol=1e-6)


def test_optimism_is_that_of_validate():
    """rms::validate with 2,000 resamples of its own; 800 here, whose Monte Carlo error is 0.002 to 0.008."""
    result = model(
        BIRTHWT, response="low", predictors=["age", "lwt", "race", "smoke", "ht"], patient=None, n_resamples=800
    )
    expected = REFERENCE["birthwt"]["logistic"]["validate"]
    found = {
        name: result.estimate(name, performance="corrected").value
        for name in ("auc", "nagelkerke_r2", "brier", "calibration_slope")
    }
    assert_allclose(found["auc"], (1 + expected["Dxy"]) / 2, atol=0.006)
    assert_allclose(found["nagelkerke_r2"], expected["R2"], atol=0.01)
    assert_allclose(found["brier"], expected["B"], atol=0.003)
    assert_allclose(found["calibration_slope"], expected["Slope"], atol=0.025)


def test_separated_endometrial_data_give_the_published_firth_estimates():
    """Heinze and Schemper 2002: NV 2.93 (0.61 to 7.85), PI -0.03 (-0.12 to 0.04), EH -2.60 (-4.37 to -1.23)."""
    result = model(ENDOMETRIAL, response="HG", predictors=["NV", "PI", "EH"], patient=None)
    lines = [line for line in result.estimates if line.quantity == "odds_ratio"]
    assert result.fitted_by == "firth"
    assert "NV separates the responses" in " ".join(result.method.notes)
    found = np.log([(line.value, line.low, line.high) for line in lines])
    assert_allclose(found, [(2.93, 0.61, 7.85), (-0.03, -0.12, 0.04), (-2.60, -4.37, -1.23)], atol=0.006)
    assert_allclose([line.statistic for line in lines], REFERENCE["endometrial"]["firth"]["chi"], rtol=1e-5)
    # risks sum to the events, as they would not with Firth's own intercept
    assert_allclose(result.estimate("calibration_intercept", performance="apparent").value, 0, atol=1e-8)


def test_spline_and_its_nonlinearity_are_those_of_rms():
    # the reference has knots given; the nested tests need the same ones
    from biomarker.kernels.logistic import fit_logistic
    from biomarker.kernels.spline import restricted_cubic_basis

    expected = REFERENCE["birthwt"]["spline"]
    basis = restricted_cubic_basis(BIRTHWT["lwt"], [95, 110, 125, 170])
    full = np.column_stack([np.ones(189), basis / 50, BIRTHWT["smoke"]])
    fits = [
        fit_logistic(full[:, kept], BIRTHWT["low"]).log_likelihood[0] for kept in ([0, 1, 2, 3, 4], [0, 1, 4], [0, 4])
    ]
    assert_allclose(2 * (fits[0] - fits[1]), expected["lr_nonlinear"], rtol=1e-6)
    result = model(BIRTHWT, response="low", predictors=["lwt", "smoke"], splines={"lwt": 4}, patient=None)
    bend, whole = result.estimate("nonlinearity_test"), result.estimate("term_likelihood_ratio_test")
    assert (bend.df, whole.df) == (2, 3)
    assert bend.statistic < whole.statistic
    line = result.estimate("odds_ratio", term="lwt")
    assert (line.of["at"], line.of["reference"]) == (140, 110)
    shape = result.shapes[0]
    assert shape.is_spline
    # between two values the curve has the odds ratio of the line
    logit = np.log(shape.risk[0] / (1 - shape.risk[0]))
    assert_allclose(
        np.exp(np.interp(140, shape.values, logit) - np.interp(110, shape.values, logit)), line.value, rtol=1e-2
    )


def test_nested_lesions_are_fitted_by_gee_as_in_geepack():
    data = OHIO.assign(both=OHIO["age"] * OHIO["smoke"])
    result = model(data, response="resp", predictors=["age", "smoke", "both"])
    assert result.fitted_by == "gee"
    assert_allclose(ratios(result), np.exp(REFERENCE["gee"]["ohio"]["coefficients"][1:]), rtol=1e-5)
    assert_allclose(result.estimate("working_correlation").value, REFERENCE["gee"]["ohio"]["correlation"], rtol=1e-5)


def test_intervals_of_nested_lesions_have_mancl_and_derouens_error_and_t():
    arguments = {"response": "outcome", "predictors": ["active", "age", "baseline"]}
    result = model(RESPIRATORY, **arguments)
    errors = np.sqrt(np.diag(REFERENCE["gee"]["mancl_derouen"]))[1:]
    lines = [line for line in result.estimates if line.quantity == "odds_ratio"]
    assert [line.df for line in lines] == [107] * 3
    quantile = 1.98238337  # of t with 107 degrees of freedom, R's qt(0.975, 107)
    width = [np.log(line.high / line.low) / 2 for line in lines]
    assert_allclose(width, quantile * errors, rtol=1e-5)
    independent = model(
        RESPIRATORY, response="outcome", predictors=["active", "age", "baseline"], method="cluster_robust"
    )
    assert_allclose(
        ratios(independent), np.exp(REFERENCE["gee"]["respiratory_independence"]["coefficients"][1:]), rtol=1e-5
    )


def test_mixed_model_is_that_of_glmer_and_lies_further_from_one():
    arguments = {"response": "outcome", "predictors": ["active", "baseline"]}
    result, expected = model(RESPIRATORY, **arguments, method="mixed"), REFERENCE["mixed"]["respiratory"]
    assert_allclose(np.log(ratios(result)), expected["coefficients"][1:], rtol=1e-4)
    assert_allclose(result.estimate("sd_between").value, expected["sd"], rtol=1e-4)
    assert np.all(ratios(result) > ratios(model(RESPIRATORY, **arguments)))


def test_ordered_response_is_that_of_polr():
    housing = pd.DataFrame(REFERENCE["housing"]["data"])
    rows = housing.loc[housing.index.repeat(housing["Freq"])].reset_index(drop=True)
    result = model(
        rows,
        response="Sat",
        family="ordinal",
        order=["Low", "Medium", "High"],
        predictors=["Infl", "Type", "Cont"],
        reference={"Infl": "Low", "Type": "Tower", "Cont": "Low"},
        patient=None,
    )
    expected = dict(
        zip(
            ("Medium", "High", "Apartment", "Atrium", "Terrace"),
            REFERENCE["housing"]["ordinal"]["coefficients"],
            strict=False,
        )
    )
    for level, coefficient in expected.items():
        term = "Infl" if level in ("Medium", "High") else "Type"
        assert_allclose(result.estimate("odds_ratio", term=term, level=level).value, np.exp(coefficient), rtol=1e-6)
    overall = result.estimate("proportional_odds_test", term="global")
    assert_allclose(overall.statistic, REFERENCE["housing"]["ordinal"]["brant_fixed"], rtol=1e-6)
    assert_allclose(
        result.estimate("term_likelihood_ratio_test", term="Type").statistic,
        REFERENCE["housing"]["ordinal"]["drop_type"],
        rtol=1e-6,
    )


def test_performance_is_corrected_downwards_and_does_not_hang_on_the_order_of_rows():
    data = lesions()
    arguments = {"response": "responded", "predictors": ["suvmax", "her2_status"], "per": {"suvmax": "doubling"}}
    result = model(data, **arguments, n_resamples=200)
    apparent, corrected = (result.estimate("auc", performance=kind) for kind in ("apparent", "corrected"))
    assert corrected.value < apparent.value
    assert corrected.low < corrected.value < corrected.high
    assert result.estimate("calibration_slope", performance="corrected").value < 1
    assert result.method.n_resamples == 200
    shuffled = model(data.sample(frac=1, random_state=1), **arguments, n_resamples=200)
    assert_allclose(ratios(shuffled), ratios(result), rtol=1e-8)
    assert_allclose(shuffled.estimate("auc", performance="corrected").value, corrected.value, rtol=1e-8)


@pytest.mark.parametrize("method", ["cluster_robust", "mixed"])
def test_other_methods_are_resampled_too(method):
    result = model(lesions(), response="responded", predictors="suvmax", method=method, n_resamples=30)
    assert np.isfinite(result.estimate("brier", performance="corrected").value)


def test_ordered_lesions_have_robust_intervals_and_a_corrected_concordance():
    result = model(
        lesions(),
        response="response",
        family="ordinal",
        predictors="suvmax",
        per={"suvmax": "doubling"},
        n_resamples=100,
    )
    line = result.estimate("odds_ratio")
    assert result.levels == ("PD", "SD", "PR", "CR")
    assert line.df == 22
    assert 1 < line.low < line.value < line.high
    assert result.estimate("c_index", performance="corrected").value > 0.5
    assert len(result.calibration) == len(result.shapes[0].labels) == 3


@pytest.mark.parametrize("seed", [305, 493])
def test_correlated_lesions_without_a_solution_are_weighted_alike_and_it_is_said(seed):
    # the equations have roots up to a correlation of 0.2 (305) and 0.45 (493), where residuals still show more of it;
    # geepack 1.3.9 returns log odds ratios of 1e15 here
    data = lesions(seed)
    plain = model(data, response="responded", predictors="suvmax")
    alike = model(data, response="responded", predictors="suvmax", method="cluster_robust")
    assert plain.fitted_by == "cluster_robust"
    assert_allclose(ratios(plain), ratios(alike))
    assert any("no solution" in note for note in plain.method.notes)
    assert not any("no solution" in note for note in alike.method.notes)
    with pytest.raises(ConvergenceError, match="cluster_robust"):
        model(data, response="responded", predictors="suvmax", method="gee")


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([2.0, 0.1, 37.0]))
def test_units_of_a_predictor_and_the_sense_of_the_response(seed, factor):
    data = lesions(seed)
    plain = model(data, response="responded", predictors="suvmax")
    turned = model(data.assign(responded=~data["responded"]), response="responded", predictors="suvmax")
    assert_allclose(ratios(turned), 1 / ratios(plain), rtol=1e-6)
    scaled = model(
        data.assign(suvmax=factor * data["suvmax"]), response="responded", predictors="suvmax", per={"suvmax": factor}
    )
    assert_allclose(ratios(scaled), ratios(plain), rtol=1e-6)
    doubling = model(data, response="responded", predictors="suvmax", per={"suvmax": "doubling"})
    log2 = model(data.assign(suvmax=np.log2(data["suvmax"])), response="responded", predictors="suvmax")
    assert_allclose(ratios(doubling), ratios(log2), rtol=1e-8)
    deviation = model(data, response="responded", predictors="suvmax", per={"suvmax": "sd"})
    assert_allclose(np.log(ratios(deviation)), np.log(ratios(plain)) * data["suvmax"].std(), rtol=1e-6)


def test_more_patients_alike_narrow_the_interval_and_more_lesions_alike_hardly_do():
    data = lesions()
    copies = [data.assign(patient_id=data["patient_id"] + 1000 * number) for number in range(4)]
    once, often = (
        model(each, response="responded", predictors="suvmax").estimate("odds_ratio")
        for each in (data, pd.concat(copies, ignore_index=True))
    )
    width = [np.log(line.high / line.low) for line in (once, often)]
    assert width[1] < 0.6 * width[0]
    same = model(pd.concat([data] * 4, ignore_index=True), response="responded", predictors="suvmax")
    line = same.estimate("odds_ratio")
    assert np.log(line.high / line.low) > 0.85 * width[0]


def test_separated_lesions_count_once_a_patient():
    data = lesions().assign(responded=lambda frame: frame["suvmax"] > frame["suvmax"].median())
    result = model(data, response="responded", predictors="suvmax")
    assert result.fitted_by == "firth"
    line = result.estimate("odds_ratio")
    assert 1 < line.low < line.value
    fourfold = model(pd.concat([data] * 4, ignore_index=True), response="responded", predictors="suvmax")
    assert_allclose(ratios(fourfold), ratios(result), rtol=1e-6)


def test_few_responses_call_for_firth_and_the_note_says_how_few():
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"a": rng.normal(size=30), "b": rng.normal(size=30), "y": [1, 0, 0] * 5 + [0] * 15})
    result = model(data, response="y", predictors=["a", "b"], patient=None)
    assert result.fitted_by == "firth"
    assert "5 rows with the response and 25 without for 2 odds ratios: 2.5 of the rarer outcome for each" in " ".join(
        result.method.notes
    )
    with pytest.warns(SmallSampleWarning, match=r"2\.5 of the rarer outcome"):
        plain = response_model(data, response="y", predictors=["a", "b"], patient=None, penalty="none", n_resamples=0)
    assert plain.fitted_by == "ml"


def test_a_patients_own_predictor_and_an_unbalanced_patient_are_told():
    data = pd.concat([lesions(), *[lesions().query("patient_id == 3").assign(lesion_id=-1)] * 12], ignore_index=True)
    notes = " ".join(model(data, response="responded", predictors=["suvmax", "her2_status"]).method.notes)
    assert "The lesions of a patient share HER2 status: such a predictor is known 24 times" in notes
    assert "One patient has" in notes


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        ({}, {"predictors": []}, "no predictor"),
        ({}, {"predictors": ["suvmx"]}, "suvmax"),
        ({}, {"predictors": ["responded"]}, "cannot be a predictor"),
        ({"responded": True}, {}, "both classes"),
        ({"suvmax": 4.0}, {}, "not estimable"),
        ({}, {"predictors": ["suvmax", "twice"]}, "combination"),
        ({}, {"penalty": "fith"}, "firth"),
        ({}, {"method": "gees"}, "gee"),
        ({}, {"family": "ordinal", "response": "her2_status"}, "which order"),
        ({}, {"family": "ordinal", "response": "response", "order": ["PD", "SD", "PR"]}, "not in the order"),
        ({}, {"family": "ordinal", "response": "responded", "order": [False, True]}, "three or more"),
        ({}, {"family": "ordinal", "response": "response", "penalty": "firth"}, "two classes"),
        ({}, {"family": "ordinal", "response": "response", "method": "mixed"}, "two classes"),
        ({}, {"order": ["PD", "SD"]}, "ordinal"),
        ({}, {"splines": ["size"]}, "not among predictors"),
        ({}, {"splines": {"suvmax": 12}}, "3 to 7"),
        ({}, {"splines": ["suvmax"], "per": {"suvmax": "sd"}}, "no one odds ratio"),
        ({}, {"predictors": ["her2_status"], "splines": ["her2_status"]}, "classes"),
        ({}, {"n_resamples": -1}, "whole number"),
        ({}, {"figure": "picture"}, "ratios"),
        ({}, {"predictors": "her2_status", "figure": "shape"}, "number"),
        ({}, {"patient": "lesion_id", "method": "mixed"}, "several rows"),
        ({}, {"confidence_level": 95}, "fraction"),
    ],
)  # fmt: skip
def test_refused_in_words(change, arguments, said):
    data = lesions().assign(twice=lambda frame: 2 * frame["suvmax"]).assign(**change)
    with pytest.raises(DesignError, match=said):
        model(data, **{"response": "responded", "predictors": "suvmax", **arguments})


def test_too_many_odds_ratios_for_the_responses_or_the_patients():
    rng = np.random.default_rng(1)
    wide = pd.DataFrame(rng.normal(size=(12, 15)), columns=list("abcdefghijklmno")).assign(y=[1, 0] * 6)
    with pytest.raises(DesignError, match="15 odds ratios cannot be estimated"):
        model(wide, response="y", predictors=list("abcdefghijklmno"), patient=None)
    with pytest.raises(DesignError, match="cannot be estimated where 6 rows have the rarer outcome"):
        model(wide, response="y", predictors=list("abcdefgh"), patient=None)
    few = lesions(patients=3)
    with pytest.raises(DesignError, match="of 3 patients"):
        model(few.assign(other=rng.normal(size=len(few))), response="responded", predictors=["suvmax", "other"])


def test_separation_without_a_penalty_has_no_finite_estimate():
    data = lesions().assign(responded=lambda frame: frame["suvmax"] > 4)
    for arguments in ({"penalty": "none"}, {"method": "mixed"}):
        with pytest.raises(ConvergenceError, match="SUVmax has no finite estimate"):
            model(data, response="responded", predictors="suvmax", **arguments)
    ordered = data.assign(response=np.where(data["suvmax"] > 8, "CR", np.where(data["responded"], "PR", "SD")))
    with pytest.raises(ConvergenceError, match="separates the levels"):
        model(ordered, response="response", family="ordinal", predictors="suvmax")


def test_zero_has_no_doubling_and_text_is_no_number():
    data = lesions()
    data.loc[3, "suvmax"] = 0
    with pytest.raises(SchemaError, match="doubling"):
        model(data, response="responded", predictors="suvmax", per={"suvmax": "doubling"})


@pytest.mark.parametrize("factor", [1e-9, 1e9])
def test_huge_and_tiny_values(factor):
    data = lesions()
    line = model(
        data.assign(suvmax=factor * data["suvmax"]), response="responded", predictors="suvmax", per={"suvmax": "sd"}
    )
    assert_allclose(
        ratios(line), ratios(model(data, response="responded", predictors="suvmax", per={"suvmax": "sd"})), rtol=1e-6
    )


def test_nullable_and_categorical_columns_and_missing_values():
    data = lesions()
    expected = ratios(model(data.iloc[2:], response="responded", predictors=["suvmax", "her2_status"]))
    odd = data.assign(
        suvmax=data["suvmax"].astype("Float64"),
        her2_status=data["her2_status"].astype("category"),
        responded=data["responded"].astype("boolean"),
    )
    odd.loc[0, "suvmax"] = pd.NA
    odd.loc[1, "responded"] = pd.NA
    result = model(odd, response="responded", predictors=["suvmax", "her2_status"])
    assert_allclose(ratios(result), expected, rtol=1e-8)
    assert sum(exclusion.n for exclusion in result.population.exclusions) == 2


def test_one_responding_patient_among_many_has_no_covariance_between_patients():
    data = lesions().assign(responded=False)
    data.loc[[0], "responded"] = True
    result = model(data, response="responded", predictors="suvmax")
    assert result.fitted_by == "firth"
    assert "Only 1 patient has lesions with the response" in " ".join(result.method.notes)


def test_responses_that_a_patients_lesions_share_are_fitted_as_independent_and_told():
    data = lesions()
    data["responded"] = data["patient_id"] % 2 == 0
    result = model(data, response="responded", predictors="suvmax")
    assert result.fitted_by == "cluster_robust"
    assert "All lesions of a patient have the same response" in " ".join(result.method.notes)


def test_a_response_that_was_not_evaluable_is_refused_by_name():
    data = lesions()
    data.loc[3, "response"] = "NE"
    with pytest.raises(DesignError, match="'NE', which is not in the order PD, SD, PR, CR"):
        model(data, response="response", family="ordinal", predictors="suvmax")


def test_a_value_far_out_and_a_level_of_one_row_are_fitted():
    data = lesions()
    data.loc[0, "suvmax"] = 1e12
    assert np.all(np.isfinite(ratios(model(data, response="responded", predictors="suvmax"))))
    rare = lesions().assign(site=lambda frame: np.where(np.arange(len(frame)) == 1, "brain", "liver"))
    assert model(rare, response="responded", predictors=["suvmax", "site"]).fitted_by == "firth"


def test_thousands_for_each_odds_ratio_are_written_out():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"suv": rng.normal(size=6000), "response": rng.random(6000) < 0.4})
    result = response_model(data, response="response", predictors=["suv"], patient=None, n_resamples=2)
    notes = " ".join(result.method.notes)
    assert f"{data['response'].sum():,} of the rarer outcome" in notes
    assert "e+0" not in notes
