"""RECIST 1.1 a second time: the whole table at once by cumulative minima, and best responses by patterns of text.

Nothing of the package is used but the function tested. Random courses of targets, other lesions and new ones.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.data.best_overall_response import best_overall_response
from biomarker.data.response import response_category

STEP = 42
SIZES = [0, 4, 5, 8, 9, 10, 12, 13, 14, 17, 18, 22, 40]  # many pairs 4 or 5 mm apart


def by_arrays(sizes, nodes, others, new):
    """Responses at each visit from a matrix of visits by targets (NaN: not assessed), all visits at once."""
    sizes = np.asarray(sizes, dtype=float)
    gone = np.where(nodes, sizes < 10, sizes == 0).all(axis=1)[1:]
    complete = ~np.isnan(sizes).any(axis=1)
    total = np.where(complete, np.nansum(sizes, axis=1), np.inf)
    nadir = np.minimum.accumulate(total)[:-1]
    available = np.nansum(sizes, axis=1)[1:]
    grown = (available - nadir >= 5) & (5 * available >= 6 * nadir)
    shrunk = 10 * total[1:] <= 7 * total[0]
    target = np.select([complete[1:] & gone, grown, ~complete[1:], shrunk], ["CR", "PD", "NE", "PR"], default="SD")
    other = np.array([{"absent": "CR", "present": "non", "worse": "PD", "": "NE"}[word] for word in others[1:]])
    appeared = np.logical_or.accumulate(np.asarray(new[1:], bool))
    overall = target.copy()
    overall[(target == "CR") & (other != "CR")] = "PR"
    overall[(target == "PD") | (other == "PD") | appeared] = "PD"
    return target, overall


def after_complete_response(sizes, nodes, others, overall, target):
    """Return what stands after a complete response: any lesion that is back is progression, until progression."""
    out, was = [], False
    for at, word in enumerate(overall, start=1):
        back = [
            not np.isnan(size) and (size >= 10 if node else size > 0)
            for size, node in zip(sizes[at], nodes, strict=True)
        ]
        if was and any(back):
            target[at - 1] = "PD"
        if was and word != "PD" and (any(back) or others[at] == "present"):
            word = "PD"
        was = word == "CR" or (was and word != "PD")
        out.append(word)
    return out


def continuing(overall, target):
    """Return the responses with a partial response carried on once it was confirmed: by patterns of the targets'."""
    out, since = [], 0
    for at, (word, of_target) in enumerate(zip(overall, target, strict=True)):
        seen = "".join("r" if one in ("CR", "PR") else LETTERS[one] for one in target[since:at])
        # two visits six weeks apart with a response, one not evaluable at most between them
        carried = of_target == "SD" and re.search("rn?r", seen) is not None
        out.append("PR" if carried and word == "SD" else word)
        since = at + 1 if of_target == "PD" else since
    return out


courses = st.integers(1, 3).flatmap(
    lambda n: st.integers(1, 5).flatmap(
        lambda visits: st.tuples(
            st.lists(st.booleans(), min_size=n, max_size=n),
            st.lists(st.sampled_from([15, 18, 20, 30, 60]), min_size=n, max_size=n),
            st.lists(
                st.lists(st.none() | st.sampled_from(SIZES), min_size=n, max_size=n) | st.just([0] * n),
                min_size=visits,
                max_size=visits,
            ),
            st.lists(
                st.sampled_from(["absent"] * 4 + ["present"] * 4 + ["worse", ""]),
                min_size=visits,
                max_size=visits,
            ),
            st.lists(st.sampled_from([False] * 19 + [True]), min_size=visits, max_size=visits),
        )
    )
)


def table_of(nodes, start, later, others, new):
    words = {"worse": "unequivocal progression"}
    rows = []
    for at, sizes in enumerate([start, *later]):
        rows += [(f"T{i}", at, "target", nodes[i], size, "") for i, size in enumerate(sizes)]
        word = ["present", *others][at]
        rows.append(("X", at, "non-target", False, np.nan, words.get(word, word)))
        if [False, *new][at]:
            rows.append((f"new {at}", at, "new", False, np.nan, ""))
    frame = pd.DataFrame(rows, columns=["lesion_id", "at", "role", "is_node", "diameter_mm", "status"])
    frame = frame.assign(patient_id="01", day=STEP * frame.pop("at"), lesion_site=frame["lesion_id"])
    return frame.astype({"diameter_mm": float})


