"""One ROC curve from a frame: against pROC, nested or not, and on data that ask too much."""

import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from biomarker.analyses.roc import roc_curve
from biomarker.errors import DesignError, DirectionWarning, IndependenceWarning, SchemaError, SmallSampleWarning
from biomarker.kernels.auc_interval import newcombe_auc_interval
from biomarker.kernels.obuchowski import obuchowski
from biomarker.kernels.roc import roc_points
from biomarker.kernels.roc_points import as_rates, sensitivity_at

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "roc.json").read_text(encoding="utf-8"))


def asah():
    data = REFERENCE["data"]["aSAH"]
    return pd.DataFrame({**data["markers"], "outcome": np.where(data["positive"], "Poor", "Good")})


def lesions(n_patients=25, seed=3):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), 1 + rng.poisson(2, n_patients))
    response = rng.normal(size=n_patients)[patient] + rng.normal(size=patient.size) > 0
    suvmax = np.exp(1 + 0.6 * response + 0.5 * rng.normal(size=patient.size)).round(2)
    return pd.DataFrame(
        {"patient_id": patient, "lesion_id": np.arange(patient.size), "response": response, "suvmax": suvmax}
    )


def small(**columns):
    frame = pd.DataFrame({"response": [1, 1, 1, 0, 0, 0, 0, 1], "suvmax": [3.0, 4, 5, 1, 2, 3, 4, 2]})
    return frame.assign(**columns)


def curve(data, **options):
    return roc_curve(data, **{"reference_standard": "response", "marker": "suvmax", "n_resamples": 200, **options})


def test_independent_rows_agree_with_proc():
    result = roc_curve(
        asah(),
        reference_standard="outcome",
        positive="Poor",
        marker="s100b",
        interval="wald",
        partial=[1, 0.9],
        band=None,
    )
    expected = next(case for case in REFERENCE["areas"] if (case["data"], case["marker"]) == ("aSAH", "s100b"))
    area = result.estimate("auc")
    assert area.value == pytest.approx(expected["auc"], abs=1e-12)
    assert [area.low, area.high] == pytest.approx(expected["wald"], abs=1e-12)
    assert result.curve.sensitivities == pytest.approx(expected["sensitivities"])
    partial = next(
        case
        for case in REFERENCE["partial"]
        if (case["data"], case["marker"], case["focus"], case["low"]) == ("aSAH", "s100b", "specificity", 0.9)
    )
    assert result.estimate("partial_auc").value == pytest.approx(partial["raw"], abs=1e-12)
    assert result.estimate("partial_auc_corrected").value == pytest.approx(partial["corrected"], abs=1e-12)
    # pROC's stratified bootstrap percentiles, 20,000 resamples; ours are 2,000 others
    line = result.estimate("partial_auc")
    assert [line.low, line.high] == pytest.approx(REFERENCE["bootstrap"]["partial"], abs=0.002)
    assert result.method.n_resamples == 2000


def test_nested_lesions_use_obuchowski_with_patients_less_one():
    data = lesions()
    result = curve(data, band=None)
    estimate = obuchowski(data.suvmax, data.response, data.patient_id, small_sample="leverage")
    area, se = estimate.auc[0], np.sqrt(estimate.covariance[0, 0])
    reach = stats.t.ppf(0.975, 24) * se / (area * (1 - area))
    limits = 1 / (1 + np.exp(-(np.log(area / (1 - area)) + np.array([-reach, reach]))))
    line = result.estimate("auc")
    assert [line.low, line.high] == pytest.approx(limits.tolist())
    assert (line.df, line.n, line.n_patients) == (24, len(data), 25)
    assert "Obuchowski" in result.method.name
    naive = curve(data, band=None, patient=None).estimate("auc")
    assert naive.value == line.value
    assert naive.high - naive.low < line.high - line.low
    assert np.isnan(naive.df)


def test_uncorrected_variance_is_the_published_one():
    data = lesions()
    line = curve(data, band=None, variance="obuchowski-uncorrected", interval="wald").estimate("auc")
    estimate = obuchowski(data.suvmax, data.response, data.patient_id)
    assert line.high - line.value == pytest.approx(stats.t.ppf(0.975, 24) * np.sqrt(estimate.covariance[0, 0]))


def test_p_value_and_interval_agree():
    line = curve(lesions(), confidence_level=0.9, band=None).estimate("auc")
    at_half = curve(lesions(), confidence_level=1 - line.p_value, band=None).estimate("auc")
    assert at_half.low == pytest.approx(0.5, abs=1e-9)


