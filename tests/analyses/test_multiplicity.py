import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError


@pytest.fixture
def results():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"suvmax": rng.lognormal(size=40), "ihc": rng.normal(size=40), "size_mm": rng.normal(size=40)})
    frame["response"] = (frame["suvmax"] + rng.normal(size=40) > 1).astype(int)
    ask = {"reference_standard": "response", "patient": None}
    return {
        "size": bm.correlate(frame, x="suvmax", y="size_mm", patient=None),
        "roc": bm.compare_roc_curves(frame, markers=["suvmax", "ihc", "size_mm"], **ask),
        "values": bm.predictive_values_from_counts(tp=5, fp=1, fn=2, tn=8),
    }


def test_p_values_by_name_in_a_list_or_a_series():
    expected = [0.03, 0.06, 0.06]
    for given in ({"a": 0.01, "b": 0.04, "c": 0.03}, [0.01, 0.04, 0.03], pd.Series({"a": 0.01, "b": 0.04, "c": 0.03})):
        result = bm.adjust_p_values(given)
        assert [line.value for line in result.estimates] == pytest.approx(expected)
        assert [line.p_value for line in result.estimates] == [0.01, 0.04, 0.03]
    assert bm.adjust_p_values([0.5, 0.6]).estimates[0].of["hypothesis"] == "Hypothesis 1"


def test_results_of_analyses(results):
    family = ["size", {"analysis": "roc", "quantity": "auc_difference"}]
    result = bm.adjust_p_values(results, hypotheses=family, method="hochberg")
    raw = [results["size"].estimates[0].p_value]
    raw += [line.p_value for line in results["roc"].estimates if line.quantity == "auc_difference"]
    assert [line.p_value for line in result.estimates] == raw
    assert len(raw) == 4
    assert result.analyses == ("size", "roc")
    assert result.estimates[1].of["hypothesis"].startswith("roc: Difference in AUC, SUVmax v IHC")
    assert "Hochberg, which holds the chance of any false positive finding" in result.method.description


def test_p_values_that_are_not_estimable_do_not_count():
    result = bm.adjust_p_values({"a": 0.01, "b": float("nan"), "c": 0.02})
    assert result.estimates[0].value == pytest.approx(0.02)
    assert np.isnan(result.estimates[1].value)
    assert (result.population.rows_in, result.population.rows_used) == (3, 2)
    assert "1 not estimable" in result.population.sentence()


@pytest.mark.parametrize(
    ("given", "ask", "message"),
    [
        ({"a": 0.1}, {"method": "holms"}, "did you mean 'holm'"),
        ({"a": 1.2}, {}, "p-value of 'a' is 1.2"),
        ({"a": True}, {}, "is True"),
        ({"a": "small"}, {}, "'small'"),
        ({"alpha": 0.1}, {"hypotheses": ["alhpa"]}, "did you mean 'alpha'"),
        ({"a": 0.1}, {"hypotheses": "a"}, "give a list"),
        ({"a": 0.1}, {"hypotheses": [3]}, "no analysis 3|no analysis None"),
        ({"a": 0.1}, {"hypotheses": ["a", "a"]}, "taken twice: a"),
        ({}, {}, "no p-value to adjust"),
        (0.5, {}, "results is 0.5"),
    ],
)
def test_faults_are_named(given, ask, message):
    with pytest.raises(DesignError, match=message):
        bm.adjust_p_values(given, **ask)


def test_an_analysis_with_several_p_values_must_say_which(results):
    with pytest.raises(DesignError, match=r"'roc' has 7 p-values; say which.*quantity = \"auc_difference\""):
        bm.adjust_p_values(results, hypotheses=["roc"])
    with pytest.raises(DesignError, match="'values' has no p-value"):
        bm.adjust_p_values(results, hypotheses=["values"])
    with pytest.raises(DesignError, match="has no p-value of"):
        bm.adjust_p_values(results, hypotheses=[{"analysis": "roc", "quantity": "auc_diference"}])


def test_table_and_figure():
    result = bm.adjust_p_values({"response": 0.01, "progression": 0.04, "survival": 1e-9})
    table = result.table("jnm")
    assert table.title == "P values adjusted for multiplicity by the method of Holm"
    assert table.header == ("Hypothesis", "P", "Adjusted P")
    assert [row.cells for row in table.lines] == [
        ("response", "0.010", "0.020"),
        ("progression", "0.040", "0.040"),
        ("survival", "<0.001", "<0.001"),
    ]
    ax = result.plot()
    raw, adjusted = ax.lines[1], ax.lines[2]
    assert raw.get_xdata() == pytest.approx([0.01, 0.04, 1e-6])  # drawn no smaller than a millionth
    assert adjusted.get_xdata() == pytest.approx([0.02, 0.04, 1e-6])
    ax.figure.savefig("/dev/null", format="png")


def test_two_p_values_of_one_name_are_refused_and_none_is_lost():
    with pytest.raises(DesignError, match="two results are named 'x'"):
        bm.adjust_p_values(pd.Series([0.2, 0.01], index=["x", "x"]))
    with pytest.raises(DesignError, match="two results are named '1'"):
        bm.adjust_p_values({1: 0.2, "1": 0.01})


def test_nullable_and_text_p_values():
    found = bm.adjust_p_values(pd.Series([0.2, pd.NA, 0.01], index=list("abc"), dtype="Float64"))
    assert [line.value for line in found.estimates] == pytest.approx([0.2, float("nan"), 0.02], nan_ok=True)
    with pytest.raises(DesignError, match=r"'<0\.001'"):
        bm.adjust_p_values(pd.Series(["<0.001", "0.2"], index=["a", "b"]))


def test_one_hypothesis_is_counted_in_the_singular():
    only = bm.adjust_p_values([0.01])
    assert only.method.description.startswith("The p-value of 1 hypothesis was adjusted")
    assert only.method.description.endswith(".")
    assert only.table().footnotes[0] == only.method.description
