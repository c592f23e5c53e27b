import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker import participant_flow
from biomarker.errors import DesignError, SchemaError

ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from([True, False, None]),
        st.sampled_from(["", "withdrew", "lost scan"]),
        st.sampled_from(["pos", "neg", "unclear", None]),
        st.sampled_from(["CR", "PD", "NE", None]),
        st.one_of(st.none(), st.floats(0, 20)),
    ),
    max_size=40,
)
EVERY_VALUE = [
    (0, True, "withdrew", "pos", "CR", 1.0),
    (1, False, "", "neg", "PD", 9.0),
    (2, True, "", "unclear", "NE", None),
]


def frame_of(rows) -> pd.DataFrame:
    columns = ["patient_id", "eligible", "left", "test", "response", "suvmax"]
    frame = pd.DataFrame([*rows, *EVERY_VALUE], columns=columns)
    frame["left"] = frame["left"].replace("", None)
    frame["lesion_id"] = range(len(frame))
    return frame.astype({"suvmax": float})


def check_sums(flow, n: int) -> None:
    """Every box holds those who left after it and those of the next one."""
    boxes = list(flow.trunk)
    assert boxes[0].n == n
    for box, after in itertools.pairwise(boxes):
        assert box.n - sum(left.n for left in box.left) == after.n
    last = boxes[-1].n
    if flow.branches and flow.branches[0].result:
        assert sum(branch.box.n for branch in flow.branches) == last
    ended = 0
    for branch in flow.branches:
        if branch.verified is None:
            ended += branch.box.n
            continue
        assert branch.box.n - sum(left.n for left in branch.box.left) == branch.verified.n
        assert sum(box.n for box in branch.outcomes) == branch.verified.n
        ended += branch.verified.n
    assert flow.population.rows_used == (ended if flow.branches else last)
    gone = [row for exclusion in flow.exclusions for row in exclusion.rows]
    assert len(gone) == len(set(gone)) == n - flow.population.rows_used
    lines = [line for line in flow.estimates if line.quantity == "number_left"]
    assert sum(line.value for line in lines) == len(gone)


@given(rows=ROWS, with_test=st.booleans(), with_truth=st.booleans())
@settings(max_examples=60, deadline=None)
def test_counts_add_up(rows, with_test, with_truth):
    frame = frame_of(rows)
    test = {"index_test": "test", "test_positive": "pos", "indeterminate": "unclear"} if with_test else {}
    truth = {"reference_standard": "response", "positive": "CR", "reference_indeterminate": "NE"} if with_truth else {}
    flow = participant_flow(frame, steps=["eligible", "left"], **test, **truth)
    check_sums(flow, len(frame))
    assert flow.trunk[0].n_patients == frame["patient_id"].nunique()


@given(rows=ROWS, cutoff=st.floats(0, 20), higher=st.booleans())
@settings(max_examples=40, deadline=None)
def test_counts_of_a_marker_add_up_and_agree_with_the_data(rows, cutoff, higher):
    frame = frame_of(rows)
    flow = participant_flow(
        frame, marker="suvmax", cutoff=cutoff, higher_is_positive=higher, reference_standard="response", positive="CR"
    )
    check_sums(flow, len(frame))
    is_positive = frame["suvmax"] >= cutoff if higher else frame["suvmax"] <= cutoff
    both = is_positive & (frame["response"] == "CR")
    assert flow.branches[0].outcomes[0].n == both.sum()
    assert flow.branches[0].outcomes[0].n_patients == frame.loc[both, "patient_id"].nunique()


def test_the_labels_of_rows_need_not_differ():
    frame = frame_of([]).set_axis([5, 5, 5])
    flow = participant_flow(frame, steps="eligible", marker="suvmax", cutoff=2)
    assert [box.n for box in flow.trunk] == [3, 2, 1]


