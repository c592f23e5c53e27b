"""Answers in words keep to their estimates: direction, reference, unit, and no finding without an interval."""

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DirectionWarning
from biomarker.study.report.answers import answer
from biomarker.study.report.not_shown import not_shown
from biomarker.study.report.questions import question
from biomarker.tables.style import style_named

PLAIN = style_named("plain")
MANY_TESTS = "Its p-values are not adjusted for their number."


@pytest.fixture
def patients():
    """Return 24 patients in two arms, nobody of arm A responding and few events in arm B."""
    rng = np.random.default_rng(1)
    arm = np.array(["A", "B"] * 12)
    return pd.DataFrame({
        "patient_id": [f"P{i}" for i in range(24)],
        "arm": arm,
        "pfs_months": np.arange(24) + 1.5,
        "pfs_event": (arm == "A") & (np.arange(24) % 4 == 0) | (np.arange(24) == 21),
        "suvmax": rng.lognormal(1, 0.5, 24),
        "response": np.where((arm == "B") & (np.arange(24) % 3 == 0), "CR", "PD"),
    })  # fmt: skip


def readings(sessions=("1",)):
    rng = np.random.default_rng(5)
    return pd.DataFrame([
        {
            "patient_id": f"P{i}", "lesion_id": f"L{i}", "reader_id": reader, "session": session,
            "suvmax": rng.lognormal(1, 0.3), "category": rng.choice(["1", "2", "3"]),
        }
        for i in range(12) for reader in ("R1", "R2") for session in sessions
    ])  # fmt: skip


def test_a_predictive_value_that_cannot_be_estimated_is_told():
    told = answer("predictive_values_from_counts", bm.predictive_values_from_counts(tp=0, fp=0, fn=5, tn=3), PLAIN)
    assert "PPV cannot be estimated: no test was positive." in told
    assert "NPV was 37.5%" in told


def test_one_patient_is_not_said_to_have_a_wide_nested_interval():
    lesions = pd.DataFrame({
        "patient_id": ["P1"] * 8, "status": [True, False] * 4, "suvmax": [4.0, 1, 5, 2, 2, 6, 7, 1],
    })  # fmt: skip
    result = bm.predictive_values(lesions, reference_standard="status", marker="suvmax", cutoff=3.0)
    notes = " ".join(result.method.notes)
    assert "There is only 1 patient: an interval that allows for nesting is not estimable." in notes
    assert "nested intervals are wide" not in notes
    assert "(naive 95% CI " in answer("predictive_values", result, PLAIN)


def test_a_difference_in_response_says_which_arm_less_which(patients):
    told = answer("response_rate", bm.response_rate(patients, response="response", by="arm"), PLAIN)
    assert "The difference, B − A, was 33.3 percentage points (95% CI " in told


def test_a_difference_in_survival_time_without_an_interval_is_not_told(patients):
    given = {"duration": "pfs_months", "event": "pfs_event", "group": "arm"}
    result = bm.survival_curves(patients, **given)
    (line,) = (line for line in result.estimates if line.quantity == "rmst_difference")
    assert np.isfinite(line.value)
    assert np.isnan(line.low)
    assert "mean survival time" not in answer("survival_curves", result, PLAIN)


def test_a_difference_in_survival_time_does_not_say_that_they_differ(patients):
    both = patients.assign(pfs_event=True)
    result = bm.survival_curves(both, duration="pfs_months", event="pfs_event", group="arm")
    told = answer("survival_curves", result, PLAIN)
    assert "The difference in mean survival time up to " in told
    assert "differed" not in told


def test_correlations_of_opposite_sign_are_called_so():
    rng = np.random.default_rng(2)
    change = rng.normal(size=30)
    frame = pd.DataFrame({
        "patient_id": range(30), "change": change, "suvmax": change + rng.normal(size=30) / 2,
        "suvmean": -change + rng.normal(size=30) / 2,
    })  # fmt: skip
    with pytest.warns(DirectionWarning):
        opposed = bm.compare_correlations(frame, outcome="change", markers=["suvmax", "suvmean"])
    assert answer("compare_correlations", opposed, PLAIN).endswith("; the two have opposite signs.")
    alike = bm.compare_correlations(
        frame.assign(suvmean=-frame["suvmean"]), outcome="change", markers=["suvmax", "suvmean"]
    )
    assert "opposite" not in answer("compare_correlations", alike, PLAIN)


