"""What a methods section says about an intraclass correlation, and the papers it cites."""

from __future__ import annotations

from biomarker.analyses.icc_lines import Question
from biomarker.analyses.reading_rows import ReadingRows
from biomarker.analyses.result import Method
from biomarker.kernels.icc import FORMS, MCGRAW_WONG
from biomarker.references import (
    ARVESEN_SCHMITZ_1970,
    BURDICK_GRAYBILL_1992,
    ELIASZIW_1994,
    MCGRAW_WONG_1996,
    PATTERSON_THOMPSON_1971,
    SHROUT_FLEISS_1979,
    WALD_1940,
    WEERAHANDI_1993,
    ZOU_DONNER_2008,
    Reference,
)

MODELS = {
    "1": "each item read by readers of its own (one-way random)",
    "2": "readers a random sample, absolute agreement (two-way random)",
    "3": "these readers only, consistency (two-way mixed)",
}


def icc_method(
    rows: ReadingRows, question: Question, *, n_features: int, is_nested: bool, notes: tuple[str, ...]
) -> Method:
    """Describe forms, estimator and intervals of readings without sessions."""
    word = rows.item_word
    models = sorted({form[4] for form in question.forms.values()})
    meanings = "; ".join(f"ICC({model},·): {MODELS[model]}" for model in models).replace("item", word)
    asked = _listed(tuple(question.forms))
    of_many = f" of each of {n_features:,} features" if n_features > 1 else ""
    if question.by_reml:
        how = f"by restricted maximum likelihood from {rows.n_items} {word}s read by two readers or more"
    else:
        how = f"from the mean squares of {rows.n_items} {word}s read by every reader"
    name, sentence, papers = _interval(question, models, is_nested=is_nested, word=word)
    tested = f" The null hypothesis was an ICC of {question.null_value:g}." if question.null_value else ""
    return Method(
        name=name,
        confidence_level=question.confidence_level,
        settings={
            "form": ", ".join(question.forms),
            "n_readers": len(rows.reader_names),
            "estimator": "reml" if question.by_reml else "mean_squares",
            "null_value": question.null_value,
        },
        references=(SHROUT_FLEISS_1979, MCGRAW_WONG_1996, *papers),
        notes=(
            f"{meanings}. The second sign is the number of readings averaged.",
            *_equivalents(question),
            *_two_readers(rows, models),
            *notes,
        ),
        description=(
            f"Agreement of {len(rows.reader_names)} readers was summarised by {asked}{of_many}, {how}{sentence}."
            f"{tested}"
        ),
    )


def _two_readers(rows: ReadingRows, models: list[str]) -> list[str]:
    """Say why limits are wide where two readers stand for all."""
    if "2" not in models or len(rows.reader_names) != 2:
        return []
    return [
        "Two readers hardly tell how much readers differ, so the lower limit of ICC(2,·), which speaks of readers in "
        "general, can lie far below the estimate; that of ICC(3,·) speaks of these two alone."
    ]


def _interval(
    question: Question, models: list[str], *, is_nested: bool, word: str
) -> tuple[str, str, tuple[Reference, ...]]:
    """Return the name of the interval, the clause that describes it, and its papers."""
    reml = (PATTERSON_THOMPSON_1971,) if question.by_reml else ()
    if is_nested:
        sentence = (
            f"; {word}s were nested in patients, so intervals were obtained by leaving out one patient at a time, on "
            "Fisher's scale with Student's t"
        )
        papers: tuple[Reference, ...] = (ARVESEN_SCHMITZ_1970,)
        name = "jackknife over patients on Fisher's scale, t intervals"
        if "2" in models:
            papers = (ARVESEN_SCHMITZ_1970, ZOU_DONNER_2008)
            which = " for ICC(2,·)" if len(models) > 1 else ""
            sentence += f", with the sampling of readers added{which} (MOVER)"
            name += f", the sampling of readers added{which}"
        return name, sentence, (*reml, *papers)
    if not question.by_reml:
        return "F intervals", ", with F-based intervals", ()
    exact, random = "exact F intervals after Wald", "generalised intervals"
    if models == ["2"]:
        return random, f", with {random}", (*reml, WEERAHANDI_1993)
    if "2" not in models:
        return exact, f", with {exact}", (*reml, WALD_1940)
    both = f"{exact}, for ICC(2,·) {random}"
    return both, f", with {both}", (*reml, WALD_1940, WEERAHANDI_1993)


def session_method(rows: ReadingRows, confidence_level: float, notes: tuple[str, ...]) -> Method:
    """Describe the analysis of readers who read at several sessions."""
    word = rows.item_word
    if rows.is_nested:
        name = "jackknife over patients on Fisher's scale, t intervals"
        how = (
            f"with {word}s nested in patients, and intervals obtained by leaving out one patient at a time, the "
            "sampling of readers added (MOVER)"
        )
        papers: tuple[Reference, ...] = (ARVESEN_SCHMITZ_1970, ZOU_DONNER_2008)
    else:
        name, how = "generalised intervals", "with generalised confidence intervals from unweighted means"
        papers = (WEERAHANDI_1993, BURDICK_GRAYBILL_1992)
    return Method(
        name=name,
        confidence_level=confidence_level,
        settings={
            "form": "inter- and intra-reader", "n_readers": len(rows.reader_names),
            "n_sessions": len(rows.session_names), "estimator": "reml",
        },
        references=(ELIASZIW_1994, PATTERSON_THOMPSON_1971, *papers),
        notes=notes,
        description=(
            f"Agreement between and within {len(rows.reader_names)} readers, who read {rows.n_items} {word}s at up to "
            f"{len(rows.session_names)} sessions, was summarised by inter- and intra-reader intraclass correlations "
            f"from variance components estimated by restricted maximum likelihood, {how}."
        ),
    )  # fmt: skip


def _listed(forms: tuple[str, ...]) -> str:
    if forms == FORMS:
        return "the six forms of the intraclass correlation in the notation of Shrout and Fleiss"
    if forms == tuple(MCGRAW_WONG):
        return "the ten coefficients of McGraw and Wong"
    names = " and ".join([", ".join(forms[:-1]), forms[-1]]) if len(forms) > 1 else forms[0]
    return f"{names} in the notation of {'Shrout and Fleiss' if set(forms) <= set(FORMS) else 'McGraw and Wong'}"


def _equivalents(question: Question) -> list[str]:
    """Say which formula stands behind a name of McGraw and Wong."""
    named = [f"{name} is computed as {form}" for name, form in question.forms.items() if name != form]
    if not named:
        return []
    return [f"{'; '.join(named)} (C, consistency; A, absolute agreement)."]
