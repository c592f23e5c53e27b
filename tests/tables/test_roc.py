"""How an ROC analysis is laid out."""

import numpy as np
import pandas as pd
import pytest

from biomarker.analyses.roc import roc_curve

RATINGS = pd.DataFrame(
    {
        "abnormal": np.arange(109) >= 58,
        "rating": np.repeat([1, 2, 3, 4, 5] * 2, [33, 6, 6, 11, 2, 3, 2, 2, 11, 33]),
    }
)


def cells(result, style="plain"):
    return [row.cells for row in result.table(style).lines]


def test_whole_table():
    result = roc_curve(RATINGS, reference_standard="abnormal", marker="rating", at_specificity=0.9, rng=1)
    table = result.table()
    assert table.title == "ROC analysis of rating for abnormal"
    assert table.header == ("Quantity", "Estimate", "95% CI", "p")
    point = result.estimate("sensitivity")
    assert cells(result) == [
        ("Positive, negative", "51, 58", "", ""),
        ("AUC", "0.893", "0.816–0.940", "<0.001"),
        ("Operating points, %",),
        (
            "Sensitivity at 90.0% specificity (≥ 5.00, specificity 96.6%)",
            "64.7",
            f"{100 * point.low:.1f}–{100 * point.high:.1f}",
            "",
        ),
    ]
    assert table.footnotes[0].startswith("AUC, area under the ROC curve; CI, confidence interval (DeLong variance")
    assert "effective number" in table.footnotes[1]
    assert table.footnotes[-1] == "109 rows analysed; none excluded."


def test_partial_areas_interpolated_points_and_units():
    data = RATINGS.rename(columns={"rating": "suvmax_24h"})
    options = {"reference_standard": "abnormal", "marker": "suvmax_24h", "higher_is_positive": True}
    rows = cells(
        roc_curve(data, **options, partial=[0.8, 1.0], at_sensitivity=0.9, interpolate=True, smooth="binormal")
    )
    labels = [row[0] for row in rows]
    assert labels[2:8] == [
        "Partial AUC, specificity 80–100%",
        "Partial AUC, McClish-corrected, specificity 80–100%",
        "AUC, binormal",
        "Binormal a",
        "Binormal b",
        "Operating points, %",
    ]
    assert labels[8] == "Specificity at 90.0% sensitivity (interpolated)"
    assert cells(roc_curve(data, **options, at_sensitivity=0.9))[3][0] == (
        "Specificity at 90.0% sensitivity (≥ 3.00 g/mL, sensitivity 90.2%)"
    )


@pytest.mark.parametrize(("style", "p_header", "area"), [("lancet", "p", "0·893"), ("jnm", "P", "0.893")])
def test_styles(style, p_header, area):
    table = roc_curve(RATINGS, reference_standard="abnormal", marker="rating", band=None).table(style)
    assert table.header[3] == p_header
    assert table.lines[1].cells[1] == area


def test_what_is_not_estimable_says_so():
    data = pd.DataFrame({"response": [0, 0, 0, 1, 1, 1], "suvmax": [1.0, 2, 3, 4, 5, 6]})
    result = roc_curve(data, reference_standard="response", marker="suvmax", partial=[0.9, 1], smooth="binormal")
    rows = {row[0]: row[1:] for row in cells(result)}
    assert rows["AUC"] == ("1.000", "0.501–1.000", "NE")
    assert rows["Partial AUC, specificity 90–100%"] == ("0.1000", "NE", "")
    assert rows["AUC, binormal"] == ("NE", "NE", "")


def test_no_cutoff_and_lower_is_positive():
    data = pd.DataFrame({"response": [1, 0, 1, 0], "suvmax": [2.0, 1, 3, 4]})
    result = roc_curve(
        data, reference_standard="response", marker="suvmax", higher_is_positive=False, at_specificity=[1.0, 0.5]
    )
    labels = [row[0] for row in cells(result)]
    assert labels[3] == "Sensitivity at 100.0% specificity (no cutoff, specificity 100.0%)"
    assert labels[4] == "Sensitivity at 50.0% specificity (≤ 3.00 g/mL, specificity 50.0%)"
