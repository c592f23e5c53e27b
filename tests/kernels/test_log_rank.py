"""The log-rank test against Freireich's printed value, R survdiff, statsmodels, lifelines, and its own invariants."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.log_rank import log_rank
from biomarker.kernels.partial_likelihood import partial_likelihood, risk_sets

from .survival_reference import FREIREICH, HEART, LUNG, OVARIAN, REFERENCE


def codes(values):
    return np.unique(values, return_inverse=True)[1]


def test_freireich():
    # Kleinbaum & Klein, Survival Analysis, ch. 2: log-rank 16.793, expected 19.251 and 10.749
    test = log_rank(FREIREICH["weeks"], FREIREICH["relapse"], FREIREICH["placebo"])
    assert test.statistic == pytest.approx(16.793, abs=5e-4)
    assert test.expected == pytest.approx([19.251, 10.749], abs=6e-4)


@pytest.mark.parametrize(
    ("t", "e", "group", "strata", "expected"),
    [
        (
            FREIREICH["weeks"],
            FREIREICH["relapse"],
            FREIREICH["placebo"],
            None,
            REFERENCE["freireich"]["logrank"],
        ),
        (LUNG["time"], LUNG["event"], LUNG["sex"], None, REFERENCE["lung"]["logrank_sex"]),
        (LUNG["time"], LUNG["event"], LUNG["ph.ecog"], None, REFERENCE["lung"]["logrank_ecog"]),
        (LUNG["time"], LUNG["event"], LUNG["sex"], LUNG["ph.ecog"], REFERENCE["lung"]["logrank_sex_by_ecog"]),
        (OVARIAN["futime"], OVARIAN["fustat"], OVARIAN["rx"], None, REFERENCE["ovarian"]["logrank"]),
    ],
    ids=["freireich", "lung-sex", "lung-ecog", "lung-stratified", "ovarian"],
)
def test_against_survdiff(t, e, group, strata, expected):
    test = log_rank(t, e, codes(group), strata=None if strata is None else codes(strata))
    assert test.observed.tolist() == expected["observed"]
    assert test.expected == pytest.approx(expected["expected"], rel=1e-11)
    assert test.covariance == pytest.approx(np.array(expected["var"]), rel=1e-10)
    assert test.df == expected["df"]
    assert test.statistic == pytest.approx(expected["chisq"], rel=1e-10)
    assert test.p_value == pytest.approx(expected["p"], rel=1e-9)


def test_left_truncated_is_the_score_test_of_cox():
    # No tied events are shared between the groups once jittered: Cox's score test and the log-rank test are then one.
    t = HEART["stop"] + 1e-6 * np.arange(HEART["stop"].size)
    group = codes(HEART["year"] > 2.5)
    test = log_rank(t, HEART["event"], group, entry=HEART["start"])
    at_zero = partial_likelihood(group[:, None], [0.0], risk_sets(t, HEART["event"], entry=HEART["start"]))
    assert test.statistic == pytest.approx(float(at_zero.score[0] ** 2 / at_zero.information[0, 0]), rel=1e-10)


@pytest.mark.slow  # 4 s of import
def test_against_statsmodels_and_lifelines():
    from lifelines.statistics import multivariate_logrank_test
    from statsmodels.duration.survfunc import survdiff

    group = codes(LUNG["ph.ecog"])
    ours = log_rank(LUNG["time"], LUNG["event"], group)
    assert ours.statistic == pytest.approx(survdiff(LUNG["time"], LUNG["event"], group)[0], rel=1e-9)
    theirs = multivariate_logrank_test(LUNG["time"], group, LUNG["event"])
    assert ours.statistic == pytest.approx(theirs.test_statistic, rel=1e-9)


patients = st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 2)), min_size=4, max_size=40).filter(
    lambda rows: len({g for _, _, g in rows}) == 3
)


@given(patients, st.permutations([0, 1, 2]), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_names_of_groups_order_and_unit_of_time_do_not_matter(rows, names, random):
    t, e, g = np.array(rows).T
    test = log_rank(t, e, g)
    renamed = log_rank(t * 7.0, e, np.array(names)[g])
    assert renamed.statistic == pytest.approx(test.statistic, rel=1e-7, abs=1e-9, nan_ok=True)
    assert renamed.df == test.df
    random.shuffle(rows)
    t2, e2, g2 = np.array(rows).T
    assert log_rank(t2, e2, g2).statistic == pytest.approx(test.statistic, rel=1e-9, nan_ok=True)
    assert test.observed.sum() == pytest.approx(test.expected.sum())
    assert test.covariance.sum(axis=1) == pytest.approx(np.zeros(3), abs=1e-9)


def test_one_stratum_is_no_stratum():
    args = FREIREICH["weeks"], FREIREICH["relapse"], FREIREICH["placebo"]
    assert log_rank(*args, strata=np.zeros(42, int)).statistic == log_rank(*args).statistic


def test_the_same_curves_give_nothing():
    test = log_rank([1, 2, 3, 1, 2, 3], [1, 1, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1])
    assert test.statistic == pytest.approx(0, abs=1e-20)
    assert test.p_value == 1


def test_nothing_to_compare():
    no_events = log_rank([1, 2, 3, 4], [0, 0, 0, 0], [0, 1, 0, 1])
    assert np.isnan(no_events.statistic)
    assert no_events.df == 0
    one_group = log_rank([1, 2], [1, 1], [0, 0])
    assert np.isnan(one_group.p_value)
    # group 2 left before the first event and cannot be compared; the others can
    left_early = log_rank([1, 5, 6, 7, 8, 9], [0, 1, 1, 1, 1, 1], [2, 0, 1, 0, 1, 0])
    assert left_early.df == 1
    assert np.isfinite(left_early.statistic)
    assert left_early.expected[2] == 0
    # never at risk together: every stratum holds one group
    apart = log_rank([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1], strata=[0, 0, 1, 1])
    assert apart.df == 0
    assert np.isnan(apart.p_value)


@pytest.mark.parametrize("group", [[0], [0.5, 1.0], [-1, 0]])
def test_codes_must_be_codes(group):
    with pytest.raises(ValueError, match="one code"):
        log_rank([1, 2], [1, 1], group)


def test_size_at_fifteen_a_group():
    # 2,000 trials under no difference: standard error 0.5 %
    rng = np.random.default_rng(3)
    group = np.repeat([0, 1], 15)
    rejected = 0
    for _ in range(2_000):
        t, c = rng.exponential(size=30), rng.exponential(2, size=30)
        rejected += log_rank(np.minimum(t, c), t <= c, group).p_value < 0.05
    assert 0.035 < rejected / 2_000 < 0.07