def test_direction_is_given_and_only_mirrors():
    up = curve(small(), at_specificity=[0.75], band=None)
    down = curve(small(suvmax=-small().suvmax), higher_is_positive=False, at_specificity=[0.75], band=None)
    for quantity in ("auc", "sensitivity"):
        one, two = up.estimate(quantity), down.estimate(quantity)
        assert (one.value, one.low, one.high) == (two.value, two.low, two.high)
    assert down.estimate("sensitivity").of["cutoff"] == -up.estimate("sensitivity").of["cutoff"]
    with pytest.warns(DirectionWarning, match=r"below 0\.5"):
        against = curve(small(), higher_is_positive=False, band=None)
    assert against.estimate("auc").value == pytest.approx(1 - up.estimate("auc").value)
    assert any("below 0.5" in note for note in against.method.notes)


def test_operating_points_meet_their_requirement_in_the_data():
    data = lesions()
    result = curve(data, at_specificity=[0.8, 0.95], at_sensitivity=0.9)
    for line in result.estimates[1:]:
        called = data.suvmax >= line.of["cutoff"]
        sensitivity, specificity = called[data.response].mean(), (~called[~data.response]).mean()
        if line.quantity == "sensitivity":
            assert line.value == pytest.approx(sensitivity)
            assert line.of["achieved"] == pytest.approx(specificity)
            assert specificity >= line.of["at_specificity"]
        else:
            assert line.value == pytest.approx(specificity)
            assert sensitivity >= 0.9
        assert 0 <= line.low < line.value < line.high <= 1
    assert len(result.operating_points) == 3


def test_same_seed_same_numbers_and_shorter_parts_change_nothing():
    data = lesions()
    first = curve(data, at_specificity=0.8, rng=5)
    again = curve(data, at_specificity=[0.8, 0.9], partial=[0.5, 1], band=None, rng=5)
    other = curve(data, at_specificity=0.8, rng=6)
    assert first.estimate("sensitivity") == again.estimate("sensitivity", at_specificity=0.8)
    assert first.estimate("sensitivity") != other.estimate("sensitivity")
    assert first.method.seed == 5


@pytest.mark.parametrize("band", ["pointwise", "simultaneous"])
@pytest.mark.parametrize("patient", ["patient_id", None])
def test_bands_surround_the_curve(band, patient):
    data = lesions()
    drawn = curve(data, band=band, patient=patient).band
    at = sensitivity_at(as_rates(roc_points(data.suvmax, data.response)), drawn.specificities, interpolate=True)[0]
    assert (drawn.low <= at).all()
    assert (at <= drawn.high).all()
    assert (drawn.low[0], drawn.high[0]) == (1, 1)


def test_a_study_file_has_no_null_so_none_is_a_word():
    assert curve(lesions(), band="none").band is None
    assert curve(lesions(), band="none").method.n_resamples is None


def test_simultaneous_bands_are_wider():
    for patient in ("patient_id", None):
        one, all_ = (curve(lesions(), band=band, patient=patient).band for band in ("pointwise", "simultaneous"))
        assert (all_.high - all_.low).mean() > (one.high - one.low).mean()


def test_binormal_curve_is_added_with_intervals_only_for_independent_rows():
    independent = curve(lesions(), smooth="binormal", patient=None)
    assert independent.estimate("binormal_auc").low < independent.estimate("binormal_auc").value
    assert independent.smooth.sensitivities[-1] == 0
    nested = curve(lesions(), smooth="binormal")
    assert np.isnan(nested.estimate("binormal_auc").low)
    assert nested.estimate("binormal_auc").value == independent.estimate("binormal_auc").value
    assert any("without intervals" in note for note in nested.method.notes)


def test_perfect_separation_has_a_usable_bound():
    data = small(suvmax=small().response * 2.0, patient_id=[1, 1, 2, 3, 4, 5, 3, 6])
    result = curve(data, partial=[0.8, 1], at_specificity=0.9, smooth="binormal")
    line = result.estimate("auc")
    # three patients with positives and three with negatives; Newcombe's interval with t(5)
    assert (line.low, line.high) == tuple(newcombe_auc_interval(1.0, 3, 3, df=5))
    assert np.isnan(line.p_value)
    assert result.estimate("partial_auc").value == pytest.approx(0.2)
    assert np.isnan(result.estimate("partial_auc").low)
    assert np.isnan(result.estimate("binormal_auc").value)
    assert result.smooth is None
    assert result.estimate("sensitivity").low < 0.7
    assert sum("Newcombe" in note for note in result.method.notes) == 1
    assert any("Newcombe" in reference.text for reference in result.method.references)


