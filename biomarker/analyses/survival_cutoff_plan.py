"""How a cutoff for survival is to be chosen, checked before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.follow_up import FollowUpSample
from biomarker.analyses.result import checked_fraction, seed_of
from biomarker.errors import DesignError, nearest
from biomarker.kernels.log_rank_scan import TIES
from biomarker.kernels.resampling import Seed, seed_sequence
from biomarker.kernels.survival_cutoff import CORRECTIONS

CUTOFF_INTERVALS = ("expanded-percentile", "percentile")


@dataclass(frozen=True, kw_only=True)
class CutoffPlan:
    """What was asked for; see `biomarker.survival_cutoff`."""

    higher_is_positive: bool
    minimum_share: float
    maximum_share: float
    ties: str
    cutoff_interval: str
    correction: str
    n_permutations: int
    n_resamples: int
    seed: Seed
    told_seed: int | tuple[int, ...] | None
    confidence_level: float

    @property
    def settings(self) -> dict[str, object]:
        """The arguments that change a number, by their names."""
        named = dict(vars(self))
        for name in ("seed", "told_seed", "confidence_level", "n_resamples"):
            del named[name]
        return named


def cutoff_plan(
    *, rng: int | np.random.Generator, higher_is_positive: bool, confidence_level: float, **choices: object
) -> CutoffPlan:
    """Check the options of a cutoff for survival.

    Raises
    ------
    DesignError
        If an option is unknown or out of range.
    """
    if not isinstance(higher_is_positive, bool):
        raise DesignError(f"higher_is_positive = {higher_is_positive!r}: give true or false")
    for name, known in (("ties", TIES), ("cutoff_interval", CUTOFF_INTERVALS), ("correction", CORRECTIONS)):
        if choices[name] not in known:
            hint = nearest(str(choices[name]), list(known))
            raise DesignError(f"no {name} {choices[name]!r}{hint}; there are {', '.join(known)}")
    for name in ("n_permutations", "n_resamples"):
        count = choices[name]
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise DesignError(f"{name} = {count!r}: give a whole number of at least 1")
    shares = [checked_fraction(choices[name], name) for name in ("minimum_share", "maximum_share")]
    if shares[0] >= shares[1]:
        raise DesignError(
            f"minimum_share = {shares[0]:g} and maximum_share = {shares[1]:g} leave no cutoff between them"
        )
    return CutoffPlan(
        higher_is_positive=higher_is_positive,
        told_seed=seed_of(rng),
        seed=seed_sequence(rng),
        confidence_level=confidence_level,
        **choices,  # type: ignore[arg-type] # each checked above
    )


def check_estimable(follow_up: FollowUpSample, values: NDArray[np.float64], marker: str) -> None:
    """Refuse data in which no cutoff can be compared with another.

    Raises
    ------
    DesignError
        If the marker is constant or nobody has the event.
    """
    if np.unique(values).size < 2:
        raise DesignError(
            f"{marker!r} is {values[0]:g} in all {values.size} patients: there is no cutoff between equal values"
        )
    if not follow_up.event.any():
        raise DesignError(
            f"none of the {values.size} patients has the event, so no cutoff parts those who do from others"
        )
