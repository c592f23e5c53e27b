"""Score residuals and the sandwich variance against R's residuals(type = "score") and coxph(cluster =)."""

import numpy as np
import pytest

from biomarker.kernels.cox_robust import cluster_covariance, score_residuals
from biomarker.kernels.risk_sets import risk_sets

from .cox_reference import MODELS


@pytest.mark.parametrize("name", MODELS)
def test_score_residuals_against_r(name):
    x, t, e, _, options, _, expected = MODELS[name]
    ours = score_residuals(x, np.atleast_1d(expected["coefficients"]), risk_sets(t, e, **options))
    theirs = np.reshape(expected["score"], ours.shape)
    assert ours == pytest.approx(theirs, abs=1e-6 * np.abs(theirs).max())


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.clusters is not None])
def test_sandwich_against_r(name):
    x, t, e, _, options, clusters, expected = MODELS[name]
    residuals = score_residuals(x, np.array(expected["coefficients"]), risk_sets(t, e, **options))
    ours = cluster_covariance(residuals, np.array(expected["covariance"]), clusters)
    assert ours == pytest.approx(np.array(expected["robust"]), rel=1e-7)


def test_rows_of_strata_without_events_have_none():
    sets = risk_sets([1, 2, 3, 4], [1, 1, 0, 0], strata=[0, 0, 1, 1])
    assert score_residuals([[1.0], [0.0], [3.0], [5.0]], [0.3], sets)[2:].tolist() == [[0.0], [0.0]]
