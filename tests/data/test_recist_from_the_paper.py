"""RECIST 1.1 read once more from the paper, sentence by sentence, on thousands of random courses.

Nothing of the package is used but the function tested. Tables 1 to 3 of Eisenhauer 2009 are written out as tables;
sizes are fractions, so that no limit hangs on a rounding; every pair of visits is tried for a confirmation.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from biomarker.data.response import response_category

pytestmark = pytest.mark.filterwarnings("ignore:the baseline is not as recist-1.1")
NON = "non-CR/non-PD"
CELLS, CHANCES = ["size", "too small", "not evaluable", "no row", "absent"], [0.86, 0.03, 0.04, 0.04, 0.03]
# table 1: target, non-target, new lesions: overall ("any" stands for anything)
TABLE_1 = [
    ("any", "any", True, "PD"),
    ("PD", "any", False, "PD"),
    ("any", "PD", False, "PD"),
    ("CR", "CR", False, "CR"),
    ("CR", "none", False, "CR"),
    ("CR", NON, False, "PR"),
    ("CR", "NE", False, "PR"),
    ("PR", "any", False, "PR"),
    ("SD", "any", False, "SD"),
    ("NE", "any", False, "NE"),
]
# table 2: the same for patients without targets
TABLE_2 = [
    ("any", True, "PD"),
    ("PD", False, "PD"),
    ("CR", False, "CR"),
    (NON, False, NON),
    ("NE", False, "NE"),
]
# table 3: first response, the one after it, best response if stable disease lasted long enough, and if it did not
TABLE_3 = [
    ("CR", "CR", "CR", "CR"),
    ("CR", "PR", "SD", "PD"),
    ("CR", "SD", "SD", "PD"),
    ("CR", "PD", "SD", "PD"),
    ("CR", "NE", "SD", "NE"),
    ("PR", "CR", "PR", "PR"),
    ("PR", "PR", "PR", "PR"),
    ("PR", "SD", "SD", "SD"),
    ("PR", "PD", "SD", "PD"),
    ("PR", "NE", "SD", "NE"),
    ("NE", "NE", "NE", "NE"),
]


def looked_up(table, *given):
    """The last word of the first row of a table whose other words fit."""
    fits = (row for row in table if all(have in ("any", want) for have, want in zip(row, given, strict=False)))
    return next(fits)[-1]


def draw(rng):
    """One course: kinds and sizes at baseline, then visits with a cell for each lesion."""
    n_targets = int(rng.choice([0, 1, 2, 3, 4], p=[0.1, 0.25, 0.3, 0.2, 0.15]))
    n_others = int(rng.integers(0 if n_targets else 1, 3))
    nodes = [bool(rng.random() < 0.35) for _ in range(n_targets + n_others)]
    start = [int(rng.choice([15, 16, 20, 24, 30, 50])) for _ in range(n_targets)]
    trend = float(rng.choice([0.0, 0.5, 0.8, 1.0, 1.3]))
    visits, day, sizes = [], 0, start
    for _ in range(int(rng.integers(0, 7))):
        day += int(rng.choice([14, 21, 28, 42, 56]))
        gone = rng.random() < 0.2
        sizes = [0 if gone else max(0, round(size * trend * float(rng.uniform(0.7, 1.4)))) for size in sizes]
        cells = [str(rng.choice(CELLS, p=CHANCES)) for _ in start]
        others = [
            str(rng.choice(["absent", "present", "worse", "not evaluable"], p=[0.4, 0.45, 0.04, 0.11]))
            for _ in range(n_others)
        ]
        new = str(rng.choice(["", "new", "equivocal"], p=[0.9, 0.05, 0.05]))
        if not new and not others and set(cells) == {"no row"}:
            cells[0] = "not evaluable"  # a visit at which nothing was looked at is no visit
        visits.append({"day": day, "sizes": sizes, "cells": cells, "others": others, "new": new})
    therapy = int(rng.integers(20, 250)) if rng.random() < 0.2 else None
    return {"nodes": nodes, "start": start, "others": n_others, "visits": visits, "therapy": therapy}


def rows_of(name, course):
    def row(lesion, day, role, at, diameter=np.nan, status=""):
        node = course["nodes"][at] if at is not None else False
        return (name, lesion, day, role, f"organ {lesion}", node, diameter, status, course["therapy"])

    n = len(course["start"])
    found = [row(f"T{at}", 0, "target", at, float(size)) for at, size in enumerate(course["start"])]
    found += [row(f"X{at}", 0, "non-target", n + at, status="present") for at in range(course["others"])]
    words = {"worse": "unequivocal progression", "too small": "too small to measure"}
    for visit in course["visits"]:
        for at, (size, cell) in enumerate(zip(visit["sizes"], visit["cells"], strict=True)):
            if cell == "size":
                found.append(row(f"T{at}", visit["day"], "target", at, float(size)))
            elif cell != "no row":
                found.append(row(f"T{at}", visit["day"], "target", at, status=words.get(cell, cell)))
        for at, word in enumerate(visit["others"]):
            found.append(row(f"X{at}", visit["day"], "non-target", n + at, status=words.get(word, word)))
        if visit["new"]:
            found.append(row("B", visit["day"], "new", None, status="" if visit["new"] == "new" else visit["new"]))
    return found


def visit_sizes(visit):
    """What each target measures: None where it was not assessed; 5 mm where it is too small to measure."""
    return [
        {"size": Fraction(size), "too small": Fraction(5), "absent": Fraction(0)}.get(cell)
        for size, cell in zip(visit["sizes"], visit["cells"], strict=True)
    ]


def read(course):
    """The response at each visit: section 4.3.1 for targets, 4.3.3 for others, 4.3.5 for new lesions, then tables."""
    baseline = sum(map(Fraction, course["start"]))
    sums, overall, of_targets, was_complete, lasting = [baseline], [], [], False, False
    first_new = first_day_of_new(course)
    n = len(course["start"])
    for visit in course["visits"]:
        sizes = visit_sizes(visit)
        target, is_whole = one_target_response(course, sizes, baseline, min(sums), was_complete)
        of_targets.append((visit["day"], target))
        if target == "PD":
            of_targets, lasting = [], False
        lasting = lasting or is_confirmed(of_targets, ("CR", "PR"))
        if target == "SD" and lasting:
            target = "PR"
        if is_whole:
            sums.append(sum(sizes))
        other = other_response(visit["others"], course["nodes"][n:], was_complete)
        new = first_new is not None and visit["day"] >= first_new
        word = looked_up(TABLE_1, target, other, new) if n else looked_up(TABLE_2, other, new)
        overall.append(word)
        was_complete = word == "CR" or (was_complete and word != "PD")
    return overall


def first_day_of_new(course):
    """A lesion that is unequivocal in the end is new from the day it was first seen, doubtful or not."""
    days = [visit["day"] for visit in course["visits"] if visit["new"]]
    return days[0] if any(visit["new"] == "new" for visit in course["visits"]) else None


def one_target_response(course, sizes, baseline, nadir, was_complete):
    known = [size for size in sizes if size is not None]
    is_whole = bool(sizes) and len(known) == len(sizes)
    if not sizes:
        return "none", False
    nodes = course["nodes"]
    seen = [s is not None and (s >= 10 if node else s > 0) for s, node in zip(sizes, nodes, strict=False)]
    if was_complete and any(seen):
        return "PD", is_whole
    if is_whole and not any(seen):
        return "CR", True
    grown = sum(known) - nadir
    if grown >= 5 and 5 * grown >= nadir:  # 20 % and 5 mm
        return "PD", is_whole
    if not is_whole:
        return "NE", False
    return ("PR" if 10 * sum(known) <= 7 * baseline else "SD"), True


def other_response(words, nodes, was_complete):
    if not words:
        return "none"
    if "worse" in words:
        return "PD"
    seen = [node for word, node in zip(words, nodes, strict=True) if word == "present"]
    if was_complete and not all(seen):
        return "PD"
    if "not evaluable" in words:
        return "NE"
    return NON if seen and not was_complete else "CR"


def is_confirmed(visits, enough):
    """Whether a response is there again four weeks later, with nothing between but the like and one NE."""
    for first, second in combinations(range(len(visits)), 2):
        between = [word for _, word in visits[first + 1 : second]]
        ends = visits[first][1] in enough and visits[second][1] in enough
        whole = all(word in (*enough, "NE") for word in between) and between.count("NE") <= 1
        if ends and whole and visits[second][0] - visits[first][0] >= 28:
            return True
    return False


def best(course, overall, confirm):
    """Best overall response: table 3 for two visits, its footnotes for more."""
    visits = list(zip([visit["day"] for visit in course["visits"]], overall, strict=True))
    if course["therapy"] is not None:
        visits = [(day, word) for day, word in visits if day <= course["therapy"]]
    at = next((place for place, (_, word) in enumerate(visits) if word == "PD"), None)
    visits, progressed = (visits, False) if at is None else (visits[:at], True)
    words = {word for _, word in visits}
    for wanted, enough in (("CR", ("CR",)), ("PR", ("CR", "PR"))):
        if is_confirmed(visits, enough) if confirm else wanted in words:
            return wanted
    stable = [word for day, word in visits if day >= 42 and word in ("CR", "PR", "SD", NON)]
    if stable:
        return "SD" if course["start"] else NON
    return "PD" if progressed else "NE"


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.integers(0, 2**32 - 1))
def test_random_courses(seed):
    compare(seed)


@pytest.mark.slow
def test_ten_thousand_courses():
    for seed in range(100):
        compare(seed)


def compare(seed):
    rng = np.random.default_rng(seed)
    courses = {f"{at:04d}": draw(rng) for at in range(100)}
    names = ["patient_id", "lesion_id", "day", "role", "lesion_site", "is_node", "diameter_mm", "status", "therapy"]
    table = pd.DataFrame([row for name, one in courses.items() for row in rows_of(name, one)], columns=names)
    table = table.sample(frac=1, random_state=seed % 1000)  # visits in any order
    options = {"strict": False, "new_therapy": "therapy"}
    at_visits = response_category(table, per="visit", **options).groupby("patient_id")["response"].agg(list)
    bests = {
        confirm: response_category(table, confirm=confirm, **options).set_index("patient_id")["best_response"]
        for confirm in (False, True)
    }
    for name, course in courses.items():
        expected = read(course)
        assert at_visits.get(name, []) == expected, (name, course)
        for confirm, found in bests.items():
            assert found[name] == best(course, expected, confirm), (name, confirm, course, expected)


def test_pairs_are_those_of_table_3():
    """The long way and the table agree on every pair of visits."""
    for first, later, late, early in TABLE_3:
        for day, expected in ((56, late), (30, early)):
            words = [first, "PD" if first == "CR" and later in ("PR", "SD") else later]  # disease after CR is PD
            course = {"start": [20], "visits": [{"day": day}, {"day": day + 56}], "therapy": None}
            assert best(course, words, confirm=True) == expected
