import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import ttest_ind

import biomarker as bm
from biomarker.errors import DesignError, SchemaError

REFERENCE = Path(__file__).parents[1] / "reference"
EXPECTED = json.loads((REFERENCE / "treatment_interaction.json").read_text())
QUICK = {"n_resamples": 60}


@pytest.fixture(scope="module")
def veteran():
    frame = pd.read_csv(REFERENCE / "interaction_veteran.csv").rename(columns={"time": "os_days", "status": "died"})
    frame["arm"] = frame["trt"].map({0: "standard", 1: "test"})
    return frame.assign(patient_id=[f"P{number:03}" for number in range(len(frame))])


@pytest.fixture(scope="module")
def births():
    frame = pd.read_csv(REFERENCE / "interaction_birthwt.csv")
    return frame.assign(arm=frame["smoke"].map({0: "no", 1: "smoking"}))


TIMED = {"marker": "karno", "arm": "arm", "duration": "os_days", "event": "died", "control": "standard", **QUICK}
BINARY = {
    "marker": "lwt", "arm": "arm", "response": "low", "control": "no", "adjust": "age", "patient": None, **QUICK
}  # fmt: skip
CONTINUOUS = {**BINARY, "response": None, "value": "bwt"}


@pytest.fixture(scope="module")
def timed(veteran):
    return bm.treatment_interaction(veteran, randomised=True, levels=[30, 60, 90], subgroups="celltype", **TIMED)


def check(result, expected, scale, log):
    line = result.estimate(f"interaction_{scale}")
    assert log(line.value) == pytest.approx(expected["interaction"], rel=1e-6, abs=1e-9)
    assert line.statistic == pytest.approx(expected["interaction"] / expected["se"], rel=1e-6)
    effects = [one for one in result.estimates if one.quantity == f"treatment_{scale}" and "marker" in one.of]
    for one, (value, error) in zip(effects, np.transpose(expected["effects"]), strict=True):
        assert log(one.value) == pytest.approx(value, rel=1e-6, abs=1e-8)
        assert one.statistic == pytest.approx(value / error, rel=1e-6)


def test_a_time_to_an_event_as_coxph_has_it(timed):
    check(timed, EXPECTED["timed"], "hazard_ratio", np.log)
    assert timed.estimate("interaction_test").statistic == pytest.approx(EXPECTED["timed"]["lr"], rel=1e-6)
    line = timed.estimate("marker_hazard_ratio", arm="standard")
    assert np.log(line.value) == pytest.approx(EXPECTED["timed"]["marker_control"], rel=1e-6)
    overall = timed.estimate("treatment_hazard_ratio", subgroup="all patients")
    assert np.log(overall.value) == pytest.approx(EXPECTED["timed"]["overall"], rel=1e-6)
    assert timed.estimate("subgroup_interaction_test", subgroup="celltype").df == 3


def test_a_response_as_glm_has_it(births):
    result = bm.treatment_interaction(births, levels=[100, 120, 150], randomised=False, **BINARY)
    check(result, EXPECTED["binary"], "odds_ratio", np.log)
    assert result.estimate("interaction_test").statistic == pytest.approx(EXPECTED["binary"]["lr"], rel=1e-6)
    line = result.estimate("marker_odds_ratio", arm="no")
    assert np.log(line.value) == pytest.approx(EXPECTED["binary"]["marker_control"], rel=1e-6)


def test_a_measured_outcome_as_lm_has_it(births):
    result = bm.treatment_interaction(births, levels=[100, 120, 150], randomised=False, **CONTINUOUS)
    check(result, EXPECTED["continuous"], "mean_difference", float)
    line = result.estimate("interaction_mean_difference")
    assert line.p_value == pytest.approx(EXPECTED["continuous"]["p"], rel=1e-8)
    assert [line.low, line.high] == pytest.approx(EXPECTED["continuous"]["interval"], rel=1e-8)
    assert line.df == 184


