"""suv_cutoff: its statements, its options, and what it does with impossible data."""

import numpy as np
import pandas as pd
import pytest

from biomarker import suv_cutoff
from biomarker.analyses.cutoff_performance import PERFORMANCE
from biomarker.errors import DesignError, DirectionWarning, SchemaError, SmallSampleWarning
from biomarker.kernels.cutoff_criteria import CRITERIA

from .cutoff_trial import ASKED, trial

FEW = {"n_resamples": 100, "n_repeats": 2, "n_permutations": 99}


@pytest.mark.parametrize("criterion", sorted(CRITERIA))
def test_every_criterion_gives_a_cutoff_with_its_optimism(criterion):
    minimum = {"minimum": 0.7} if CRITERIA[criterion].minimum_of else {}
    result = suv_cutoff(trial(), **ASKED, criterion=criterion, **minimum, **FEW)
    cutoff = result.estimate("cutoff")
    assert cutoff.low <= cutoff.value <= cutoff.high
    assert cutoff.unit == "g/mL"
    for quantity in PERFORMANCE:
        kinds = {line.of["performance"] for line in result.estimates if line.quantity == quantity}
        assert kinds == {"apparent", "corrected", "cross-validated"}
    assert result.is_data_driven
    assert "not prespecified" in result.method.notes[0]
    assert "derived from the data" in result.method.description
    assert "chosen anew" in result.method.description
    assert result.method.references


def test_the_estimates_are_those_of_the_data():
    data = trial()
    result = suv_cutoff(data, **ASKED, **FEW)
    cutoff = result.estimate("cutoff").value
    called, truth = data["suvmax_24h"] >= cutoff, data["response"] == "CR"
    assert result.estimate("sensitivity", performance="apparent").value == (called & truth).sum() / truth.sum()
    assert result.estimate("ppv", performance="apparent").value == (called & truth).sum() / called.sum()
    apparent, corrected = (result.estimate("youden", performance=kind) for kind in ("apparent", "corrected"))
    assert corrected.value < apparent.value
    assert corrected.low < corrected.value < corrected.high
    assert result.estimate("cutoff").n == len(data)
    assert result.estimate("cutoff").n_patients == data["patient_id"].nunique()
    curve = result.curves[0]
    assert curve.criterion[np.searchsorted(curve.cutoffs, cutoff)] == np.nanmax(curve.criterion)
    assert apparent.value == pytest.approx(np.nanmax(curve.criterion))
    chosen = [line for line in result.estimates if line.quantity == "selection_frequency"]
    assert chosen == sorted(chosen, key=lambda line: -line.value)
    assert chosen[0].value == np.mean(curve.resampled == chosen[0].of["cutoff"])


def test_nested_lesions_give_wider_intervals():
    data = trial(16, 5)
    nested = suv_cutoff(data, **ASKED, **FEW)
    naive = suv_cutoff(data, **ASKED, **FEW, patient=None)
    assert nested.estimate("cutoff").value == naive.estimate("cutoff").value

    def width(result):
        line = result.estimate("sensitivity", performance="apparent")
        return line.high - line.low

    assert width(nested) > width(naive)
    assert any("independent" in note for note in naive.method.notes)
    assert not any("independent" in note for note in nested.method.notes)


def test_the_same_seed_gives_the_same_numbers_and_rows_may_come_in_any_order():
    data = trial()
    one = suv_cutoff(data, **ASKED, **FEW, rng=7).to_frame()
    again = suv_cutoff(data, **ASKED, **FEW, rng=7).to_frame()
    pd.testing.assert_frame_equal(one, again)
    shuffled = suv_cutoff(data.sample(frac=1, random_state=1), **ASKED, **FEW, rng=7).to_frame()
    pd.testing.assert_frame_equal(one, shuffled)
    other = suv_cutoff(data, **ASKED, **FEW, rng=8).to_frame()
    assert not one["low"].equals(other["low"])
    first = suv_cutoff(data, **ASKED, **FEW, rng=np.random.default_rng(3))
    assert first.method.seed == 3


def test_lower_is_positive_is_the_negated_marker():
    data = trial()
    data["negated"] = -data["suvmax_24h"]
    high = suv_cutoff(data, **ASKED, **FEW)
    low = suv_cutoff(data, **{**ASKED, "marker": "negated"}, higher_is_positive=False, **FEW)
    assert low.estimate("cutoff").value == -high.estimate("cutoff").value
    for kind in ("apparent", "corrected", "cross-validated"):
        one, other = (result.estimate("npv", performance=kind).value for result in (high, low))
        assert one == pytest.approx(other)


