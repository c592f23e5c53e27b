"""What was asked of survival curves, checked before any number is made: times, quantiles, tests, contrasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from biomarker.analyses.follow_up import Columns, Level, names_of
from biomarker.analyses.immortal_time import MeasuredAt
from biomarker.errors import DesignError, nearest
from biomarker.kernels.log_rank import WEIGHTS
from biomarker.kernels.multiplicity import METHODS
from biomarker.kernels.survival import CONF_TYPES
from biomarker.kernels.survival_bands import BANDS

RISK_TABLES = ("at-risk", "kmunicate")
RMST_INTERVALS = ("t", "normal")
AUTO = "auto"

Numbers = Sequence[float] | float


@dataclass(frozen=True, kw_only=True)
class SurvivalOptions:
    """What was asked for, in one shape; see `biomarker.survival_curves`."""

    times: tuple[float, ...]
    quantiles: tuple[float, ...]
    conf_type: str
    band: str | None
    strata: tuple[str, ...]
    tests: tuple[str, ...]
    rho: float
    gamma: float
    trend: bool | tuple[float, ...]
    pairwise: bool
    adjust: str
    reference: Level | None
    tau: float | str | None
    rmst_interval: str
    risk_table: str

    @property
    def settings(self) -> dict[str, object]:
        """The arguments that change a number, by their names."""
        named = dict(vars(self))
        del named["times"], named["risk_table"]
        listed = {name: list(named[name]) for name in ("quantiles", "strata", "tests")}
        if not isinstance(self.trend, bool):
            listed["trend"] = list(self.trend)
        return named | listed


def survival_options(
    *,
    times: Numbers | None,
    quantiles: Numbers,
    strata: Columns | None,
    tests: Sequence[str] | str,
    rho: float,
    gamma: float,
    trend: bool | Sequence[float],
    group: str | None,
    tau: float | str | None,
    reference: Level | None,
    **choices: object,
) -> SurvivalOptions:
    """Check the options of survival curves and return them in one shape.

    Raises
    ------
    DesignError
        If an option is unknown, out of range, or needs groups where there are none.
    """
    stratifiers = tuple(names_of(strata))
    chosen = tuple(dict.fromkeys([tests] if isinstance(tests, str) else tests))
    for name, known in (("conf_type", CONF_TYPES), ("rmst_interval", RMST_INTERVALS), ("risk_table", RISK_TABLES),
                        ("adjust", METHODS)):  # fmt: skip
        _check_known(name, choices[name], known)
    for test in chosen:
        _check_known("tests", test, WEIGHTS)
    if choices["band"] is not None:
        _check_known("band", choices["band"], BANDS)
    for name, value in (("rho", rho), ("gamma", gamma)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not (isfinite(value) and value >= 0):
            raise DesignError(f"{name} = {value!r}: give a number of at least 0")
    scores = trend if isinstance(trend, bool) else tuple(_numbers("trend", trend))
    _check_groups(group, stratifiers, {"trend": scores, "pairwise": choices["pairwise"], "reference": reference})
    return SurvivalOptions(
        times=_times(times),
        quantiles=_shares(quantiles),
        strata=stratifiers,
        tests=chosen,
        rho=float(rho),
        gamma=float(gamma),
        trend=scores,
        reference=reference,
        tau=_tau(tau),
        **choices,  # type: ignore[arg-type] # one of the names above each, checked there
    )


def check_measured_at(measured_at: MeasuredAt | None, columns: Sequence[str]) -> None:
    """Refuse a `measured_at` that speaks of columns which the analysis does not use."""
    if not isinstance(measured_at, Mapping):
        return
    for column in measured_at:
        if column not in columns:
            used = ", ".join(columns) or "none"
            raise DesignError(
                f"measured_at names {column!r}, which this analysis does not use as a group or marker (it uses {used})"
                f"{nearest(str(column), list(columns))}"
            )


def _check_known(name: str, value: object, known: Sequence[str]) -> None:
    if value not in known:
        raise DesignError(f"no {name} {value!r}{nearest(str(value), list(known))}; there are {', '.join(known)}")


def _check_groups(group: str | None, strata: Sequence[str], needs_groups: Mapping[str, object]) -> None:
    if strata and not group:
        raise DesignError("strata belong to the log-rank test, which needs groups: give group=..., or leave strata out")
    if group in strata:
        raise DesignError(f"{group!r} is the group and a stratum: within a stratum there is nothing to compare")
    for name, value in needs_groups.items():
        if not group and value is not None and value is not False:
            raise DesignError(f"{name} compares groups, and there are none: give group=..., or leave {name} out")


def _numbers(name: str, values: Numbers) -> list[float]:
    given = [values] if isinstance(values, int | float) else list(values)
    wrong = [str(v) for v in given if isinstance(v, str | bool) or not isinstance(v, int | float) or not isfinite(v)]
    if wrong:
        raise DesignError(f"{name} = {', '.join(wrong)}: give numbers")
    return [float(v) for v in given]


def _times(times: Numbers | None) -> tuple[float, ...]:
    asked = [] if times is None else [times] if isinstance(times, int | float) else list(times)
    wrong = [str(time) for time in asked if isinstance(time, str | bool) or not 0 <= time < float("inf")]
    if wrong:
        raise DesignError(f"times = {', '.join(wrong)}: give numbers of at least 0, in the unit of the duration")
    return tuple(sorted({float(time) for time in asked}))


def _shares(quantiles: Numbers) -> tuple[float, ...]:
    shares = _numbers("quantiles", quantiles)
    wrong = [f"{share:g}" for share in shares if not 0 < share < 1]
    if wrong:
        raise DesignError(f"quantiles = {', '.join(wrong)}: give fractions of patients with the event, such as 0.25")
    return tuple(sorted(set(shares)))


def _tau(tau: float | str | None) -> float | str | None:
    if tau is None or tau == AUTO:
        return tau
    if isinstance(tau, str | bool) or not isinstance(tau, int | float) or not (isfinite(tau) and tau > 0):
        raise DesignError(f"tau = {tau!r}: give a time above 0 in the unit of the duration, or leave it out")
    return float(tau)