def trial(n, interaction, prognostic, seed=1, arm_effect=0.0):
    rng = np.random.default_rng(seed)
    suv = rng.normal(6, 2, n)
    treated = rng.permutation(np.arange(n) % 2)
    y = prognostic * (suv - 6) + (arm_effect + interaction * (suv - 6)) * treated + rng.normal(size=n)
    return pd.DataFrame({"suvmax": suv, "arm": np.where(treated, "new", "old"), "gain": y})


ASK = {"marker": "suvmax", "arm": "arm", "value": "gain", "control": "old", "patient": None, **QUICK}


@pytest.mark.parametrize(
    ("interaction", "prognostic", "word"),
    [
        (1.0, 0.0, "predictive"),
        (1.0, 1.0, "both predictive and prognostic"),
        (0.0, 1.0, "prognostic"),
        (0.0, 0.0, "neither shown"),
    ],
)
def test_the_verdict_follows_the_truth(interaction, prognostic, word):
    result = bm.treatment_interaction(trial(300, interaction, prognostic, seed=3), randomised=True, **ASK)
    assert result.verdict == word
    assert result.explanation in result.method.notes
    if word == "neither shown":
        assert "does not show that it is not" in result.explanation


def test_the_word_predictive_needs_randomisation_or_adjustment():
    frame = trial(300, 1.0, 0.0)
    for randomised, why in ((False, "were not randomised"), (None, "is not told")):
        result = bm.treatment_interaction(frame, randomised=randomised, **ASK)
        assert "predictive" not in result.verdict
        assert why in result.explanation
        assert "not called predictive" in result.explanation
    adjusted = bm.treatment_interaction(
        frame.assign(age=np.random.default_rng(77).normal(size=300)), adjust="age", randomised=False, **ASK
    )
    assert adjusted.verdict == "predictive"
    assert "not having been randomised but covariates adjusted for" in adjusted.explanation


def test_the_gain_of_a_marker_that_chooses_well_is_found_and_that_of_noise_is_not():
    # the effect is suv - 6: withholding the treatment below 6 spares E[(6 - suv)+] = 2 φ(0) = 0.798 over treating all
    found = bm.treatment_interaction(trial(2000, 1.0, 0.0), randomised=True, **ASK)
    over_all = found.estimate("benefit_of_marker_guidance", compared_with="new for all")
    assert over_all.value == pytest.approx(0.798, abs=0.1)
    assert over_all.low < 0.798 < over_all.high
    assert found.estimate("share_not_treated").value == pytest.approx(0.5, abs=0.05)
    noise = [bm.treatment_interaction(trial(120, 0.0, 0.0, seed), randomised=True, **ASK) for seed in range(12)]
    apparent, corrected = (
        np.mean([one.estimate(name, compared_with="new for all").value for one in noise])
        for name in ("benefit_of_marker_guidance_apparent", "benefit_of_marker_guidance")
    )
    assert abs(corrected) < abs(apparent)
    assert apparent > 0


def test_the_moving_effect_follows_the_truth_within_its_band():
    result = bm.treatment_interaction(trial(400, 1.0, 0.0), randomised=True, **ASK)
    moving = result.moving
    truth = moving.centres - 6
    assert np.all((moving.band_low <= truth + 0.6) & (truth - 0.6 <= moving.band_high))
    assert np.all(moving.band_low <= moving.low)
    assert np.all(np.diff(moving.centres) > 0)
    assert np.corrcoef(moving.effect, truth)[0, 1] > 0.95


