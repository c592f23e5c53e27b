"""Rates against R (tests/reference/response_rate.R), what counts as what, and what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError

EXPECTED = json.loads((Path(__file__).parents[1] / "reference" / "response_rate.json").read_text(encoding="utf-8"))
ARMS = {
    "Conjugate": ["CR"] * 2 + ["PR"] * 8 + ["SD"] * 10 + ["PD"] * 8 + ["NE"] * 2,
    "Chemotherapy": ["CR"] + ["PR"] * 4 + ["SD"] * 9 + ["PD"] * 15 + [None],
}


def trial(arms=ARMS):
    rows = [(arm, word) for arm, words in arms.items() for word in words]
    return pd.DataFrame(rows, columns=["arm", "best_response"]).assign(patient_id=range(len(rows)))


def test_rates_and_difference_agree_with_r():
    result = bm.response_rate(trial(), by="arm")
    case = EXPECTED["tables"][0]
    assert case["counts"] == [10, 30, 5, 30]
    rate = result.estimate("objective_response_rate", group="Conjugate")
    assert (rate.numerator, rate.n) == (10, 30)
    assert [rate.low, rate.high] == pytest.approx(case["exact_first"], rel=1e-9)
    line = result.estimate("objective_response_difference")
    assert dict(line.of) == {"comparison": "Conjugate − Chemotherapy"}
    assert line.value == pytest.approx(5 / 30)
    assert line.p_value == pytest.approx(case["p"], rel=1e-9)
    assert [line.low, line.high] == pytest.approx(case["miettinen_nurminen"], abs=1e-6)
    control = result.estimate("disease_control_rate", group="Chemotherapy")
    assert (control.numerator, control.n) == (14, 30)


def test_patients_without_a_response_are_not_evaluable_and_stay_in_the_denominator():
    result = bm.response_rate(trial(), by="arm")
    assert result.counts().loc["NE"].tolist() == [1, 2]
    assert result.counts().sum().tolist() == [30, 30]
    assert "1 patient without best response counted as not evaluable." in result.warnings
    evaluable = bm.response_rate(trial(), by="arm", evaluable_only=True)
    assert [evaluable.estimate("objective_response_rate", group=arm).n for arm in evaluable.groups] == [29, 28]
    assert [(exclusion.n, exclusion.reason) for exclusion in evaluable.exclusions] == [
        (3, "with best_response not evaluable")
    ]
    assert (evaluable.population.patients_used, evaluable.population.rows_used) == (57, 57)


def test_categories_run_from_the_best_and_those_of_recist_are_always_there():
    result = bm.response_rate(pd.DataFrame({"best_response": ["PD", "sd", "PR"]}))
    assert result.categories == ("CR", "PR", "SD", "PD")
    assert result.counts()["All"].tolist() == [0, 1, 1, 1]
    assert result.estimate("response_share", category="CR").high == pytest.approx(1 - 0.025 ** (1 / 3))
    without = bm.response_rate(pd.DataFrame({"best_response": ["PD", "non-CR/non-PD"]}))
    assert without.estimate("disease_control_rate").numerator == 1


@pytest.mark.parametrize(
    ("words", "responders", "control", "paper"),
    [
        (["iCR", "iPR", "iSD", "iUPD", "iCPD", "NE"], 2, 3, "iRECIST"),
        (["CMR", "PMR", "SMD", "PMD", "NE"], 2, 3, "PERCIST"),
        (["CR", "PR", "SD", "PD", "non-CR/non-PD"], 2, 4, "RECIST"),
    ],
)
def test_words_of_each_criterion(words, responders, control, paper):
    result = bm.response_rate(pd.DataFrame({"best_response": words}))
    assert result.estimate("objective_response_rate").numerator == responders
    assert result.estimate("disease_control_rate").numerator == control
    assert paper in result.method.references[0].text
    assert result.categories == bm.response_rate(pd.DataFrame({"best_response": words[::-1]})).categories


def test_other_words_need_to_be_told():
    data = pd.DataFrame({"best_response": ["major", "minor", "none", "major"]})
    with pytest.raises(DesignError, match=r"'best_response' holds 'major', which is no best response.*responders"):
        bm.response_rate(data)
    result = bm.response_rate(data, responders=["major"], controlled=["major", "minor"])
    assert result.estimate("objective_response_rate").numerator == 2
    assert result.estimate("disease_control_rate").numerator == 3
    complete = bm.response_rate(trial(), responders=["CR"])
    assert complete.estimate("objective_response_rate").numerator == 3


@pytest.mark.parametrize("difference", ["newcombe", "miettinen-nurminen"])
@pytest.mark.parametrize("interval", ["wilson", "clopper-pearson", "jeffreys", "agresti-coull"])
def test_order_of_rows_and_names_of_arms_do_not_matter(interval, difference):
    data = trial()
    options = {"by": "arm", "interval": interval, "difference": difference}
    one = bm.response_rate(data, **options)
    other = bm.response_rate(data.sample(frac=1, random_state=3), **options)
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())
    swapped = bm.response_rate(data.replace({"arm": {"Conjugate": "A"}}), **options)
    line, back = (each.estimate("objective_response_difference") for each in (one, swapped))
    assert [back.value, back.low, back.high] == pytest.approx([-line.value, -line.high, -line.low], abs=1e-9)
    assert back.p_value == pytest.approx(line.p_value)


def test_three_groups_are_compared_pair_by_pair():
    data = trial({"A": ["PR", "SD"], "B": ["PR", "PR"], "C": ["PD", "PD"]})
    result = bm.response_rate(data, by="arm")
    found = [line.of["comparison"] for line in result.estimates if line.quantity == "disease_control_difference"]
    assert found == ["B − A", "C − A", "C − B"]
    assert result.estimate("objective_response_difference", comparison="C − B").value == -1


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (trial().assign(patient_id="1"), {}, "patient 1 has 60 rows; 'best_response' is one of a patient"),
        (trial(), {"interval": "wald"}, "no interval 'wald'"),
        (trial(), {"difference": "wald"}, "no difference 'wald'"),
        (trial(), {"by": "site"}, "no column 'site'"),
        (trial(), {"response": "responses"}, r"no column 'responses' \(did you mean 'best_response'\?\)"),
        (trial(), {"responders": "CR"}, "responders = 'CR'; give a list"),
        (trial(), {"responders": ["MR"]}, "no patient has a response 'MR'"),
        (trial(), {"controlled": ["SD"]}, "controlled leaves out CR, PR"),
        (trial().iloc[:0], {}, "the table has no rows"),
        (trial({"A": ["NE", None]}), {"evaluable_only": True}, "no patient is evaluable"),
        (trial().assign(best_response="PRR"), {}, r"holds 'PRR', which is no best response \(did you mean 'i?PR'\?\)"),
    ],
)
def test_refused_in_words(data, options, message):
    with pytest.raises(DesignError, match=message):
        bm.response_rate(data, **options)


@pytest.mark.parametrize("dtype", ["category", "string", object])
def test_dtypes_and_all_missing(dtype):
    data = trial().astype({"best_response": dtype, "arm": dtype})
    assert bm.response_rate(data, by="arm").estimate("objective_response_rate", group="Conjugate").numerator == 10
    nothing = bm.response_rate(pd.DataFrame({"best_response": [None, None]}, dtype=object))
    assert nothing.estimate("objective_response_rate").numerator == 0
    assert not math.isnan(nothing.estimate("objective_response_rate").high)


def test_from_measurements_to_rates():
    trial_tables = bm.simulate_trial()
    best = bm.response_category(trial_tables["measurements"], confirm=True)
    result = bm.response_rate(best)
    assert result.estimate("objective_response_rate").numerator == int(best["objective_response"].sum())
    assert result.estimate("disease_control_rate").numerator == int(best["disease_control"].sum())


def test_words_are_read_as_the_criteria_spell_them():
    """A responder spelled another way must not be lost from the rate in silence."""
    words = ["Complete response", "partial response", "PR", "Stable Disease", "pd", "Not evaluable"]
    rate = bm.response_rate(pd.DataFrame({"best_response": words}), responders=["cr", "Partial response"])
    assert rate.responders == ("CR", "PR")
    assert rate.estimate("objective_response_rate").numerator == 3
    assert rate.estimate("disease_control_rate").numerator == 4
    assert rate.categories == ("CR", "PR", "SD", "PD", "NE")
    with pytest.raises(DesignError, match=r"responders: no patient has a response 'PRR' \(did you mean 'PR'\?\)"):
        bm.response_rate(pd.DataFrame({"best_response": words}), responders=["CR", "PRR"])
    with pytest.raises(DesignError, match=r"controlled: no patient has a response 'stabel'"):
        bm.response_rate(pd.DataFrame({"best_response": words}), controlled=["CR", "PR", "stabel"])
