import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError, SchemaError
from biomarker.kernels.clustered_two_by_two import clustered_two_by_two
from biomarker.kernels.two_by_two import QUANTITIES, two_by_two

DEHDASHTI = {"tp": 25, "fp": 5, "fn": 8, "tn": 8}


def frame_of(tp, fp, fn, tn):
    cells = [(1, 5.0)] * tp + [(0, 5.0)] * fp + [(1, 1.0)] * fn + [(0, 1.0)] * tn
    return pd.DataFrame(cells, columns=["response", "suvmax"])


def nested_lesions():
    """Twelve patients, lesions that share their patient's fate."""
    rng = np.random.default_rng(12)
    patient = np.repeat(np.arange(12), rng.integers(1, 7, size=12))
    shared = rng.normal(size=12)[patient]
    truth = rng.normal(size=len(patient)) + shared > 0
    suvmax = np.exp(1 + 0.8 * truth + 0.4 * shared + 0.4 * rng.normal(size=len(patient)))
    return pd.DataFrame({"patient_id": patient, "lesion_id": range(len(patient)), "response": truth, "suvmax": suvmax})


def line(result, quantity, **of):
    found = result.estimate(quantity, **of)
    return [found.value, found.low, found.high]


def test_dehdashti_is_reproduced_to_the_printed_digit():
    # Dehdashti F. Breast Cancer Res Treat 2018;169:523-530: SUVmax 3.2, exact intervals
    result = bm.predictive_values_from_counts(**DEHDASHTI, interval="clopper-pearson")
    printed = {
        "ppv": "83.3 (65.3-94.4)",
        "sensitivity": "75.8 (57.7-88.9)",
        "npv": "50.0 (24.7-75.3)",
        "specificity": "61.5 (31.6-86.1)",
    }
    for quantity, text in printed.items():
        value, low, high = (100 * part for part in line(result, quantity))
        assert f"{value:.1f} ({low:.1f}-{high:.1f})" == text


def test_gastric_cutoff_is_reproduced():
    # 17/18 and 11/11 at SUVmax 4.0, 24 h: exact 73-100 and 72-100 %
    result = bm.predictive_values_from_counts(tp=17, fp=0, fn=1, tn=11, interval="clopper-pearson")
    assert np.round(line(result, "sensitivity"), 2).tolist() == [0.94, 0.73, 1.0]
    assert np.round(line(result, "specificity"), 2).tolist() == [1.0, 0.72, 1.0]
    assert any("LR+" in note and "zero" in note for note in result.method.notes)
    assert result.estimate("lr_positive").value == np.inf


def test_rows_and_counts_agree():
    by_rows = bm.predictive_values(
        frame_of(**DEHDASHTI), reference_standard="response", marker="suvmax", cutoff=5, patient=None
    )
    by_counts = bm.predictive_values_from_counts(**DEHDASHTI)
    assert [e.quantity for e in by_rows.estimates] == list(QUANTITIES)
    for quantity in QUANTITIES:
        assert line(by_rows, quantity) == line(by_counts, quantity)
    assert (by_rows.tp, by_rows.fp, by_rows.fn, by_rows.tn) == (25, 5, 8, 8)
    assert by_rows.estimate("ppv").n == 30
    assert by_rows.estimate("ppv").numerator == 25


def test_an_index_test_and_a_cutoff_agree():
    frame = frame_of(**DEHDASHTI).assign(pet=lambda d: np.where(d["suvmax"] >= 5, "hot", "cold"))
    by_test = bm.predictive_values(frame, reference_standard="response", index_test="pet", test_positive="hot")
    by_marker = bm.predictive_values(frame, reference_standard="response", marker="suvmax", cutoff=5)
    for quantity in QUANTITIES:
        assert line(by_test, quantity) == line(by_marker, quantity)


def test_lower_can_be_positive():
    frame = frame_of(**DEHDASHTI)
    higher = bm.predictive_values(frame, reference_standard="response", marker="suvmax", cutoff=5)
    frame["suvmax"] *= -1
    lower = bm.predictive_values(
        frame, reference_standard="response", marker="suvmax", cutoff=-5, higher_is_positive=False
    )
    assert line(higher, "lr_positive") == line(lower, "lr_positive")
    assert "Positive test: SUVmax ≤ -5." in lower.method.notes


