"""Intraclass correlation of long readings: forms, nesting, what is refused and what is said."""

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError, SchemaError, SmallSampleWarning
from biomarker.kernels.icc import FORMS
from biomarker.kernels.icc import intraclass_correlation as by_kernel
from biomarker.kernels.icc_nested import nested_interval

JUDGES = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)


def long(values, *, patients=None, name="suvmax"):
    """Readings in long form; lesions are numbered anew in each patient."""
    values = np.asarray(values, float)
    items, readers = np.indices(values.shape)
    frame = pd.DataFrame(
        {"lesion_id": items.ravel(), "reader_id": [f"R{j + 1}" for j in readers.ravel()], name: values.ravel()}
    )
    if patients is not None:
        patients = np.asarray(patients)
        within = pd.Series(patients).groupby(patients).cumcount().to_numpy()
        frame["patient_id"] = [f"P{p}" for p in patients[items.ravel()]]
        frame["lesion_id"] = within[items.ravel()]
    return frame


def nested_readings(n_patients=8, seed=1):
    rng = np.random.default_rng(seed)
    patients = np.repeat(np.arange(n_patients), rng.integers(1, 5, n_patients))
    true = np.exp(1 + 0.5 * rng.normal(size=n_patients)[patients] + 0.5 * rng.normal(size=patients.size))
    return true[:, None] * np.exp(0.1 * rng.normal(size=(patients.size, 3))), patients


def test_shrout_and_fleiss_table_4():
    result = bm.intraclass_correlation(long(JUDGES), value="suvmax", form="all", patient=None)
    assert [round(line.value, 2) for line in result.estimates if line.quantity == "icc"] == [
        0.17, 0.29, 0.71, 0.44, 0.62, 0.91,
    ]  # fmt: skip
    line = result.estimate("icc", form="ICC(2,1)")
    kernel = by_kernel(JUDGES, "ICC(2,1)")
    assert (line.low, line.high, line.statistic, line.df) == (kernel.low, kernel.high, kernel.f, (5.0, 15.0))
    assert (line.n, line.n_patients) == (6, None)
    shares = [line.value for line in result.estimates if line.quantity == "variance_share"]
    assert sum(shares) == pytest.approx(1)
    assert result.estimate("variance_component", component="reader").unit == "(g/mL)²"
    assert result.population.sentence() == "24 readings analysed; none excluded."
    assert "Lesions are treated as independent of one another." in result.method.notes


def test_nested_lesions_get_an_interval_over_patients_and_the_naive_one_beside_it():
    values, patients = nested_readings()
    result = bm.intraclass_correlation(long(values, patients=patients), value="suvmax")
    line, naive = result.estimate("icc", form="ICC(2,1)"), result.estimate("icc_naive", form="ICC(2,1)")
    assert (line.low, line.high) == pytest.approx(tuple(nested_interval(values, patients)), rel=1e-9)
    kernel = by_kernel(values)
    assert (naive.low, naive.high) == pytest.approx((kernel.low, kernel.high), rel=1e-9)
    assert np.isnan(line.p_value)
    assert naive.of["interval"] == "naive"
    assert (line.n, line.n_patients) == (len(patients), 8)
    assert result.is_nested
    assert "leaving out one patient at a time" in result.method.description


def test_row_order_and_labels_do_not_matter():
    values, patients = nested_readings(seed=2)
    readings = long(values, patients=patients)
    shuffled = readings.sample(frac=1, random_state=3).set_index(np.arange(len(readings)) + 100)
    first, second = (bm.intraclass_correlation(r, value="suvmax", form="all") for r in (readings, shuffled))
    for a, b in zip(first.estimates, second.estimates, strict=True):
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), rel=1e-8, nan_ok=True)


