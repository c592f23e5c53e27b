"""How far readers agree on the category of a lesion or patient, beyond chance."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.agreement_lines import Agreement, agreement_lines, contingency, reason_notes
from biomarker.analyses.ratings import Categories, no_order, rating_table, text_of
from biomarker.analyses.result import Method, Result, checked_fraction
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.kernels.kappa import SCHEMES, agreement_weights
from biomarker.kernels.krippendorff import LEVELS
from biomarker.references import (
    BRENNAN_PREDIGER_1981,
    BYRT_1993,
    CICCHETTI_FEINSTEIN_1990,
    COHEN_1960,
    COHEN_1968,
    CONGER_1980,
    FLEISS_1971,
    FLEISS_COHEN_EVERITT_1969,
    FLEISS_NEE_LANDIS_1979,
    GWET_2008,
    GWET_2014,
    KORN_GRAUBARD_1998,
    KRIPPENDORFF_2013,
    WILSON_1927,
    Reference,
)
from biomarker.vocabulary import column_label

Weights = NDArray[np.float64]
MOST_OF_ONE_KIND = 0.85  # beyond this share of one category kappa says little of agreement


@dataclass(frozen=True, kw_only=True, eq=False)
class CategoricalAgreement(Result):
    """Agreement of readers on categories.

    Attributes
    ----------
    value : str
        The column that was rated.
    readers, sessions, categories : tuple of str
        Categories in order, those nobody used among them.
    weights : str
        "none", "linear", "quadratic" or "given".
    counts : ndarray of int, shape (q, q), or None
        Items by the category of the first reader (rows) and the second (columns), where there are two readers.
    item_word : str
        What was rated: lesion, patient, item.
    """

    value: str
    readers: tuple[str, ...]
    sessions: tuple[str, ...]
    categories: tuple[str, ...]
    weights: str
    counts: NDArray[np.int64] | None
    item_word: str

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches; larger for many readers or categories."""
        n = len(self.categories) if self.counts is not None else len(self.readers)
        return 3.46, min(1.7 + 0.36 * max(n, 3), 7.0)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        what = column_label(self.value)
        if self.counts is not None:
            first, second = self.readers
            return (
                f"{what} of the same {self.item_word}s by readers {first} and {second}: counts, and below each "
                "its share of the row; agreement on the diagonal."
            )
        weighted = "" if self.weights == "none" else f", {self.weights} weights"
        return (
            f"Agreement of pairs of readers on {what}: Cohen kappa{weighted}, and below it the share of "
            f"{self.item_word}s in one category."
        )


