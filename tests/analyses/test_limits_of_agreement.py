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
        ({"readers": "A"}, "at least 2 readers"),
        ({"readers": ["A", "A"]}, "at least 2 readers"),
        ({"readers": ["A", "D"]}, "no reader 'D'"),
        ({"reader": "rater"}, "no column 'rater'"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(DesignError, match=message):
        bm.limits_of_agreement(long(WRIGHT, MINI), **{"value": "suvmax", "patient": None, **arguments})
