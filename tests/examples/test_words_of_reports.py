"""What reports say, sentence by sentence: no p-value alone, nothing called significant, no column by its code."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from biomarker.figures import alt_text, views
from biomarker.study.methods.text import methods_text
from biomarker.study.report.answers import answer
from biomarker.study.report.glossary import terms, terms_used
from biomarker.study.report.not_shown import not_shown
from biomarker.study.report.questions import question
from biomarker.tables.style import style_named

STUDIES = ("simulated-trial", "cd8", "her2-gastric", "dehdashti", "zephir")
P_VALUE = re.compile(r"\b[pP] ?[=<>] ?(?:0?[.·]\d+|1\.0+)")
NUMBER = r"[−-]?\d[\d.,·]*"
# What may stand beside a p-value: an interval, an estimate in a phrase that names it, or a test with its statistic.
ESTIMATE = re.compile(
    rf"CI {NUMBER}|\({NUMBER} ?(?:–|to|-) ?{NUMBER}\)|chi-square {NUMBER}|χ² = {NUMBER}|T² = {NUMBER}"
    rf"|F\([^)]*\) = {NUMBER}|statistic {NUMBER}|was {NUMBER}|of {NUMBER}"
)
SENTENCE = re.compile(r"(?<=[.?])\s+(?=[A-ZΑ-Ω“])")


@pytest.fixture(params=STUDIES)
def run(request, run_example):
    return run_example(request.param)


def words_of(outcome, style) -> Iterator[str]:
    """Give every sentence of an analysis but its title, which is the user's own."""
    step, result = outcome.step, outcome.result
    texts = [
        question(step.kind, step.arguments, unit=result.population.unit),
        answer(step.kind, result, style),
        result.method.name,
        result.method.description,
        *result.method.notes,
        *not_shown(step.kind, step.arguments, result),
    ]
    table = result.table(style)
    texts += [table.title, *table.footnotes, *table.marks]
    texts += [text for view in views(result) for text in (view.caption, alt_text(result, view.name, style))]
    for text in filter(None, texts):
        yield from SENTENCE.split(text)


def sentences(run) -> list[tuple[str, str]]:
    style = style_named(run.plan.study.style)
    told = [(outcome.step.name, one) for outcome in run.outcomes for one in words_of(outcome, style)]
    named = [(outcome.step.name, outcome.step.kind, outcome.result) for outcome in run.outcomes]
    methods = methods_text(named, seed=1, versions={"biomarker": "1", "python": "3"})
    for paragraph in methods.paragraphs:
        told += [("methods", one) for text in (paragraph.text, paragraph.rest) for one in SENTENCE.split(text)]
    return told


def test_no_p_value_stands_without_what_it_is_of(run):
    alone = [
        (name, sentence)
        for name, sentence in sentences(run)
        if P_VALUE.search(sentence)
        and not ESTIMATE.search(sentence)
        and "by chance" not in sentence  # of a rule, not of a result
        and not re.search(r"\b(?:reported|adjusted) p\b", sentence)  # the analysis is about those p-values
    ]
    assert alone == []


def test_nothing_is_called_significant(run):
    called = [
        (name, sentence)
        for name, sentence in sentences(run)
        if re.search(r"\b(?:non-?)?significan(?:t|ce|tly)\b", sentence.replace("significant figure", ""), re.IGNORECASE)
    ]
    assert called == []


def test_columns_are_called_by_their_words(run):
    columns = {str(column) for table in run.tables.values() for column in table.frame.columns if "_" in str(column)}
    coded = [
        (name, sentence, column)
        for name, sentence in sentences(run)
        if name != "methods" and "_" in sentence
        for column in columns
        if re.search(rf"(?<!\w){re.escape(column)}(?!\w)", sentence)
    ]
    assert coded == []


def test_sentences_end_and_hold_no_gap(run):
    for name, sentence in sentences(run):
        assert not re.search(r"  |\bnan\b|\bNone\b| ,| \.(?!\d)|\(\)|\{|\}", sentence), (name, sentence)


def test_each_analysis_asks_and_says_what_it_does_not_show(run):
    for outcome in run.outcomes:
        asked = question(outcome.step.kind, outcome.step.arguments, unit=outcome.result.population.unit)
        assert asked.endswith("?")
        assert asked[0].isupper()
        assert "What does this analysis show" not in asked
        limits = not_shown(outcome.step.kind, outcome.step.arguments, outcome.result)
        assert limits
        assert all(sentence.endswith(".") for sentence in limits)


def test_numbers_of_an_answer_are_those_of_its_table(run):
    style = style_named(run.plan.study.style)
    answered = 0
    for outcome in run.outcomes:
        told = answer(outcome.step.kind, outcome.result, style)
        table = outcome.result.table(style)
        printed = " ".join([*map(str, table.header), *(cell for row in table.lines for cell in row.cells)])
        printed += " ".join([table.title, *table.footnotes])
        answered += bool(told)
        for number in re.findall(r"\d+(?:[.·]\d+)+", told):
            assert number in printed, (outcome.step.name, number, told)
    assert answered >= len(run.outcomes) / 4


def test_a_p_value_of_an_answer_follows_its_interval(run):
    style = style_named(run.plan.study.style)
    for outcome in run.outcomes:
        told = answer(outcome.step.kind, outcome.result, style)
        for found in P_VALUE.finditer(told):
            assert re.search(rf"CI {NUMBER}(?:–| to |-){NUMBER}; $", told[: found.start()]), told


def test_the_words_of_the_glossary_are_those_used(run):
    whole = [sentence for _, sentence in sentences(run)]
    used = terms_used(whole)
    assert {"CI"} <= {term.name for term in used}
    assert len({term.key for term in terms()}) == len(terms())
    assert all(term.meaning.endswith(".") for term in terms())