def test_constant_marker_is_chance_with_an_interval():
    result = curve(small(suvmax=7.0), at_specificity=0.5)
    line = result.estimate("auc")
    assert line.value == 0.5
    assert 0 < line.low < 0.5 < line.high < 1
    assert result.estimate("sensitivity").value == 0
    assert result.estimate("sensitivity").of["cutoff"] == np.inf


def test_a_patient_with_both_classes_is_fine():
    result = curve(small(patient_id=[1, 1, 2, 1, 2, 3, 3, 3]), band=None)
    line = result.estimate("auc")
    assert 0 < line.low < line.value < line.high < 1


def test_a_single_positive_patient_gives_a_naive_interval_that_says_so():
    data = small(response=[1, 1, 0, 0, 0, 0, 0, 0], patient_id=[1, 1, 2, 2, 3, 3, 4, 4])
    with pytest.warns(SmallSampleWarning, match="single patient"):
        result = curve(data, band=None)
    line = result.estimate("auc")
    naive = curve(data, band=None, patient=None).estimate("auc")
    assert (line.low, line.high) == (naive.low, naive.high)
    assert line.of["interval"] == "naive"
    assert any("naive" in note for note in result.method.notes)


@pytest.mark.parametrize("data", [small(response=[1, 0, 0, 0, 0, 0, 0, 0]), small().iloc[[1, 3]]])
def test_one_row_in_a_class(data):
    with pytest.warns(SmallSampleWarning, match="Newcombe"):
        line = curve(data).estimate("auc")
    assert 0 < line.high - line.low < 1
    assert np.isnan(line.p_value)


def test_missing_markers_are_left_out_and_counted():
    result = curve(small(suvmax=[np.nan, 4, 5, 1, 2, 3, 4, 2]), band=None)
    assert [(e.column, e.n) for e in result.exclusions] == [("suvmax", 1)]
    assert result.estimate("auc").n == 7


def test_text_and_infinity_are_all_named():
    with pytest.raises(SchemaError) as error:
        curve(small(suvmax=["high", "4", "5", 1, 2, np.inf, 4, "?"]))
    assert [problem.value for problem in error.value.problems] == ["high", "?", "inf"]


def test_ignoring_nesting_on_purpose_warns():
    with pytest.warns(IndependenceWarning, match="DeLong"):
        result = curve(lesions(), variance="delong", band=None)
    assert result.estimate("auc").of["interval"] == "naive"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"marker": "suvmx"}, "did you mean 'suvmax'"),
        ({"interval": "logti"}, "did you mean 'logit'"),
        ({"variance": "delon"}, "did you mean 'delong'"),
        ({"band": "pointwize"}, "did you mean 'pointwise'"),
        ({"smooth": "kernel"}, "no smooth"),
        ({"partial": [0.9, 1.2]}, "between 0 and 1"),
        ({"partial": [0.9, 0.9]}, "two ends"),
        ({"partial": 0.9}, "two ends"),
        ({"partial_focus": "ppv"}, "no partial_focus"),
        ({"at_specificity": "high"}, "between 0 and 1"),
        ({"at_sensitivity": [0.9, 90]}, "between 0 and 1"),
        ({"n_resamples": 0}, "n_resamples"),
        ({"n_resamples": 10.5}, "n_resamples"),
        ({"confidence_level": 95}, "fraction"),
        ({"positive": "CR"}, "never is"),
    ],
)
def test_bad_arguments_are_explained(options, message):
    with pytest.raises(DesignError, match=message):
        curve(small(), **options)


def test_one_class_has_no_curve():
    with pytest.raises(DesignError, match=r"ROC curve is not estimable"):
        curve(small(response=1))


def test_a_million_rows():
    rng = np.random.default_rng(1)
    response = rng.random(1_000_000) < 0.4
    data = pd.DataFrame({"response": response, "suvmax": rng.normal(size=1_000_000) + response})
    start = time.perf_counter()
    result = curve(data, at_specificity=0.9, band="simultaneous")
    assert time.perf_counter() - start < 20  # about 1.5 s here; a machine ten times slower passes
    expected = stats.norm.cdf(1 / np.sqrt(2))
    assert result.estimate("auc").low < expected < result.estimate("auc").high
    assert (
        result.estimate("sensitivity").low
        < stats.norm.sf(stats.norm.ppf(0.9) - 1)
        < result.estimate("sensitivity").high
    )


def test_typical_use_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        curve(lesions(), partial=[0.8, 1], at_sensitivity=0.9, smooth="binormal")
