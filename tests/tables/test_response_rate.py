import pandas as pd

import biomarker as bm

WORDS = {"A": ["CR"] + ["PR"] * 4 + ["SD"] * 3 + ["PD"] * 2, "B": ["PR"] + ["SD"] * 2 + ["PD"] * 6 + ["NE"]}


def trial(arms=WORDS):
    return pd.DataFrame(
        [(arm, word) for arm, words in arms.items() for word in words], columns=["arm", "best_response"]
    )


def cells(table):
    return [row.cells for row in table.lines]


def test_two_groups_stand_beside_their_difference():
    # limits by the function mn of tests/reference/response_rate.R: -0.70503, 0.01305 and -0.78037, -0.05349
    table = bm.response_rate(trial(), by="arm").table()
    assert [(spanner.label, spanner.first, spanner.last) for spanner in table.spanners] == [("Arm", 1, 2)]
    assert table.title == "Best overall response by arm"
    assert table.header == ("", "A (n = 10)", "B (n = 10)", "Difference, points (95% CI)", "p")
    assert cells(table) == [
        ("Best overall response, n (%)",),
        ("CR", "1 (10.0)", "0 (0.0)", "", ""),
        ("PR", "4 (40.0)", "1 (10.0)", "", ""),
        ("SD", "3 (30.0)", "2 (20.0)", "", ""),
        ("PD", "2 (20.0)", "6 (60.0)", "", ""),
        ("NE", "0 (0.0)", "1 (10.0)", "", ""),
        ("Objective response rate, n/N, % (95% CI)",),
        ("CR + PR", "5/10, 50.0 (18.7–81.3)", "1/10, 10.0 (0.3–44.5)", "−40.0 (−70.5 to 1.3)", "0.141"),
        ("Disease control rate, n/N, % (95% CI)",),
        ("CR + PR + SD", "8/10, 80.0 (44.4–97.5)", "3/10, 30.0 (6.7–65.2)", "−50.0 (−78.0 to −5.3)", "0.070"),
    ]


def test_one_group_and_three():
    alone = bm.response_rate(trial({"A": WORDS["A"]})).table("lancet")
    assert alone.header == ("", "All (n = 10)")
    assert cells(alone)[-1] == ("CR + PR + SD", "8/10, 80·0 (44·4–97·5)")
    table = bm.response_rate(trial(WORDS | {"C": ["PR", "PD"]}), by="arm").table()
    assert table.header == ("", "A (n = 10)", "B (n = 10)", "C (n = 2)")
    assert cells(table)[10] == ("Objective response rate: difference, points (95% CI), and p-value",)
    assert [row[0] for row in cells(table)[11:14]] == ["B − A", "C − A", "C − B"]
    assert cells(table)[11][2:] == ("0.141", "")
