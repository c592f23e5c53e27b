"""AUC(t), Brier scores and risks against R's riskRegression and survival, and what must hold for any data."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.cox_risk import predicted_risk
from biomarker.kernels.incident_roc import incident_area
from biomarker.kernels.ipcw import ipcw
from biomarker.kernels.resampling import patient_weights
from biomarker.kernels.risk_sets import risk_sets
from biomarker.kernels.time_dependent_roc import timed_area, timed_brier, timed_curve, timed_performance

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "time_dependent_roc.json").read_text())
# name, and how far standard errors may lie from R's. Areas agree wherever events and censoring tie; the influence of a
# patient who ties with a censored one riskRegression reads a step apart from ours, which the jackknife is as near to.
STUDIES = {"untied": 1e-9, "rotterdam": 3e-4, "pbc": 6e-5, "veteran": 4e-3}


def read(name):
    with (FOLDER / f"timed_{name}.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


def error(influence):
    return np.std(influence, ddof=1, axis=-1) / np.sqrt(influence.shape[-1])


@pytest.mark.parametrize("name", STUDIES)
def test_areas_and_their_errors_are_those_of_risk_regression(name):
    data, expected = read(name), REFERENCE[name]
    follow_up = ipcw(data["time"], data["event"])
    for place, time in enumerate(expected["times"]):
        found = [
            timed_area(follow_up, expected["sign"][i] * data[key], time) for i, key in enumerate(("first", "second"))
        ]
        for one, key in zip(found, ("first", "second"), strict=True):
            assert one.value == pytest.approx(expected["auc"][key][place], rel=1e-10)
            assert error(one.influence) == pytest.approx(expected["auc_se"][key][place], rel=STUDIES[name])
        difference = found[1].influence - found[0].influence
        assert found[1].value - found[0].value == pytest.approx(expected["difference"][place], rel=1e-9)
        assert error(difference) == pytest.approx(expected["difference_se"][place], rel=STUDIES[name])


@pytest.mark.parametrize("name", STUDIES)
def test_risks_and_brier_scores_are_those_of_survival_and_risk_regression(name):
    data, expected = read(name), REFERENCE[name]
    sets = risk_sets(data["time"], data["event"])
    beta = fit_many(data["first"][:, None], sets).coefficients[0, 0]
    assert beta == pytest.approx(expected["coefficient"], rel=1e-8)
    risks = predicted_risk(beta * data["first"], data["time"], data["event"], expected["times"])[0]
    np.testing.assert_allclose(risks[:5], expected["risk"], rtol=1e-7)
    follow_up = ipcw(data["time"], data["event"])
    for place, time in enumerate(expected["times"]):
        found = timed_brier(follow_up, risks[:, place], time)
        # riskRegression predicts with its own baseline, a hair apart from survfit's where events tie
        assert found.value == pytest.approx(expected["brier"][place], rel=1e-6)
        assert error(found.influence) == pytest.approx(expected["brier_se"][place], rel=max(STUDIES[name], 1e-7))


FOLLOW_UP = st.lists(st.tuples(st.integers(1, 10), st.booleans(), st.integers(0, 6)), min_size=8, max_size=40).filter(
    lambda rows: any(t <= 4 and e for t, e, _ in rows) and any(t > 4 for t, _, _ in rows)
)


@settings(max_examples=60, deadline=None)
@given(rows=FOLLOW_UP, factor=st.floats(0.2, 5))
def test_area_reverses_with_the_marker_and_knows_no_unit(rows, factor):
    t, event, x = (np.array(column) for column in zip(*rows, strict=True))
    one = timed_area(ipcw(t, event), x, 4)
    assert 0 <= one.value <= 1
    assert one.influence.mean() == pytest.approx(0, abs=1e-9)
    assert timed_area(ipcw(t, event), -x, 4).value == pytest.approx(1 - one.value)
    assert timed_area(ipcw(t, event), np.exp(x), 4).value == pytest.approx(one.value)
    scaled = timed_area(ipcw(t * factor, event), x, 4 * factor)
    assert scaled.value == pytest.approx(one.value)
    order = np.random.default_rng(3).permutation(t.size)
    shuffled = timed_area(ipcw(t[order], event[order]), x[order], 4)
    assert shuffled.value == pytest.approx(one.value)
    np.testing.assert_allclose(shuffled.influence, one.influence[order], atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(rows=FOLLOW_UP)
def test_without_censoring_all_is_as_for_a_plain_outcome(rows):
    t, _, x = (np.array(column) for column in zip(*rows, strict=True))
    if not (t <= 4).any():
        return
    happened = t <= 4
    data = ipcw(t, np.ones(t.size, bool))
    assert timed_area(data, x, 4).value == pytest.approx(roc_auc_score(happened, x))
    risk = (x + 1) / 8
    assert timed_brier(data, risk, 4).value == pytest.approx(brier_score_loss(happened, risk))
    positive = x >= 3
    expected = [
        (positive & happened).sum() / happened.sum(),
        (~positive & ~happened).sum() / (~happened).sum(),
        (positive & happened).sum() / positive.sum() if positive.any() else np.nan,
        (~positive & ~happened).sum() / (~positive).sum() if (~positive).any() else np.nan,
    ]
    np.testing.assert_allclose(timed_performance(data, positive, 4).values, expected)


def test_the_curve_has_the_area_and_passes_through_the_cutoff():
    data = read("veteran")
    follow_up = ipcw(data["time"], data["event"])
    cutoffs, sensitivity, one_minus = timed_curve(follow_up, -data["first"], 120)
    area = np.trapezoid(np.concatenate([[0], sensitivity]), np.concatenate([[0], one_minus]))
    assert area == pytest.approx(timed_area(follow_up, -data["first"], 120).value)
    place = np.flatnonzero(cutoffs == -60)[0]
    found = timed_performance(follow_up, -data["first"] >= -60, 120)
    assert (sensitivity[place], 1 - one_minus[place]) == (
        pytest.approx(found.values[0]),
        pytest.approx(found.values[1]),
    )


def test_influences_are_what_leaving_a_patient_out_does():
    data = {key: column[:150] for key, column in read("pbc").items()}
    n = 150
    influence = timed_area(ipcw(data["time"], data["event"]), data["first"], 1826).influence
    of_ppv = timed_performance(ipcw(data["time"], data["event"]), data["first"] > 1, 1826).influence[2]

    def area(rows):
        return timed_area(ipcw(data["time"][rows], data["event"][rows]), data["first"][rows], 1826).value

    def ppv(rows):
        follow_up = ipcw(data["time"][rows], data["event"][rows])
        return timed_performance(follow_up, data["first"][rows] > 1, 1826).values[2]

    left_out = [np.delete(np.arange(n), i) for i in range(n)]
    for found, one in ((influence, area), (of_ppv, ppv)):
        values = np.array([one(rows) for rows in left_out])
        jackknife = (n - 1) * (values.mean() - values)
        assert np.corrcoef(jackknife, found)[0, 1] > 0.999
        assert error(jackknife) == pytest.approx(error(found), rel=0.02)


def test_incident_area_of_proportional_hazards_is_what_theory_says():
    # with hazard exp(b x), x normal, at a time near 0 the risk set is everybody and cases have mean b: AUC = Φ(b/√2)
    rng = np.random.default_rng(8)
    x = rng.normal(size=12_000)
    t = rng.exponential(np.exp(-x))
    happened = np.ones(t.size, bool)
    found = incident_area(t, happened, x, [np.quantile(t, 0.02)], span=0.04)
    assert found.area[0] == pytest.approx(0.7602, abs=0.025)  # Φ(1/√2), and 480 events
    turned = incident_area(t[:500], happened[:500], -x[:500], [0.5]).area[0]
    assert turned == pytest.approx(1 - incident_area(t[:500], happened[:500], x[:500], [0.5]).area[0])


def test_weights_count_patients_as_often_as_they_were_drawn():
    rng = np.random.default_rng(1)
    t, x = rng.exponential(size=30).round(2), rng.normal(size=30)
    event = rng.random(30) < 0.7
    ones = incident_area(t, event, x, [0.5, 1.0], weights=np.ones((1, 30))).area[0]
    np.testing.assert_allclose(ones, incident_area(t, event, x, [0.5, 1.0]).area)
    weights = next(patient_weights(30, 2, 5))[0]
    rows = np.repeat(np.arange(30), weights)
    sets = risk_sets(t[rows], event[rows])
    repeated = fit_many(x[rows, None], sets).coefficients[0, 0]
    risk = predicted_risk(repeated * x[rows], t[rows], event[rows], [1.0])[0]
    weighted = predicted_risk(repeated * x, t, event, [1.0], weights=weights[None].astype(float))[0]
    np.testing.assert_allclose(weighted[rows], risk, rtol=1e-9)


def test_nobody_to_compare_gives_nothing():
    data = ipcw([1.0, 2, 3], [0, 0, 1])
    assert np.isnan(timed_area(data, [1, 2, 3], 2).value)
    assert np.isnan(timed_area(data, [1, 2, 3], 9).value)
    assert np.isnan(timed_performance(data, [True, True, True], 2).values[0])
    assert np.isnan(incident_area([1.0, 2], [0, 0], [1, 2], [1.0]).area).all()
    everybody_tied = timed_area(ipcw([1.0, 2, 3, 4], [1, 1, 0, 0]), np.ones(4), 2)
    assert everybody_tied.value == 0.5
