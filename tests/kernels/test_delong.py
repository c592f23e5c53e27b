"""DeLong against pROC, against SAS, against all pairs, and on input that has no variance."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from biomarker.kernels.auc_interval import auc_interval, difference_test, joint_test, satterthwaite_df
from biomarker.kernels.delong import auc, delong, doubled_placements, hanley_mcneil_variance

REFERENCES = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((REFERENCES / "roc.json").read_text(encoding="utf-8"))  # made by roc.R beside it
OVARIAN = np.loadtxt(REFERENCES / "ovarian.csv", delimiter=",", skiprows=3)


def marker_of(case, key="marker"):
    data = REFERENCE["data"][case["data"]]
    return np.array(data["markers"][case[key]], float), np.array(data["positive"], bool)


def case_name(case):
    return "-".join(str(case[key]) for key in ("data", "marker", "first", "second") if key in case)


def samples(min_each=1, markers=1):
    """Small integer markers (many ties) with both classes present."""

    def build(sizes):
        n_positive, n_negative = sizes
        n = n_positive + n_negative
        values = st.lists(st.integers(-5, 5), min_size=n, max_size=n)
        return st.tuples(*[values] * markers).map(lambda rows: (np.array(rows, float), np.arange(n) < n_positive))

    size = st.integers(min_each, 12)
    return st.tuples(size, size).flatmap(build)


def all_pairs(marker, positive):
    x, y = marker[positive][:, None], marker[~positive][None, :]
    return (x > y) + 0.5 * (x == y)


@pytest.mark.parametrize("case", REFERENCE["areas"], ids=case_name)
def test_area_and_variance_agree_with_proc(case):
    marker, positive = marker_of(case)
    estimate = delong(marker, positive)
    assert estimate.auc[0] == pytest.approx(case["auc"], abs=1e-14)
    assert estimate.covariance[0, 0] == pytest.approx(case["variance"], rel=1e-10, abs=1e-16)
    sizes = {"n_positive": positive.sum(), "n_negative": (~positive).sum()}
    if case["variance"] > 0:  # pROC gives a separating marker the interval [1, 1]; ours is Newcombe's
        wald = auc_interval(case["auc"], estimate.covariance[0, 0], method="wald", **sizes)
        assert wald == pytest.approx(case["wald"], abs=1e-12)


@pytest.mark.parametrize("case", REFERENCE["paired"], ids=case_name)
def test_paired_comparison_agrees_with_proc(case):
    (first, positive), (second, _) = marker_of(case, "first"), marker_of(case, "second")
    both = delong([first, second], positive)
    assert both.covariance[0, 1] == pytest.approx(case["covariance"], rel=1e-10)
    difference = delong([first, second], positive, contrast=[[1, -1]])
    test = difference_test(difference.auc[0], difference.covariance[0, 0])
    assert test.statistic == pytest.approx(case["statistic"], abs=1e-9)
    assert test.p_value == pytest.approx(case["p_value"], abs=1e-9)


@pytest.mark.parametrize("case", REFERENCE["unpaired"], ids=case_name)
def test_unpaired_comparison_agrees_with_proc(case):
    marker, positive = marker_of(case)
    male = np.array(case["male"], bool)
    groups = [delong(marker[rows], positive[rows]) for rows in (male, ~male)]
    variances = [float(group.covariance[0, 0]) for group in groups]
    df = satterthwaite_df(variances, [male.sum() - 1, (~male).sum() - 1])
    test = difference_test(groups[0].auc[0] - groups[1].auc[0], sum(variances), df=df)
    assert test.df == pytest.approx(case["df"], rel=1e-10)
    assert test.statistic == pytest.approx(case["statistic"], abs=1e-9)
    assert test.p_value == pytest.approx(case["p_value"], abs=1e-9)


def test_published_comparison_of_three_curves():
    # SAS/STAT manual, PROC LOGISTIC, ROC statements on the data of DeLong 1988: areas, standard errors, joint test.
    positive = OVARIAN[:, 3] == 1
    markers = [OVARIAN[:, 0], OVARIAN[:, 1], 10 - OVARIAN[:, 2]]
    estimate = delong(markers, positive)
    assert estimate.auc.round(4).tolist() == [0.7366, 0.6478, 0.7258]
    assert np.sqrt(np.diag(estimate.covariance)).round(4).tolist() == [0.0927, 0.1000, 0.1028]
    contrast = delong(markers, positive, contrast=[[1, 0, -1], [0, 1, -1]])
    test = joint_test(*contrast)
    assert (round(test.statistic, 4), test.df, round(test.p_value, 4)) == (2.5340, 2, 0.2817)


def test_joint_test_ignores_which_contrasts_span_the_same_space():
    positive = OVARIAN[:, 3] == 1
    markers = [OVARIAN[:, 0], OVARIAN[:, 1], 10 - OVARIAN[:, 2]]
    pairwise = joint_test(*delong(markers, positive, contrast=[[1, -1, 0], [1, 0, -1], [0, 1, -1]]))
    baseline = joint_test(*delong(markers, positive, contrast=[[1, 0, -1], [0, 1, -1]]))
    assert pairwise == pytest.approx(baseline)


def test_second_python_implementation():
    mlstatkit = pytest.importorskip("MLstatkit")
    marker, positive = marker_of({"data": "aSAH", "marker": "s100b"})
    other, _ = marker_of({"data": "aSAH", "marker": "ndka"})
    p_value = mlstatkit.Delong_test(positive.astype(int), marker, other)[1]
    difference = delong([marker, other], positive, contrast=[[1, -1]])
    assert difference_test(difference.auc[0], difference.covariance[0, 0]).p_value == pytest.approx(p_value, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(samples(min_each=2, markers=2))
def test_ranks_give_what_all_pairs_give(sample):
    markers, positive = sample
    pairs = np.stack([all_pairs(marker, positive) for marker in markers])
    by_positive, by_negative = pairs.mean(axis=2), pairs.mean(axis=1)
    expected = np.cov(by_positive) / positive.sum() + np.cov(by_negative) / (~positive).sum()
    estimate = delong(markers, positive)
    assert estimate.auc == pytest.approx(pairs.mean(axis=(1, 2)), abs=1e-14)
    assert estimate.covariance == pytest.approx(expected, abs=1e-14)


@settings(max_examples=60, deadline=None)
@given(samples(min_each=2))
def test_invariances(sample):
    (marker,), positive = sample
    estimate = delong(marker, positive)
    for same in (delong(3 * marker + 7, positive), delong(rankdata(marker), positive)):
        assert same.auc[0] == estimate.auc[0]
        assert same.covariance[0, 0] == estimate.covariance[0, 0]
    for mirrored in (delong(-marker, positive), delong(marker, ~positive)):
        assert mirrored.auc[0] == pytest.approx(1 - estimate.auc[0], abs=1e-15)
        assert mirrored.covariance[0, 0] == pytest.approx(estimate.covariance[0, 0], abs=1e-16)
    order = np.random.default_rng(1).permutation(marker.size)
    assert delong(marker[order], positive[order]).auc[0] == estimate.auc[0]


@settings(max_examples=60, deadline=None)
@given(samples(min_each=2, markers=2))
def test_identical_markers_differ_by_exactly_nothing(sample):
    (marker, other), positive = sample
    contrast = [[1, 0, -1], [0.3, 0.5, -0.3], [1, -1, 0]]
    estimate = delong([marker, other, marker], positive, contrast=contrast)
    assert estimate.auc[0] == 0
    assert estimate.covariance[0, 0] == 0
    assert difference_test(estimate.auc[0], estimate.covariance[0, 0]).p_value == 1


def test_huge_values_and_infinities_only_rank():
    assert auc([-np.inf, 1e-300, 1e300, np.inf], [False, False, True, True]) == 1.0
    assert auc([1.0, np.nextafter(1.0, 2)], [False, True]) == 1.0


def test_a_single_row_in_a_class_has_no_variance():
    estimate = delong([1.0, 2.0, 3.0], [False, False, True])
    assert estimate.auc[0] == 1
    assert np.isnan(estimate.covariance).all()


def test_constant_and_perfect_markers_have_no_variance():
    positive = np.arange(10) < 5
    estimate = delong([np.ones(10), -np.arange(10.0)], positive)
    assert estimate.auc.tolist() == [0.5, 1.0]
    assert (estimate.covariance == 0).all()


@pytest.mark.parametrize(
    ("marker", "positive"),
    [
        ([1.0, np.nan], [True, False]),
        ([1.0, 2.0], [True, True]),
        ([1.0, 2.0], [False, False]),
        ([1.0, 2.0, 3.0], [True, False]),
        ([[1.0, 2.0]], [[True, False]]),
        ([1.0, 2.0], [0, 2]),
        ([], []),
    ],
)
def test_impossible_input_is_refused(marker, positive):
    with pytest.raises(ValueError, match=r"need|NaN|length|0/1"):
        doubled_placements(marker, positive)


def test_a_million_rows_count_exactly():
    # 500,000 positives each beat 250,000 negatives and tie with one run of 250,000: the sum needs more than 32 bits.
    marker = np.concatenate((np.full(500_000, 1.0), np.zeros(250_000), np.ones(250_000)))
    estimate = delong(marker, np.arange(1_000_000) < 500_000)
    assert estimate.auc[0] == 0.75
    assert estimate.covariance[0, 0] == pytest.approx(0.25 * 0.25 / 499_999, rel=1e-12)


def test_hanley_mcneil_formula():
    # Hanley and McNeil 1982, table 2: area 0.893, 51 abnormal and 58 normal; Q1, Q2 of the exponential approximation.
    q1, q2, a = 0.893 / 1.107, 2 * 0.893**2 / 1.893, 0.893
    expected = (a * (1 - a) + 50 * (q1 - a * a) + 57 * (q2 - a * a)) / (51 * 58)
    assert hanley_mcneil_variance(0.893, 51, 58) == pytest.approx(expected, rel=1e-12)
    assert hanley_mcneil_variance([0.0, 1.0], 5, 7).tolist() == [0.0, 0.0]
    # with a single row of each class the area is one comparison, so Bernoulli
    assert hanley_mcneil_variance(0.3, 1, 1) == pytest.approx(0.21)
    with pytest.raises(ValueError, match="areas"):
        hanley_mcneil_variance(1.2, 5, 5)
