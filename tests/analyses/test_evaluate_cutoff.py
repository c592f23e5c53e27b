"""evaluate_cutoff: performance at given cutoffs against the 2x2 kernels, measurement error against simulation."""

import numpy as np
import pandas as pd
import pytest

from biomarker import evaluate_cutoff
from biomarker.errors import DesignError, SchemaError, SmallSampleWarning
from biomarker.kernels.clustered_two_by_two import clustered_two_by_two
from biomarker.kernels.two_by_two import two_by_two

from .cutoff_trial import ASKED, trial

CV = {"within_cv": 0.12}


def cells(data, cutoff):
    called, truth = data["suvmax_24h"] >= cutoff, data["response"] == "CR"
    return {"tp": called & truth, "fp": called & ~truth, "fn": ~called & truth, "tn": ~called & ~truth}


def test_performance_is_that_of_the_2x2_table():
    data = trial()
    nested = evaluate_cutoff(data, **ASKED, cutoffs=[5.0, 4.0])
    flat = evaluate_cutoff(data, **ASKED, cutoffs=4, patient=None, interval="jeffreys")
    assert nested.cutoffs == (4.0, 5.0)
    by_patient = {name: rows.groupby(data["patient_id"]).sum() for name, rows in cells(data, 4.0).items()}
    expected = clustered_two_by_two(**by_patient).measures
    totals = {name: rows.sum() for name, rows in cells(data, 4.0).items()}
    independent = two_by_two(**totals, interval="jeffreys")
    for quantity in ("sensitivity", "specificity", "ppv", "npv", "accuracy", "youden"):
        line = nested.estimate(quantity, cutoff=4.0)
        assert (line.value, line.low, line.high) == pytest.approx(tuple(expected[quantity][:3]))
        line = flat.estimate(quantity)
        assert (line.value, line.low, line.high) == pytest.approx(tuple(independent[quantity][:3]))
    assert nested.grey_zones == ()
    assert not any(line.quantity == "grey_zone" for line in nested.estimates)


def test_dehdashti_as_published():
    # Dehdashti F. Breast Cancer Res Treat 2018;169:523-530: PPV 83.3 % (65.3-94.4), NPV 50.0 % (24.7-75.3) at SUVmax
    # 3.2
    counts = {(1, 4.0): 25, (0, 4.0): 5, (1, 2.0): 8, (0, 2.0): 8}
    rows = [key for key, n in counts.items() for _ in range(n)]
    data = pd.DataFrame(rows, columns=["response", "suvmax"])
    result = evaluate_cutoff(
        data, reference_standard="response", marker="suvmax", cutoffs=3.2, interval="clopper-pearson"
    )
    shown = [
        tuple(round(100 * part, 1) for part in (line.value, line.low, line.high))
        for line in (result.estimate("ppv"), result.estimate("npv"))
    ]
    assert shown == [(83.3, 65.3, 94.4), (50.0, 24.7, 75.3)]


def test_grey_zone_and_changes_are_counted_over_lesions_and_patients():
    data = trial()
    result = evaluate_cutoff(data, **ASKED, cutoffs=5.0, repeatability=CV)
    zone = result.estimate("grey_zone")
    inside = data["suvmax_24h"].between(zone.low, zone.high, inclusive="neither")
    assert result.estimate("share_in_grey_zone").value == inside.mean()
    assert result.estimate("patients_in_grey_zone").value == inside.groupby(data["patient_id"]).any().mean()
    changes = pd.Series(result.probabilities[0], index=data.index)
    assert result.estimate("probability_of_change").value == pytest.approx(changes.mean())
    by_patient = 1 - (1 - changes).groupby(data["patient_id"]).prod()
    assert result.estimate("patient_probability_of_change").value == pytest.approx(by_patient.mean())
    assert (changes[inside] > 0.05).all()
    assert (changes[~inside] <= 0.05).all()


def test_share_that_changes_class_in_a_simulated_test_retest_study():
    # true values are log-normal with an SD five times that of the error; the two measurements of a lesion are
    # exchangeable
    rng = np.random.default_rng(8)
    true = np.exp(1.5 + 0.6 * rng.normal(size=200_000))
    first, second = (true * np.exp(0.12 * rng.normal(size=true.size)) for _ in range(2))
    data = pd.DataFrame({"suvmax": first, "response": rng.random(true.size) < 0.5})
    result = evaluate_cutoff(
        data, reference_standard="response", marker="suvmax", cutoffs=[4.0, 6.0],
        repeatability={"within_sd": 0.12, "scale": "log"},
    )  # fmt: skip
    for cutoff in (4.0, 6.0):
        changed = np.mean((first >= cutoff) != (second >= cutoff))
        # given the measured value alone, regression to the mean is left out of account: right to a few percent of
        # itself
        assert result.estimate("probability_of_change", cutoff=cutoff).value == pytest.approx(changed, rel=0.05)


