"""Patlak lines of lesions: a constructed truth, R's lm, rules for t*, and refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from biomarker import patlak
from biomarker.errors import DesignError, SmallSampleWarning
from biomarker.kernels.patlak import patlak_points

R = json.loads((Path(__file__).parents[1] / "reference" / "kinetics.json").read_text(encoding="utf-8"))["patlak"]
HOURS = np.array([1.0, 4, 24, 48, 72, 96, 144])


def scans(n_patients=3, lesions=2, ki=0.02, v_t=0.3):
    rows = []
    for i in range(n_patients):
        plasma = (8 + i) * (0.4 * np.exp(-HOURS / 6) + 0.6 * np.exp(-HOURS / 80))
        area = patlak_points(HOURS, plasma, HOURS, plasma).x * plasma
        for j in range(lesions):
            rate = ki * (1 + i + 0.5 * j)
            rows.append(
                pd.DataFrame(
                    {
                        "patient_id": f"P{i}",
                        "lesion_id": f"L{j}",
                        "hours": HOURS,
                        "blood": plasma,
                        "suv": rate * area + v_t * plasma,
                        "arm": "AB"[i % 2],
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def lines(data, **given):
    return patlak(data, **({"time": "hours", "plasma": "blood", "tissue": "suv"} | given))


def test_each_lesion_has_the_influx_it_was_made_with():
    result = lines(scans())
    for i in range(3):
        for j in range(2):
            of = {"patient": f"P{i}", "lesion": f"L{j}"}
            assert result.estimate("ki", **of).value == pytest.approx(0.02 * (1 + i + 0.5 * j), rel=1e-9)
            assert result.estimate("v_t", **of).value == pytest.approx(0.3, rel=1e-9)
            assert result.estimate("t_star", **of).value == 1.0
    assert result.estimate("ki", summary="mean").value == pytest.approx(np.mean([0.02, 0.03, 0.04, 0.05, 0.06, 0.07]))
    assert result.estimate("ki", summary="mean").n_patients == 3


@pytest.mark.parametrize(("weights", "name"), [("constant", "constant"), ("plasma", "weighted")])
def test_the_line_of_lm(weights, name):
    data = pd.DataFrame({"hours": R["hours"], "blood": R["plasma"], "suv": R["tissue"]})
    result = lines(data, t_star=24, weights=weights, patient=None)
    ki = result.estimate("ki")
    assert (ki.value, ki.low, ki.high) == pytest.approx((R[name]["coef"][1], *R[name]["ci"][1]), rel=1e-8)


def test_scans_without_tissue_still_add_to_the_area_under_plasma():
    data = scans(1, 1)
    data.loc[data["hours"].isin([4.0, 72.0]), "suv"] = np.nan
    assert lines(data).estimate("ki").value == pytest.approx(0.02, rel=1e-9)


def test_uncorrected_activities_are_corrected():
    data = scans(1, 1)
    factor = 0.5 ** (data["hours"] / 78.41)
    raw = data.assign(blood=data["blood"] * factor, suv=data["suv"] * factor)
    result = lines(raw, nuclide="89Zr", decay_corrected=False)
    assert result.estimate("ki").value == pytest.approx(0.02, rel=1e-9)


def test_a_bent_plot_is_told():
    data = scans(1, 1)
    data["suv"] = np.where(np.arange(7) % 2, 1.0, 9.0)
    with pytest.warns(SmallSampleWarning, match="nowhere linear"):
        result = lines(data)
    assert result.estimate("t_star").value == 72.0


def test_lesions_with_too_few_points_are_named():
    data = scans(2, 1)
    data.loc[(data["patient_id"] == "P1") & (data["hours"] > 4), "suv"] = np.nan
    result = lines(data)
    assert "patient P1, lesion L0" in " ".join(result.method.notes)
    assert {line.of.get("patient") for line in result.estimates} == {"P0"}


def test_groups_are_compared():
    line = lines(scans(4), by="arm").estimate("geometric_mean_ratio", term="ki")
    assert line.n_patients == 4  # each patient once, however many lesions


@pytest.mark.parametrize(
    ("change", "given", "says"),
    [
        (lambda f: f.assign(blood=0.0), {}, "positive"),
        (lambda f: f, {"t_star": 100}, "no curve has 3 points from t"),
        (lambda f: f, {"t_star": "late"}, "t_star is 'late'"),
        (lambda f: f, {"max_error": 2}, "max_error"),
        (lambda f: f, {"n_resamples": 0}, "n_resamples = 0: give 1 or more"),
        (lambda f: f, {"rng": -1}, "rng is -1"),
        (lambda f: f, {"weights": "y"}, "weights is 'y'"),
        (lambda f: f, {"plasma": "plasma"}, "no column 'plasma'"),
        (lambda f: f, {"lesion": "tumour"}, "no column 'tumour'"),
        (lambda f: f.assign(blood=np.arange(len(f)) + 1.0), {}, "two values at hours 1"),
        (lambda f: f.rename(columns={"hours": "t"}), {"time": "t"}, "in what unit"),
        (lambda f: f.groupby("lesion_id").head(1), {}, "3 points"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(change, given, says):
    with pytest.raises(DesignError, match=says):
        lines(change(scans()), **given)


def noisy(n_patients=3):
    data = scans(n_patients)
    return data.assign(suv=data["suv"] * np.exp(0.05 * np.random.default_rng(1).normal(size=len(data))))


def test_limits_allow_for_a_chosen_t_star_and_say_how():
    data = noisy()
    chosen = lines(data, n_resamples=200, rng=3)
    of = {"patient": "P1", "lesion": "L0"}
    start = chosen.estimate("t_star", **of).value
    known = lines(data, t_star=start)
    for quantity in ("ki", "v_t"):
        ours, theirs = chosen.estimate(quantity, **of), known.estimate(quantity, **of)
        assert ours.value == theirs.value
        assert ours.low < theirs.low < theirs.high < ours.high
    assert (chosen.method.n_resamples, chosen.method.seed) == (200, 3)
    assert (known.method.n_resamples, known.method.seed) == (None, None)
    assert "allowing for the choice of t* by the bootstrap" in chosen.method.name
    assert "with t* chosen in each" in chosen.method.description
    assert "bootstrap" not in known.method.name + known.method.description


def test_a_lesion_has_the_same_limits_whatever_lesions_are_beside_it():
    data = noisy()
    alone = lines(data[(data["patient_id"] == "P2") & (data["lesion_id"] == "L1")], n_resamples=50)
    line = lines(data, n_resamples=50).estimate("ki", patient="P2", lesion="L1")
    assert alone.estimate("ki").low == pytest.approx(line.low, rel=1e-12)
    generator = lines(data, n_resamples=50, rng=np.random.default_rng(0)).estimate("ki", patient="P2", lesion="L1")
    assert generator.low != line.low


def test_plots_of_three_points_are_told_to_have_no_choice():
    method = lines(scans()[lambda f: f["hours"] >= 72]).method
    assert method.n_resamples is None
    assert "bootstrap" not in method.name
    notes = " ".join(method.notes)
    assert "6 of 6 plots have 3 points, all taken" in notes
    assert "allow for that" not in notes


def test_a_chosen_t_star_and_how_lesions_weigh_are_told():
    chosen, given = lines(scans()).method.notes, lines(scans(), t_star=24).method.notes
    assert any("t* was chosen from each plot" in note for note in chosen)
    assert not any("t* was chosen" in note for note in given)
    assert any("weigh every lesion alike" in note for note in given)
    one = scans(n_patients=1, lesions=1)
    assert not any("weigh every lesion" in note for note in lines(one).method.notes)
