"""The three studies that ship as counts give the published percentages and exact intervals."""

import pytest


def percent(line):
    return round(100 * line.value, 1), round(100 * line.low, 1), round(100 * line.high, 1)


def test_dehdashti_has_the_published_intervals_to_the_printed_digit(run_example):
    result = run_example("dehdashti").results["her2-at-3.2"]
    assert percent(result.estimate("ppv")) == (83.3, 65.3, 94.4)
    assert percent(result.estimate("sensitivity")) == (75.8, 57.7, 88.9)
    assert percent(result.estimate("npv")) == (50.0, 24.7, 75.3)
    assert percent(result.estimate("specificity")) == (61.5, 31.6, 86.1)


def test_dehdashti_wilson_intervals_are_other_intervals_of_the_same_estimates(run_example):
    results = run_example("dehdashti").results
    for quantity in ("ppv", "npv", "sensitivity", "specificity"):
        exact = results["her2-at-3.2"].estimate(quantity)
        wilson = results["her2-at-3.2-wilson"].estimate(quantity)
        assert exact.value == wilson.value
        assert wilson.high - wilson.low < exact.high - exact.low


def test_zephir_has_the_published_percentages(run_example):
    result = run_example("zephir").results["response-reconstructed"]
    assert round(100 * result.estimate("ppv").value) == 72
    assert round(100 * result.estimate("npv").value) == 88
    assert (result.estimate("ppv").n, result.estimate("npv").n) == (39, 16)
    assert percent(result.estimate("ppv"))[1:] == (55.1, 85.0)
    assert percent(result.estimate("npv"))[1:] == (61.7, 98.4)


def test_zephir_says_that_it_is_a_reconstruction(run_example):
    assert "not the trial's table" in run_example("zephir").plan.study.banner


def test_her2_gastric_at_suvmax_4(run_example):
    result = run_example("her2-gastric").results["cutoff-4.0"]
    assert percent(result.estimate("sensitivity")) == (94.4, 72.7, 99.9)
    assert percent(result.estimate("specificity")) == (100.0, 71.5, 100.0)
    assert (result.estimate("sensitivity").n, result.estimate("specificity").n) == (18, 11)


@pytest.mark.parametrize(
    ("hours", "seen", "expected"),
    [(1, 14, (77.8, 52.4, 93.6)), (24, 18, (100.0, 81.5, 100.0)), (48, 16, (88.9, 65.3, 98.6))],
)
def test_her2_gastric_detection(run_example, hours, seen, expected):
    result = run_example("her2-gastric").results["detection"]
    rates = {float(line.of["group"]): line for line in result.estimates if line.quantity == "detection_rate"}
    line = rates[hours]
    assert (line.numerator, line.n) == (seen, 18)
    assert percent(line) == expected


def test_her2_gastric_detection_is_never_paired(run_example):
    result = run_example("her2-gastric").results["detection"]
    assert not {"cochran_q", "mcnemar"} & {line.quantity for line in result.estimates}


def test_her2_gastric_patients(run_example):
    tables = run_example("her2-gastric").tables
    assert tables["patients"].frame["her2_status"].value_counts().to_dict() == {"Negative": 4, "Positive": 2}
    assert tables["patients"].frame["n_lesions"].sum() == 30  # the text has 18 + 11
