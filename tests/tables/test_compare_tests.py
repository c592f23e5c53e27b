import biomarker as bm
from tests.analyses.test_compare_tests import compare, nested, paired


def lines(table):
    return [row.cells for row in table.lines]


def test_paired_table():
    table = compare(paired()).table()
    assert table.title == "Accuracy of PET and FDG"
    assert table.header == ("", "n/N", "Estimate (95% CI)", "p")
    assert lines(table)[:5] == [
        ("Sensitivity, %",),
        ("PET", "397/451", "88.0 (84.7–90.7)", ""),
        ("FDG", "341/451", "75.6 (71.4–79.3)", ""),
        ("Difference, PET − FDG", "", "12.4 (8.3–16.7)", "<0.001"),
        ("Ratio, PET to FDG", "", "1.16 (1.10–1.23)", ""),
    ]
    assert lines(table)[13] == ("Difference, PET − FDG", "", "−4.0 (−7.3 to −0.6)", "0.019")
    assert any("McNemar's test, mid-p" in note for note in table.footnotes)


def test_combined_tests_have_readable_names():
    table = compare(paired(), combine="either").table()
    assert table.title == "Accuracy of PET, FDG and PET or FDG"
    assert ("Ratio, PET to PET or FDG") in [row[0] for row in lines(table)]


def test_nested_and_unpaired_say_so():
    assert any("score test between patients" in note for note in compare(nested()).table().footnotes)
    data = paired().assign(scanner=["A", "B"] * 356)
    result = compare(data, index_tests=["pet"], group="scanner", score="leisenring")
    assert "p-values: the generalized score test of Leisenring, Alonzo and Pepe." in result.table().footnotes


def test_undefined_numbers():
    data = paired().assign(fdg=False)
    rows = {row[0]: row for row in lines(bm.compare_tests(
        data, reference_standard="response", index_tests=["pet", "fdg"]
    ).table())[10:15]}  # fmt: skip
    assert rows["FDG"][1:3] == ("0/0", "NE")
    assert rows["Difference, PET − FDG"][2:] == ("NE", "NE")
