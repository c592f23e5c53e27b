"""Repeatability of long readings: published cases, the claim, nesting, readers and scanners, bad input."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError, SchemaError, SmallSampleWarning

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "repeatability.json").read_text())
FLOW = np.array(REFERENCE["peak_flow"]["values"], float)
FACTOR = 1.959963984540054 * np.sqrt(2)


def wide(table, name="suvmax"):
    """One lesion a row, one session a column."""
    item, session = np.indices(table.shape)
    return pd.DataFrame({"lesion_id": item.ravel(), "session": session.ravel(), name: table.ravel()})


def trial(n_patients=8, readers=3, sessions=2, seed=1, cv=0.1):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), rng.integers(1, 4, n_patients))
    shape = (patient.size, readers, sessions)
    true = np.exp(1.5 + 0.6 * rng.normal(size=(patient.size, 1, 1)))
    y = true * np.exp(0.05 * rng.normal(size=(1, readers, 1)) + cv * rng.normal(size=shape))
    item, reader, session = (part.ravel() for part in np.indices(shape))
    return pd.DataFrame(
        {
            "patient_id": [f"P{p}" for p in patient[item]],
            "lesion_id": item,
            "reader_id": [f"R{r + 1}" for r in reader],
            "session": session,
            "size_mm": 10 + item,
            "suvmax": y.ravel(),
        }
    )


def test_peak_flow_of_bland_and_altman_1996():
    # BMJ 1996;313:744: within-subject SD 21.5, repeatability 2.77 x 21.5 = 60 L/min
    result = bm.repeatability(wide(FLOW), value="suvmax", session="session", scale="raw", bands=1, patient=None)
    expected = REFERENCE["peak_flow"]["within"]
    line = result.estimate("within_sd")
    assert (line.value**2, line.low**2, line.high**2, line.df) == pytest.approx(
        (expected["mean_square"], expected["low"], expected["high"], expected["df"]), rel=1e-9
    )
    rc = result.estimate("repeatability_coefficient")
    assert (round(line.value, 1), round(rc.value)) == (21.5, 59)  # they print 2.77 * 21.5 rounded up, 60
    assert rc.high == pytest.approx(FACTOR * line.high)
    assert result.claim.startswith("A measured change in SUVmax of more than 59.5 g/mL indicates that a true change")
    assert not any(e.quantity in ("within_cv", "reproducibility_sd") for e in result.estimates)


def test_relative_error_on_the_log_scale():
    result = bm.repeatability(wide(FLOW), value="suvmax", session="session", bands=1, patient=None)
    logs = REFERENCE["peak_flow"]["logs"]
    rms = result.estimate("within_cv", method="root mean square")
    log = result.estimate("within_cv", method="log")
    assert rms.value == pytest.approx(REFERENCE["peak_flow"]["root_mean_square_cv"], rel=1e-9)
    assert (log.value, log.low, log.high) == pytest.approx(
        [np.sqrt(np.expm1(logs[key])) for key in ("mean_square", "low", "high")], rel=1e-9
    )
    low, high = result.estimate("repeatability_limit_low"), result.estimate("repeatability_limit_high")
    s = np.sqrt(logs["mean_square"])
    assert (low.value, high.value) == pytest.approx((np.expm1(-FACTOR * s), np.expm1(FACTOR * s)), rel=1e-9)
    assert low.low < low.value < low.high < 0 < high.low < high.value < high.high
    assert result.estimate("percent_repeatability_coefficient").value == pytest.approx(FACTOR * rms.value)
    cv = FLOW.std(axis=1, ddof=1) / FLOW.mean(axis=1)
    quartiles = [result.estimate(f"item_cv_{name}").value for name in ("q1", "median", "q3")]
    assert quartiles == pytest.approx(np.quantile(cv, [0.25, 0.5, 0.75]).tolist())
    assert quartiles[1] < rms.value  # what the field prints is the smaller
    assert f"increase of more than {100 * high.value:.3g}% or a decrease of more than {-100 * low.value:.3g}%" in (
        result.claim
    )
    assert "with 95% confidence" in result.claim
    assert result.claim in result.method.notes


def test_unequal_numbers_of_repeats():
    # Bland and Altman 1999, table 4: within-subject variance of RV 0.1072 (0.1379 of IC), 3 to 6 repeats
    data = REFERENCE["cardiac_output"]
    readings = pd.DataFrame({"subject": data["subject"], "rv": data["rv"]})
    result = bm.repeatability(readings, value="rv", item="subject", scale="raw", bands=1, patient=None)
    assert round(result.estimate("within_sd").value ** 2, 4) == 0.1072
    assert result.estimate("within_sd").df == 48
    assert any("unequally often" in note for note in result.method.notes)


def test_nested_lesions_get_fewer_degrees_of_freedom():
    readings = trial()
    nested = bm.repeatability(readings, value="suvmax", session="session")
    assert nested.estimate("within_sd").df <= 3 * readings.lesion_id.nunique()
    assert any("effective degrees of freedom" in note for note in nested.method.notes)
    assert "nested" in nested.method.description
    line = nested.estimate("within_cv", method="log")
    assert (line.n, line.n_patients) == (readings.lesion_id.nunique(), 8)


def test_components_and_reproducibility_against_lme4():
    rows = pd.DataFrame(REFERENCE["sessions"]["data"]).rename(
        columns={"patient": "patient_id", "lesion": "lesion_id", "reader": "reader_id"}
    )
    result = bm.repeatability(rows, value="y", session="session", scale="raw", bands=1)
    expected = REFERENCE["sessions"]["components"]
    found = {e.of["component"]: e.value for e in result.estimates if e.quantity == "variance_component"}
    names = {
        "patient": "patient",
        "lesion": "lesion",
        "lesion by reader": "cell",
        "reader": "reader",
        "session": "session",
    }
    assert found == pytest.approx(
        {ours: expected[theirs] for ours, theirs in names.items()} | {"residual": expected["Residual"]}, rel=1e-4
    )
    # RDC: reader and residual of the two-way fit of cell means, and the rest of what varies within cells
    two_way, within = REFERENCE["sessions"]["cell_means_two_way"], REFERENCE["sessions"]["within_cells"]["mean_square"]
    counts = rows.groupby(["lesion_id", "reader_id"]).size()
    variance = two_way["reader"] + two_way["Residual"] + (1 - (1 / counts).mean()) * within
    line = result.estimate("reproducibility_coefficient")
    assert line.value == pytest.approx(FACTOR * np.sqrt(variance), rel=1e-5)
    assert line.low < line.value < line.high
    assert line.of["over"] == "reader"


def test_readers_without_repeats_give_reproducibility_only():
    readings = trial(sessions=1)
    result = bm.repeatability(readings, value="suvmax")
    assert not any(e.quantity == "within_sd" for e in result.estimates)
    assert result.estimate("reproducibility_cv").value > 0
    assert "by different readers" in result.claim
    assert any("No reader has read a lesion twice" in note for note in result.method.notes)
    pooled = bm.repeatability(readings, value="suvmax", reader=None)
    assert pooled.estimate("within_cv", method="log").value > 0
    assert any("taken as repeats" in note for note in pooled.method.notes)


def test_reader_and_scanner():
    readings = trial(sessions=2).assign(scanner=lambda r: np.where(r.session == 0, "A", "B"))
    result = bm.repeatability(readings, value="suvmax", scanner="scanner")
    assert result.estimate("reproducibility_cv").of["over"] == "reader and scanner"
    components = {e.of["component"] for e in result.estimates if e.quantity == "variance_component"}
    assert components == {"patient", "lesion", "reader", "scanner", "residual"}
    only = bm.repeatability(readings, value="suvmax", reader=None, scanner="scanner")
    assert only.estimate("reproducibility_cv").of["over"] == "scanner"


def test_bands_and_trend():
    rng = np.random.default_rng(3)
    true = np.exp(rng.normal(1, 0.8, size=60))
    table = true[:, None] * np.exp(0.2 * true[:, None] ** -0.5 * rng.normal(size=(60, 2)))
    result = bm.repeatability(wide(table), value="suvmax", session="session", patient=None)
    bands = [e for e in result.estimates if "band" in e.of and e.of["method"] == "root mean square"]
    assert len(bands) == 3
    assert sum(e.n for e in bands) == 60
    assert bands[0].value > bands[2].value
    trend = result.estimate("precision_trend")
    assert trend.low < 2**-0.5 < trend.high
    assert trend.p_value < 0.05
    assert any("spread less where it is larger" in note for note in result.method.notes)
    sized = bm.repeatability(
        wide(table).assign(size_mm=lambda r: r.lesion_id + 5), value="suvmax", session="session", size="size_mm",
        patient=None,
    )  # fmt: skip
    assert sized.by == "Size (mm)"
    assert sized.sizes.tolist() == [float(i + 5) for i in range(60)]


def test_order_of_rows_unit_and_names_do_not_matter():
    readings = trial(seed=4)
    other = readings.sample(frac=1, random_state=1).assign(suvmax=lambda r: 1000 * r.suvmax)
    other["reader_id"] = other.reader_id.map({"R1": "z", "R2": "y", "R3": "x"})
    first, second = (bm.repeatability(r, value="suvmax", session="session") for r in (readings, other))
    for a, b in zip(first.estimates, second.estimates, strict=True):
        if a.unit == "fraction" and a.quantity != "variance_share" and "band" not in a.of:
            assert (b.value, b.low, b.high) == pytest.approx((a.value, a.low, a.high), rel=1e-5, nan_ok=True)
    assert second.estimate("within_sd").value == pytest.approx(1000 * first.estimate("within_sd").value)


def test_patients_doubled_narrow_the_interval():
    once = trial(seed=5)
    again = once.assign(patient_id="again " + once.patient_id, lesion_id=once.lesion_id + 100)
    twice = pd.concat([once, again], ignore_index=True)
    one, two = (bm.repeatability(r, value="suvmax", session="session").estimate("within_sd") for r in (once, twice))
    assert two.value == pytest.approx(one.value)
    assert two.high / two.low < one.high / one.low


def test_readings_that_never_differ():
    result = bm.repeatability(
        wide(np.repeat(FLOW[:, :1], 2, axis=1)), value="suvmax", session="session", patient=None
    )  # fmt: skip
    line = result.estimate("within_sd")
    assert (line.value, line.low) == (0, 0)
    assert np.isnan(line.high)
    assert result.claim == ""
    # 1 - 0.025 ** (1 / 20) = 16.8 %
    assert any("no upper limit" in note and "below 17%" in note for note in result.method.notes)
    result.table()


def test_half_read_alike_is_said():
    table = np.repeat(FLOW[:, :1], 2, axis=1)
    table[:8, 1] *= 1.2
    result = bm.repeatability(wide(table), value="suvmax", session="session", patient=None)
    assert result.estimate("item_cv_median").value == 0
    assert any("the median CV is 0" in note for note in result.method.notes)


def test_lesions_read_once_are_counted():
    readings = wide(FLOW[:, :2]).drop(index=[1, 5])
    result = bm.repeatability(readings, value="suvmax", session="session", patient=None)
    assert [(e.reason, e.n) for e in result.exclusions] == [("of lesions read once only", 2)]
    assert result.estimate("within_sd").n == 18


def test_not_above_zero_on_the_log_scale_is_named():
    readings = wide(FLOW[:, :2])
    readings.loc[[3, 8], "suvmax"] = [0.0, -2.0]
    with pytest.raises(SchemaError, match="is not above 0") as caught:
        bm.repeatability(readings, value="suvmax", session="session", patient=None)
    assert [problem.row for problem in caught.value.problems] == [3, 8]
    assert bm.repeatability(readings, value="suvmax", session="session", scale="raw", patient=None).estimates


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (lambda r: pd.concat([r, r.tail(1)], ignore_index=True), {}, "more than one reading.*rows 39, 40"),
        (lambda r: r[r.session == 0], {}, "no lesion has two readings"),
        (lambda r: r.iloc[:0], {}, "no rows"),
        (lambda r: r, {"scale": "ln"}, "no scale 'ln'"),
        (lambda r: r, {"bands": 0}, "bands is 0"),
        (lambda r: r, {"bands": 2.5}, "bands is 2.5"),
        (lambda r: r, {"value": "suvmx"}, "did you mean 'suvmax'"),
        (lambda r: r, {"session": "sesion"}, "did you mean 'session'"),
        (lambda r: r, {"reader": "nobody"}, "no column 'nobody'"),
        (lambda r: r, {"size": "volume"}, "no column 'volume'"),
        (lambda r: r.assign(s=1), {"reader": "s", "scanner": "s"}, "reader and scanner at once"),
        (lambda r: r, {"confidence_level": 95}, "confidence_level"),
        (lambda r: r.assign(suvmax=np.nan), {}, "no row is left"),
    ],
)
def test_refused(change, arguments, message):
    readings = change(wide(FLOW[:, :2]))
    with pytest.raises(DesignError, match=message):
        bm.repeatability(readings, **{"value": "suvmax", "session": "session", "patient": None, **arguments})


def test_one_lesion():
    with pytest.warns(SmallSampleWarning, match="Only 1 lesion"):
        result = bm.repeatability(wide(FLOW[:1]), value="suvmax", session="session", patient=None)
    assert result.estimate("within_sd").df == pytest.approx(3)


@pytest.mark.parametrize("scale", ["log", "raw"])
def test_the_result_is_the_error_of_a_cutoff(scale):
    readings = trial()
    found = bm.repeatability(readings, value="suvmax", session="session", scale=scale)
    lesions = readings[(readings.reader_id == "R1") & (readings.session == 0)].assign(response=lambda r: r.suvmax > 4.6)
    arguments = {"reference_standard": "response", "marker": "suvmax", "cutoffs": 4.5, "patient": None}
    zone = bm.evaluate_cutoff(lesions, repeatability=found, **arguments).estimate("grey_zone")
    if scale == "log":
        other = found.estimate("within_cv", method="log").value
    else:
        other = {"within_sd": found.estimate("within_sd").value, "scale": "raw"}
    same = bm.evaluate_cutoff(lesions, repeatability=other, **arguments).estimate("grey_zone")
    assert (zone.low, zone.high) == pytest.approx((same.low, same.high))
    nothing = bm.repeatability(readings[readings.session == 0], value="suvmax")
    with pytest.raises(DesignError, match="found no error"):
        bm.evaluate_cutoff(lesions, repeatability=nothing, **arguments)


def test_readers_who_agree_exactly_leave_no_residual_and_are_told():
    rng = np.random.default_rng(3)
    truth = np.repeat(rng.lognormal(1.5, 0.5, 30), 2)
    readings = pd.DataFrame(
        {"patient_id": np.arange(60) // 6, "lesion_id": np.arange(60) // 2, "reader_id": ["A", "B"] * 30, "suv": truth}
    )
    found = bm.repeatability(readings, value="suv")
    assert found.estimate("variance_component", component="residual").value == 0
    assert found.estimate("reproducibility_sd").value == 0
    assert any("All readings of a lesion are alike" in note for note in found.method.notes)


def test_one_patient_has_no_variance_between_patients():
    rng = np.random.default_rng(4)
    readings = pd.DataFrame({"patient_id": 1, "lesion_id": np.arange(8) // 2, "reader_id": ["A", "B"] * 4})
    with pytest.warns(SmallSampleWarning):
        found = bm.repeatability(readings.assign(suv=rng.lognormal(size=8)), value="suv")
    assert [line.of["component"] for line in found.estimates if line.quantity == "variance_component"] == [
        "lesion",
        "reader",
        "residual",
    ]


def test_the_interval_holds_its_estimate_where_readers_disagree_about_everything():
    truth = np.linspace(1, 9, 20)
    readings = pd.DataFrame({"lesion_id": np.arange(20).repeat(2), "reader_id": ["A", "B"] * 20})
    readings["suv"] = np.stack([truth, 10.1 - truth], axis=1).ravel()
    found = bm.repeatability(readings, value="suv", patient=None)
    for name in ("reproducibility_sd", "reproducibility_cv"):
        line = found.estimate(name)
        assert line.low <= line.value <= line.high
