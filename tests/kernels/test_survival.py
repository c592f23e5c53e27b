"""Kaplan-Meier against Freireich's printed table, R survival, statsmodels, lifelines, and its own invariants."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.survival import (
    CONF_TYPES,
    kaplan_meier,
    number_at_risk,
    survival_at,
    survival_interval,
    survival_quantile,
)

from .survival_reference import FREIREICH, HEART, LUNG, REFERENCE, floats

MP6 = FREIREICH["placebo"] == 0


def test_remission_under_mercaptopurine():
    # Freireich 1963 as tabulated by Collett, Modelling Survival Data, and Kleinbaum & Klein: S and median
    curve = kaplan_meier(FREIREICH["weeks"][MP6], FREIREICH["relapse"][MP6])
    drops = curve.events > 0
    assert curve.time[drops].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert [round(s, 4) for s in curve.survival[drops]] == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert survival_quantile(curve).value == 23
    assert survival_quantile(kaplan_meier(FREIREICH["weeks"][~MP6], FREIREICH["relapse"][~MP6])).value == 8


def cases():
    for conf_type in CONF_TYPES:
        for arm, rows in (("mercaptopurine", MP6), ("placebo", ~MP6)):
            data = (FREIREICH["weeks"][rows], FREIREICH["relapse"][rows])
            yield pytest.param(data, REFERENCE["freireich"][arm][conf_type], conf_type, id=f"{arm}-{conf_type}")
        for name in ("flat", "half", "zero"):
            part = REFERENCE[name]
            data = (part["data"]["t"], part["data"]["e"])
            yield pytest.param(data, part["km"][conf_type], conf_type, id=f"{name}-{conf_type}")


@pytest.mark.parametrize(("data", "expected", "conf_type"), list(cases()))
def test_curve_and_quantiles_against_r(data, expected, conf_type):
    curve = kaplan_meier(*data, conf_type=conf_type)
    assert curve.time.tolist() == expected["time"]
    assert curve.at_risk.tolist() == expected["at_risk"]
    assert curve.events.tolist() == expected["events"]
    assert curve.censored.tolist() == expected["censored"]
    assert curve.survival == pytest.approx(floats(expected["survival"]), rel=1e-12)
    alive = curve.survival > 0
    assert (curve.std_error / np.where(alive, curve.survival, 1))[alive] == pytest.approx(
        floats(expected["log_se"])[alive], rel=1e-12
    )
    low, high = floats(expected["low"]), floats(expected["high"])
    # where survival is still 1 R gives NA or 1 according to the scale, and where it is 0 NA or 0: ours is 1 and NaN
    inside = alive & (curve.survival < 1)
    assert curve.low[inside] == pytest.approx(low[inside], rel=1e-11)
    assert curve.high[inside] == pytest.approx(high[inside], rel=1e-11)
    assert np.isnan(curve.low[~alive]).all()
    for i, share in enumerate((0.25, 0.5, 0.75)):
        quantile = survival_quantile(curve, share)
        theirs = [floats(expected[name])[i] for name in ("quantile", "quantile_low", "quantile_high")]
        assert list(quantile) == pytest.approx(theirs, nan_ok=True), share


def test_lung_at_90_percent_and_at_times_against_r():
    curve = kaplan_meier(LUNG["time"], LUNG["event"], confidence_level=0.9)
    expected = REFERENCE["lung"]["km"]
    assert curve.survival == pytest.approx(floats(expected["survival"]), rel=1e-11)
    assert curve.low[curve.events.cumsum() > 0] == pytest.approx(
        floats(expected["low"])[curve.events.cumsum() > 0], rel=1e-11
    )
    expected = REFERENCE["lung"]["at"]
    at = survival_at(kaplan_meier(LUNG["time"], LUNG["event"]), expected["times"])
    assert at.survival == pytest.approx(floats(expected["survival"]), rel=1e-11)
    assert at.std_error == pytest.approx(floats(expected["std_error"]), rel=1e-11)
    assert at.at_risk.tolist() == expected["at_risk"]
    inside = at.std_error > 0
    assert at.low[inside] == pytest.approx(floats(expected["low"])[inside], rel=1e-11)
    assert at.high[inside] == pytest.approx(floats(expected["high"])[inside], rel=1e-11)


def test_left_truncation_against_r():
    curve = kaplan_meier(HEART["stop"], HEART["event"], entry=HEART["start"])
    expected = REFERENCE["heart"]["km"]
    # R lists the same times; with (start, stop] data its row of a time counts those at risk just before it
    assert curve.time.tolist() == expected["time"]
    assert curve.at_risk.tolist() == expected["at_risk"]
    assert curve.survival == pytest.approx(floats(expected["survival"]), rel=1e-11)
    inside = (curve.survival < 1) & (curve.survival > 0)
    assert curve.low[inside] == pytest.approx(floats(expected["low"])[inside], rel=1e-10)


@pytest.mark.slow  # 4 s of import
def test_against_statsmodels_and_lifelines():
    import lifelines
    from statsmodels.duration.survfunc import SurvfuncRight

    curve = kaplan_meier(LUNG["time"], LUNG["event"])
    theirs = SurvfuncRight(LUNG["time"], LUNG["event"])
    drops = curve.events > 0
    assert curve.survival[drops] == pytest.approx(theirs.surv_prob, rel=1e-10)
    assert curve.std_error[drops] == pytest.approx(theirs.surv_prob_se, rel=1e-10)
    fitter = lifelines.KaplanMeierFitter().fit(LUNG["time"], LUNG["event"])
    limits = fitter.confidence_interval_.to_numpy()[1:]  # they start at time 0
    assert curve.low[drops] == pytest.approx(limits[drops, 0], rel=1e-8)
    assert curve.high[drops] == pytest.approx(limits[drops, 1], rel=1e-8)


follow_up = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


@given(follow_up, st.sampled_from(CONF_TYPES), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_invariants(patients, conf_type, random):
    t, e = np.array(patients).T
    curve = kaplan_meier(t, e, conf_type=conf_type)
    assert np.all(np.diff(np.concatenate([[1.0], curve.survival])) <= 0)
    known = ~np.isnan(curve.low)
    assert np.all((curve.low[known] >= 0) & (curve.low[known] <= curve.survival[known] + 1e-12))
    assert np.all((curve.high[known] <= 1) & (curve.high[known] >= curve.survival[known] - 1e-12))
    assert curve.events.sum() + curve.censored.sum() == t.size
    random.shuffle(patients)
    again = kaplan_meier(*np.array(patients).T, conf_type=conf_type)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(curve, again, strict=True))
    twice = kaplan_meier(np.tile(t, 2), np.tile(e, 2), conf_type=conf_type)
    assert twice.survival == pytest.approx(curve.survival, abs=1e-12)
    if np.all(e):  # without censoring it is the share still alive
        assert survival_at(curve, [3.0]).survival[0] == pytest.approx(np.mean(t > 3), abs=1e-12)


@given(follow_up)
@settings(max_examples=40, deadline=None)
def test_numbers_at_risk_are_counted(patients):
    t, e = np.array(patients).T
    times = np.arange(0, 14, 0.5)
    assert number_at_risk(kaplan_meier(t, e), times).tolist() == [np.sum(t >= when) for when in times]


def test_past_the_last_follow_up_survival_is_unknown_unless_all_are_dead():
    censored_last = survival_at(kaplan_meier([1, 2], [1, 0]), [2, 2.1])
    assert censored_last.survival[0] == 0.5
    assert np.isnan(censored_last.survival[1])
    assert censored_last.at_risk.tolist() == [1, 0]
    dead = survival_at(kaplan_meier([1, 2], [1, 1]), [3])
    assert dead.survival[0] == 0
    assert np.isnan(dead.low[0])


def test_before_and_without_events():
    curve = kaplan_meier([3, 4, 5], [0, 0, 0])
    assert curve.survival.tolist() == [1, 1, 1]
    assert curve.low.tolist() == curve.high.tolist() == [1, 1, 1]
    assert np.isnan(survival_quantile(curve)).all()
    assert survival_at(curve, [0]).low[0] == 1


def test_rounding_does_not_move_the_median():
    # 1 - 0.3 - 0.2 is not 0.5 in binary: the product of 7/10 and 5/7 comes out a hair above
    t, e = [1] * 3 + [2] * 2 + [3] * 5, [1] * 5 + [1] * 5
    assert survival_quantile(kaplan_meier(t, e)).value == 2.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kaplan_meier([-1, 2], [1, 0]), "at least 0"),
        (lambda: kaplan_meier([1, np.nan], [1, 0]), "finite"),
        (lambda: kaplan_meier([1, 2], [1, 2]), "bool or 0/1"),
        (lambda: kaplan_meier([1, 2], [1]), "one duration"),
        (lambda: kaplan_meier([], []), "at least one patient"),
        (lambda: kaplan_meier([1, 2], [1, 0], entry=[0, 2]), "before its duration"),
        (lambda: kaplan_meier([1, 2], [1, 0], conf_type="loglog"), "unknown conf_type"),
        (lambda: survival_interval([0.5], [0.1], confidence_level=95), "fraction"),
        (lambda: survival_at(kaplan_meier([1, 2], [1, 0]), [-1]), "at least 0"),
        (lambda: survival_quantile(kaplan_meier([1, 2], [1, 0]), 50), "fraction"),
    ],
)
def test_impossible_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_hundred_thousand_patients_take_milliseconds():
    # design target: Kaplan-Meier and log-rank within statsmodels' 19 ms; see tests/benchmarks. Room for a busy machine.
    rng = np.random.default_rng(1)
    t, e = rng.exponential(size=100_000), rng.random(100_000) < 0.5
    start = time.perf_counter()
    kaplan_meier(t, e)
    assert time.perf_counter() - start < 0.5


def test_log_log_coverage_at_twenty_patients():
    # 1,500 trials at the true median, a third censored: standard error 0.6 %. The plain interval covers less.
    rng = np.random.default_rng(2)
    hits = {"log-log": 0, "plain": 0}
    for _ in range(1_500):
        t, c = rng.exponential(size=20), rng.exponential(2, size=20)
        for conf_type in hits:
            at = survival_at(kaplan_meier(np.minimum(t, c), t <= c, conf_type=conf_type), [np.log(2)])
            hits[conf_type] += bool(at.low[0] <= 0.5 <= at.high[0])
    assert 0.925 < hits["log-log"] / 1_500 < 0.975
    assert hits["plain"] < hits["log-log"]
