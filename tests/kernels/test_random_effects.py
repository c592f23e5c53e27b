"""Expected values: tests/reference/uptake_comparison.R (lme4 and lmerTest on published data of lme4 and nlme).

lme4's optimiser stops at about 1e-7 of the variances; where the design is balanced the analysis of variance says the
rest.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.mixed import contrast, random_intercept
from biomarker.kernels.random_effects import (
    effects_contrast,
    effects_joint_test,
    random_effects,
    satterthwaite,
)

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "uptake_comparison.json").read_text())
DATA = REFERENCE["data"]


def one(data, y):
    return np.ones((len(data[y]), 1))


def penicillin():
    data = DATA["penicillin"]
    return random_effects(data["diameter"], one(data, "diameter"), [data["plate"], data["sample"]])


def machines():
    data = DATA["machines"]
    machine = np.array(data["machine"])
    design = np.column_stack([np.ones(machine.size), machine == "B", machine == "C"]).astype(float)
    return random_effects(data["score"], design, [data["worker"], data["cell"]])


def cd8():
    data = DATA["cd8"]
    design = np.column_stack([np.ones(len(data["treated"])), data["treated"]]).astype(float)
    return random_effects(np.log(data["suvmax_24h"]), design, [data["patient_id"], data["site"]])


@pytest.mark.parametrize(
    ("name", "fit", "effects"),
    [
        ("penicillin", penicillin, ("plate", "sample")),
        ("machines", machines, ("worker", "cell")),
        ("cd8_site", cd8, ("patient_id", "site")),
    ],
)
def test_crossed_and_nested_effects_agree_with_lme4(name, fit, effects):
    found, expected = fit(), REFERENCE[name]
    assert_allclose(found.variances, [expected["variances"][effect] for effect in effects], rtol=2e-6)
    assert_allclose(found.residual_variance, expected["variances"]["Residual"], rtol=2e-6)
    assert_allclose(found.coefficients, np.atleast_1d(expected["coefficients"]), rtol=1e-6)
    assert_allclose(np.sqrt(np.diag(found.covariance)), np.atleast_1d(expected["se"]), rtol=1e-6)
    df = [satterthwaite(found, row) for row in np.eye(found.coefficients.size)]
    assert_allclose(df, np.atleast_1d(expected["df"]), rtol=1e-5)


def test_machines_joint_test_is_that_of_the_analysis_of_variance():
    found, expected = effects_joint_test(machines(), np.eye(3)[1:], most_df=100), REFERENCE["machines"]
    assert_allclose((found.statistic, found.df_residual, found.df), (expected["f"], expected["f_df"], 2), rtol=1e-6)


def test_pastes_are_the_analysis_of_variance():
    # Davies and Goldsmith's pastes, balanced: batches, casks within batches, two assays of each cask
    data = DATA["pastes"]
    found = random_effects(data["strength"], one(data, "strength"), [data["batch"], data["sample"]])
    y = np.array(data["strength"])
    casks = np.unique(data["sample"], return_inverse=True)[1]
    cask_means = np.bincount(casks, y) / np.bincount(casks)
    batch_of = np.array([data["batch"][int(np.flatnonzero(casks == cask)[0])] for cask in range(30)])
    batch_means = np.array([cask_means[batch_of == batch].mean() for batch in np.unique(batch_of)])
    assay = np.sum((y - cask_means[casks]) ** 2) / 30
    own = np.concatenate([cask_means[batch_of == b] - cask_means[batch_of == b].mean() for b in np.unique(batch_of)])
    cask = 2 * np.sum(own**2) / 20
    batch = 6 * np.var(batch_means, ddof=1)
    assert_allclose(found.residual_variance, assay, rtol=1e-9)
    assert_allclose(found.variances, [(batch - cask) / 6, (cask - assay) / 2], rtol=1e-8)
    assert_allclose(satterthwaite(found, [1.0]), 9, rtol=1e-8)
    assert_allclose(
        [*found.variances, found.residual_variance],
        [REFERENCE["pastes"]["variances"][effect] for effect in ("batch", "sample", "Residual")],
        rtol=2e-6,
    )


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_patients_alone_are_the_random_intercept(seed):
    rng = np.random.default_rng(seed)
    patient = rng.integers(0, 9, 40)
    design = np.column_stack([np.ones(40), rng.integers(0, 2, 40)])
    y = rng.normal(size=9)[patient] * rng.choice([0.0, 0.5, 1.0]) + rng.normal(size=40)
    ours, theirs = random_effects(y, design, [patient]), random_intercept(y, design, patient)
    assert_allclose(ours.coefficients, theirs.coefficients, rtol=1e-6, atol=1e-9)
    assert_allclose(ours.variances[0], theirs.between_variance, rtol=1e-5, atol=1e-7)
    assert_allclose(effects_contrast(ours, [0, 1], most_df=7).se, contrast(theirs, [0.0, 1.0]).se, rtol=1e-6)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_scale_order_and_labels_do_not_matter(seed, factor):
    rng = np.random.default_rng(seed)
    patient, site = rng.integers(0, 8, 50), rng.integers(0, 4, 50)
    y = 3 + rng.normal(size=8)[patient] + rng.normal(size=4)[site] + rng.normal(size=50)
    design = np.ones((50, 1))
    before = random_effects(y, design, [patient, site])
    order = rng.permutation(50)
    after = random_effects(factor * y[order] + 7, design, [site[order].astype(str), 100 - patient[order]])
    assert_allclose(after.variances[::-1], factor**2 * before.variances, rtol=1e-5, atol=1e-8 * factor**2)
    assert_allclose(after.residual_variance, factor**2 * before.residual_variance, rtol=1e-6)
    assert_allclose(after.coefficients, factor * before.coefficients + 7, rtol=1e-6)


def test_an_effect_of_nothing_ends_at_exactly_zero():
    rng = np.random.default_rng(3)
    patient, scan = np.repeat(np.arange(10), 4), np.tile(np.arange(4), 10)
    y = rng.normal(size=10)[patient] + rng.normal(size=40)
    y -= (np.bincount(scan, y) / 10)[scan]  # every scan has the same mean
    found = random_effects(y, np.ones((40, 1)), [patient, scan])
    assert found.variances[1] == 0
    assert_allclose(found.variances[0], random_intercept(y, np.ones((40, 1)), patient).between_variance, rtol=1e-6)


def test_equal_values_have_no_variance():
    found = random_effects(np.full(8, 2.0), np.ones((8, 1)), [np.repeat([1, 2], 4)])
    assert found.residual_variance == 0
    assert np.isnan(effects_contrast(found, [1.0], most_df=1).p_value)
    assert np.isnan(effects_joint_test(found, [[1.0]], most_df=1).p_value)


@pytest.mark.parametrize(
    ("effects", "message"),
    [
        ([], "name a random effect"),
        ([[1] * 6], "1 levels"),
        ([[1, 2, 3, 4, 5, 6]], "6 levels in 6 rows"),
        ([[1, 1, 2, 2, 3, 3], list("aabbcc")], "alike"),
    ],
)
def test_effects_that_cannot_be_told_are_refused(effects, message):
    with pytest.raises(ValueError, match=message):
        random_effects(np.arange(6.0), np.ones((6, 1)), effects)


def test_bad_designs_are_refused():
    with pytest.raises(ValueError, match="one row per value"):
        random_effects(np.arange(6.0), np.ones((5, 1)), [[1, 1, 2, 2, 3, 3]])
    with pytest.raises(ValueError, match="full rank"):
        random_effects(np.arange(6.0), np.ones((6, 2)), [[1, 1, 2, 2, 3, 3]])
