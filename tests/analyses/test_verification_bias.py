"""Correction for verification bias from frames."""

import numpy as np
import pandas as pd
import pytest

from biomarker import verification_bias
from biomarker.errors import DesignError

ROWS = [(1, 1, 231), (1, 0, 32), (1, None, 166), (0, 1, 27), (0, 0, 54), (0, None, 140)]


def scintigraphy():
    """Drum and Christacopoulos 1972, as analysed by Begg and Greenes 1983."""
    return pd.DataFrame([row[:2] for row in ROWS for _ in range(row[2])], columns=["scan", "disease"])


def analysed(data=None, **arguments):
    base = {"reference_standard": "disease", "index_test": "scan", "patient": None}
    return verification_bias(scintigraphy() if data is None else data, **(base | arguments))


def test_the_published_example():
    result = analysed()
    for analysis, sensitivity, specificity in (("verified only", 0.895, 0.628), ("corrected", 0.836, 0.738)):
        assert round(result.estimate("sensitivity", analysis=analysis).value, 3) == sensitivity
        assert round(result.estimate("specificity", analysis=analysis).value, 3) == specificity
    assert result.verified_of_positive == (263, 429)


def test_the_bootstrap_and_the_logit_agree_in_a_large_sample():
    boot, logit = (
        analysed(interval=interval).estimate("sensitivity", analysis="corrected") for interval in ("bootstrap", "logit")
    )
    assert boot.low == pytest.approx(logit.low, abs=0.012)
    assert boot.high == pytest.approx(logit.high, abs=0.012)


def test_multiple_imputation_agrees_and_is_reproducible():
    first = analysed(correction="multiple_imputation", rng=3)
    again = analysed(correction="multiple_imputation", rng=3)
    assert first.estimates == again.estimates
    assert first.estimate("sensitivity", analysis="corrected").value == pytest.approx(0.836, abs=0.01)


def test_predictive_values_need_no_correction():
    result = analysed()
    for quantity in ("ppv", "npv"):
        values = {line.value for line in result.estimates if line.quantity == quantity}
        assert max(values) - min(values) < 1e-12


def test_a_marker_at_a_cutoff_is_a_test():
    data = scintigraphy().assign(suvmax=lambda frame: 2.0 + 3 * frame["scan"])
    by_marker = verification_bias(
        data, reference_standard="disease", marker="suvmax", cutoff=4, interval="logit", patient=None
    )
    by_test = analysed(interval="logit")
    assert [line.value for line in by_marker.estimates] == [line.value for line in by_test.estimates]


def test_a_covariate_on_which_verification_depended():
    data = scintigraphy().assign(site="liver")
    twice = pd.concat([data, data.assign(site="bone", disease=1 - data["disease"])], ignore_index=True)
    result = analysed(twice, covariates="site", interval="logit")
    assert 0 < result.estimate("sensitivity", analysis="corrected").value < 1


def test_lesions_of_one_patient_widen_the_interval():
    data = scintigraphy().loc[lambda frame: frame.index % 10 == 0].reset_index(drop=True)
    five = data.loc[np.repeat(data.index, 5)].assign(patient_id=np.repeat(data.index, 5)).reset_index(drop=True)
    nested = analysed(five, patient="patient_id", interval="logit").estimate("sensitivity", analysis="corrected")
    naive = analysed(five, interval="logit").estimate("sensitivity", analysis="corrected")
    assert nested.high - nested.low > 1.8 * (naive.high - naive.low)


def test_when_only_positives_are_verified_it_is_said():
    data = scintigraphy()
    data.loc[data["scan"] == 0, "disease"] = None
    result = analysed(data)
    assert np.isnan(result.estimate("sensitivity", analysis="corrected").value)
    assert any("Not estimable: sensitivity, specificity, NPV" in note for note in result.warnings)
    assert "NE" in result.table().to_markdown()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"correction": "beg_greenes"}, "did you mean 'begg_greenes'"),
        ({"interval": "wald"}, "there are bootstrap and logit"),
        ({"n_resamples": 0}, "give 1 or more"),
        ({"index_test": None}, "give either index_test"),
        ({"index_test": "scam"}, "did you mean 'scan'"),
    ],
)
def test_arguments_that_cannot_be(arguments, message):
    with pytest.raises(DesignError, match=message):
        analysed(**arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"disease": 1}, "nothing to correct"),
        ({"disease": None}, "accuracy is not estimable"),
        ({"scan": 1}, "every row tests positive"),
    ],
)
def test_data_that_cannot_answer(change, message):
    with pytest.raises(DesignError, match=message):
        analysed(scintigraphy().assign(**change))


def test_the_figure_draws_both_analyses():
    result = analysed(interval="logit")
    drawn = {line.get_label(): line.get_xdata() for line in result.plot().get_lines()}
    assert drawn["Corrected"][0] == pytest.approx(100 * result.estimate("sensitivity", analysis="corrected").value)