def test_a_flow_worked_by_hand():
    scans = pd.DataFrame(
        {
            "patient_id": ["a", "a", "b", "b", "c", "d", None],
            "consented": ["yes", "yes", "yes", "yes", "no", "yes", "yes"],
            "why": [None, None, None, None, "refused", None, None],
            "artefact": [None, "motion", None, None, None, None, None],
            "test": ["pos", "pos", "neg", "unclear", "pos", None, "pos"],
            "truth": ["yes", "no", "no", "yes", "yes", "no", "yes"],
            "truth_missing": None,
        },
        index=range(2, 9),
    )
    scans.loc[4, "truth"] = None
    scans.loc[4, "truth_missing"] = "died before biopsy"
    flow = participant_flow(
        scans,
        start="Potentially eligible",
        steps={"Consented": "consented", "Scan readable": "artefact"},
        reasons={"consented": "why", "truth": "truth_missing"},
        index_test="test",
        test_positive="pos",
        indeterminate="unclear",
        reference_standard="truth",
    )
    assert [(box.label, box.n, box.n_patients) for box in flow.trunk] == [
        ("Potentially eligible", 7, 4),
        ("Consented", 5, 3),
        ("Scan readable", 4, 3),
        ("With test", 3, 2),
    ]
    assert [(exclusion.reason, exclusion.rows) for exclusion in flow.exclusions] == [
        ("with patient_id missing", (8,)),
        ("refused", (6,)),
        ("motion", (3,)),
        ("with test missing", (7,)),
        ("died before biopsy", (4,)),
    ]
    positive, negative, unclear = flow.branches
    assert [box.n for box in positive.outcomes] == [1, 0]
    assert (negative.box.n, negative.verified.n) == (1, 0)
    assert [box.n for box in unclear.outcomes] == [1, 0]
    assert flow.estimate("number_left", reason="refused").n_patients == 1
    assert flow.estimate("number_at_step", step="Target condition present", result="positive").value == 1
    assert any("artefact is a reason for leaving" in note for note in flow.method.notes)
    assert math.isnan(flow.estimates[0].low)


def test_whoever_leaves_for_no_told_reason_did_not_pass_the_step():
    frame = pd.DataFrame({"scanned": [1, 0, None], "patient_id": ["a", "b", "c"]})
    flow = participant_flow(frame, steps=["scanned"])
    assert [exclusion.reason for exclusion in flow.exclusions] == ["not scanned", "with scanned missing"]
    assert flow.unit == "patient"
    assert not flow.counts_patients
    assert flow.branches == ()


def test_a_marker_without_a_cutoff_does_not_part_the_flow():
    flow = participant_flow(frame_of([]), marker="suvmax", reference_standard="response", positive="CR")
    assert [branch.result for branch in flow.branches] == [""]
    assert [box.n for box in flow.branches[0].outcomes] == [1, 1]


def test_nothing_but_rows_is_a_flow_of_one_box():
    flow = participant_flow(pd.DataFrame({"suvmax": [1.0, np.nan]}), patient=None)
    assert [(box.label, box.n, box.n_patients) for box in flow.trunk] == [("In the table", 2, None)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": ["eligable"]}, "no column 'eligable' \\(did you mean 'eligible'"),
        ({"steps": ["suvmax"]}, "the step 'suvmax' holds numbers"),
        ({"steps": ["empty"]}, "the step 'empty' is empty in every row"),
        ({"steps": ["eligible", "eligible"]}, "steps names 'eligible' twice"),
        ({"steps": [3]}, "give names of columns, or labels"),
        ({"reasons": {"elegible": "left"}, "steps": ["eligible"]}, "none of the steps \\(did you mean 'eligible'"),
        ({"reasons": {"eligible": "nowhere"}, "steps": ["eligible"]}, "no column 'nowhere'"),
        ({"index_test": "test", "marker": "suvmax"}, "give either index_test"),
        ({"cutoff": 3.0}, "a cutoff goes with marker"),
        ({"marker": "suvmax", "cutoff": "high"}, "cutoff is 'high'"),
        ({"marker": "suvmax", "cutoff": math.nan}, "cutoff is nan"),
        ({"marker": "suvmax", "indeterminate": "x"}, "indeterminate goes with index_test"),
        ({"index_test": "test"}, "which values of 'test' are positive"),
        ({"index_test": "test", "test_positive": "pos", "indeterminate": "?"}, "'test' is never '\\?'"),
        ({"reference_standard": "response"}, "which values of 'response' are positive"),
        ({"reference_standard": "response", "positive": "XX"}, "'response' never is 'XX'"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    frame = frame_of([]).assign(empty=None)
    with pytest.raises(DesignError, match=message):
        participant_flow(frame, **arguments)


def test_a_marker_of_words_is_refused_cell_by_cell():
    with pytest.raises(SchemaError, match="is not a number"):
        participant_flow(frame_of([]).astype({"suvmax": object}).assign(suvmax="high"), marker="suvmax")


def test_a_table_without_rows_is_refused():
    with pytest.raises(DesignError, match="the table has no rows"):
        participant_flow(frame_of([]).iloc[:0], steps=["eligible"])
