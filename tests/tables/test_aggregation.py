from __future__ import annotations

import pandas as pd

from biomarker.analyses.aggregation import aggregation_sensitivity

LESIONS = pd.DataFrame(
    {
        "patient_id": list("aabbccddee"),
        "suvmax": [9.0, 1.0, 6.0, 5.0, 4.5, 0.5, 2.0, 3.0, 1.0, 1.5],
        "response": [1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    }
)
ASK = {"reference_standard": "response", "marker": "suvmax"}


def cells(table):
    return [list(row.cells) for row in table.rows]


def test_one_row_a_rule():
    # by hand: of the lowest lesions the area is 4.5/6 with DeLong variance 1/16 + 1/48, so z = 0.25 / sqrt(1/12);
    # an area of 1 from 2 and 3 patients has the lower limit where (1 - A)² = 3.84 × Newcombe variance, A = 0.44
    table = aggregation_sensitivity(LESIONS, cutoff=4, rules=["max", "min", "sum"], **ASK).table()
    assert table.title == "SUVmax per patient at a cutoff of 4 under each rule from lesions to patients"
    assert list(table.header) == [
        "Rule",
        "Positive, n/N",
        "PPV, % (95% CI)",
        "NPV, % (95% CI)",
        "Sensitivity, % (95% CI)",
        "Specificity, % (95% CI)",
        "Called otherwise, n/N",
        "AUC (95% CI)",
        "p",
    ]
    assert cells(table)[1:] == [
        [
            "Lowest SUVmax",
            "1/5",
            "100 (21–100)",
            "75 (30–95)",
            "50 (9–91)",
            "100 (44–100)",
            "2/5",
            "0.75 (0.13–0.98)",
            "0.386",
        ],
        ["Sum of SUVmax", "–", "–", "–", "–", "–", "–", "1.00 (0.44–1.00)", "1.00"],
    ]
    assert cells(table)[0][:3] == ["Highest SUVmax", "3/5", "67 (21–94)"]
    assert cells(table)[0][-3] == "–"


def test_areas_alone():
    table = aggregation_sensitivity(LESIONS, rules=["max", "median"], **ASK).table()
    assert list(table.header) == ["Rule", "AUC (95% CI)", "p"]
    assert cells(table)[0][-1] == "–"


def test_an_undefined_value_is_not_estimable():
    table = aggregation_sensitivity(LESIONS, cutoff=100, rules=["max"], **ASK).table()
    assert cells(table)[0][1:3] == ["0/5", "NE"]
    assert any("so its PPV is undefined" in note for note in table.footnotes)
