"""Limits of agreement of long readings: scales, nesting, what is refused and what is said."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError, SchemaError, SmallSampleWarning
from biomarker.kernels.limits_nested import nested_limits_of_agreement
from biomarker.kernels.limits_of_agreement import limits_of_agreement as by_kernel

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "reliability.json").read_text())
WRIGHT, MINI = (np.array(REFERENCE["peak_flow"][meter], float) for meter in ("wright", "mini"))
CARDIAC = {name: np.array(REFERENCE["cardiac_output"][name]) for name in ("rv", "ic", "subject")}


def long(first, second, *, patients=None, names=("A", "B")):
    n = len(first)
    frame = pd.DataFrame(
        {
            "lesion_id": np.tile(np.arange(n), 2),
            "reader_id": np.repeat(names, n),
            "suvmax": np.concatenate([first, second]),
        }
    )
    return frame if patients is None else frame.assign(patient_id=np.tile(patients, 2))


def test_peak_flow_of_bland_and_altman_1986():
    result = bm.limits_of_agreement(
        long(WRIGHT, MINI, names=("Wright", "mini")), value="suvmax", readers=["Wright", "mini"], patient=None
    )
    assert round(result.estimate("bias").value, 1) == -2.1
    assert round(result.estimate("sd_difference").value, 1) == 38.8
    expected = by_kernel(WRIGHT - MINI)
    upper = result.estimate("loa_high")
    assert (upper.value, upper.low, upper.high) == (expected.upper, *expected.upper_interval)
    assert result.estimate("bias").df == 16
    # paired t test, stats::t.test(wright - mini): t = -0.2253 (bias -2.118, SD 38.77, n 17)
    assert result.estimate("bias").statistic == pytest.approx(-2.1176 / (38.7651 / np.sqrt(17)), rel=1e-3)
    assert result.estimate("proportional_bias").p_value == pytest.approx(REFERENCE["peak_flow"]["slope"]["p"])


def test_nested_pairs_of_cardiac_output():
    result = bm.limits_of_agreement(
        long(CARDIAC["rv"], CARDIAC["ic"], patients=CARDIAC["subject"], names=("1 RV", "2 IC")), value="suvmax"
    )
    expected = nested_limits_of_agreement(CARDIAC["rv"] - CARDIAC["ic"], CARDIAC["subject"])
    assert result.estimate("loa_low").low == pytest.approx(expected.lower_interval.low)
    assert result.estimate("sd_between").value == pytest.approx(expected.sd_between)
    assert result.estimate("bias").df == 11
    assert result.estimate("bias").n_patients == 12
    assert result.estimate("proportional_bias").df == 11
    assert result.method.settings["interval"] == "MOVER"
    assert "MOVER" in result.method.name
    assert any("mean of the patients' mean differences" in note for note in result.method.notes)
    independent = bm.limits_of_agreement(long(CARDIAC["rv"], CARDIAC["ic"]), value="suvmax", patient=None)
    assert {line.quantity for line in independent.estimates} == {
        "bias", "loa_low", "loa_high", "sd_difference", "proportional_bias", "changing_spread",
    }  # fmt: skip


def test_scales():
    by_scale = {
        scale: bm.limits_of_agreement(long(WRIGHT, MINI), value="suvmax", scale=scale, patient=None)
        for scale in ("difference", "percent", "ratio")
    }
    logs = by_kernel(np.log(WRIGHT / MINI))
    ratio = by_scale["ratio"].estimate("loa_low")
    assert (ratio.value, ratio.low) == pytest.approx((np.exp(logs.lower), np.exp(logs.lower_interval.low)))
    assert by_scale["ratio"].estimate("sd_difference").value == pytest.approx(logs.sd)
    assert by_scale["ratio"].estimate("sd_difference").unit == "log ratio"
    assert by_scale["ratio"].differences == pytest.approx(WRIGHT / MINI)
    percent = by_kernel(200 * (WRIGHT - MINI) / (WRIGHT + MINI))
    assert by_scale["percent"].estimate("bias").value == pytest.approx(percent.bias)
    assert [by_scale[scale].estimate("bias").unit for scale in by_scale] == ["g/mL", "%", "ratio"]


def test_the_order_of_readers_is_the_sign():
    readings = long(WRIGHT, MINI)
    forth = bm.limits_of_agreement(readings, value="suvmax", patient=None)
    back = bm.limits_of_agreement(readings, value="suvmax", readers=["B", "A"], patient=None)
    assert forth.readers == ("A", "B")
    assert back.estimate("bias").value == -forth.estimate("bias").value
    assert back.estimate("loa_low").high == pytest.approx(-forth.estimate("loa_high").low)
    assert forth.estimate("bias").of == {"readers": "A - B"}


def test_two_of_three_readers():
    third = long(WRIGHT, MINI + 5, names=("A", "C")).query("reader_id == 'C'")
    three = pd.concat([long(WRIGHT, MINI), third], ignore_index=True)
    result = bm.limits_of_agreement(three, value="suvmax", readers=["A", "C"], patient=None)
    assert result.estimate("bias").value == pytest.approx(np.mean(WRIGHT - MINI - 5))
    assert [(e.reason, e.n) for e in result.exclusions] == [("by other readers", 17)]


def test_approximate_intervals_and_coverage():
    result = bm.limits_of_agreement(
        long(WRIGHT, MINI), value="suvmax", interval="approximate", coverage=0.9, confidence_level=0.8, patient=None
    )
    expected = by_kernel(WRIGHT - MINI, interval="approximate", coverage=0.9, confidence_level=0.8)
    assert result.estimate("loa_high").high == expected.upper_interval.high
    assert "after Bland and Altman" in result.method.name


def test_proportional_bias_is_said():
    first = np.arange(1.0, 21.0)
    noise = np.tile([0.1, -0.1], 10)
    result = bm.limits_of_agreement(long(first, 1.3 * first + noise), value="suvmax", patient=None)
    assert result.estimate("proportional_bias").p_value < 0.001
    assert any("ratio scale" in note for note in result.method.notes)
    relative = bm.limits_of_agreement(long(first, 1.3 * first), value="suvmax", scale="ratio", patient=None)
    assert relative.estimate("bias").value == pytest.approx(1 / 1.3)


def test_degenerate_pairs():
    same = bm.limits_of_agreement(long(WRIGHT, WRIGHT), value="suvmax", patient=None)
    assert same.estimate("loa_low").value == 0
    assert np.isnan(same.estimate("bias").p_value)
    assert any("no width" in note for note in same.method.notes)
    with pytest.warns(SmallSampleWarning, match="Only 1 patient:"):
        one = bm.limits_of_agreement(long(WRIGHT, MINI, patients=np.zeros(17)), value="suvmax")
    assert np.isnan(one.estimate("loa_low").value)
    assert any("single patient" in note for note in one.method.notes)


def test_every_reading_a_relative_scale_cannot_take_is_named():
    with pytest.raises(SchemaError, match="2 problems") as caught:
        bm.limits_of_agreement(long([1, 0, 3], [2, -1, 3]), value="suvmax", scale="ratio", patient=None)
    assert "above 0" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": "ratios"}, "did you mean 'ratio'"),
        ({"interval": "bootstrap"}, "no interval"),
        ({"coverage": 1.96}, "coverage is 1.96"),
        ({"confidence_level": 95}, "confidence_level is 95"),
        ({"regression": "yes"}, "regression is 'yes'"),
        ({"readers": 3}, "readers is 3"),
        ({"readers": "A"}, "at least 2 readers"),
        ({"readers": ["A", "A"]}, "at least 2 readers"),
        ({"readers": ["A", "D"]}, "no reader 'D'"),
        ({"reader": "rater"}, "no column 'rater'"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(DesignError, match=message):
        bm.limits_of_agreement(long(WRIGHT, MINI), **{"value": "suvmax", "patient": None, **arguments})


def replicated(n_patients=12, readers="AB", sessions=2, seed=1, lesions=3):
    rng = np.random.default_rng(seed)
    rows = [
        (f"P{p}", lesion, reader, session, size * np.exp(0.05 * j + 0.1 * rng.normal()))
        for p in range(n_patients)
        for lesion, size in enumerate(np.exp(rng.normal(1.5, 0.6, size=1 + p % lesions)))
        for j, reader in enumerate(readers)
        for session in range(1, sessions + 1)
    ]
    return pd.DataFrame(rows, columns=["patient_id", "lesion_id", "reader_id", "session", "suvmax"])


def test_a_session_pairs_replicates():
    readings = replicated(lesions=1)
    paired = bm.limits_of_agreement(readings, value="suvmax")
    assert paired.replicates == "paired"
    assert paired.method.settings["replicates"] == "paired"
    wide = readings.pivot_table(index=["patient_id", "session"], columns="reader_id", values="suvmax")
    expected = nested_limits_of_agreement(wide["A"] - wide["B"], wide.index.get_level_values(0))
    for quantity, limit in (("loa_low", expected.lower_interval), ("loa_high", expected.upper_interval)):
        line = paired.estimate(quantity)
        assert (line.low, line.high) == pytest.approx(tuple(limit))
    assert paired.estimate("sd_replicates").value == pytest.approx(expected.sd_within)
    assert len(paired.differences) == 24
    assert paired.estimate("proportional_bias").df == 11
    assert "compared between readers within a session" in " ".join(paired.method.notes)


def test_unpaired_replicates_of_unequal_number_on_the_ratio_scale():
    readings = replicated(sessions=3).drop(index=[0, 1, 9])
    result = bm.limits_of_agreement(readings, value="suvmax", scale="ratio", replicates="unpaired")
    logs = readings.assign(log=np.log(readings["suvmax"]))
    keys = ["patient_id", "lesion_id", "reader_id"]
    for name in "AB":
        own = logs[logs["reader_id"] == name]
        left = own["log"] - own.groupby(keys)["log"].transform("mean")
        df = len(own) - own.groupby(keys).ngroups
        assert result.estimate("sd_replicates", reader=name).value == pytest.approx(np.sqrt((left**2).sum() / df))
    means = logs.pivot_table(index=keys[:2], columns="reader_id", values="log")
    bias = (means["A"] - means["B"]).groupby("patient_id").mean().mean()
    assert result.estimate("bias").value == pytest.approx(np.exp(bias))
    assert {line.quantity for line in result.estimates} >= {"sd_between", "sd_within"}


def test_percent_of_replicated_nested_readings():
    readings = replicated(sessions=2)
    result = bm.limits_of_agreement(readings, value="suvmax", scale="percent")
    wide = readings.pivot_table(index=["patient_id", "lesion_id", "session"], columns="reader_id", values="suvmax")
    percent = 200 * (wide["A"] - wide["B"]) / (wide["A"] + wide["B"])
    assert np.sort(result.differences) == pytest.approx(np.sort(percent))
    bias = percent.groupby(level=[0, 1]).mean().groupby(level=0).mean().mean()
    assert result.estimate("bias").value == pytest.approx(bias)
    ten_fold = bm.limits_of_agreement(readings.assign(suvmax=readings["suvmax"] * 10), value="suvmax", scale="percent")
    assert ten_fold.estimate("loa_high").high == pytest.approx(result.estimate("loa_high").high)


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (lambda d: d.drop(columns="session"), {}, "more than one reading.*session = the column that pairs"),
        (lambda d: d, {"replicates": "none"}, r"choose one with where = \{ session"),
        (lambda d: pd.concat([d, d.head(2)]), {}, r"in session 1 \(2 such in all\). Remove the duplicates"),
        (lambda d: pd.concat([d, d.head(2)]), {"replicates": "unpaired"}, "Remove the duplicates"),
        (lambda d: d, {"replicates": "pairs"}, "did you mean 'paired'"),
        (lambda d: d, {"session": "visit"}, "no column 'visit'"),
        (lambda d: d[d["reader_id"] == "A"], {}, "at least 2 readers"),
        (lambda d: d.assign(suvmax=d["suvmax"].where(d["reader_id"] == "A")), {}, "B read nothing"),
        (lambda d: d.assign(suvmax=d["suvmax"].where(d["reader_id"] == "A")), {"readers": ["A", "B"]}, "no reading"),
        (lambda d: d.query("patient_id == 'P0'"), {}, "agreement needs at least 2"),
        (lambda d: d, {"replicates": "unpaired", "regression": True}, "pairs of single readings"),
        (lambda d: d, {"at": [1.0]}, "say regression = true"),
        (lambda d: d, {"regression": True, "at": ["x"]}, "give a list of means"),
        (lambda d: d, {"regression": True, "scale": "ratio", "at": [-1.0]}, "above 0"),
        (lambda d: d.assign(suvmax="high"), {}, "is not a number"),
        (lambda d: d.assign(suvmax=np.nan), {}, "no row is left"),
        (lambda d: d.assign(suvmax=d["suvmax"] * 1e150), {}, "no measurement"),
        (lambda d: d.assign(suvmax=d["suvmax"] * 1e-150), {"scale": "ratio"}, "no measurement"),
    ],
)
def test_what_readings_cannot_answer_is_said(change, arguments, message):
    with pytest.raises((DesignError, SchemaError), match=message):
        bm.limits_of_agreement(change(replicated()), **{"value": "suvmax", **arguments})


def test_sessions_without_both_readers_are_left_out_and_counted():
    readings = replicated().drop(index=0)
    result = bm.limits_of_agreement(readings, value="suvmax")
    left_out = [(e.reason, e.n) for e in result.exclusions]
    assert left_out == [("of lesions and sessions that not every reader read", 1)]
    assert result.population.rows_used == len(readings) - 1


def test_regression_limits_at_given_means():
    readings = replicated(n_patients=150, sessions=1)  # readers spread in proportion; so many that no test can miss it
    result = bm.limits_of_agreement(readings, value="suvmax", regression=True, at=[4, 12])
    low, high = (result.estimate("regression_loa_high", at=at) for at in (4.0, 12.0))
    assert low.low < low.value < low.high
    assert high.value - high.low > low.value - low.low
    assert np.asarray(result.regression.at)[[0, -1]] == pytest.approx([result.means.min(), result.means.max()])
    assert result.estimate("changing_spread").p_value < 0.001
    level = bm.limits_of_agreement(readings, value="suvmax")
    assert any("spread of differences changes" in note for note in level.method.notes)
    ratio = bm.limits_of_agreement(readings, value="suvmax", scale="ratio", regression=True)
    quartiles = [line.of["at"] for line in ratio.estimates if line.quantity == "regression_bias"]
    assert quartiles == pytest.approx(np.quantile(ratio.means, [0.25, 0.5, 0.75]))


def test_three_readers_get_limits_with_their_mean_and_in_pairs():
    readings = replicated(readers="ABC", sessions=1)
    result = bm.limits_of_agreement(readings, value="suvmax")
    wide = readings.pivot_table(index=["patient_id", "lesion_id"], columns="reader_id", values="suvmax")
    from_mean = wide.sub(wide.mean(axis=1), axis=0).groupby("patient_id").mean().mean()
    for name in "ABC":
        line = result.estimate("reader_deviation", reader=name)
        assert line.value == pytest.approx(from_mean[name])
        assert line.low < line.value < line.high
    pair = bm.limits_of_agreement(readings, value="suvmax", readers=["A", "C"])
    for quantity in ("bias", "loa_low", "loa_high"):
        assert result.estimate(quantity, readers="A - C").high == pytest.approx(pair.estimate(quantity).high)
    assert result.deviations.sum(axis=1) == pytest.approx(np.zeros(len(wide)), abs=1e-12)
    with pytest.raises(DesignError, match="two readers"):
        bm.limits_of_agreement(readings, value="suvmax", regression=True)


@pytest.mark.parametrize("replicates", ["paired", "unpaired"])
@pytest.mark.parametrize("scale", ["difference", "percent", "ratio"])
def test_limits_with_the_mean_however_designs_combine(replicates, scale):
    readings = replicated(readers="ABCD", n_patients=20, sessions=2)
    result = bm.limits_of_agreement(readings, value="suvmax", replicates=replicates, scale=scale)
    limit = result.estimate("loa_mean")
    assert limit.low < limit.value < limit.high
    shuffled = bm.limits_of_agreement(
        readings.sample(frac=1, random_state=2), value="suvmax", replicates=replicates, scale=scale
    )
    assert shuffled.estimate("loa_mean").high == pytest.approx(limit.high)
    if scale == "ratio":  # 0.1 on the log scale, readers 0.05 apart: sqrt(3/4 (0.1^2 + 0.0042)) 1.96 = 0.20
        assert np.log(limit.value) == pytest.approx(0.2, abs=0.04)


def test_a_reader_who_read_nothing_is_said_to_be_left_out():
    readings = replicated(readers="ABC", sessions=1)
    readings["suvmax"] = readings["suvmax"].mask(readings["reader_id"] == "C")
    result = bm.limits_of_agreement(readings, value="suvmax")
    assert result.readers == ("A", "B")
    assert "No reading with a value by C, who is left out." in result.method.notes


def test_dtypes_do_not_matter():
    readings = replicated()
    plain = bm.limits_of_agreement(readings, value="suvmax").estimate("loa_high")
    other = readings.astype(
        {"patient_id": "category", "reader_id": "category", "suvmax": "Float64", "session": "string"}
    )
    assert bm.limits_of_agreement(other, value="suvmax").estimate("loa_high").high == pytest.approx(plain.high)
    for factor in (1e-55, 1e50):
        scaled = readings.assign(suvmax=readings["suvmax"] * factor)
        found = bm.limits_of_agreement(scaled, value="suvmax", scale="ratio").estimate("loa_high")
        ratio = bm.limits_of_agreement(readings, value="suvmax", scale="ratio").estimate("loa_high")
        assert found.high == pytest.approx(ratio.high, rel=1e-6)