def test_further_error_degrades_as_added_noise_does():
    data = trial(200)
    result = evaluate_cutoff(data, **ASKED, cutoffs=5.0, repeatability={"within_cv": 0.25})
    rng = np.random.default_rng(5)
    noise = np.exp(np.sqrt(np.log1p(0.25**2)) * rng.normal(size=(4000, len(data))))
    called, truth = data["suvmax_24h"].to_numpy() * noise >= 5.0, (data["response"] == "CR").to_numpy()
    further = result.estimate("sensitivity", performance="further error").value
    assert further == pytest.approx((called & truth).sum() / (4000 * truth.sum()), abs=0.003)
    ppv = (called & truth).sum() / called.sum()
    assert result.estimate("ppv", performance="further error").value == pytest.approx(ppv, abs=0.003)
    j = [result.estimate("youden", performance=kind).value for kind in ("as measured", "further error")]
    assert j[1] < j[0]


def test_every_way_to_state_an_error():
    data = trial()
    cv = evaluate_cutoff(data, **ASKED, cutoffs=5.0, repeatability=0.12)
    assert cv.estimate("within_cv").value == pytest.approx(0.12)
    limits = cv.estimate("limits_of_change")
    same = [
        {"within_cv": 0.12},
        {"percent_repeatability_coefficient": 0.12 * 1.959963984540054 * 2**0.5},
        {"percent_limits": [limits.low, limits.high]},
        {"within_sd": cv.estimate("within_sd").value},
    ]
    for stated in same:
        again = evaluate_cutoff(data, **ASKED, cutoffs=5.0, repeatability=stated)
        assert again.grey_zones[0] == pytest.approx(cv.grey_zones[0])
    raw = evaluate_cutoff(
        data, **ASKED, cutoffs=5.0, repeatability={"repeatability_coefficient": 1.2}, change_probability=0.025
    )
    assert raw.grey_zones[0] == pytest.approx((3.8, 6.2))
    assert raw.estimate("repeatability_coefficient").value == pytest.approx(1.2)


def test_errors_from_readings_side_by_side_and_in_a_long_table():
    data = trial()
    data["again"] = data["suvmax_24h"] * np.exp(0.15 * np.random.default_rng(1).normal(size=len(data)))
    data.loc[:5, "again"] = np.nan
    wide = evaluate_cutoff(data, **ASKED, cutoffs=5.0, repeatability={"columns": ["suvmax_24h", "again"]})
    logs = np.log(data["again"] / data["suvmax_24h"]).dropna()
    assert wide.estimate("within_sd").value == pytest.approx(np.sqrt(np.mean(logs**2) / 2))
    assert wide.estimate("within_sd").n == logs.size
    long = data.melt(id_vars="lesion_id", value_vars=["suvmax_24h", "again"], value_name="suvmax")
    readings = {"readings": long, "value": "suvmax", "item": "lesion_id"}
    tall = evaluate_cutoff(data, **ASKED, cutoffs=5.0, repeatability=readings)
    assert tall.estimate("within_sd").value == pytest.approx(wide.estimate("within_sd").value)


def test_a_lesion_of_one_patient_is_not_the_lesion_of_that_number_in_another():
    data = trial()
    readings = pd.DataFrame(
        {
            "patient_id": ["A", "A", "B", "B"],
            "lesion_id": "L01",
            "suvmax": [2.0, 2.2, 20.0, 22.0],
        }
    )
    stated = {"readings": readings, "value": "suvmax", "item": "lesion_id"}
    found = evaluate_cutoff(data, **ASKED, cutoffs=5.0, repeatability=stated).estimate("within_sd")
    assert found.value == pytest.approx(np.log(1.1) / np.sqrt(2))
    assert found.n == 2


