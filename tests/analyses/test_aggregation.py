from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.analyses.aggregation import aggregation_sensitivity
from biomarker.analyses.roc import roc_curve
from biomarker.data.aggregation import aggregate_lesions
from biomarker.errors import DesignError, SchemaError
from biomarker.kernels.two_by_two import two_by_two

ASK = {"reference_standard": "response", "marker": "suvmax"}


def trial(seed=7, patients=40):
    rng = np.random.default_rng(seed)
    lesions = rng.integers(1, 7, patients)
    ids = np.repeat([f"{i:02d}" for i in range(patients)], lesions)
    responded = rng.random(patients) < 0.5
    own = rng.normal(1.2 + 0.6 * responded, 0.5)
    uptake = np.exp(np.repeat(own, lesions) + rng.normal(0, 0.5, lesions.sum()))
    frame = pd.DataFrame({"patient_id": ids, "suvmax": uptake.round(1), "response": np.repeat(responded, lesions)})
    return frame.assign(volume_ml=rng.lognormal(1, 1, len(frame)), seen=frame["suvmax"] > 3)


def test_each_rule_is_the_two_steps_by_hand():
    lesions = trial()
    result = aggregation_sensitivity(lesions, cutoff=5, weights="volume_ml", **ASK)
    truth = lesions.groupby("patient_id", sort=False)["response"].first().to_numpy()
    for how in ("max", "mean", "geometric_mean", "median", "min", "hottest_k", "volume_weighted"):
        patients = aggregate_lesions(lesions, marker="suvmax", how=how, weights="volume_ml", name="value")
        patients["response"] = truth
        called = (patients["value"] >= 5).to_numpy()
        counts = [int((called == call)[truth == outcome].sum()) for call, outcome in ((1, 1), (1, 0), (0, 1), (0, 0))]
        name = "hottest_3" if how == "hottest_k" else how
        for quantity in ("ppv", "npv", "sensitivity", "specificity"):
            line, expected = result.estimate(quantity, rule=name), two_by_two(*counts)[quantity]
            assert (line.value, line.low, line.high) == pytest.approx(expected[:3], rel=1e-12)
        area = roc_curve(patients, reference_standard="response", marker="value").estimate("auc")
        line = result.estimate("auc", rule=name)
        assert (line.value, line.low, line.high) == pytest.approx((area.value, area.low, area.high), rel=1e-12)


def test_the_hottest_lesion_and_any_positive_lesion_call_alike():
    result = aggregation_sensitivity(trial(), cutoff=5, **ASK)
    for quantity in ("ppv", "npv", "sensitivity", "specificity", "positive_calls"):
        assert result.estimate(quantity, rule="any_positive").value == result.estimate(quantity, rule="max").value
    assert result.estimate("changed_calls", rule="any_positive").value == 0
    assert result.estimate("ppv", rule="share_positive").value == result.estimate("ppv", rule="pattern").value


def test_differences_agree_with_compared_curves():
    from biomarker.analyses.compare_roc import compare_roc_curves

    lesions = trial()
    result = aggregation_sensitivity(lesions, rules=["max", "median"], **ASK)
    patients = aggregate_lesions(lesions, marker="suvmax", how="max").merge(
        aggregate_lesions(lesions, marker="suvmax", how="median"), on="patient_id"
    )
    patients["response"] = lesions.groupby("patient_id", sort=False)["response"].first().to_numpy()
    markers = ["suvmax_median", "suvmax_max"]
    other = compare_roc_curves(patients, reference_standard="response", markers=markers, patient=None)
    found, expected = result.estimate("auc_difference"), other.estimate("auc_difference")
    assert (found.value, found.low, found.high, found.p_value) == pytest.approx(
        (expected.value, expected.low, expected.high, expected.p_value), rel=1e-12
    )


def test_the_same_rule_twice_differs_by_nothing():
    rules = [{"how": "max", "name": "one"}, {"how": "max", "name": "two"}]
    line = aggregation_sensitivity(trial(), rules=rules, **ASK).estimate("auc_difference")
    assert (line.value, line.p_value) == (0.0, 1.0)


def test_a_reading_by_eye():
    result = aggregation_sensitivity(trial(), reference_standard="response", marker="seen")
    assert [rule.name for rule in result.rules] == ["any_positive", "share_positive", "pattern"]
    assert result.rules[0].label == "any lesion seen"
    by_number = aggregation_sensitivity(trial(), cutoff=3.05, rules=["any_positive"], **ASK)
    assert result.estimate("ppv", rule="any_positive").value == by_number.estimate("ppv", rule="any_positive").value


def test_without_a_cutoff_there_is_an_area_and_no_call():
    result = aggregation_sensitivity(trial(), **ASK)
    assert {line.quantity for line in result.estimates} == {"auc", "auc_difference"}


