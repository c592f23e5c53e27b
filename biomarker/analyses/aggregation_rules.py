"""The rules that a sensitivity analysis of lesion aggregation goes through, and whom each calls positive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from biomarker.data.aggregation import RULE_KEYS, LesionRule, apply_rule
from biomarker.errors import DesignError, nearest
from biomarker.vocabulary import column_label

# rules whose value is an uptake, so that the lesions' cutoff applies to it
_ON_SCALE = ("max", "mean", "geometric_mean", "median", "min", "hottest_k", "volume_weighted")
_WITH_CUTOFF = ("any_positive", "share_positive", "pattern")
_MAJORITY = 0.5
_PATTERNS = {"A": 3.0, "B": 2.0, "C": 1.0, "D": 0.0}

RuleGiven = str | Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class NamedRule:
    """A rule, the name its lines carry, and the phrase that tables print."""

    name: str
    rule: LesionRule
    label: str


def named_rules(
    rules: Sequence[RuleGiven] | None, shared: Mapping[str, Any], *, marker: str, is_read_by_eye: bool
) -> tuple[NamedRule, ...]:
    """Return the rules to go through: those given, or all that the arguments allow.

    Parameters
    ----------
    rules : sequence of str or mapping, optional
        Names, or mappings with ``how`` and its own keys.
    shared : mapping
        ``cutoff``, ``weights``, ``higher_is_positive`` and ``k``, for rules that do not set their own.
    marker : str
        Column, for the phrases.
    is_read_by_eye : bool
        Whether the marker is of true and false.

    Raises
    ------
    DesignError
        If a rule or one of its keys is unknown, or two rules are the same.
    """
    given = list(rules) if rules is not None else _every_rule(shared, is_read_by_eye)
    if not given:
        raise DesignError("rules is empty: name at least one rule, or leave it out for all of them")
    named = tuple(_named(item, shared, marker) for item in given)
    names = [rule.name for rule in named]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DesignError(f"rules names {twice!r} twice; give the second a name of its own: {{ how = …, name = … }}")
    return named


def _every_rule(shared: Mapping[str, Any], is_read_by_eye: bool) -> list[RuleGiven]:
    if is_read_by_eye:
        return list(_WITH_CUTOFF)
    every: list[RuleGiven] = ["max", "hottest_k", "mean", "geometric_mean", "median", "min", "sum"]
    if shared["weights"] is not None:
        every.append("volume_weighted")
    return every + (list(_WITH_CUTOFF) if shared["cutoff"] is not None else [])


def _named(given: RuleGiven, shared: Mapping[str, Any], marker: str) -> NamedRule:
    if isinstance(given, str):
        own: dict[str, Any] = {"how": given}
    elif isinstance(given, Mapping):
        own = dict(given)
    else:
        raise DesignError(f"rules holds {given!r}; give the name of a rule, or a table with how and its keys")
    known = ("how", "name", *RULE_KEYS)
    unknown = [key for key in own if key not in known]
    if unknown:
        raise DesignError(
            f"rules: unknown key {unknown[0]!r}{nearest(unknown[0], known)}; known are {', '.join(known)}"
        )
    if "how" not in own:
        raise DesignError(f"rules: {own!r} has no how")
    name = own.pop("name", None)
    how = own["how"]
    # by number of lesions unless the rule itself asks for volumes
    defaults = {key: value for key, value in shared.items() if key != "weights" or how == "volume_weighted"}
    rule = LesionRule(**(defaults | own))
    return NamedRule(name=name or _own_name(rule, own), rule=rule, label=_label(rule, marker))


def _own_name(rule: LesionRule, own: Mapping[str, Any]) -> str:
    if rule.how == "hottest_k":
        return f"hottest_{rule.k}"
    by_volume = f"_by_{rule.weights}" if rule.weights and rule.how in _WITH_CUTOFF else ""
    at = f"_at_{rule.cutoff:g}" if own.get("cutoff") is not None else ""
    return rule.how + by_volume + at


def _label(rule: LesionRule, marker: str) -> str:
    """Say the rule as a row of a table; the rules that call a patient by a share say from which share on."""
    shown = column_label(marker)
    if rule.how == "volume_weighted":
        return f"mean {shown} weighted by {column_label(rule.weights or '')}"
    if rule.how not in ("share_positive", "pattern"):
        return rule.describe(shown)
    part = replace(rule, how="share_positive").describe(shown).removeprefix("share of ")
    if rule.how == "share_positive":
        return f"more than {_MAJORITY:.0%} of {part}"
    return f"pattern A or B: all, or more than {rule.dominant:.0%}, of {part}"


def calls_of(
    lesions: pd.DataFrame, named: NamedRule, *, marker: str, patient: str, cutoff: float | None
) -> pd.DataFrame:
    """Apply a rule: one row per patient (the index) with `value`, rising with suspicion, and `call` (1, 0 or NaN)."""
    rule = named.rule
    reduced = apply_rule(lesions, rule, marker=marker, patient=patient, name="value").set_index(patient)["value"]
    numbers = reduced.map(_PATTERNS) if rule.how == "pattern" else reduced.astype("Float64")
    values = numbers.astype(float)
    own_cutoff = rule.cutoff if rule.cutoff is not None else cutoff
    return pd.DataFrame({"value": values, "call": _calls(values, rule, own_cutoff)})


def _calls(values: pd.Series, rule: LesionRule, cutoff: float | None) -> pd.Series:
    if rule.how == "any_positive":
        called = values > 0
    elif rule.how == "share_positive":
        called = values > _MAJORITY
    elif rule.how == "pattern":
        called = values >= _PATTERNS["B"]
    elif rule.how in _ON_SCALE and cutoff is not None:
        called = values >= cutoff if rule.higher_is_positive else values <= cutoff
    else:
        return pd.Series(np.nan, index=values.index)
    return called.astype(float).where(values.notna())


def rises_with_suspicion(rule: LesionRule) -> bool:
    """Whether a high value of the rule speaks for a positive patient: shares and patterns always do."""
    return rule.higher_is_positive or rule.how in (*_WITH_CUTOFF, "count")