def test_scales_and_order_of_rows_change_nothing_that_they_should_not():
    frame = trial(100, 0.8, 0.2)
    one = bm.treatment_interaction(frame, randomised=True, **ASK)
    turned = frame.sample(frac=1, random_state=2).assign(suvmax=lambda rows: 3 * rows["suvmax"])
    other = bm.treatment_interaction(turned, randomised=True, **ASK)
    assert other.estimate("interaction_mean_difference").value * 3 == pytest.approx(
        one.estimate("interaction_mean_difference").value
    )
    for at in ("lower quartile", "median"):
        lines = [each.estimate("treatment_mean_difference", at=at) for each in (one, other)]
        assert lines[0].value == pytest.approx(lines[1].value)
        assert lines[0].p_value == pytest.approx(lines[1].p_value)
    swapped = bm.treatment_interaction(frame, randomised=True, **{**ASK, "control": "new"})
    assert swapped.estimate("interaction_mean_difference").value == pytest.approx(
        -one.estimate("interaction_mean_difference").value
    )
    doubled = bm.treatment_interaction(frame, randomised=True, per="doubling", **ASK)
    logged = bm.treatment_interaction(
        frame.assign(suvmax=np.log2(frame["suvmax"])), randomised=True, levels=[2.5], **ASK
    )
    assert doubled.estimate("interaction_test").statistic == pytest.approx(
        logged.estimate("interaction_test").statistic
    )


def test_a_class_may_be_the_marker(veteran):
    classes = veteran.assign(fit=np.where(veteran["karno"] >= 60, "fit", "frail"))
    result = bm.treatment_interaction(classes, randomised=True, **{**TIMED, "marker": "fit"})
    effects = [one.of["marker"] for one in result.estimates if "marker" in one.of and "hazard" in one.quantity]
    assert effects == ["fit", "frail"]
    assert result.moving is None
    assert "windows" not in result.method.description
    assert "by Fit, with pointwise 95% intervals" in result.caption
    panel = result.plot().figure.axes[-1]
    assert [text.get_text() for text in panel.get_xticklabels()] == ["fit", "frail"]
    points = {line.get_label(): line.get_ydata() for line in panel.get_lines()}
    assert points["standard"] == pytest.approx(100 * result.curves.untreated[:, 0])
    assert "Fit" in result.table().title


def test_separation_goes_to_firth(births):
    few = births.iloc[::6].copy()
    few["low"] = ((few["lwt"] > 120) & (few["arm"] == "smoking")).astype(int)
    result = bm.treatment_interaction(few, randomised=True, **{**BINARY, "adjust": ()})
    assert any("Firth's penalty" in note for note in result.method.notes)
    line = result.estimate("interaction_odds_ratio")
    assert 0 < line.low < line.value < line.high < 1e6
    assert any("fewer than 10 each" in note for note in result.method.notes)


def test_one_arm_is_refused_with_what_can_be_said_instead(veteran):
    with pytest.raises(
        DesignError, match=r"which one arm cannot answer\. What can be said: how the marker is associated"
    ):
        bm.treatment_interaction(veteran[veteran["arm"] == "test"], **{**TIMED, "control": None})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arm": "celltype", "control": None}, "holds 4 arms"),
        ({"control": "standart"}, "did you mean 'standard'"),
        ({"event": None}, "belong together"),
        ({"value": "age"}, "give one outcome"),
        ({"duration": None, "event": None}, "give one outcome"),
        ({"marker": "arm"}, "a column has one role"),
        ({"adjust": "karno"}, "a column has one role"),
        ({"marker": "celltype"}, "4 classes"),
        ({"levels": [500]}, "outside the marker's range"),
        ({"levels": ["high"]}, "levels and cutoff"),
        ({"horizon": 1e6}, "is followed up to"),
        ({"horizon": -1}, "a time above 0"),
        ({"randomised": "yes"}, "give True or False"),
        ({"n_resamples": 1}, "n_resamples"),
        ({"measured_at": {"karno": 20}}, "immortal"),
        ({"marker": "karnofsky"}, "no column"),
        ({"patient": "celltype"}, "several rows"),
    ],
)
def test_faults_are_named(veteran, change, message):
    with pytest.raises(DesignError, match=message):
        bm.treatment_interaction(veteran, **{**TIMED, **change})


