import numpy as np
import pandas as pd

from biomarker import characteristics

PATIENTS = pd.DataFrame(
    {
        "patient_id": range(8),
        "age_years": [64, 30, 81, 55, 56, 77, 48.5, np.nan],
        "sex": ["Male", "Female"] * 4,
        "response": ["CR", "PD", None, "SD", "PD", "PR", None, "PD"],
        "arm": ["A"] * 4 + ["B"] * 4,
    }
)


def cells(table):
    return [row.cells for row in table.lines]


def test_table_one_by_arm():
    variables = {"age_years": ["median_range", "median_iqr", "mean_sd"], "sex": "count", "response": "count"}
    table = characteristics(PATIENTS, variables=variables, by="arm").table()
    assert table.title == "Characteristics of the patients by arm"
    assert table.header == ("Characteristic", "A (n = 4)", "B (n = 4)", "All (n = 8)")
    assert cells(table) == [
        ("Age (years), median (range)", "59.5 (30–81)", "56 (48.5–77.0)", "56 (30–81)"),
        ("Age (years), median (quartiles)", "59.5 (48.75–68.25)", "56 (52.25–66.50)", "56 (51.75–70.50)"),
        ("Age (years), mean (SD)", "57.5 (21.3)", "60.5 (14.8)", "58.8 (17.4)"),
        ("Missing", "0", "1", "1"),
        ("Sex, n (%)",),
        ("Female", "2 (50)", "2 (50)", "4 (50)"),
        ("Male", "2 (50)", "2 (50)", "4 (50)"),
        ("Response, n (%)",),
        ("CR", "1 (33)", "0 (0)", "1 (17)"),
        ("PR", "0 (0)", "1 (33)", "1 (17)"),
        ("SD", "1 (33)", "0 (0)", "1 (17)"),
        ("PD", "1 (33)", "2 (67)", "3 (50)"),
        ("Missing", "1", "1", "2"),
    ]
    assert table.footnotes == (
        "Counts are n (%) of the known values.",
        "SD, standard deviation.",
        "8 patients analysed; none excluded.",
    )


def test_nothing_known_is_not_estimable():
    table = characteristics(PATIENTS.assign(age_years=np.nan), variables={"age_years": "mean_sd"}).table()
    assert cells(table) == [("Age (years), mean (SD)", "NE"), ("Missing", "8")]


def test_a_journal_decimal_mark():
    table = characteristics(PATIENTS, variables=["age_years"], by="arm").table("lancet")
    assert cells(table)[0][1:3] == ("59·5 (30–81)", "56 (48·5–77·0)")
