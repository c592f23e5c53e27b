"""Expected values: tests/reference/uptake_comparison.R (R's own dwilcox convolved; coin's linear statistic)."""

import json
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.arrangements import count_arrangements, label_arrangements
from biomarker.kernels.clustered_ranks import patient_rank_sum
from biomarker.kernels.rank_tests import mann_whitney
from biomarker.kernels.ranks import midranks
from biomarker.kernels.trend_tests import jonckheere, patient_kruskal_wallis, patient_trend

REFERENCES = Path(__file__).parent.parent / "reference"
REFERENCE = json.loads((REFERENCES / "uptake_comparison.json").read_text())
GROUPS = json.loads((REFERENCES / "group_difference.json").read_text())
# Hollander and Wolfe (1973): motivation and piece rates, with ties
MOTIVATION = [[40, 35, 38, 43, 44, 41], [38, 40, 47, 44, 40, 42], [48, 40, 45, 43, 46, 44]]


def test_jonckheere_without_ties_agrees_with_r():
    expected = REFERENCE["jonckheere_mucociliary"]
    found = jonckheere(REFERENCE["data"]["mucociliary"])
    assert found.how == "exact"
    assert found.statistic == expected["j"]
    assert_allclose(found.p_value, expected["p"], rtol=1e-10)


def test_jonckheere_with_ties_is_near_rs_permutations():
    found = jonckheere(MOTIVATION)
    assert (found.statistic, found.how) == (79, "permutation")
    # 20,000 permutations of R and 9,999 of ours: standard errors of the tail 0.001 and 0.0015
    assert_allclose(found.p_value / 2, GROUPS["jonckheere_motivation"]["p_upper"], atol=0.006)


def _brute_force(groups):
    pooled = [v for group in groups for v in group]
    cuts = np.cumsum([0, *map(len, groups)])

    def statistic(order):
        parts = [order[a:b] for a, b in pairwise(cuts)]
        pairs = [(a, b) for i, early in enumerate(parts) for late in parts[i + 1 :] for a in early for b in late]
        return sum((a < b) + (a == b) / 2 for a, b in pairs)

    every = np.array([statistic(order) for order in permutations(pooled)])
    observed = statistic(pooled)
    return min(1.0, 2 * min(np.mean(every <= observed), np.mean(every >= observed)))


@pytest.mark.parametrize(
    "groups",
    [
        [[1.0, 2.0], [2.0, 3.0], [2.0, 5.0, 5.0]],
        [[1.0, 4.0], [2.0, 3.0], [6.0, 5.0, 7.0]],
        [[3.0, 1.0, 1.0], [2.0, 2.0, 0.0]],
    ],
)
def test_jonckheere_by_listing_every_order(groups):
    found = jonckheere(groups)
    assert found.how == "exact"
    assert_allclose(found.p_value, _brute_force(groups), rtol=1e-12)


def test_two_groups_are_mann_whitney():
    first, second = [1.1, 2.2, 2.9, 4.0], [2.5, 3.3, 5.1]
    assert_allclose(jonckheere([first, second]).p_value, mann_whitney(second, first).p_value)
    tied = [1.1, 2.2, 2.2, 4.0], [2.2, 3.3, 5.1]
    assert_allclose(jonckheere(tied).p_value, mann_whitney(tied[1], tied[0], method="exact").p_value)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(st.integers(0, 9).map(float), min_size=1, max_size=3), min_size=2, max_size=3))
def test_reversing_the_order_keeps_the_p(groups):
    forward, backward = jonckheere(groups), jonckheere(groups[::-1])
    assert_allclose(forward.p_value, backward.p_value, rtol=1e-9)


def test_many_values_are_normal():
    rng = np.random.default_rng(2)
    found = jonckheere([rng.normal(size=60).round(1) for _ in range(3)])
    assert found.how == "normal"


