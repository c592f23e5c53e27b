"""Cohen's kappa and its standard errors against published examples, R and statsmodels."""

import json
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from biomarker.kernels.kappa import agreement_weights, binary_indices, cohen_kappa, fleiss_null_error

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "categorical_agreement.json").read_text())


@pytest.mark.parametrize("name", ["diagnoses", "pregnancies"])
def test_against_r(name):
    # psych 2.2.9 and vcd 1.4.11. psych's variance of weighted kappa (0.001623 for the diagnoses) is not that of Fleiss,
    # Cohen and Everitt (0.003099, as statsmodels has it), so of weighted kappa R gives the value only.
    expected = REFERENCE[name]
    plain = cohen_kappa(expected["table"])
    assert plain.value == pytest.approx(expected["kappa"], abs=1e-12)
    assert plain.value == pytest.approx(expected["vcd_kappa"], abs=1e-12)
    assert plain.standard_error == pytest.approx(expected["se"], abs=1e-12)
    assert plain.standard_error == pytest.approx(expected["vcd_se"], abs=1e-12)
    for scheme, value in (("linear", "vcd_linear"), ("quadratic", "vcd_quadratic"), ("quadratic", "quadratic")):
        weights = agreement_weights(scheme, range(3))
        assert cohen_kappa(expected["table"], weights).value == pytest.approx(expected[value], abs=1e-12)


@pytest.mark.parametrize("name", ["diagnoses", "pregnancies"])
@pytest.mark.parametrize(("scheme", "theirs"), [(None, None), ("linear", "linear"), ("quadratic", "fc")])
def test_both_standard_errors_against_statsmodels(name, scheme, theirs):
    table = np.array(REFERENCE[name]["table"])
    found = cohen_kappa(table, agreement_weights(scheme, range(3)))
    expected = cohens_kappa(table, wt=theirs)
    assert found == pytest.approx((expected.kappa, expected.std_kappa, expected.std_kappa0), abs=1e-10)


def test_fleiss_cohen_everitt_as_published():
    # Psychol Bull 1969;72:323-327: kappa 0.429, variances 0.002885 and 0.003082 (null); with Spitzer's weights of
    # agreement kappa 0.507, variances 0.003248 and 0.004270 (their weights are rounded)
    table = REFERENCE["diagnoses"]["table"]
    plain = cohen_kappa(table)
    assert plain.value == pytest.approx(0.429, abs=5e-4)
    assert plain.standard_error**2 == pytest.approx(0.002885, abs=5e-7)
    assert plain.null_error**2 == pytest.approx(0.003082, abs=5e-7)
    weighted = cohen_kappa(table, [[1, 0, 4 / 9], [0, 1, 6 / 9], [4 / 9, 6 / 9, 1]])
    assert weighted.value == pytest.approx(0.507, abs=5e-4)
    assert weighted.standard_error**2 == pytest.approx(0.003248, abs=1e-6)
    assert weighted.null_error**2 == pytest.approx(0.004270, abs=2e-6)


def test_cohen_1968_as_published():
    # Psychol Bull 1968;70:213-220: 200 patients, kappa 0.492; disagreement weights 0 1 3 / 1 0 6 / 3 6 0, kappa 0.348
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    assert cohen_kappa(table).value == pytest.approx(0.492, abs=5e-4)
    weights = 1 - np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]]) / 6
    assert cohen_kappa(table, weights).value == pytest.approx(0.348, abs=5e-4)


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ([[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]], 0.208),  # Winnipeg
        ([[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]], 0.297),  # New Orleans
    ],
)
def test_landis_koch_as_published(table, kappa):
    # Biometrics 1977;33:159-174, certainty of multiple sclerosis by two neurologists
    assert cohen_kappa(table).value == pytest.approx(kappa, abs=5e-4)


def test_prevalence_and_bias():
    # Feinstein and Cicchetti's paradox (J Clin Epidemiol 1990;43:543-549): both tables agree in 85 of 100, kappa is
    # 0.70 and 0.32; Byrt's indices (1993) tell them apart
    balanced, skewed = [[40, 9], [6, 45]], [[80, 10], [5, 5]]
    assert cohen_kappa(balanced).value == pytest.approx(0.70, abs=5e-3)
    assert cohen_kappa(skewed).value == pytest.approx(0.32, abs=5e-3)
    assert binary_indices(balanced) == pytest.approx((-0.05, 0.03))
    assert binary_indices(skewed) == pytest.approx((0.75, 0.05))


def test_null_error_of_fleiss_kappa():
    # Fleiss 1971 in R's irr::kappam.fleiss, as its manual prints: kappa 0.43, z 17.7
    counts = np.array(REFERENCE["psychiatrists"]["counts"])
    codes = np.array([np.repeat(np.arange(5), row) for row in counts])
    assert 0.43024 / fleiss_null_error(codes, 5) == pytest.approx(17.7, abs=0.05)
    assert np.isnan(fleiss_null_error([[0, -1], [1, 1]], 2))
    assert np.isnan(fleiss_null_error([[0, 0], [0, 0]], 2))
    assert np.isnan(fleiss_null_error(np.empty((0, 2), int), 2))


def test_degenerate_tables():
    assert np.isnan(cohen_kappa([[5, 0], [0, 0]]).value)
    assert cohen_kappa([[5, 0], [0, 5]])[:2] == (1.0, 0.0)
    for table in ([[1, 2, 3], [4, 5, 6]], [[0, 0], [0, 0]], [[-1, 2], [3, 4]]):
        with pytest.raises(ValueError, match=r"table of two|counts must"):
            cohen_kappa(table)
    with pytest.raises(ValueError, match="no weights 'cubic'"):
        agreement_weights("cubic", [1, 2])


def test_weights():
    assert agreement_weights("linear", [1, 2, 4]).tolist()[0] == pytest.approx([1, 2 / 3, 0])
    assert agreement_weights("linear", [3.0]).tolist() == [[1.0]]
