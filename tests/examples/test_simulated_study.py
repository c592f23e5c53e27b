"""The synthetic study uses every analysis there is, and its results are those of the tables it ships."""

import numpy as np
import pandas as pd
import pytest

from biomarker.analyses import ANALYSES
from biomarker.examples import example_folder
from biomarker.study.load import load_study


@pytest.fixture
def run(run_example):
    return run_example("simulated-trial")


@pytest.fixture(scope="module")
def shipped():
    """Return the tables as pandas reads them, apart from this package's own readers."""
    marks = ["n/a", "n/a*", "-"]
    return {
        path.stem.removeprefix("synthetic_"): pd.read_csv(path, na_values=marks, keep_default_na=False)
        for path in example_folder("simulated-trial").glob("*.csv")
    }


def conjugate(table):
    return table[table["arm"] == "Conjugate"]


def test_everything_is_on():
    used = {analysis.kind for analysis in load_study(example_folder("simulated-trial")).analyses}
    assert used >= set(ANALYSES)


def test_every_result_has_a_table_a_figure_and_words_for_the_methods_text(run):
    for name, result in run.results.items():
        assert result.table().lines, name
        assert result.method.description, name
        assert result.plot().figure.axes, name


def test_predictive_values_of_lesions(run, shipped):
    rows = conjugate(shipped["lesions"]).replace("", np.nan).dropna(subset=["suvmax", "lesion_status"])
    is_hot, responds = rows["suvmax"].astype(float) >= 6.5, rows["lesion_status"] == "responding"
    result = run.results["lesion-response"]
    assert result.estimate("ppv").value == pytest.approx(responds[is_hot].mean(), abs=1e-12)
    assert result.estimate("npv").value == pytest.approx(1 - responds[~is_hot].mean(), abs=1e-12)
    assert result.estimate("ppv").n == is_hot.sum()


def test_a_response_that_was_not_evaluable_counts_as_none(run, shipped):
    patients = conjugate(shipped["patients"])
    result = run.results["pattern-response"]
    assert result.estimate("prevalence").numerator == patients["response"].isin(["CR", "PR"]).sum()
    assert result.estimate("prevalence").n == len(patients) == 30


def test_area_under_the_curve_is_the_share_of_pairs_in_order(run, shipped):
    rows = conjugate(shipped["lesions"]).replace("", np.nan).dropna(subset=["suvmax", "lesion_status"])
    values, responds = rows["suvmax"].astype(float).to_numpy(), (rows["lesion_status"] == "responding").to_numpy()
    difference = values[responds][:, None] - values[~responds]
    share = (np.sign(difference) + 1).mean() / 2
    assert run.results["roc-lesions"].estimate("auc").value == pytest.approx(share, abs=1e-12)


def test_the_cutoff_maximises_youden_and_does_worse_in_new_patients(run, shipped):
    rows = conjugate(shipped["lesions"]).replace("", np.nan).dropna(subset=["suvmax", "lesion_status"])
    values, responds = rows["suvmax"].astype(float).to_numpy(), (rows["lesion_status"] == "responding").to_numpy()
    youden = {c: (values[responds] >= c).mean() - (values[~responds] >= c).mean() for c in np.unique(values)}
    result = run.results["cutoff"]
    chosen = result.estimate("cutoff").value
    assert youden[chosen] == pytest.approx(max(youden.values()), abs=1e-12)
    assert result.method.n_resamples == 2000


def test_survival_by_arm_is_that_of_lifelines(run, shipped):
    from lifelines import KaplanMeierFitter

    for arm, rows in shipped["patients"].groupby("arm"):
        fit = KaplanMeierFitter().fit(rows["pfs_months"], rows["pfs_event"] == "yes")
        for months in (6, 12, 18):
            line = run.results["pfs-by-arm"].estimate("survival", group=arm, time=months)
            assert line.value == pytest.approx(fit.predict(months), abs=1e-12)


def test_a_median_between_two_events_is_their_middle_as_in_r(run):
    """Survival on chemotherapy is 0.5 from 5.1 to 5.2 months: R's survfit gives 5.15, lifelines 5.1."""
    assert run.results["pfs-by-arm"].estimate("median_survival", group="Chemotherapy").value == pytest.approx(5.15)


def test_the_hazard_ratio_is_per_doubling(run, shipped):
    from lifelines import CoxPHFitter

    lesions = conjugate(shipped["lesions"]).dropna(subset=["suvmax"])
    x = np.log2(lesions["suvmax"].astype(float)).groupby(lesions["synthetic_patient_id"]).mean().rename("x")
    patients = conjugate(shipped["patients"]).set_index("synthetic_patient_id").join(x)
    frame = patients[["pfs_months", "x", "age_years"]].assign(event=patients["pfs_event"] == "yes").astype(float)
    fit = CoxPHFitter().fit(frame, "pfs_months", "event")
    line = run.results["pfs-hazard"].estimate("hazard_ratio", term="mean_suvmax")
    assert line.value == pytest.approx(np.exp(fit.params_["x"]), rel=1e-5)


def test_readers_agree_as_pingouin_says(run, shipped):
    import pingouin

    readings = shipped["readings"].query("session == 1")
    readings = readings.assign(item=readings["synthetic_patient_id"] + readings["lesion_id"])
    table = pingouin.intraclass_corr(readings, targets="item", raters="reader_id", ratings="suvmax")
    expected = table["ICC"].to_numpy(float)[1]  # ICC2: two-way random, absolute agreement, single reader
    line = run.results["icc-suvmax"].estimate("icc", form="ICC(2,1)")
    assert line.value == pytest.approx(expected, abs=1e-6)


def test_tumour_takes_up_and_blood_lets_go(run):
    result = run.results["uptake-over-time"]
    for tissue, rises in (("tumour", True), ("blood pool", False)):
        means = [result.estimate("mean", tissue=tissue, time=hours).value for hours in (2, 24, 48, 96)]
        assert (np.diff(means) > 0).all() == rises
