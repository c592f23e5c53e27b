"""The log-rank statistic over cutoffs and its null distribution, against R's maxstat, survdiff and coxph."""

import json
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.log_rank import log_rank
from biomarker.kernels.log_rank_scan import (
    log_rank_at_cutoffs,
    log_rank_scores,
    marked_follow_up,
    permutation_p,
    permuted_maxima,
    scan_cutoffs,
)
from biomarker.kernels.maximally_selected import (
    exact_gauss_p,
    hothorn_lausen_p,
    integer_scores,
    lausen_schumacher_94_p,
)
from biomarker.kernels.minimum_p import miller_siegmund_p
from biomarker.kernels.two_group_hazard import log_hazard_ratio

SETS = json.loads((Path(__file__).parents[1] / "reference" / "survival_cutoff.json").read_text())["sets"]


def scanned(data):
    """Scores and statistics as maxstat has them: its way with ties, and its shares."""
    rows = marked_follow_up(data["t"], data["e"], data["x"])
    scores = log_rank_scores(rows, ties="hothorn-lausen")
    scan = scan_cutoffs(rows, scores, lowest_share=data["minprop"], highest_share=data["maxprop"])
    return rows, scores, scan, np.flatnonzero(~np.isnan(scan.z[0]))


@pytest.mark.parametrize("name", SETS)
def test_statistics_and_cutoff_against_maxstat(name):
    data = SETS[name]
    rows, scores, scan, tried = scanned(data)
    assert scores[0] == pytest.approx(np.array(data["scores"]), rel=1e-9, abs=1e-12)
    size = np.abs(scan.z[0, tried])
    # the last value of a run of ties is where maxstat parts too, so cutoffs are the same ones
    assert rows.levels[tried] == pytest.approx(np.array(data["cuts"]))
    assert size == pytest.approx(np.array(data["stats"]), rel=1e-8)
    assert size.max() == pytest.approx(data["statistic"], rel=1e-9)
    assert rows.levels[tried[np.argmax(size)]] == pytest.approx(data["estimate"])


@pytest.mark.parametrize("name", SETS)
def test_p_values_against_maxstat(name):
    data = SETS[name]
    _, _, scan, tried = scanned(data)
    n, below, statistic = len(data["t"]), scan.below[0, tried], data["statistic"]
    assert miller_siegmund_p(statistic**2, data["minprop"], data["maxprop"]) == pytest.approx(data["lau92"], rel=1e-8)
    assert lausen_schumacher_94_p(statistic, below, n) == pytest.approx(min(1, data["lau94"]), rel=1e-6, abs=1e-15)
    # maxstat's is Genz's randomised integration, in up to 270 dimensions (gbsg), and takes its correlations at all
    # cutoffs of the shares as ours does; ours is deterministic
    assert exact_gauss_p(statistic, below, n) == pytest.approx(data["exact_gauss"], abs=5e-4)


@pytest.mark.parametrize("name", [name for name, data in SETS.items() if data["hl"] is not None])
def test_bound_by_exact_distributions_against_maxstat(name):
    data = SETS[name]
    rows, scores, scan, tried = scanned(data)
    below = scan.below[0, tried]
    whole = integer_scores(scores[0])
    # maxstat asks for sums beyond the one found but not for that one itself, and drops sets whose scores add up to 0
    # (its matrix begins at 1), so that its chances at m and n - m differ, which they cannot: it is too small by up to
    # `dropped`. Where ties leave cutoffs out it also subtracts chances that it never added.
    whole_n, zeros = whole.size, int((whole == 0).sum())
    dropped = sum(comb(zeros, int(m)) / comb(whole_n, int(m)) for m in below)
    strict = hothorn_lausen_p(data["hl_statistic"] * (1 + 1e-8), whole, below)
    inclusive = hothorn_lausen_p(data["hl_statistic"], whole, below)
    if np.diff(below).max() == 1:
        assert strict - dropped - 1e-7 <= data["hl"] <= inclusive + 1e-7
        assert inclusive == pytest.approx(data["hl"], rel=0.03)
    else:
        assert inclusive >= strict - 1e-12 >= data["hl"] - dropped - 1e-7
    assert rows.levels.size > 2


@pytest.mark.parametrize("name", ["untied", "DLBCL", "ovarian", "stanford", "lung"])
def test_permutation_against_condmc(name):
    data = SETS[name]
    rows, scores, scan, _ = scanned(data)
    p = permutation_p(data["statistic"], permuted_maxima(rows, scores, scan, n_permutations=9999, rng=1))
    error = np.sqrt(data["cond_mc"] * (1 - data["cond_mc"]) * (1 / 9999 + 1 / 50000)) + 2e-4
    assert abs(p - data["cond_mc"]) < 3.5 * error


@pytest.mark.parametrize("name", SETS)
def test_plain_test_and_hazard_ratio_at_cutoffs_against_survival(name):
    data = SETS[name]
    cutoffs = np.atleast_1d(data["plain"]["cuts"])
    plain = log_rank_at_cutoffs(data["t"], data["e"], data["x"], cutoffs)
    assert plain.chi_square == pytest.approx(np.atleast_1d(data["plain"]["chisq"]), rel=1e-8)
    rows = marked_follow_up(data["t"], data["e"], data["x"])
    groups = np.array(data["x"]) >= cutoffs[:, None]
    fitted = log_hazard_ratio(rows, groups, penalized=False)
    assert fitted.value == pytest.approx(np.atleast_1d(data["cox"]["value"]), rel=1e-6, abs=1e-8)
    assert fitted.std_error == pytest.approx(np.atleast_1d(data["cox"]["std_error"]), rel=1e-6)


