from __future__ import annotations

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.data.aggregation import RULES, LesionRule, aggregate_lesions
from biomarker.errors import DesignError, SchemaError

# lesions of the three patients with a known response in the CD8 minibody trial (Farwell 2022, lesion table, 24 h)
CD8 = pd.DataFrame(
    {
        "patient_id": ["15"] * 5 + ["06"] * 3 + ["02"] * 4 + ["07"] * 2,
        "suvmax": [0.4, 1.0, 2.7, 9.5, 10.0, 5.4, 6.0, 14.6, 1.5, 6.3, 13.1, 19.3, None, None],
        "volume_ml": [1.0] * 4 + [4.0] + [2.0] * 3 + [1.0, None, 1.0, 2.0] + [1.0, 1.0],
    }
)


def value(how, **options):
    table = aggregate_lesions(CD8, marker="suvmax", how=how, name="value", **options)
    return dict(zip(table["patient_id"], table["value"], strict=True))


@pytest.mark.parametrize(
    ("how", "options", "expected"),
    [
        ("max", {}, [10.0, 14.6, 19.3]),
        ("min", {}, [0.4, 5.4, 1.5]),
        ("mean", {}, [23.6 / 5, 26.0 / 3, 40.2 / 4]),
        ("median", {}, [2.7, 6.0, 9.7]),
        ("sum", {}, [23.6, 26.0, 40.2]),
        ("count", {}, [5, 3, 4]),
        ("count", {"cutoff": 9.5}, [2, 1, 2]),
        (
            "geometric_mean",
            {},
            [(0.4 * 2.7 * 95) ** 0.2, (5.4 * 6 * 14.6) ** (1 / 3), (1.5 * 6.3 * 13.1 * 19.3) ** 0.25],
        ),
        ("hottest_k", {"k": 3}, [22.2 / 3, 26 / 3, 38.7 / 3]),
        ("hottest_k", {"k": 1}, [10.0, 14.6, 19.3]),
        ("hottest_k", {"k": 99}, [23.6 / 5, 26.0 / 3, 40.2 / 4]),
        ("volume_weighted", {"weights": "volume_ml"}, [(13.6 + 40) / 8, 26 / 3, (1.5 + 13.1 + 38.6) / 4]),
        ("share_positive", {"cutoff": 9.5}, [0.4, 1 / 3, 0.5]),
        ("share_positive", {"cutoff": 9.5, "weights": "volume_ml"}, [5 / 8, 1 / 3, 3 / 4]),
        ("share_positive", {"cutoff": 2.7, "higher_is_positive": False}, [0.6, 0, 0.25]),
    ],
)
def test_rules_by_hand(how, options, expected):
    found = value(how, **options)
    assert [found[patient] for patient in ("15", "06", "02")] == pytest.approx(expected, rel=1e-14)
    assert (found["07"] == 0) if how == "count" else math.isnan(found["07"])


def test_classes():
    assert value("any_positive", cutoff=14) == {"15": False, "06": True, "02": True, "07": pd.NA}
    patterns = value("pattern", cutoff=5.4)
    assert patterns["06"] == "A", "every lesion at the cutoff or above it"
    assert patterns["02"] == "B", "three of four"
    assert patterns["15"] == "C", "two of five"
    assert value("pattern", cutoff=20)["02"] == "D"
    assert value("pattern", cutoff=13)["02"] == "C", "half is not the dominant part"
    assert value("pattern", cutoff=13, dominant=0.4)["02"] == "B"
    assert isinstance(patterns["07"], float)


def test_a_marker_of_true_and_false_needs_no_cutoff():
    lesions = pd.DataFrame({"patient_id": ["1", "1", "2"], "detected": [True, False, False]})
    assert aggregate_lesions(lesions, marker="detected", how="any_positive")["detected_any_positive"].tolist() == [
        True,
        False,
    ]
    assert aggregate_lesions(lesions, marker="detected", how="share_positive").iloc[0, 1] == 0.5
    nullable = lesions.assign(detected=pd.array([None, True, None], dtype="boolean"))
    table = aggregate_lesions(nullable, marker="detected", how="any_positive", name="seen")
    assert table["seen"].tolist() == [True, pd.NA]
    assert table["n_missing"].tolist() == [1, 1]


