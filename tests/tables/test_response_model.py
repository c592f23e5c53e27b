"""The table of a response model, as it prints."""

import json
import warnings
from pathlib import Path

import pandas as pd

from biomarker import SmallSampleWarning, response_model

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "response_model.json").read_text())
BIRTHWT = pd.DataFrame(REFERENCE["birthwt"]["data"])
RESPIRATORY = pd.DataFrame(REFERENCE["respiratory"]).rename(columns={"patient": "patient_id"})


def table(data, **arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallSampleWarning)
        return response_model(data, **{"n_resamples": 0, **arguments}).table()


def test_levels_stand_beneath_their_predictor_and_performance_beneath_all():
    shown = table(BIRTHWT, response="low", predictors=["lwt", "race"], per={"lwt": 10}, patient=None)
    assert shown.title == "Odds ratios for low: 189 rows, 59 positive"
    assert shown.header == ("Predictor", "Odds ratio", "95% CI", "p")
    # R: glm(low ~ I(lwt / 10) + factor(race), binomial, MASS::birthwt), drop1(test = "LRT"), rms::lrm; its confint has
    # 7.77 for 7.76, since it interpolates the profile, which here is solved
    assert [row.cells for row in shown.lines] == [
        ("Lwt, per 10", "0.86", "0.75–0.97", "0.011"),
        ("Race", "", "", "0.066"),
        ("1", "1 (reference)", "", ""),
        ("2", "2.95", "1.13–7.76", "0.028"),
        ("3", "1.62", "0.80–3.27", "0.178"),
        ("Performance",),
        ("", "Apparent", "", ""),
        ("AUC", "0.65", "", ""),
        ("Brier score", "0.202", "", ""),
        ("Scaled Brier score", "0.058", "", ""),
        ("Nagelkerke R²", "0.082", "", ""),
        ("Calibration intercept", "0.00", "", ""),
        ("Calibration slope", "1.00", "", ""),
    ]
    assert shown.footnotes[:2] == (
        "CI, confidence interval (logistic regression, maximum likelihood with profile likelihood intervals).",
        "Likelihood ratio test of the model: chi-square 11.41, 3 df, p = 0.010.",
    )
    assert "Reference level: race 1." in shown.footnotes


def test_nested_rows_show_their_test_and_a_spline_its_quartiles():
    shown = table(RESPIRATORY, response="outcome", predictors=["active", "age"], splines={"age": 3}, n_resamples=40)
    cells = [row.cells for row in shown.lines]
    assert shown.title == "Odds ratios for outcome: 444 rows of 111 patients, 248 positive"
    assert cells[1][0] == "Age, 43.0 vs 23.0"
    assert cells[cells.index(("Performance",)) + 1] == ("", "Apparent", "Corrected for optimism (95% CI)", "")
    assert any("Test of nonlinearity: age, F(1, 107) = " in note for note in shown.footnotes)
    assert any(note.startswith("Wald test of the model: F(3, 105) = ") for note in shown.footnotes)


def test_ordered_response():
    data = RESPIRATORY.assign(response=["PD", "SD", "PR", "CR"] * 111)
    shown = table(data, response="response", family="ordinal", predictors=["age"])
    assert shown.title == "Odds ratios for a higher response: 444 rows of 111 patients"
    assert "Order of response, from low to high: PD, SD, PR, CR." in shown.footnotes
    assert any(row.cells[0] == "Concordance (c-index)" for row in shown.lines)