@settings(max_examples=150, deadline=None)
@given(courses)
def test_visits_agree_with_arrays(drawn):
    nodes, start, later, others, new = drawn
    frame = table_of(*drawn)
    found = response_category(frame, per="visit", strict=False) if not sum(nodes) > 2 else None
    if found is None:
        return
    sizes = [[np.nan if size is None else size for size in row] for row in [start, *later]]
    target, overall = by_arrays(sizes, np.array(nodes), ["present", *others], [False, *new])
    expected = after_complete_response(sizes, nodes, ["present", *others], overall, target)
    expected = continuing(expected, target)
    assert found["response"].tolist() == expected


LETTERS = {"CR": "c", "PR": "p", "SD": "s", "PD": "x", "NE": "n"}


def by_patterns(sequence, days, confirm):
    """Best overall response of a sequence by regular expressions; one NE may stand before the confirmation."""
    text = "".join(LETTERS[word] for word in sequence)
    text = re.match(r"[^x]*x?", text)[0]  # up to progression
    again = re.search(r"(?<=c)n*[ps]", text)  # disease after a complete response is progression
    text = text[: again.end() - 1] + "x" if again else text
    before = text.rstrip("x") if text.endswith("x") else text
    if confirm:
        for letter, word in (("c", "CR"), ("[cp]", "PR")):
            for first, second in combinations(range(len(before)), 2):
                between = before[first + 1 : second]
                pattern = f"{letter}{letter}*n?{letter}*{letter}"
                far = days[second] - days[first] >= 28
                if far and between.count("n") <= 1 and re.fullmatch(pattern, before[first : second + 1]):
                    return word
    elif set(before) & set("cp"):
        return "CR" if "c" in before else "PR"
    if any(letter in "cps" and day >= 42 for letter, day in zip(before, days, strict=False)):
        return "SD"
    return "PD" if text.endswith("x") else "NE"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(list(LETTERS)), st.integers(7, 60)), min_size=1, max_size=7),
    st.booleans(),
)
def test_best_responses_agree_with_patterns(visits, confirm):
    sequence = [word for word, _ in visits]
    days = np.cumsum([gap for _, gap in visits]).tolist()
    frame = pd.DataFrame({"patient_id": "01", "day": days, "response": sequence})
    found = best_overall_response(frame.sample(frac=1, random_state=len(days)), confirm=confirm)
    assert found["best_response"].item() == by_patterns(sequence, days, confirm)


@settings(max_examples=25, deadline=None)
@given(courses, st.integers(0, 10**6))
def test_order_of_rows_other_patients_and_scale_of_time_do_not_matter(drawn, seed):
    frame = table_of(*drawn)
    if sum(drawn[0]) > 2:
        return
    alone = response_category(frame, per="visit")
    both = pd.concat([frame, frame.assign(patient_id="02", day=frame["day"] + 1)])
    shuffled = response_category(both.sample(frac=1, random_state=seed), per="visit")
    for name in ("01", "02"):
        own = shuffled[shuffled["patient_id"] == name].reset_index(drop=True)
        assert own["response"].tolist() == alone["response"].tolist()
        assert own["day"].tolist() == alone["day"].tolist()
        assert own["sum_mm"].equals(alone["sum_mm"])


def test_limits_are_exact_in_decimals():
    """Every sum from 5.0 to 60.0 mm in tenths, against fractions: 20 % and 5 mm up, 30 % down."""
    start = [Fraction(number, 10) for number in range(150, 600, 7)]
    rows = []
    for at, first in enumerate(start):
        for share, shift in ((Fraction(12, 10), 0), (Fraction(12, 10), -1), (Fraction(7, 10), 0), (Fraction(7, 10), 1)):
            now = first * share + Fraction(shift, 1000)
            rows.append((f"{at} {share} {shift}", first, now))
    frame = pd.DataFrame(
        [
            {"patient_id": name, "lesion_id": "T", "role": "target", "day": day, "diameter_mm": float(size)}
            for name, first, now in rows
            for day, size in ((0, first), (56, now))
        ]
    )
    found = response_category(frame, per="visit").set_index("patient_id")["response"]
    for name, first, now in rows:
        if now - first >= 5 and now >= first * Fraction(6, 5):
            expected = "PD"
        else:
            expected = "PR" if now <= first * Fraction(7, 10) else "SD"
        assert found[name] == expected, name
