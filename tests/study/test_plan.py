"""Every analysis is bound to its function before any is run."""

from zlib import crc32

import pytest

from biomarker.analyses import ANALYSES
from biomarker.errors import StudyError
from biomarker.study.load import load_study
from biomarker.study.plan import kinds, plan_study


def planned(study, change=lambda text: text):
    path = study / "study.toml"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    return plan_study(load_study(path))


def test_a_step_knows_its_function_its_columns_and_its_own_seed(study):
    step = planned(study).steps[0]
    assert step.function.__name__ == "predictive_values"
    assert set(step.columns) == {"response", "suvmax"}
    assert step.seed == (7, crc32(b"at-4"))
    assert step.arguments["confidence_level"] == 0.95


def test_an_analysis_may_have_its_own_confidence_level(study):
    step = planned(study, lambda text: text.replace("cutoff = 4.0", "cutoff = 4.0\nconfidence_level = 0.9")).steps[0]
    assert step.arguments["confidence_level"] == 0.9


def test_rows_may_be_declared_independent(study):
    step = planned(study, lambda text: text.replace("cutoff = 4.0", "cutoff = 4.0\npatient = false")).steps[0]
    assert step.arguments["patient"] is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "predictive_values"', 'kind = "predictive_vales"', "did you mean 'predictive_values'"),
        ('table = "lesions"\nref', 'table = "lesion"\nref', "did you mean 'lesions'"),
        ('table = "lesions"\nref', "ref", "names no table"),
        ('marker = "suvmax"', 'markr = "suvmax"', "did you mean 'marker'"),
        ('reference_standard = "response"\n', "", "lacks reference_standard"),
        ("cutoff = 4.0", 'cutoff = 4.0\nhigher_is_positive = "no"', "higher_is_positive = 'no': give true or false"),
        ("cutoff = 4.0", "cutoff = 4.0\nrng = 3", "the study's seed serves every analysis"),
        (
            "[[analysis]]",
            '[[derive]]\ntable = "p"\nfrom = "lesion"\nhow = "max"\n[[analysis]]',
            "unknown table 'lesion'",
        ),
    ],
)
def test_faults_are_named(study, old, new, message):
    with pytest.raises(StudyError, match=message):
        planned(study, lambda text: text.replace(old, new))


def test_counts_need_no_table(study):
    counts = '\n[[analysis]]\nname = "counts"\nkind = "predictive_values_from_counts"\ntp = 1\nfp = 1\nfn = 1\ntn = 1\n'
    assert planned(study, lambda text: text + counts).steps[-1].table is None
    with pytest.raises(StudyError, match="leave out table"):
        planned(study, lambda text: text + 'table = "lesions"\n')


def test_every_registered_kind_is_a_function_of_that_name():
    from importlib import import_module

    for kind, module in kinds().items():
        assert callable(getattr(import_module(f"biomarker.analyses.{module}"), kind))
    assert set(ANALYSES) <= set(kinds())
