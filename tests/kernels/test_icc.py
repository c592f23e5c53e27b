"""Intraclass correlation against Shrout and Fleiss (1979), R psych, R lme4, pingouin, and its own invariants."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from biomarker.kernels.icc import (
    FORMS,
    icc_estimate,
    intraclass_correlation,
    mean_squares,
    resampled_mean_squares,
    variance_components,
)

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "reliability.json").read_text())
JUDGES = np.array(REFERENCE["icc"]["judges"]["values"])


def test_published_table():
    # Shrout & Fleiss 1979: table 3 (mean squares) and table 4 (estimates)
    ms = mean_squares(JUDGES)
    assert [round(float(x), 2) for x in (ms.items, ms.within, ms.readers, ms.residual)] == [11.24, 6.26, 32.49, 1.02]
    estimates = [round(float(icc_estimate(ms, form)), 2) for form in FORMS]
    assert estimates == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]


@pytest.mark.parametrize("data", ["judges", "lesions", "noise", "two_by_two"])
@pytest.mark.parametrize(("level", "key"), [(0.95, "at_95"), (0.90, "at_90")])
def test_six_forms_against_psych(data, level, key):
    values, expected = REFERENCE["icc"][data]["values"], REFERENCE["icc"][data][key]
    for i, form in enumerate(FORMS):
        ours = intraclass_correlation(values, form, confidence_level=level)
        theirs = {name: expected[name][i] for name in ("icc", "f", "df1", "df2", "p", "low", "high")}
        got = dict(zip(theirs, (ours.icc, ours.f, ours.df1, ours.df2, ours.p_value, ours.low, ours.high), strict=True))
        if form == "ICC(2,k)" and data == "noise":
            # Negative ICC: psych gives 4.26 (4.08 to 46.2), past the pole of the formula. Undefined is right.
            assert expected["icc"][i] > 1
            assert np.isnan([ours.icc, ours.low, ours.high]).all()
            continue
        if form == "ICC(2,k)" and data == "two_by_two":
            # psych steps the lower limit up past the pole: 2.5, above the upper limit. The limit for a single reading
            # is below -1/(k-1), where that for an average of k is minus infinity.
            assert theirs.pop("low") > theirs["high"]
            assert got.pop("low") == -np.inf
        assert got == pytest.approx(theirs, rel=1e-9, abs=1e-12), form


def test_components_against_lme4():
    # Balanced data with positive components: REML and moments agree; lmer's optimiser stops at about 1e-6.
    expected = REFERENCE["components"]["lesions"]
    ours = variance_components(mean_squares(REFERENCE["icc"]["lesions"]["values"]))
    assert ours.item == pytest.approx(expected["item"], rel=1e-5)
    assert ours.reader == pytest.approx(expected["reader"], rel=1e-5)
    assert ours.residual == pytest.approx(expected["Residual"], rel=1e-5)


@pytest.mark.slow  # 3 s of import
def test_against_pingouin():
    pd = pytest.importorskip("pandas")
    pingouin = pytest.importorskip("pingouin")
    items, readers = np.indices(JUDGES.shape)
    long = pd.DataFrame({"item": items.ravel(), "reader": readers.ravel(), "value": JUDGES.ravel()})
    theirs = pingouin.intraclass_corr(long, targets="item", raters="reader", ratings="value")
    ours = [float(intraclass_correlation(JUDGES, form).icc) for form in FORMS]
    assert sorted(ours) == pytest.approx(sorted(theirs["ICC"]), abs=1e-6)


def test_many_features_are_each_their_own():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(12, 1, 5)) + rng.normal(size=(12, 4, 5))
    for form in FORMS:
        together = intraclass_correlation(values, form)
        for j in range(5):
            alone = intraclass_correlation(values[:, :, j], form)
            assert np.allclose([t[j] if np.ndim(t) else t for t in together], alone, rtol=1e-10)


def test_resamples_are_what_repeating_the_rows_gives():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(9, 1)) + rng.normal(size=(9, 3))
    weights = rng.multinomial(9, np.full(9, 1 / 9), size=20)
    weights[0] = [3, 2, 0, 1, 1, 0, 0, 4, 1]  # 12 rows: whole patients drawn change the number of lesions
    resampled = resampled_mean_squares(values, weights)
    for i, w in enumerate(weights):
        direct = mean_squares(np.repeat(values, w, axis=0))
        assert [resampled.items[i], resampled.readers[i], resampled.residual[i], resampled.within[i]] == pytest.approx(
            [direct.items, direct.readers, direct.residual, direct.within], rel=1e-9
        )
    assert resampled_mean_squares(values, np.ones((1, 9))).items[0] == pytest.approx(mean_squares(values).items)


def test_a_resample_of_one_item_is_undefined():
    ms = resampled_mean_squares(JUDGES, [[1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]])
    estimates = icc_estimate(ms, "ICC(2,1)")
    assert np.isnan(estimates[0])
    assert estimates[1] == pytest.approx(0.2898, abs=1e-4)


tables = hnp.arrays(float, st.tuples(st.integers(3, 8), st.integers(2, 5)), elements=st.integers(-50, 50).map(float))


@given(tables, st.sampled_from(FORMS), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_unit_and_origin_do_not_matter(values, form, random):
    icc = intraclass_correlation(values, form).icc
    items, readers = list(range(values.shape[0])), list(range(values.shape[1]))
    random.shuffle(items)
    random.shuffle(readers)
    assert intraclass_correlation(values[items][:, readers], form).icc == pytest.approx(icc, rel=1e-9, nan_ok=True)
    # steps of 2 keep the arithmetic exact, so that no variance stays no variance
    assert intraclass_correlation(values * 4 - 64, form).icc == pytest.approx(icc, rel=1e-9, nan_ok=True)


@given(tables, st.sampled_from(FORMS))
@settings(max_examples=60, deadline=None)
def test_interval_holds_the_estimate_and_shrinks_with_the_level(values, form):
    wide, narrow = (intraclass_correlation(values, form, confidence_level=level) for level in (0.99, 0.8))
    if np.isnan([wide.low, wide.high, narrow.low, narrow.high]).any():
        return
    assert wide.icc <= 1 + 1e-12
    # The limits of model 2 are approximate, so only those of models 1 and 3 must hold the estimate.
    if form[4] != "2":
        assert wide.low <= narrow.low <= narrow.icc + 1e-9
        assert narrow.icc - 1e-9 <= narrow.high <= wide.high


@given(tables)
@settings(max_examples=40, deadline=None)
def test_a_reader_who_reads_high_is_disagreement_but_not_inconsistency(values):
    shifted = values.copy()
    shifted[:, 0] += 1000
    before, after = (intraclass_correlation(v, "ICC(3,1)").icc for v in (values, shifted))
    assert after == pytest.approx(before, rel=1e-6, abs=1e-9, nan_ok=True)
    if mean_squares(values).items > 0:
        assert intraclass_correlation(shifted, "ICC(2,1)").icc < 0.5


@pytest.mark.parametrize("form", FORMS)
def test_no_variance_is_undefined(form):
    assert np.isnan(intraclass_correlation(np.full((6, 3), 0.1), form)).sum() == 5  # all but the degrees of freedom


@pytest.mark.parametrize("form", FORMS)
def test_exact_agreement(form):
    values = np.repeat([[0.1], [0.2], [0.3], [0.7]], 3, axis=1)
    result = intraclass_correlation(values, form)
    assert (result.icc, result.low, result.high, result.p_value) == (1.0, 1.0, 1.0, 0.0)
    assert np.isinf(result.f)


def test_the_lower_limit_for_an_average_may_be_unbounded():
    rng = np.random.default_rng(5)
    unbounded = 0
    for _ in range(300):
        values = rng.normal(size=(5, 3))
        one, mean = (intraclass_correlation(values, form) for form in ("ICC(2,1)", "ICC(2,k)"))
        if np.isnan(mean.icc):
            continue
        assert mean.low <= mean.icc <= 1
        assert np.isinf(mean.low) == (one.low <= -0.5)
        unbounded += np.isinf(mean.low)
    assert unbounded > 0


def test_negative_components_are_zero():
    parts = variance_components(mean_squares(REFERENCE["icc"]["noise"]["values"]))
    assert parts.item == 0
    assert parts.residual > 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1.0, 2.0]], "at least 2 items"),
        ([[1.0], [2.0]], "at least 2 items"),
        ([[1.0, 2.0], [np.nan, 1.0]], "finite"),
        ([1.0, 2.0], "at least 2 items"),
    ],
)
def test_impossible_input(values, message):
    with pytest.raises(ValueError, match=message):
        intraclass_correlation(values)


def test_unknown_form_and_level():
    with pytest.raises(ValueError, match="unknown form"):
        intraclass_correlation(JUDGES, "ICC(4,1)")
    with pytest.raises(ValueError, match="fraction"):
        intraclass_correlation(JUDGES, confidence_level=95)
    with pytest.raises(ValueError, match="one feature"):
        resampled_mean_squares(np.zeros((3, 2, 2)), np.ones((1, 3)))


def test_a_thousand_features_take_milliseconds():
    # design target: 36 ms (500 times pingouin's 18.3 s); the bound leaves room for a busy machine
    values = np.random.default_rng(3).normal(size=(50, 3, 1000))
    start = time.perf_counter()
    intraclass_correlation(values, "ICC(2,1)")
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(("form", "at_least"), [("ICC(3,1)", 0.93), ("ICC(2,1)", 0.92)])
def test_coverage_at_twenty_items_and_three_readers(form, at_least):
    # 4,000 trials: standard error 0.35 %. Items SD 1, residual SD 0.7; readers SD 0.3 for model 2.
    rng = np.random.default_rng(4)
    trials = 4_000
    reader_sd = 0.3 if form[4] == "2" else 0.0
    values = rng.normal(size=(20, 1, trials)) + reader_sd * rng.normal(size=(1, 3, trials))
    values += 0.7 * rng.normal(size=(20, 3, trials))
    true = 1 / (1 + 0.49 + reader_sd**2)
    result = intraclass_correlation(values, form)
    covered = np.mean((result.low <= true) & (true <= result.high))
    assert at_least < covered < 0.975