def test_markers_side_by_side_stand_on_the_same_rows():
    data = trial()
    data.loc[3, "suvmax_48h"] = np.nan
    keywords = {key: value for key, value in ASKED.items() if key != "marker"}
    both = suv_cutoff(data, **keywords, markers=["suvmax_24h", "suvmax_48h"], **FEW)
    alone = suv_cutoff(data.drop(index=3), **ASKED, **FEW)
    assert both.estimate("cutoff", marker="suvmax_24h").value == alone.estimate("cutoff").value
    assert both.estimate("cutoff", marker="suvmax_24h").low == alone.estimate("cutoff").low
    assert [curve.marker for curve in both.curves] == ["suvmax_24h", "suvmax_48h"]
    assert both.population.rows_used == len(data) - 1


def test_a_cutoff_for_each_group_and_a_group_without_an_answer():
    data = trial(40)
    data.loc[data["site"] == "south", "response"] = "PD"
    data.loc[:20, "site"] = "east"
    result = suv_cutoff(data, **ASKED, by="site", **FEW)
    assert [curve.of["site"] for curve in result.curves] == ["east", "north"]
    alone = suv_cutoff(data[data["site"] == "north"], **ASKED, **FEW)
    assert result.estimate("cutoff", site="north").value == alone.estimate("cutoff").value
    assert any("south" in note and "no cutoff" in note for note in result.method.notes)
    with pytest.raises(DesignError, match="no group has a cutoff"):
        suv_cutoff(data.assign(lone=range(len(data))), **ASKED, by="lone", **FEW)


def test_ties_are_listed_and_the_rule_stated():
    data = pd.DataFrame({"suv": [1, 2, 3, 4, 5, 6] * 2, "response": [0, 1, 0, 1, 0, 1] * 2})
    result = suv_cutoff(data, reference_standard="response", marker="suv", **FEW)
    assert result.curves[0].tied == (2, 4, 6)
    assert any("3 cutoffs are tied (2, 4, 6); the middle one is given" in note for note in result.method.notes)
    specific = suv_cutoff(data, reference_standard="response", marker="suv", ties="most_specific", **FEW)
    assert specific.estimate("cutoff").value == 6


def test_smallest_p_is_corrected_for_the_design_at_hand():
    data = trial()
    nested = suv_cutoff(data, **ASKED, criterion="min_p", **FEW)
    kinds = [line.of["correction"] for line in nested.estimates if line.quantity == "min_p"]
    assert kinds == ["none", "permutation"]
    flat = suv_cutoff(data, **ASKED, criterion="min_p", **FEW, patient=None)
    kinds = {line.of["correction"]: line.value for line in flat.estimates if line.quantity == "min_p"}
    assert kinds["none"] < kinds["miller-siegmund"]
    assert set(kinds) == {"none", "miller-siegmund", "permutation"}


def test_smoothing_on_the_log_scale_is_smoothing_the_logarithm():
    data = trial()
    data["log_suv"] = np.log(data["suvmax_24h"])
    raw = suv_cutoff(data, **ASKED, smoothing="kernel-log", **FEW)
    log = suv_cutoff(data, **{**ASKED, "marker": "log_suv"}, smoothing="kernel", **FEW)
    assert raw.estimate("cutoff").value == pytest.approx(np.exp(log.estimate("cutoff").value))
    np.testing.assert_allclose(raw.curves[0].resampled, np.exp(log.curves[0].resampled))
    with pytest.raises(DesignError, match="positive"):
        suv_cutoff(data.assign(suvmax_24h=data["suvmax_24h"] - 3), **ASKED, smoothing="kernel-log", **FEW)


@pytest.mark.parametrize("interval", ["percentile", "bca"])
def test_other_intervals_and_the_ordinary_correction(interval):
    data = trial()
    default = suv_cutoff(data, **ASKED, **FEW)
    other = suv_cutoff(data, **ASKED, cutoff_interval=interval, correction="ordinary", n_repeats=0, n_resamples=100)
    assert other.estimate("cutoff").low >= default.estimate("cutoff").low or interval == "bca"
    ordinary, plus = (result.estimate("youden", performance="corrected").value for result in (other, default))
    assert plus < ordinary < default.estimate("youden", performance="apparent").value
    assert not any(line.of.get("performance") == "cross-validated" for line in other.estimates)


def test_a_single_positive_patient_has_no_interval():
    data = trial(12)
    data["response"] = np.where(data["patient_id"] == "P03", "CR", "PD")
    with pytest.warns(SmallSampleWarning) as warned:
        result = suv_cutoff(data, **ASKED, **FEW)
    assert any("single positive patient" in str(warning.message) for warning in warned)
    assert np.isnan(result.estimate("cutoff").low)
    assert np.isnan(result.estimate("sensitivity", performance="corrected").value)
    naive = result.estimate("sensitivity", performance="apparent")
    assert naive.of["interval"] == "naive"
    assert np.isfinite(naive.low)


@pytest.mark.filterwarnings("ignore::biomarker.errors.SmallSampleWarning")
@pytest.mark.parametrize("patients", [None, ["A", "B"], ["A", "A"]])
def test_two_rows(patients):
    data = pd.DataFrame({"suv": [1.0, 2.0], "response": [0, 1]})
    data = data if patients is None else data.assign(patient_id=patients)
    result = suv_cutoff(data, reference_standard="response", marker="suv", **FEW)
    assert result.estimate("cutoff").value == 2
    assert np.isnan(result.estimate("cutoff").low)