def test_kappa_is_that_of_the_weights_asked_for():
    weighted = bm.categorical_agreement(readings(), value="category", weights="quadratic")
    (line,) = (
        line for line in weighted.estimates
        if line.quantity == "cohen_kappa" and dict(line.of) == {"weights": "quadratic"}
    )  # fmt: skip
    told = answer("categorical_agreement", weighted, PLAIN)
    assert f"Cohen kappa with quadratic weights was {PLAIN.number(line.value, 2)} (" in told
    plain = answer("categorical_agreement", bm.categorical_agreement(readings(), value="category"), PLAIN)
    assert "weights" not in plain


def test_repeatability_answers_how_large_a_change_must_be():
    result = bm.repeatability(readings(("1", "2")), value="suvmax", session="session")
    down, up = (result.estimate(f"repeatability_limit_{side}").value for side in ("low", "high"))
    told = answer("repeatability", result, PLAIN)
    assert f"a decrease of more than {-100 * down:.1f}% (95% CI " in told
    assert f"an increase of more than {100 * up:.1f}% (95% CI " in told


def test_a_marker_that_falls_with_the_event_says_so(patients):
    given = {
        "duration": "pfs_months", "event": "pfs_event", "marker": "suvmax", "times": [13], "n_resamples": 20, "rng": 1,
    }  # fmt: skip
    rng = np.random.default_rng(3)
    both = patients.assign(pfs_event=True, suvmax=patients["pfs_months"] + rng.normal(0, 6, 24) + 30)
    turned = both.assign(suvmax=60 - both["suvmax"])
    lower = bm.time_dependent_roc(both, **given, higher_is_positive=False)
    assert "lower values speaking for the event" in answer("time_dependent_roc", lower, PLAIN)
    assert "speaking" not in answer("time_dependent_roc", bm.time_dependent_roc(turned, **given), PLAIN)
    asked = question("time_dependent_roc", given)
    assert "have had the event that ends progression-free survival by 13 months" in asked


def test_an_interaction_names_the_treatment_and_its_control(patients):
    result = bm.treatment_interaction(
        patients.assign(pfs_event=True), marker="suvmax", arm="arm", control="B", duration="pfs_months",
        event="pfs_event", n_resamples=20, rng=1,
    )  # fmt: skip
    assert "the ratio of hazard ratios (A against B), per g/mL of SUVmax, was" in answer(
        "treatment_interaction", result, PLAIN
    )


def test_a_correction_for_optimism_is_told_only_where_one_was_made(patients):
    given = {"response": "response", "positive": "CR", "predictors": ["suvmax"]}
    told = [
        " ".join(not_shown("response_model", given, bm.response_model(patients, **given, n_resamples=n, rng=1)))
        for n in (0, 20)
    ]
    assert "optimism" not in told[0]
    assert "optimism" in told[1]
    assert all("has not been tried in other patients" in one for one in told)


def test_many_p_values_are_those_of_terms_not_of_assumptions(patients):
    given = {"duration": "pfs_months", "event": "pfs_event"}
    both = patients.assign(pfs_event=True, age_years=np.arange(24) % 7 + 50.0)
    one = bm.hazard_model(both, **given, predictors=["suvmax"], n_resamples=0)
    two = bm.hazard_model(both, **given, predictors=["suvmax", "age_years"], n_resamples=0)
    assert MANY_TESTS not in not_shown("hazard_model", given, one)
    assert MANY_TESTS in not_shown("hazard_model", given, two)


def test_a_p_value_corrected_for_the_cutoffs_tried_is_not_called_unadjusted(patients):
    given = {"duration": "pfs_months", "event": "pfs_event", "marker": "suvmax"}
    result = bm.survival_cutoff(patients.assign(pfs_event=True), **given, n_resamples=20, rng=1)
    assert sum(not np.isnan(line.p_value) for line in result.estimates) > 2
    assert MANY_TESTS not in not_shown("survival_cutoff", given, result)


def test_a_course_is_not_called_that_of_a_lesion_unless_it_is():
    assert "lesion" not in question("spider", {"time": "day", "change": "change_percent"})
    assert "of each lesion" in question("spider", {"time": "day", "change": "change_percent", "item": "lesion_id"})
