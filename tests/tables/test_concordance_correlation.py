"""The table of concordance correlations, as it prints."""

import numpy as np

import biomarker as bm
from tests.analyses.test_limits_of_agreement import MINI, WRIGHT, long, replicated


def test_two_readers():
    table = bm.concordance_correlation(
        long(WRIGHT, MINI, names=("Wright", "mini")), value="suvmax", patient=None
    ).table()
    assert table.title == "Concordance of readers Wright and mini on SUVmax"
    assert table.header == ("Quantity", "Estimate", "95% CI")
    # the coefficient is epiR's: tests/reference/concordance_correlation.json, peak_flow
    assert [row.cells for row in table.lines] == [
        ("Concordance correlation", "0.943", "0.850–0.979"),
        ("Pearson r", "0.943", "0.846–0.980"),
        ("Bias correction factor", "0.999", ""),
        ("Location shift", "−0.019", "−0.201 to 0.163"),
        ("Scale shift", "1.028", "0.782–1.352"),
    ]
    assert any("mean of Wright − mini" in note for note in table.footnotes)


def test_several_readers_and_none_that_vary():
    table = bm.concordance_correlation(replicated(readers="ABC"), value="suvmax").table("lancet")
    assert [row.cells[0] for row in table.lines] == [
        "All 3 readers", "Concordance correlation", "Pearson r", "Bias correction factor", "Pairs",
        "Concordance correlation, A and B", "Concordance correlation, A and C", "Concordance correlation, B and C",
    ]  # fmt: skip
    assert "·" in table.lines[1].cells[1]
    flat = bm.concordance_correlation(long(np.ones(6), np.ones(6)), value="suvmax", patient=None).table()
    assert flat.lines[0].cells == ("Concordance correlation", "NE", "NE")