def test_a_marker_that_runs_the_other_way():
    data = trial()
    with pytest.warns(DirectionWarning, match="not changed"):
        result = suv_cutoff(data, **{**ASKED, "higher_is_positive": False}, **FEW)
    assert any("AUC" in note for note in result.method.notes)


def test_resamples_that_lack_a_class_are_counted():
    data = pd.DataFrame({"suv": np.arange(9.0), "response": [0] * 7 + [1] * 2})
    result = suv_cutoff(data, reference_standard="response", marker="suv", **FEW)
    missing = result.curves[0].n_missing_class
    assert missing > 0
    assert any(f"{missing} of 100 resamples lacked a class" in note for note in result.method.notes)
    stratified = suv_cutoff(data, reference_standard="response", marker="suv", stratified=True, **FEW)
    assert stratified.curves[0].n_missing_class == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"criterion": "yuden"}, "did you mean 'youden'"),
        ({"criterion": "min_sensitivity"}, "needs `minimum`"),
        ({"criterion": "min_sensitivity", "minimum": 90}, "fraction"),
        ({"minimum": 0.9}, "takes no `minimum`"),
        ({"criterion": "cost", "prevalence": 0}, "prevalence is 0"),
        ({"criterion": "cost", "prevalence": 1}, "prevalence is 1"),
        ({"criterion": "cost", "prevalence": 1.2}, "prevalence is 1.2"),
        ({"prevalence": 0.2}, "takes no `prevalence`"),
        ({"criterion": "cost", "cost_ratio": 0}, "cost_ratio"),
        ({"cost_ratio": 2}, "takes no `cost_ratio`"),
        ({"minimum_share": 0.6}, "minimum_share"),
        ({"minimum_share": "much"}, "cannot be looked for"),
        ({"ties": "lowest"}, "no ties"),
        ({"smoothing": "spline"}, "no smoothing"),
        ({"candidates": "all"}, "no candidates"),
        ({"cutoff_interval": "bc"}, "did you mean 'bca'"),
        ({"interval": "wald"}, "no interval"),
        ({"correction": "harrell"}, "no correction"),
        ({"n_resamples": 0}, "n_resamples"),
        ({"n_folds": 1}, "n_folds"),
        ({"n_repeats": 1.5}, "n_repeats"),
        ({"confidence_level": 95}, "confidence_level"),
        ({"marker": "suvmaxx_24h"}, "did you mean 'suvmax_24h'"),
        ({"marker": None}, "either `marker`"),
        ({"markers": ["suvmax_24h"]}, "either `marker`"),
        ({"marker": None, "markers": []}, "at least one"),
        ({"by": "centre"}, "no column 'centre'"),
        ({"positive": "CRR"}, "did you mean 'CR'"),
        ({"criterion": "min_specificity", "minimum": 1.0}, "highest reached"),
    ],
)
def test_impossible_questions(change, message):
    data = trial()
    data.loc[data["suvmax_24h"].idxmax(), "response"] = "PD"
    with pytest.raises(DesignError, match=message):
        suv_cutoff(data, **{**ASKED, **FEW, **change})


@pytest.mark.parametrize(("cell", "error"), [("n/a", SchemaError), (np.inf, SchemaError), (-np.inf, SchemaError)])
def test_text_and_infinity_in_the_marker(cell, error):
    data = trial().astype({"suvmax_24h": object})
    data.loc[4, "suvmax_24h"] = cell
    with pytest.raises(error, match="suvmax_24h"):
        suv_cutoff(data, **ASKED, **FEW)


def test_missing_values_are_left_out_and_counted():
    data = trial()
    data.loc[[1, 2], "suvmax_24h"] = np.nan
    result = suv_cutoff(data, **ASKED, **FEW)
    assert result.exclusions[0].n == 2


@pytest.mark.parametrize("only", ["CR", "PD"])
def test_one_class(only):
    data = trial()
    data = data[data["response"] == only]
    with pytest.raises(DesignError, match=r"both classes|never is"):
        suv_cutoff(data, **ASKED, **FEW)


def test_a_constant_marker():
    with pytest.raises(DesignError, match="in every row"):
        suv_cutoff(trial().assign(suvmax_24h=4.0), **ASKED, **FEW)


@pytest.mark.slow
def test_a_million_rows():
    rng = np.random.default_rng(1)
    response = rng.random(1_000_000) < 0.3
    data = pd.DataFrame({"suv": rng.normal(size=response.size) + response, "response": response})
    result = suv_cutoff(data, reference_standard="response", marker="suv", n_resamples=20, n_folds=2, n_repeats=1)
    assert result.estimate("cutoff").value == pytest.approx(0.5, abs=0.1)
    assert result.estimate("youden", performance="corrected").value == pytest.approx(0.3829, abs=0.005)
