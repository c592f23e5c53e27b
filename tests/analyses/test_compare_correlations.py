"""Correlations with one outcome compared: against R, as markers and rows are changed, and what is said or refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from biomarker import compare_correlations, compare_roc_curves, correlate
from biomarker.errors import DesignError, DirectionWarning, SchemaError, SmallSampleWarning

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "compare_correlations.json").read_text())
ATTITUDE = pd.DataFrame(REFERENCE["attitude"]).assign(patient_id=REFERENCE["patient"])
ASAH = pd.DataFrame(REFERENCE["asah"])
DEPARTMENTS = {"outcome": "rating", "markers": ["complaints", "learning"]}


def lesions(n_patients=24, each=4, seed=5):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), each)
    level = rng.normal(size=n_patients)[patient]

    def measured(share):
        return share * level + rng.normal(size=patient.size)

    return pd.DataFrame(
        {
            "patient_id": patient,
            "lesion_id": np.tile(np.arange(each), n_patients),
            "change": -20 - 30 * measured(0.8),
            "suvmax": np.exp(0.5 * measured(1.0)),
            "ihc": np.clip(np.round(1.5 + measured(0.3)), 0, 3),
            "rna": measured(0.2),
        }
    )


@pytest.mark.parametrize("comparison", ["williams", "steiger", "meng"])
def test_independent_rows_agree_with_r(comparison):
    result = compare_correlations(ATTITUDE, **DEPARTMENTS, method="pearson", comparison=comparison, patient=None)
    expected = REFERENCE["pair"]
    line = result.estimate("correlation_difference")
    assert_allclose(line.value, expected["r1"] - expected["r2"], rtol=1e-9)
    assert_allclose((line.low, line.high), (expected["zou_low"], expected["zou_high"]), rtol=1e-8)
    assert_allclose((line.statistic, line.p_value), (expected[comparison], expected[f"{comparison}_p"]), rtol=1e-8)
    if comparison == "meng":
        z = result.estimate("fisher_z_difference")
        assert_allclose((z.low, z.high), (expected["meng_low"], expected["meng_high"]), rtol=1e-8)


@pytest.mark.parametrize(
    ("comparison", "name"), [("williams", "equality"), ("steiger", "equality"), ("meng", "heterogeneity")]
)
def test_the_joint_test_agrees_with_r(comparison, name):
    markers = ["complaints", "learning", "raises", "critical"]
    result = compare_correlations(
        ATTITUDE, outcome="rating", markers=markers, method="pearson", comparison=comparison, patient=None
    )
    line, expected = result.estimate("correlations_equal"), REFERENCE["several"]
    assert_allclose((line.statistic, line.df, line.p_value), (expected[name], 3, expected[f"{name}_p"]), rtol=1e-8)


@pytest.mark.parametrize(
    ("name", "method", "patient"),
    [
        ("jackknife_rows", "spearman", None),
        ("jackknife_patients", "spearman", "patient_id"),
        ("jackknife_kendall", "kendall", "patient_id"),
    ],
)
def test_the_jackknife_of_patients_or_rows_agrees_with_r(name, method, patient):
    result = compare_correlations(ATTITUDE, **DEPARTMENTS, method=method, patient=patient)
    line, expected = result.estimate("correlation_difference"), REFERENCE[name]
    found = (line.value, line.low, line.high, line.statistic, line.p_value)
    first, second = expected["values"]
    assert_allclose(found, (first - second, *(expected[part] for part in ("low", "high", "t", "p"))), rtol=1e-8)


def test_two_classes_are_compared_as_roc_curves_are():
    arguments = {"markers": ["s100b", "ndka"], "positive": "Poor", "patient": None}
    result = compare_correlations(ASAH, outcome="outcome", **arguments)
    expected, line = REFERENCE["delong"], result.estimate("auc_difference")
    assert_allclose(line.value, expected["auc1"] - expected["auc2"], rtol=1e-9)
    assert_allclose((line.statistic, line.p_value), (expected["z"], expected["p"]), rtol=1e-8)
    same = compare_roc_curves(ASAH, reference_standard="outcome", **arguments).estimate("auc_difference")
    assert (line.low, line.high) == (same.low, same.high)
    somers = compare_correlations(ASAH, outcome="outcome", method="somers_d", **arguments)
    assert_allclose(somers.estimate("somers_d", marker="s100b").value, REFERENCE["somers_binary"], rtol=1e-9)
    assert_allclose(somers.estimate("correlation_difference").low, 2 * line.low, rtol=1e-12)
    left_out = compare_correlations(ASAH, outcome="outcome", comparison="jackknife", **arguments)
    assert_allclose(left_out.estimate("auc", marker="s100b").value, expected["auc1"], rtol=1e-9)
    assert_allclose(left_out.estimate("auc_difference").p_value, expected["p"], atol=0.02)


def test_ordered_classes_have_somers_d():
    order = [1, 2, 3, 4, 5]
    found = compare_correlations(ASAH, outcome="gos6", markers=["s100b", "ndka"], order=order, patient=None)
    values = [found.estimate("somers_d", marker=marker).value for marker in ("s100b", "ndka")]
    assert_allclose(values, REFERENCE["somers_ordered"], rtol=1e-9)


def test_responses_have_their_order_and_ne_has_no_place_in_it():
    data = lesions().assign(response=["PD", "SD", "PR", "CR"] * 23 + ["NE"] * 4)
    result = compare_correlations(data, outcome="response", markers=["suvmax", "ihc"])
    assert result.population.rows_used == 92
    assert "with response NE, which has no place in the order" in result.population.sentence()
    assert "Order of response, from low to high: PD, SD, PR, CR." in result.warnings
    coded = data[:92].assign(response=[0, 1, 2, 3] * 23)
    again = compare_correlations(coded, outcome="response", markers=["suvmax", "ihc"], method="somers_d")
    for line, same in zip(result.estimates, again.estimates, strict=True):
        assert line.value == pytest.approx(same.value)


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_each_marker_has_the_line_that_correlate_gives(method):
    data = lesions()
    for patient in (None, "patient_id"):
        result = compare_correlations(
            data, outcome="change", markers=["suvmax", "rna"], method=method, comparison="jackknife", patient=patient
        )
        for marker in ("suvmax", "rna"):
            line = correlate(data, x="change", y=marker, method=method, patient=patient).estimates[0]
            mine = result.estimate(line.quantity, marker=marker)
            assert_allclose((mine.value, mine.low, mine.high), (line.value, line.low, line.high), rtol=1e-9)


@pytest.mark.parametrize("comparison", ["jackknife", "bootstrap"])
@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall", "somers_d"])
def test_one_marker_twice_differs_by_nothing(method, comparison):
    data = lesions().assign(copy=lambda frame: 3 * frame["suvmax"] + 1)
    result = compare_correlations(
        data, outcome="change", markers=["suvmax", "copy", "rna"], method=method, comparison=comparison, n_resamples=99
    )
    line = result.estimate("correlation_difference", comparison="suvmax - copy")
    assert_allclose((line.value, line.low, line.high), 0, atol=1e-12)
    assert line.p_value == 1
    assert result.estimate("correlations_equal").df[0] == 1


@pytest.mark.parametrize("patient", [None, "patient_id"])
@pytest.mark.parametrize("comparison", ["auto", "bootstrap"])
def test_the_order_of_rows_changes_no_number(patient, comparison):
    data = lesions()
    arguments = {"outcome": "change", "markers": ["suvmax", "ihc", "rna"], "comparison": comparison, "n_resamples": 70}
    in_order = compare_correlations(data, **arguments, patient=patient).to_frame()
    again = compare_correlations(data.sample(frac=1, random_state=2), **arguments, patient=patient).to_frame()
    numbers = ["value", "low", "high", "p_value"]
    assert_allclose(again[numbers].to_numpy(float), in_order[numbers].to_numpy(float), rtol=1e-8)


def test_turning_a_marker_round_and_exchanging_markers():
    data = lesions()
    plain = compare_correlations(data, outcome="change", markers=["suvmax", "rna"])
    turned = compare_correlations(
        data.assign(rna=-data["rna"]), outcome="change", markers=["suvmax", "rna"], higher_is_positive={"rna": False}
    )
    assert_allclose(turned.to_frame()["value"].to_numpy(float), plain.to_frame()["value"].to_numpy(float), rtol=1e-12)
    swapped = compare_correlations(data, outcome="change", markers=["rna", "suvmax"])
    one, other = (result.estimate("correlation_difference") for result in (plain, swapped))
    assert_allclose((other.value, other.low, other.high), (-one.value, -one.high, -one.low), rtol=1e-9)
    assert other.p_value == pytest.approx(one.p_value)


def test_the_bootstrap_agrees_with_the_jackknife():
    data = lesions(40)
    by = {
        way: compare_correlations(
            data, outcome="change", markers=["suvmax", "rna"], comparison=way, n_resamples=1000
        ).estimate("correlation_difference")
        for way in ("jackknife", "bootstrap")
    }
    width = by["jackknife"].high - by["jackknife"].low
    assert by["bootstrap"].low == pytest.approx(by["jackknife"].low, abs=0.15 * width)
    assert by["bootstrap"].high == pytest.approx(by["jackknife"].high, abs=0.15 * width)


def test_a_difference_is_not_read_out_of_two_p_values():
    rng = np.random.default_rng(8)
    n = 30
    outcome = rng.normal(size=n)
    data = pd.DataFrame(
        {"y": outcome, "a": 0.55 * outcome + rng.normal(size=n), "b": 0.3 * outcome + rng.normal(size=n)}
    )
    result = compare_correlations(data, outcome="y", markers=["a", "b"], method="pearson", patient=None)
    own = [result.estimate("pearson_r", marker=marker).p_value for marker in "ab"]
    assert own[0] < 0.05 < own[1]
    assert result.estimate("correlation_difference").p_value > 0.05
    assert any("does not show that they differ" in note for note in result.warnings)
    assert any("Gelman" in reference.text for reference in result.method.references)


def test_opposite_directions_are_told():
    data = lesions().assign(inverse=lambda frame: -frame["suvmax"])
    with pytest.warns(DirectionWarning, match="opposite directions"):
        compare_correlations(data, outcome="change", markers=["suvmax", "inverse"])


def test_a_perfect_marker_has_no_interval_and_a_constant_one_no_value():
    data = lesions().assign(perfect=lambda frame: 2 * frame["change"], constant=1.0)
    result = compare_correlations(data, outcome="change", markers=["perfect", "rna"])
    line = result.estimate("spearman_rho", marker="perfect")
    assert line.value == 1
    assert np.isnan(line.low)
    difference = result.estimate("correlation_difference")
    assert difference.low < difference.value < difference.high  # on the plain scale, which needs no Fisher z
    result = compare_correlations(data, outcome="change", markers=["constant", "rna"])
    assert np.isnan(result.estimate("correlation_difference").value)
    assert any("Constant does not vary" in note for note in result.warnings)


def test_with_two_patients_intervals_are_labelled_naive():
    with pytest.warns(SmallSampleWarning):
        result = compare_correlations(lesions(2, each=12), outcome="change", markers=["suvmax", "rna"])
    assert {line.of["interval"] for line in result.estimates} == {"naive"}
    assert any("fewer than three patients" in note for note in result.warnings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"markers": ["suvmax"]}, "two markers or more"),
        ({"markers": ["suvmax", "suvmax"]}, "more than once"),
        ({"markers": ["suvmax", "change"]}, "cannot be its own marker"),
        ({"markers": 5}, "give a list"),
        ({"against": "ich"}, "did you mean 'ihc'"),
        ({"method": "spermann"}, "did you mean 'spearman'"),
        ({"comparison": "stiger"}, "did you mean 'steiger'"),
        ({"comparison": "williams"}, "takes rows as independent"),
        ({"comparison": "meng", "method": "kendall"}, "for pearson and spearman"),
        ({"method": "auc"}, "two classes"),
        ({"higher_is_positive": {"rnaa": True}}, "did you mean 'rna'"),
        ({"outcome": "site"}, "what is the order of 'site'"),
        ({"outcome": "site", "order": ["bone", "liver"], "positive": "bone"}, "both are given"),
        ({"outcome": "site", "order": ["bone", "skin"]}, "fewer than two"),
        ({"outcome": "site", "order": 3}, "list of classes"),
        ({"outcome": "site", "order": ["bone", "liver", "node"], "method": "pearson"}, "needs numbers"),
        ({"outcome": "one", "positive": "x"}, "both classes are needed"),
        ({"n_resamples": 0}, "give 1 or more"),
    ],
)
def test_what_cannot_be_answered_is_refused(change, message):
    data = lesions().assign(site=["bone", "liver", "node", "node"] * 24, one="x")
    with pytest.raises(DesignError, match=message):
        compare_correlations(data, **({"outcome": "change", "markers": ["suvmax", "ihc", "rna"]} | change))


def test_text_and_too_few_rows_are_refused():
    with pytest.raises(SchemaError, match="is not a number"):
        compare_correlations(lesions().assign(ihc="2+"), outcome="change", markers=["suvmax", "ihc"])
    with pytest.raises(DesignError, match="3 complete rows are too few"):
        compare_correlations(lesions().head(3), outcome="change", markers=["suvmax", "ihc"], patient=None)
