"""The nested interval of an ICC: coverage, and what it must reduce to."""

import numpy as np
import pytest

from biomarker.kernels.icc import FORMS, intraclass_correlation
from biomarker.kernels.icc_nested import nested_interval


def trial(rng, n_patients, *, readers=3, reader_sd=0.0, lesions=6):
    """Lesions of SD 1, half of the variance between patients; residual SD 0.5."""
    patient = np.repeat(np.arange(n_patients), rng.integers(1, lesions + 1, n_patients))
    true = np.sqrt(0.5) * (rng.normal(size=n_patients)[patient] + rng.normal(size=patient.size))
    reader = reader_sd * rng.normal(size=(1, readers))
    return true[:, None] + reader + 0.5 * rng.normal(size=(patient.size, readers)), patient


def coverage(form, n_patients, reader_sd, trials, seed):
    rng = np.random.default_rng(seed)
    true = 1 / (1.25 + (reader_sd**2 if form[4] == "2" else 0))
    nested = naive = 0
    for _ in range(trials):
        values, patient = trial(rng, n_patients, reader_sd=reader_sd)
        low, high = nested_interval(values, patient, form)
        nested += low <= true <= high
        f = intraclass_correlation(values, form)
        naive += f.low <= true <= f.high
    return nested / trials, naive / trials


@pytest.mark.parametrize(("form", "reader_sd"), [("ICC(3,1)", 0.0), ("ICC(2,1)", 0.15)])
def test_coverage_at_fifteen_patients(form, reader_sd):
    # 500 trials: standard error 1 %
    nested, naive = coverage(form, 15, reader_sd, 500, seed=1)
    assert 0.92 < nested < 0.98
    assert naive < nested


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [10, 20, 40])
@pytest.mark.parametrize(
    ("form", "reader_sd"), [("ICC(3,1)", 0.0), ("ICC(2,1)", 0.0), ("ICC(2,1)", 0.15), ("ICC(2,1)", 0.4)]
)
def test_coverage_table(form, reader_sd, n_patients):
    # 3,000 trials: standard error 0.4 %
    nested, naive = coverage(form, n_patients, reader_sd, 3_000, seed=n_patients)
    # Three readers who differ by 0.4 SD of the lesions leave two degrees of freedom for a variance that then matters:
    # 97, 95 and 89.5 % measured at 10, 20 and 40 patients.
    assert (0.92 if reader_sd < 0.4 else 0.88) < nested < 0.985
    assert naive < nested


@pytest.mark.parametrize("form", FORMS)
def test_order_unit_and_names_of_patients_do_not_matter(form):
    rng = np.random.default_rng(2)
    values, patient = trial(rng, 12, reader_sd=0.2)
    low, high = nested_interval(values, patient, form)
    assert low < intraclass_correlation(values, form).icc < high
    order = rng.permutation(patient.size)
    assert nested_interval(5 * values[order] + 3, 99 - patient[order], form) == pytest.approx((low, high), rel=1e-8)


def test_one_lesion_a_patient_is_close_to_the_f_interval():
    rng = np.random.default_rng(3)
    values, patient = trial(rng, 200, lesions=1)
    for form in ("ICC(3,1)", "ICC(1,1)", "ICC(3,k)"):
        f = intraclass_correlation(values, form)
        assert nested_interval(values, patient, form) == pytest.approx((f.low, f.high), abs=0.03)


def test_averages_are_the_stepped_up_limits():
    values, patient = trial(np.random.default_rng(4), 10, reader_sd=0.3)
    for one, mean in zip(FORMS[:3], FORMS[3:], strict=True):
        stepped = [3 * r / (1 + 2 * r) for r in nested_interval(values, patient, one)]
        assert nested_interval(values, patient, mean) == pytest.approx(stepped, rel=1e-10)


def test_not_estimable():
    values, _ = trial(np.random.default_rng(5), 4)
    assert np.isnan(nested_interval(values, np.zeros(len(values)))).all()
    # without patient 0 a single lesion is left
    assert np.isnan(nested_interval(values[:4], [0, 0, 0, 1])).all()
    assert np.isnan(nested_interval(np.ones((4, 2)), [0, 0, 1, 1])).all()
    assert nested_interval([[1.0, 1.0], [2.0, 2.0], [5.0, 5.0]], [0, 0, 1]) == (1.0, 1.0)


def test_one_patient_per_item():
    with pytest.raises(ValueError, match="one patient"):
        nested_interval([[1.0, 1.0], [2.0, 2.0]], [0])