def test_low_uptake_may_be_the_positive_one():
    lesions = trial().assign(response=lambda frame: ~frame["response"])
    up = aggregation_sensitivity(trial(), cutoff=5.051, **ASK)
    down = aggregation_sensitivity(lesions, cutoff=5.051, higher_is_positive=False, **ASK)
    for rule in ("max", "mean", "min"):
        assert down.estimate("auc", rule=rule).value == pytest.approx(up.estimate("auc", rule=rule).value)
        assert down.estimate("ppv", rule=rule).value == pytest.approx(up.estimate("npv", rule=rule).value)


def test_rules_of_ones_own():
    rules = ["max", {"how": "hottest_k", "k": 2}, {"how": "share_positive", "cutoff": 4, "weights": "volume_ml"}]
    result = aggregation_sensitivity(trial(), cutoff=5, rules=rules, **ASK)
    assert [rule.name for rule in result.rules] == ["max", "hottest_2", "share_positive_by_volume_ml_at_4"]
    assert [rule.label for rule in result.rules] == [
        "highest SUVmax",
        "mean SUVmax of the 2 hottest lesions",
        "more than 50% of volume with SUVmax ≥ 4",
    ]
    assert result.method.settings["rules"] == "max, hottest_2, share_positive_by_volume_ml_at_4"


def test_patients_without_a_value_are_told():
    lesions = trial()
    lesions.loc[lesions["patient_id"] == "00", "suvmax"] = np.nan
    lesions.loc[lesions["patient_id"] == "01", "volume_ml"] = np.nan
    result = aggregation_sensitivity(lesions, cutoff=5, weights="volume_ml", **ASK)
    assert result.estimate("auc", rule="max").n == 39
    assert result.estimate("auc", rule="volume_weighted").n == 38
    assert "1 of 39 patients have no value by mean SUVmax weighted by Volume (mL)." in result.method.notes
    assert result.population.patients_used == 39


def test_a_rule_that_calls_everyone_has_one_undefined_value():
    result = aggregation_sensitivity(trial(), cutoff=0.1, rules=["max"], **ASK)
    assert np.isnan(result.estimate("npv", rule="max").value)
    assert "All patients are positive, so its NPV is undefined: highest SUVmax." in result.method.notes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rules": ["maximum"]}, r"unknown how = 'maximum' \(did you mean 'max'\?\)"),
        ({"rules": ["max", "max"]}, "rules names 'max' twice"),
        ({"rules": [{"how": "max", "kk": 3}]}, r"unknown key 'kk'"),
        ({"rules": [{"name": "x"}]}, "has no how"),
        ({"rules": [3]}, "rules holds 3"),
        ({"rules": []}, "rules is empty"),
        ({"rules": ["any_positive"]}, "needs a cutoff"),
        ({"interval": "wald"}, "no interval 'wald'"),
        ({"marker": "suv"}, r"no column 'suv' \(did you mean 'suvmax'\?\)"),
        ({"patient": "subject"}, "no column 'subject'"),
    ],
)
def test_questions_that_cannot_be(options, message):
    with pytest.raises(DesignError, match=message):
        aggregation_sensitivity(trial(), **(ASK | options))


def test_outcomes_that_cannot_be():
    lesions = trial()
    with pytest.raises(DesignError, match="patients have both outcomes of 'response'"):
        aggregation_sensitivity(lesions.assign(response=np.arange(len(lesions)) % 2 == 0), **ASK)
    with pytest.raises(DesignError, match="both classes are needed"):
        aggregation_sensitivity(lesions.assign(response=True), **ASK)
    with pytest.raises(DesignError, match="without the column 'patient_id'"):
        aggregation_sensitivity(lesions.drop(columns="patient_id"), **ASK)
    with pytest.raises(SchemaError, match="'hot' is not a number"):
        aggregation_sensitivity(lesions.assign(suvmax=["hot", *lesions["suvmax"][1:].map(str)]), **ASK)


def test_a_perfect_marker_has_an_interval_without_a_variance():
    lesions = pd.DataFrame(
        {"patient_id": list("aabbccdd"), "suvmax": [9, 8, 7, 9, 1, 2, 3, 1], "response": [1, 1, 1, 1, 0, 0, 0, 0]}
    )
    result = aggregation_sensitivity(lesions, rules=["max", "mean"], **ASK)
    line = result.estimate("auc", rule="max")
    assert line.value == 1
    assert 0 < line.low < 1
    assert line.high == 1
    assert any("Newcombe" in note for note in result.method.notes)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_does_not_matter(seed):
    lesions = trial(seed=3, patients=12)
    mixed = lesions.sample(frac=1, random_state=seed)
    one, two = (aggregation_sensitivity(data, cutoff=5, **ASK).to_frame() for data in (lesions, mixed))
    numbers = ["value", "low", "high", "p_value"]
    np.testing.assert_allclose(one[numbers].to_numpy(float), two[numbers].to_numpy(float), rtol=1e-9, atol=1e-12)