def test_published_example_of_hothorn_and_lausen():
    # Comput Stat Data Anal 2003;43:121-137 and maxstat's vignette: DLBCL, M = 3.18 at 0.186, p 0.022 by their bound
    rows, scores, scan, tried = scanned(SETS["DLBCL"])
    best = np.nanargmax(np.abs(scan.z[0]))
    assert round(float(np.abs(scan.z[0, best])), 3) == 3.177
    assert rows.levels[best] == pytest.approx(0.186, abs=1e-3)
    whole = integer_scores(scores[0])
    assert hothorn_lausen_p(SETS["DLBCL"]["hl_statistic"], whole, scan.below[0, tried]) == pytest.approx(
        0.022, abs=1e-3
    )


def test_scores_are_observed_minus_expected_events():
    data = SETS["veteran"]  # with ties
    rows = marked_follow_up(data["t"], data["e"], data["x"])
    scores, group = log_rank_scores(rows)[0], (np.array(data["x"]) >= 60).astype(int)
    test = log_rank(data["t"], data["e"], group)
    assert scores[group == 1].sum() == pytest.approx(float((test.observed - test.expected)[1]))
    assert scores.sum() == pytest.approx(0, abs=1e-9)
    other = log_rank_scores(rows, ties="hothorn-lausen")[0]
    assert not np.allclose(scores, other)  # that is what ties change


def test_permuted_markers_are_scanned_as_if_given():
    data = SETS["ovarian"]
    t, e, x = (np.array(data[name], float) for name in "tex")
    orders = np.array([np.random.default_rng(seed).permutation(t.size) for seed in range(4)])
    cutoffs = np.unique(x)[2:-2]
    scan = log_rank_at_cutoffs(t, e, x, cutoffs, orders=orders)
    for order, found in zip(orders, scan.chi_square, strict=True):
        dealt = np.empty_like(x)
        dealt[order] = x
        assert found == pytest.approx([log_rank(t, e, (dealt >= k).astype(int)).statistic for k in cutoffs])


def test_permutations_do_not_depend_on_their_number():
    rows, scores, scan, _ = scanned(SETS["ovarian"])
    many, few = (permuted_maxima(rows, scores, scan, n_permutations=n, rng=3) for n in (200, 70))
    assert many[:64].tolist() == few[:64].tolist()


trials = st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 8)), min_size=8, max_size=40).filter(
    lambda rows: len({x for _, _, x in rows}) > 2 and any(e for _, e, _ in rows)
)


@given(trials)
@settings(max_examples=50, deadline=None)
def test_resampling_by_weights_is_resampling_rows(rows):
    t, e, x = np.array(rows).T
    data = marked_follow_up(t, e, x)
    weights = np.random.default_rng(1).multinomial(t.size, np.full(t.size, 1 / t.size), size=2).astype(float)
    scan = scan_cutoffs(data, log_rank_scores(data, weights), weights, lowest_share=0.2, highest_share=0.8)
    group = np.tile(x >= 4, (2, 1))
    ratios = log_hazard_ratio(data, group, weights).value
    for b in range(2):
        drawn = np.repeat(np.arange(t.size), weights[b].astype(int))
        own = marked_follow_up(t[drawn], e[drawn], x[drawn])
        alone = scan_cutoffs(own, log_rank_scores(own), lowest_share=0.2, highest_share=0.8)
        known = alone.z[0][~np.isnan(alone.z[0])]
        assert scan.z[b][~np.isnan(scan.z[b])] == pytest.approx(known, abs=1e-8)
        ratio = log_hazard_ratio(own, group[b][drawn][None]).value[0]
        assert ratios[b] == pytest.approx(ratio, abs=1e-6, nan_ok=True)


def test_firth_is_finite_under_separation():
    data = marked_follow_up([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 0], [3, 3, 3, 1, 1, 1])
    group = np.array([[True] * 3 + [False] * 3])
    assert np.isnan(log_hazard_ratio(data, group, penalized=False).value[0])
    firth = log_hazard_ratio(data, group)
    assert 0 < firth.value[0] < 5
    nobody = marked_follow_up([1, 2], [0, 0], [1, 2])
    assert np.isnan(log_hazard_ratio(nobody, np.array([[True, False]])).value[0])


def test_exact_gauss_by_simulation():
    # 20,000 walks: standard error 0.15 %
    n, m = 60, np.arange(12, 49)
    draws = np.random.default_rng(5).normal(size=(20_000, n))
    draws -= draws.mean(axis=1, keepdims=True)
    z = np.cumsum(draws, axis=1)[:, m - 1] / np.sqrt(m * (n - m) / n)
    assert exact_gauss_p(2.5, m, n) == pytest.approx(float(np.mean(np.abs(z).max(axis=1) >= 2.5)), abs=0.005)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: marked_follow_up([1, 2], [1, 1], [1, np.nan]), "one finite marker"),
        (lambda: log_rank_scores(marked_follow_up([1, 2], [1, 1], [1, 2]), ties="efron"), "unknown ties"),
        (lambda: lausen_schumacher_94_p(2.0, [3, 3], 10), "must rise"),
        (lambda: exact_gauss_p(2.0, [0, 3], 10), "must rise"),
    ],
)
def test_impossible_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
