from dataclasses import replace
from math import nan

import pytest
from markdown_it import MarkdownIt

from biomarker.analyses.result import Estimate, Exclusion, Method, Population, Result
from biomarker.references import BROWN_CAI_DASGUPTA_2001, CLOPPER_PEARSON_1934, WILSON_1927
from biomarker.study.methods.text import methods_text

VERSIONS = {"biomarker": "0.1.0", "python": "3.11.7", "numpy": "2.4.6", "lifelines": "0.30.3"}


def result(description="Proportions were given Wilson intervals.", *, p_values=(), left_out=0, **method) -> Result:
    exclusions = (
        (Exclusion(reason="with suvmax missing", rows=tuple(range(left_out)), column="suvmax"),) if left_out else ()
    )
    return Result(
        estimates=tuple(Estimate(quantity="ppv", value=0.5, p_value=p) for p in p_values or (nan,)),
        method=Method(
            name="Wilson score intervals", description=description, **{"references": (WILSON_1927,)} | method
        ),
        population=Population(rows_in=44, rows_used=44 - left_out, exclusions=exclusions, unit="lesion"),
    )


def test_snapshot():
    analyses = [
        ("at-4", "predictive_values", result(left_out=2)),
        (
            "roc",
            "roc_curve",
            result(
                "Areas were estimated by DeLong's method.",
                references=(BROWN_CAI_DASGUPTA_2001, WILSON_1927),
                seed=(7, 3),
            ),
        ),
        ("at-6", "predictive_values", result()),
        (
            "exact",
            "predictive_values",
            result("Intervals were exact.", references=(CLOPPER_PEARSON_1934,), confidence_level=0.9),
        ),
    ]
    assert methods_text(analyses, seed=7, versions=VERSIONS).to_markdown() == (
        """# Statistical methods

## Predictive values

Proportions were given Wilson intervals [1]. Analyses done in this way: “at-4” and “at-6”.

Intervals were exact [2]. Confidence intervals were at the 90% level. Analysis done in this way: “exact”.

## ROC analysis

Areas were estimated by DeLong's method [1, 3]. Analysis done in this way: “roc”.

## Intervals and multiplicity

Confidence intervals are at the 95% level unless stated otherwise.

## Missing data

Each analysis used the rows that held every value it needs (complete cases); nothing was imputed. Excluded were 2 of \
44 lesions with SUVmax missing in “at-4”.

## Software

Analyses were done with biomarker 0.1.0 on Python 3.11.7, NumPy 2.4.6 and lifelines 0.30.3. Random numbers came from \
NumPy's PCG64 generator, seeded with 7 and the name of each analysis.

## References

1. """
        f"{WILSON_1927}\n2. {CLOPPER_PEARSON_1934}\n3. {BROWN_CAI_DASGUPTA_2001}\n"
    )


def test_a_single_analysis_is_not_named():
    text = methods_text([("a", "predictive_values", result())])
    assert text.paragraphs[0].rest == ""
    assert "“a”" not in text.to_markdown()


def test_references_are_numbered_in_order_of_citation_and_all_are_cited():
    analyses = [
        ("a", "x", result("One.", references=(CLOPPER_PEARSON_1934, WILSON_1927))),
        ("b", "y", result("Two.", references=(BROWN_CAI_DASGUPTA_2001, CLOPPER_PEARSON_1934))),
        ("c", "z", result("Three.", references=())),
    ]
    text = methods_text(analyses)
    assert text.references == (CLOPPER_PEARSON_1934, WILSON_1927, BROWN_CAI_DASGUPTA_2001)
    assert [paragraph.citations for paragraph in text.paragraphs[:3]] == [(1, 2), (1, 3), ()]


def test_a_method_is_told_once_whatever_its_seed():
    analyses = [(name, "suv_cutoff", result(seed=(1, number))) for number, name in enumerate("abc")]
    told = [
        paragraph
        for paragraph in methods_text(analyses, seed=1).paragraphs
        if paragraph.heading == "Choice of a cutoff"
    ]
    assert len(told) == 1
    assert told[0].rest == "Analyses done in this way: “a”, “b” and “c”."


