"""Courses of change: from sizes and from changes, their best, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from biomarker import spider
from biomarker.errors import DesignError, SchemaError


def visits(n_patients=12, seed=6):
    rng = np.random.default_rng(seed)
    rows = [
        {
            "patient_id": f"P{patient:02d}",
            "lesion_id": f"L{lesion}",
            "weeks": week,
            "size_mm": max(0.0, size * (1 + slope * week / 24 + 0.05 * rng.normal() * (week > 0))),
            "response": ["CR", "PR", "SD", "PD"][patient % 4],
        }
        for patient in range(n_patients)
        for lesion in range(1 + patient % 3)
        for size, slope in [(rng.uniform(15, 60), rng.normal(-0.3, 0.4))]
        for week in (0, 8, 16, 24)
    ]
    return pd.DataFrame(rows)


def as_changes(data):
    first = data.groupby(["patient_id", "lesion_id"])["size_mm"].transform("first")
    return data.assign(change=100 * (data["size_mm"] / first - 1))


def test_by_hand():
    data = pd.DataFrame(
        {"patient_id": ["A"] * 4 + ["B"] * 3, "weeks": [0, 8, 16, 24, 0, 8, 16], "mm": [50, 30, 25, 25, 40, 44, 52]}
    )
    result = spider(data, time="weeks", size="mm", by_item=True)
    assert [course.changes.tolist() for course in result.courses] == [
        pytest.approx([0, -40, -50, -50]),
        pytest.approx([0, 10, 30]),
    ]
    assert result.estimate("best_change", item="A").value == pytest.approx(-50)
    assert result.estimate("time_of_best", item="A").value == 16  # the first time of it
    assert result.estimate("best_change", item="B").value == pytest.approx(10)  # the baseline is no best change
    assert result.estimate("time_of_best", item="B").unit == "weeks"
    assert result.estimate("decrease_rate").value == 0.5
    assert result.unit == "patient"


def test_sizes_and_their_changes_give_the_same_courses():
    data = as_changes(visits())
    of_sizes = spider(data, time="weeks", size="size_mm", response="response", by_item=True)
    of_changes = spider(data, time="weeks", change="change", response="response", by_item=True)
    assert len(of_sizes.courses) == 24
    for one, other in zip(of_sizes.courses, of_changes.courses, strict=True):
        np.testing.assert_allclose(one.changes, other.changes, atol=1e-9)
        assert (one.name, one.best, one.time_of_best) == (other.name, pytest.approx(other.best), other.time_of_best)
    later = spider(data[data["weeks"] > 0], time="weeks", change="change")
    assert later.courses[0].times[0] == 0  # the course begins at the baseline all the same
    assert later.estimate("median_best_change").value == pytest.approx(
        of_changes.estimate("median_best_change", group=None).value
    )


def test_groups_are_those_of_the_response():
    result = spider(visits(), time="weeks", size="size_mm", response="response")
    groups = [line.of.get("group") for line in result.estimates if line.quantity == "median_best_change"]
    assert groups == [None, "CR", "PR", "SD", "PD"]
    of_all = result.estimate("decrease_rate", group=None)
    assert of_all.n == sum(result.estimate("decrease_rate", group=name).n for name in groups[1:])
    assert (of_all.n_patients, result.is_nested) == (12, True)


def test_the_order_of_rows_changes_nothing():
    data = visits()
    one, other = (
        spider(frame, time="weeks", size="size_mm", response="response", by_item=True).to_frame()
        for frame in (data, data.sample(frac=1, random_state=1))
    )
    pd.testing.assert_frame_equal(one, other)


def test_a_baseline_can_be_named_and_items_without_it_are_counted():
    data = visits()
    data = data[~((data["patient_id"] == "P01") & (data["weeks"] == 8))]
    result = spider(data, time="weeks", size="size_mm", baseline=8)
    assert {course.times[0] for course in result.courses} == {8}
    reasons = {exclusion.reason: exclusion.n for exclusion in result.exclusions}
    assert reasons["of a lesion without a size (mm) at the baseline"] == 6
    assert sum(reasons.values()) + result.population.rows_used == len(data)
    assert "measurements in 11 patients" in result.population.sentence()


def test_late_beginnings_single_measurements_and_empty_baselines_are_told():
    data = visits()
    first = (data["patient_id"] == "P00") & (data["weeks"] == 0)
    single = (data["patient_id"] == "P03") & (data["weeks"] > 0)
    data = data[~(first | single)].copy()
    data.loc[(data["patient_id"] == "P06") & (data["weeks"] == 0), "size_mm"] = 0.0
    result = spider(data, time="weeks", size="size_mm")
    assert any("1 of 22 lesions begin later than weeks 0" in note for note in result.warnings)
    reasons = {exclusion.reason for exclusion in result.exclusions}
    assert reasons == {"of a lesion with a size (mm) of 0 at the baseline", "of a lesion measured once only"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": None}, "neither is given"),
        ({"change": "change"}, "both are given"),
        ({"baseline": 5}, "no lesion has a size \\(mm\\) at the baseline, weeks 5"),
        ({"baseline": 24}, "no lesion has a measurement after its baseline"),
        ({"baseline": "start"}, "give the time of the baseline"),
        ({"item": None}, "has two rows at weeks 0"),
        ({"item": "size_mm"}, "names the courses"),
        ({"time": "week"}, "did you mean 'weeks'"),
        ({"response": "visit_response"}, "changes within P00 L0"),
        ({"item": None, "patient": None}, "no column tells one course from another"),
        ({"decrease": -130}, "decrease is -130"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, message):
    data = as_changes(visits()).assign(visit_response=lambda frame: np.where(frame["weeks"] > 8, "PD", "SD"))
    with pytest.raises(DesignError, match=message):
        spider(data, **({"time": "weeks", "size": "size_mm"} | change))


def test_values_that_cannot_be_are_named():
    data = as_changes(visits())
    with pytest.raises(SchemaError, match="row 3, size_mm: '-1' is a negative size"):
        spider(data.assign(size_mm=data["size_mm"].where(data.index != 3, -1.0)), time="weeks", size="size_mm")
    with pytest.raises(SchemaError, match="is at the baseline \\(weeks 0\\), where a change is 0"):
        spider(data.assign(change=data["change"] + 5), time="weeks", change="change")
    with pytest.raises(SchemaError, match="below -100 %"):
        spider(data.assign(change=data["change"].where(data["weeks"] < 24, -101)), time="weeks", change="change")


def test_uptake_has_no_lines_of_recist_unless_they_are_given():
    visits = pd.DataFrame({"patient_id": ["A"] * 3 + ["B"] * 3, "day": [0, 8, 16] * 2, "suvmax": [9, 5, 4, 8, 9, 12]})
    plain = spider(visits, time="day", size="suvmax")
    assert (plain.decrease, plain.increase) == (None, None)
    assert "decrease_rate" not in {line.quantity for line in plain.estimates}
    assert "Dashed" not in plain.caption
    assert "Eisenhauer" not in str(plain.method.references)
    given = spider(visits, time="day", size="suvmax", decrease=-25.0)
    assert given.estimate("decrease_rate").numerator == 1
    assert given.caption.endswith("Dashed line: \u221225%.")
    sizes = spider(visits.rename(columns={"suvmax": "sum_mm"}), time="day", size="sum_mm")
    assert sizes.caption.endswith("Dashed lines: \u221230% and +20%.")
    header = [str(cell) for cell in plain.table().header]
    assert len(header) == 4
    assert all(len(row.cells) == 4 for row in plain.table().rows)


def test_a_list_of_columns_is_refused_with_the_one_that_was_meant():
    visits = pd.DataFrame({"patient_id": ["A", "A"], "day": [0, 8], "x": [1.0, 2.0]})
    with pytest.raises(DesignError, match=r"size is \['x'\]; give the name of one column, such as size = 'x'"):
        spider(visits, time="day", size=["x"])
    with pytest.raises(DesignError, match=r"change is \['x', 'y'\]; give the name of one column"):
        spider(visits, time="day", change=["x", "y"])
