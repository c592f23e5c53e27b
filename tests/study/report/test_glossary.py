import pytest

from biomarker.study.report.glossary import terms, terms_used


def test_names_and_addresses_are_one_of_a_kind():
    assert len({term.name for term in terms()}) == len({term.key for term in terms()}) == len(terms())
    assert [term.name.casefold() for term in terms()] == sorted(term.name.casefold() for term in terms())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The AUC was 0.89 (95% CI 0.83–0.93; p < 0.001).", ["AUC", "CI", "p"]),
        ("PPV and npv", ["PPV"]),
        ("SUVmax of lesions nested in patients", ["Nested", "SUV"]),
        ("Predictive values", []),
        ("The marker is predictive.", ["Predictive"]),
        ("likelihood ratio test", []),
        ("ICC(2,1) 0.98", ["ICC"]),
        ("scissors", []),
    ],
)
def test_words_are_found_whole(text, names):
    assert [term.name for term in terms_used([text])] == names


def test_meanings_are_sentences():
    for term in terms():
        assert term.meaning.endswith("."), term.name
        assert "  " not in term.meaning


def test_meanings_hold_where_a_word_is_used_in_either_sense():
    meaning = {term.name: term.meaning for term in terms()}
    assert "Of a study:" in meaning["Bias"]  # limitations of a study have it too, where no reader is
    assert "lower where lower values speak for it" in meaning["AUC"]
    assert "of pairs" in meaning["Hodges-Lehmann estimate"]  # signed ranks have it as well as rank sums
    assert "keeps near its level" in meaning["Wilson interval"]  # coverage is not exact
