"""Many univariable Cox models at once are the models one by one; score statistics of R."""

import numpy as np
import pytest

from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.cox_screen import screen_hazards
from biomarker.kernels.risk_sets import risk_sets

from .cox_reference import REFERENCE, data, design

LUNG, HEART = data("lung"), data("heart")
MARKERS = design(LUNG, "age", "sex", "wt.loss")


def test_against_single_fits_and_r():
    screened = screen_hazards(MARKERS, LUNG["time"], LUNG["event"])
    for j in range(3):
        fit = fit_many(MARKERS[:, [j]], risk_sets(LUNG["time"], LUNG["event"]))
        assert screened.coefficient[j] == pytest.approx(fit.coefficients[0, 0], rel=1e-8)
        assert screened.std_error[j] == pytest.approx(fit.information[0, 0, 0] ** -0.5, rel=1e-8)
        assert screened.likelihood_ratio[j] == pytest.approx(2 * fit.gain[0], rel=1e-8)
    assert screened.score == pytest.approx(REFERENCE["lung"]["score_each"], rel=1e-8)


def test_a_missing_value_leaves_a_patient_out_of_that_marker_only():
    markers = MARKERS.copy()
    markers[::4, 1] = np.nan
    screened = screen_hazards(markers, LUNG["time"], LUNG["event"])
    there = np.isfinite(markers[:, 1])
    alone = screen_hazards(markers[there][:, [1]], LUNG["time"][there], LUNG["event"][there])
    whole = screen_hazards(MARKERS, LUNG["time"], LUNG["event"])
    for field in ("coefficient", "std_error", "score", "likelihood_ratio", "n", "n_events"):
        assert getattr(screened, field)[1] == pytest.approx(getattr(alone, field)[0], rel=1e-8)
        assert getattr(screened, field)[0] == pytest.approx(getattr(whole, field)[0], rel=1e-8)


def test_markers_that_cannot_be_fitted_do_not_disturb_the_others():
    n = LUNG["time"].size
    useless = np.column_stack([np.ones(n), MARKERS[:, 0], np.full(n, np.nan), LUNG["event"], 1e9 + np.zeros(n)])
    screened = screen_hazards(useless, LUNG["time"], LUNG["event"])
    assert np.isnan(screened.coefficient).tolist() == [True, False, True, True, True]
    assert screened.score[3] > 20  # separated: no finite ratio, but a test
    assert np.isfinite(screen_hazards(useless, LUNG["time"], LUNG["event"], penalized=True).coefficient[3])
    assert screened.n.tolist() == [n, n, 0, n, n]


def test_strata_and_entry_are_those_of_the_single_model():
    strata = HEART["surgery"].astype(int)
    screened = screen_hazards(HEART["age"][:, None], HEART["stop"], HEART["event"], strata=strata, entry=HEART["start"])
    sets = risk_sets(HEART["stop"], HEART["event"], strata=strata, entry=HEART["start"])
    assert screened.coefficient[0] == pytest.approx(fit_many(HEART["age"][:, None], sets).coefficients[0, 0], rel=1e-9)


def test_one_row_of_markers_a_patient():
    with pytest.raises(ValueError, match="one row of markers"):
        screen_hazards(MARKERS[:5], LUNG["time"], LUNG["event"])