def test_resamples_are_told_unless_the_description_has():
    silent = methods_text([("a", "x", result("It was resampled.", n_resamples=2000))])
    told = methods_text([("a", "x", result("Intervals came from 2,000 resamples of patients.", n_resamples=2000))])
    assert silent.paragraphs[0].rest == "The number of resamples was 2,000."
    assert told.paragraphs[0].rest == ""


def test_without_a_study_seed_each_seed_is_told():
    assert "The random seed was 5." in methods_text([("a", "x", result(seed=5))]).to_markdown()


def test_a_method_without_description_is_named():
    text = methods_text([("a", "predictive_values", result(""))])
    assert text.paragraphs[0].text == "Predictive values: Wilson score intervals."


def test_nothing_left_out_is_said_too():
    assert "No row was excluded from any analysis." in methods_text([("a", "x", result())]).to_markdown()


def test_exclusions_are_told_with_their_reasons_and_alike_ones_once():
    analyses = [(f"a{number}", "x", result(left_out=1 + number % 2)) for number in range(4)]
    one, two = (f"{n} of 44 lesions with SUVmax missing" for n in (1, 2))
    assert f"Excluded were {one} in “a0” and “a2”; {two} in “a1” and “a3”." in methods_text(analyses).to_markdown()
    twice = replace(
        result(),
        population=Population(
            rows_in=44,
            rows_used=41,
            exclusions=(
                Exclusion(reason="with suvmax missing", rows=(1, 2), column="suvmax"),
                Exclusion(reason="lost", rows=(3,)),
            ),
            unit="lesion",
        ),
    )
    told = methods_text([("a", "x", twice)]).to_markdown()
    assert "Excluded were 3 of 44 lesions, 2 with SUVmax missing, 1 lost, in “a”." in told


@pytest.mark.parametrize(
    ("tests", "analyses", "said"),
    [
        (1, 1, None),
        (2, 1, "1 analysis with 2 p-values were run and not adjusted for multiplicity"),
        (0, 5, "5 analyses with 0 p-values were run"),
        (30, 2, "2 analyses with 30 p-values were run"),
    ],
)
def test_many_tests_call_for_caution(tests, analyses, said):
    first = ("a0", "x", result(p_values=(0.2,) * tests))
    others = [(f"a{number}", "x", result()) for number in range(1, analyses)]
    text = methods_text([first, *others]).to_markdown()
    assert ("multiplicity;" in text) == (said is not None)
    assert said is None or said in text
    assert ("about 2 would give p < 0.05 by chance" in text) == (tests == 30)


def test_an_adjustment_is_named():
    text = methods_text(
        [("a", "x", result(p_values=(0.1, 0.2))), ("holm", "adjust_p_values", result("Holm."))]
    ).to_markdown()
    assert "Multiplicity was adjusted for in “holm”; all other p-values are unadjusted." in text


def test_no_analyses_no_text():
    text = methods_text([])
    assert text.paragraphs == ()
    assert text.to_markdown() == "# Statistical methods\n"


def test_it_is_a_pure_function():
    analyses = [("a", "x", result()), ("b", "y", result())]
    assert methods_text(analyses, seed=1, versions=VERSIONS) == methods_text(
        list(analyses), seed=1, versions=dict(VERSIONS)
    )


def test_names_and_descriptions_are_escaped():
    hostile = "<script>*a*</script> [x](y) | `b`"
    text = methods_text([(hostile, "x", result(hostile)), ("# b", "y", result("- not a list"))]).to_markdown()
    page = MarkdownIt("commonmark").render(text)
    assert "<script>" not in page
    assert "<em>" not in page
    assert "<a " not in page
    assert "<code>" not in page
    assert "<ul>" not in page


def test_there_is_no_first_person():
    words = methods_text(
        [("a", "x", result(left_out=1, p_values=(0.1,) * 12)), ("b", "y", result())], seed=1, versions=VERSIONS
    )
    assert not {"we", "our", "i", "us"} & set(words.to_markdown().lower().split())


def test_a_description_without_a_full_stop_gets_one():
    method = replace(result().method, description="Means were compared")
    text = methods_text([("a", "x", replace(result(), method=method))])
    assert "Means were compared [1].\n" in text.to_markdown()
