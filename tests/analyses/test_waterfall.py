"""Best changes in order, the shares beyond the lines, and the marker against them."""

import numpy as np
import pandas as pd
import pytest

from biomarker import correlate, detection_rate, waterfall
from biomarker.errors import DesignError, SchemaError, SmallSampleWarning


def lesions(n_patients=15, seed=3):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), rng.integers(1, 6, n_patients))
    uptake = np.exp(rng.normal(size=n_patients)[patient] + 0.4 * rng.normal(size=patient.size))
    change = np.clip(-10 - 40 * np.log(uptake) + 20 * rng.normal(size=patient.size), -100, None)
    return pd.DataFrame(
        {
            "patient_id": patient,
            "lesion_id": np.arange(patient.size),
            "change_percent": change.round(1),
            "suvmax": uptake,
            "response": np.array(["CR", "PR", "SD", "PD"])[patient % 4],
        }
    )


def test_bars_descend_with_their_marker_and_response():
    data = lesions()
    result = waterfall(data, change="change_percent", marker="suvmax", response="response")
    assert (np.diff(result.changes) <= 0).all()
    drawn = [
        (change, marker, result.response.levels[code])
        for change, marker, code in zip(result.changes, result.markers, result.response.codes, strict=True)
    ]
    assert sorted(drawn) == sorted(data[["change_percent", "suvmax", "response"]].itertuples(index=False, name=None))
    assert result.response.levels == ("CR", "PR", "SD", "PD")


def test_shares_have_the_interval_of_a_detection_rate():
    data = lesions()
    for patient in (None, "patient_id"):
        result = waterfall(data, change="change_percent", patient=patient)
        for quantity, hits, cutoff in (
            ("decrease_rate", data["change_percent"] <= -30, -30),
            ("increase_rate", data["change_percent"] >= 20, 20),
        ):
            line = result.estimate(quantity, cutoff=cutoff)
            expected = detection_rate(data.assign(hit=hits), detected="hit", patient=patient).estimates[0]
            assert (line.value, line.low, line.high) == (expected.value, expected.low, expected.high)


def test_the_marker_is_correlated_as_by_correlate():
    data = lesions()
    line = waterfall(data, change="change_percent", marker="suvmax", method="kendall").estimate("kendall_tau")
    expected = correlate(data, x="suvmax", y="change_percent", method="kendall").estimates[0]
    assert (line.value, line.low, line.high) == pytest.approx((expected.value, expected.low, expected.high))


def test_lines_are_at_or_beyond_whatever_the_last_digit():
    sizes = pd.DataFrame({"before": [20, 50, 10, 30, 40, 25], "after": [14, 35, 12, 36, 28, 30]})
    data = sizes.assign(change=lambda frame: 100 * (frame["after"] / frame["before"] - 1))
    with pytest.warns(SmallSampleWarning):
        result = waterfall(data, change="change", marker="before", patient=None)
    assert result.estimate("decrease_rate").value == 0.5
    assert result.estimate("increase_rate").value == 0.5


def test_the_best_of_several_visits_is_the_lowest():
    visits = pd.DataFrame(
        {
            "patient_id": ["A", "A", "A", "B", "B", "C"],
            "lesion_id": [1, 1, 2, 1, 1, 1],
            "change": [-20, -50, 5, 10, 30, -5],
            "suvmax": [4, 5, 2, 1, 1.5, 3],
        }
    )
    with pytest.raises(DesignError, match="lesion 1 of patient A has several rows"):
        waterfall(visits, change="change")
    result = waterfall(visits, change="change", item="lesion_id")
    assert result.changes.tolist() == [10, 5, -5, -50]
    assert result.names == ("B 1", "A 2", "C 1", "A 1")
    with pytest.warns(SmallSampleWarning):
        by_patient = waterfall(visits, change="change", item="patient_id", marker="suvmax")
    assert by_patient.changes.tolist() == [10, -5, -50]
    assert by_patient.markers.tolist() == [1, 3, 5]
    assert "3 from 6 rows" in by_patient.warnings[0]
    assert by_patient.unit == "patient"


def test_missing_response_and_marker_keep_the_bar():
    data = lesions()
    data.loc[[0, 3], "response"] = None
    data.loc[[1, 2, 4], "suvmax"] = np.nan
    data.loc[5, "change_percent"] = np.nan
    result = waterfall(data, change="change_percent", marker="suvmax", response="response")
    assert result.changes.size == len(data) - 1
    assert (result.response.codes == -1).sum() == 2
    assert result.estimate("spearman_rho").n == len(data) - 4
    assert result.population.exclusions[0].n == 1


def test_the_order_of_rows_changes_nothing():
    data = lesions()
    arguments = {"change": "change_percent", "marker": "suvmax", "response": "response"}
    one, other = waterfall(data, **arguments), waterfall(data.sample(frac=1, random_state=4), **arguments)
    assert one.names == other.names
    numbers = ["value", "low", "high"]
    np.testing.assert_allclose(one.to_frame()[numbers].astype(float), other.to_frame()[numbers].astype(float))


def test_few_bars_with_a_marker_say_so():
    data = lesions().assign(suvmax=np.nan)
    result = waterfall(data, change="change_percent", marker="suvmax")
    assert any("Too few bars" in note for note in result.warnings)
    assert {line.quantity for line in result.estimates} == {"decrease_rate", "increase_rate", "median_change"}


def test_one_patient_is_labelled_naive():
    data = lesions().assign(patient_id=1)
    result = waterfall(data, change="change_percent")
    assert {line.of["interval"] for line in result.estimates} == {"naive"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"decrease": 30}, "decrease is 30"),
        ({"increase": 0}, "increase is 0"),
        ({"marker": "change_percent"}, "cannot be its own marker"),
        ({"response": "lesion_id"}, "colours tell 8 apart"),
        ({"method": "repeated_measures"}, "over all bars"),
        ({"interval": "wald"}, "no interval 'wald'"),
        ({"item": "lesion"}, "did you mean 'lesion_id'"),
        ({"change": "chang_percent"}, "did you mean 'change_percent'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, message):
    with pytest.raises(DesignError, match=message):
        waterfall(lesions(), **({"change": "change_percent", "marker": "suvmax"} | change))


def test_impossible_changes_are_named_and_fractions_suspected():
    data = lesions()
    data.loc[2, "change_percent"] = -130.0
    with pytest.raises(SchemaError, match="row 2, change_percent: '-130' is below -100 %"):
        waterfall(data, change="change_percent")
    result = waterfall(lesions().assign(change=lambda frame: frame["change_percent"] / 200), change="change")
    assert any("changes are to be in percent" in note for note in result.warnings)
