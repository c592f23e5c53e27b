import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.clustered_proportion import clustered_proportion, proportion_influence
from biomarker.kernels.clustered_two_by_two import (
    clustered_predictive_values_at_prevalence,
    clustered_two_by_two,
)
from biomarker.kernels.patient_variance import influence_correlation
from biomarker.kernels.two_by_two import QUANTITIES, two_by_two
from tests.coverage.two_by_two import coverage

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "predictive_values.json").read_text())
tables = st.lists(st.tuples(*[st.integers(0, 5)] * 4), min_size=1, max_size=12).filter(lambda t: np.sum(t) > 0)


def limits(measure):
    return [measure.value, measure.low, measure.high]


def cells_of(name):
    expected = REFERENCE["nested_table"]
    return [np.array(expected[cell]) for cell in ("tp", "fp", "fn", "tn")]


def test_the_robust_part_of_the_log_ratio_agrees_with_geepack():
    # geepack::geeglm(test ~ truth, corstr = "independence"), delta method to log(se/fpr) and the log odds ratio.
    # Influences of patients give the same variance as GEE's sandwich.
    expected = REFERENCE["nested_table"]
    tp, fp, fn, tn = cells_of("nested_table")
    se, sp = expected["sensitivity"], expected["specificity"]
    of_se, _ = proportion_influence(tp, tp + fn)
    of_sp, _ = proportion_influence(tn, tn + fp)
    log_ratio = of_se / se + of_sp / (1 - sp)
    log_odds = of_se / (se * (1 - se)) + of_sp / (sp * (1 - sp))
    assert (log_ratio**2).sum() == pytest.approx(expected["log_lr_positive_variance"], rel=1e-8)
    assert (log_odds**2).sum() == pytest.approx(expected["log_odds_ratio_variance"], rel=1e-8)


def test_values_are_those_of_the_pooled_table():
    cells = cells_of("nested_table")
    nested, pooled = clustered_two_by_two(*cells).measures, two_by_two(*(cell.sum() for cell in cells))
    for name in QUANTITIES:
        assert nested[name].value == pytest.approx(pooled[name].value)


def test_proportions_are_clustered_proportions():
    tp, fp, fn, tn = cells_of("nested_table")
    found = clustered_two_by_two(tp, fp, fn, tn, interval="clopper-pearson")
    expected = clustered_proportion(tp, tp + fp, interval="clopper-pearson")
    assert limits(found.measures["ppv"]) == [expected.value, expected.low, expected.high]
    assert found.proportions["specificity"].n_patients == 6  # of 8: two have no negative lesion


def test_log_ratio_variance_is_made_of_the_parts():
    tp, fp, fn, tn = cells_of("nested_table")
    found = clustered_two_by_two(tp, fp, fn, tn)
    se, sp = found.proportions["sensitivity"], found.proportions["specificity"]
    correlation = influence_correlation(proportion_influence(tp, tp + fn)[0], proportion_influence(tn, tn + fp)[0])
    a, b = np.sqrt(se.variance) / se.value, np.sqrt(sp.variance) / (1 - sp.value)
    variance = a**2 + b**2 + 2 * correlation * a * b
    ratio = found.measures["lr_positive"]
    from scipy.stats import t

    df = (a**2 + b**2) ** 2 / (a**4 / (se.n_patients - 1) + b**4 / (sp.n_patients - 1))
    assert np.log(ratio.high / ratio.value) == pytest.approx(t.ppf(0.975, df) * np.sqrt(variance), rel=1e-8)


def test_every_lesion_its_own_patient_is_nearly_the_independent_table():
    rng = np.random.default_rng(0)
    cells = rng.multinomial(1, [0.35, 0.1, 0.15, 0.4], size=300).T
    nested, plain = clustered_two_by_two(*cells).measures, two_by_two(*cells.sum(axis=1))
    for name in QUANTITIES:
        assert limits(nested[name]) == pytest.approx(limits(plain[name]), rel=0.02, abs=0.004), name


@given(table=tables)
@settings(max_examples=60, deadline=None)
def test_no_undefined_number_without_a_reason(table):
    found = clustered_two_by_two(*np.array(table).T).measures
    for name, one in found.items():
        if np.isnan(limits(one)).any() or np.isinf(limits(one)).any():
            assert one.reason, name
        else:
            assert one.low <= one.value <= one.high, name


def test_a_class_held_by_one_patient_has_no_nested_interval():
    found = clustered_two_by_two([3, 0], [1, 0], [1, 0], [2, 2]).measures
    for name in ("sensitivity", "youden", "lr_positive", "diagnostic_odds_ratio"):
        assert np.isnan([found[name].low, found[name].high]).all()
        assert "one patient" in found[name].reason
    assert np.isfinite([found["specificity"].low, found["specificity"].high]).all()


def test_predictive_values_elsewhere_meet_the_likelihood_ratio():
    cells = cells_of("nested_table")
    found = clustered_predictive_values_at_prevalence(*cells, [0.1, 0.5])
    ratio = clustered_two_by_two(*cells).measures["lr_positive"]
    for part, limit in zip(found["ppv"][:3], ratio[:3], strict=True):
        assert part == pytest.approx([limit / (limit + 9), limit / (limit + 1)])


def test_perfect_separation_is_judged_by_patients_not_lesions():
    found = clustered_two_by_two([16, 1, 0], [0, 0, 0], [0, 0, 0], [0, 0, 11]).measures
    assert found["sensitivity"].low < 0.1  # 17 of 17 lesions, but 16 of them of one patient
    assert found["mcc"].value == 1
    assert found["mcc"].low < 0.2


def test_many_tables_equal_each_alone():
    rng = np.random.default_rng(8)
    cells = rng.integers(0, 4, size=(4, 15, 6))
    together = clustered_two_by_two(*cells).measures
    for row in range(15):
        alone = clustered_two_by_two(*cells[:, row]).measures
        for name in QUANTITIES:
            assert [part[row] for part in together[name][:3]] == pytest.approx(limits(alone[name]), nan_ok=True), name


def test_nested_quantities_cover_where_naive_ones_do_not():
    found = coverage(patients=20, correlation=0.5, n_studies=400)
    for name in ("youden", "lr_positive", "mcc", "kappa", "f1", "ppv"):
        nested, naive = found[name]
        assert 0.92 < nested < 0.985, name
        assert naive < 0.92, name


@pytest.mark.slow
@pytest.mark.parametrize("patients", [15, 20, 40])
def test_every_quantity_covers(patients):
    found = coverage(patients=patients, correlation=0.5, n_studies=3000)
    for name, (nested, _) in found.items():
        assert 0.93 < nested < 0.98, name
