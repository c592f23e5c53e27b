"""Random effects, trend and permutation tests, rows that look paired, large tables: compare_uptake beyond two groups.

Expected values: tests/reference/uptake_comparison.R (lme4 with lmerTest).
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from biomarker import compare_uptake
from biomarker.errors import BiomarkerWarning, DesignError, IndependenceWarning

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "uptake_comparison.json").read_text())


def trial(seed=1, n_patients=18, lesions=4, n_groups=3, within=False):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), lesions)
    step = rng.integers(0, n_groups, patient.size) if within else patient % n_groups
    response = np.array(["CR", "PR", "SD", "PD"][:n_groups])[step]
    centre, scan = patient // 4 % 4, np.tile(np.arange(lesions) % 2, n_patients)
    log_uptake = (
        1.5 - 0.4 * step + 0.4 * rng.normal(size=n_patients)[patient] + 0.3 * rng.normal(size=4)[centre]
        + 0.3 * rng.normal(size=2 * n_patients)[2 * patient + scan] + 0.4 * rng.normal(size=patient.size)
    )  # fmt: skip
    return pd.DataFrame(
        {"patient_id": patient, "response": response, "centre_id": centre, "scan": scan, "suvmax": np.exp(log_uptake)}
    )


def test_patient_and_site_as_random_effects_agree_with_lmer():
    data, expected = pd.DataFrame(REFERENCE["data"]["cd8"]), REFERENCE["cd8_site"]
    result = compare_uptake(data, marker="suvmax_24h", group="treated", groups=[1, 0], random=["site"])
    ratio = result.estimate("geometric_mean_ratio")
    assert ratio.value == pytest.approx(np.exp(expected["coefficients"][1]), rel=1e-6)
    assert (ratio.df, ratio.p_value) == pytest.approx((expected["df"][1], expected["p"][1]), rel=1e-5)
    for effect, name in (("patient", "patient_id"), ("site", "site"), ("residual", "Residual")):
        line = result.estimate("variance_component", effect=effect)
        assert line.value == pytest.approx(expected["variances"][name], rel=1e-5)
    assert "random intercepts: patient, site" in result.method.name
    assert any("lme4" in paper.text for paper in result.method.references)


def test_scans_within_patients_are_told_apart_by_patient():
    data = trial()
    crossed = compare_uptake(data, marker="suvmax", group="response", random=["scan"])
    nested = compare_uptake(data, marker="suvmax", group="response", random_within_patient=["scan"])
    assert crossed.estimate("variance_component", effect="scan").n == 2
    assert nested.estimate("variance_component", effect="scan").n == 36
    own = data.assign(scan=[f"{p}-{s}" for p, s in zip(data["patient_id"], data["scan"], strict=True)])
    named = compare_uptake(own, marker="suvmax", group="response", random=["scan"])
    assert named.estimate("any_difference").p_value == pytest.approx(nested.estimate("any_difference").p_value)
    both = compare_uptake(data, marker="suvmax", group="response", random="centre_id", random_within_patient=["scan"])
    assert both.estimate("any_difference").df[1] <= 15  # never more than patients less groups


def test_random_effects_of_pairs_and_of_independent_rows():
    data = trial().assign(lesion_id=np.arange(72))
    pairs = pd.concat([data.assign(time="24 h"), data.assign(time="48 h", suvmax=data["suvmax"] ** 0.9)])
    arguments = {"marker": "suvmax", "group": "time", "paired_by": "lesion_id"}
    result = compare_uptake(pairs, **arguments, random=["centre_id"])
    assert "of the paired differences" in result.method.name
    assert result.estimate("variance_component", effect="centre_id").n == 4
    with pytest.raises(DesignError, match="differs between the values of a pair"):
        compare_uptake(pairs.assign(day=pairs["time"]), **arguments, random=["day"])
    alone = compare_uptake(data, marker="suvmax", group="response", random=["centre_id"], patient=None)
    assert {line.of["effect"] for line in alone.estimates if line.quantity == "variance_component"} == {
        "centre_id", "residual",
    }  # fmt: skip
    assert not [line for line in alone.estimates if line.quantity == "hedges_g"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"random": ["centre"]}, "no column 'centre'"),
        ({"random": [3]}, "names of columns"),
        ({"random": ["one"]}, "1 level in"),
        ({"random": ["row"]}, "72 levels in 72 rows"),
        ({"random": ["same"]}, "as the patients do"),
        ({"random": ["scan"], "random_within_patient": ["scan"]}, "not both"),
        ({"random_within_patient": ["scan"], "patient": None}, "column of patients"),
        ({"rank_test": "exct"}, "did you mean 'exact'"),
        ({"groups": "CR"}, "give a list"),
        ({"groups": 5}, "give a list"),
        ({"groups": []}, "holds no group"),
        ({"random": 5}, "give a list"),
        ({"n_resamples": 0}, "1 or more"),
        ({"groups": ["CR", "PR", "PD"]}, "never is 'PD'"),
    ],
)
def test_refused(arguments, message):
    data = trial().assign(one=1, row=np.arange(72), same=lambda frame: frame["patient_id"] + 100)
    with pytest.raises(DesignError, match=message):
        compare_uptake(data, **{"marker": "suvmax", "group": "response", **arguments})


def test_a_group_left_empty_by_missing_values_is_said_to_be():
    data = trial()
    data.loc[data["response"] == "SD", "suvmax"] = np.nan
    with pytest.raises(DesignError, match="never is 'SD'"):
        compare_uptake(data, marker="suvmax", group="response", groups=["CR", "PR", "SD"])
    assert compare_uptake(data, marker="suvmax", group="response").groups == ("CR", "PR")
    one = data.assign(suvmax=data["suvmax"].where(data["response"] == "CR"))
    with pytest.raises(DesignError, match="two groups make a comparison"):
        compare_uptake(one, marker="suvmax", group="response")
    categorical = data.dropna().assign(response=lambda f: pd.Categorical(f["response"], ["CR", "PR", "SD", "PD"]))
    assert compare_uptake(categorical, marker="suvmax", group="response").groups == ("CR", "PR")


def test_several_nested_groups_have_rank_tests_that_permute_patients():
    result = compare_uptake(trial(), marker="suvmax", group="response", ordered=True)
    assert result.groups == ("CR", "PR", "SD")
    ranks = result.estimate("any_difference_ranks")
    assert ranks.of["p"] == "permutation"
    assert result.method.n_resamples == 9999
    assert result.estimate("trend_ranks").statistic < 0  # from CR to PD uptake falls
    assert result.estimate("trend").value < 1
    again = compare_uptake(trial().sample(frac=1, random_state=3), marker="suvmax", group="response", ordered=True)
    assert again.estimate("any_difference_ranks").p_value == ranks.p_value
    within = compare_uptake(trial(within=True), marker="suvmax", group="response", ordered=True)
    assert not [line for line in within.estimates if line.quantity.endswith("_ranks")]


def test_small_ordered_groups_are_exact():
    data = trial(lesions=1, n_patients=12)
    result = compare_uptake(data, marker="suvmax", group="response", ordered=True)
    assert result.estimate("trend").of["p"] == "exact"
    assert result.method.seed is None
    labels = [row.cells[0] for row in result.table().lines]
    assert labels[-1] == "p, trend (Jonckheere-Terpstra, exact)"
    tied = compare_uptake(data.assign(suvmax=data["suvmax"].round(0)), marker="suvmax", group="response", ordered=True)
    assert tied.estimate("trend").of["p"] == "permutation"


def test_tied_ranks_are_counted_where_asked():
    data = pd.DataFrame({"suvmax": [1, 2, 2, 3, 3, 5, 6, 6.0], "group": list("aaaabbbb")})
    arguments = {"marker": "suvmax", "group": "group", "patient": None}
    usual, exact = (compare_uptake(data, **arguments, rank_test=how) for how in ("auto", "exact"))
    # 70 arrangements of 8 midranks; those with a sum as small: 1+2.5+2.5+4.5 twice (either 3), so 2 / 70, doubled
    assert exact.estimate("hodges_lehmann_ratio").p_value == pytest.approx(4 / 70)
    assert "(exact)" in exact.method.name
    assert "normal approximation" in usual.method.name
    many = pd.concat([data] * 30, ignore_index=True)
    with pytest.raises(DesignError, match="up to 200 rows"):
        compare_uptake(many, **arguments, rank_test="exact")


def paired_rows(n=8):
    rng = np.random.default_rng(2)
    early = pd.DataFrame({"patient_id": np.arange(n) // 2, "lesion_id": np.arange(n), "scan": "24 h"})
    early["suvmax"] = np.exp(rng.normal(1, 0.5, n))
    return pd.concat([early, early.assign(scan="48 h", suvmax=early["suvmax"] * 0.8)], ignore_index=True)


def test_lesions_in_both_groups_look_paired():
    with pytest.warns(IndependenceWarning, match="8 lesions have a value in more than one group") as caught:
        result = compare_uptake(paired_rows(), marker="suvmax", group="scan")
    assert 'paired_by = "lesion_id"' in str(caught[0].message)
    assert str(caught[0].message) in result.warnings
    with pytest.warns(IndependenceWarning):
        compare_uptake(paired_rows(), marker="suvmax", group="scan", patient=None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare_uptake(paired_rows(), marker="suvmax", group="scan", paired_by="lesion_id")


def test_patients_with_one_row_in_both_groups_look_paired():
    data = paired_rows().drop(columns="lesion_id").drop_duplicates(["patient_id", "scan"])
    for patient in ("patient_id", None):
        with pytest.warns(IndependenceWarning, match='4 patients have.*paired_by = "patient_id" and patient = None'):
            compare_uptake(data, marker="suvmax", group="scan", patient=patient)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare_uptake(data, marker="suvmax", group="scan", paired_by="patient_id", patient=None)


def test_lesions_of_both_kinds_in_a_patient_do_not_look_paired():
    data = trial(within=True).assign(lesion_id=lambda frame: np.arange(len(frame)))
    with warnings.catch_warnings():
        warnings.simplefilter("error", BiomarkerWarning)
        compare_uptake(data, marker="suvmax", group="response")
        # two kinds of lesion in the same patients, without a column of lesions: several rows each, no pairs
        compare_uptake(data.drop(columns="lesion_id"), marker="suvmax", group="response")


def test_repeated_lesions_in_a_pair_are_named():
    data = pd.concat([paired_rows(), paired_rows().iloc[[3]]], ignore_index=True)
    with pytest.raises(DesignError, match="row 16: a second value of the same lesion_id in group '24 h'"):
        compare_uptake(data, marker="suvmax", group="scan", paired_by="lesion_id")


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 1000), st.floats(0.1, 50), st.booleans())
@example(850, 1.0, True)  # shifts refuted in more than one stretch: the search must mirror when groups are swapped
def test_swap_rescale_shuffle(seed, factor, within):
    data = trial(seed=seed, n_patients=8, lesions=3, n_groups=2, within=within)
    if data.groupby("response")["patient_id"].nunique().min() < 2:
        return
    arguments = {"marker": "suvmax", "group": "response"}
    one = compare_uptake(data, **arguments)
    swapped = compare_uptake(data, **arguments, reference="CR")
    moved = compare_uptake(data.assign(suvmax=factor * data["suvmax"]).sample(frac=1, random_state=seed), **arguments)
    for quantity in ("geometric_mean_ratio", "hodges_lehmann_ratio"):
        a, b, c = (result.estimate(quantity) for result in (one, swapped, moved))
        assert a.value == pytest.approx(1 / b.value)
        assert (a.value, a.p_value) == pytest.approx((c.value, c.p_value), rel=1e-6)
        assert a.p_value == pytest.approx(b.p_value, rel=1e-6)
        if np.isfinite([a.low, a.high]).all():
            assert (a.low, a.high) == pytest.approx((1 / b.high, 1 / b.low), rel=1e-6)


def test_every_lesion_twice_is_no_more_evidence():
    data = trial(n_patients=10, n_groups=2)
    arguments = {"marker": "suvmax", "group": "response"}
    once, twice = (compare_uptake(frame, **arguments) for frame in (data, pd.concat([data] * 2)))
    assert once.estimate("hodges_lehmann_ratio").p_value == pytest.approx(
        twice.estimate("hodges_lehmann_ratio").p_value
    )
    assert twice.estimate("geometric_mean_ratio").p_value > 0.5 * once.estimate("geometric_mean_ratio").p_value


@pytest.mark.parametrize("within", [False, True])
def test_thirty_thousand_nested_lesions(within):
    data = trial(n_patients=3000, lesions=10, n_groups=2, within=within)
    result = compare_uptake(data, marker="suvmax", group="response")
    ratio, shift = (result.estimate(name) for name in ("geometric_mean_ratio", "hodges_lehmann_ratio"))
    assert ratio.low < np.exp(0.4) < ratio.high
    assert shift.low < shift.value < shift.high
    assert shift.value == pytest.approx(ratio.value, rel=0.05)
