"""Values of a study file become Python source that gives them back, whatever they hold."""

import ast
import datetime as dt
from math import inf, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biomarker.study.python_source import Code, call, source_of

LEAVES = st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner, max_size=8), max_leaves=20
)


@given(VALUES, st.integers(0, 90), st.integers(0, 12))
def test_a_value_comes_back_from_its_source(value, column, indent):
    source = source_of(value, column=column, indent=indent)
    assert ast.literal_eval(source.strip()) == value
    assert all(line.isprintable() for line in source.split("\n"))  # no sign that turns the reading direction, no bell


@given(st.text())
def test_text_is_one_constant_on_one_line(text):
    (statement,) = ast.parse(call("f", [], {"x": text})).body
    assert [node.value for node in ast.walk(statement) if isinstance(node, ast.Constant)] == [text]


def test_what_has_no_literal_of_its_own():
    assert eval(source_of(inf)) == inf
    assert isnan(eval(source_of(float("nan"))))
    assert source_of({"scanned": dt.date(2026, 1, 2)}) == '{"scanned": "2026-01-02"}'
    assert source_of(Code("data")) == "data"


def test_short_calls_stay_on_a_line_and_long_ones_are_laid_out():
    assert call("bm.roc_curve", [Code("lesions")], {"marker": "suvmax"}) == 'bm.roc_curve(lesions, marker="suvmax")'
    words = [f"column_{number}" for number in range(12)]
    laid_out = call("bm.characteristics", [Code("patients")], {"variables": words, "by": {"arm": words}})
    assert laid_out.splitlines()[:4] == [
        "bm.characteristics(",
        "    patients,",
        "    variables=[",
        '        "column_0",',
    ]
    assert max(map(len, laid_out.splitlines())) <= 100
    ast.parse(laid_out)


@pytest.mark.parametrize("text", ["%run x", "!ls", "a?", '"', "'", "'\"", "\\", "line\nbreak", "\u202e", "{x}"])
def test_signs_that_mean_something_elsewhere(text):
    assert ast.literal_eval(source_of(text)) == text
    assert "\n" not in source_of(text)
