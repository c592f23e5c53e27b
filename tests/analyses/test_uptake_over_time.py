"""Time courses from frames: the cd8 lesions, normal tissue, ratios, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from biomarker import uptake_over_time
from biomarker.errors import DesignError
from biomarker.examples.catalogue import example_folder


@pytest.fixture(scope="module")
def uptake():
    options = {"dtype": {"subject_id": str}, "na_values": ["n/a", "n/a*", "-"]}
    wide = pd.read_csv(example_folder("cd8") / "lesions.csv", **options)
    wide = wide.rename(columns={"subject_id": "patient_id", "lesion_number": "lesion_id"})
    long = wide.melt(
        id_vars=["patient_id", "lesion_id", "therapy"],
        value_vars=[f"suvmax_{hours}h" for hours in (2, 24, 48, 135)],
        var_name="scan",
        value_name="suvmax",
    )
    long["hours_post_injection"] = long["scan"].str.extract(r"(\d+)").astype(int)
    return long


@pytest.fixture(scope="module")
def named_once(uptake):
    return uptake.assign(lesion_id=uptake["patient_id"] + "-" + uptake["lesion_id"].astype(str))


ARGUMENTS = {"marker": "suvmax", "time": "hours_post_injection"}


def test_the_summaries_on_record(uptake):
    result = uptake_over_time(uptake, **ARGUMENTS, n_resamples=99)

    def rounded(quantity):
        return [round(result.estimate(quantity, time=hours).value, 2) for hours in (2, 24, 48, 135)]

    assert rounded("mean") == [2.00, 3.48, 3.42, 3.14]
    assert rounded("sd") == [2.35, 4.27, 4.04, 3.15]
    assert rounded("median") == [1.40, 1.55, 1.60, 2.15]
    assert rounded("maximum") == [12.3, 19.3, 14.7, 11.6]
    peaks = [result.estimate("peak_share", time=hours) for hours in (2, 24, 48, 135)]
    assert [line.numerator for line in peaks] == [12, 13, 8, 9]
    assert {line.n for line in peaks} == {42}
    assert result.estimate("peak_time", summary="mean").value == 24
    assert result.estimate("peak_time", summary="median").value == 135
    assert [exclusion.n for exclusion in result.exclusions] == [8]  # 2 lesions of the spleen, at 4 times


def test_lesions_taken_as_independent_give_the_tests_on_record(named_once):
    result = uptake_over_time(named_once, **ARGUMENTS, scale="raw", patient=None)
    assert round(result.estimate("any_difference").p_value, 3) == 0.063
    assert round(result.estimate("hodges_lehmann_shift", time=24, reference=2).p_value, 3) == 0.010
    assert result.method.seed is None


def test_nesting_takes_the_evidence_away(uptake):
    result = uptake_over_time(uptake, **ARGUMENTS, scale="raw", n_resamples=1999, rng=4)
    assert result.estimate("hodges_lehmann_shift", time=24, reference=2).p_value > 0.1
    overall = result.estimate("any_difference")
    assert 0.2 < overall.p_value < 0.4
    assert (result.method.seed, result.method.n_resamples) == (4, 1999)
    assert result.estimate("mean", time=24).n_patients == 14
    again = uptake_over_time(uptake, **ARGUMENTS, scale="raw", n_resamples=1999, rng=4)
    assert again.estimate("any_difference").p_value == overall.p_value


def test_pairs_use_lesions_measured_at_both_times(uptake):
    some = uptake[~((uptake["patient_id"] == "15") & (uptake["hours_post_injection"] == 48))]
    result = uptake_over_time(some, **ARGUMENTS, n_resamples=99)
    assert result.estimate("geometric_mean_ratio", time=24, reference=2).n == 42
    assert result.estimate("geometric_mean_ratio", time=48, reference=2).n == 37
    assert result.estimate("peak_share", time=2).n == 37
    assert any("5 lesions or tissues were not measured at every time" in note for note in result.warnings)


def synthetic():
    patient = np.repeat(["a", "b", "c", "d"], 6)
    tissue = np.tile(["tumour", "tumour", "blood pool"] * 2, 4)
    lesion = np.tile(["1", "2", None] * 2, 4)
    hours = np.tile([2, 2, 2, 24, 24, 24], 4)
    level = np.repeat([1.0, 1.3, 0.8, 2.0], 6)
    value = level * np.where(tissue == "tumour", np.where(lesion == "2", 6.0, 2.0) * hours / 2, 4.0)
    return pd.DataFrame({"patient_id": patient, "tissue": tissue, "lesion_id": lesion, "hours": hours, "suvmax": value})


def test_tissues_tumour_first_and_ratios_to_the_reference():
    result = uptake_over_time(
        synthetic(), marker="suvmax", time="hours", tissue="tissue", reference_tissue="blood pool", n_resamples=99
    )
    assert [course.tissue for course in result.courses] == ["tumour", "blood pool"]
    assert result.courses[0].uptake.shape == (8, 2)
    assert [course.is_nested for course in result.courses] == [True, False]
    # the patient's level cancels: lesions are 2 / 4 and 6 / 4 of blood at 2 h, geometric mean sqrt(0.75)
    ratio = result.estimate("ratio_to_reference", tissue="tumour", time=2)
    assert ratio.value == pytest.approx(np.sqrt(0.75))
    assert result.estimate("ratio_to_reference", tissue="tumour", time=24).value == pytest.approx(12 * np.sqrt(0.75))
    ratios = [line for line in result.estimates if line.quantity == "ratio_to_reference"]
    assert {line.of["tissue"] for line in ratios} == {"tumour"}


def test_values_without_their_reference_are_counted():
    data = synthetic()
    data = data[~((data["patient_id"] == "a") & (data["tissue"] == "blood pool") & (data["hours"] == 2))]
    result = uptake_over_time(data, marker="suvmax", time="hours", tissue="tissue", reference_tissue="blood pool")
    assert result.estimate("ratio_to_reference", tissue="tumour", time=2).n == 6
    assert any(note.startswith("2 values have no positive ratio") for note in result.warnings)


def test_groups_are_described_apart(uptake):
    result = uptake_over_time(uptake, **ARGUMENTS, by="therapy", n_resamples=99)
    assert len(result.courses) == 4
    assert result.estimate("mean", group="Immunotherapy", time=24).n == 24
    assert np.isnan(result.estimate("mean", group="Targeted therapy", time=24).low)  # two patients


def test_zeros_leave_geometric_means_undefined_and_compare_by_differences(named_once):
    data = named_once.assign(suvmax=named_once["suvmax"].replace(0.1, 0.0))
    result = uptake_over_time(data, **ARGUMENTS, patient=None)
    assert np.isnan(result.estimate("geometric_mean", time=24).value)
    assert result.estimate("geometric_mean", time=2).value > 0
    assert result.estimate("mean_difference", time=24, reference=2).value > 0
    assert any("nothing was added to zeros" in note for note in result.warnings)


def test_without_names_rows_are_not_paired():
    data = pd.DataFrame({"hours": [2, 2, 2, 24, 24, 24], "suvmax": [1.0, 2.0, 3.0, 2.0, 4.0, 5.0]})
    result = uptake_over_time(data, marker="suvmax", time="hours")
    assert not [line for line in result.estimates if "reference" in line.of]
    assert result.estimate("peak_share", time=2).n == 0


def test_one_time_is_described_without_tests(uptake):
    result = uptake_over_time(uptake[uptake["hours_post_injection"] == 24], **ARGUMENTS)
    assert {line.quantity for line in result.estimates} >= {"mean", "geometric_mean"}
    assert not [line for line in result.estimates if line.quantity in ("peak_time", "any_difference")]


def test_the_order_of_rows_does_not_matter(uptake):
    shuffled = uptake.sample(frac=1, random_state=2)
    before, after = (uptake_over_time(data, **ARGUMENTS, n_resamples=199) for data in (uptake, shuffled))
    for one, other in zip(before.estimates, after.estimates, strict=True):
        assert dict(one.of) == dict(other.of)
        if one.quantity != "any_difference":  # its permutations are dealt to patients by their place
            assert (one.value, one.p_value) == pytest.approx((other.value, other.p_value), nan_ok=True)


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({}, {"scale": "lin"}, "no scale"),
        ({}, {"marker": "suvmx"}, "did you mean 'suvmax'"),
        ({}, {"lesion": "lesio"}, "did you mean 'lesion_id'"),
        ({}, {"reference_tissue": "blood pool"}, "no reference_tissue 'blood pool'"),
        ({"lesion_id": 1}, {}, "a second value of the same patient"),
        ({"hours_post_injection": range(176)}, {}, "planned times"),
    ],
)
def test_refused(uptake, change, arguments, message):
    with pytest.raises(DesignError, match=message):
        uptake_over_time(uptake.assign(**change), **{**ARGUMENTS, **arguments})


def test_lesions_named_again_in_each_patient_are_not_independent(uptake):
    with pytest.raises(DesignError, match="a second value"):
        uptake_over_time(uptake, **ARGUMENTS, patient=None)