def categorical_agreement(
    readings: pd.DataFrame,
    *,
    value: str,
    item: str = "lesion_id",
    reader: str = "reader_id",
    readers: Sequence[str] | None = None,
    weights: str | Sequence[Sequence[float]] | None = None,
    level: str | Sequence[str] | None = None,
    categories: Sequence[object] | None = None,
    session: str | None = None,
    reference_reader: str | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> CategoricalAgreement:
    """Estimate how far readers agree on categories, beyond chance.

    No single coefficient tells all: kappa falls with the prevalence of a category whatever the agreement, so that
    percent agreement, Gwet's AC1 and the agreement on each category stand beside it.

    Parameters
    ----------
    readings : DataFrame
        One row a rating.
    value : str
        Column of the category chosen: text, numbers, true and false, or a pandas categorical.
    item, reader : str
        Columns; lesions may be numbered anew in each patient. ``item="patient_id"`` rates patients.
    readers : list of str, optional
        Readers to use, in this order; all by default.
    weights : {None, "linear", "quadratic"} or list of lists, optional
        How far two categories agree: wholly or not at all; less the further apart, by the distance or its square, of
        their values where these are numbers, else of their ranks; or a symmetric table of agreement with 1 on the
        diagonal and 0 for none. The unweighted coefficients are given too.
    level : {"nominal", "ordinal", "interval", "ratio", "all"} or list of these, optional
        Of Krippendorff's alpha; nominal by default, and ordinal too where weights are given.
    categories : list, optional
        Every category there is, in order where they have one. One that nobody chose still counts: for Gwet's and the
        Brennan-Prediger coefficient, and for weights. Numbers are in order by themselves.
    session : str, optional
        Column of sessions in which the same readers rated the same items again. Readers are then compared within
        sessions, all sessions taken together and each by itself, and every reader with themselves between sessions.
    reference_reader : str, optional
        Compare the others with this reader, not every pair.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    patient : str or None
        Column of patient identifiers; None says that items are independent.

    Returns
    -------
    CategoricalAgreement
        For all readers, unweighted and weighted (``of["weights"]``): ``percent_agreement``, ``cohen_kappa`` (two
        readers) or ``conger_kappa`` (several), ``fleiss_kappa``, ``gwet_ac1`` or ``gwet_ac2``, ``brennan_prediger``
        (PABAK with two categories); ``krippendorff_alpha`` by ``of["level"]``; ``specific_agreement`` by
        ``of["category"]``; ``prevalence_index`` and ``bias_index`` of two readers and categories. Percent agreement
        and kappa of pairs (``of["readers"]``), of sessions (``of["session"]``) and within readers (``of["reader"]``).
        ``standard_error`` of each coefficient, with ``of["hypothesis"]`` "none" for intervals and "chance agreement"
        for tests. Kappa is NaN where every rating is of one category.

    Raises
    ------
    DesignError
        If a reader rated an item twice, fewer than two readers or shared items are left, weights are no table of
        agreement or lack an order, `categories` lacks one that was used, or a name is unknown.

    References
    ----------
    Cohen J. Educ Psychol Meas 1960;20:37-46; Psychol Bull 1968;70:213-220. Fleiss JL, Cohen J, Everitt BS. Psychol
    Bull 1969;72:323-327. Fleiss JL. Psychol Bull 1971;76:378-382. Conger AJ. Psychol Bull 1980;88:322-328. Gwet KL. Br
    J Math Stat Psychol 2008;61:29-48. Krippendorff K. Content analysis. 3rd ed. 2013.

    Examples
    --------
    Pregnancies sorted by two abstractors (Gwet 2014): kappa 0.796 with a standard error of 0.0589.

    >>> import pandas as pd
    >>> counts = {("ectopic", "ectopic"): 13, ("abnormal", "abnormal"): 20, ("abnormal", "normal"): 7,
    ...           ("normal", "abnormal"): 4, ("normal", "normal"): 56}
    >>> pairs = [pair for pair, n in counts.items() for _ in range(n)]
    >>> wide = pd.DataFrame(pairs, columns=["A", "B"]).rename_axis("case").reset_index()
    >>> readings = wide.melt("case", var_name="reader_id", value_name="pregnancy")
    >>> result = categorical_agreement(readings, value="pregnancy", item="case", patient=None)
    >>> print(f"{result.estimate('cohen_kappa').value:.4f}")
    0.7964
    >>> print(f"{result.estimate('standard_error', coefficient='cohen_kappa', hypothesis='none').value:.4f}")
    0.0589
    """
    checked_fraction(confidence_level, "confidence_level")
    table = rating_table(
        readings, value=value, item=item, reader=reader, patient=patient, readers=readers, session=session,
        categories=categories,
    )  # fmt: skip
    schemes = {"none": np.eye(len(table.categories.labels))}
    given = _weights(weights, table.categories, value)
    if given is not None:
        schemes["given" if not isinstance(weights, str) else weights] = given
    task = Agreement(
        table=table,
        schemes=schemes,
        levels=_levels(level, table.categories, value, is_weighted=given is not None),
        reference_reader=_reference_reader(reference_reader, table.readers),
        confidence_level=confidence_level,
    )
    lines = tuple(agreement_lines(task))
    few = table.few_note()
    if few:
        warnings.warn(few, SmallSampleWarning, stacklevel=2)
    return CategoricalAgreement(
        estimates=lines,
        method=_method(task, (*table.notes, *_notes(task), *reason_notes(task), few)),
        population=table.population,
        value=value,
        readers=table.readers,
        sessions=table.sessions,
        categories=table.categories.labels,
        weights=list(schemes)[-1],
        counts=contingency(task) if len(table.readers) == 2 else None,
        item_word=table.item_word,
    )


def _weights(weights: object, categories: Categories, value: str) -> Weights | None:
    """Return the table of agreement weights that was asked for, or None."""
    if weights is None:
        return None
    if isinstance(weights, str):
        if weights not in SCHEMES:
            raise DesignError(
                f"no weights {weights!r}{nearest(weights, SCHEMES)}; give {', '.join(SCHEMES)} or a table of agreement"
            )
        if not categories.has_order:
            raise no_order(value, categories.labels, f'weights = "{weights}"')
        return agreement_weights(weights, categories.values)
    if not categories.has_order:
        raise no_order(value, categories.labels, "a table of weights")
    return _given_weights(weights, categories.labels)


def _given_weights(weights: object, labels: tuple[str, ...]) -> Weights:
    try:
        given = np.asarray(weights, float)
    except (TypeError, ValueError):
        given = np.empty(0)
    q = len(labels)
    if given.shape != (q, q):
        size = " by ".join(map(str, given.shape)) if given.ndim and given.size else "no table of numbers"
        raise DesignError(
            f"weights is {size}; there are {q} categories ({', '.join(labels)}), so give {q} rows of {q} numbers"
        )
    if not (np.isfinite(given).all() and (given >= 0).all() and (given <= 1).all()):
        raise DesignError("weights holds numbers outside 0 to 1; give agreement, from 1 (the same) to 0 (none)")
    if not np.allclose(np.diag(given), 1):
        hint = "; these look like weights of disagreement: give 1 - w" if np.allclose(np.diag(given), 0) else ""
        raise DesignError(f"weights needs 1 on its diagonal: a category agrees with itself wholly{hint}")
    if not np.allclose(given, given.T):
        first, second = np.argwhere(~np.isclose(given, given.T))[0]
        raise DesignError(
            f"weights is not symmetric: {labels[first]} with {labels[second]} is {given[first, second]:g}, "
            f"the other way round {given[second, first]:g}"
        )
    return given


def _levels(level: object, categories: Categories, value: str, *, is_weighted: bool) -> tuple[str, ...]:
    """Return the levels at which Krippendorff's alpha is asked for and can be had."""
    if level is None:
        return ("nominal", "ordinal") if is_weighted else ("nominal",)
    is_positive = bool(categories.numbers) and min(categories.numbers) >= 0
    if level == "all":
        can = (True, categories.has_order, bool(categories.numbers), is_positive)
        return tuple(name for name, possible in zip(LEVELS, can, strict=True) if possible)
    asked = (level,) if isinstance(level, str) else tuple(level) if isinstance(level, list | tuple) else (level,)
    for name in asked:
        if name not in LEVELS:
            raise DesignError(f"no level {name!r}{nearest(str(name), LEVELS)}; there are {', '.join(LEVELS)} and all")
        if name == "ordinal" and not categories.has_order:
            raise no_order(value, categories.labels, 'level = "ordinal"')
        if name in ("interval", "ratio") and not categories.numbers:
            raise DesignError(f'level = "{name}" needs categories that are numbers; {value!r} has text')
        if name == "ratio" and not is_positive:
            raise DesignError(f'level = "ratio" needs categories of 0 or more; {value!r} has less')
    return tuple(name for name in LEVELS if name in asked)


def _reference_reader(name: object, readers: tuple[str, ...]) -> str | None:
    if name is None:
        return None
    if text_of(name) not in readers:
        raise DesignError(f"no reader {name!r}{nearest(text_of(name), readers)}; there are {', '.join(readers)}")
    return text_of(name)


def _notes(task: Agreement) -> list[str]:
    """Return what a reader must know of these ratings."""
    table, categories = task.table, task.table.categories
    rated = (table.codes >= 0).sum(axis=2).ravel()
    notes = []
    if len(table.sessions) > 1:
        notes.append(
            f"Readers are compared within sessions ({', '.join(table.sessions)}), taken together; a {table.item_word} "
            "counts once a session."
        )
    if alone := int((rated == 1).sum()):
        notes.append(
            f"{alone} of {int((rated > 0).sum())} {table.item_word}s were rated by one reader only: they show no "
            "agreement, but count for the shares of categories."
        )
    used = np.bincount(table.codes[table.codes >= 0], minlength=len(categories.labels))
    unused = [label for label, count in zip(categories.labels, used, strict=True) if not count]
    if unused:
        notes.append(f"Chosen by nobody: {', '.join(unused)}.")
    elif not categories.is_given:
        notes.append(_not_given(categories))
    if used.max() > MOST_OF_ONE_KIND * used.sum() and used.max() < used.sum():
        common = categories.labels[int(used.argmax())]
        notes.append(
            f"{used.max() / used.sum():.0%} of ratings are {common}: kappa and alpha are then low however well readers "
            "agree; see percent agreement, Gwet's coefficient and the agreement on each category."
        )
    return notes


def _not_given(categories: Categories) -> str:
    """Say where a category may be lacking because nobody chose it: among whole numbers, or where there is one only."""
    if len(categories.labels) == 1:
        return "Only one category was chosen; list all there are as `categories` for Gwet's coefficient."
    numbers = categories.numbers
    if not numbers or any(not number.is_integer() for number in numbers) or max(numbers) > 20:
        return ""
    gaps = sorted(set(range(int(min(numbers)), int(max(numbers)) + 1)) - {int(number) for number in numbers})
    if not gaps:
        return ""
    shown = ", ".join(map(str, gaps))
    return (
        f"Nobody chose {shown}; if readers could, list every category as `categories`: Gwet's coefficient counts them."
    )


def _method(task: Agreement, notes: tuple[str, ...]) -> Method:
    table = task.table
    weights = list(task.schemes)[-1]
    two = len(table.readers) == 2
    words = {"none": "", "given": "; weights as given"}.get(weights, f"; {weights} weights")
    readers = f"{len(table.readers)} readers"
    what = "Cohen's kappa" if two else "the kappas of Conger and, by pairs, of Cohen"
    units = f"{table.item_word}s nested in patients" if table.is_nested and table.n_patients else f"{table.item_word}s"
    unit = table.unit_word
    test = (
        " Chance agreement was tested with the null standard errors of Fleiss, Cohen and Everitt and of Fleiss, Nee "
        "and Landis where these hold."
        if not table.is_nested
        else ""
    )
    tested = () if table.is_nested else (FLEISS_COHEN_EVERITT_1969, FLEISS_NEE_LANDIS_1979)
    references: tuple[Reference, ...] = (
        COHEN_1960, *((COHEN_1968,) if weights != "none" else ()), *tested, *(() if two else (CONGER_1980,)),
        FLEISS_1971, GWET_2008, GWET_2014, BRENNAN_PREDIGER_1981,
        *((BYRT_1993,) if len(table.categories.labels) == 2 else ()),
        KRIPPENDORFF_2013, CICCHETTI_FEINSTEIN_1990, WILSON_1927, KORN_GRAUBARD_1998,
    )  # fmt: skip
    settings: dict[str, Any] = {
        "readers": ", ".join(table.readers), "weights": weights, "level": ", ".join(task.levels),
        "categories": ", ".join(table.categories.labels),
    }  # fmt: skip
    if weights == "given":
        settings["weights"] = str(np.round(task.schemes["given"], 6).tolist())
    if task.reference_reader:
        settings["reference_reader"] = task.reference_reader
    return Method(
        name=f"Wilson intervals at the effective number of {table.item_word}s, from a jackknife over {unit}s",
        confidence_level=task.confidence_level,
        settings=settings,
        references=references,
        notes=notes,
        description=(
            f"Agreement of {readers} on {len(table.categories.labels)} categories was estimated for {units} by percent "
            f"agreement, {what}, Fleiss' kappa, Gwet's coefficient, the Brennan-Prediger coefficient and "
            f"Krippendorff's alpha{words}. Intervals were Wilson intervals of the disagreement at its effective size, "
            f"with variance from leaving out each {unit} in turn and Student's t.{test}"
        ),
    )
