"""The synthetic trial has the properties its docstring states, and the shipped files are what it gives."""

import numpy as np
import pandas as pd
import pytest

from biomarker.examples import example_folder
from biomarker.examples.simulated_trial import NOMINAL_HOURS, simulate_trial, write_trial


@pytest.fixture(scope="module")
def trial():
    return simulate_trial()


@pytest.fixture(scope="module")
def large():
    return simulate_trial(3000, rng=7)


def one_way_icc(values, groups):
    """ANOVA estimator for groups of unequal size (Donner 1986), written out here apart from the package."""
    grouped = values.groupby(groups)
    sizes, k, total = grouped.size(), grouped.ngroups, len(values)
    between = (sizes * (grouped.mean() - values.mean()) ** 2).sum() / (k - 1)
    within = ((values - grouped.transform("mean")) ** 2).sum() / (total - k)
    size = (total - (sizes**2).sum() / total) / (k - 1)
    return (between - within) / (between + (size - 1) * within)


def test_the_shipped_files_are_what_the_generator_gives(trial, tmp_path):
    shipped = example_folder("simulated-trial")
    written = write_trial(trial, tmp_path)
    assert sorted(path.name for path in written) == sorted(path.name for path in shipped.glob("*.csv"))
    for path in written:
        assert path.read_bytes() == (shipped / path.name).read_bytes(), path.name


def test_every_file_says_that_it_is_synthetic_in_its_name_and_in_its_header():
    for path in example_folder("simulated-trial").glob("*.csv"):
        assert path.name.startswith("synthetic_")
        assert path.read_text(encoding="utf-8").startswith("synthetic_patient_id,")
    study = (example_folder("simulated-trial") / "study.toml").read_text(encoding="utf-8")
    assert 'banner = "Synthetic data' in study