def test_lesions_left_out_are_counted():
    table = aggregate_lesions(CD8, marker="suvmax", how="volume_weighted", weights="volume_ml").set_index("patient_id")
    assert table.loc["02", ["n_lesions", "n_missing"]].tolist() == [4, 1], "a lesion without its volume"
    assert table.loc["07", ["n_lesions", "n_missing"]].tolist() == [2, 2]
    assert aggregate_lesions(CD8, marker="suvmax").set_index("patient_id").loc["02", "n_missing"] == 0


def test_a_row_without_a_patient_is_nobodys():
    lesions = pd.DataFrame({"patient_id": ["1", None], "suvmax": [1.0, 9.0]})
    assert aggregate_lesions(lesions, marker="suvmax")["suvmax_max"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"how": "maximum"}, r"unknown how = 'maximum' \(did you mean 'max'\?\)"),
        ({"how": "any_positive"}, "needs a cutoff: 'suvmax' is not of true and false"),
        ({"how": "volume_weighted"}, "needs weights"),
        ({"how": "hottest_k", "k": 0}, "k = 0 is not a whole number of lesions"),
        ({"how": "pattern", "cutoff": 1, "dominant": 1}, "dominant = 1 is not a share"),
        ({"how": "pattern", "cutoff": 1, "dominant": "x"}, "dominant = 'x' is not a share"),
        ({"how": "any_positive", "cutoff": "4"}, "cutoff = '4' is not a number"),
        ({"how": "any_positive", "cutoff": math.nan}, "cutoff = nan is not a number"),
        ({"how": "any_positive", "cutoff": True}, "cutoff = True is not a number"),
        ({"how": "volume_weighted", "weights": ["v"]}, r"weights = \['v'\]; give the name of one column"),
        ({"name": "patient_id"}, "name = 'patient_id' is a column of the result already"),
        ({"name": "n_lesions"}, "name = 'n_lesions' is a column of the result already"),
    ],
)
def test_rules_that_cannot_be(options, message):
    with pytest.raises(DesignError, match=message):
        aggregate_lesions(CD8, marker="suvmax", **options)


def test_a_geometric_mean_of_zero_is_refused():
    lesions = pd.DataFrame({"patient_id": ["1", "1"], "suvmax": [1.0, 0.0]})
    with pytest.raises(DesignError, match="1 values of 'suvmax' are not above zero"):
        aggregate_lesions(lesions, marker="suvmax", how="geometric_mean")
    with pytest.raises(SchemaError, match="'hot' is not a finite number"):
        aggregate_lesions(pd.DataFrame({"patient_id": ["1"], "suvmax": ["hot"]}), marker="suvmax")


def one_by_one(values, rule):
    """The rule for one patient, by the plainest code there is."""
    measured = [x for x in values if x is not None]
    if rule.how == "count":
        return len(measured)
    if not measured:
        return None
    plain = {
        "max": max,
        "min": min,
        "mean": statistics.fmean,
        "median": statistics.median,
        "sum": math.fsum,
        "geometric_mean": statistics.geometric_mean,
        "hottest_k": lambda x: statistics.fmean(sorted(x, reverse=True)[: rule.k]),
        "any_positive": lambda x: any(v >= rule.cutoff for v in x),
        "share_positive": lambda x: sum(v >= rule.cutoff for v in x) / len(x),
    }
    return plain[rule.how](measured)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.integers(0, 30), st.lists(st.none() | st.floats(0.01, 100), min_size=1, max_size=6), min_size=1),
    st.sampled_from(
        [
            "max",
            "min",
            "mean",
            "median",
            "sum",
            "geometric_mean",
            "hottest_k",
            "any_positive",
            "share_positive",
            "count",
        ]
    ),
    st.integers(1, 4),
    st.randoms(),
)
def test_agrees_with_one_patient_at_a_time(patients, how, k, random):
    rule = LesionRule(how=how, k=k, cutoff=3.0 if "positive" in how else None)
    rows = [(patient, value) for patient, values in patients.items() for value in values]
    random.shuffle(rows)  # the patients' rows need not stand together
    lesions = pd.DataFrame(rows, columns=["patient_id", "x"]).astype({"x": float})
    table = aggregate_lesions(lesions, marker="x", how=how, k=k, cutoff=rule.cutoff, name="value")
    assert table["patient_id"].tolist() == list(dict.fromkeys(patient for patient, _ in rows))
    for patient, found in zip(table["patient_id"], table["value"], strict=True):
        expected = one_by_one(patients[patient], rule)
        assert pd.isna(found) if expected is None else found == pytest.approx(expected, rel=1e-12)


