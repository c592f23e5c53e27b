"""What several readers do to the class at a cutoff: counted by hand, against the 2x2 kernels, and refusals."""

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError, SchemaError
from biomarker.kernels.clustered_proportion import clustered_proportion
from biomarker.kernels.kappa import cohen_kappa
from biomarker.kernels.proportion import wilson_interval

ASKED = {"reference_standard": "response", "marker": "suvmax", "cutoffs": [4.0, 5.0]}


def lesions(n_patients=10, seed=2):
    rng = np.random.default_rng(seed)
    n = 3 * n_patients
    return pd.DataFrame(
        {
            "patient_id": np.repeat([f"P{number}" for number in range(n_patients)], 3),
            "lesion_id": np.tile(["L1", "L2", "L3"], n_patients),
            "suvmax": np.round(rng.lognormal(1.5, 0.5, n), 1),
            "response": rng.random(n) < 0.5,
        }
    )


def readings(data, readers="ABC", seed=3):
    rng = np.random.default_rng(seed)
    noise = {name: np.exp(0.12 * rng.normal(size=len(data))) for name in readers}
    return pd.concat(
        [
            data[["patient_id", "lesion_id"]].assign(reader_id=name, suvmax=data["suvmax"] * own)
            for name, own in noise.items()
        ],
        ignore_index=True,
    )


def wide(table):
    return table.pivot_table(index=["patient_id", "lesion_id"], columns="reader_id", values="suvmax")


def test_lesions_on_both_sides_are_counted_with_patients_as_clusters():
    data = lesions()
    table = readings(data)
    result = bm.evaluate_cutoff(data, **ASKED, readers={"readings": table})
    called = wide(table) >= 4.0
    split = called.any(axis=1) & ~called.all(axis=1)
    line = result.estimate("reader_discordance", cutoff=4.0)
    assert (line.value, line.n, line.n_patients) == (split.mean(), 30, 10)
    by_patient = split.groupby("patient_id").sum()
    expected = clustered_proportion(by_patient, np.full(10, 3))
    assert (line.low, line.high) == pytest.approx((expected.low, expected.high))
    patients = result.estimate("patients_with_reader_discordance", cutoff=4.0)
    assert patients.value == (by_patient > 0).mean()
    assert (patients.low, patients.high) == pytest.approx(wilson_interval((by_patient > 0).sum(), 10))
    pairs = [(called[a] != called[b]).mean() for a, b in (("A", "B"), ("A", "C"), ("B", "C"))]
    assert result.estimate("reader_pair_discordance", cutoff=4.0).value == pytest.approx(np.mean(pairs))
    at = np.searchsorted(result.curve_cutoffs, 4.0)
    nearest_cutoff = result.curve_cutoffs[at]
    beyond = wide(table) >= nearest_cutoff
    assert result.reader_discordances[at] == (beyond.any(axis=1) & ~beyond.all(axis=1)).mean()


def test_kappa_of_two_readers_is_cohens():
    data = lesions()
    table = readings(data)
    result = bm.evaluate_cutoff(data, **ASKED, readers={"readings": table, "readers": ["A", "C"]})
    called = wide(table)[["A", "C"]] >= 5.0
    cells = pd.crosstab(called["A"], called["C"]).to_numpy()
    assert result.estimate("reader_kappa", cutoff=5.0).value == pytest.approx(cohen_kappa(cells).value)
    assert result.readers == ("A", "C")
    assert "Cohen's kappa" in result.method.description


def test_each_reader_against_the_reference_standard():
    data = lesions()
    table = readings(data)
    result = bm.evaluate_cutoff(data, **ASKED, readers={"readings": table})
    for name in "ABC":
        own = data.assign(suvmax=table.loc[table["reader_id"] == name, "suvmax"].to_numpy())
        alone = bm.evaluate_cutoff(own, **ASKED)
        for quantity in ("sensitivity", "specificity", "ppv", "npv"):
            found = result.estimate(quantity, cutoff=4.0, performance="reader", reader=name)
            expected = alone.estimate(quantity, cutoff=4.0)
            assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
    each = [result.estimate("ppv", cutoff=5.0, performance="reader", reader=name).value for name in "ABC"]
    spread = result.estimate("reader_range", cutoff=5.0, performance="ppv")
    assert (spread.low, spread.high, spread.value) == pytest.approx((min(each), max(each), max(each) - min(each)))


def test_without_readers_nothing_changes():
    data = lesions()
    plain = bm.evaluate_cutoff(data, **ASKED)
    assert plain.readers == ()
    assert not any("reader" in line.quantity for line in plain.estimates)
    read = bm.evaluate_cutoff(data, **ASKED, readers={"readings": readings(data)})
    measured = [line for line in read.estimates if line.of.get("performance") == "as measured"]
    assert measured == list(plain.estimates)


