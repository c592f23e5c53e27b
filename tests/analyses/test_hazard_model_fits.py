"""Hazard models of every design against R: ties, clusters, periods, splines, Firth; and what must not matter."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker import hazard_model
from biomarker.errors import ConvergenceError, DesignError, SchemaError, SmallSampleWarning

from .hazard_reference import BREAST, FREIREICH, HEART, KIDNEY, LUNG, OF_HEART, OF_LUNG, REFERENCE

quiet = pytest.mark.filterwarnings("ignore::biomarker.errors.SmallSampleWarning")


def ratios(result):
    return [line for line in result.estimates if line.quantity == "hazard_ratio"]


def log_ratios(result):
    return np.log([line.value for line in ratios(result)])


def test_breslow_ties_and_the_published_remission_times():
    # Kleinbaum & Klein, Survival Analysis: 1.509 with Breslow's ties, hazard ratio 4.52
    arguments = {"duration": "weeks", "event": "relapse", "predictors": "placebo", "patient": None, "n_resamples": 0}
    result = hazard_model(FREIREICH, **arguments, ties="breslow")
    assert log_ratios(result) == pytest.approx(REFERENCE["freireich"]["breslow"]["coefficients"], rel=1e-8)
    assert log_ratios(result)[0] == pytest.approx(1.509, abs=5e-4)
    assert "Breslow's method for ties" in result.method.description


def test_sandwich_variance_by_centre():
    expected = REFERENCE["lung"]["cluster"]
    with pytest.warns(SmallSampleWarning, match="rests on 18 clusters of inst"):
        result = hazard_model(LUNG, **OF_LUNG, predictors=["age", "sex"], cluster="inst")
    errors = [line.statistic for line in ratios(result)]
    assert log_ratios(result) / errors == pytest.approx(np.sqrt(np.diag(expected["robust"])), rel=1e-7)
    assert result.estimate("wald_test").statistic == pytest.approx(expected["wald"], rel=1e-7)
    assert result.estimate("c_index").value == pytest.approx(expected["c"][0], rel=1e-10)
    line = ratios(result)[0]
    assert line.df == 17
    # Student's t(17): 2.1098 standard errors
    assert np.log(line.high / line.value) == pytest.approx(2.109816 * np.sqrt(expected["robust"][0][0]), rel=1e-6)
    assert not [line for line in result.estimates if line.quantity in ("likelihood_ratio_test", "score_test")]


def test_sandwich_variance_by_patient():
    expected = REFERENCE["kidney"]["cluster"]
    data = KIDNEY.rename(columns={"id": "unit"})
    options = {"duration": "time", "event": "status", "patient": None, "n_resamples": 0}
    result = hazard_model(data, **options, predictors=["age", "sex"], cluster="unit")
    errors = [line.statistic for line in ratios(result)]
    assert log_ratios(result) / errors == pytest.approx(np.sqrt(np.diag(expected["robust"])), rel=1e-7)
    assert not any("clusters of" in note for note in result.warnings)


@quiet
def test_a_marker_that_changes_from_period_to_period():
    expected = REFERENCE["heart"]["efron"]
    result = hazard_model(HEART, **OF_HEART, predictors=["age", "transplant"])
    assert log_ratios(result) == pytest.approx(expected["coefficients"], rel=1e-8)
    errors = log_ratios(result) / [line.statistic for line in ratios(result)]
    assert errors**2 == pytest.approx(np.diag(expected["covariance"]), rel=1e-7)
    # the jackknife leaves out patients, not periods
    assert result.estimate("c_index").value == pytest.approx(REFERENCE["heart"]["cluster"]["c"][0], rel=1e-10)
    assert any("172 periods of 103 patients" in note for note in result.warnings)
    assert result.population.sentence() == "172 periods in 103 patients analysed; none excluded."
    assert "time-varying" in result.method.description
    assert "patient_id" not in str(result.warnings)
    assert not [line for line in result.estimates if line.quantity == "uno_c_index"]
    assert "103 patients" in result.table().title
    robust = hazard_model(HEART, **OF_HEART, predictors=["age", "transplant"], cluster="id")
    theirs = REFERENCE["heart"]["cluster"]
    errors = log_ratios(robust) / [line.statistic for line in ratios(robust)]
    assert errors**2 == pytest.approx(np.diag(theirs["robust"]), rel=1e-7)


def test_periods_that_overlap_are_named():
    data = HEART.copy()
    second = data.index[data["id"].duplicated()][0]
    data.loc[second, "start"] -= 0.5
    with pytest.raises(
        SchemaError, match=rf"row {second}, start: .* before the period before it of {data.id[second]} "
    ):
        hazard_model(data, **OF_HEART, predictors="age")


def test_gaps_between_periods_are_named():
    data = HEART.copy()
    second = data.index[data["id"].duplicated()][0]
    data.loc[second, "start"] += 0.5
    result = hazard_model(data, **OF_HEART, predictors="age")
    gaps = [note for note in result.warnings if "there are gaps" in note]
    assert gaps == [
        f"Between periods there are gaps, in which a patient does not count as at risk: patient {data['id'][second]}."
    ]


def test_an_event_before_the_last_period_is_refused():
    data = HEART.copy()
    first = data.index[data["id"].duplicated(keep="last")][0]
    data.loc[first, "event"] = 1
    with pytest.raises(DesignError, match=rf"patient {data.id[first]} had the event before the last period"):
        hazard_model(data, **OF_HEART, predictors="age")
    with pytest.raises(DesignError, match="needs no landmark"):
        hazard_model(HEART, **OF_HEART, predictors="age", landmark=10)


def test_periods_of_patients_not_named_are_counted():
    data = HEART.astype({"id": "object"})
    data.loc[[3, 4], "id"] = None
    result = hazard_model(data, **OF_HEART, predictors="age")
    assert [(exclusion.reason, exclusion.n) for exclusion in result.exclusions] == [("with id missing", 2)]
    assert result.population.patients_used == data["id"].nunique()


def test_spline_against_harrells_formula_in_r():
    expected = REFERENCE["lung"]["spline"]
    result = hazard_model(
        LUNG, **OF_LUNG, predictors="age", splines={"age": expected["knots"]}, reference={"age": expected["reference"]}
    )
    shape = result.shapes[0]
    for name in ("ratio", "low", "high"):
        ours = np.exp(np.interp(expected["at"], shape.marker, np.log(getattr(shape, name))))
        assert ours == pytest.approx(expected[name], rel=1e-3)  # between the points of the curve
    assert result.estimate("term_wald_test", term="age").statistic == pytest.approx(expected["overall"], rel=1e-6)
    assert result.estimate("nonlinearity_test", term="age").statistic == pytest.approx(expected["nonlinear"], rel=1e-6)
    assert result.estimate("nonlinearity_test", term="age").df == 2
    gain = 2 * (expected["loglik"][1] - expected["loglik"][0])
    assert result.estimate("likelihood_ratio_test").statistic == pytest.approx(gain, rel=1e-9)
    line = ratios(result)[0]  # the 10th percentile, which is a point of the curve
    assert line.value == pytest.approx(np.exp(np.interp(line.of["at"], shape.marker, np.log(shape.ratio))), rel=1e-3)
    assert "restricted cubic spline in age with knots at 50, 60, 66 and 74" in result.method.description


def test_a_spline_of_doublings_is_one_of_the_logarithm():
    data = LUNG.assign(suvmax=np.exp(LUNG["age"] / 20), log2_suv=LUNG["age"] / 20 / np.log(2))
    bent = hazard_model(data, **OF_LUNG, predictors="suvmax", splines="suvmax", per={"suvmax": "doubling"})
    plain = hazard_model(data, **OF_LUNG, predictors="log2_suv", splines="log2_suv")
    # knots are quantiles of the marker and its logarithm, the same values but for interpolation between two patients
    assert bent.estimate("likelihood_ratio_test").statistic == pytest.approx(
        plain.estimate("likelihood_ratio_test").statistic, rel=1e-2
    )
    assert bent.shapes[0].is_log
    assert bent.shapes[0].reference == pytest.approx(np.median(data["suvmax"]))


@quiet
def test_firth_against_the_definition_in_r():
    expected = REFERENCE["breast"]["firth"]
    options = {"duration": "time", "event": "event", "patient": None, "n_resamples": 0}
    result = hazard_model(BREAST, **options, predictors=["T", "N", "G", "CD"])
    assert log_ratios(result) == pytest.approx(expected["coefficients"], rel=2e-5)
    assert np.log([line.low for line in ratios(result)]) == pytest.approx(expected["low"], abs=2e-6)
    assert np.log([line.high for line in ratios(result)]) == pytest.approx(expected["high"], rel=2e-6)
    assert [line.statistic for line in ratios(result)] == pytest.approx(expected["chisq"], abs=1e-6)
    assert any("lie wholly on one side of G (separation)" in note for note in result.warnings)
    assert any("26 events for 4 hazard ratios, fewer than 10 each: Firth's penalty" in n for n in result.warnings)
    assert result.residuals == ()
    with pytest.raises(DesignError, match="separated events leave no residuals"):
        result.plot(figure="residuals")


def test_firth_and_clusters_are_refused_together():
    with pytest.raises(DesignError, match="no sandwich variance"):
        hazard_model(LUNG, **OF_LUNG, predictors="age", penalty="firth", cluster="inst")


def test_many_events_need_no_penalty():
    auto, none = (hazard_model(LUNG, **OF_LUNG, predictors="age", penalty=p) for p in ("auto", "none"))
    assert ratios(auto) == ratios(none)
    firth = hazard_model(LUNG, **OF_LUNG, predictors="age", penalty="firth")
    assert ratios(firth)[0].value != ratios(none)[0].value
    assert ratios(firth)[0].value == pytest.approx(ratios(none)[0].value, rel=1e-2)


@pytest.mark.parametrize("transform", ["km", "identity", "log", "rank"])
def test_proportional_hazards_by_any_time(transform):
    result = hazard_model(LUNG, **OF_LUNG, predictors=["age", "sex", "wt.loss"], time_transform=transform)
    tests = [line.statistic for line in result.estimates if line.quantity == "proportional_hazards_test"]
    assert tests == pytest.approx(REFERENCE["lung"]["efron"]["zph"][transform]["chisq"], rel=1e-6)


def test_what_is_not_known_in_time_is_refused():
    data = LUNG.assign(best_response=np.where(LUNG["age"] > 60, "PR", "SD"), suv_week6=LUNG["age"])
    with pytest.raises(DesignError, match=r"'best_response' is known only after treatment.*landmark"):
        hazard_model(data, **OF_LUNG, predictors=["age", "best_response"])
    with pytest.raises(DesignError, match="'suv_week6' was measured at 42"):
        hazard_model(data, **OF_LUNG, predictors="suv_week6", measured_at={"suv_week6": 42})
    late = hazard_model(data, **OF_LUNG, predictors="suv_week6", measured_at={"suv_week6": 42}, landmark=42)
    assert late.method.settings["measured_at"] == {"suv_week6": 42}
    told = hazard_model(data, **OF_LUNG, predictors=["best_response"], landmark=60)
    assert any("best_response is taken to be known at the landmark" in note for note in told.warnings)
    with pytest.raises(DesignError, match="'best_response' is known only after"):
        hazard_model(data, **OF_LUNG, predictors="age", compare_with="best_response")


@quiet
def test_all_events_at_one_time():
    data = pd.DataFrame({"t": [5.0] * 8 + [9.0] * 12, "e": [1] * 8 + [0] * 12, "x": np.arange(20) % 7})
    result = hazard_model(data, duration="t", event="e", predictors="x", patient=None, n_resamples=20)
    assert any("All 8 events are at one time (5)" in note for note in result.warnings)
    assert any("could not be tested" in note for note in result.warnings)
    result.table()


def test_strata_without_events_are_counted():
    data = LUNG.assign(site=np.where(LUNG.index < 7, "small", "large"))
    data.loc[data.index < 7, "event"] = 0
    result = hazard_model(data, **OF_LUNG, predictors="age", strata="site")
    assert any("1 stratum has no event, so that 7 patients there add nothing." in note for note in result.warnings)


@quiet
def test_a_class_of_one_patient():
    data = LUNG.head(60).assign(kind=["rare", *["common"] * 59])
    line = ratios(hazard_model(data, **OF_LUNG, predictors="kind"))[0]
    assert np.isfinite([line.value, line.low, line.high]).all()


rows = st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.floats(0.5, 20)), min_size=25, max_size=40).filter(
    lambda given: sum(row[1] for row in given) > 11
)


def patients(given):
    t, e, x = (list(column) for column in zip(*given, strict=True))
    marker = np.array(x) + np.linspace(0, 1, len(x)) ** 2
    return pd.DataFrame({"months": np.array(t, float), "event": e, "suvmax": marker, "age": np.arange(len(x)) % 5})


@given(rows, st.integers(1, 29), st.randoms())
@settings(max_examples=6, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_splitting_follow_up_shuffling_rows_and_doublings_change_nothing(given, when, random):
    data = patients(given).assign(patient_id=[f"P{i}" for i in range(len(given))], entry=-1.0)
    options = {"duration": "months", "event": "event", "predictors": ["suvmax", "age"], "n_resamples": 0}
    options |= {"penalty": "firth", "per": {"suvmax": "doubling"}}
    whole = hazard_model(data, **options)
    long = data["months"] > when
    early = data.assign(event=data["event"] & ~long, months=data["months"].clip(upper=when))
    split = pd.concat([early, data[long].assign(entry=float(when))], ignore_index=True)
    order = list(range(len(split)))
    random.shuffle(order)
    parts = hazard_model(split.iloc[order], **options, entry="entry")
    assert log_ratios(parts) == pytest.approx(log_ratios(whole), rel=1e-5, abs=1e-7)
    logs = data.assign(log2=np.log2(data["suvmax"])).drop(columns="suvmax")
    units = hazard_model(logs, **(options | {"predictors": ["log2", "age"], "per": {}}))
    assert log_ratios(units) == pytest.approx(log_ratios(whole), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ties": "exact"}, "ties = 'exact'; give one of efron, breslow"),
        ({"penalty": "ridge"}, "penalty = 'ridge'"),
        ({"time_transform": "ranks"}, "did you mean 'rank'"),
        ({"optimism": "cv"}, "optimism = 'cv'"),
        ({"figure": "forest"}, "figure = 'forest'"),
        ({"figure": "shape"}, "no predictor has a spline"),
        ({"splines": "ages"}, "did you mean 'age'"),
        ({"splines": 4}, "name predictors"),
        ({"splines": {"age": 9}}, "3 to 7"),
        ({"splines": {"age": [60, 50, 70]}}, "ascending"),
        ({"splines": {"age": [1, 2, 3]}}, "outside its values"),
        ({"splines": {"age": ["a", 2, 3]}}, "give numbers"),
        ({"splines": "sex", "predictors": ["age", "sex"]}, "too few different values"),
        ({"splines": "age", "per": {"age": 10}}, "no single ratio"),
        ({"splines": "age", "reference": {"age": "old"}}, "give a value of the marker"),
        ({"cluster": "institute"}, "no column 'institute'"),
        ({"cluster": "one"}, "every row has the same 'one'"),
        ({"cluster": "sex"}, "two clusters, too few"),
        ({"compare_with": "time"}, "part of the outcome"),
        ({"compare_with": "sexe"}, "did you mean 'sex'"),
        ({"concordance_until": -1}, "above 0"),
        ({"n_resamples": 1.5}, "whole number"),
        ({"rng": -3}, "rng is -3"),
        ({"measured_at": ["age"]}, "give a mapping"),
        ({"predictors": "mixed"}, "'high' is not a number"),
        ({"predictors": 3}, "give the name of a column"),
        ({"predictors": "huge"}, "give it in a unit in which it is near 1"),
        ({"predictors": "huge", "splines": "huge"}, "give it in a unit in which it is near 1"),
        ({"predictors": "copy"}, "order too perfectly"),
    ],
)
def test_what_is_refused(changes, message):
    mixed = LUNG["age"].astype(object).where(LUNG.index != 3, "high")
    data = LUNG.assign(one=1, mixed=mixed, huge=LUNG["age"] * 1e300, copy=-LUNG["time"])
    with pytest.raises((DesignError, SchemaError, ConvergenceError), match=message):
        hazard_model(data, **{**OF_LUNG, "predictors": "age", **changes})


@pytest.mark.parametrize("data", [None, pd.DataFrame(), LUNG.head(0), LUNG.head(1), LUNG.assign(age=np.nan)])
def test_hardly_any_data(data):
    with pytest.raises(DesignError):
        hazard_model(data, **OF_LUNG, predictors="age")


def test_nullable_and_categorical_columns_are_as_plain_ones():
    plain = hazard_model(LUNG.astype({"sex": str}), **OF_LUNG, predictors=["age", "sex"])
    typed = LUNG.astype({"age": "Int64", "sex": "category", "event": "boolean", "time": "Float64"})
    again = hazard_model(typed, **OF_LUNG, predictors=["age", "sex"])
    assert log_ratios(again) == pytest.approx(log_ratios(plain), rel=1e-12)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_huge_and_tiny_values(scale):
    plain = hazard_model(LUNG, **OF_LUNG, predictors="age", per={"age": "sd"})
    scaled = hazard_model(LUNG.assign(age=LUNG["age"] * scale), **OF_LUNG, predictors="age", per={"age": "sd"})
    assert log_ratios(scaled) == pytest.approx(log_ratios(plain), rel=1e-8)
