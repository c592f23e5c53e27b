"""How a cutoff chosen on the data is laid out: never without its optimism."""

import pandas as pd
import pytest

from biomarker import suv_cutoff
from biomarker.errors import SmallSampleWarning


def lesions():
    response = [0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0] * 2
    suvmax = [float(value) for value in range(1, 17)] * 2
    return pd.DataFrame(
        {"suvmax": suvmax, "suvpeak": suvmax[::-1], "response": response, "site": ["A"] * 16 + ["B"] * 16}
    )


ASKED = {"reference_standard": "response", "n_resamples": 200, "n_repeats": 2, "n_permutations": 99, "patient": None}


def cells(result, style="plain"):
    return [row.cells for row in result.table(style).lines]


def shown(line, digits=1, scale=100):
    return f"{scale * line.value:.{digits}f} ({scale * line.low:.{digits}f}–{scale * line.high:.{digits}f})"


def test_whole_table():
    result = suv_cutoff(lesions(), marker="suvmax", **ASKED)
    table = result.table()
    assert table.title == "Data-driven cutoff of SUVmax for response"
    assert table.header == ("Quantity", "In these data (95% CI)", "Optimism-corrected (95% CI)", "Cross-validated")
    cutoff = result.estimate("cutoff")
    rows = cells(result)
    assert rows[0][0] == "Cutoff (positive: ≥), g/mL"
    assert rows[0][1].startswith("6.00 (" if cutoff.value == 6 else f"{cutoff.value:.3g}")
    assert [row[0] for row in rows[-6:]] == ["Sensitivity", "Specificity", "PPV", "NPV", "Accuracy", "Youden J"]
    for row, quantity in zip(rows[-6:-1], ("sensitivity", "specificity", "ppv", "npv", "accuracy"), strict=True):
        assert row[1] == shown(result.estimate(quantity, performance="apparent"))
        assert row[2] == shown(result.estimate(quantity, performance="corrected"))
        assert row[3] == f"{100 * result.estimate(quantity, performance='cross-validated').value:.1f}"
    corrected = result.estimate("youden", performance="corrected")
    assert rows[-1][2].startswith(f"{corrected.value:.2f} (")
    assert ".632+ bootstrap, the cutoff chosen anew in each of 200 resamples" in table.footnotes[0]
    assert "not prespecified" in table.footnotes[1]


def test_ties_frequency_and_corrected_p():
    data = pd.DataFrame({"suvmax": [1, 2, 3, 4, 5, 6] * 4, "response": [0, 1, 0, 1, 0, 1] * 4})
    rows = dict(row[:2] for row in cells(suv_cutoff(data, marker="suvmax", **ASKED)))
    assert rows["Tied optima"] == "2.00, 4.00, 6.00"
    assert "Chosen in resamples, %" in rows
    rows = dict(row[:2] for row in cells(suv_cutoff(lesions(), marker="suvmax", criterion="min_p", **ASKED)))
    labels = [label for label in rows if label.startswith("Smallest p")]
    assert labels == [
        "Smallest p, uncorrected",
        "Smallest p, corrected (Miller-Siegmund)",
        "Smallest p, corrected (permutation of patients)",
    ]


def test_markers_and_groups_stand_under_headings():
    result = suv_cutoff(
        lesions().assign(suvpeak=lesions()["suvmax"] * 0.8), markers=["suvmax", "suvpeak"], by="site", **ASKED
    )
    headings = [row.cells[0] for row in result.table().lines if row.is_heading]
    assert headings == ["SUVmax, Site: A", "SUVpeak, Site: A", "SUVmax, Site: B", "SUVpeak, Site: B"]
    assert all(row.indent == 1 for row in result.table().lines if not row.is_heading)
    assert result.table().title == "Data-driven cutoff of SUVmax, SUVpeak for response"


def test_without_cross_validation_and_without_an_interval():
    data = pd.DataFrame({"suvmax": [1.0, 2.0, 3.0, 4.0], "response": [0, 0, 0, 1]})
    with pytest.warns(SmallSampleWarning, match="single positive row"):
        result = suv_cutoff(data, marker="suvmax", **{**ASKED, "n_repeats": 0})
    assert len(result.table().header) == 3
    rows = {row[0]: row for row in cells(result)}
    assert rows["Cutoff (positive: ≥), g/mL"][1] == "4.00 (NE)"
    assert rows["Sensitivity"][2] == "NE"


def test_styles_and_direction():
    result = suv_cutoff(
        lesions().assign(suvmax=-lesions()["suvmax"]), marker="suvmax", higher_is_positive=False, **ASKED
    )
    rows = cells(result, "nejm")
    assert rows[0][0] == "Cutoff (positive: ≤), g/mL"
    assert " to " in rows[-1][1]
    assert result.table().to_html()
    assert result.table("lancet").to_latex()
