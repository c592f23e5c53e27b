"""The numbers at every cutoff are those that `evaluate_cutoff` and `predictive_values` give one cutoff at a time."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import biomarker as bm
from biomarker.analyses.every_cutoff import SHARES, every_cutoff, grey_zones, round_cutoffs
from biomarker.analyses.every_split import every_split
from biomarker.kernels.remeasurement import error_from_within_cv

MARKERS = st.lists(
    st.floats(min_value=0.05, max_value=500, allow_nan=False).map(lambda value: float(f"{value:.4g}")),
    min_size=1,
    max_size=30,
).map(lambda values: np.unique(values))


def lesions(seed: int = 3, patients: int = 14) -> pd.DataFrame:
    """Lesions nested in patients, responses correlated within them, values with ties."""
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(patients), rng.integers(1, 7, patients))
    level = rng.normal(0, 0.6, patients)[owner]
    suvmax = np.round(np.exp(1.6 + level + rng.normal(0, 0.4, owner.size)), 1)
    response = rng.random(owner.size) < 1 / (1 + np.exp(-2 * (np.log(suvmax) - 1.6)))
    return pd.DataFrame({"patient_id": owner, "suvmax": suvmax, "response": response})


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("patient", ["patient_id", None])
@pytest.mark.filterwarnings("ignore::biomarker.errors.BiomarkerWarning")
def test_every_cutoff_is_evaluate_cutoff(higher, patient):
    data = lesions()
    patients = None if patient is None else data["patient_id"].to_numpy()
    found = every_cutoff(data["suvmax"], data["response"], patients, higher_is_positive=higher)
    cutoffs = [*found.distinct, found.distinct[-1] + 1 if higher else found.distinct[0] - 1]
    assert sorted(found.place(cutoffs)) == list(range(len(found.distinct) + 1))
    for cutoff in cutoffs:
        expected = bm.evaluate_cutoff(
            data, reference_standard="response", marker="suvmax", cutoffs=float(cutoff), higher_is_positive=higher,
            patient=patient,
        )  # fmt: skip
        at = found.place(cutoff)
        for name in SHARES:
            line = expected.estimate(name)
            got = [float(part[at]) for part in found.measures[name][:3]]
            assert got == pytest.approx([line.value, line.low, line.high], rel=1e-12, nan_ok=True)
            assert bool(found.naive[name][at]) is ("interval" in line.of)


def test_the_only_patient_of_a_class_gives_a_naive_interval():
    data = pd.DataFrame({
        "patient_id": [0, 0, 0, 1, 1, 2], "suvmax": [9.0, 8.0, 1.0, 2.0, 3.0, 4.0], "response": [1, 1, 1, 0, 0, 0],
    })  # fmt: skip
    found = every_cutoff(data["suvmax"], data["response"], data["patient_id"].to_numpy())
    at = found.place(5.0)
    with pytest.warns(bm.errors.SmallSampleWarning):
        line = bm.evaluate_cutoff(data, reference_standard="response", marker="suvmax", cutoffs=5.0).estimate(
            "sensitivity"
        )
    assert found.naive["sensitivity"][at]
    assert not found.naive["specificity"][at]
    assert line.of["interval"] == "naive"
    assert float(found.measures["sensitivity"].low[at]) == line.low


def test_the_likelihood_ratios_give_predictive_values_elsewhere():
    data = lesions()
    found = every_cutoff(data["suvmax"], data["response"], data["patient_id"].to_numpy())
    expected = bm.predictive_values(
        data, reference_standard="response", marker="suvmax", cutoff=5.0, prevalence=[0.2, 0.5]
    )
    at = found.place(5.0)
    for prevalence in (0.2, 0.5):
        odds = prevalence / (1 - prevalence)
        line = expected.estimate("ppv", prevalence=prevalence)
        ratios = [float(part[at]) * odds for part in found.measures["lr_positive"][:3]]
        assert [ratio / (1 + ratio) for ratio in ratios] == pytest.approx([line.value, line.low, line.high])


@pytest.mark.parametrize("nested", [True, False])
def test_grey_zones_are_those_of_evaluate_cutoff(nested):
    data = lesions()
    cutoffs = [3.0, 5.0, 9.9]
    error = error_from_within_cv(0.12)
    patients = data["patient_id"].to_numpy() if nested else None
    found = grey_zones(data["suvmax"], patients, cutoffs, error)
    expected = bm.evaluate_cutoff(
        data, reference_standard="response", marker="suvmax", cutoffs=cutoffs, repeatability=0.12,
        patient="patient_id" if nested else None,
    )  # fmt: skip
    for i, cutoff in enumerate(cutoffs):
        zone = expected.estimate("grey_zone", cutoff=cutoff)
        inside = expected.estimate("share_in_grey_zone", cutoff=cutoff)
        change = expected.estimate("probability_of_change", cutoff=cutoff)
        assert (found.low[i], found.high[i]) == (zone.low, zone.high)
        assert found.inside[i] == inside.numerator
        assert [part[i] for part in found.share[:3]] == pytest.approx([inside.value, inside.low, inside.high])
        assert found.change[i] == pytest.approx(change.value)


@pytest.mark.parametrize("higher", [True, False])
@settings(max_examples=60, deadline=None)
@given(values=MARKERS)
def test_round_cutoffs_reach_every_classification(higher, values):
    texts = round_cutoffs(values, higher_is_positive=higher, above_zero=True)
    cutoffs = np.array([float(text) for text in texts])
    places = np.searchsorted(values, cutoffs, side="left" if higher else "right")
    assert set(places) == set(range(len(values) + 1))
    assert (np.diff(cutoffs) > 0).all()
    assert (cutoffs > 0).all()
    assert len(texts) <= 505 + len(values)


def test_a_cutoff_given_is_among_them_and_between_near_values_the_roundest_is():
    texts = round_cutoffs(np.array([1.0, 5.2311, 5.2377, 5.2378, 40.0]), also=[6.55])
    assert "6.55" in texts
    assert {"5.237", "5.2378"} <= set(texts)
    assert round_cutoffs(np.array([2.0]))[:2] == ("2", "3")


def test_the_split_is_that_of_survival_curves():
    rng = np.random.default_rng(5)
    patients = pd.DataFrame({
        "patient_id": range(30),
        "suvmax": np.round(rng.lognormal(1.5, 0.5, 30), 1),
        "pfs_months": np.round(rng.exponential(9, 30), 1),
        "pfs_event": rng.random(30) < 0.7,
    })  # fmt: skip
    found = every_split(patients["suvmax"], patients["pfs_months"], patients["pfs_event"])
    for place in (5, 12, 20):
        cutoff = found.distinct[place]
        group = np.where(patients["suvmax"] >= cutoff, "high", "low")
        expected = bm.survival_curves(
            patients.assign(group=group), duration="pfs_months", event="pfs_event", group="group"
        )
        assert found.p_values[place] == pytest.approx(expected.estimate("log_rank").p_value)
        for side, name in enumerate(("high", "low")):
            line = expected.estimate("median_survival", group=name)
            assert found.medians[side, place] == pytest.approx([line.value, line.low, line.high], nan_ok=True)
            assert found.numbers[side, place] == (group == name).sum()
    assert np.isnan(found.p_values[[0, -1]]).all()
