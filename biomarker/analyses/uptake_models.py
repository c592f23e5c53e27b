"""The mixed models that compare means: patients as random effect, with centres, scans or others where asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from biomarker.analyses.population import Sample
from biomarker.analyses.result import Estimate
from biomarker.errors import DesignError
from biomarker.kernels.group_difference import TTest
from biomarker.kernels.mixed import FTest, contrast, joint_test, random_intercept
from biomarker.kernels.random_effects import (
    MOST_LEVELS,
    RandomEffects,
    effects_contrast,
    effects_joint_test,
    random_effects,
)

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Levels:
    """The levels of each row in random effects other than the patient, by name of the column."""

    codes: dict[str, Codes]

    def of(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Levels:
        """Return the levels of some rows only."""
        return Levels(codes={name: np.unique(code[rows], return_inverse=True)[1] for name, code in self.codes.items()})


def named_columns(random: str | Sequence[str], argument: str) -> tuple[str, ...]:
    """Return the columns that an argument names."""
    if not isinstance(random, Sequence):
        raise DesignError(f"{argument} is {random!r}; give a list of columns")
    names = (random,) if isinstance(random, str) else tuple(random)
    for name in names:
        if not isinstance(name, str):
            raise DesignError(f"{argument} holds {name!r}; give names of columns")
    return tuple(dict.fromkeys(names))


def random_levels(sample: Sample, crossed: Sequence[str], within: Sequence[str]) -> Levels | None:
    """Return the levels of the random effects asked for; those `within` patients are told apart by patient too."""
    if within and sample.patients is None:
        raise DesignError(f"random_within_patient = {list(within)} needs the column of patients; give it as `patient`")
    both = set(crossed) & set(within)
    if both:
        raise DesignError(f"{sorted(both)[0]!r} is either random or random_within_patient, not both")
    codes: dict[str, Codes] = {}
    for name in crossed:
        codes[name] = pd.factorize(sample.frame[name].astype(str), sort=True)[0].astype(np.intp)
    for name in within:
        own = pd.factorize(sample.frame[name].astype(str), sort=True)[0]
        codes[name] = np.unique(sample.clusters * (int(own.max()) + 1) + own, return_inverse=True)[1].astype(np.intp)
    for name, code in codes.items():
        count = int(np.unique(code).size)
        if count < 2 or count == code.size:
            raise DesignError(
                f"{name!r} cannot be a random effect: it has {count} level{'s' * (count != 1)} in {code.size} rows"
            )
        if count > MOST_LEVELS // 2:
            raise DesignError(f"{name!r} has {count:,} levels; a random effect can have {MOST_LEVELS // 2:,}")
        if sample.patients is not None and _alike(code, sample.patients):
            raise DesignError(f"{name!r} divides the rows as the patients do, which are a random effect already")
    return Levels(codes=codes) if codes else None


def _alike(one: Codes, other: Codes) -> bool:
    pairs = np.unique(np.stack([one, other]), axis=1).shape[1]
    return bool(pairs == np.unique(one).size == np.unique(other).size)


def _usable(patients: Codes | None, levels: Levels) -> dict[str, Codes]:
    """Return the effects whose variance some rows can tell: neither one level, nor one a row, nor two alike."""
    found: dict[str, Codes] = {}
    candidates = {**({} if patients is None else {"patient": patients}), **levels.codes}
    for name, code in candidates.items():
        count = np.unique(code).size
        if 1 < count < code.size and not any(_alike(code, known) for known in found.values()):
            found[name] = code
    return found


def model_contrast(
    x: Floats,
    design: Floats,
    patients: Codes,
    levels: Levels | None,
    weights: ArrayLike,
    confidence_level: float,
) -> TTest:
    """Estimate a combination of fixed effects by the mixed model; `patients` may number the rows themselves."""
    effects = {} if levels is None else _usable(patients, levels)
    if set(effects) <= {"patient"}:
        return contrast(random_intercept(x, design, patients), weights, confidence_level=confidence_level)
    most = _most_df(design, patients, effects)
    return effects_contrast(_fitted(x, design, effects), weights, most_df=most, confidence_level=confidence_level)


def model_joint_test(x: Floats, design: Floats, patients: Codes, levels: Levels | None, weights: ArrayLike) -> FTest:
    """Test several combinations of fixed effects at once by the mixed model."""
    effects = {} if levels is None else _usable(patients, levels)
    if set(effects) <= {"patient"}:
        return joint_test(random_intercept(x, design, patients), weights)
    most = _most_df(design, patients, effects)
    return effects_joint_test(_fitted(x, design, effects), weights, most_df=most)


def _fitted(x: Floats, design: Floats, effects: dict[str, Codes]) -> RandomEffects:
    try:
        return random_effects(x, design, list(effects.values()))
    except ValueError as error:
        raise DesignError(f"the mixed model with {', '.join(effects)} as random effects: {error}") from error


def _most_df(design: Floats, patients: Codes, effects: dict[str, Codes]) -> float:
    """Return what the design can carry: patients less fixed effects, or levels where groups do not vary within them."""
    carried = [np.unique(patients).size]
    for code in effects.values():
        pairs = np.unique(np.column_stack([code, design]), axis=0).shape[0]
        if pairs == np.unique(code).size:
            carried.append(pairs)
    return float(max(1, min(carried) - design.shape[1]))


def variance_lines(x: Floats, members: Floats, patients: Codes | None, levels: Levels) -> list[Estimate]:
    """Return the variance of each random effect in the model of all groups, on the scale of the comparison."""
    effects = _usable(patients, levels)
    if not effects:
        return []
    fit = _fitted(x, members, effects)
    within = Estimate(quantity="variance_component", value=fit.residual_variance, n=x.size, of={"effect": "residual"})
    return [
        *(
            Estimate(quantity="variance_component", value=value, n=count, of={"effect": name})
            for name, value, count in zip(effects, fit.variances, fit.n_levels, strict=True)
        ),
        within,
    ]
