import numpy as np

from biomarker.kernels.outcome_models import ContinuousOutcome
from biomarker.kernels.treatment_selection import selection_gain


def test_without_a_model_to_choose_by_there_is_no_gain():
    model = ContinuousOutcome(np.array([1.0, 2.0, 3.0, 4.0]), higher_is_better=True)
    gain = selection_gain(
        model, np.array([[np.nan] * 4, [1.0, 1.0, -1.0, -1.0]]), np.array([True, False] * 2), np.ones((2, 4))
    )
    assert all(np.isnan(part[0]) for part in gain)
    assert np.isfinite([part[1] for part in gain]).all()
