"""Comparison of methods: the two forms of data, ratios of variances, intervals, what is refused and what is said."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError, SchemaError, SmallSampleWarning
from biomarker.kernels.deming import deming
from tests.analyses.test_limits_of_agreement import MINI, WRIGHT, long, replicated

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "method_comparison.json").read_text())
WIDE = pd.DataFrame({"Wright": WRIGHT, "mini": MINI})


@pytest.mark.parametrize("name", ["peak_flow", "cardiac", "skewed"])
@pytest.mark.parametrize(
    ("fit", "key", "ratio"), [("deming", "deming_2", 2), ("weighted_deming", "weighted_half", 0.5)]
)
def test_jackknife_intervals_against_linnets_in_r(name, fit, key, ratio):
    data, expected = pd.DataFrame({c: REFERENCE[name][c] for c in "xy"}), REFERENCE[name][key]
    result = bm.method_comparison(data, x="x", y="y", fits=[fit], variance_ratio=ratio, patient=None)
    for quantity in ("intercept", "slope"):
        line = result.estimate(quantity)
        given = tuple(expected[f"{quantity}{part}"] for part in ("", "_low", "_high"))
        assert (line.value, line.low, line.high) == pytest.approx(given, rel=1e-7, abs=1e-9)


def test_passing_bablok_against_r():
    expected = REFERENCE["peak_flow"]["passing_bablok"]
    result = bm.method_comparison(WIDE, x="Wright", y="mini", fits="passing_bablok", patient=None)
    slope = result.estimate("slope")
    assert (slope.value, slope.low, slope.high) == pytest.approx(
        (expected["slope"], expected["slope_low"], expected["slope_high"])
    )
    assert result.estimate("linearity").statistic == pytest.approx(expected["cusum"])
    assert result.method.n_resamples is None


def test_long_readings_and_columns_are_one():
    by_columns = bm.method_comparison(WIDE, x="Wright", y="mini", at=[400], patient=None)
    by_readings = bm.method_comparison(
        long(WRIGHT, MINI, names=("Wright", "mini")), value="suvmax", readers=["Wright", "mini"], at=400, patient=None
    )
    for one, other in zip(by_columns.estimates, by_readings.estimates, strict=True):
        assert (one.quantity, dict(one.of)) == (other.quantity, dict(other.of))
        assert [one.value, one.low, one.high] == pytest.approx([other.value, other.low, other.high], nan_ok=True)
    line = by_columns.estimate("bias_at", fit="deming")
    intercept, slope = (by_columns.estimate(name, fit="deming").value for name in ("intercept", "slope"))
    assert line.value == pytest.approx(intercept + slope * 400 - 400)
    assert line.low < line.value < line.high


def test_replicates_tell_the_ratio_of_variances():
    rng = np.random.default_rng(6)
    true = rng.uniform(5, 15, size=200)
    rows = [
        (item, reader, session, true[item] + sd * rng.normal())
        for item in range(200)
        for reader, sd in (("A", 1.0), ("B", 0.5))
        for session in (1, 2)
    ]
    readings = pd.DataFrame(rows, columns=["lesion_id", "reader_id", "session", "suvmax"])
    result = bm.method_comparison(readings, value="suvmax", replicates="unpaired", patient=None)
    ratio = result.method.settings["variance_ratio (deming)"]
    assert ratio == pytest.approx(4, rel=0.35)
    assert any("from replicates" in note for note in result.method.notes)
    means = readings.pivot_table(index="lesion_id", columns="reader_id", values="suvmax")
    expected = deming(means["A"], means["B"], variance_ratio=ratio).slope[0]
    assert result.estimate("slope", fit="deming").value == pytest.approx(expected)
    given = bm.method_comparison(readings, value="suvmax", variance_ratio=1, patient=None)
    assert any("1, as given" in note for note in given.method.notes)
    assumed = bm.method_comparison(WIDE, x="Wright", y="mini", patient=None)
    assert any("assumed" in note for note in assumed.method.notes)


def test_nested_lesions_widen_the_intervals():
    readings = replicated(n_patients=25, sessions=1, lesions=6)
    of_patient = readings["patient_id"].map(
        dict(zip(readings["patient_id"].unique(), np.linspace(-1, 1, 25), strict=True))
    )
    readings["suvmax"] += np.where(readings["reader_id"] == "B", of_patient, 0)
    nested = bm.method_comparison(readings, value="suvmax", fits=["deming", "passing_bablok"], at=[4.5])
    readings["lesion_id"] = readings["patient_id"] + readings["lesion_id"].astype(str)
    naive = bm.method_comparison(readings, value="suvmax", fits=["deming", "passing_bablok"], at=[4.5], patient=None)
    for fit in ("deming", "passing_bablok"):
        width = [r.estimate("bias_at", fit=fit).high - r.estimate("bias_at", fit=fit).low for r in (nested, naive)]
        assert width[0] > 1.2 * width[1]
    assert "one patient left out" in nested.method.name
    assert "variance between patients" in nested.method.name


def test_bootstrap_is_seeded_and_near_the_jackknife():
    given = {"x": "Wright", "y": "mini", "interval": "bootstrap", "n_resamples": 400, "patient": None}
    one, other, moved = (bm.method_comparison(WIDE, **given, rng=seed) for seed in (1, 1, 2))
    assert one.estimate("slope", fit="deming").low == other.estimate("slope", fit="deming").low
    assert one.estimate("slope", fit="deming").low != moved.estimate("slope", fit="deming").low
    assert (one.method.seed, one.method.n_resamples) == (1, 400)
    by_jackknife = bm.method_comparison(WIDE, x="Wright", y="mini", patient=None).estimate("slope", fit="deming")
    line = one.estimate("slope", fit="deming")
    assert (line.high - line.low) / (by_jackknife.high - by_jackknife.low) == pytest.approx(1, abs=0.4)
    robust = one.estimate("slope", fit="passing_bablok")
    assert robust.low < robust.value < robust.high


def test_thousands_of_rows_take_little_memory():
    import tracemalloc

    rng = np.random.default_rng(0)
    true = rng.uniform(1, 9, size=5_000)
    wide = pd.DataFrame({"a": true + 0.3 * rng.normal(size=5_000), "b": true + 0.3 * rng.normal(size=5_000)})
    tracemalloc.start()
    result = bm.method_comparison(wide, x="a", y="b", fits="passing_bablok", patient=None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.estimate("slope").low < 1 < result.estimate("slope").high
    assert peak < 150e6  # the slopes of all pairs alone would take 100 MB, with their order and points 500 MB
    with pytest.raises(DesignError, match="too many"):
        bm.method_comparison(wide, x="a", y="b", fits="passing_bablok", interval="bootstrap", patient=None)


def test_degenerate():
    same = bm.method_comparison(WIDE.assign(mini=WRIGHT), x="Wright", y="mini", patient=None)
    for fit in ("deming", "passing_bablok"):
        assert same.estimate("slope", fit=fit).value == pytest.approx(1)
        assert same.estimate("bias_at", fit=fit, at=float(np.median(WRIGHT))).value == pytest.approx(0, abs=1e-9)
    flat = bm.method_comparison(WIDE.assign(mini=1.0), x="Wright", y="mini", patient=None)
    assert np.isnan(flat.estimate("slope", fit="deming").value)
    assert any("no line" in note for note in flat.method.notes)
    falling = bm.method_comparison(WIDE.assign(mini=-WRIGHT + MINI / 10), x="Wright", y="mini", patient=None)
    assert any("positively related" in note for note in falling.method.notes)
    with pytest.warns(SmallSampleWarning, match="Only 3 points"):
        few = bm.method_comparison(WIDE.head(3), x="Wright", y="mini", patient=None)
    assert np.isnan(few.estimate("slope", fit="passing_bablok").low)
    constant = pd.DataFrame({"x": np.ones(9), "y": np.ones(9)})
    for interval in ("auto", "bootstrap"):
        nothing = bm.method_comparison(constant, x="x", y="y", interval=interval, n_resamples=20, patient=None)
        assert np.isnan(nothing.estimate("slope", fit="passing_bablok").value)
    with pytest.warns(SmallSampleWarning, match="Only 1 patient:"):
        one = bm.method_comparison(WIDE.assign(patient_id=1), x="Wright", y="mini")
    assert np.isnan(one.estimate("slope", fit="deming").low)
    with pytest.raises(DesignError, match="no measurement"):
        bm.method_comparison(WIDE * 1e100, x="Wright", y="mini", patient=None)
    missing = WIDE.assign(mini=WIDE["mini"].mask(WIDE.index < 2))
    assert bm.method_comparison(missing, x="Wright", y="mini", patient=None).population.rows_used == 15


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fits": ["demming"]}, "did you mean 'deming'"),
        ({"fits": []}, "fits is empty"),
        ({"interval": "exact"}, "no interval"),
        ({"variance_ratio": -1}, "variance_ratio is -1"),
        ({"variance_ratio": "1"}, "variance_ratio is '1'"),
        ({"at": "6.5"}, "at is '6.5'"),
        ({"at": []}, "give a list"),
        ({"n_resamples": 0}, "n_resamples is 0"),
        ({"rng": "x"}, "rng is 'x'"),
        ({"y": "Wright"}, "both 'Wright'"),
        ({"y": None}, "give value"),
        ({"value": "mini"}, "give value"),
        ({"y": "minni"}, "did you mean 'mini'"),
        ({"confidence_level": 95}, "confidence_level is 95"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(DesignError, match=message):
        bm.method_comparison(WIDE, **{"x": "Wright", "y": "mini", "patient": None, **arguments})


def test_more_refused():
    with pytest.raises(SchemaError, match="weighted Deming needs"):
        bm.method_comparison(WIDE - 300, x="Wright", y="mini", fits="weighted_deming", patient=None)
    with pytest.raises(DesignError, match="two methods"):
        bm.method_comparison(replicated(readers="ABC"), value="suvmax")
    with pytest.raises(DesignError, match="at least 2"):
        bm.method_comparison(WIDE.head(1), x="Wright", y="mini", patient=None)
    with pytest.raises(DesignError, match="no rows"):
        bm.method_comparison(WIDE.head(0), x="Wright", y="mini", patient=None)


def test_measurements_that_do_not_vary_are_not_called_negatively_related():
    readings = pd.DataFrame({"lesion_id": np.arange(10).repeat(2), "reader_id": ["A", "B"] * 10, "suv": 5.0})
    notes = " ".join(bm.method_comparison(readings, value="suv", patient=None).method.notes)
    assert "do not vary together" in notes
    assert "positively related" not in notes
