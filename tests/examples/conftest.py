"""Shipped studies, each run once for all the tests that look at it."""

from functools import cache

import pytest

from biomarker.examples import example_folder
from biomarker.study.workflow import run_study


@cache
def outcome_of(name):
    return run_study(example_folder(name))


@pytest.fixture
def run_example():
    return outcome_of