def test_nested_lesions_are_clustered_by_default():
    lesions = nested_lesions()
    result = bm.predictive_values(lesions, reference_standard="response", marker="suvmax", cutoff=4.0)
    called, truth = lesions["suvmax"] >= 4.0, lesions["response"]
    per_patient = [
        cell.groupby(lesions["patient_id"]).sum()
        for cell in (called & truth, called & ~truth, ~called & truth, ~called & ~truth)
    ]
    expected = clustered_two_by_two(*per_patient).measures
    assert result.is_nested
    for quantity in QUANTITIES:
        assert line(result, quantity) == pytest.approx(list(expected[quantity][:3]))
    assert result.estimate("accuracy").n_patients == 12
    assert "nested in patients" in result.method.name
    plain = bm.predictive_values(lesions, reference_standard="response", marker="suvmax", cutoff=4.0, patient=None)
    assert line(plain, "ppv") == pytest.approx(list(two_by_two(*(c.sum() for c in per_patient))["ppv"][:3]))
    assert any("independent" in note for note in plain.method.notes)


def test_order_of_rows_is_nothing():
    lesions = nested_lesions()
    one = bm.predictive_values(lesions, reference_standard="response", marker="suvmax", cutoff=4.0)
    other = bm.predictive_values(
        lesions.sample(frac=1, random_state=1), reference_standard="response", marker="suvmax", cutoff=4.0
    )
    assert line(one, "youden") == pytest.approx(line(other, "youden"))


def test_a_class_of_one_patient_gets_the_naive_interval_and_the_label():
    lesions = pd.DataFrame(
        {
            "patient_id": ["a", "a", "a", "b", "b", "c"],
            "response": [1, 1, 1, 0, 0, 0],
            "suvmax": [6, 6, 2, 1, 6, 1],
        }
    )
    result = bm.predictive_values(lesions, reference_standard="response", marker="suvmax", cutoff=5)
    sensitivity = result.estimate("sensitivity")
    assert sensitivity.of["interval"] == "naive"
    assert [sensitivity.low, sensitivity.high] == pytest.approx(list(two_by_two(2, 1, 1, 2)["sensitivity"][1:3]))
    assert any("naive" in note and "Sensitivity" in note for note in result.method.notes)
    assert "interval" not in result.estimate("specificity").of


def test_prevalence_grid():
    result = bm.predictive_values_from_counts(**DEHDASHTI, prevalence=[0.1, 33 / 46])
    assert line(result, "ppv", prevalence=33 / 46)[0] == pytest.approx(25 / 30)
    assert line(result, "ppv")[0] == 25 / 30  # the sample's own, without asking for it
    assert result.estimate("ppv", prevalence=0.1).value < 0.2
    assert result.curve["ppv"].shape == (3, 99)
    assert result.curve["npv"][0, 9] == pytest.approx(line(result, "npv", prevalence=0.1)[0])
    single = bm.predictive_values_from_counts(**DEHDASHTI, prevalence=0.1)
    assert line(single, "npv", prevalence=0.1) == line(result, "npv", prevalence=0.1)
    adjusted = bm.predictive_values_from_counts(**DEHDASHTI, prevalence=0.1, adjusted=True)
    assert line(adjusted, "npv", prevalence=0.1) != line(result, "npv", prevalence=0.1)


def test_indeterminate_tests_are_reported_three_ways():
    frame = pd.DataFrame(
        {
            "response": [1] * 8 + [0] * 6,
            "pet": ["pos"] * 5 + ["neg"] * 1 + ["unclear"] * 2 + ["neg"] * 3 + ["pos"] + ["unclear", None],
        }
    )
    result = bm.predictive_values(
        frame,
        reference_standard="response",
        index_test="pet",
        test_positive="pos",
        indeterminate=["unclear"],
        patient=None,
    )
    assert (result.tp, result.fp, result.fn, result.tn) == (5, 1, 1, 3)
    assert result.n_indeterminate == 3
    assert {e.reason: e.n for e in result.exclusions} == {"with pet indeterminate": 3, "with pet missing": 1}
    assert result.estimate("sensitivity").value == 5 / 6
    assert result.estimate("sensitivity", indeterminate="as positive").value == 7 / 8
    assert result.estimate("sensitivity", indeterminate="as negative").value == 5 / 8
    assert result.estimate("specificity", indeterminate="as positive").n == 5


