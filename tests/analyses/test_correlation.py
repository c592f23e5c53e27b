"""Correlations from frames: nested, partial, within patients; what is said and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from biomarker import correlate
from biomarker.errors import DesignError, SmallSampleWarning


def lesions(n_patients=30, each=4, within=0.5, seed=2):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), each)
    level = rng.normal(0, 1, n_patients)[patient]
    return pd.DataFrame(
        {
            "patient_id": patient,
            "lesion_id": np.arange(patient.size),
            "ihc": level + rng.normal(0, within, patient.size),
            "suvmax": np.exp(level + rng.normal(0, within, patient.size)),
            "size_mm": rng.uniform(10, 50, patient.size),
        }
    )


@pytest.mark.parametrize(
    ("method", "quantity", "peer"),
    [
        ("spearman", "spearman_rho", stats.spearmanr),
        ("pearson", "pearson_r", stats.pearsonr),
        ("kendall", "kendall_tau", stats.kendalltau),
    ],
)
def test_independent_rows_agree_with_scipy(method, quantity, peer):
    data = lesions(each=1, within=2.0)
    line = correlate(data, x="ihc", y="suvmax", method=method).estimate(quantity)
    theirs = peer(data["ihc"], data["suvmax"])
    assert line.value == pytest.approx(theirs.statistic, abs=1e-12)
    # scipy refers Spearman's to t; ours is the Edgeworth series that R takes, which tests/kernels hold against R
    assert line.p_value == pytest.approx(theirs.pvalue, rel=2e-2 if method == "spearman" else 1e-9)


def test_nesting_widens_the_interval_and_keeps_the_value():
    data = lesions()
    nested = correlate(data, x="ihc", y="suvmax").estimate("spearman_rho")
    naive = correlate(data, x="ihc", y="suvmax", patient=None).estimate("spearman_rho")
    assert nested.value == naive.value
    assert nested.high - nested.low > 1.3 * (naive.high - naive.low)
    assert (nested.n, nested.n_patients) == (120, 30)


def test_the_bootstrap_resamples_whole_patients():
    data = lesions()
    result = correlate(data, x="ihc", y="suvmax", interval="bootstrap", n_resamples=500, rng=5)
    again = correlate(data, x="ihc", y="suvmax", interval="bootstrap", n_resamples=500, rng=5)
    jackknife = correlate(data, x="ihc", y="suvmax").estimate("spearman_rho")
    line = result.estimate("spearman_rho")
    assert line == again.estimate("spearman_rho")
    assert line.low == pytest.approx(jackknife.low, abs=0.06)
    assert (result.method.seed, result.method.n_resamples) == (5, 500)


def test_repeated_measures_agree_with_pingouin():
    import pingouin

    data = lesions(within=1.0)
    theirs = pingouin.rm_corr(data=data, x="ihc", y="suvmax", subject="patient_id")
    line = correlate(data, x="ihc", y="suvmax", method="repeated_measures").estimate("repeated_measures_r")
    assert line.value == pytest.approx(float(theirs["r"].iloc[0]), abs=1e-9)
    assert line.p_value == pytest.approx(float(theirs.filter(regex="^p").iloc[0, 0]), rel=1e-6)


@pytest.mark.parametrize("method", ["spearman", "pearson", "kendall"])
def test_partial_correlation_of_nested_lesions(method):
    result = correlate(lesions(), x="ihc", y="suvmax", method=method, partial="size_mm")
    line = result.estimates[0]
    assert line.of["given"] == "size_mm"
    assert line.low < line.value < line.high


def test_reversing_a_column_reverses_the_answer():
    data = lesions()
    plain = correlate(data, x="ihc", y="suvmax").estimate("spearman_rho")
    turned = correlate(data.assign(ihc=-data["ihc"]), x="ihc", y="suvmax").estimate("spearman_rho")
    assert turned.value == pytest.approx(-plain.value)
    assert (turned.low, turned.high) == pytest.approx((-plain.high, -plain.low))


def test_a_constant_column_has_no_correlation_and_says_so():
    result = correlate(lesions().assign(ihc=2.0), x="ihc", y="suvmax")
    assert np.isnan(result.estimates[0].value)
    assert any("IHC does not vary" in note for note in result.warnings)
    assert "NE" in result.table().to_markdown()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "spearmann"}, "did you mean 'spearman'"),
        ({"interval": "bootstap"}, "did you mean 'bootstrap'"),
        ({"method": "repeated_measures", "partial": ["size_mm"]}, "partial is for spearman, pearson and kendall"),
        ({"y": "ihc"}, "name one column twice"),
        ({"n_resamples": 0}, "give 1 or more"),
        ({"x": "ich"}, "did you mean 'ihc'"),
    ],
)
def test_what_cannot_be_answered_is_refused(change, message):
    with pytest.raises(DesignError, match=message):
        correlate(lesions(), **({"x": "ihc", "y": "suvmax"} | change))


def test_repeated_measures_need_repeats():
    with pytest.raises(DesignError, match="no patient has more than one"):
        correlate(lesions(each=1), x="ihc", y="suvmax", method="repeated_measures")


def test_two_rows_are_too_few():
    with pytest.raises(DesignError, match="2 complete rows are too few"):
        correlate(lesions().head(2), x="ihc", y="suvmax", patient=None)


def test_few_patients_are_warned_of():
    with pytest.warns(SmallSampleWarning, match="5 independent patients"):
        correlate(lesions(5), x="ihc", y="suvmax")


def test_the_figure_draws_every_row_once():
    result = correlate(lesions(), x="ihc", y="suvmax")
    drawn = np.concatenate([line.get_xdata() for line in result.plot().get_lines()])
    np.testing.assert_allclose(np.sort(drawn), np.sort(result.x_values))


@pytest.mark.parametrize("method", ["spearman", "kendall", "pearson"])
def test_resampled_rows_do_not_depend_on_their_order(method):
    data = lesions(each=1)
    arguments = {"x": "ihc", "y": "suvmax", "method": method, "interval": "bootstrap", "n_resamples": 99}
    one, other = (
        correlate(frame, patient=None, **arguments).estimates[0]
        for frame in (data, data.sample(frac=1, random_state=7))
    )
    assert (one.low, one.high, one.p_value) == pytest.approx((other.low, other.high, other.p_value))


def test_the_p_value_of_the_bootstrap_goes_with_its_interval():
    line = correlate(lesions(within=3.0), x="ihc", y="suvmax", interval="bootstrap", n_resamples=500).estimates[0]
    assert (line.p_value < 0.05) == (line.low > 0 or line.high < 0)


def test_two_patients_give_a_naive_interval_labelled_so():
    with pytest.warns(SmallSampleWarning):
        result = correlate(lesions(2, each=12), x="ihc", y="suvmax")
    line = result.estimates[0]
    assert line.of["interval"] == "naive"
    naive = correlate(lesions(2, each=12), x="ihc", y="suvmax", patient=None).estimates[0]
    assert (line.low, line.high) == (naive.low, naive.high)


def test_kendall_of_more_nested_rows_than_pairs_would_fit():
    rng = np.random.default_rng(4)
    patient = np.repeat(np.arange(60), 350)
    level = rng.normal(size=60)[patient]
    data = pd.DataFrame(
        {"patient_id": patient, "a": level + rng.normal(size=21_000), "b": level + rng.normal(size=21_000)}
    )
    line = correlate(data, x="a", y="b", method="kendall").estimates[0]
    assert line.value == pytest.approx(stats.kendalltau(data["a"], data["b"]).statistic)
    naive = correlate(data, x="a", y="b", method="kendall", patient=None).estimates[0]
    assert line.high - line.low > 5 * (naive.high - naive.low)


def test_a_response_with_too_many_levels_is_no_response():
    with pytest.raises(DesignError, match="colours tell 8 apart"):
        correlate(lesions(), x="ihc", y="suvmax", response="lesion_id")


def test_a_constant_cannot_be_held_constant():
    data = pd.DataFrame({"x": [1.0, 2, 3, 5], "y": [2.0, 1, 4, 3], "c": 1.0})
    with pytest.raises(DesignError, match="'c' is 1 in every row"):
        correlate(data, x="x", y="y", partial="c", patient=None)
