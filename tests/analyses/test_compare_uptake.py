"""Comparisons from frames: the cd8 lesions both ways, pairs, several groups, and what is refused.

The nested numbers are those of lme4, nlme and exactRankTests in tests/reference/group_difference.json.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from biomarker import compare_uptake
from biomarker.errors import DesignError, SmallSampleWarning
from biomarker.examples.catalogue import example_folder

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "group_difference.json").read_text())


@pytest.fixture(scope="module")
def lesions():
    folder = example_folder("cd8")
    options = {"dtype": {"subject_id": str}, "na_values": ["n/a", "n/a*", "-"]}
    frame = pd.read_csv(folder / "lesions.csv", **options)
    cohort = pd.read_csv(folder / "patients.csv", **options)[["subject_id", "cohort"]]
    frame = frame.merge(cohort, on="subject_id").rename(columns={"subject_id": "patient_id"})
    return frame.assign(treatment=frame["therapy"].where(frame["therapy"] == "Immunotherapy", "Other"))


@pytest.fixture(scope="module")
def by_time(lesions):
    long = lesions.melt(
        id_vars=["patient_id", "lesion_number"],
        value_vars=["suvmax_2h", "suvmax_24h"],
        var_name="scan",
        value_name="suvmax",
    )
    return long.assign(lesion_id=long["patient_id"] + "-" + long["lesion_number"].astype(str))


def test_nested_lesions_agree_with_r(lesions):
    result = compare_uptake(lesions, marker="suvmax_24h", group="treatment")
    expected = REFERENCE["mixed_immuno"]
    ratio = result.estimate("geometric_mean_ratio")
    assert ratio.value == pytest.approx(np.exp(expected["coefficients"][1]), rel=1e-5)
    reach = stats.t.ppf(0.975, 12) * expected["se"][1]
    assert (ratio.low, ratio.high) == pytest.approx(
        np.exp(expected["coefficients"][1] + np.array([-1, 1]) * reach), rel=1e-5
    )
    assert (ratio.df, ratio.p_value) == (12, pytest.approx(expected["nlme_p"][1], rel=1e-4))
    assert (ratio.n, ratio.n_patients) == (42, 14)
    shift = result.estimate("hodges_lehmann_ratio")
    assert shift.p_value == pytest.approx(REFERENCE["patient_permutation_immuno"]["p"])
    assert shift.low < 1 < shift.high
    assert result.population.sentence() == (
        "42 lesions in 14 patients analysed, of 44 lesions in 15 patients; excluded: 2 with SUVmax 24 h missing."
    )
    assert not [line for line in result.estimates if line.quantity == "hedges_g"]


def test_the_naive_numbers_on_record(lesions):
    naive = compare_uptake(lesions, marker="suvmax_24h", group="treatment", patient=None)
    medians = [naive.estimate("median", group=group).value for group in ("Immunotherapy", "Other")]
    assert medians == pytest.approx([3.20, 1.10])
    assert round(naive.estimate("hodges_lehmann_ratio").p_value, 3) == 0.013
    expected = REFERENCE["welch_log_immuno"]
    ratio = naive.estimate("geometric_mean_ratio")
    assert np.log([ratio.value, ratio.low, ratio.high]) == pytest.approx(
        [expected[k] for k in ("difference", "low", "high")]
    )
    hottest = lesions.groupby(["patient_id", "treatment"], as_index=False)["suvmax_24h"].max()
    by_patient = compare_uptake(hottest, marker="suvmax_24h", group="treatment")
    assert round(by_patient.estimate("hodges_lehmann_ratio").p_value, 3) == 0.047
    assert by_patient.estimate("auc").n == 14
    assert any("independent" in note for note in naive.warnings)


def test_dose_groups_reverse_with_the_population(lesions):
    arguments = {"marker": "suvmax_24h", "group": "minibody_dose_mg", "groups": [1.5, 0.5], "scale": "raw"}
    expansion = compare_uptake(lesions[lesions["cohort"] == "Expansion"], **arguments)
    means = [expansion.estimate("mean", group=dose) for dose in ("1.5", "0.5")]
    assert [round(line.value, 2) for line in means] == [4.09, 3.03]
    assert [(line.n, line.n_patients) for line in means] == [(10, 4), (15, 4)]
    everyone = compare_uptake(lesions, **arguments)
    assert [round(everyone.estimate("mean", group=dose).value, 2) for dose in ("1.5", "0.5")] == [3.22, 4.51]
    assert expansion.estimate("mean_difference").value > 0 > everyone.estimate("mean_difference").value
    assert any("other groups" in exclusion.reason for exclusion in everyone.exclusions)
    unnested = compare_uptake(lesions[lesions["cohort"] == "Expansion"], **arguments, patient=None)
    assert round(unnested.estimate("hodges_lehmann_shift").p_value, 2) == 0.47


def test_groups_that_differ_within_patients(lesions):
    nodes = lesions.assign(node=lesions["lesion_site"].str.startswith("LN"))
    result = compare_uptake(nodes, marker="suvmax_24h", group="node")
    assert result.groups == ("Yes", "No")
    expected = REFERENCE["datta_satten_node"]
    assert result.estimate("hodges_lehmann_ratio").p_value == pytest.approx(expected["p_t"])
    assert "Datta" in result.method.name
    assert result.estimate("geometric_mean_ratio").value == pytest.approx(
        np.exp(REFERENCE["mixed_node"]["coefficients"][1]), rel=1e-5
    )


def test_pairs_by_lesion(by_time):
    arguments = {"marker": "suvmax", "group": "scan", "groups": ["suvmax_24h", "suvmax_2h"], "paired_by": "lesion_id"}
    naive = compare_uptake(by_time, **arguments, scale="raw", patient=None)
    assert round(naive.estimate("hodges_lehmann_shift").p_value, 3) == 0.010
    nested = compare_uptake(by_time, **arguments, scale="raw")
    assert nested.estimate("mean_difference").df == 13
    assert nested.estimate("hodges_lehmann_shift").p_value > 0.1
    assert not [line for line in nested.estimates if line.quantity == "auc"]
    within_patient = compare_uptake(by_time, **{**arguments, "paired_by": "lesion_number"}, scale="raw")
    assert [line.value for line in within_patient.estimates] == pytest.approx([line.value for line in nested.estimates])


def test_pairs_are_matched_by_name_not_by_order(by_time):
    arguments = {"marker": "suvmax", "group": "scan", "paired_by": "lesion_id"}
    shuffled = by_time.sample(frac=1, random_state=5)
    before, after = compare_uptake(by_time, **arguments), compare_uptake(shuffled, **arguments)
    for one, other in zip(before.estimates, after.estimates, strict=True):
        assert (one.value, one.p_value) == pytest.approx((other.value, other.p_value), nan_ok=True)


def test_a_lesion_without_its_pair_is_left_out(by_time):
    short = by_time[~((by_time["lesion_id"] == "01-1") & (by_time["scan"] == "suvmax_2h"))]
    result = compare_uptake(short, marker="suvmax", group="scan", paired_by="lesion_id")
    assert result.estimate("geometric_mean_ratio").n == 41
    assert any("both groups" in exclusion.reason for exclusion in result.exclusions)


def test_several_groups(lesions):
    nested = compare_uptake(lesions, marker="suvmax_24h", group="therapy")
    overall, expected = nested.estimate("any_difference"), REFERENCE["mixed_therapy"]
    assert (overall.statistic, overall.p_value) == pytest.approx((expected["f"], expected["f_p"]), rel=1e-4)
    assert overall.df == (3, 10)
    naive = compare_uptake(lesions, marker="suvmax_24h", group="therapy", patient=None)
    assert naive.estimate("any_difference").p_value == pytest.approx(REFERENCE["kruskal_cd8"]["p"])
    ratios = [line.of["group"] for line in naive.estimates if line.quantity == "geometric_mean_ratio"]
    assert ratios == ["Discontinued prior treatment", "Immunotherapy", "Targeted therapy"]
    assert any("not adjusted" in note for note in naive.warnings)


def test_trend_over_ordered_groups():
    rng = np.random.default_rng(1)
    patient = np.repeat(np.arange(24), 3)
    step = np.array([0, 1, 2])[patient % 3]
    data = pd.DataFrame(
        {
            "patient_id": patient,
            "response": np.array(["PD", "SD", "PR"])[step],
            "suvmax": np.exp(0.7 * step + 0.3 * rng.normal(size=24)[patient] + 0.3 * rng.normal(size=72)),
        }
    )
    arguments = {"marker": "suvmax", "group": "response", "groups": ["PD", "SD", "PR"], "ordered": True}
    nested = compare_uptake(data, **arguments).estimate("trend")
    assert nested.low < np.exp(0.7) < nested.high
    assert nested.df == 22
    naive = compare_uptake(data, **arguments, patient=None).estimate("trend")
    assert naive.statistic > 0  # towards higher uptake
    assert naive.of["test"] == "Jonckheere-Terpstra"


def test_log_scale_is_equivariant_and_raw_scale_in_the_unit(lesions):
    tenfold = lesions.assign(suvmax_24h=10 * lesions["suvmax_24h"])
    arguments = {"marker": "suvmax_24h", "group": "treatment"}
    for quantity in ("geometric_mean_ratio", "hodges_lehmann_ratio", "auc"):
        before, after = (compare_uptake(data, **arguments).estimate(quantity) for data in (lesions, tenfold))
        assert (after.value, after.low, after.high) == pytest.approx((before.value, before.low, before.high))
    raw = [compare_uptake(data, **arguments, scale="raw").estimate("mean_difference") for data in (lesions, tenfold)]
    assert raw[1].value == pytest.approx(10 * raw[0].value)
    assert raw[0].unit == "g/mL"


def test_swapping_the_reference_inverts_the_ratio(lesions):
    arguments = {"marker": "suvmax_24h", "group": "treatment"}
    one = compare_uptake(lesions, **arguments)
    other = compare_uptake(lesions, **arguments, reference="Immunotherapy")
    for quantity in ("geometric_mean_ratio", "hodges_lehmann_ratio"):
        a, b = one.estimate(quantity), other.estimate(quantity)
        assert (a.value, a.low, a.high) == pytest.approx((1 / b.value, 1 / b.high, 1 / b.low))
        assert a.p_value == pytest.approx(b.p_value)
    assert one.estimate("auc").value == pytest.approx(1 - other.estimate("auc").value)


def test_one_patient_in_a_group_gives_a_comparison_marked_naive():
    data = pd.DataFrame(
        {
            "patient_id": [1, 1, 1, 2, 2, 3, 3, 4],
            "group": ["a"] * 3 + ["b"] * 5,
            "suvmax": [5.0, 6.0, 9.0, 1.0, 2.0, 2.5, 1.5, 3.0],
        }
    )
    with pytest.warns(SmallSampleWarning, match="one patient only"):
        result = compare_uptake(data, marker="suvmax", group="group")
    assert result.estimate("geometric_mean_ratio").of["interval"] == "naive"
    assert np.isnan(result.estimate("mean", group="a").low)  # no interval from one patient


def test_too_few_patients_to_refute_anything_say_so():
    data = pd.DataFrame(
        {
            "patient_id": [1, 1, 2, 3, 4, 4],
            "group": ["a"] * 3 + ["b"] * 3,
            "suvmax": [5.0, 6.0, 9.0, 1.0, 2.0, 2.5],
        }
    )
    result = compare_uptake(data, marker="suvmax", group="group")
    assert result.estimate("hodges_lehmann_ratio").high == np.inf
    assert any("unlimited interval" in note for note in result.warnings)


def test_equal_values_are_not_estimable_and_no_warning_leaks():
    data = pd.DataFrame({"suvmax": [2.0] * 8, "group": ["a", "b"] * 4})
    result = compare_uptake(data, marker="suvmax", group="group", patient=None)
    assert np.isnan(result.estimate("geometric_mean_ratio").p_value)
    assert result.estimate("auc").value == 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": "lgo"}, "no scale 'lgo'"),
        ({"groups": ["a", "z"]}, "never is 'z'"),
        ({"groups": ["a"]}, "two groups make a comparison"),
        ({"reference": "c", "groups": ["a", "b"]}, "not among the groups"),
        ({"group": "grp"}, "no column 'grp'"),
        ({"marker": "zero"}, "zero or negative"),
        ({"paired_by": "lesion_id"}, "between two groups"),
        ({"paired_by": "lesion_id", "groups": ["a", "b"]}, "second value of the same"),
    ],
)
def test_refused(arguments, message):
    data = pd.DataFrame(
        {
            "suvmax": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "zero": [0.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "group": ["a", "b", "c"] * 2,
            "lesion_id": [1] * 6,
        }
    )
    with pytest.raises(DesignError, match=message):
        compare_uptake(data, **{"marker": "suvmax", "group": "group", "patient": None, **arguments})


def test_one_value_in_a_group_is_refused():
    data = pd.DataFrame({"suvmax": [1.0, 2.0, 3.0], "group": ["a", "b", "b"]})
    with pytest.raises(DesignError, match="'a' has 1"):
        compare_uptake(data, marker="suvmax", group="group", patient=None)


@pytest.mark.parametrize("patient", ["patient_id", None])
@pytest.mark.parametrize("scale", ["log", "raw"])
@pytest.mark.parametrize("value", [3.0, 0.1, 1.1e9])
def test_equal_values_have_no_p_however_their_mean_is_rounded(patient, scale, value):
    data = pd.DataFrame({"patient_id": np.repeat(np.arange(12), 3), "suv": value})  # log 3 has no exact mean
    data["arm"] = np.where(data["patient_id"] % 2, "A", "B")
    result = compare_uptake(data, marker="suv", group="arm", scale=scale, patient=patient)
    compared = [line for line in result.estimates if "reference" in line.of and line.quantity != "auc"]
    assert all(np.isnan(line.p_value) for line in compared)
    assert all(np.isnan(line.value) for line in compared if line.quantity == "hedges_g")
    assert any("leave nothing to test" in note for note in result.method.notes)


def test_pairs_that_differ_by_rounding_only_have_no_p():
    before = np.linspace(1.1, 9.7, 12)
    data = pd.DataFrame(
        {
            "lesion_id": [*range(12), *range(12)],
            "scan": ["a"] * 12 + ["b"] * 12,
            "suv": [*before, *(before / 3 * 3 * (1 + 2e-16))],
        }
    )
    for scale in ("raw", "log"):
        arguments = {"marker": "suv", "group": "scan", "paired_by": "lesion_id", "scale": scale, "patient": None}
        same = compare_uptake(data, **arguments)
        assert np.isnan([line.p_value for line in same.estimates if "reference" in line.of]).all()
    twice = compare_uptake(data.assign(suv=[*before, *(before * 2)]), **arguments)
    ratio = twice.estimate("geometric_mean_ratio")
    assert ratio.value == pytest.approx(0.5)
    assert np.isnan(ratio.p_value)


def test_a_zero_in_a_group_not_asked_for_is_no_obstacle(lesions):
    chosen = {"marker": "suvmax_24h", "group": "therapy", "groups": ["Immunotherapy", "Targeted therapy"]}
    spoilt = lesions.copy()
    spoilt.loc[~spoilt["therapy"].isin(chosen["groups"]), "suvmax_24h"] = 0.0
    found, expected = (compare_uptake(data, **chosen).to_frame() for data in (spoilt, lesions))
    pd.testing.assert_frame_equal(found, expected)
    spoilt.loc[spoilt["therapy"] == "Immunotherapy", "suvmax_24h"] = 0.0
    with pytest.raises(DesignError, match="no logarithm"):
        compare_uptake(spoilt, **chosen)


def test_a_naive_comparison_is_not_said_to_come_from_a_model():
    data = pd.DataFrame({"patient_id": [1, 1, 1, 2, 2, 3, 3], "suv": [3.0, 4, 5, 6, 8, 7, 9], "arm": list("AAABBBB")})
    with pytest.warns(SmallSampleWarning, match="naive"):
        result = compare_uptake(data, marker="suv", group="arm")
    printed = result.table().to_markdown()
    assert "come from a model" not in printed
    assert "but for those marked naive" in printed
    assert "0.53 (0.32–0.88)<sup>a</sup>" in printed
    assert "<sup>a</sup> Naive interval: rows are taken as independent" in printed