def test_every_rule_has_words():
    for how in RULES:
        words = LesionRule(how=how, weights="volume_ml", cutoff=4).describe("suvmax")
        assert words
        assert "{" not in words


def test_equal_weights_do_not_make_all_lesions_a_part():
    """A sum of tenths is not a whole number of tenths in binary; pattern A must not hang on that."""
    lesions = pd.DataFrame({"patient_id": ["1"] * 10, "x": np.ones(10), "v": [0.1] * 10})
    assert aggregate_lesions(lesions, marker="x", how="pattern", cutoff=1, weights="v").iloc[0, 1] == "A"


def test_scans_stand_between_lesions_and_patients():
    """The mean over scans of the hottest lesion of each is not the hottest lesion of all."""
    lesions = pd.DataFrame(
        {
            "patient_id": ["1", "1", "2", "1", "1"],
            "scan": ["a", "b", "a", "a", None],
            "suvmax": [2.0, 8.0, 5.0, 4.0, 99.0],
        }
    )
    scans = aggregate_lesions(lesions, marker="suvmax", how="max", by=["scan"], name="hottest")
    assert scans.to_numpy().tolist() == [["1", "a", 4.0, 2, 0], ["1", "b", 8.0, 1, 0], ["2", "a", 5.0, 1, 0]]
    patients = aggregate_lesions(scans, marker="hottest", how="mean", name="mean")
    assert patients["mean"].tolist() == [6.0, 5.0]
    assert aggregate_lesions(lesions, marker="suvmax", how="max", name="x")["x"].tolist() == [99.0, 5.0]
    with pytest.raises(DesignError, match=r"by = 'scan'; give a list of columns"):
        aggregate_lesions(lesions, marker="suvmax", by="scan")


@pytest.mark.parametrize("how", [how for how in RULES if how != "volume_weighted"])
def test_a_key_of_scans_is_one_scan_at_a_time(how):
    rng = np.random.default_rng(5)
    lesions = pd.DataFrame(
        {"patient_id": rng.integers(0, 6, 80), "scan": rng.integers(0, 3, 80), "x": rng.lognormal(1, 0.5, 80)}
    )
    options = {"marker": "x", "how": how, "cutoff": 3.0, "name": "value"}
    together = aggregate_lesions(lesions, by=["scan"], **options)
    for scan, own in together.groupby("scan"):
        alone = aggregate_lesions(lesions[lesions["scan"] == scan], **options)
        pd.testing.assert_frame_equal(own.drop(columns="scan").reset_index(drop=True), alone)


def test_what_is_no_table_or_no_column_is_refused():
    with pytest.raises(DesignError, match="lesions is NoneType; give a DataFrame"):
        aggregate_lesions(None, marker="suvmax")
    with pytest.raises(DesignError, match=r"marker = \['suvmax'\]; give the name of one column"):
        aggregate_lesions(CD8, marker=["suvmax"])


@pytest.mark.parametrize("how", ["volume_weighted", "share_positive", "pattern"])
def test_lesions_that_weigh_nothing_have_no_share(how):
    lesions = pd.DataFrame({"patient_id": ["1", "1", "2", "2"], "x": [5.0, 6.0, 5.0, 1.0], "v": [0.0, 0.0, 0.0, 2.0]})
    table = aggregate_lesions(lesions, marker="x", how=how, cutoff=4, weights="v", name="value")
    assert pd.isna(table["value"].iloc[0])
    assert table["value"].iloc[1] == {"volume_weighted": 1.0, "share_positive": 0.0, "pattern": "D"}[how]


def test_ties_at_the_kth_lesion_do_not_matter():
    lesions = pd.DataFrame({"patient_id": ["1"] * 4, "x": [3.0, 3.0, 3.0, 9.0]})
    for k, expected in ((1, 9), (2, 6), (3, 5), (4, 4.5), (9, 4.5)):
        for seed in range(3):
            shuffled = lesions.sample(frac=1, random_state=seed)
            assert aggregate_lesions(shuffled, marker="x", how="hottest_k", k=k, name="y")["y"].item() == expected
