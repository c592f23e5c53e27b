import numpy as np
import pandas as pd
import pytest

from biomarker import compare_uptake
from biomarker.examples.catalogue import example_folder


@pytest.fixture(scope="module")
def lesions():
    options = {"dtype": {"subject_id": str}, "na_values": ["n/a", "n/a*", "-"]}
    frame = pd.read_csv(example_folder("cd8") / "lesions.csv", **options).rename(columns={"subject_id": "patient_id"})
    return frame.assign(treatment=frame["therapy"].where(frame["therapy"] == "Immunotherapy", "Other"))


def cells(table):
    return [row.cells for row in table.lines]


def test_nested_groups(lesions):
    table = compare_uptake(lesions, marker="suvmax_24h", group="treatment").table()
    assert table.title == "SUVmax 24 h by treatment"
    assert table.header == ("SUVmax 24 h, g/mL", "Immunotherapy", "Other")
    assert cells(table) == [
        ("Lesions (patients)", "24 (7)", "18 (7)"),
        ("Mean (SD)", "4.95 (5.08)", "1.52 (1.38)"),
        ("Median (quartiles)", "3.20 (1.08–6.33)", "1.10 (0.60–2.05)"),
        ("Range", "0.30–19.30", "0.10–4.30"),
        ("Geometric mean (95% CI)", "2.69 (1.27–5.72)", "0.96 (0.41–2.25)"),
        ("Compared with Other",),
        ("Ratio of geometric means (95% CI)", "2.63 (0.97–7.11)", ""),
        ("p, means", "0.055", ""),
        ("Hodges-Lehmann ratio (95% CI)", "2.86 (0.95–8.57)", ""),
        ("p, ranks", "0.061", ""),
        ("Probability of higher uptake (AUC) (95% CI)", *cells(table)[-1][1:]),
    ]
    assert cells(table)[-1][1].startswith("0.73 (")
    assert table.footnotes[0].endswith("intervals allow for lesions nested in patients.")
    assert table.footnotes[-1].startswith("42 lesions in 14 patients analysed")


def test_differences_in_the_unit_and_pairs(lesions):
    long = lesions.melt(
        id_vars=["patient_id", "lesion_number"], value_vars=["suvmax_2h", "suvmax_24h"], value_name="suvmax"
    )
    result = compare_uptake(long, marker="suvmax", group="variable", paired_by="lesion_number", scale="raw")
    table = result.table("jnm")
    assert table.header == ("SUVmax, g/mL", "suvmax_24h", "suvmax_2h")
    assert ("Paired with suvmax_2h",) in cells(table)
    assert ("Lesions (patients)", "42 (14)", "42 (14)") in cells(table)
    labels = [row[0] for row in cells(table)]
    assert "Difference in means (95% CI)" in labels
    assert "P, ranks" in labels
    assert not any("AUC" in label or "Geometric" in label for label in labels)
    assert table.footnotes[-1].startswith("84 measurements in 14 patients")


def test_a_nested_ratio_is_said_to_be_the_models(lesions):
    nested = compare_uptake(lesions, marker="suvmax_24h", group="treatment").table()
    assert any("the ratio need not be that of the geometric means" in note for note in nested.footnotes)
    independent = compare_uptake(lesions, marker="suvmax_24h", group="treatment", patient=None).table()
    assert not any("need not be" in note for note in independent.footnotes)


def test_several_groups_end_with_the_overall_test(lesions):
    table = compare_uptake(lesions, marker="suvmax_24h", group="therapy", patient=None).table()
    assert cells(table)[-2:] == [("All groups",), ("p, any difference (Kruskal-Wallis)", "", "", "", "", "0.089")]
    assert any(row[0].startswith("Hedges g") and row[-1] == "" for row in cells(table))


def test_a_trend_has_its_size_and_p():
    data = pd.DataFrame(
        {"patient_id": np.repeat(range(9), 2), "dose": np.repeat([1, 2, 3] * 3, 2), "suvmax": np.arange(2.0, 20.0)}
    )
    table = compare_uptake(data, marker="suvmax", group="dose", ordered=True).table()
    labels = [row[0] for row in cells(table)]
    assert labels[-4:] == [
        "Trend (mixed model, per step; 95% CI)",
        "p, trend (mixed model, per step)",
        "p, any difference (Kruskal-Wallis, whole patients permuted)",
        "p, trend (Cuzick, whole patients permuted)",
    ]


def test_random_effects_show_their_variance(lesions):
    data = lesions.assign(site=lesions["lesion_site"].str.split().str[0])
    table = compare_uptake(data, marker="suvmax_24h", group="treatment", random=["site"]).table()
    rows = cells(table)
    start = rows.index(("Variance between levels of each random effect (log scale)",))
    assert [row[0].partition(" (")[0] for row in rows[start + 1 :]] == ["Patient", "Site", "Within"]
    assert sum(float(row[1].split(", ")[1].rstrip("%")) for row in rows[start + 1 :]) == pytest.approx(100, abs=0.2)
    assert any("random intercepts: patient, site" in note for note in table.footnotes)


def test_what_is_not_estimable_or_unlimited_prints_so():
    data = pd.DataFrame({"suvmax": [2.0] * 6, "group": ["a", "b"] * 3})
    rows = cells(compare_uptake(data, marker="suvmax", group="group", patient=None).table())
    assert ("p, means", "NE", "") in rows
    few = pd.DataFrame({"suvmax": [2.0, 3.0, 1.0, 1.5], "group": ["a", "a", "b", "b"]})
    rows = cells(compare_uptake(few, marker="suvmax", group="group", scale="raw", patient=None).table())
    assert ("Hodges-Lehmann shift (95% CI)", "1.25 (−∞ to ∞)", "") in rows