def test_an_arm_of_nobody_negative_times_and_constant_outcomes(veteran, births):
    with pytest.raises(DesignError, match="too few to compare"):
        bm.treatment_interaction(veteran[(veteran["arm"] == "test") | (veteran.index < 3)], **TIMED)
    with pytest.raises(SchemaError, match="negative"):
        bm.treatment_interaction(veteran.assign(os_days=-veteran["os_days"]), **TIMED)
    with pytest.raises(DesignError, match="no patient had the event"):
        bm.treatment_interaction(veteran.assign(died=0), **TIMED)
    with pytest.raises(DesignError, match="the same 'low'"):
        bm.treatment_interaction(births.assign(low=1), **BINARY)
    with pytest.raises(DesignError, match="karno"):
        bm.treatment_interaction(veteran.assign(karno=50), **TIMED)


def test_what_repeats_another_column_is_refused(veteran):
    with pytest.raises(DesignError, match="cannot be told apart"):
        bm.treatment_interaction(veteran.assign(again=2 * veteran["karno"]), adjust="again", **TIMED)
    with pytest.raises(DesignError, match="within an arm the marker is always the same"):
        bm.treatment_interaction(veteran.assign(karno=veteran["trt"] * veteran["karno"] > 0), **TIMED)


def test_missing_rows_are_left_out_and_the_control_that_is_taken_is_named(veteran):
    holes = veteran.copy()
    holes.loc[:9, "karno"] = np.nan
    result = bm.treatment_interaction(holes, randomised=True, **{**TIMED, "control": None})
    assert result.population.rows_used == len(veteran) - 10
    assert any("standard is taken as the control arm" in note for note in result.method.notes)
    assert result.arms == ("standard", "test")


def test_table(timed):
    table = timed.table()
    assert table.title == "Karno and the effect of test against standard: " + timed.verdict
    labels = [row.cells[0] for row in table.lines]
    assert labels[:7] == [
        "Interaction of karno and treatment",
        "Ratio of hazard ratios, per unit",
        "Hazard ratio of test v standard",
        "at karno 30",
        "at karno 60",
        "at karno 90",
        "in all patients",
    ]
    assert "Marker-guided choice against test for all" in labels
    assert any("FDA-NIH BEST" in note for note in table.footnotes)


def test_figure(timed):
    figure = timed.plot().figure
    forest, moving, curves = (ax for ax in figure.axes if ax.axison)
    squares = [line for line in forest.lines if line.get_marker() == "s"]
    shown = [line for line in timed.estimates if line.quantity == "treatment_hazard_ratio"]
    assert sorted(line.get_xdata()[0] for line in squares) == pytest.approx(sorted(line.value for line in shown))
    assert moving.lines[0].get_ydata() == pytest.approx(np.exp(timed.moving.effect))
    labels = [line.get_label() for line in curves.lines]
    assert labels == ["standard", "test"]
    assert curves.lines[1].get_ydata() == pytest.approx(100 * timed.curves.treated[:, 0])


def test_a_linear_model_is_tested_by_f_so_that_test_and_interval_agree():
    # the chi-square of its likelihood ratio has a size of 0.07 with 24 patients
    result = bm.treatment_interaction(trial(24, 0.3, 0.0, seed=8), randomised=True, **ASK)
    line, test = result.estimate("interaction_mean_difference"), result.estimate("interaction_test")
    assert test.p_value == pytest.approx(line.p_value, rel=1e-9)
    assert test.statistic == pytest.approx(line.statistic**2, rel=1e-9)
    assert "by the F test" in result.method.description
    assert any("24 patients for 3 coefficients" in note for note in result.method.notes)


def test_effects_in_subgroups_have_the_degrees_of_freedom_of_their_own_model():
    # as R: summary(lm(gain ~ arm, subset = site == "a")) has 2 coefficients
    frame = trial(40, 0.3, 0.0).assign(site=["a"] * 12 + ["b"] * 28)
    result = bm.treatment_interaction(frame, subgroups="site", randomised=True, **ASK)
    for site, n in (("a", 12), ("b", 28)):
        rows = frame[frame["site"] == site]
        new, old = (rows.loc[rows["arm"] == arm, "gain"] for arm in ("new", "old"))
        expected = ttest_ind(new, old)
        line = result.estimate("treatment_mean_difference", subgroup="site", level=site)
        assert line.df == n - 2
        assert line.p_value == pytest.approx(expected.pvalue, rel=1e-9)
        assert [line.low, line.high] == pytest.approx(list(expected.confidence_interval()), rel=1e-9)
    assert result.estimate("treatment_mean_difference", subgroup="all patients").df == 38


