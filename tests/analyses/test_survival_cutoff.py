"""A cutoff for survival from frames: the chosen one, what it is worth, what is refused, and what resamples say."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker import survival_cutoff
from biomarker.errors import DesignError, SchemaError, SmallSampleWarning

SETS = json.loads((Path(__file__).parents[1] / "reference" / "survival_cutoff.json").read_text())["sets"]
PBC = pd.DataFrame(
    {name: SETS["pbc"][column] for name, column in (("os_days", "t"), ("died", "e"), ("bilirubin", "x"))}
)
DLBCL = pd.DataFrame(
    {name: SETS["DLBCL"][column] for name, column in (("os_months", "t"), ("died", "e"), ("mge", "x"))}
)
ARGUMENTS = {"duration": "os_days", "event": "died", "marker": "bilirubin"}
QUICK = {"n_resamples": 50, "n_permutations": 199}


def test_biliary_cirrhosis_against_maxstat():
    result = survival_cutoff(PBC, **ARGUMENTS, **QUICK, ties="hothorn-lausen")
    line = result.estimate("maximal_log_rank", method="permutation")
    assert line.statistic == pytest.approx(SETS["pbc"]["statistic"], rel=1e-9)
    # maxstat's cutoff is the highest value below; ours the lowest value above, as marker >= cutoff is positive
    values = np.unique(PBC["bilirubin"])
    assert result.cutoff == values[np.searchsorted(values, SETS["pbc"]["estimate"]) + 1]
    assert line.p_value == pytest.approx(1 / 200)
    assert result.estimate("maximal_log_rank", method="lausen-schumacher-92").p_value == pytest.approx(
        SETS["pbc"]["lau92"], rel=1e-6
    )
    assert result.low <= result.cutoff <= result.high
    assert result.estimate("events", group="positive").n + result.estimate("events", group="negative").n == len(PBC)


def test_dlbcl_p_values_against_maxstat():
    result = survival_cutoff(
        DLBCL, duration="os_months", event="died", marker="mge", ties="hothorn-lausen", n_resamples=50
    )
    expected = SETS["DLBCL"]
    p = {line.of["method"]: line.p_value for line in result.estimates if line.quantity == "maximal_log_rank"}
    assert p["lausen-schumacher-92"] == pytest.approx(expected["lau92"], rel=1e-8)
    assert p["lausen-schumacher-94"] == pytest.approx(expected["lau94"], rel=1e-6)
    assert p["exact-gauss"] == pytest.approx(expected["exact_gauss"], abs=2e-4)
    assert p["hothorn-lausen"] == pytest.approx(expected["hl"], rel=0.03)
    assert p["permutation"] == pytest.approx(expected["cond_mc"], abs=0.004)
    linear = next(line for line in result.estimates if "term" in line.of)
    assert np.log(linear.value) == pytest.approx(expected["linear"][0], rel=1e-6)


def test_low_values_positive_turn_the_ratio_over():
    high = survival_cutoff(PBC, **ARGUMENTS, **QUICK)
    low = survival_cutoff(PBC, **ARGUMENTS, **QUICK, higher_is_positive=False)
    ratios = [r.estimate("hazard_ratio", performance="apparent").value for r in (high, low)]
    assert ratios[0] == pytest.approx(1 / ratios[1])
    assert low.cutoff < high.cutoff
    assert low.group_label(positive=True).startswith("Bilirubin ≤")
    assert high.statistics == pytest.approx(low.statistics)


def test_the_corrected_ratio_is_nearer_to_one():
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"t": rng.exponential(size=60), "e": rng.random(60) < 0.7, "x": rng.normal(size=60)})
    for correction in (".632+", "ordinary"):
        result = survival_cutoff(data, duration="t", event="e", marker="x", correction=correction, **QUICK)
        apparent, corrected = (
            abs(np.log(result.estimate("hazard_ratio", performance=kind).value)) for kind in ("apparent", "corrected")
        )
        assert corrected < apparent
        assert result.estimate("log_rank").p_value < result.estimate("maximal_log_rank", method="permutation").p_value
        assert any("biased away from 1" in note for note in result.warnings)


@pytest.mark.slow
def test_size_of_the_corrected_tests_and_of_the_naive_one():
    rng = np.random.default_rng(5)
    rejected = {"permutation": 0, "exact-gauss": 0, "naive": 0}
    for number in range(200):
        data = pd.DataFrame({"t": rng.exponential(size=40), "e": rng.random(40) < 0.9, "x": rng.normal(size=40)})
        result = survival_cutoff(
            data, duration="t", event="e", marker="x", n_resamples=2, n_permutations=199, rng=number
        )
        for method in ("permutation", "exact-gauss"):
            rejected[method] += result.estimate("maximal_log_rank", method=method).p_value <= 0.05
        rejected["naive"] += result.estimate("log_rank").p_value <= 0.05
    assert 0.02 <= rejected["permutation"] / 200 <= 0.09
    assert rejected["exact-gauss"] / 200 <= 0.11
    assert rejected["naive"] / 200 > 0.2


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    one, again, other = (survival_cutoff(PBC, **ARGUMENTS, **QUICK, rng=seed) for seed in (1, 1, 2))
    assert one.resampled.tolist() == again.resampled.tolist()
    assert one.resampled.tolist() != other.resampled.tolist()
    assert (one.method.seed, one.method.n_resamples) == (1, 50)


@given(seed=st.integers(0, 1000), factor=st.sampled_from([0.5, 30.4375]))
@settings(max_examples=2, deadline=None)
def test_order_of_rows_and_units_change_nothing(seed, factor):
    shuffled = PBC.sample(frac=1, random_state=seed)
    changed = shuffled.assign(os_days=shuffled["os_days"] * factor, bilirubin=shuffled["bilirubin"] * 17.1)
    one, other = (survival_cutoff(d, **ARGUMENTS, n_resamples=5, n_permutations=9) for d in (PBC, changed))
    assert other.cutoff == pytest.approx(17.1 * one.cutoff)
    assert other.statistics == pytest.approx(one.statistics)


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({"bilirubin": 2.0}, {}, "no cutoff between equal values"),
        ({"died": 0}, {}, "none of the 418 patients has the event"),
        ({"os_days": 30.0, "died": 1}, {}, "all events at one time"),
        ({"bilirubin": [1.0] * 417 + [2.0]}, {}, "between 0.1 and 0.9"),
        ({}, {"marker": "bilirubn"}, "did you mean 'bilirubin'"),
        ({}, {"ties": "efron"}, "there are log-rank, hothorn-lausen"),
        ({}, {"correction": ".632"}, "did you mean"),
        ({}, {"minimum_share": 0.9, "maximum_share": 0.1}, "leave no cutoff"),
        ({}, {"minimum_share": 10}, "fraction"),
        ({}, {"n_resamples": 0}, "whole number"),
        ({}, {"higher_is_positive": "yes"}, "true or false"),
        ({}, {"rng": -1}, "rng"),
        ({}, {"landmark": 99999}, "nobody is under observation"),
        ({}, {"measured_at": {"bilirubin": 60}}, "immortal"),
        ({}, {"measured_at": {"bilirubn": 0}}, "did you mean 'bilirubin'"),
        ({"died": [1, 2] * 209}, {}, "which values of 'died'"),
    ],
)
def test_what_is_refused(change, arguments, message):
    with pytest.raises(DesignError, match=message):
        survival_cutoff(PBC.assign(**change), **{**ARGUMENTS, **QUICK, **arguments})


def test_on_treatment_change_needs_a_landmark():
    data = PBC.rename(columns={"bilirubin": "suvmax_change_percent"})
    arguments = {**ARGUMENTS, "marker": "suvmax_change_percent", **QUICK}
    with pytest.raises(DesignError, match="landmark"):
        survival_cutoff(data, **arguments)
    result = survival_cutoff(data, **arguments, landmark=60)
    assert any("taken to be known at the landmark" in note for note in result.warnings)
    checked = survival_cutoff(data, **arguments, landmark=60, measured_at={"suvmax_change_percent": 56})
    assert not any("taken to be known" in note for note in checked.warnings)


def test_negative_durations_and_text_are_named():
    with pytest.raises(SchemaError, match="is negative"):
        survival_cutoff(PBC.assign(os_days=[-1.0, *PBC["os_days"][1:]]), **ARGUMENTS)
    with pytest.raises(SchemaError, match="is not a number"):
        survival_cutoff(PBC.assign(bilirubin=["high", *PBC["bilirubin"].astype(str)[1:]]), **ARGUMENTS)


def test_few_patients_with_separation():
    data = pd.DataFrame({"t": [1, 2, 3, 4, 9, 9, 9, 9], "e": [1, 1, 1, 1, 0, 0, 0, 0], "x": [8, 7, 6, 5, 4, 3, 2, 1]})
    with pytest.warns(SmallSampleWarning, match="4 events"):
        result = survival_cutoff(data, duration="t", event="e", marker="x", **QUICK)
    assert result.cutoff == 5
    apparent = result.estimate("hazard_ratio", performance="apparent")
    assert 1 < apparent.value < 1000
    assert any("Firth" in note for note in result.warnings)


def test_missing_and_nullable_values():
    data = PBC.astype({"died": "Int64"})
    data.loc[0, "bilirubin"] = np.nan
    result = survival_cutoff(data, **ARGUMENTS, **QUICK)
    assert {e.reason: e.n for e in result.exclusions} == {"with bilirubin missing": 1}


@pytest.mark.parametrize("factor", [1e-300, 1e300])
def test_any_unit_of_time_and_marker_fits_into_floating_point(factor):
    # warnings are errors here: neither overflow nor division by zero on the way to table and figure
    data = DLBCL.assign(os_months=DLBCL["os_months"] * factor, mge=(DLBCL["mge"] + 2) * factor)
    result = survival_cutoff(data, duration="os_months", event="died", marker="mge", n_resamples=9, n_permutations=9)
    plain = survival_cutoff(DLBCL, duration="os_months", event="died", marker="mge", n_resamples=9, n_permutations=9)
    assert result.statistics == pytest.approx(plain.statistics)
    assert result.table().rows