def test_permutations_depend_on_the_seed_only():
    assert jonckheere(MOTIVATION, rng=4).p_value == jonckheere(MOTIVATION, rng=4).p_value
    assert np.isnan(jonckheere([[1.0], [1.0]]).p_value)


def test_patient_trend_is_coins_linear_statistic():
    data = REFERENCE["data"]["cd8"]
    group = np.unique(data["therapy"], return_inverse=True)[1]
    found = patient_trend(data["suvmax_24h"], group, data["patient_id"], n_resamples=999)
    assert_allclose(found.z, REFERENCE["patient_trend_therapy"]["z"], rtol=1e-9)


def test_patient_tests_by_listing_every_dealing():
    values = np.array([1.0, 1.4, 2.2, 3.1, 2.8, 5.0, 6.2, 1.9])
    patient = np.array([0, 0, 1, 2, 2, 3, 3, 4])
    group = np.array([0, 0, 1, 2])  # of patients 0, 1, 2, 3 and, below, 4
    of_patient = np.array([*group, 1])
    scores = np.bincount(patient, midranks(values) - 4.5)
    sizes = np.bincount(patient)
    dealt = np.array(list(permutations(of_patient)))
    trend = dealt @ scores
    observed = of_patient @ scores
    found = patient_trend(values, of_patient[patient], patient)
    assert found.how == "exact"
    assert_allclose(found.p_value, 2 * min(np.mean(trend <= observed + 1e-9), np.mean(trend >= observed - 1e-9)))

    def between(labels):
        return sum(scores[labels == g].sum() ** 2 / sizes[labels == g].sum() for g in range(3))

    every = np.array([between(labels) for labels in dealt])
    kruskal = patient_kruskal_wallis(values, of_patient[patient], patient)
    assert_allclose(kruskal.p_value, np.mean(every >= between(of_patient) - 1e-9))


def test_two_groups_of_patients_are_the_rank_sum_test():
    rng = np.random.default_rng(8)
    patient = np.repeat(np.arange(9), 3)
    values = rng.normal(size=27).round(1)
    group = (patient % 2).astype(int)
    ours, theirs = patient_trend(values, group, patient), patient_rank_sum(values, group == 1, patient)
    assert_allclose((ours.statistic, ours.p_value), (theirs.statistic, theirs.p_value))


def test_a_patient_with_one_lesion_each_and_duplicated_lesions():
    rng = np.random.default_rng(5)
    values, group = rng.normal(size=8), np.array([0, 0, 1, 1, 1, 2, 2, 2])
    once = patient_kruskal_wallis(values, group, np.arange(8))
    twice = patient_kruskal_wallis(np.repeat(values, 2), np.repeat(group, 2), np.repeat(np.arange(8), 2))
    assert_allclose(once.p_value, twice.p_value)  # every lesion twice is no more evidence
    assert_allclose(
        patient_trend(values, group, np.arange(8)).p_value,
        patient_trend(np.repeat(values, 2), np.repeat(group, 2), np.repeat(np.arange(8), 2)).p_value,
    )


def test_a_group_that_varies_within_a_patient_is_refused():
    for test in (patient_trend, patient_kruskal_wallis):
        with pytest.raises(ValueError, match="varies within"):
            test([1.0, 2.0, 3.0], [0, 1, 1], [1, 1, 2])
        assert np.isnan(test([1.0, 1.0, 1.0], [0, 1, 1], [1, 2, 3]).p_value)


def test_arrangements_are_counted_and_drawn():
    labels = [0, 0, 1, 1, 2]
    complete, chunks = label_arrangements(labels, n_resamples=9)
    listed = np.concatenate(list(chunks))
    assert complete
    assert len(np.unique(listed, axis=0)) == len(listed) == count_arrangements(labels) == 30
    complete, chunks = label_arrangements(labels, n_resamples=40, most_listed=10, rng=1)
    drawn = np.concatenate(list(chunks))
    assert not complete
    assert drawn.shape == (40, 5)
    assert (np.sort(drawn, axis=1) == labels).all()
