"""The shipped tables of the CD8 trial hold the published numbers, and what is derived follows from them."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from biomarker.examples import example_folder

TIMES = (2, 24, 48, 135)
MARKS = ["n/a", "n/a*", "-"]


@pytest.fixture(scope="module")
def lesions():
    return pd.read_csv(example_folder("cd8") / "lesions.csv", dtype={"subject_id": str}, na_values=MARKS)


@pytest.fixture(scope="module")
def patients():
    return pd.read_csv(example_folder("cd8") / "patients.csv", dtype={"subject_id": str}, na_values=MARKS)


@pytest.fixture(scope="module")
def as_written():
    return pd.read_csv(example_folder("cd8") / "lesions.csv", dtype=str, keep_default_na=False)


def test_identifiers_keep_their_leading_zero(lesions):
    assert sorted(lesions["subject_id"].unique()) == [f"{i:02d}" for i in range(1, 16)]


def test_three_marks_say_three_things(as_written):
    uptake = as_written[[f"suvmax_{time}h" for time in TIMES]]
    assert (uptake[as_written["subject_id"] == "07"] == "n/a*").all(axis=None)
    assert not (uptake[as_written["subject_id"] != "07"] == "n/a*").any(axis=None)
    no_duration = as_written["therapy"].isin(["Treatment naïve", "Discontinued prior treatment"])
    assert ((as_written["therapy_duration_months"] == "-") == no_duration).all()
    known = as_written["response"] != "n/a"
    assert as_written[known].groupby("subject_id")["response"].unique().map(list).to_dict() == {
        "02": ["PR"],
        "06": ["SD"],
        "15": ["CR"],
    }


def test_lesions_by_site(lesions):
    sites = lesions["lesion_site"].str.partition(" (")[0].value_counts().to_dict()
    assert sites == {"LN": 23, "Lung": 6, "Muscle": 5, "Liver": 4, "Bone": 3, "SubQ nodule": 1, "Spleen": 2}
    assert lesions["suvmax_24h"].notna().sum() == 42
    assert lesions.dropna(subset=["suvmax_24h"])["subject_id"].nunique() == 14


def test_uptake_by_time_is_the_published(lesions):
    measured = lesions[[f"suvmax_{time}h" for time in TIMES]].dropna()
    assert len(measured) == 42
    assert measured.mean().round(2).tolist() == [2.00, 3.48, 3.42, 3.14]
    # At 135 h the variance is 28563/2870, so the SD is 3.1547: 3.15, not the 3.16 that rounding 3.155 again would give.
    assert measured.std().round(2).tolist() == [2.35, 4.27, 4.04, 3.15]
    assert measured.median().round(2).tolist() == [1.40, 1.55, 1.60, 2.15]
    assert measured.max().tolist() == [12.3, 19.3, 14.7, 11.6]


def test_patients_repeat_the_lesion_table(lesions, patients):
    shared = ["age", "sex", "tumor_type", "minibody_dose_mg", "therapy", "therapy_duration_months", "response"]
    once = lesions.drop_duplicates("subject_id").set_index("subject_id")[shared].sort_index()
    pd.testing.assert_frame_equal(once, patients.set_index("subject_id")[shared])
    assert len(lesions[["subject_id", *shared]].drop_duplicates()) == 15


def test_treatment_profiles_follow_from_therapy_and_duration(patients):
    on = patients[patients["therapy"] == "Immunotherapy"]
    assert ((on["therapy_duration_months"] < 2) == (on["treatment_profile"] == "Immunotherapy, <2 months")).all()
    assert patients["treatment_profile"].value_counts().to_dict() == {
        "Immunotherapy, >2 months": 5,
        "Immunotherapy, <2 months": 3,
        "Treatment naïve": 3,
        "Targeted therapy, 1–6 months": 2,
        "Discontinued prior treatment, >5 months": 2,
    }
    targeted = patients.loc[patients["therapy"] == "Targeted therapy", "therapy_duration_months"]
    assert targeted.between(1, 6).all()


def mean_of(lesions, subjects):
    rows = lesions[lesions["subject_id"].isin(subjects)].dropna(subset=["suvmax_24h"])
    return round(rows["suvmax_24h"].mean(), 2), len(rows), rows["subject_id"].nunique()


def test_only_one_choice_of_escalation_patients_gives_the_reported_means(lesions, patients):
    at_dose = patients.groupby("minibody_dose_mg")["subject_id"].agg(set)
    assert [len(at_dose[dose]) for dose in (0.2, 1.0, 5.0, 10.0)] == [1, 1, 1, 1]
    assert mean_of(lesions, at_dose[1.5]) == (3.22, 13, 5)
    assert mean_of(lesions, at_dose[0.5]) == (4.51, 19, 5)
    choices = [
        {low, high}
        for low, high in product(at_dose[0.5], at_dose[1.5])
        if mean_of(lesions, at_dose[0.5] - {low}) == (3.03, 15, 4)
        and mean_of(lesions, at_dose[1.5] - {high}) == (4.09, 10, 4)
    ]
    assert choices == [{"02", "03"}]
    escalation = patients.loc[patients["cohort"] == "Escalation"]
    assert set(escalation["subject_id"]) == {"01", "02", "03", "04", "05", "09"}
    assert sorted(escalation["minibody_dose_mg"]) == [0.2, 0.5, 1.0, 1.5, 5.0, 10.0]
    expansion = patients[patients["cohort"] == "Expansion"]["minibody_dose_mg"].value_counts().to_dict()
    assert expansion == {0.5: 4, 1.5: 5}


def test_detection_counts_are_the_published(patients):
    seen = patients.assign(seen=patients["detected"] == "yes").groupby("therapy")["seen"].agg(["sum", "size"])
    assert {therapy: tuple(row) for therapy, row in zip(seen.index, seen.to_numpy().tolist(), strict=True)} == {
        "Immunotherapy": (7, 8),
        "Discontinued prior treatment": (1, 2),
        "Treatment naïve": (1, 3),
        "Targeted therapy": (1, 2),
    }


@pytest.mark.parametrize("cutoff", np.arange(2.3, 3.61, 0.1).round(1))
def test_detection_is_highest_uptake_over_the_cutoff_and_subject_07(lesions, patients, cutoff):
    highest = lesions.groupby("subject_id")["suvmax_24h"].max()
    picked = set(highest.index[highest >= cutoff]) | {"07"}
    assert picked == set(patients.loc[patients["detected"] == "yes", "subject_id"])


def test_dosimetry_keeps_the_groups_apart():
    doses = pd.read_csv(example_folder("cd8") / "dosimetry.csv")
    table = doses.set_index(["group", "organ"])
    assert len(doses) == 81
    assert table.index.is_unique
    assert table.loc[("All dose levels", "Spleen"), ["dose_per_activity", "dose_per_activity_sd"]].tolist() == [12, 4.9]
    assert table.loc[("0.5 mg", "Spleen"), "dose_per_activity"] == 15
    assert table.loc[("1.5 mg", "Spleen"), "dose_per_activity"] == 11
    effective = table.loc[("All dose levels", "Effective Dose (ICRP 103)")]
    assert effective.tolist() == [0.65, 0.08, "mSv/MBq"]
    assert (doses["unit"] == "mSv/MBq").sum() == 3
