"""The lines of `categorical_agreement`: coefficients with intervals and tests, for any set of ratings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr

from biomarker.analyses.ratings import RatingTable
from biomarker.analyses.result import Estimate
from biomarker.kernels.agreement_interval import ONE_UNIT, PERFECT, UNDEFINED, AgreementEstimate, agreement_estimate
from biomarker.kernels.chance_agreement import (
    Disagreement,
    RatingSums,
    brennan_prediger,
    conger_kappa,
    fleiss_kappa,
    gwet_coefficient,
    percent_agreement,
    rating_sums,
    specific_agreement,
)
from biomarker.kernels.clustered_proportion import clustered_proportion
from biomarker.kernels.kappa import binary_indices, cohen_kappa, fleiss_null_error
from biomarker.kernels.krippendorff import krippendorff_alpha
from biomarker.kernels.proportion import wilson_interval

Codes = NDArray[np.int64]
Weights = NDArray[np.float64]
ONE_UNIT_OF_CATEGORY = "a category was chosen in one unit only"
UNTESTED = ("percent_agreement", "specific_agreement")


@dataclass(frozen=True, kw_only=True, eq=False)
class Agreement:
    """What was asked of a table of ratings.

    Attributes
    ----------
    schemes : mapping of str to ndarray
        Weights by name, "none" first.
    levels : tuple of str
        Of Krippendorff's alpha.
    reasons : set of str
        Filled with why limits are undefined or exact, as lines are made.
    """

    table: RatingTable
    schemes: Mapping[str, Weights]
    levels: tuple[str, ...]
    reference_reader: str | None
    confidence_level: float
    reasons: set[str] = field(default_factory=set)

    @property
    def n_categories(self) -> int:
        """How many categories there are, used or not."""
        return len(self.table.categories.labels)

    def between_readers(self) -> tuple[Codes, Codes]:
        """Return ratings, a row an item and session, and the unit of independence of each row."""
        n_items, n_sessions, n_readers = self.table.codes.shape
        codes = self.table.codes.reshape(n_items * n_sessions, n_readers)
        return codes, np.repeat(self.table.owners, n_sessions)


def agreement_lines(task: Agreement) -> Iterator[Estimate]:
    """Give every line: all readers, then categories, pairs of readers, sessions and readers by themselves."""
    codes, owners = task.between_readers()
    yield from _coefficients(task, codes, owners)
    yield from _specific(task, codes, owners)
    readers = task.table.readers
    if len(readers) == 2:
        yield from _indices(task, codes)
    else:
        yield from _pairs(task, codes, owners)
    for number, session in enumerate(task.table.sessions if len(task.table.sessions) > 1 else ()):
        yield from _brief(task, task.table.codes[:, number, :], task.table.owners, {"session": session})
    for number, reader in enumerate(readers if len(task.table.sessions) > 1 else ()):
        of = {"reader": reader, "comparison": "between sessions"}
        yield from _brief(task, task.table.codes[:, :, number], task.table.owners, of)


def contingency(task: Agreement) -> NDArray[np.int64]:
    """Return the items by the category of the first reader (rows) and of the second (columns)."""
    codes, _ = task.between_readers()
    return _cross_table(codes, task.n_categories)


def _coefficients(task: Agreement, codes: Codes, owners: Codes) -> Iterator[Estimate]:
    """Give every coefficient of all readers together, unweighted and with the weights asked for."""
    for name, weights in task.schemes.items():
        of = {"weights": name}
        yield from _brief(task, codes, owners, of, {name: weights})
        gwet = "gwet_ac1" if name == "none" else "gwet_ac2"
        pooled: dict[str, Callable[..., Disagreement]] = {
            "fleiss_kappa": fleiss_kappa, gwet: gwet_coefficient, "brennan_prediger": brennan_prediger,
        }  # fmt: skip
        for quantity, coefficient in pooled.items():
            null = float("nan")
            if quantity == "fleiss_kappa" and name == "none" and not _is_nested(owners):
                null = fleiss_null_error(codes, task.n_categories)
            yield from _line(task, quantity, partial(coefficient, weights=weights), codes, owners, of, null)
    for level in task.levels:
        alpha = partial(krippendorff_alpha, level=level, values=task.table.categories.values)
        yield from _line(task, "krippendorff_alpha", alpha, codes, owners, {"level": level})


def _brief(
    task: Agreement,
    codes: Codes,
    owners: Codes,
    of: Mapping[str, Any],
    schemes: Mapping[str, Weights] | None = None,
) -> Iterator[Estimate]:
    """Give percent agreement, and the kappa of two readers (Cohen) or of several (Conger), for each scheme."""
    two = codes.shape[1] == 2
    kept = (codes >= 0).all(axis=1) if two else np.ones(len(codes), bool)
    codes, owners = codes[kept], owners[kept]
    for name, weights in (schemes or task.schemes).items():
        named = {**of, "weights": name}
        if two and name == "none":
            yield _plain_share(task, codes, owners, named)
        else:
            yield from _line(
                task, "percent_agreement", partial(percent_agreement, weights=weights), codes, owners, named
            )
        kappa = partial(conger_kappa, weights=weights)
        if not two:
            yield from _line(task, "conger_kappa", kappa, codes, owners, named)
        elif _is_nested(owners) or not len(codes):
            yield from _line(task, "cohen_kappa", kappa, codes, owners, named)
        else:
            known = cohen_kappa(_cross_table(codes, task.n_categories), weights)
            yield from _line(
                task, "cohen_kappa", kappa, codes, owners, named, known.null_error, error=known.standard_error
            )


def _specific(task: Agreement, codes: Codes, owners: Codes) -> Iterator[Estimate]:
    """Give the agreement on each category, from the items that some reader put there: the others tell nothing of it."""
    twice = (codes >= 0).sum(axis=1) >= 2
    for number, label in enumerate(task.table.categories.labels):
        share = partial(specific_agreement, category=number)
        kept = twice & (codes == number).any(axis=1)
        yield from _line(task, "specific_agreement", share, codes[kept], owners[kept], {"category": label})


def _indices(task: Agreement, codes: Codes) -> Iterator[Estimate]:
    """Give the prevalence and bias indices of two readers, where there are two categories."""
    both = codes[(codes >= 0).all(axis=1)]
    if task.n_categories != 2 or not len(both):
        return
    found = binary_indices(_cross_table(both, 2))
    for quantity, value in found._asdict().items():
        yield Estimate(quantity=quantity, value=value, n=len(both), n_patients=task.table.n_patients)


def _pairs(task: Agreement, codes: Codes, owners: Codes) -> Iterator[Estimate]:
    readers, reference = task.table.readers, task.reference_reader
    for first, second in combinations(range(len(readers)), 2):
        pair = [first, second]
        if reference is not None:
            if reference not in (readers[first], readers[second]):
                continue
            pair.sort(key=lambda place: readers[place] != reference)
        of = {"readers": " - ".join(readers[place] for place in pair)}
        yield from _brief(task, codes[:, pair], owners, of if reference is None else {**of, "reference": reference})


def _line(
    task: Agreement,
    quantity: str,
    coefficient: Callable[[RatingSums], Disagreement],
    codes: Codes,
    owners: Codes,
    of: Mapping[str, Any],
    null_error: float = float("nan"),
    *,
    error: float = float("nan"),
) -> Iterator[Estimate]:
    """Give a coefficient with its interval and test of chance agreement, and its standard errors.

    `error` and `null_error` are those of a closed form, where there is one; else those of the jackknife serve.
    """
    units = np.unique(owners, return_inverse=True)[1]
    sums = rating_sums(codes, task.n_categories, units)
    found = agreement_estimate(coefficient, sums, confidence_level=task.confidence_level)
    if quantity not in UNTESTED or found.reason != UNDEFINED:  # a category nobody chose says nothing of the others
        of_category = found.reason == ONE_UNIT and quantity == "specific_agreement"
        task.reasons.update({ONE_UNIT_OF_CATEGORY if of_category else found.reason} - {""})
    tested = {} if quantity in UNTESTED else _test(found, null_error)
    yield Estimate(
        quantity=quantity,
        value=found.value,
        low=found.low,
        high=found.high,
        n=int(sums.n_paired.sum()),
        n_patients=task.table.n_patients,
        unit="fraction" if quantity in UNTESTED else "",
        of=of,
        **tested,
    )
    if quantity in UNTESTED:
        return
    own = found.standard_error if np.isnan(error) else error
    for hypothesis, value in (("none", own), ("chance agreement", null_error)):
        if not np.isnan(value):
            yield Estimate(
                quantity="standard_error", value=value, of={"coefficient": quantity, "hypothesis": hypothesis, **of}
            )


def _test(found: AgreementEstimate, null_error: float) -> dict[str, float]:
    """Test whether agreement is better or worse than chance: normal with the closed form, Student's t without."""
    if not np.isnan(null_error) and null_error > 0:
        z = found.value / null_error
        return {"statistic": z, "p_value": 2 * float(ndtr(-abs(z)))}
    if np.isnan(found.standard_error) or found.standard_error == 0:
        return {}
    t = found.value / found.standard_error
    return {"statistic": t, "df": found.df, "p_value": 2 * float(stdtr(found.df, -abs(t)))}