def test_subgroups_of_a_covariate_leave_it_out():
    frame = trial(60, 0.3, 0.0).assign(site=list("abc") * 20)
    result = bm.treatment_interaction(frame, adjust="site", subgroups="site", randomised=True, **ASK)
    alone = bm.treatment_interaction(frame, subgroups="site", randomised=True, **ASK)
    for site in "abc":
        line, same = (one.estimate("treatment_mean_difference", subgroup="site", level=site) for one in (result, alone))
        assert np.isfinite(line.low)
        assert line.value == pytest.approx(same.value)
    tests = [one.estimate("subgroup_interaction_test", subgroup="site") for one in (result, alone)]
    assert tests[0].df == 2
    assert tests[0].p_value == pytest.approx(tests[1].p_value)


def test_a_group_without_one_arm_has_no_effect_and_a_note_says_so():
    frame = trial(60, 0.3, 0.0).assign(site="a")
    frame.loc[frame.index[frame["arm"] == "new"][:8], "site"] = "b"
    result = bm.treatment_interaction(frame, subgroups="site", randomised=True, **ASK)
    line = result.estimate("treatment_mean_difference", subgroup="site", level="b")
    assert np.isnan([line.value, line.low, line.high, line.p_value]).all()
    assert np.isnan(result.estimate("subgroup_interaction_test", subgroup="site").p_value)
    assert any("cannot be estimated in Site b" in note for note in result.method.notes)


def separated():
    """Under b everybody above 0 responds and nobody below; under a response is a coin."""
    rng = np.random.default_rng(3)
    suv, arm = rng.normal(size=40), np.arange(40) % 2
    coin = rng.random(40) < 0.4
    return pd.DataFrame({"suv": suv, "arm": np.where(arm, "b", "a"), "response": np.where(arm, suv > 0, coin)})


def penalised_height(frame, columns, free):
    """Maximise Firth's penalised logistic likelihood over some coefficients, written down directly."""
    x = np.column_stack([np.ones(len(frame)), columns])
    y = frame["response"].to_numpy(dtype=float)

    def fall(values):
        beta = np.zeros(x.shape[1])
        beta[free] = values
        eta = x @ beta
        risk = expit(eta)
        return -(y @ eta - np.logaddexp(0, eta).sum() + np.linalg.slogdet(x.T * (risk * (1 - risk)) @ x)[1] / 2)

    return -minimize(fall, np.zeros(len(free)), method="BFGS", options={"gtol": 1e-8}).fun


def test_a_separated_interaction_has_the_penalised_profile_whatever_the_unit():
    frame = separated()
    ask = {"marker": "suv", "arm": "arm", "response": "response", "control": "a", "patient": None, "n_resamples": 10}
    results = [bm.treatment_interaction(frame.assign(suv=unit * frame["suv"]), **ask) for unit in (1.0, 1000.0)]
    treated = (frame["arm"] == "b").to_numpy(dtype=float)
    columns = np.column_stack([treated, frame["suv"], treated * frame["suv"]])
    statistic = 2 * (penalised_height(frame, columns, [0, 1, 2, 3]) - penalised_height(frame, columns, [0, 1, 2]))
    for result in results:
        test, line = result.estimate("interaction_test"), result.estimate("interaction_odds_ratio")
        assert test.statistic == pytest.approx(statistic, rel=1e-5)
        assert line.p_value == pytest.approx(test.p_value, rel=1e-6)
        assert line.low > 1
    effects = [
        [one.p_value for one in result.estimates if one.quantity == "treatment_odds_ratio"] for result in results
    ]
    assert effects[0] == pytest.approx(effects[1], rel=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subgroups": "arm"}, "as arm and in subgroups"),
        ({"subgroups": "low"}, "as outcome and in subgroups"),
        ({"landmark": 3}, "landmark belongs to duration and event"),
        ({"event_values": 1}, "event_values belongs to event"),
        ({"higher_is_better": False}, "higher_is_better belongs to value"),
        ({"response": None, "value": "bwt", "positive": 1}, "positive belongs to response"),
        ({"cutoff": 1e6}, "nobody is on one side"),
        ({"marker": "arm", "arm": "ht", "control": None, "per": "sd"}, "per: is for a measured marker"),
    ],
)
def test_an_argument_that_would_do_nothing_is_refused(births, change, message):
    with pytest.raises(DesignError, match=message):
        bm.treatment_interaction(births, randomised=False, **{**BINARY, "adjust": (), **change})


