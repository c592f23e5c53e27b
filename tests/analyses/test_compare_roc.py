"""ROC curves compared: against pROC and SAS, nested or not, and on curves that cannot be told apart."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from biomarker.analyses.compare_roc import compare_roc_curves
from biomarker.errors import DesignError, DirectionWarning, SchemaError
from biomarker.kernels.auc_interval import joint_test
from biomarker.kernels.obuchowski import obuchowski

REFERENCES = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((REFERENCES / "roc.json").read_text(encoding="utf-8"))


def asah():
    data = REFERENCE["data"]["aSAH"]
    male = np.array(REFERENCE["unpaired"][0]["male"], bool)
    return pd.DataFrame({**data["markers"], "poor": data["positive"], "sex": np.where(male, "male", "female")})


def lesions(n_patients=30, seed=3):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), 1 + rng.poisson(2, n_patients))
    n = patient.size
    response = rng.normal(size=n_patients)[patient] + rng.normal(size=n) > 0
    suvmax = np.exp(1 + 0.6 * response + 0.5 * rng.normal(size=n))
    return pd.DataFrame(
        {
            "patient_id": patient,
            "response": response,
            "suvmax_24h": suvmax,
            "suvmax_48h": suvmax * np.exp(0.4 * rng.normal(size=n)),
            "tumour_to_blood": suvmax * np.exp(0.4 * rng.normal(size=n)),
            "site": rng.choice(["bone", "liver"], n),
        }
    )


def compared(data, markers, **options):
    return compare_roc_curves(data, **{"reference_standard": "response", "markers": markers, **options})


@pytest.mark.parametrize("case", [case for case in REFERENCE["paired"] if case["data"] == "aSAH"])
def test_pairs_agree_with_proc(case):
    result = compare_roc_curves(asah(), reference_standard="poor", markers=["s100b", "ndka", "wfns"])
    line = result.estimate("auc_difference", first=case["first"], second=case["second"])
    assert line.statistic == pytest.approx(case["statistic"], abs=1e-9)
    assert line.p_value == pytest.approx(case["p_value"], abs=1e-9)


@pytest.mark.parametrize("case", REFERENCE["unpaired"])
def test_groups_agree_with_proc(case):
    result = compare_roc_curves(asah(), reference_standard="poor", markers=case["marker"], by="sex", against="female")
    line = result.estimate("auc_difference")
    assert line.of["comparison"] == "male - female"
    assert line.df == pytest.approx(case["df"], rel=1e-10)
    assert line.statistic == pytest.approx(case["statistic"], abs=1e-9)
    assert line.p_value == pytest.approx(case["p_value"], abs=1e-9)


def test_joint_test_agrees_with_sas():
    # SAS/STAT manual, PROC LOGISTIC, ROCCONTRAST on the data of DeLong 1988: chi-square 2.5340 on 2 df, p = 0.2817
    frame = pd.read_csv(REFERENCES / "ovarian.csv", comment="#")
    markers = ["albumin", "total_protein", "krebs_goetz"]
    direction = {"krebs_goetz": False}
    result = compare_roc_curves(frame, reference_standard="outcome", markers=markers, higher_is_positive=direction)
    line = result.estimate("auc_equality")
    assert (round(line.statistic, 4), line.df, round(line.p_value, 4)) == (2.5340, 2, 0.2817)
    areas = [round(result.estimate("auc", marker=marker).value, 4) for marker in markers]
    assert areas == [0.7366, 0.6478, 0.7258]


def test_nested_markers_use_patients():
    data = lesions()
    markers = ["suvmax_24h", "suvmax_48h", "tumour_to_blood"]
    result = compared(data, markers)
    contrast = obuchowski(
        data[markers].to_numpy().T, data.response, data.patient_id, contrast=[[1, -1, 0]], small_sample="leverage"
    )
    line = result.estimate("auc_difference", first="suvmax_24h", second="suvmax_48h")
    se = np.sqrt(contrast.covariance[0, 0])
    assert line.value == pytest.approx(contrast.auc[0])
    assert line.df == 29
    assert line.high - line.value == pytest.approx(stats.t.ppf(0.975, 29) * se)
    assert line.p_value == pytest.approx(2 * stats.t.sf(abs(line.value) / se, 29))
    every_pair = obuchowski(
        data[markers].to_numpy().T,
        data.response,
        data.patient_id,
        contrast=[[1, -1, 0], [1, 0, -1]],
        small_sample="leverage",
    )
    equal = result.estimate("auc_equality")
    assert equal.df == (2, 28)
    assert equal.p_value == pytest.approx(joint_test(*every_pair, df=29).p_value)


def test_groups_that_share_patients_keep_their_covariance():
    # the same lesions in both groups: no difference, and none that could be
    data = lesions().assign(site="bone")
    both = pd.concat([data, data.assign(site="liver")], ignore_index=True)
    line = compared(both, "suvmax_24h", by="site").estimate("auc_difference")
    assert (line.value, line.statistic, line.p_value) == (0, 0, 1)
    # made independent, the same groups leave room for a difference
    alone = compared(both, "suvmax_24h", by="site", patient=None).estimate("auc_difference")
    assert alone.value == 0
    assert alone.high > 0.1
    shared = compared(lesions(), "suvmax_24h", by="site")
    assert shared.estimate("auc_difference").df == 29
    assert "share patients" in shared.method.description


def test_groups_with_their_own_patients_have_welch_df():
    data = lesions()
    data["centre"] = np.where(data.patient_id < 12, "A", "B")
    result = compared(data, "suvmax_24h", by="centre")
    line = result.estimate("auc_difference")
    parts = {}
    for name, rows in data.groupby("centre"):
        estimate = obuchowski(rows.suvmax_24h, rows.response, rows.patient_id, small_sample="leverage")
        parts[name] = (estimate.covariance[0, 0], rows.patient_id.nunique() - 1)
        area = result.estimate("auc", group=name)
        assert (area.n, area.n_patients) == (len(rows), rows.patient_id.nunique())
        assert area.df == parts[name][1]
    (v1, k1), (v2, k2) = parts.values()
    assert line.df == pytest.approx((v1 + v2) ** 2 / (v1**2 / k1 + v2**2 / k2))
    assert line.statistic == pytest.approx(line.value / np.sqrt(v1 + v2))
    assert "Welch" in result.method.description


@pytest.mark.parametrize("patient", ["patient_id", None])
def test_identical_markers_have_p_one(patient):
    data = lesions().assign(doubled=lambda frame: 2 * frame.suvmax_24h + 1)
    result = compared(data, ["suvmax_24h", "doubled", "suvmax_48h"], patient=patient)
    line = result.estimate("auc_difference", second="doubled")
    assert (line.value, line.low, line.high, line.statistic, line.p_value) == (0, 0, 0, 0, 1)
    assert any("same order" in note for note in result.method.notes)
    # the redundant marker adds no degree of freedom to the joint test
    equal, without = result.estimate("auc_equality"), compared(data, ["suvmax_24h", "suvmax_48h"], patient=patient)
    assert equal.p_value == pytest.approx(without.estimate("auc_equality").p_value)


def test_two_perfect_markers_are_not_known_to_be_equal():
    data = pd.DataFrame({"response": [0, 0, 0, 0, 1, 1, 1, 1], "a": range(8), "b": [3, 2, 1, 0, 5, 4, 7, 6]})
    result = compared(data, ["a", "b"])
    line = result.estimate("auc_difference")
    assert (line.value, line.p_value) == (0, 1)
    assert line.low < -0.2
    assert line.high > 0.2
    assert any("MOVER" in note for note in result.method.notes)


def test_perfect_against_constant_has_no_test():
    data = pd.DataFrame({"response": [0, 0, 0, 1, 1, 1], "perfect": range(6), "constant": 1.0})
    line = compared(data, ["perfect", "constant"]).estimate("auc_difference")
    assert line.value == 0.5
    assert np.isnan(line.p_value)
    assert line.low < 0.5 < line.high


def test_a_marker_against_its_direction_warns():
    data = lesions().assign(inverse=lambda frame: 1 / frame.suvmax_24h)
    with pytest.warns(DirectionWarning, match="inverse is below"):
        result = compared(data, ["suvmax_24h", "inverse"])
    assert result.estimate("auc", marker="inverse").value < 0.5
    told = compared(data, ["suvmax_24h", "inverse"], higher_is_positive={"inverse": False})
    assert told.estimate("auc_difference").p_value == 1


def test_rows_need_every_marker():
    data = lesions()
    data.loc[:3, "suvmax_48h"] = np.nan
    result = compared(data, ["suvmax_24h", "suvmax_48h"])
    assert result.population.rows_used == len(data) - 4
    assert [exclusion.column for exclusion in result.exclusions] == ["suvmax_48h"]


@pytest.mark.parametrize(
    ("markers", "options", "message"),
    [
        (["suvmax_24h"], {}, "nothing to be compared"),
        (["suvmax_24h", "suvmax_24h"], {}, "more than once"),
        (["suvmax_24h", "suvmax_48h"], {"by": "site"}, "one marker is compared"),
        (["suvmax_24h", "suvmax_46h"], {}, "did you mean 'suvmax_48h'"),
        (["suvmax_24h", "suvmax_48h"], {"against": "suvmax_72h"}, "against is"),
        (["suvmax_24h", "suvmax_48h"], {"higher_is_positive": {"suvmax": True}}, "no marker"),
        (["suvmax_24h", "suvmax_48h"], {"variance": "hanley-mcneil"}, "no covariance"),
        ("suvmax_24h", {"by": "one"}, "one group only"),
        ("suvmax_24h", {"by": "split"}, "no ROC curve"),
    ],
)
def test_bad_arguments_are_explained(markers, options, message):
    data = lesions().assign(one="x", split=lambda frame: frame.response.astype(str))
    with pytest.raises(DesignError, match=message):
        compared(data, markers, **options)


def test_text_in_a_marker_is_named():
    with pytest.raises(SchemaError, match="high"):
        compared(lesions().assign(suvmax_48h="high"), ["suvmax_24h", "suvmax_48h"])


def test_a_perfect_area_is_not_taken_for_certain_in_a_difference():
    rng = np.random.default_rng(5)
    response = np.arange(30) % 2 == 0
    data = pd.DataFrame({"response": response, "suvmax": rng.normal(size=30) + response, "perfect": response * 1.0})
    result = compare_roc_curves(data, reference_standard="response", markers=["perfect", "suvmax"], patient=None)
    perfect, other = (result.estimate("auc", marker=marker) for marker in ("perfect", "suvmax"))
    line = result.estimate("auc_difference")
    # MOVER (Zou and Donner 2008) by hand: the limits of both areas, as if independent
    assert line.low == pytest.approx(line.value - np.hypot(perfect.value - perfect.low, other.high - other.value))
    assert line.high == pytest.approx(line.value + np.hypot(perfect.high - perfect.value, other.value - other.low))
    assert any("the area of perfect is 0 or 1" in note for note in result.warnings)
