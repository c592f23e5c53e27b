"""Every analysis refuses in words what it cannot take, and gives the same numbers however rows are laid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import biomarker as bm

RNG = np.random.default_rng(3)
N_PATIENTS, LESIONS = 16, 3
OF_PATIENT = np.repeat(RNG.normal(size=N_PATIENTS), LESIONS)
TRUTH = OF_PATIENT + RNG.normal(size=OF_PATIENT.size) > 0
TABLE = pd.DataFrame(
    {
        "patient_id": [f"P{i:02d}" for i in range(N_PATIENTS) for _ in range(LESIONS)],
        "lesion_id": np.tile(np.arange(LESIONS), N_PATIENTS),
        "response": TRUTH,
        "best_response": np.repeat(RNG.random(N_PATIENTS) < 0.5, LESIONS),
        "suvmax": np.exp(OF_PATIENT + 0.5 * TRUTH + 0.3 * RNG.normal(size=TRUTH.size)).round(1) + 0.1,
        "suvpeak": np.exp(OF_PATIENT + 0.3 * RNG.normal(size=TRUTH.size)),
        "pet": OF_PATIENT + 0.5 * RNG.normal(size=TRUTH.size) > 0,
        "fdg": OF_PATIENT + RNG.normal(size=TRUTH.size) > 0.2,
        "arm": np.where(RNG.random(TRUTH.size) < 0.5, "A", "B"),
    }
)
READINGS = pd.concat(
    [TABLE.assign(reader_id=name, suvmax=TABLE["suvmax"] * np.exp(0.1 * RNG.normal(size=len(TABLE)))) for name in "ab"],
    ignore_index=True,
)
UNVERIFIED = TABLE.assign(response=TABLE["response"].astype("boolean").mask(~TABLE["pet"] & (TABLE["lesion_id"] == 1)))
SEEN = {"reference_standard": "response"}

CALLS: dict[str, tuple[Callable[..., Any], pd.DataFrame, dict[str, Any]]] = {
    "predictive_values": (bm.predictive_values, TABLE, SEEN | {"index_test": "pet"}),
    "detection_rate": (bm.detection_rate, TABLE, {"detected": "pet", "by": "arm"}),
    "compare_tests": (bm.compare_tests, TABLE, SEEN | {"index_tests": ["pet", "fdg"]}),
    "verification_bias": (bm.verification_bias, UNVERIFIED, SEEN | {"index_test": "pet", "n_resamples": 70}),
    "net_benefit": (bm.net_benefit, TABLE, SEEN | {"markers": "pet", "cutoffs": [0.3]}),
    "roc_curve": (
        bm.roc_curve,
        TABLE,
        SEEN | {"marker": "suvmax", "partial": [0.7, 1], "at_specificity": 0.8, "n_resamples": 70},
    ),
    "compare_roc_curves": (bm.compare_roc_curves, TABLE, SEEN | {"markers": ["suvmax", "suvpeak"]}),
    "suv_cutoff": (bm.suv_cutoff, TABLE, SEEN | {"marker": "suvmax", "n_resamples": 70}),
    "evaluate_cutoff": (bm.evaluate_cutoff, TABLE, SEEN | {"marker": "suvmax", "cutoffs": [1.5]}),
    "hazard_model": (
        bm.hazard_model,
        TABLE[TABLE["lesion_id"] == 0].assign(months=np.arange(N_PATIENTS) + 1.0, progressed=True),
        {"duration": "months", "event": "progressed", "predictors": "suvpeak"},
    ),
    "compare_uptake": (bm.compare_uptake, TABLE, {"marker": "suvmax", "group": "arm"}),
    "correlate": (
        bm.correlate,
        TABLE,
        {"x": "suvmax", "y": "suvpeak", "interval": "bootstrap", "n_resamples": 70},
    ),
    "compare_correlations": (
        bm.compare_correlations,
        TABLE.assign(change=-10 * TABLE["suvmax"]),
        {"outcome": "change", "markers": ["suvpeak", "suvmax"], "comparison": "bootstrap", "n_resamples": 70},
    ),
    "waterfall": (bm.waterfall, TABLE, {"change": "suvpeak", "marker": "suvmax", "response": "response"}),
    "spider": (bm.spider, TABLE, {"time": "lesion_id", "size": "suvmax", "item": None}),
    "aggregation_sensitivity": (
        bm.aggregation_sensitivity,
        TABLE,
        {"reference_standard": "best_response", "marker": "suvmax", "cutoff": 1.5},
    ),
    "intraclass_correlation": (bm.intraclass_correlation, READINGS, {"value": "suvmax"}),
    "limits_of_agreement": (bm.limits_of_agreement, READINGS, {"value": "suvmax"}),
    "concordance_correlation": (bm.concordance_correlation, READINGS, {"value": "suvmax"}),
    "method_comparison": (bm.method_comparison, READINGS, {"value": "suvmax"}),
}


@pytest.mark.filterwarnings("ignore::biomarker.errors.BiomarkerWarning")
@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("level", [95, "0.95", None, 0, 1, float("nan"), True])
def test_a_confidence_level_that_is_no_fraction_is_refused_in_words(kind: str, level: object) -> None:
    analysis, data, arguments = CALLS[kind]
    with pytest.raises(bm.DesignError, match="confidence_level is"):
        analysis(data, **arguments, confidence_level=level)


@pytest.mark.parametrize("kind", CALLS)
def test_what_is_no_table_is_refused_in_words(kind: str) -> None:
    analysis, _, arguments = CALLS[kind]
    with pytest.raises(bm.DesignError, match="give a pandas DataFrame"):
        analysis([1, 2], **arguments)


@pytest.mark.parametrize("kind", ["roc_curve", "suv_cutoff", "correlate", "verification_bias"])
@pytest.mark.parametrize("rng", ["x", -1, None, 0.5, True])
def test_what_is_no_seed_is_refused_in_words(kind: str, rng: object) -> None:
    analysis, data, arguments = CALLS[kind]
    with pytest.raises(bm.DesignError, match="rng is"):
        analysis(data, **arguments, rng=rng)


def _by_line(result: bm.Result) -> dict[object, bm.Estimate]:
    return {(line.quantity, tuple(sorted(line.of.items(), key=str))): line for line in result.estimates}


@pytest.mark.filterwarnings("ignore::biomarker.errors.BiomarkerWarning")
@pytest.mark.parametrize("kind", CALLS)
def test_the_order_and_labels_of_rows_change_no_number(kind: str) -> None:
    analysis, data, arguments = CALLS[kind]
    shuffled = data.sample(frac=1, random_state=1)
    in_order = _by_line(analysis(data, **arguments))
    for other in (shuffled, shuffled.reset_index(drop=True), data.set_axis([0] * len(data))):
        again = _by_line(analysis(other, **arguments))
        assert again.keys() == in_order.keys()
        for name in ("value", "low", "high", "statistic", "p_value"):
            np.testing.assert_allclose(
                [getattr(line, name) for line in again.values()],
                [getattr(in_order[key], name) for key in again],
                rtol=1e-8,
                atol=1e-12,
                err_msg=name,
            )


@pytest.mark.parametrize("kind", ["predictive_values", "verification_bias"])
def test_the_truth_cannot_be_the_test(kind: str) -> None:
    analysis, data, arguments = CALLS[kind]
    with pytest.raises(bm.DesignError, match="cannot be the test"):
        analysis(data, **(arguments | {"index_test": "response"}))


def test_the_truth_cannot_be_a_test_or_marker_among_others() -> None:
    with pytest.raises(bm.DesignError, match="cannot be a test"):
        bm.compare_tests(TABLE, reference_standard="response", index_tests=["pet", "response"])
    coded = TABLE.assign(response=TABLE["response"].astype(int))
    with pytest.raises(bm.DesignError, match="cannot be its own marker"):
        bm.roc_curve(coded, reference_standard="response", marker="response")


def test_a_name_that_is_a_list_is_refused_in_words() -> None:
    with pytest.raises(bm.DesignError, match="no name of a column"):
        bm.roc_curve(TABLE, reference_standard="response", marker=["suvmax"])  # type: ignore[arg-type]


@pytest.mark.parametrize("tp", [float("nan"), float("inf"), None, "3", 1.5, -1, True])
def test_what_is_no_count_is_refused_in_words(tp: object) -> None:
    with pytest.raises(bm.DesignError, match="give a whole number"):
        bm.predictive_values_from_counts(tp=tp, fp=5, fn=8, tn=8)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [{"continuity": "a"}, {"continuity": None}, {"interval": ["wilson"]}])
def test_other_arguments_of_the_wrong_type_are_refused_in_words(given: dict[str, Any]) -> None:
    with pytest.raises(bm.DesignError):
        bm.predictive_values_from_counts(tp=25, fp=5, fn=8, tn=8, **given)


def test_indeterminate_and_missing_tests_are_told_apart_under_one_row_label() -> None:
    test = pd.Series(["pos", "neg", "eq", None, "pos", "neg", "pos", "neg"])
    data = pd.DataFrame({"truth": [1, 0, 1, 0, 1, 0, 0, 1], "test": test})
    for frame in (data, data.set_axis([0] * 8)):
        result = bm.predictive_values(
            frame, reference_standard="truth", index_test="test", test_positive="pos", indeterminate="eq"
        )
        assert {exclusion.reason: exclusion.n for exclusion in result.exclusions} == {
            "with test indeterminate": 1,
            "with test missing": 1,
        }
        assert result.n_indeterminate == 1


def test_a_partial_area_without_limits_says_why() -> None:
    perfect = TABLE.assign(suvmax=TABLE["response"] * 1.0)
    result = bm.roc_curve(perfect, reference_standard="response", marker="suvmax", partial=[0.8, 1], n_resamples=50)
    assert np.isnan(result.estimate("partial_auc").low)
    assert any("same in every resample" in note for note in result.method.notes)


def test_categories_for_patients_and_pairs_leave_pandas_silent() -> None:
    lesions = TABLE.assign(patient_id=TABLE["patient_id"].astype("category"))
    result = bm.aggregation_sensitivity(lesions, reference_standard="best_response", marker="suvmax", cutoff=1.5)
    assert result.population.patients_used == N_PATIENTS
    pairs = READINGS.assign(lesion_id=READINGS["lesion_id"].astype("category"))
    paired = bm.compare_uptake(pairs, marker="suvmax", group="reader_id", paired_by="lesion_id")
    assert paired.is_paired
    twice = pd.concat([pairs, pairs.iloc[:1]]).set_axis([0] * (len(pairs) + 1))
    with pytest.raises(bm.DesignError, match="row 0: a second value of the same lesion_id in group 'a'; a pair"):
        bm.compare_uptake(twice, marker="suvmax", group="reader_id", paired_by="lesion_id")


@pytest.mark.filterwarnings("ignore::biomarker.errors.SmallSampleWarning")
def test_a_correlation_with_one_patient_left_is_silent_and_undefined() -> None:
    few = TABLE.iloc[: LESIONS + 1]  # two patients: without the first, one row is left
    result = bm.correlate(few, x="suvmax", y="suvpeak")
    assert np.isnan(result.estimates[0].low)


def test_items_that_do_not_vary_have_no_icc_interval_of_their_own() -> None:
    readings = READINGS.assign(suvmax=np.where(READINGS["reader_id"] == "a", 1.0, 2.0))
    for patient in ("patient_id", None):
        data = (
            readings
            if patient
            else readings.assign(lesion_id=readings["patient_id"] + readings["lesion_id"].astype(str))
        )
        result = bm.intraclass_correlation(data, value="suvmax", form="all", patient=patient)
        for line in result.estimates:
            assert not line.low > line.value
            assert not line.high < line.value


def test_nested_tables_of_many_rows_are_answered():
    n = 20_001
    rng = np.random.default_rng(4)
    data = pd.DataFrame(
        {
            "patient_id": np.arange(n) // 4,
            "suvmax": rng.lognormal(1, 0.5, n),
            "arm": np.where(np.arange(n) % 8 < 4, "A", "B"),
        }
    )
    result = bm.compare_uptake(data, marker="suvmax", group="arm")
    line = result.estimate("auc")
    assert 0 < line.low < line.value < line.high < 1
