"""Decision curves from frames: what may be a marker, what is said, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from biomarker import net_benefit
from biomarker.errors import DesignError, SchemaError, SmallSampleWarning


def trial(n_patients=30, lesions=4):
    rng = np.random.default_rng(4)
    n = n_patients * lesions
    response = rng.random(n) < 0.4
    suvmax = np.exp(rng.normal(1, 0.6, n) + 0.7 * response)
    return pd.DataFrame(
        {
            "patient_id": np.repeat(np.arange(n_patients), lesions),
            "lesion_id": np.arange(n),
            "response": np.where(response, "CR", "PD"),
            "suvmax": suvmax,
            "hot": suvmax > 4,
            "risk": 1 / (1 + np.exp(-np.log(suvmax))),
        }
    )


def test_tests_risks_and_fitted_markers_stand_side_by_side():
    result = net_benefit(
        trial(),
        reference_standard="response",
        positive="CR",
        markers=["hot", "risk", "suvmax"],
        as_probability="suvmax",
    )
    assert {line.of["marker"] for line in result.estimates} == {"hot", "risk", "suvmax"}
    assert result.estimate("net_benefit", marker="hot", cutoff=0.5).n_patients == 30
    assert any("optimistic" in note for note in result.warnings)
    assert result.estimates[0].unit == "per lesion"


def test_a_boolean_test_equals_the_same_test_as_numbers():
    data = trial()
    arguments = {"reference_standard": "response", "positive": "CR", "markers": "hot", "cutoffs": [0.3]}
    as_bool = net_benefit(data, **arguments)
    as_number = net_benefit(data.assign(hot=data["hot"].astype(int)), **arguments)
    assert as_bool.estimates == as_number.estimates


def test_a_missing_test_excludes_the_row():
    data = trial()
    data["hot"] = data["hot"].astype("boolean")
    data.loc[3, "hot"] = pd.NA
    result = net_benefit(data, reference_standard="response", positive="CR", markers="hot")
    assert [exclusion.n for exclusion in result.exclusions] == [1]


def test_nesting_widens_the_interval_when_lesions_of_a_patient_are_alike():
    data = trial(n_patients=20, lesions=1).loc[np.repeat(np.arange(20), 5)].reset_index(drop=True)
    arguments = {"reference_standard": "response", "positive": "CR", "markers": "hot", "cutoffs": [0.3]}
    nested = net_benefit(data, **arguments).estimate("net_benefit")
    naive = net_benefit(data, patient=None, **arguments).estimate("net_benefit")
    assert nested.value == naive.value
    assert nested.high - nested.low > 1.9 * (naive.high - naive.low)  # about the root of 5 lesions


def test_a_marker_that_separates_the_classes_is_fitted_with_a_penalty():
    data = pd.DataFrame({"response": [0] * 10 + [1] * 10, "suvmax": np.arange(20.0)})
    result = net_benefit(
        data, reference_standard="response", markers="suvmax", as_probability=["suvmax"], cutoffs=0.5, patient=None
    )
    assert any("Firth" in note for note in result.warnings)
    assert result.estimate("net_benefit").value == 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"markers": "suvmax"}, "neither a binary test nor a risk; name it in as_probability"),
        ({"cutoffs": [4.0]}, "risks between 0 and 1, and 4 is not"),
        ({"cutoffs": []}, "risks between 0 and 1"),
        ({"prevalence": 1.2}, "prevalence = 1.2"),
        ({"markers": []}, "no marker is given"),
        ({"as_probability": "hat"}, "did you mean 'hot'"),
        ({"markers": "hott"}, "did you mean 'hot'"),
        ({"positive": ["CR", "PD"]}, "every one of the 120 rows is positive"),
    ],
)
def test_what_cannot_be_answered_is_refused(change, message):
    arguments = {"reference_standard": "response", "positive": "CR", "markers": "hot"} | change
    with pytest.raises(DesignError, match=message):
        net_benefit(trial(), **arguments)


def test_text_in_a_marker_is_named():
    data = trial()
    data["hot"] = data["hot"].astype(object)
    data.loc[2, "hot"] = "maybe"
    with pytest.raises(SchemaError, match="row 2, hot: 'maybe' is not a number"):
        net_benefit(data, reference_standard="response", positive="CR", markers="hot")


def test_few_patients_are_warned_of():
    with pytest.warns(SmallSampleWarning, match="With 5 patients"):
        net_benefit(trial(5), reference_standard="response", positive="CR", markers="hot")


def test_the_table_and_the_figure_show_the_same_numbers():
    result = net_benefit(
        trial(), reference_standard="response", positive="CR", markers=["hot", "risk"], cutoffs=[0.2, 0.5]
    )
    table = result.table()
    assert [row.cells[0] for row in table.lines] == ["Hot", "20%", "50%", "Risk", "20%", "50%"]
    drawn = {line.get_label(): line.get_ydata() for line in result.plot().get_lines()}
    np.testing.assert_array_equal(drawn["Treat all"], result.all_treated)
    np.testing.assert_array_equal(
        drawn["Hot"],
        [line.value for line in result.estimates if line.quantity == "net_benefit" and line.of["marker"] == "hot"],
    )
