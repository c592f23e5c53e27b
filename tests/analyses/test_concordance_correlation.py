"""Concordance of long readings: designs, what is refused and what is said."""

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError, SmallSampleWarning
from biomarker.kernels.concordance_correlation import concordance, jackknife_intervals, moments, reading_sums
from tests.analyses.test_limits_of_agreement import MINI, REFERENCE, WRIGHT, long, replicated


def test_peak_flow_against_epi_ccc():
    result = bm.concordance_correlation(long(WRIGHT, MINI), value="suvmax", patient=None)
    line = result.estimate("ccc")
    # epiR::epi.ccc: 0.942742431427 (0.850491873169, 0.97872627917), see tests/reference/concordance_correlation.json
    assert (line.value, line.low, line.high) == pytest.approx(
        (0.942742431427, 0.850491873169, 0.978726279170), rel=1e-9
    )
    assert result.estimate("pearson_r").value == pytest.approx(np.corrcoef(WRIGHT, MINI)[0, 1])
    assert result.estimate("pearson_r").value * result.estimate("bias_correction").value == pytest.approx(line.value)
    assert "Lin's intervals" in result.method.name


def test_nested_replicates_take_the_jackknife_over_patients():
    readings = replicated()
    result = bm.concordance_correlation(readings, value="suvmax")
    frame = readings.sort_values(["patient_id", "lesion_id", "session", "reader_id"])
    item = frame.groupby(["patient_id", "lesion_id"]).ngroup().to_numpy()
    unit = frame.groupby(["patient_id", "lesion_id", "session"]).ngroup().to_numpy()
    reader = (frame["reader_id"] == "B").to_numpy().astype(int)
    patient = frame.groupby(item)["patient_id"].first()
    sums = reading_sums(frame["suvmax"], item, reader, pd.factorize(patient)[0], session=unit)
    assert result.estimate("ccc").value == pytest.approx(concordance(moments(sums)).ccc[0])
    assert [result.estimate("ccc").low, result.estimate("ccc").high] == pytest.approx(jackknife_intervals(sums).ccc)
    assert "one patient left out" in result.method.name
    with pytest.raises(DesignError, match="Lin's interval is of two readers"):
        bm.concordance_correlation(readings, value="suvmax", interval="z")


def test_three_readers_overall_and_in_pairs():
    readings = replicated(readers="ABC", sessions=1)
    result = bm.concordance_correlation(readings, value="suvmax")
    overall = result.estimate("ccc", readers="A, B, C").value
    pairs = [result.estimate("ccc", readers=pair).value for pair in ("A - B", "A - C", "B - C")]
    assert min(pairs) < overall < max(pairs)
    shuffled = bm.concordance_correlation(
        readings.sample(frac=1, random_state=1), value="suvmax", readers=["C", "A", "B"]
    )
    assert shuffled.estimate("ccc", readers="C, A, B").value == pytest.approx(overall)


def test_shifts_have_the_sign_of_first_less_second():
    first = np.array(REFERENCE["peak_flow"]["wright"], float)
    result = bm.concordance_correlation(long(first, 2 * first + 10), value="suvmax", patient=None)
    assert result.estimate("scale_shift").value == pytest.approx(0.5)
    assert result.estimate("location_shift").value < 0
    assert result.axis == pytest.approx((10, 2))
    assert bm.concordance_correlation(long(first, -first), value="suvmax", patient=None).estimate("ccc").value < 0


def test_degenerate():
    same = bm.concordance_correlation(long(WRIGHT, WRIGHT), value="suvmax", patient=None)
    assert same.estimate("ccc").value == pytest.approx(1)
    assert same.estimate("ccc").low == 1
    assert "The readers agree exactly." in same.method.notes
    flat = bm.concordance_correlation(long(np.ones(6), np.ones(6)), value="suvmax", patient=None)
    assert np.isnan(flat.estimate("ccc").value)
    assert any("not defined" in note for note in flat.method.notes)
    with pytest.warns(SmallSampleWarning, match="Only 2 lesions"):
        two = bm.concordance_correlation(long([1.0, 2.0], [1.5, 2.5]), value="suvmax", patient=None)
    assert np.isnan(two.estimate("ccc").low)
    with pytest.warns(SmallSampleWarning, match="Only 1 patient:"):
        one = bm.concordance_correlation(long(WRIGHT, MINI, patients=np.zeros(17)), value="suvmax")
    assert np.isnan(one.estimate("ccc").low)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"interval": "fisher"}, "no interval"),
        ({"confidence_level": 95}, "confidence_level is 95"),
        ({"readers": ["A"]}, "at least 2 readers"),
        ({"reader": "rater"}, "no column 'rater'"),
        ({"value": "lesion"}, "did you mean|no column"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(DesignError, match=message):
        bm.concordance_correlation(long(WRIGHT, MINI), **{"value": "suvmax", "patient": None, **arguments})