def test_missing_values_are_counted():
    frame = frame_of(**DEHDASHTI)
    frame.loc[[0, 3], "suvmax"] = np.nan
    result = bm.predictive_values(frame, reference_standard="response", marker="suvmax", cutoff=5)
    assert result.tp == 23
    assert result.population.rows_used == 44
    assert [e.n for e in result.exclusions] == [2]


@pytest.mark.parametrize("cutoff", [-1, 1e9])
def test_a_cutoff_outside_the_marker_leaves_reasons(cutoff):
    result = bm.predictive_values(frame_of(**DEHDASHTI), reference_standard="response", marker="suvmax", cutoff=cutoff)
    undefined = [e for e in result.estimates if np.isnan(e.value)]
    assert undefined
    told = " ".join(result.method.notes)
    assert "no row is negative on the test" in told or "no row is positive on the test" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"marker": "suvmax"}, "cutoff is None"),
        ({"marker": "suvmax", "cutoff": float("nan")}, "cutoff is nan"),
        ({"marker": "suvmax", "cutoff": 5, "index_test": "suvmax"}, "either index_test"),
        ({}, "either index_test"),
        ({"marker": "suvmx", "cutoff": 5}, "did you mean 'suvmax'"),
        ({"marker": "suvmax", "cutoff": 5, "interval": "wlson"}, "did you mean 'wilson'"),
        ({"marker": "suvmax", "cutoff": 5, "indeterminate": "x"}, "goes with index_test"),
        ({"index_test": "suvmax", "cutoff": 5}, "cutoff goes with marker"),
        ({"index_test": "suvmax", "test_positive": 5.0, "indeterminate": "unclear"}, "never 'unclear'"),
        ({"marker": "suvmax", "cutoff": 5, "prevalence": 1.2}, "prevalence is 1.2"),
        ({"marker": "suvmax", "cutoff": 5, "prevalence": [0.1, 0]}, "prevalence is 0"),
        ({"marker": "suvmax", "cutoff": 5, "prevalence": "0.1"}, "prevalence is '0.1'"),
        ({"marker": "suvmax", "cutoff": 5, "continuity": -1}, "continuity is -1"),
        ({"marker": "suvmax", "cutoff": 5, "confidence_level": 95}, "confidence_level"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(DesignError, match=message):
        bm.predictive_values(frame_of(**DEHDASHTI), reference_standard="response", **arguments)


def test_what_is_for_independent_rows_is_refused_for_nested_ones():
    with pytest.raises(DesignError, match="adjusted is for independent rows"):
        bm.predictive_values(
            nested_lesions(), reference_standard="response", marker="suvmax", cutoff=4, adjusted=True, prevalence=0.1
        )


def test_a_reference_standard_of_one_class_is_refused():
    frame = frame_of(5, 0, 3, 0)
    with pytest.raises(DesignError, match="every one of the 8 rows is positive"):
        bm.predictive_values(frame, reference_standard="response", marker="suvmax", cutoff=5)


def test_text_in_the_marker_is_refused_cell_by_cell():
    frame = frame_of(**DEHDASHTI).astype({"suvmax": object})
    frame.loc[2, "suvmax"] = "high"
    with pytest.raises(SchemaError, match="'high' is not a number"):
        bm.predictive_values(frame, reference_standard="response", marker="suvmax", cutoff=5)


@pytest.mark.parametrize("counts", [{"tp": -1}, {"fp": 2.5}, {"fn": True}, {"tn": "8"}, dict.fromkeys(DEHDASHTI, 0)])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(DesignError):
        bm.predictive_values_from_counts(**(DEHDASHTI | counts))


def test_the_methods_text_cites_what_was_done():
    result = bm.predictive_values(nested_lesions(), reference_standard="response", marker="suvmax", cutoff=4.0)
    assert "nested in patients" in result.method.description
    assert any("Rao" in reference.text for reference in result.method.references)
    assert result.method.settings["cutoff"] == 4.0
    assert "Wilson" in bm.predictive_values_from_counts(**DEHDASHTI).method.description
