"""The table of a hazard model, as it prints."""

import json
from pathlib import Path

import pandas as pd
import pytest

from biomarker import hazard_model
from biomarker.errors import SmallSampleWarning

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "survival_analyses.json").read_text())
VETERAN = pd.DataFrame(REFERENCE["data"]).rename(columns={"time": "os_days"})
VETERAN["patient_id"] = range(len(VETERAN))


def cells(table):
    return [row.cells for row in table.lines]


def test_levels_stand_beneath_their_predictor():
    result = hazard_model(
        VETERAN,
        duration="os_days",
        event="status",
        predictors=["celltype", "age", "karno"],
        reference={"celltype": "squamous"},
        per={"age": "doubling", "karno": 10},
        n_resamples=0,
    )
    table = result.table()
    assert table.title == "Hazard ratios for overall survival: 137 patients, 128 events"
    assert table.header == ("Predictor", "Hazard ratio", "95% CI", "p")
    # hazard ratios, limits and p of R's coxph, rounded: tests/reference/survival_analyses.json
    assert cells(table) == [
        ("Celltype", "", "", "<0.001"),
        ("squamous", "1 (reference)", "", ""),
        ("adeno", "3.22", "1.81–5.72", "<0.001"),
        ("large", "1.38", "0.80–2.37", "0.247"),
        ("smallcell", "2.06", "1.26–3.38", "0.004"),
        ("Age, per doubling", "0.78", "0.41–1.51", "0.469"),
        ("Karno, per 10", "0.73", "0.65–0.81", "<0.001"),
    ]
    assert table.footnotes[:6] == (
        "CI, confidence interval (Cox regression, Efron ties, Wald intervals).",
        "Likelihood ratio test of the model: chi-square 59.89, 5 df, p < 0.001.",
        "Harrell c-index: 0.73 (0.69–0.78) (not corrected for optimism).",
        "Uno c-index: 0.73 (0.68–0.77) (not corrected for optimism).",
        "Proportional hazards (Grambsch and Therneau, global): chi-square 29.68, 5 df, p < 0.001.",
        "Events per hazard ratio: 25.6.",
    )
    assert table.footnotes[-1] == "137 patients analysed; none excluded."


def test_two_levels_have_one_p_and_the_journal_its_style():
    result = hazard_model(VETERAN, duration="os_days", event="status", predictors="trt", reference={"trt": 1})
    table = result.table("lancet")
    rows = cells(table)
    assert rows[0] == ("Trt", "", "", "")
    assert rows[2][:2] == ("2", "1·02")
    assert result.estimate("hazard_ratio").p_value > 0.9
    assert table.header[-1] == "p"


def test_a_spline_and_another_model():
    result = hazard_model(
        VETERAN,
        duration="os_days",
        event="status",
        predictors=["karno", "age"],
        splines={"karno": [30, 60, 90]},
        compare_with="age",
        n_resamples=50,
    )
    table = result.table()
    # 60 is the median; the others are the 10th, 25th, 75th and 90th percentile
    labels = [row[0] for row in cells(table)]
    assert labels[:7] == ["Karno, spline", "30.0", "40.0", "60.0", "75.0", "80.0", "Nonlinearity"]
    assert labels[7].startswith("Age")
    assert cells(table)[3] == ("60.0", "1 (reference)", "", "")
    notes = " ".join(table.footnotes)
    assert "Harrell c-index of Karno + Age: 0.7" in notes
    assert "; corrected for optimism 0.7" in notes
    assert "Harrell c-index of Age: 0.5" in notes
    assert "added by Karno: chi-square" in notes
    assert "difference in Uno c-index" in notes
    assert "Reference level: karno 60." in notes


def test_clustered_rows_have_a_robust_test_and_periods_their_patients():
    with pytest.warns(SmallSampleWarning, match="rests on 4 clusters of celltype"):
        result = hazard_model(
            VETERAN, duration="os_days", event="status", predictors="karno", cluster="celltype", n_resamples=0
        )
    assert "Robust Wald test of the model: chi-square" in result.table().footnotes[1]
    assert "robust Wald intervals" in result.table().footnotes[0]