def test_items_not_read_by_all_are_left_out_and_counted():
    readings = long(JUDGES)
    readings.loc[3, "suvmax"] = np.nan  # reader 4 of lesion 0
    without = readings.drop(index=22)  # reader 3 of lesion 5
    with pytest.warns(SmallSampleWarning, match="Only 4 lesions"):
        result = bm.intraclass_correlation(without, value="suvmax", patient=None)
    assert result.estimate("icc").value == pytest.approx(by_kernel(JUDGES[1:5]).icc)
    assert {(e.reason, e.n) for e in result.exclusions} == {
        ("with suvmax missing", 1),
        ("of lesions that not every reader read", 6),
    }
    assert sorted(row for e in result.exclusions for row in e.rows) == [0, 1, 2, 3, 20, 21, 23]


def test_one_patient_per_item_is_not_nested():
    result = bm.intraclass_correlation(long(JUDGES, patients=range(6)), value="suvmax")
    assert not result.is_nested
    assert result.estimate("icc").high == by_kernel(JUDGES).high
    by_patient = bm.intraclass_correlation(long(JUDGES, patients=range(6)), value="suvmax", item="patient_id")
    assert by_patient.item_word == "patient"
    assert by_patient.estimate("icc").value == result.estimate("icc").value
    assert not any("independent" in note for note in by_patient.method.notes)


def test_numbered_readers_may_be_numbers():
    readings = long(JUDGES).assign(reader_id=lambda r: r["reader_id"].str[1:].astype(float))
    assert bm.intraclass_correlation(readings, value="suvmax", patient=None).readers == ("1", "2", "3", "4")


def test_too_few_patients():
    values = JUDGES[:4]
    with pytest.warns(SmallSampleWarning, match="Only 2 patients"):
        result = bm.intraclass_correlation(long(values, patients=[0, 0, 0, 1]), value="suvmax")
    line = result.estimate("icc")
    assert np.isnan([line.low, line.high]).all()
    assert not np.isnan(result.estimate("icc_naive").low)
    assert any("only the naive one" in note for note in result.method.notes)


def test_exact_agreement_and_no_variance_are_said():
    exact = bm.intraclass_correlation(long(np.repeat(JUDGES[:, :1], 2, axis=1)), value="suvmax", patient=None)
    assert exact.estimate("icc").value == 1
    assert any("agree exactly" in note for note in exact.method.notes)
    nothing = bm.intraclass_correlation(long(np.full((6, 2), 2.0)), value="suvmax", form="all", patient=None)
    assert np.isnan([line.value for line in nothing.estimates if line.quantity == "icc"]).all()
    assert any("do not vary" in note for note in nothing.method.notes)
    worse = bm.intraclass_correlation(
        long([[1, 9], [8, 2], [3, 7], [9, 1], [4, 6]]), value="suvmax", form="ICC(3,1)", patient=None
    )
    assert any("below 0" in note for note in worse.method.notes)
    assert any("set to 0" in note for note in worse.method.notes)


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (lambda r: pd.concat([r, r]).assign(session=1), {}, r"more than one reading.*session"),
        (lambda r: r, {"form": "ICC(2,2)"}, r"did you mean 'ICC\(2,k\)'"),
        (lambda r: r, {"form": []}, "form is empty"),
        (lambda r: r[r.reader_id == "R1"], {}, "at least 2 readers"),
        (lambda r: r[r.lesion_id == 0], {}, "at least 2"),
        (lambda r: r, {"value": "suvmx"}, "did you mean 'suvmax'"),
        (lambda r: r, {"confidence_level": 95}, "confidence_level"),
        (lambda r: r.iloc[:0], {}, "no rows"),
    ],
)
def test_refused(change, arguments, message):
    with pytest.raises(DesignError, match=message):
        bm.intraclass_correlation(change(long(JUDGES)), **{"value": "suvmax", "patient": None, **arguments})


def test_text_among_readings_is_named():
    readings = long(JUDGES).astype({"suvmax": object})
    readings.loc[2, "suvmax"] = "high"
    with pytest.raises(SchemaError, match="suvmax: 'high' is not a number"):
        bm.intraclass_correlation(readings, value="suvmax", patient=None)


def test_all_forms_by_name_or_list():
    one = bm.intraclass_correlation(long(JUDGES), value="suvmax", form=list(FORMS), patient=None)
    assert one.forms == FORMS
