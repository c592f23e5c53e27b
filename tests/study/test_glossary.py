import pytest

from biomarker.study.glossary import terms, terms_used


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