def test_cutoffs_outside_the_range_are_answered_and_told_of():
    result = evaluate_cutoff(trial(), **ASKED, cutoffs=[0.1, 99.0], repeatability=CV)
    assert result.estimate("sensitivity", cutoff=0.1, performance="as measured").value == 1
    assert np.isnan(result.estimate("npv", cutoff=0.1, performance="as measured").value)
    assert result.estimate("specificity", cutoff=99.0, performance="as measured").value == 1
    assert np.isnan(result.estimate("ppv", cutoff=99.0, performance="as measured").value)
    assert any("Every row is positive at a cutoff of 0.1" in note for note in result.method.notes)
    assert any("no row is positive on the test" in note for note in result.method.notes)


def test_whether_prespecified_is_said():
    assert "were prespecified" in evaluate_cutoff(trial(), **ASKED, cutoffs=5.0).method.notes[0]
    other = evaluate_cutoff(trial(), **ASKED, cutoffs=5.0, is_prespecified=False)
    assert "not prespecified" in other.method.notes[0]


def test_lower_is_positive():
    data = trial()
    data["inverse"] = 1 / data["suvmax_24h"]
    high = evaluate_cutoff(data, **ASKED, cutoffs=5.0, repeatability=CV)
    low = evaluate_cutoff(
        data, **{**ASKED, "marker": "inverse"}, cutoffs=0.2, higher_is_positive=False, repeatability=CV
    )
    for name in ("sensitivity", "ppv"):
        for kind in ("as measured", "further error"):
            one, other = (result.estimate(name, performance=kind).value for result in (high, low))
            assert one == pytest.approx(other)
    assert low.estimate("probability_of_change").value == pytest.approx(high.estimate("probability_of_change").value)


def test_a_single_positive_patient_gets_naive_intervals():
    data = trial(12)
    data["response"] = np.where(data["patient_id"] == "P03", "CR", "PD")
    with pytest.warns(SmallSampleWarning, match="one patient"):
        result = evaluate_cutoff(data, **ASKED, cutoffs=4.0)
    assert result.estimate("sensitivity").of["interval"] == "naive"
    assert "interval" not in result.estimate("accuracy").of


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cutoffs": []}, "at least one"),
        ({"cutoffs": "4.0"}, "finite numbers"),
        ({"cutoffs": [4.0, None]}, "finite numbers"),
        ({"cutoffs": float("nan")}, "finite numbers"),
        ({"cutoffs": [np.inf]}, "finite numbers"),
        ({"change_probability": 0.5}, "change_probability"),
        ({"interval": "wald"}, "no interval"),
        ({"confidence_level": 1.5}, "confidence_level"),
        ({"repeatability": "12 %"}, "within-lesion CV such as"),
        ({"repeatability": {}}, "exactly one"),
        ({"repeatability": {"within_cv": 0.1, "within_sd": 0.1}}, "exactly one"),
        ({"repeatability": {"withincv": 0.1}}, "did you mean 'within_cv'"),
        ({"repeatability": {"within_cv": 0.1, "scale": "raw"}}, "takes no scale"),
        ({"repeatability": {"within_cv": -0.1}}, "positive number"),
        ({"repeatability": {"within_cv": 12}}, "fraction"),
        ({"repeatability": {"within_cv": "a lot"}}, "a lot"),
        ({"repeatability": {"within_sd": 0.1, "scale": "square"}}, "no scale"),
        ({"repeatability": {"percent_limits": [0.4, -0.3]}}, "lower < upper"),
        ({"repeatability": {"percent_limits": [0.4]}}, "percent_limits"),
        ({"repeatability": {"columns": ["suvmax_24h"]}}, "two columns"),
        ({"repeatability": {"columns": ["suvmax_24h", "suvmax_24"]}}, "did you mean"),
        ({"repeatability": {"columns": ["suvmax_24h", "suvmax_24h"]}}, "never differ"),
        ({"repeatability": {"readings": None}}, "needs value and item"),
        ({"cutoffs": -1.0, "repeatability": {"within_cv": 0.1}}, "log scale"),
    ],
)
def test_impossible_questions(change, message):
    with pytest.raises(DesignError, match=message):
        evaluate_cutoff(trial(), **{**ASKED, "cutoffs": 5.0, **change})


def test_text_in_the_marker():
    data = trial().astype({"suvmax_24h": object})
    data.loc[4, "suvmax_24h"] = "n/a"
    with pytest.raises(SchemaError, match="n/a"):
        evaluate_cutoff(data, **ASKED, cutoffs=5.0)
