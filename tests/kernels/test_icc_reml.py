"""REML of items and readers crossed, some readings missing, against lme4 and nlme; its intervals and tests."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.icc import FORMS, intraclass_correlation, mean_squares, variance_components
from biomarker.kernels.icc_reml import crossed_components, icc_from_components, reading_sums, residuals
from biomarker.kernels.icc_unbalanced import random_reader_interval, ratio_interval, ratio_test, variance_draws
from biomarker.kernels.variance_components import nested_and_crossed

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "reliability.json").read_text())
JUDGES = np.array(REFERENCE["icc"]["judges"]["values"], float)
LESIONS = np.array(REFERENCE["icc"]["lesions"]["values"], float)


def holes(name):
    return np.array(
        [[np.nan if x is None or x == "NA" else x for x in row] for row in REFERENCE["incomplete"][name]["values"]],
        float,
    )


def simulated(seed, n=12, k=4, missing=0.2, reader_sd=0.3):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n, 1)) + reader_sd * rng.normal(size=(1, k)) + 0.5 * rng.normal(size=(n, k))
    table[rng.random(table.shape) < missing] = np.nan
    return table[(~np.isnan(table)).sum(axis=1) > 1]


@pytest.mark.parametrize("name", ["judges", "lesions"])
def test_components_against_lme4(name):
    # lme4's optimiser stops at about 1e-7 of the variance
    expected, sums = REFERENCE["incomplete"][name], reading_sums(holes(name))
    one, two, three = (crossed_components(sums, model) for model in (1, 2, 3))
    assert (one.item[0], one.residual[0]) == pytest.approx(
        (expected["one_way"]["item"], expected["one_way"]["Residual"]), rel=1e-6
    )
    assert (two.item[0], two.reader[0], two.residual[0]) == pytest.approx(
        [expected["random"][part] for part in ("item", "reader", "Residual")], rel=1e-6
    )
    assert (three.item[0], three.residual[0]) == pytest.approx(
        (expected["fixed"]["item"], expected["fixed"]["Residual"]), rel=1e-6
    )
    # a second implementation, nlme, prints more digits than it converges to
    assert (one.item[0], one.residual[0]) == pytest.approx(expected["one_way_nlme"], rel=1e-4)


@pytest.mark.parametrize("table", [JUDGES, LESIONS])
def test_complete_readings_give_the_mean_squares(table):
    # with positive components REML and moments agree, the exact intervals are the F intervals, and so are the tests
    moments, sums = variance_components(mean_squares(table)), reading_sums(table)
    parts = crossed_components(sums, 2)
    assert (parts.item[0], parts.reader[0], parts.residual[0]) == pytest.approx(tuple(moments), rel=1e-8)
    for form in FORMS:
        model = int(form[4])
        found = icc_from_components(crossed_components(sums, model), form, table.shape[1])[0]
        f = intraclass_correlation(table, form, null_value=0.0)
        assert found == pytest.approx(f.icc, rel=1e-8)
        if model != 2 and form.endswith("1)"):
            limits = ratio_interval(sums, model)
            assert (limits.low[0], limits.high[0]) == pytest.approx((f.low, f.high), rel=1e-8)
            test = ratio_test(sums, model, null_value=0.3)
            against = intraclass_correlation(table, form, null_value=0.3)
            assert tuple(test) == pytest.approx((against.f, against.df1, against.df2, against.p_value), rel=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_two_ways_to_the_same_fit(seed):
    # sums over items here, passes over rows with nested factors there
    table = simulated(seed, reader_sd=0.0 if seed == 3 else 0.4)
    item, reader = np.nonzero(~np.isnan(table))
    parts = crossed_components(reading_sums(table), 2)
    other = nested_and_crossed(table[item, reader], [item], [reader]).variances
    assert (parts.item[0], parts.reader[0], parts.residual[0]) == pytest.approx(other, rel=1e-5, abs=1e-8)


def test_many_fits_are_each_their_own():
    tables = [simulated(seed, n=15, missing=0.0) for seed in range(5)]
    together = crossed_components(reading_sums(np.stack(tables, axis=2)), 2)
    for j, table in enumerate(tables):
        alone = crossed_components(reading_sums(table), 2)
        assert [part[j] for part in together] == pytest.approx([part[0] for part in alone], rel=1e-7, abs=1e-10)
    # leaving out an item by its weight is leaving it out
    table = simulated(9)
    weights = np.ones((1, len(table)))
    weights[0, 3] = 0
    left_out = crossed_components(reading_sums(table, weights), 2)
    alone = crossed_components(reading_sums(np.delete(table, 3, axis=0)), 2)
    assert [part[0] for part in left_out] == pytest.approx([part[0] for part in alone], rel=1e-7)


@given(st.integers(0, 1000), st.sampled_from((1, 2, 3)), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_order_unit_and_origin_do_not_matter(seed, model, random):
    table = simulated(seed)
    items, readers = list(range(len(table))), list(range(table.shape[1]))
    random.shuffle(items)
    random.shuffle(readers)
    first = crossed_components(reading_sums(table), model)
    second = crossed_components(reading_sums(10 * table[items][:, readers] + 500), model)
    assert np.sqrt(second.item[0] / 100) == pytest.approx(np.sqrt(first.item[0]), rel=1e-5, abs=1e-6)
    assert second.residual[0] / 100 == pytest.approx(first.residual[0], rel=1e-5)


def test_twins_of_every_item_change_nothing_but_the_certainty():
    table = simulated(5, n=20)
    one, two = (random_reader_interval(reading_sums(t)) for t in (table, np.vstack([table, table])))
    assert two.high - two.low < one.high - one.low
    one, two = (ratio_interval(reading_sums(t), 3) for t in (table, np.vstack([table, table])))
    assert two.high[0] - two.low[0] < one.high[0] - one.low[0]


def test_generalised_draws_of_complete_readings_have_the_classical_form():
    # residual SS / chi-squared, and differences of mean squares each over its own chi-squared, as drawn here at random
    rng = np.random.default_rng(1)
    ms, n, k = mean_squares(LESIONS), *LESIONS.shape
    residual, items, readers = (
        square * df / rng.chisquare(df, 200_000)
        for square, df in ((ms.residual, (n - 1) * (k - 1)), (ms.items, n - 1), (ms.readers, k - 1))
    )
    item, reader = np.maximum(items - residual, 0) / k, np.maximum(readers - residual, 0) / n
    expected = np.quantile(item / (item + reader + residual), [0.025, 0.5, 0.975])
    drawn = variance_draws(reading_sums(LESIONS))
    found = np.quantile(drawn.item[0] / (drawn.item[0] + drawn.reader[0] + drawn.residual[0]), [0.025, 0.5, 0.975])
    assert found == pytest.approx(expected, abs=0.005)  # 16,384 draws, of which 400 lie below the lower limit


def test_residuals_are_what_items_and_readers_leave_over():
    left, df = residuals(JUDGES)
    assert df == 15
    assert (left**2).sum() / df == pytest.approx(mean_squares(JUDGES).residual)
    left, df = residuals(holes("judges"))
    assert df == 13
    assert np.nansum(left, axis=1) == pytest.approx(0, abs=1e-12)


def test_degenerate():
    exact = np.repeat(JUDGES[:, :1], 3, axis=1)
    assert ratio_interval(reading_sums(exact), 3).low[0] == 1
    # two readers who never read the same item tell nothing of their difference
    apart = np.array([[1.0, 2.0, np.nan, np.nan], [3.0, 2.5, np.nan, np.nan], [np.nan, np.nan, 4.0, 5.0]])
    assert np.isfinite(crossed_components(reading_sums(apart), 2).item[0])
    assert np.isnan(ratio_test(reading_sums([[1.0, np.nan], [np.nan, 2.0]]), 3).statistic)
    for bad, message in (([[1.0, 2.0]], "2 items"), ([[1.0], [2.0]], "2 readers")):
        with pytest.raises(ValueError, match=message):
            reading_sums(bad)
    with pytest.raises(ValueError, match="one feature"):
        reading_sums(np.ones((3, 2, 2)), np.ones((1, 3)))
    with pytest.raises(ValueError, match="model"):
        crossed_components(reading_sums(JUDGES), 4)


def coverage(n, k, reader_sd, missing, trials, seed):
    rng = np.random.default_rng(seed)
    held = np.zeros(2)
    for _ in range(trials):
        table = rng.normal(size=(n, 1)) + reader_sd * rng.normal(size=(1, k)) + 0.5 * rng.normal(size=(n, k))
        table[rng.random(table.shape) < missing] = np.nan
        sums = reading_sums(table[(~np.isnan(table)).sum(axis=1) > 1])
        two, three = random_reader_interval(sums, n_draws=1024), ratio_interval(sums, 3)
        held += (two.low <= 1 / (1.25 + reader_sd**2) <= two.high, three.low[0] <= 0.8 <= three.high[0])
    return held / trials


def test_coverage_at_fifteen_items_with_readings_missing():
    random, fixed = coverage(15, 3, 0.2, 0.2, 300, seed=1)  # standard error 1.3 %
    assert 0.91 < random < 0.99
    assert 0.91 < fixed < 0.99


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 20, 40])
@pytest.mark.parametrize("k", [2, 3, 5])
def test_coverage_table(n, k):
    for reader_sd in (0.0, 0.15, 0.4):
        random, fixed = coverage(n, k, reader_sd, 0.2 if k > 2 else 0.0, 1000, seed=n + k)
        assert 0.92 < random < 0.985
        assert 0.93 < fixed < 0.97
