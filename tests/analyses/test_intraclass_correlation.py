"""Intraclass correlation of long readings: forms, nesting, what is refused and what is said."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import biomarker as bm
from biomarker.errors import DesignError, SchemaError, SmallSampleWarning
from biomarker.kernels.icc import FORMS, MCGRAW_WONG
from biomarker.kernels.icc import intraclass_correlation as by_kernel
from biomarker.kernels.icc_nested import leave_one_patient_out, nested_interval
from biomarker.kernels.icc_reml import crossed_components, icc_from_components, reading_sums
from biomarker.kernels.icc_unbalanced import ratio_interval

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "reliability.json").read_text())

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


def with_gaps():
    readings = long(JUDGES)
    readings.loc[3, "suvmax"] = np.nan  # reader 4 of lesion 0
    return readings.drop(index=22)  # reader 3 of lesion 5


def test_items_not_read_by_all_are_used_by_reml():
    result = bm.intraclass_correlation(with_gaps(), value="suvmax", form="all", patient=None)
    table = JUDGES.copy()
    table[0, 3] = table[5, 2] = np.nan
    sums = reading_sums(table)
    for form in FORMS:
        model = int(form[4])
        expected = icc_from_components(crossed_components(sums, model), form, 4)[0]
        assert result.estimate("icc", form=form).value == pytest.approx(expected)
    limits = ratio_interval(sums, 3)
    line = result.estimate("icc", form="ICC(3,1)")
    assert (line.low, line.high) == pytest.approx((limits.low[0], limits.high[0]))
    mean = result.estimate("icc", form="ICC(3,k)")
    assert (mean.low, mean.high) == pytest.approx([4 * r / (1 + 3 * r) for r in (line.low, line.high)])
    assert result.population.rows_used == 22
    assert any("2 of 6 lesions were not read by every reader" in note for note in result.method.notes)
    assert "restricted maximum likelihood" in result.method.description
    assert sum(e.value for e in result.estimates if e.quantity == "variance_share") == pytest.approx(1)


def test_mean_squares_leave_out_items_not_read_by_all():
    with pytest.warns(SmallSampleWarning, match="Only 4 lesions"):
        result = bm.intraclass_correlation(with_gaps(), value="suvmax", estimator="mean_squares", patient=None)
    assert result.estimate("icc").value == pytest.approx(by_kernel(JUDGES[1:5]).icc)
    assert {(e.reason, e.n) for e in result.exclusions} == {
        ("with suvmax missing", 1),
        ("of lesions that not every reader read", 6),
    }
    assert sorted(row for e in result.exclusions for row in e.rows) == [0, 1, 2, 3, 20, 21, 23]


def test_an_item_of_one_reader_and_a_silent_reader_are_counted_and_named():
    readings = long(JUDGES)
    silent = pd.DataFrame({"lesion_id": [0, 1], "reader_id": ["R5", "R5"], "suvmax": [np.nan, np.nan]})
    alone = pd.DataFrame({"lesion_id": [99], "reader_id": ["R2"], "suvmax": [4.0]})
    both = pd.concat([readings, silent, alone], ignore_index=True)
    result = bm.intraclass_correlation(both, value="suvmax", patient=None)
    assert result.readers == ("R1", "R2", "R3", "R4")
    assert result.estimate("icc").value == by_kernel(JUDGES).icc
    assert any(note == "Reader R5 has no reading and is left out." for note in result.method.notes)
    assert {(e.reason, e.n) for e in result.exclusions} == {
        ("with suvmax missing", 2),
        ("of lesions that one reader only has read", 1),
    }


def test_reml_of_complete_readings_is_the_same_estimate():
    whole, reml = (
        bm.intraclass_correlation(long(JUDGES), value="suvmax", form="all", estimator=estimator, patient=None)
        for estimator in ("auto", "reml")
    )
    for form in FORMS:
        assert reml.estimate("icc", form=form).value == pytest.approx(whole.estimate("icc", form=form).value, rel=1e-6)
    for form in ("ICC(1,1)", "ICC(3,k)"):
        ours, theirs = reml.estimate("icc", form=form), whole.estimate("icc", form=form)
        assert (ours.low, ours.high, ours.statistic) == pytest.approx((theirs.low, theirs.high, theirs.statistic))


def test_ten_names_of_mcgraw_and_wong():
    ten = bm.intraclass_correlation(long(JUDGES), value="suvmax", form="mcgraw_wong", patient=None)
    six = bm.intraclass_correlation(long(JUDGES), value="suvmax", form="all", patient=None)
    assert ten.forms == tuple(MCGRAW_WONG)
    for name, form in MCGRAW_WONG.items():
        line = ten.estimate("icc", form=name)
        assert line.of["shrout_fleiss"] == form
        assert line.value == six.estimate("icc", form=form).value
    short = bm.intraclass_correlation(long(JUDGES), value="suvmax", form=["ICC(A,1)", "ICC(C,k)"], patient=None)
    assert short.estimate("icc", form="ICC(A,1)").value == six.estimate("icc", form="ICC(2,1)").value
    assert short.table().lines[1].cells[0] == "ICC(C,k) = ICC(3,k)"


@pytest.mark.parametrize(("data", "null", "key"), [("judges", 0.2, "judges_0.2"), ("lesions", 0.75, "lesions_0.75")])
def test_null_values_other_than_zero(data, null, key):
    # R: mean squares of aov and the formulas of McGraw and Wong (1996), tables 7 and 8
    values = REFERENCE["icc"][data]["values"]
    result = bm.intraclass_correlation(long(values), value="suvmax", form="all", null_value=null, patient=None)
    for form in FORMS:
        line, expected = result.estimate("icc", form=form), REFERENCE["null_values"][key][form]
        assert (line.statistic, line.df[1], line.p_value) == pytest.approx(
            (expected["f"], expected["df2"], expected["p"]), rel=1e-9
        )
    assert "The null hypothesis was" in result.method.description


def sessions(*, nested, seed=3, sessions=2):
    values, patients = nested_readings(n_patients=10, seed=seed)
    rng = np.random.default_rng(seed)
    frames = [
        long(values * np.exp(0.08 * rng.normal(size=values.shape)), patients=patients).assign(session=s)
        for s in range(sessions)
    ]
    both = pd.concat(frames, ignore_index=True)
    return both if nested else both.assign(lesion_id=both.patient_id + "-" + both.lesion_id.astype(str))


def test_sessions_give_inter_and_intra_reader_icc():
    readings = sessions(nested=True)
    result = bm.intraclass_correlation(readings, value="suvmax", session="session")
    parts = {e.of["component"]: e.value for e in result.estimates if e.quantity == "variance_component"}
    assert list(parts) == ["patient", "lesion", "lesion by reader", "reader", "session", "residual"]
    total = sum(parts.values())
    inter, intra = result.estimate("icc_inter_reader"), result.estimate("icc_intra_reader")
    assert inter.value == pytest.approx((parts["patient"] + parts["lesion"]) / total)
    assert intra.value == pytest.approx(1 - (parts["session"] + parts["residual"]) / total)
    assert inter.low < inter.value < inter.high
    assert intra.low < intra.value < intra.high
    assert result.forms == ()
    apart = bm.intraclass_correlation(sessions(nested=False), value="suvmax", session="session", patient=None)
    assert apart.estimate("icc_inter_reader").low < apart.estimate("icc_inter_reader").high
    assert not any(e.quantity == "icc_naive" for e in apart.estimates)


def test_what_patients_make_of_it():
    values, patients = nested_readings(n_patients=9, seed=5)
    result = bm.intraclass_correlation(long(values, patients=patients), value="suvmax", form="ICC(3,1)")
    without = leave_one_patient_out(values, patients, "ICC(3,1)")
    line = result.estimate("icc_leave_one_patient_out")
    assert (line.low, line.high) == pytest.approx((without.min(), without.max()))
    most = int(np.abs(without - result.estimate("icc", form="ICC(3,1)").value).argmax())
    assert line.of["without"] == f"P{most}"
    means = np.stack([values[patients == p].mean(axis=0) for p in np.unique(patients)])
    f = by_kernel(means, "ICC(3,1)")
    of_means = result.estimate("icc_patient_means")
    assert (of_means.value, of_means.low, of_means.high) == pytest.approx((f.icc, f.low, f.high))
    within = result.estimate("icc_within_patients")
    assert within.low < within.value < within.high
    several = [p for p in np.unique(patients) if (patients == p).sum() > 1]
    assert (within.n, within.n_patients) == (np.isin(patients, several).sum(), len(several))


def test_one_patient_cannot_carry_the_icc():
    # one patient's ten lesions differ widely; those of the others do not: the ICC is his
    rng = np.random.default_rng(6)
    true = np.r_[np.linspace(1, 30, 10), 5 + 0.2 * rng.normal(size=8)]
    patients = np.r_[np.zeros(10, int), np.arange(1, 9)]
    values = true[:, None] + rng.normal(size=(18, 3))
    result = bm.intraclass_correlation(long(values, patients=patients), value="suvmax")
    line = result.estimate("icc_leave_one_patient_out")
    assert result.estimate("icc", form="ICC(2,1)").value > 0.95
    assert line.of["without"] == "P0"
    assert line.low < 0.4
    assert any("Patient P0 has 10 of the 18 lesions" in note for note in result.method.notes)


def features(nested=False, seed=8, n=12, count=5):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 1, count)) + 0.4 * rng.normal(size=(n, 3, count))
    wide = pd.DataFrame(values.reshape(-1, count), columns=[f"f{j}" for j in range(count)])
    item, reader = (part.ravel() for part in np.indices((n, 3)))
    ids = pd.DataFrame({"lesion_id": item, "reader_id": reader})
    if nested:
        ids["patient_id"] = item // 2
    return pd.concat([ids, wide], axis=1)


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("gaps", [False, True])
def test_features_at_once_are_each_their_own(nested, gaps):
    readings = features(nested)
    if gaps:
        readings.loc[[0, 7], "f1"] = np.nan
        readings.loc[[3, 4], "f2"] = np.nan  # one reading left of that lesion
    names = [f"f{j}" for j in range(5)]
    together = bm.intraclass_correlation(readings, value=names, form=["ICC(2,1)", "ICC(3,k)"])
    assert len(together.estimates) == 10
    for name in names:
        alone = bm.intraclass_correlation(readings, value=name, form=["ICC(2,1)", "ICC(3,k)"])
        for form in ("ICC(2,1)", "ICC(3,k)"):
            ours, theirs = together.estimate("icc", feature=name, form=form), alone.estimate("icc", form=form)
            # intervals of a feature with gaps rest on fewer draws than those of a single one
            assert (ours.value, ours.n) == (pytest.approx(theirs.value), theirs.n)
            assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.03 if gaps else 1e-9)


def test_a_long_table_of_features():
    readings = features()
    long_table = readings.melt(["lesion_id", "reader_id"], var_name="feature", value_name="reading")
    wide = bm.intraclass_correlation(readings, value=[f"f{j}" for j in range(5)])
    tall = bm.intraclass_correlation(long_table, value="reading", feature="feature")
    assert [(e.of["feature"], e.value, e.low) for e in tall.estimates] == [
        (e.of["feature"], pytest.approx(e.value), pytest.approx(e.low)) for e in wide.estimates
    ]
    twice = pd.concat([long_table, long_table.head(1)], ignore_index=True)
    with pytest.raises(DesignError, match="more than once"):
        bm.intraclass_correlation(twice, value="reading", feature="feature")


def test_a_feature_nobody_read_is_said():
    readings = features().assign(f9=np.nan, f8=1.0)
    result = bm.intraclass_correlation(readings, value=["f0", "f9", "f8"])
    assert [e.of["feature"] for e in result.estimates] == ["f0", "f8"]
    assert np.isnan(result.estimates[1].value)
    assert any("f9" in note for note in result.method.notes)
    assert any("not defined for f8" in note for note in result.method.notes)


@given(st.integers(0, 400), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_order_of_rows_and_readers_unit_and_origin_do_not_matter(seed, random):
    values, patients = nested_readings(n_patients=6, seed=seed)
    readings = long(values, patients=patients)
    readings = readings.drop(index=[0, len(readings) - 1])
    other = readings.sample(frac=1, random_state=seed).assign(suvmax=lambda r: 7 * r["suvmax"] + 50)
    names = {"R1": "C", "R2": "A", "R3": "B"}
    other["reader_id"] = other["reader_id"].map(names)
    first, second = (bm.intraclass_correlation(r, value="suvmax", form="ICC(3,1)") for r in (readings, other))
    for a, b in zip(first.estimates, second.estimates, strict=True):
        if a.quantity.startswith("icc"):
            assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), rel=1e-4, abs=1e-6, nan_ok=True)


def test_patients_doubled_narrow_the_interval():
    values, patients = nested_readings(n_patients=10, seed=9)
    twice = long(np.vstack([values, values]), patients=np.r_[patients, patients + 100])
    one, two = (
        bm.intraclass_correlation(r, value="suvmax", form="ICC(3,1)").estimate("icc", form="ICC(3,1)")
        for r in (long(values, patients=patients), twice)
    )
    assert two.high - two.low < one.high - one.low
    assert two.value == pytest.approx(one.value, abs=0.01)


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
        (lambda r: pd.concat([r, r.tail(1)], ignore_index=True), {}, r"rows 23, 24"),
        (lambda r: pd.concat([r, r]).assign(s=1), {"session": "s"}, "more than one reading of the same lesion at . 1"),
        (lambda r: r.assign(s=1), {"session": "s"}, "no reader has read an item at two sessions"),
        (lambda r: r.assign(s=1), {"session": "s", "form": "all"}, "with session"),
        (lambda r: r, {"estimator": "ml"}, "no estimator"),
        (lambda r: r, {"null_value": 1.0}, "null_value"),
        (lambda r: r, {"value": []}, "value is empty"),
        (lambda r: r, {"value": ["suvmax", "suvmax"]}, "twice"),
        (lambda r: r, {"value": "lesion_id"}, "cannot be the reading"),
        (lambda r: r.drop(index=range(0, 24, 5)).drop(index=[16, 21]), {"estimator": "mean_squares"}, "squares need"),
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


def test_an_icc_within_patients_that_rests_on_one_patient_says_so():
    rng = np.random.default_rng(2)
    patient = np.r_[np.zeros(12, int), np.arange(1, 9)]
    truth = rng.normal(size=20)
    readings = pd.DataFrame(
        {
            "patient_id": patient.repeat(2),
            "lesion_id": np.arange(20).repeat(2),
            "reader_id": ["A", "B"] * 20,
            "suv": (10 + truth[:, None] + 0.3 * rng.normal(size=(20, 2))).ravel(),
        }
    )
    found = bm.intraclass_correlation(readings, value="suv")
    assert np.isnan(found.estimate("icc_within_patients").low)
    assert sum("Only one patient has several lesions" in note for note in found.method.notes) == 1
    assert "sampling of readers" in found.table().to_markdown()
    single = bm.intraclass_correlation(readings, value="suv", form="ICC(3,1)")
    assert "sampling of readers" not in single.table().to_markdown()