def test_a_gain_lies_within_its_interval_and_none_beyond_0_is_excluded_where_all_benefit():
    # everybody gains 1.5 from the treatment: choosing by the marker cannot do better than treating all
    for seed in range(4):
        result = bm.treatment_interaction(trial(80, 0.0, 0.0, seed, arm_effect=1.5), randomised=True, **ASK)
        over_all = result.estimate("benefit_of_marker_guidance", compared_with="new for all")
        assert over_all.high >= 0
        for line in result.estimates:
            if line.quantity.startswith("benefit") and np.isfinite(line.low):
                assert line.low <= line.value <= line.high


def test_a_gain_that_cannot_be_observed_has_no_interval_and_a_note():
    # the rule would spare one patient alone, of whom the other arm has nobody like
    frame = trial(40, 0.0, 0.0, seed=2, arm_effect=3.0)
    frame.loc[0, ["suvmax", "arm"]] = [-30.0, "new"]
    frame.loc[0, "gain"] = -4.0
    result = bm.treatment_interaction(frame, randomised=True, **ASK)
    line = result.estimate("benefit_of_marker_guidance", compared_with="new for all")
    assert 0 < result.estimate("share_not_treated").value < 0.1
    assert np.isnan([line.value, line.low, line.high]).all()
    assert any("could not be observed" in note for note in result.method.notes)


def test_an_effect_that_changes_its_direction_is_told_only_where_an_interaction_is_shown():
    crossing = "changes its direction"
    for interaction, is_told in ((1.0, True), (0.0, False)):
        result = bm.treatment_interaction(
            trial(300, interaction, 0.0, seed=5), randomised=True, levels=[2, 6, 10], **ASK
        )
        effects = [one.value for one in result.estimates if "marker" in one.of and "treatment" in one.quantity]
        assert min(effects) < 0 < max(effects)
        assert any(crossing in note for note in result.method.notes) is is_told


def test_groups_that_are_whole_numbers_are_printed_as_such():
    frame = trial(60, 0.3, 0.0).assign(stage=[1.0, 2.0, 3.0] * 20)
    result = bm.treatment_interaction(frame, subgroups="stage", randomised=True, **ASK)
    assert result.estimate("treatment_mean_difference", subgroup="stage", level="2").n == 20


def test_windows_in_which_a_covariate_is_constant_are_left_out_and_need_no_penalty():
    frame = trial(90, 0.3, 0.0).sort_values("suvmax", ignore_index=True)
    frame = frame.assign(site=["rare"] * 4 + ["common"] * 50 + ["rare", "common"] * 18)
    moving = bm.treatment_interaction(frame, adjust="site", randomised=True, **ASK).moving
    everywhere = bm.treatment_interaction(frame, randomised=True, **ASK).moving
    assert not moving.is_penalized
    assert np.isfinite(moving.effect).all()
    assert len(moving.effect) < len(everywhere.effect)


def test_limits_in_windows_of_a_linear_model_are_those_of_t():
    frame = trial(60, 0.3, 0.0)
    moving = bm.treatment_interaction(frame, randomised=True, **ASK).moving
    first = frame.sort_values("suvmax").head(moving.size)
    new, old = (first.loc[first["arm"] == arm, "gain"] for arm in ("new", "old"))
    assert [moving.low[0], moving.high[0]] == pytest.approx(list(ttest_ind(new, old).confidence_interval()), rel=1e-9)