def test_three_words_for_missing_values_reach_the_files(trial, tmp_path):
    write_trial(trial, tmp_path)
    words = set()
    for path in tmp_path.glob("*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        words |= {value for column in frame for value in frame[column] if value in ("n/a", "n/a*", "-")}
    assert words == {"n/a", "n/a*", "-"}
    lesions = pd.read_csv(tmp_path / "synthetic_lesions.csv", dtype=str, keep_default_na=False)
    assert (lesions.loc[lesions["measurable"] == "no", "suvmax"] == "n/a*").all()
    assert not (lesions.loc[lesions["measurable"] == "yes", "suvmax"] == "n/a*").any()


def test_the_same_seed_gives_the_same_trial_and_another_does_not():
    first, again, other = (simulate_trial(20, rng=seed) for seed in (3, 3, 4))
    for name in first:
        pd.testing.assert_frame_equal(first[name], again[name])
    assert not first["lesions"]["suvmax"].equals(other["lesions"]["suvmax"])


def test_tables_fit_together(trial):
    patients, lesions = trial["patients"], trial["lesions"]
    assert len(patients) == 60
    assert patients["patient_id"].is_unique
    assert patients["arm"].value_counts().to_dict() == {"Chemotherapy": 30, "Conjugate": 30}
    assert set(lesions["patient_id"]) == set(patients["patient_id"])
    assert not lesions.duplicated(["patient_id", "lesion_id"]).any()
    tumour = trial["uptake"].query("tissue == 'tumour'")
    assert len(tumour) == len(lesions) * len(NOMINAL_HOURS)
    assert not trial["readings"].duplicated(["patient_id", "lesion_id", "reader_id", "session"]).any()
    assert len(trial["readings"]) == lesions["target"].sum() * 3 * 2
    assert len(trial["patterns"]) == 60 * 3 * 2
    assert set(patients["response"]) == {"CR", "PR", "SD", "PD", "NE"}


def test_the_scan_at_96_hours_is_the_lesion_table(trial):
    at_96 = trial["uptake"].query("tissue == 'tumour' and nominal_hours == 96")
    both = trial["lesions"].merge(at_96, on=["patient_id", "lesion_id"], suffixes=("", "_scan"))
    assert len(both) == len(trial["lesions"])
    pd.testing.assert_series_equal(both["suvmax"], both["suvmax_scan"], check_names=False)


def test_sizes_of_uptake_keep_their_order(trial):
    for table in (trial["lesions"], trial["uptake"], trial["readings"]):
        measured = table.dropna(subset=["suvmax", "suvmean"])
        assert (measured["suvmean"] <= measured["suvmax"]).all()
    lesions = trial["lesions"].dropna(subset=["suvmax"])
    assert (lesions["suvpeak"] <= lesions["suvmax"]).all()
    assert (lesions["suvmean"] <= lesions["suvpeak"]).all()


def test_nobody_dies_before_progression_and_progression_at_the_first_assessment_is_early(trial):
    patients = trial["patients"]
    assert (patients["os_months"] >= patients["pfs_months"]).all()
    assert (patients.loc[patients["response"] == "PD", "pfs_months"] <= 2.3).all()
    assert not (patients["os_event"] & ~patients["pfs_event"]).any()


def test_within_patient_correlation_of_log_suvmax_is_a_half(large):
    lesions = large["lesions"].dropna(subset=["suvmax"])
    assert 0.45 < one_way_icc(np.log(lesions["suvmax"]), lesions["patient_id"]) < 0.55
    assert 0.7 < np.log(lesions["suvmax"]).std() < 0.8


@pytest.mark.parametrize("icc", [0.0, 0.2, 0.8, 1.0])
def test_icc_is_the_one_asked_for(icc):
    lesions = simulate_trial(1500, icc=icc, rng=1)["lesions"].dropna(subset=["suvmax"])
    assert abs(one_way_icc(np.log(lesions["suvmax"]), lesions["patient_id"]) - icc) < 0.05


def test_lesion_counts_are_skewed(large):
    counts = large["lesions"].groupby("patient_id").size()
    assert 3 <= counts.median() <= 5
    assert 0.10 < (counts == 1).mean() < 0.25
    assert 0.10 < (counts > 10).mean() < 0.25
    assert counts.between(1, 24).all()


def test_uptake_goes_with_response_on_the_conjugate_only(large):
    lesions = large["lesions"].dropna(subset=["suvmax", "lesion_status"])
    log_suvmax = np.log(lesions["suvmax"])
    difference = {}
    for arm, rows in lesions.groupby("arm"):
        responds = rows["lesion_status"] == "responding"
        difference[arm] = log_suvmax[rows.index[responds]].mean() - log_suvmax[rows.index[~responds]].mean()
    assert abs(difference["Chemotherapy"]) < 0.12  # its standard error, patients drawn anew, is 0.03
    assert difference["Conjugate"] > 0.5


def interaction(trial):
    """Log hazard ratio of the product arm × X after the first assessment, and its standard error, by lifelines."""
    from lifelines import CoxPHFitter

    lesions = trial["lesions"].dropna(subset=["suvmax"])
    x = ((np.log(lesions["suvmax"]) - np.log(6.5)) / 0.75).groupby(lesions["patient_id"]).mean().rename("x")
    patients = trial["patients"].set_index("patient_id").join(x).dropna(subset=["x"])
    patients = patients[patients["response"].isin(["CR", "PR", "SD"])]
    patients["treated"] = (patients["arm"] == "Conjugate").astype(float)
    patients["product"] = patients["treated"] * patients["x"]
    patients["months"] = patients["pfs_months"] - 2.1 + 0.06  # rounding to 0.1 month must not make a time zero
    columns = ["x", "treated", "product", "months", "pfs_event"]
    fit = CoxPHFitter().fit(patients[columns].astype(float), "months", "pfs_event")
    return fit.params_["product"], fit.standard_errors_["product"]


@pytest.mark.parametrize("hazard_ratio", [0.6, 1.0])
def test_the_interaction_is_the_one_asked_for(hazard_ratio):
    value, error = interaction(simulate_trial(2000, interaction_hazard_ratio=hazard_ratio, rng=11))
    assert abs(value - np.log(hazard_ratio)) < 3 * error
    assert error < 0.08


def test_uptake_rises_in_tumour_and_falls_in_blood(trial):
    mean = trial["uptake"].pivot_table(index="tissue", columns="nominal_hours", values="suvmean")
    assert mean.loc["tumour"].is_monotonic_increasing
    for tissue in ("blood pool", "liver", "spleen"):
        assert mean.loc[tissue].is_monotonic_decreasing


def test_readers_agree_often_but_not_always(large):
    per_item = large["readings"].groupby(["patient_id", "lesion_id"])
    cv = per_item["suvmax"].std() / per_item["suvmax"].mean()
    assert 0.05 < np.sqrt((cv**2).mean()) < 0.15
    assert set(large["readings"]["category"]) == {1, 2, 3, 4}


@pytest.mark.parametrize("n_patients", [1, 2, 3])
def test_a_tiny_trial_can_be_drawn(n_patients, tmp_path):
    trial = simulate_trial(n_patients, n_readers=1, n_sessions=1, rng=0)
    assert len(trial["patients"]) == n_patients
    write_trial(trial, tmp_path)


@pytest.mark.parametrize(
    "wrong", [{"n_patients": 0}, {"icc": 1.2}, {"icc": -0.1}, {"interaction_hazard_ratio": 0}, {"n_readers": 0}]
)
def test_impossible_arguments_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must be|need"):
        simulate_trial(**wrong)