def test_low_values_positive():
    data = lesions()
    table = readings(data)
    result = bm.evaluate_cutoff(data, **ASKED, higher_is_positive=False, readers={"readings": table})
    called = wide(table) <= 4.0
    split = called.any(axis=1) & ~called.all(axis=1)
    assert result.estimate("reader_discordance", cutoff=4.0).value == split.mean()


def test_readers_who_read_alike():
    data = lesions()
    table = readings(data).drop(columns="suvmax").merge(data[["patient_id", "lesion_id", "suvmax"]])
    result = bm.evaluate_cutoff(data, **ASKED, readers={"readings": table})
    line = result.estimate("reader_discordance", cutoff=4.0)
    assert (line.value, line.low) == (0, 0)
    assert 0.1 < line.high < 0.5
    kappa = result.estimate("reader_kappa", cutoff=4.0)
    assert (kappa.value, kappa.high) == (1, 1)
    assert any("no two readers differ" in note for note in result.method.notes)


def test_readings_are_matched_to_the_lesions_analysed():
    data = lesions()
    table = readings(data)
    part = data[data["patient_id"] != "P0"]
    result = bm.evaluate_cutoff(part, **ASKED, readers={"readings": table})
    assert result.estimate("reader_discordance", cutoff=4.0).n == 27
    assert any("left out: 9." in note for note in result.method.notes)
    nameless = bm.evaluate_cutoff(part.drop(columns="lesion_id"), **ASKED, readers={"readings": table})
    assert nameless.estimate("reader_discordance", cutoff=4.0).n == 30
    assert not any(line.of.get("performance") == "reader" for line in nameless.estimates)
    assert any("cannot be held against the reference standard" in note for note in nameless.method.notes)


def test_sessions_are_chosen_by_where():
    data = lesions()
    table = pd.concat([readings(data).assign(session=1), readings(data, seed=9).assign(session=2)])
    with pytest.raises(DesignError, match="more than one reading of patient_id P0, lesion_id L1"):
        bm.evaluate_cutoff(data, **ASKED, readers={"readings": table})
    first = bm.evaluate_cutoff(data, **ASKED, readers={"readings": table, "where": {"session": 1}})
    expected = bm.evaluate_cutoff(data, **ASKED, readers={"readings": readings(data)})
    assert first.estimates == expected.estimates


def test_patients_as_items_and_names_of_any_type():
    data = lesions().drop_duplicates("patient_id")
    table = readings(data).drop(columns="lesion_id")
    result = bm.evaluate_cutoff(data, **ASKED, readers={"readings": table, "item": "patient_id"})
    assert result.item_word == "patient"
    numbered = lesions().astype({"lesion_id": "category"})
    coded = readings(lesions()).assign(reader_id=np.repeat([1.0, 2.0, 3.0], 30))
    assert bm.evaluate_cutoff(numbered, **ASKED, readers={"readings": coded}).readers == ("1", "2", "3")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda _: "readings", DesignError, "readers is 'readings'"),
        (lambda _: {"readings": "readings"}, DesignError, "readers needs `readings`"),
        (lambda table: {"readings": table, "values": "suvmax"}, DesignError, "did you mean 'value'"),
        (lambda table: {"readings": table, "value": "suv"}, DesignError, "no column 'suv'"),
        (lambda table: {"readings": table[table["reader_id"] == "A"]}, DesignError, "at least 2"),
        (lambda table: {"readings": table, "readers": ["A", "D"]}, DesignError, "no reader 'D'"),
        (lambda table: {"readings": table, "where": 1}, DesignError, "give columns and conditions"),
        (lambda table: {"readings": table.assign(lesion_id="X1")}, DesignError, "more than one reading"),
        (
            lambda table: {"readings": table.assign(patient_id="Q1" + table["patient_id"])},
            DesignError,
            "no lesion of the",
        ),
        (lambda table: {"readings": table.assign(suvmax="high")}, SchemaError, "is not a number"),
        (lambda table: {"readings": table.iloc[:0]}, DesignError, "no rows"),
    ],
)
def test_refused(change, error, message):
    data = lesions()
    with pytest.raises(error, match=message):
        bm.evaluate_cutoff(data, **ASKED, readers=change(readings(data)))


def test_several_rows_of_a_lesion_cannot_be_matched():
    data = lesions()
    with pytest.raises(DesignError, match="several rows of one lesion"):
        bm.evaluate_cutoff(pd.concat([data, data]), **ASKED, readers={"readings": readings(data)})
