"""Every criterion against OptimalCutpoints and cutpointr, and against its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from biomarker.kernels.cutoff import CutoffRule, choose_cutoff
from biomarker.kernels.cutoff_criteria import CRITERIA, Counts, CriterionSettings
from biomarker.kernels.optimism import performance

from .cutoff_reference import REFERENCE, SETS, rows_of

CHOSEN_SETTINGS = {
    "min_sensitivity": CriterionSettings(minimum=0.9),
    "min_specificity": CriterionSettings(minimum=0.9),
    "target_ppv": CriterionSettings(minimum=0.6),
    "target_npv": CriterionSettings(minimum=0.9),
    "cost": CriterionSettings(cost_ratio=2),
    "cost_at_prevalence": CriterionSettings(cost_ratio=2, prevalence=0.2),
    "target_ppv_at_prevalence": CriterionSettings(minimum=0.6, prevalence=0.5),
}
CASES = sorted(REFERENCE["optima"]["aSAH"])


def our_choice(name, case):
    rule = CutoffRule(
        criterion=case.removesuffix("_at_prevalence"),
        settings=CHOSEN_SETTINGS.get(case, CriterionSettings()),
    )
    return choose_cutoff(rows_of(name), rule)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", SETS)
def test_against_optimalcutpoints(name, case):
    expected = REFERENCE["optima"][name][case]
    ours = our_choice(name, case)
    theirs = np.atleast_1d(np.array(expected["cutoffs"], float))
    np.testing.assert_allclose(ours.tied, np.sort(theirs), rtol=1e-12)
    line = np.flatnonzero(np.isclose(theirs, ours.cutoff, rtol=1e-12))
    if theirs.size == 0:
        assert np.isnan(ours.cutoff)
        return
    achieved = performance(ours.counts)
    assert achieved.sensitivity == pytest.approx(np.atleast_1d(expected["sensitivity"])[line][0], abs=1e-12)
    assert achieved.specificity == pytest.approx(np.atleast_1d(expected["specificity"])[line][0], abs=1e-12)
    if expected["criterion"] is not None:
        best = (
            np.nanmax(ours.values) if CRITERIA[case.removesuffix("_at_prevalence")].maximise else np.nanmin(ours.values)
        )
        # OptimalCutpoints gives the squared distance to the corner
        best = best**2 if case == "closest_topleft" else best
        # it rounds Youden's J and the cost to 10 decimals
        assert best == pytest.approx(expected["criterion"], abs=1e-10)


@pytest.mark.parametrize("case", sorted(REFERENCE["twice"]["aSAH"]))
@pytest.mark.parametrize("name", SETS)
def test_against_cutpointr(name, case):
    expected = REFERENCE["twice"][name][case]
    ours = our_choice(name, case)
    np.testing.assert_allclose(ours.tied, np.atleast_1d(np.array(expected["cutoffs"], float)), rtol=1e-12)
    assert np.nanmax(ours.values) == pytest.approx(expected["value"], rel=1e-10)


counts_of_a_table = st.tuples(*(st.integers(1, 400),) * 4)


@settings(max_examples=60, deadline=None)
@given(counts_of_a_table)
def test_definitions_against_scikit_learn(cells):
    tp, fp, fn, tn = cells
    truth = np.repeat([1, 0, 1, 0], cells)
    call = np.repeat([1, 1, 0, 0], cells)
    counts = Counts(*(np.array([cell], float) for cell in cells))
    value = {name: float(entry.function(counts, CriterionSettings(minimum=0))[0]) for name, entry in CRITERIA.items()}
    assert value["max_accuracy"] == pytest.approx(metrics.accuracy_score(truth, call))
    assert value["max_f1"] == pytest.approx(metrics.f1_score(truth, call))
    assert value["max_kappa"] == pytest.approx(metrics.cohen_kappa_score(truth, call))
    assert value["youden"] == pytest.approx(metrics.balanced_accuracy_score(truth, call, adjusted=True))
    assert value["min_p"] == pytest.approx(sum(cells) * metrics.matthews_corrcoef(truth, call) ** 2, abs=1e-9)
    assert value["max_odds_ratio"] == pytest.approx(tp * tn / (fp * fn))
    assert value["target_npv"] == pytest.approx(metrics.precision_score(truth, call))


@settings(max_examples=60, deadline=None)
@given(counts_of_a_table)
def test_prevalence_of_the_data_changes_nothing(cells):
    counts = Counts(*(np.array([cell], float) for cell in cells))
    prevalence = (cells[0] + cells[2]) / sum(cells)
    for name in ("cost", "target_ppv", "target_npv"):
        of_data = CRITERIA[name].function(counts, CriterionSettings(minimum=0.0, cost_ratio=3))
        given_it = CRITERIA[name].function(counts, CriterionSettings(minimum=0.0, cost_ratio=3, prevalence=prevalence))
        np.testing.assert_allclose(of_data, given_it, rtol=1e-12)


def test_what_is_undefined_is_no_candidate():
    nobody_negative = Counts(*(np.array([cell], float) for cell in (4, 6, 0, 0)))
    assert np.isnan(CRITERIA["target_npv"].function(nobody_negative, CriterionSettings(minimum=0.0)))
    nothing = Counts(*(np.zeros(1),) * 4)
    for name, entry in CRITERIA.items():
        if name != "max_odds_ratio":  # 1/2 for every empty cell: an odds ratio of 1
            assert np.isnan(entry.function(nothing, CriterionSettings(minimum=0.0))), name


def test_an_unmet_minimum_is_no_candidate_and_a_met_one_is_met_despite_rounding():
    counts = Counts(*(np.array(cells, float) for cells in ([7, 6], [0, 0], [3, 4], [10, 10])))
    admissible = CRITERIA["min_sensitivity"].function(counts, CriterionSettings(minimum=0.7))
    np.testing.assert_array_equal(admissible, [1.0, np.nan])


@pytest.mark.parametrize(
    "keywords",
    [
        {"criterion": "best"},
        {"criterion": "min_sensitivity"},
        {"criterion": "target_ppv", "settings": CriterionSettings(minimum=1.2)},
        {"settings": CriterionSettings(cost_ratio=0)},
        {"settings": CriterionSettings(prevalence=0)},
        {"settings": CriterionSettings(prevalence=1)},
        {"settings": CriterionSettings(prevalence=1.2)},
        {"minimum_share": 0.5},
    ],
)
def test_impossible_rules(keywords):
    with pytest.raises(ValueError, match=r"criterion|minimum|cost_ratio|prevalence"):
        CutoffRule(**keywords)
