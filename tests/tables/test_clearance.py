import json
from pathlib import Path

import numpy as np
import pandas as pd

from biomarker import clearance

R = json.loads((Path(__file__).parents[1] / "reference" / "kinetics.json").read_text(encoding="utf-8"))["indometh"]
BLOOD = pd.concat(
    pd.DataFrame({"patient_id": s, "hours": d["time"], "activity_percent_per_l": d["conc"]}) for s, d in R.items()
)
COLUMNS = {"time": "hours", "activity": "activity_percent_per_l"}


def test_summaries_over_patients():
    table = clearance(BLOOD, **COLUMNS, terms=2, nuclide="89Zr").table()
    assert table.title == "Clearance from activity concentration (%ID/L)"
    assert table.header == ("Quantity", "n", "Estimate (95% CI)", "CV or SD", "Range")
    assert [row.cells for row in table.lines] == [
        ("Biologic half-life, phase 1 (h)", "6", "0.409 (0.264–0.633)", "44%", "0.237–0.646"),
        ("Effective half-life, phase 1 (h)", "6", "0.406 (0.263–0.628)", "43%", "0.237–0.640"),
        ("Share at time zero, phase 1 (%)", "6", "92.1 (86.4–95.5)", "4.86", "82.6–95.7"),
        ("Biologic half-life, phase 2 (h)", "6", "5.36 (2.78–10.3)", "69%", "2.64–14.9"),
        ("Effective half-life, phase 2 (h)", "6", "4.96 (2.72–9.05)", "62%", "2.56–12.5"),
        ("Share at time zero, phase 2 (%)", "6", "7.91 (4.50–13.6)", "4.86", "4.29–17.4"),
        ("AUC (%ID/L·h)", "6", "3.33 (2.57–4.30)", "25%", "2.28–4.17"),
        ("AUC with decay (%ID/L·h)", "6", "3.19 (2.50–4.07)", "23%", "2.22–3.88"),  # as of R's fits
        ("Mean residence time (h)", "6", "4.33 (2.47–7.60)", "58%", "2.77–11.4"),
        ("Clearance (L/h)", "6", "30.1 (23.3–38.9)", "25%", "24.0–43.9"),
        ("Central volume (L)", "6", "34.9 (27.6–44.0)", "23%", "26.0–44.3"),
        ("Steady-state volume (L)", "6", "130 (82.6–206)", "46%", "76.3–273"),
        ("Area by trapezoids (%ID/L·h)", "6", "3.05 (2.51–3.70)", "19%", "2.33–3.66"),
        ("Area by trapezoids, with decay (%ID/L·h)", "6", "2.98 (2.45–3.63)", "19%", "2.26–3.60"),
        ("Area beyond the last sample (%)", "6", "7.51 (5.05–11.0)", "3.15", "5.03–13.6"),
        ("Terminal half-life, without a model (h)", "6", "2.24 (1.48–3.41)", "42%", "1.44–4.38"),
    ]
    assert "In 2 of 6 curves the slowest half-life is longer than the samples span" in " ".join(table.footnotes)


def test_a_single_curve_has_its_own_values():
    table = clearance(BLOOD[BLOOD["patient_id"] == "6"], **COLUMNS, terms=1).table()
    assert [row.cells for row in table.lines][:2] == [
        ("Half-life (h)", "1.67 (1.27–2.20)"),
        ("AUC (%ID/L·h)", "3.16 (2.37–4.19)"),
    ]


def test_groups_have_headings_and_ratios():
    data = BLOOD.assign(arm=np.where(BLOOD["patient_id"] < "4", "A", "B"))
    table = clearance(data, **COLUMNS, terms=2, by="arm").table("nejm")
    assert [row.cells[0] for row in table.lines if row.is_heading] == ["A", "B", "Ratio to A"]
    ratio = next(row for row in table.lines if row.cells[0] == "B: clearance")
    assert "to" in ratio.cells[2]
    assert "P = 0." in ratio.cells[2]
