"""Hazard models from frames: R's coxph, units and levels, too few events, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from biomarker import hazard_model
from biomarker.errors import ConvergenceError, DesignError, SchemaError, SmallSampleWarning

FOLDER = Path(__file__).parent.parent / "reference"
REFERENCE = json.loads((FOLDER / "survival_analyses.json").read_text())
KERNEL_REFERENCE = json.loads((FOLDER / "survival.json").read_text())
VETERAN = pd.DataFrame(REFERENCE["data"]).rename(columns={"time": "os_days"})
VETERAN["patient_id"] = [f"V{i:03d}" for i in range(len(VETERAN))]
LUNG = pd.DataFrame(KERNEL_REFERENCE["lung"]["data"])
HEART = pd.DataFrame(KERNEL_REFERENCE["heart"]["data"])
ARGUMENTS = {"duration": "os_days", "event": "status"}


def ratios(result):
    return [line for line in result.estimates if line.quantity == "hazard_ratio"]


def assert_ratios(result, expected):
    lines = ratios(result)
    names = {"value": "ratio", "low": "low", "high": "high", "statistic": "z", "p_value": "p"}
    for ours, theirs in names.items():
        assert [getattr(line, ours) for line in lines] == pytest.approx(np.atleast_1d(expected[theirs]), rel=1e-7), ours
    assert result.estimate("likelihood_ratio_test").statistic == pytest.approx(expected["lr"][0], rel=1e-8)
    assert result.estimate("wald_test").statistic == pytest.approx(expected["wald"], rel=1e-7)
    assert result.estimate("score_test").p_value == pytest.approx(expected["score"][2], rel=1e-7)
    trend = [line for line in result.estimates if line.quantity == "proportional_hazards_test"]
    assert [line.statistic for line in trend] == pytest.approx(expected["zph"], rel=1e-6)
    assert [line.df for line in trend] == expected["zph_df"]
    c = result.estimate("c_index")
    assert c.value == pytest.approx(expected["concordance"], rel=1e-12)
    # R gives the standard error; the interval is symmetric on the logit scale
    spread = (np.log(c.high / (1 - c.high)) - np.log(c.low / (1 - c.low))) / 2 / 1.959963984540054
    assert spread * c.value * (1 - c.value) == pytest.approx(expected["concordance_se"], rel=1e-7)


def test_levels_doublings_and_tens_against_r():
    result = hazard_model(
        VETERAN,
        **ARGUMENTS,
        predictors=["celltype", "age", "karno"],
        reference={"celltype": "squamous"},
        per={"age": "doubling", "karno": 10},
    )
    assert_ratios(result, REFERENCE["cox"])
    assert [dict(line.of) for line in ratios(result)] == [
        {"term": "celltype", "level": "adeno", "reference": "squamous"},
        {"term": "celltype", "level": "large", "reference": "squamous"},
        {"term": "celltype", "level": "smallcell", "reference": "squamous"},
        {"term": "age", "per": "doubling"},
        {"term": "karno", "per": "10"},
    ]
    assert "Reference level: celltype squamous." in result.warnings
    assert any("ratio of celltype seems to change over time" in note for note in result.warnings)
    assert result.n_events == 128


def test_wald_test_of_a_term_against_r():
    # the model without the performance status, as R's vcov gives it
    result = hazard_model(VETERAN, **ARGUMENTS, predictors=["celltype", "age"], per={"age": "doubling"})
    test = result.estimate("term_wald_test", term="celltype")
    expected = REFERENCE["cox_term_wald"]
    assert [test.statistic, test.df] == pytest.approx([expected["statistic"], expected["df"]], rel=1e-6)


def test_standard_deviations_and_strata_against_r():
    result = hazard_model(VETERAN, **ARGUMENTS, predictors="karno", per={"karno": "sd"}, strata="celltype")
    assert_ratios(result, REFERENCE["cox_sd"])
    assert ratios(result)[0].of["per"] == "SD (20)"
    assert "stratified by celltype" in result.method.description


def test_landmark_against_r():
    result = hazard_model(VETERAN, **ARGUMENTS, predictors="karno", landmark=60)
    assert_ratios(result, REFERENCE["landmark"]["cox"])
    assert sum(exclusion.n for exclusion in result.exclusions) == int((VETERAN.os_days < 60).sum())


def test_numbers_named_in_reference_are_classes():
    expected = KERNEL_REFERENCE["lung"]["cox_factor"]  # coxph(Surv(time, event) ~ factor(pmin(ph.ecog, 2)) + age)
    data = LUNG.assign(ecog=LUNG["ph.ecog"].clip(upper=2))
    result = hazard_model(
        data, duration="time", event="event", predictors=["ecog", "age"], reference={"ecog": 0}, patient=None
    )
    assert np.log([line.value for line in ratios(result)]) == pytest.approx(expected["coefficients"], rel=1e-8)
    assert [line.of.get("level") for line in ratios(result)] == [1, 2, None]


def test_left_truncation_against_r():
    expected = KERNEL_REFERENCE["heart"]["cox"]
    result = hazard_model(
        HEART, duration="stop", event="event", entry="start", predictors=["age", "year"], patient=None
    )
    assert np.log([line.value for line in ratios(result)]) == pytest.approx(expected["coefficients"], rel=1e-8)


def test_the_unit_is_the_columns_own_where_nothing_is_said():
    suvmax = np.exp(np.random.default_rng(3).normal(2, 0.5, len(VETERAN)))
    data = VETERAN.assign(highest_suvmax=suvmax)
    plain = hazard_model(data, **ARGUMENTS, predictors="highest_suvmax")
    assert ratios(plain)[0].of["per"] == "g/mL"
    ten = hazard_model(data, **ARGUMENTS, predictors="highest_suvmax", per={"highest_suvmax": 10})
    assert ratios(ten)[0].value == pytest.approx(ratios(plain)[0].value ** 10, rel=1e-6)
    assert ratios(ten)[0].of["per"] == "10 g/mL"


def test_two_levels_turned_round_give_the_inverse():
    data = VETERAN.assign(trt=VETERAN["trt"].map({1: "standard", 2: "test"}))
    one, other = (hazard_model(data, **ARGUMENTS, predictors="trt", reference={"trt": r}) for r in ("standard", "test"))
    assert ratios(one)[0].value == pytest.approx(1 / ratios(other)[0].value)
    assert ratios(one)[0].low == pytest.approx(1 / ratios(other)[0].high)
    assert one.estimate("c_index").value == pytest.approx(other.estimate("c_index").value)


def test_bool_is_a_class_with_false_as_reference():
    result = hazard_model(VETERAN.assign(old=VETERAN["age"] > 60), **ARGUMENTS, predictors="old")
    assert dict(ratios(result)[0].of) == {"term": "old", "level": True, "reference": False}


def test_few_events_are_said():
    with pytest.warns(SmallSampleWarning, match="14 events for 2 hazard ratios, fewer than 10 each"):
        result = hazard_model(VETERAN.head(14).assign(status=1), **ARGUMENTS, predictors=["karno", "age"])
    assert any("fewer than 10 each" in note for note in result.warnings)


def test_strata_without_events_add_nothing():
    extra = VETERAN.head(5).assign(status=0, site="late", patient_id=[f"N{i}" for i in range(5)])
    data = VETERAN.assign(site="first")
    with_late = hazard_model(
        pd.concat([data, extra], ignore_index=True), **ARGUMENTS, predictors="karno", strata="site"
    )
    assert ratios(with_late)[0].value == pytest.approx(
        ratios(hazard_model(data, **ARGUMENTS, predictors="karno"))[0].value
    )


def test_separated_events_go_to_firth_unless_that_is_forbidden():
    data = VETERAN.assign(separates=np.where(VETERAN["status"] == 1, "event", "none"))
    result = hazard_model(data, **ARGUMENTS, predictors="separates")
    line = ratios(result)[0]
    assert 0 < line.low < line.value < line.high < 1
    assert any("lie wholly on one side of separates: none (separation)" in note for note in result.warnings)
    assert any("Proportional hazards could not be tested" in note for note in result.warnings)
    assert "Firth's penalty" in result.method.name
    with pytest.raises(ConvergenceError, match="'separates: none' has no finite estimate: the events lie wholly"):
        hazard_model(data, **ARGUMENTS, predictors="separates", penalty="none")


def test_no_event_and_too_few_events_are_refused():
    with pytest.raises(DesignError, match="none of the 137 patients had the event"):
        hazard_model(VETERAN.assign(status=0), **ARGUMENTS, predictors="karno")
    few = VETERAN.assign(status=[1, 1, *[0] * 135])
    with pytest.raises(DesignError, match="3 hazard ratios cannot be estimated from 2 events"):
        hazard_model(few, **ARGUMENTS, predictors="celltype")


def test_a_doubling_needs_positive_values():
    with pytest.raises(SchemaError, match="row 4, karno: '0' is not above 0, so it has no doubling"):
        hazard_model(
            VETERAN.assign(karno=VETERAN["karno"].where(VETERAN.index != 4, 0)),
            **ARGUMENTS,
            predictors="karno",
            per={"karno": "doubling"},
        )


def test_lesions_of_a_patient_are_refused():
    with pytest.raises(DesignError, match=r"137 of 137 patients have several rows.*aggregate lesions"):
        hazard_model(pd.concat([VETERAN, VETERAN], ignore_index=True), **ARGUMENTS, predictors="karno")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"predictors": []}, "no predictor"),
        ({"predictors": "carno"}, "did you mean 'karno'"),
        ({"predictors": ["karno", "os_days"]}, "part of the outcome"),
        ({"predictors": ["trt"], "strata": "trt"}, "stratum"),
        ({"per": {"karnof": 10}}, "did you mean 'karno'"),
        ({"per": {"karno": "double"}}, "did you mean 'doubling'"),
        ({"per": {"karno": -1}}, "above 0"),
        ({"per": "sd"}, "name the predictor"),
        ({"predictors": "celltype", "per": {"celltype": "sd"}}, "classes and has no unit"),
        ({"per": {"karno": 10}, "reference": {"karno": 60}}, "not both"),
        ({"predictors": "celltype", "reference": {"celltype": "squamos"}}, "did you mean 'squamous'"),
        ({"predictors": "patient_id"}, "names the patients"),
        ({"predictors": "name"}, "137 classes, too many"),
        ({"predictors": "same"}, "every patient has same = 1"),
        ({"predictors": "one"}, "every patient is A on 'one'"),
        ({"confidence_level": 95}, "fraction"),
    ],
)
def test_what_is_refused(changes, message):
    data = VETERAN.assign(name="n" + VETERAN["patient_id"], same=1.0, one="A")
    with pytest.raises(DesignError, match=message):
        hazard_model(data, **{**ARGUMENTS, "predictors": "karno", **changes})


def test_predictors_that_repeat_each_other():
    with pytest.raises(ConvergenceError, match="cannot be told apart"):
        hazard_model(VETERAN.assign(tenth=VETERAN["karno"] / 10), **ARGUMENTS, predictors=["karno", "tenth"])


def test_words():
    result = hazard_model(VETERAN, **ARGUMENTS, predictors="karno")
    assert "predictive" not in result.method.description
    assert "Associations with the hazard" in result.method.description