def _plain_share(task: Agreement, codes: Codes, owners: Codes, of: Mapping[str, Any]) -> Estimate:
    """Return the share of items that two readers put in one category: a plain proportion."""
    agree = codes[:, 0] == codes[:, 1]
    units = np.unique(owners, return_inverse=True)[1]
    if _is_nested(owners):
        found = clustered_proportion(
            np.bincount(units, agree), np.bincount(units), confidence_level=task.confidence_level
        )
        low, high = found.low, found.high
    else:
        low, high = wilson_interval(agree.sum(), agree.size, confidence_level=task.confidence_level)
    value = float(agree.mean()) if agree.size else float("nan")
    return Estimate(
        quantity="percent_agreement", value=value, low=low, high=high, n=agree.size, n_patients=task.table.n_patients,
        unit="fraction", of=of,
    )  # fmt: skip


def _is_nested(owners: Codes) -> bool:
    """Return whether a unit of independence has more than one row."""
    return np.unique(owners).size < owners.size


def _cross_table(codes: Codes, n_categories: int) -> NDArray[np.int64]:
    both = codes[(codes >= 0).all(axis=1)]
    table = np.zeros((n_categories, n_categories), np.int64)
    np.add.at(table, (both[:, 0], both[:, 1]), 1)
    return table


def reason_notes(task: Agreement) -> list[str]:
    """Return what must be said of limits that are undefined or exact."""
    said = {
        UNDEFINED: (
            "Where every rating is of one category, chance alone gives full agreement and kappa and alpha are "
            "undefined (NE); percent agreement and Gwet's coefficient still tell how far readers agree."
        ),
        PERFECT: (
            "Where no two readings disagree the coefficient is 1, and its lower limit comes from the exact upper limit "
            "of the share that disagree, with the expected disagreement held."
        ),
        ONE_UNIT_OF_CATEGORY: (
            f"A category that was chosen in {f'{task.table.item_word}s of one patient' * bool(task.table.n_patients)}"
            f"{f'one {task.table.item_word}' * (not task.table.n_patients)} only has no interval."
        ),
    }
    return [said.get(reason, f"{reason[0].upper()}{reason[1:]}.") for reason in sorted(task.reasons)]
