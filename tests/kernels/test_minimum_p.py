"""The smallest of many p-values and what it is worth, against maxstat and by simulation."""

import numpy as np
import pytest

from biomarker.kernels.cutoff import CutoffRule, choose_cutoff
from biomarker.kernels.minimum_p import altman_p, chi_square_p, miller_siegmund_p, permutation_p
from biomarker.kernels.weighted_roc import marker_rows

from .cutoff_reference import REFERENCE, SETS, data_of, rows_of


@pytest.mark.parametrize("name", SETS)
def test_chi_square_at_every_cutoff_against_r(name):
    # stats::chisq.test(correct = FALSE), tests/reference/cutoff.R; NaN where nobody is called negative
    expected = REFERENCE["smallest"][name]
    ours = choose_cutoff(rows_of(name), CutoffRule(criterion="min_p"))
    np.testing.assert_allclose(ours.cutoffs, expected["values"])
    np.testing.assert_allclose(ours.values, np.array(expected["chi_square"], float), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", SETS)
def test_largest_statistic_against_maxstat(name):
    # maxstat 0.7-25, maxstat.test(smethod = "Data", minprop = 0.1, maxprop = 0.9): standardised by the permutation
    # variance, so that its square is chi-square (n - 1) / n. On heavily tied data (suicide) its bounds on the cutoffs
    # are in ranks and ours in rows, and so another cutoff may be the last one tried.
    marker, _, _ = data_of(name)
    expected = REFERENCE["smallest"][name]["maxstat"]
    ours = choose_cutoff(rows_of(name), CutoffRule(criterion="min_p", minimum_share=0.1))
    assert np.sqrt(np.nanmax(ours.values) * (marker.size - 1) / marker.size) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("case", REFERENCE["formula"], ids=lambda case: str(case["z"]))
def test_miller_siegmund_against_maxstat(case):
    # maxstat 0.7-25, pLausen92(z, minprop, maxprop)
    assert miller_siegmund_p(case["z"] ** 2, 0.1, 0.9) == pytest.approx(min(1, case["p"]), rel=1e-10)
    assert miller_siegmund_p(case["z"] ** 2, 0.05, 0.95) == pytest.approx(min(1, case["p5"]), rel=1e-10)


def test_altman_is_near_miller_siegmund_where_it_holds():
    # Altman et al. 1994 call it accurate between 0.0001 and 0.1
    from scipy.special import chdtri

    for smallest in (0.0002, 0.001, 0.005, 0.02):
        exact = miller_siegmund_p(chdtri(1, smallest), 0.1, 0.9)
        assert altman_p(smallest) == pytest.approx(exact, rel=0.05)
        exact = miller_siegmund_p(chdtri(1, smallest), 0.05, 0.95)
        assert altman_p(smallest, 0.05) == pytest.approx(exact, rel=0.05)


def test_outside_what_the_formulas_are_for():
    assert miller_siegmund_p(0.5, 0.1, 0.9) == 1
    assert np.isnan(miller_siegmund_p(np.nan, 0.1, 0.9))
    assert np.isnan(altman_p(0.3))
    assert np.isnan(altman_p(1e-6))
    assert chi_square_p(0) == 1
    with pytest.raises(ValueError, match="lowest_share"):
        miller_siegmund_p(4, 0, 0.9)
    with pytest.raises(ValueError, match="share"):
        altman_p(0.01, 0.2)
    with pytest.raises(ValueError, match="permutation"):
        permutation_p(marker_rows([1, 2], [0, 1]), n_permutations=0)
    assert np.isnan(permutation_p(marker_rows([1, 1, 1], [0, 1, 0]), n_permutations=9))


def test_permutation_of_few_rows_is_that_of_all_orders():
    # 4 + 4 rows, perfectly separated: 2 of the 70 ways to deal the classes are as extreme
    rows = marker_rows(np.arange(8), np.arange(8) >= 4)
    assert permutation_p(rows, minimum_share=0, n_permutations=20_000, rng=1) == pytest.approx(2 / 70, abs=0.004)


def test_permutation_agrees_with_the_formula_when_rows_are_independent():
    rng = np.random.default_rng(5)
    truth = np.arange(300) < 120
    rows = marker_rows(rng.normal(size=300) + 0.3 * truth, truth)
    largest = np.nanmax(choose_cutoff(rows, CutoffRule(criterion="min_p", minimum_share=0.1)).values)
    assert permutation_p(rows, n_permutations=4999, rng=1) == pytest.approx(
        miller_siegmund_p(largest, 0.1, 0.9), rel=0.35
    )


def sizes(classes_by_patient, n_trials):
    """Return how often p is at most 0.05 when nothing is going on: uncorrected, by formula, by permutation."""
    rng = np.random.default_rng(11)
    found = []
    for trial in range(n_trials):
        patient = np.repeat(np.arange(20), 1 + rng.poisson(3, 20))
        n = patient.size
        marker = rng.normal(size=20)[patient] + rng.normal(size=n)
        if classes_by_patient:
            truth = (rng.permutation(20) < 8)[patient]
        else:
            truth = rng.normal(size=20)[patient] + rng.normal(size=n) > 0.3
        rows = marker_rows(marker, truth, patient)
        largest = np.nanmax(choose_cutoff(rows, CutoffRule(criterion="min_p", minimum_share=0.1)).values)
        found.append(
            [
                chi_square_p(largest),
                miller_siegmund_p(largest, 0.1, 0.9),
                permutation_p(rows, n_permutations=99, rng=trial),
            ]
        )
    return np.mean(np.array(found) <= 0.05, axis=0)


@pytest.mark.parametrize("classes_by_patient", [True, False])
def test_only_permutation_of_patients_holds_its_size_when_lesions_are_nested(classes_by_patient):
    uncorrected, formula, permuted = sizes(classes_by_patient, 300)
    assert uncorrected > 0.3
    assert permuted < 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / 300)
    if classes_by_patient:
        assert formula > 0.1
