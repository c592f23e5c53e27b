"""The CD8 study reproduces the published figures, and shows what nesting and the choice of population do to them."""

import pytest

import biomarker as bm


def printed(result):
    """Return the rows of the publication table as text, first cell to the others."""
    return {row.cells[0]: row.cells[1:] for row in result.table().lines if not row.is_heading}


def described(result, quantity, **of):
    return result.estimate(quantity, **of).value


@pytest.fixture
def results(run_example):
    return run_example("cd8").results


@pytest.fixture
def lesions(run_example):
    return run_example("cd8").tables["lesions"].frame


def test_patients_are_as_in_the_published_table_1(results):
    rows = printed(results["patients"])
    assert rows["Age (years), median (range)"] == ("64 (30–81)",)
    assert rows["Male"] == ("9 (60)",)
    assert rows["Female"] == ("6 (40)",)
    assert (rows["Melanoma"], rows["NSCLC"], rows["HCC"]) == (("8 (53)",), ("6 (40)",), ("1 (7)",))
    assert rows["Immunotherapy, <2 months"] == ("3 (20)",)
    assert rows["Immunotherapy, >2 months"] == ("5 (33)",)
    assert rows["Targeted therapy, 1–6 months"] == ("2 (13)",)
    assert rows["Discontinued prior treatment, >5 months"] == ("2 (13)",)
    assert rows["Treatment naïve"] == ("3 (20)",)


def test_missing_uptake_keeps_its_word(results):
    exclusions = results["immunotherapy-lesions"].exclusions
    assert [(exclusion.n, "n/a*" in exclusion.reason) for exclusion in exclusions] == [(2, True)]


@pytest.mark.parametrize(
    ("group", "seen", "n", "low", "high"),
    [
        ("Immunotherapy", 7, 8, 47.3, 99.7),
        ("Discontinued prior treatment", 1, 2, 1.3, 98.7),
        ("Treatment naïve", 1, 3, 0.8, 90.6),
        ("Targeted therapy", 1, 2, 1.3, 98.7),
    ],
)
def test_detection_by_therapy_with_exact_intervals(results, group, seen, n, low, high):
    line = results["detection-by-therapy"].estimate("detection_rate", group=group)
    assert (line.numerator, line.n) == (seen, n)
    assert (round(100 * line.low, 1), round(100 * line.high, 1)) == (low, high)


def test_detection_over_all(results):
    line = results["detection"].estimate("detection_rate")
    assert (line.numerator, line.n) == (10, 15)
    assert (round(100 * line.low), round(100 * line.high)) == (38, 88)


def test_dose_in_the_expansion_cohort_and_with_the_escalation_patients(results):
    expansion, everyone = results["dose-expansion"], results["dose-all"]
    means = {
        (name, dose): (round(line.value, 2), line.n, line.n_patients)
        for name, result in (("expansion", expansion), ("all", everyone))
        for dose in ("0.5 mg", "1.5 mg")
        for line in [result.estimate("mean", group=dose)]
    }
    assert means == {
        ("expansion", "1.5 mg"): (4.09, 10, 4),
        ("expansion", "0.5 mg"): (3.03, 15, 4),
        ("all", "1.5 mg"): (3.22, 13, 5),
        ("all", "0.5 mg"): (4.51, 19, 5),
    }


def test_the_population_of_the_dose_comparison_is_stated(run_example):
    run = run_example("cd8")
    titles = {outcome.step.name: outcome.title for outcome in run.outcomes}
    assert "expansion cohort only" in titles["dose-expansion"]
    assert "with the escalation patients" in titles["dose-all"]
    assert any("Expansion" in note for note in run.results["dose-expansion"].method.notes)


def test_dose_by_rank_without_nesting_is_the_published_p(lesions):
    expansion = lesions[(lesions["cohort"] == "Expansion") & lesions["dose_level"].isin(["0.5 mg", "1.5 mg"])]
    naive = bm.compare_uptake(expansion, marker="suvmax_24h", group="dose_level", scale="raw", patient=None)
    # published 0.47: the Mann-Whitney test with the continuity correction and ties, R's wilcox.test(exact = FALSE)
    assert rank_p(naive) == pytest.approx(0.47, abs=0.005)


def rank_p(result):
    return next(line.p_value for line in result.estimates if line.quantity.startswith("hodges_lehmann"))


def test_immunotherapy_against_others_by_lesion(results):
    nested = results["immunotherapy-lesions"]
    first, second = (nested.estimate("median", group=group) for group in ("Immunotherapy", "No immunotherapy"))
    assert (round(first.value, 2), first.n, first.n_patients) == (3.20, 24, 7)
    assert (round(second.value, 2), second.n, second.n_patients) == (1.10, 18, 7)


def test_immunotherapy_nesting_weakens_what_lesions_alone_suggest(results, lesions):
    naive = bm.compare_uptake(lesions, marker="suvmax_24h", group="treatment", patient=None)
    assert rank_p(naive) == pytest.approx(0.013, abs=0.0006)
    assert rank_p(results["immunotherapy-lesions"]) > 4 * rank_p(naive)


def test_immunotherapy_by_patient_maximum(results):
    result = results["immunotherapy-patients"]
    lines = [result.estimate("median", group=group) for group in ("Immunotherapy", "No immunotherapy")]
    assert [line.n for line in lines] == [7, 7]
    assert rank_p(result) == pytest.approx(0.047, abs=0.0006)


@pytest.mark.parametrize(
    ("hours", "mean", "sd", "median", "largest"),
    [
        (2, 2.00, 2.35, 1.40, 12.3),
        (24, 3.48, 4.27, 1.55, 19.3),
        (48, 3.42, 4.04, 1.60, 14.7),
        (135, 3.14, 3.15, 2.15, 11.6),  # an SD of 3.1547: see test_cd8_data
    ],
)
def test_uptake_by_time(results, hours, mean, sd, median, largest):
    result = results["uptake-over-time"]
    values = {
        quantity: round(described(result, quantity, time=hours), 2) for quantity in ("mean", "sd", "median", "maximum")
    }
    assert values == {"mean": mean, "sd": sd, "median": median, "maximum": largest}
    line = result.estimate("mean", time=hours)
    assert (line.n, line.n_patients) == (42, 14)


def test_the_peak_is_at_24_to_48_hours_in_the_mean_but_not_lesion_by_lesion(results):
    """Peaks by lesion at 2, 24, 48 and 135 h: 12, 13, 8 and 9."""
    result = results["uptake-over-time"]
    peaks = [line for line in result.estimates if line.quantity == "peak_share"]
    assert [line.numerator for line in peaks] == [12, 13, 8, 9]
