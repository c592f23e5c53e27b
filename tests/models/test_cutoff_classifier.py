"""The cutoff as a scikit-learn estimator."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from biomarker import suv_cutoff
from biomarker.errors import DesignError
from biomarker.models.cutoff_classifier import CutoffClassifier


@parametrize_with_checks([CutoffClassifier(), CutoffClassifier(n_resamples=20, higher_is_positive=False)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.fixture
def lesions():
    rng = np.random.default_rng(4)
    patient = np.repeat(np.arange(25), rng.integers(1, 6, 25))
    response = rng.random(patient.size) < 0.4
    suvmax = np.exp(1 + 0.4 * rng.normal(size=25)[patient] + 0.3 * rng.normal(size=patient.size) + 0.6 * response)
    return pd.DataFrame({"patient_id": patient, "suvmax": suvmax, "response": np.where(response, "CR", "PD")})


def test_same_cutoff_and_interval_as_the_analysis(lesions):
    # "CR" sorts before "PD": the positive class is the last, so that CR is coded as 1 here
    truth = lesions["response"] == "CR"
    analysis = suv_cutoff(
        lesions, reference_standard="response", positive="CR", marker="suvmax", n_resamples=300, rng=5
    )
    model = CutoffClassifier(n_resamples=300, random_state=5)
    model.fit(lesions[["suvmax"]], truth, groups=lesions["patient_id"])
    assert model.cutoff_ == analysis.estimate("cutoff").value
    assert model.apparent_youden_ == analysis.estimate("youden", performance="apparent").value
    assert model.corrected_youden_ < model.apparent_youden_
    low, high = model.cutoff_interval_
    assert low <= model.cutoff_ <= high
    called = model.predict(lesions[["suvmax"]])
    np.testing.assert_array_equal(called, lesions["suvmax"] >= model.cutoff_)


def test_patients_are_resampled_whole(lesions):
    X, y = lesions[["suvmax"]], lesions["response"]
    nested = CutoffClassifier(n_resamples=400, higher_is_positive=False).fit(X, y, groups=lesions["patient_id"])
    naive = CutoffClassifier(n_resamples=400, higher_is_positive=False).fit(X, y)
    assert nested.cutoff_ == naive.cutoff_
    assert (nested.resampled_cutoffs_ != naive.resampled_cutoffs_).any()


def test_in_a_pipeline_and_cross_validated_by_patient(lesions):
    pipeline = make_pipeline(ColumnTransformer([("log", FunctionTransformer(np.log), ["suvmax"])]), CutoffClassifier())
    scores = cross_val_score(
        pipeline, lesions, lesions["response"] == "CR", groups=lesions["patient_id"], cv=GroupKFold(5),
        scoring="roc_auc",
    )  # fmt: skip
    assert scores.mean() > 0.6
    pipeline.fit(lesions, lesions["response"] == "CR", cutoffclassifier__groups=lesions["patient_id"])
    alone = CutoffClassifier().fit(lesions[["suvmax"]], lesions["response"] == "CR")
    assert np.exp(pipeline[-1].cutoff_) == pytest.approx(alone.cutoff_)


def test_no_resamples_no_interval(lesions):
    model = CutoffClassifier().fit(lesions[["suvmax"]], lesions["response"] == "CR")
    assert np.isnan(model.cutoff_interval_).all()
    assert np.isnan(model.corrected_youden_)


def test_impossible_fits(lesions):
    X, y = lesions[["suvmax"]], lesions["response"] == "CR"
    with pytest.raises(DesignError, match="criterion"):
        CutoffClassifier(criterion="best").fit(X, y)
    with pytest.raises(DesignError, match="two classes"):
        CutoffClassifier().fit(X, np.ones(len(X)))
    with pytest.raises(DesignError, match="no cutoff meets"):
        CutoffClassifier(criterion="min_specificity", minimum=1.0).fit([[1.0], [2.0], [3.0]], [0, 1, 0])
    with pytest.raises(ValueError, match="NaN"):
        CutoffClassifier().fit([[1.0], [np.nan]], [0, 1])
