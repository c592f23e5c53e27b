import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError
from biomarker.kernels.paired_proportions import mcnemar, paired_difference
from tests.kernels.test_paired_tests import PAIRED1

TESTS = ["pet", "fdg"]


def paired():
    return pd.DataFrame(PAIRED1, columns=["response", "pet", "fdg"])


def nested(n_patients=20):
    rng = np.random.default_rng(5)
    patient = np.repeat(np.arange(n_patients), rng.integers(1, 6, size=n_patients))
    shared = rng.normal(size=n_patients)[patient]
    n = len(patient)
    truth = shared + rng.normal(size=n) > 0
    calls = {test: truth + 0.5 * shared + rng.normal(size=n) > 0.5 for test in TESTS}
    return pd.DataFrame({"patient_id": patient, "response": truth, **calls})


def compare(data, **options):
    return bm.compare_tests(data, reference_standard="response", **({"index_tests": TESTS} | options))


def line(result, quantity, **of):
    found = result.estimate(quantity, **of)
    return [found.value, found.low, found.high]


def test_published_comparison_is_reproduced():
    # Paired1, README of DTComPair 1.2.0: pv.wgs and pv.rpv
    result = compare(paired())
    difference = result.estimate("ppv_difference")
    assert (difference.value, difference.p_value) == pytest.approx((-0.04011841, 0.0193912), rel=1e-6)
    assert line(result, "ppv_ratio") == pytest.approx([0.9536462, 0.9171445, 0.9916006], rel=5e-7)
    assert result.estimate("npv_equality", method="Kosinski weighted score").statistic == pytest.approx(
        16.5354, abs=5e-5
    )


def test_sensitivity_is_mcnemar_and_tango():
    result = compare(paired())
    expected = paired_difference(319, 78, 22, 32)
    assert line(result, "sensitivity_difference") == pytest.approx(list(expected[:3]))
    for form in ("asymptotic", "corrected", "exact", "mid-p"):
        found = result.estimate("sensitivity_equality", method=f"McNemar, {form}")
        assert found.p_value == pytest.approx(mcnemar(78, 22, method=form).p_value)
    assert result.estimate("sensitivity_difference").p_value == mcnemar(78, 22, method="mid-p").p_value
    newcombe = compare(paired(), difference="newcombe", mcnemar="exact")
    assert line(newcombe, "sensitivity_difference")[1:] != line(result, "sensitivity_difference")[1:]
    assert newcombe.estimate("sensitivity_difference").p_value == mcnemar(78, 22, method="exact").p_value


def test_each_test_is_as_alone():
    result = compare(paired())
    for test in TESTS:
        alone = bm.predictive_values(paired(), reference_standard="response", index_test=test, patient=None)
        for quantity in ("sensitivity", "specificity", "ppv", "npv"):
            assert line(result, quantity, test=test) == pytest.approx(line(alone, quantity))


def test_nested_lesions_are_compared_between_patients():
    result = compare(nested())
    assert result.is_nested
    alone = bm.predictive_values(nested(), reference_standard="response", index_test="pet")
    assert line(result, "npv", test="pet") == pytest.approx(line(alone, "npv"))
    methods = {e.of["method"] for e in result.estimates if e.quantity == "sensitivity_equality"}
    assert methods == {"clustered score"}
    assert "between patients" in result.method.description
    naive = compare(nested(), patient=None)
    assert line(naive, "ppv_difference")[0] == pytest.approx(line(result, "ppv_difference")[0])
    assert line(naive, "ppv_difference")[1] > line(result, "ppv_difference")[1]


def test_combined_tests():
    data = paired()
    result = compare(data, combine=["either", "both"])
    assert result.tests == ("pet", "fdg", "pet or fdg", "pet and fdg")
    either = data["pet"] | data["fdg"]
    assert result.estimate("sensitivity", test="pet or fdg").value == either[data["response"]].mean()
    assert result.estimate("specificity", test="pet and fdg").value > result.estimate("specificity", test="pet").value
    assert ("pet or fdg", "pet and fdg") not in result.comparisons
    assert ("pet", "pet or fdg") in result.comparisons


