"""Every kind of analysis has a question, and says what it does not show."""

import pandas as pd
import pytest

import biomarker as bm
from biomarker.study.plan import kinds
from biomarker.study.report.not_shown import ALWAYS, SOMETIMES, not_shown
from biomarker.study.report.questions import QUESTIONS, question
from biomarker.vocabulary import kind_label, own_labels

ROC = {"reference_standard": "response", "positive": ["CR", "PR"], "marker": "suvmax_24h"}


def test_every_kind_has_a_question_and_limits():
    assert set(QUESTIONS) == set(kinds())
    assert set(ALWAYS) == set(kinds())
    assert set(SOMETIMES) <= set(kinds())


@pytest.mark.parametrize(
    ("kind", "arguments", "unit", "asked"),
    [
        ("roc_curve", ROC, "lesion", "Does SUVmax 24 h separate lesions with response CR or PR from other lesions?"),
        (
            "roc_curve", {"reference_standard": "responder", "marker": "suvmax"}, "patient",
            "Does SUVmax separate patients with responder from those without?",
        ),
        (
            "evaluate_cutoff", ROC | {"cutoffs": 6.5, "readers": {}}, "lesion",
            "How well does SUVmax 24 h at a cutoff of 6.5 tell lesions with response CR or PR from other lesions, and "
            "how often do readers disagree on the call?",
        ),
        (
            "hazard_model", {"duration": "pfs_months", "event": "e", "predictors": ["suvmax", "age"], "landmark": 2},
            "patient",
            "Is progression-free survival from 2 months on associated with SUVmax and age, each given the other?",
        ),
        ("compare_uptake", {"marker": "suvmax", "group": "arm"}, "row", "Does SUVmax of observations differ by arm?"),
        (
            "survival_curves", {"duration": "os_months", "event": "e", "group": "arm"}, "patient",
            "Does overall survival differ by arm?",
        ),
    ],
)  # fmt: skip
def test_questions_are_sentences(kind, arguments, unit, asked):
    assert question(kind, arguments, unit=unit) == asked


def test_columns_are_called_as_the_study_calls_them():
    with own_labels({"suvmax_24h": "Uptake of the hottest voxel"}):
        assert "Does uptake of the hottest voxel separate" in question("roc_curve", ROC)


def test_a_kind_without_a_question_still_has_a_heading():
    assert question("something_new", {}) == "What does this analysis show: something new?"


def limits(**arguments):
    counts = {"tp": 9, "fp": 3, "fn": 2, "tn": 8}
    return " ".join(not_shown("predictive_values", arguments, bm.predictive_values_from_counts(**counts)))


def test_predictive_values_name_their_prevalence_and_the_origin_of_the_cutoff():
    assert "the prevalence in these data (50.0%)" in limits(reference_standard="biopsy")
    assert "chosen on these same data" in limits(reference_standard="biopsy", cutoff=4.0)
    assert "chosen on these same data" not in limits(reference_standard="biopsy")


def test_only_an_outcome_of_treatment_is_called_an_association():
    assert "association" not in limits(reference_standard="biopsy", positive="malignant")
    assert "association" in limits(reference_standard="best_response", positive="CR")
    assert "association" in limits(reference_standard="outcome", positive=["CR", "PR"])


def test_few_patients_are_counted():
    from tests.study.explorer_study import tables_of

    lesions = tables_of()["lesions"]
    arguments = {"reference_standard": "status", "positive": "responding", "marker": "suvmax"}
    told = not_shown("roc_curve", arguments, bm.roc_curve(lesions, **arguments, n_resamples=20))
    assert any(sentence.startswith("It rests on 24 patients") for sentence in told)


def test_survival_says_when_what_is_compared_was_known():
    from tests.study.explorer_study import tables_of

    patients = tables_of()["patients"].assign(arm=["A", "B"] * 12)
    given = {"duration": "pfs_months", "event": "pfs_event", "group": "arm"}
    result = bm.survival_curves(patients, **given)
    assert "What is compared is taken to have been known when follow-up began." in not_shown(
        "survival_curves", given, result
    )
    told = " ".join(not_shown("survival_curves", {**given, "landmark": 2.0}, result))
    assert "still free of the event at the landmark, 2," in told
    assert "when follow-up began" not in told


def test_a_heading_does_not_call_cutoffs_prespecified_that_may_not_be():
    assert "prespecified" not in kind_label("evaluate_cutoff")
    lesions = pd.DataFrame({"status": [True, False] * 8, "suvmax": [float(n) for n in range(16)]})
    arguments = {"reference_standard": "status", "marker": "suvmax", "cutoffs": [6], "is_prespecified": False}
    result = bm.evaluate_cutoff(lesions, **arguments, patient=None)
    told = " ".join(not_shown("evaluate_cutoff", arguments, result))
    assert "where these data helped to choose them, these figures are too good" in told
