import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError
from biomarker.kernels.clustered_proportion import clustered_proportion
from biomarker.kernels.paired_proportions import cochran_q, mcnemar, paired_difference


def by_therapy():
    # 89Zr-Df-IAB22M2C, patients with visible tumour uptake (Farwell MD. J Nucl Med 2022;63:720)
    seen = {"immunotherapy": (7, 8), "discontinued": (1, 2), "naive": (1, 3), "targeted": (1, 2)}
    rows = [(therapy, i < x) for therapy, (x, n) in seen.items() for i in range(n)]
    return pd.DataFrame(rows, columns=["therapy", "detected"])


def three_times(rng=None, patients=None):
    rng = rng or np.random.default_rng(7)
    lesions = np.arange(18)
    frame = pd.DataFrame({"lesion_id": np.repeat(lesions, 3), "hours": np.tile([1, 24, 48], 18)})
    share = frame["hours"].map({1: 0.5, 24: 0.95, 48: 0.8})
    frame["detected"] = rng.random(len(frame)) < share
    if patients:
        frame["patient_id"] = frame["lesion_id"] % patients
    return frame


def test_published_detection_is_reproduced():
    result = bm.detection_rate(by_therapy(), detected="detected", by="therapy", interval="clopper-pearson")
    printed = {
        "immunotherapy": "88 (47-100)",
        "discontinued": "50 (1-99)",
        "naive": "33 (1-91)",
        "targeted": "50 (1-99)",
    }
    for group, text in printed.items():
        found = result.estimate("detection_rate", group=group)
        assert f"{100 * found.value:.0f} ({100 * found.low:.0f}-{100 * found.high:.0f})" == text
    assert result.groups == tuple(printed)  # as they first appear
    overall = bm.detection_rate(by_therapy(), detected="detected", interval="clopper-pearson").estimate(
        "detection_rate"
    )
    assert (overall.numerator, overall.n, round(overall.low, 2), round(overall.high, 2)) == (10, 15, 0.38, 0.88)


def test_nested_lesions_get_nested_intervals():
    frame = pd.DataFrame({"patient_id": [1, 1, 1, 2, 2, 3, 4, 4], "detected": [1, 1, 0, 1, 1, 0, 1, 0]})
    result = bm.detection_rate(frame, detected="detected")
    expected = clustered_proportion([2, 2, 0, 1], [3, 2, 1, 2])
    found = result.estimate("detection_rate")
    assert [found.low, found.high] == pytest.approx([expected.low, expected.high])
    assert (found.n, found.n_patients) == (8, 4)
    assert result.is_nested
    assert any("Only 4 patients" in note for note in result.method.notes)


def test_one_patient_is_naive_and_labelled():
    frame = pd.DataFrame({"patient_id": [1, 1, 1], "detected": [1, 1, 0]})
    result = bm.detection_rate(frame, detected="detected")
    assert result.estimate("detection_rate").of["interval"] == "naive"
    assert any("naive" in note for note in result.method.notes)


def test_times_are_compared_over_the_lesions_seen_at_all_of_them():
    frame = three_times()
    frame = frame.drop(index=frame.index[-1])  # the last lesion lacks its scan at 48 h
    result = bm.detection_rate(frame, detected="detected", by="hours", unit="lesion_id", test="exact")
    wide = frame.pivot_table(index="lesion_id", columns="hours", values="detected").dropna().to_numpy(bool)
    assert result.n_units == len(wide) == 17
    q = result.estimate("cochran_q")
    assert (q.statistic, q.p_value) == pytest.approx(cochran_q(wide)[::2])
    late = result.estimate("detection_difference", comparison="24 − 1")
    b, c = int((wide[:, 1] & ~wide[:, 0]).sum()), int((wide[:, 0] & ~wide[:, 1]).sum())
    assert late.p_value == pytest.approx(mcnemar(b, c, method="exact").p_value)
    a = int((wide[:, 1] & wide[:, 0]).sum())
    assert [late.low, late.high] == pytest.approx(list(paired_difference(a, b, c, 17 - a - b - c)[1:3]))
    assert result.estimate("detection_rate", group=1).n == 18  # the rates themselves keep every lesion


def test_lesions_of_patients_are_compared_between_patients():
    frame = three_times(patients=6)
    result = bm.detection_rate(frame, detected="detected", by="hours", unit="lesion_id")
    assert [line.quantity for line in result.estimates] == ["detection_rate"] * 3 + ["detection_difference"] * 3
    assert any("Cochran" in note for note in result.method.notes)
    found = result.estimate("detection_difference", comparison="24 − 1")
    assert found.low <= found.value <= found.high
    assert 0 <= found.p_value <= 1


def test_yes_and_no_are_understood_and_said():
    frame = by_therapy().replace({"detected": {True: "yes", False: "no"}})
    result = bm.detection_rate(frame, detected="detected")
    assert result.estimate("detection_rate").numerator == 10
    assert "Positive class of detected: yes; negative: no." in result.method.notes


def test_numbers_are_ordered_and_categories_keep_their_order():
    frame = three_times().sample(frac=1, random_state=3)
    assert bm.detection_rate(frame, detected="detected", by="hours").groups == (1, 24, 48)
    frame["dose"] = pd.Categorical(frame["hours"].map({1: "low", 24: "high", 48: "low"}), ["low", "high", "none"])
    assert bm.detection_rate(frame, detected="detected", by="dose").groups == ("low", "high")


def test_missing_results_are_left_out_and_counted():
    frame = by_therapy().astype({"detected": "boolean"})
    frame.loc[0, "detected"] = pd.NA
    result = bm.detection_rate(frame, detected="detected")
    assert result.estimate("detection_rate").n == 14
    assert result.exclusions[0].n == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"unit": "lesion_id"}, "give by as well"),
        ({"by": "hour"}, "did you mean 'hours'"),
        ({"interval": "exact"}, "no interval 'exact'"),
        ({"test": "midp"}, "did you mean 'mid-p'"),
        ({"by": "hours", "unit": "hours"}, "two rows|no unit"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(DesignError, match=message):
        bm.detection_rate(three_times(), detected="detected", **arguments)


def test_a_lesion_twice_at_one_time_is_refused():
    frame = three_times()
    twice = pd.concat([frame, frame.iloc[[0]]], ignore_index=True)
    with pytest.raises(DesignError, match="lesion_id 0 has two rows at hours 1"):
        bm.detection_rate(twice, detected="detected", by="hours", unit="lesion_id")


def test_other_words_must_be_told():
    frame = pd.DataFrame({"visible": ["seen", "unseen"]})
    with pytest.raises(DesignError, match="which values of 'visible' are positive"):
        bm.detection_rate(frame, detected="visible")
    assert bm.detection_rate(frame, detected="visible", positive="seen").estimate("detection_rate").value == 0.5