def test_groups_are_compared_unpaired():
    data = paired().assign(scanner=np.where(np.arange(712) % 3 == 0, "A", "B"))
    result = compare(data, index_tests=["pet"], group="scanner")
    assert not result.is_paired
    assert result.tests == ("A", "B")
    part = bm.predictive_values(data[data["scanner"] == "A"], reference_standard="response", index_test="pet")
    assert line(result, "ppv", test="A") == pytest.approx(line(part, "ppv"))
    found = result.estimate("sensitivity_difference")
    a, b = (result.estimate("sensitivity", test=name) for name in "AB")
    # Newcombe's method 10 from its own definition
    low = a.value - b.value - np.hypot(a.value - a.low, b.high - b.value)
    assert (found.value, found.low) == pytest.approx((a.value - b.value, low))


def test_three_tests_are_compared_in_pairs():
    data = paired().assign(ct=lambda d: d["pet"] ^ (np.arange(712) % 5 == 0))
    result = compare(data, index_tests=["pet", "fdg", "ct"])
    assert result.comparisons == (("pet", "fdg"), ("pet", "ct"), ("fdg", "ct"))


def test_identical_tests_have_no_difference_and_p_1():
    data = paired().assign(same=lambda d: d["pet"])
    result = compare(data, index_tests=["pet", "same"])
    for quantity in ("sensitivity", "specificity", "ppv", "npv"):
        found = result.estimate(f"{quantity}_difference")
        assert (found.value, found.p_value) == (0, 1)


def test_positive_classes_can_differ_by_test():
    data = paired().replace({"pet": {True: "A", False: "D"}})
    data["fdg"] = data["fdg"].map({True: "avid", False: "not"})
    result = compare(data, test_positive={"pet": "A", "fdg": "avid"})
    assert line(result, "ppv", test="fdg") == pytest.approx(line(compare(paired()), "ppv", test="fdg"))


def test_rows_without_both_tests_are_left_out_and_counted():
    data = paired().astype({"fdg": "boolean"})
    data.loc[:9, "fdg"] = pd.NA
    result = compare(data)
    assert result.population.rows_used == 702
    assert result.exclusions[0].n == 10


def test_a_class_of_one_patient_is_naive_and_labelled():
    data = pd.DataFrame(
        {
            "patient_id": [1, 1, 1, 2, 2, 3, 3],
            "response": [1, 1, 1, 0, 0, 0, 0],
            "pet": [1, 1, 0, 0, 1, 0, 0],
            "fdg": [1, 0, 0, 1, 1, 0, 0],
        }
    )
    result = compare(data)
    assert result.estimate("sensitivity", test="pet").of["interval"] == "naive"
    assert np.isnan(result.estimate("sensitivity_difference").low)
    assert any("one patient" in note for note in result.method.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"index_tests": ["pet"]}, "two or more index_tests"),
        ({"index_tests": ["pet", "pet"]}, "twice"),
        ({"index_tests": ["pet", "fgd"]}, "did you mean 'fdg'"),
        ({"combine": "any"}, "either and both"),
        ({"group": "pet"}, "one index test"),
        ({"difference": "wald"}, "difference is 'wald'"),
        ({"mcnemar": "midp"}, "did you mean 'mid-p'"),
        ({"score": "kosinsky"}, "did you mean 'kosinski'"),
        ({"interval": "wald"}, "no interval 'wald'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(options, message):
    with pytest.raises(DesignError, match=message):
        compare(paired(), **options)


def test_one_group_or_one_class_is_refused():
    data = paired().assign(scanner="A")
    with pytest.raises(DesignError, match="one value A"):
        compare(data, index_tests=["pet"], group="scanner")
    with pytest.raises(DesignError, match="both classes"):
        compare(data[data["response"]])
