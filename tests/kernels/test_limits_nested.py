"""Limits of agreement of replicates and of lesions in patients: printed figures, R, and what must not matter."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.limits_components import MeanSquare, limits_from_mean_squares, variance_interval
from biomarker.kernels.limits_nested import WithinItem, nested_limits_of_agreement, replicate_spread, within_item
from biomarker.kernels.limits_of_agreement import limits_of_agreement, two_sided_tolerance_factor

FOLDER = Path(__file__).parent.parent / "reference"
REFERENCE = json.loads((FOLDER / "agreement_limits.json").read_text())
CARDIAC = json.loads((FOLDER / "reliability.json").read_text())["cardiac_output"]
SUBJECT = np.array(CARDIAC["subject"]) - 1
RV, IC = np.array(CARDIAC["rv"]), np.array(CARDIAC["ic"])


def by_subject(values):
    return np.bincount(SUBJECT, values) / np.bincount(SUBJECT)


def test_unpaired_replicates_of_cardiac_output():
    within = [within_item(values, SUBJECT) for values in (RV, IC)]
    # Bland & Altman 1999, section 5.2, print within-subject variances of 0.1072 (RV) and 0.1379 (IC)
    assert [round(part.variance, 4) for part in within] == [0.1072, 0.1379]
    found = nested_limits_of_agreement(by_subject(RV) - by_subject(IC), None, within)
    expected = REFERENCE["unpaired"]
    assert (found.bias, *found.bias_interval) == pytest.approx(
        (expected["bias"], expected["bias_low"], expected["bias_high"]), rel=1e-10
    )
    assert (found.sd, *found.sd_interval) == pytest.approx(
        (expected["sd"], expected["sd_low"], expected["sd_high"]), rel=1e-10
    )
    assert (found.lower, *found.lower_interval) == pytest.approx(
        (expected["lower"], expected["lower_low"], expected["lower_high"]), rel=1e-10
    )
    assert (found.upper, *found.upper_interval) == pytest.approx(
        (expected["upper"], expected["upper_low"], expected["upper_high"]), rel=1e-10
    )
    assert np.isnan(found.sd_between)


def test_paired_replicates_are_lesions_of_a_patient():
    # a pair of a subject is to the subject what a lesion is to a patient: one kernel, two ways in
    as_lesions = nested_limits_of_agreement(RV - IC, SUBJECT)
    as_replicates = nested_limits_of_agreement(by_subject(RV - IC), None, [within_item(RV - IC, SUBJECT)])
    for one, other in ((as_lesions.upper_interval, as_replicates.upper_interval), (as_lesions[:1], as_replicates[:1])):
        assert tuple(one) == pytest.approx(tuple(other), rel=1e-12)


def test_three_levels_against_lme4():
    # lme4::lmer(d ~ 1 + (1 | patient/lesion)): balanced, so REML is the analysis of variance (no component is at 0);
    # its optimiser stops about 1e-6 short of the closed form, which stats::anova gives
    data = REFERENCE["nested"]
    d, patient = np.array(data["d"]), np.array(data["patient"]) - 1
    lesion = patient * 3 + np.array(data["lesion"]) - 1
    means = np.bincount(lesion, d) / 2
    found = nested_limits_of_agreement(means, np.repeat(np.arange(15), 3), [within_item(d, lesion)])
    components = [data[name] for name in ("patient_var", "lesion_var", "residual_var")]
    assert min(components) > 0
    assert found.sd**2 == pytest.approx(sum(components), rel=1e-5)
    of_patients, of_lesions, of_replicates = data["mean_squares"]
    patient_var, lesion_var = (of_patients - of_lesions) / 6, (of_lesions - of_replicates) / 2
    assert found.sd**2 == pytest.approx(patient_var + lesion_var + of_replicates, rel=1e-10)
    assert found.sd_between**2 == pytest.approx(patient_var, rel=1e-10)
    assert found.sd_within**2 == pytest.approx(lesion_var + of_replicates, rel=1e-10)
    assert found.bias == pytest.approx(data["mean"], rel=1e-8)


def test_the_sum_of_mean_squares_is_unbiased_however_unequal_the_numbers():
    # expected mean squares worked out from the covariance of the item means, not from the kernel's weights
    rng = np.random.default_rng(4)
    patient = np.array([0, 0, 0, 1, 2, 2, 3])
    replicates = np.array([1, 3, 2, 4, 1, 1, 2])
    of_patient, of_lesion, of_replicate = 2.0, 0.7, 1.3
    item = np.repeat(np.arange(7), replicates)
    total = np.array(
        [
            nested_limits_of_agreement(np.bincount(item, d) / replicates, patient, [within_item(d, item)]).sd ** 2
            for d in (
                np.sqrt(of_patient) * rng.normal(size=4)[patient][item]
                + np.sqrt(of_lesion) * rng.normal(size=7)[item]
                + np.sqrt(of_replicate) * rng.normal(size=item.size)
                for _ in range(4_000)
            )
        ]
    )
    assert total.mean() == pytest.approx(of_patient + of_lesion + of_replicate, abs=4 * total.std() / np.sqrt(4_000))


@pytest.mark.parametrize("row", REFERENCE["tolerance"], ids=lambda row: f"{row['n']}-{row['p']}-{row['g']}")
def test_two_sided_tolerance_factors_against_r(row):
    # stats::integrate and pchisq, see agreement_limits.R; Odeh and Owen's table has 3.393 for 10, 95 %, 95 %
    assert two_sided_tolerance_factor(row["n"], row["p"], row["g"]) == pytest.approx(row["k"], rel=1e-7)


def test_a_pair_of_limits_is_wider_outside_than_each_by_itself():
    d = np.random.default_rng(0).normal(size=12)
    each, pair = (limits_of_agreement(d, interval=interval) for interval in ("exact", "exact_pair"))
    assert pair.upper_interval.low > each.upper_interval.low
    assert pair.upper_interval.low < pair.upper < pair.upper_interval.high
    assert pair.lower == each.lower


@given(st.integers(0, 10_000), st.floats(0.1, 10), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_sign_unit_order_and_names_of_patients(seed, unit, most):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(6), rng.integers(1, 4, size=6))
    replicates = rng.integers(1, most + 1, size=patient.size)
    item = np.repeat(np.arange(patient.size), replicates)
    d = rng.normal(size=item.size)
    means = np.bincount(item, d) / replicates
    one = nested_limits_of_agreement(means, patient, [within_item(d, item)])
    order = rng.permutation(patient.size)
    part = within_item(d * -unit, item)
    shuffled = WithinItem(part.variance, part.df, part.shares[order])
    other = nested_limits_of_agreement(means[order] * -unit, 7 - patient[order], [shuffled])
    if np.isnan(one.sd):
        return
    assert other.bias == pytest.approx(-unit * one.bias, rel=1e-9, abs=1e-12)
    assert other.lower_interval.low == pytest.approx(-unit * one.upper_interval.high, rel=1e-8)
    assert other.upper_interval.low == pytest.approx(-unit * one.lower_interval.high, rel=1e-8)
    assert one.lower_interval.low <= one.lower <= one.lower_interval.high


def test_too_little_to_tell():
    assert np.isnan(replicate_spread(within_item([1.0, 2.0], [0, 1]))[0])
    assert np.isnan(variance_interval([MeanSquare(1.0, 0)])).all()
    assert np.isnan(limits_from_mean_squares(1.0, 1.0, 0, [MeanSquare(1.0, 3)]).sd)
    one = nested_limits_of_agreement([1.0], None, [within_item([1.0, 2.0], [0, 0])])
    assert one.bias == 1
    assert np.isnan(one.upper)
    with pytest.raises(ValueError, match="one share"):
        nested_limits_of_agreement([1.0, 2.0], None, [within_item([1.0, 2.0], [0, 0])])
    with pytest.raises(ValueError, match="at least 2"):
        two_sided_tolerance_factor(1)
