"""From the figures of a paper, as they were typed, to a `Summary`; what does not fit together is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from biomarker.analyses.printed_figures import Printed, is_number, printed, printed_list, printed_p, whole_numbers
from biomarker.analyses.summary_verdicts import Summary
from biomarker.errors import DesignError
from biomarker.kernels.summary_check import MOST_GROUPS


def read_summary(
    means: Sequence[float | str] | None,
    spreads: Sequence[float | str] | None,
    n: int | Sequence[int] | None,
    groups: Sequence[str] | None,
    decimals: int | None,
    level: float,
    *,
    p_value: float | str | None,
    t_statistic: float | str | None,
    interval: Sequence[float | str] | None,
    paired: bool,
    correlation: float | None,
    granularity: float | None,
    others: dict[str, Any],
) -> tuple[tuple[str, ...], Summary | None]:
    """Read what is printed about means: the names of the groups, and the summary, None where no mean is given."""
    if means is None:
        _refuse_without_means(spreads, p_value, t_statistic, interval, others)
        return (), None
    centres = printed_list(means, "means", decimals=decimals)
    if not centres or len(centres) > MOST_GROUPS:
        raise DesignError(f"means has {len(centres)} figures; give 1 to {MOST_GROUPS}")
    if n is None:
        raise DesignError("n is needed: how many values are behind each mean")
    sizes = whole_numbers(n, "n", len(centres), least=1)
    names = group_names(groups, len(centres))
    found = {
        key: printed_list(given, key, len(centres), decimals=decimals)
        for key, given in others.items()
        if given is not None
    }
    _check_pairings(found, centres, sizes, paired=paired, correlation=correlation, granularity=granularity)
    ends = None if interval is None else printed_list(interval, "interval")
    if ends is not None and (len(ends) != 2 or ends[0].value > ends[1].value or len(centres) != 2):
        raise DesignError("interval is that of a difference of two means: give its two limits, the lower first")
    if t_statistic is not None and len(centres) != 2:
        raise DesignError("a t statistic compares two means; give two")
    return names, Summary(
        names=names,
        n=sizes,
        means=centres,
        spreads=None if spreads is None else printed_list(spreads, "spreads", len(centres), decimals=decimals, least=0),
        confidence_level=level,
        p_value=None if p_value is None else printed_p(p_value),
        t_statistic=None if t_statistic is None else printed(t_statistic, "t_statistic"),
        interval=None if ends is None else (ends[0], ends[1]),
        is_paired=paired,
        correlation=correlation,
        granularity=granularity,
        others=found,
    )


def _refuse_without_means(*given: object) -> None:
    *figures, others = given
    listed_ones = others.values() if isinstance(others, dict) else ()
    if any(figure is not None for figure in (*figures, *listed_ones)):
        raise DesignError("means are needed to check spreads, ranges or a p-value; give means and n")


def group_names(groups: Sequence[str] | None, count: int) -> tuple[str, ...]:
    """Return the names of the groups, by number where none are given."""
    if groups is None:
        return tuple(f"Group {place + 1}" for place in range(count))
    is_list = isinstance(groups, Sequence) and not isinstance(groups, str)
    if not is_list or len(groups) != count or len({str(name) for name in groups}) != count:
        raise DesignError(f"groups is {groups!r}; give {count} different names")
    return tuple(str(name) for name in groups)


def _check_pairings(
    found: dict[str, tuple[Printed, ...]],
    means: Sequence[Printed],
    sizes: Sequence[int],
    *,
    paired: bool,
    correlation: float | None,
    granularity: float | None,
) -> None:
    if ("minimums" in found) != ("maximums" in found):
        raise DesignError("minimums and maximums go together; give both")
    for low, high in zip(found.get("minimums", ()), found.get("maximums", ()), strict=True):
        if low.value > high.value:
            raise DesignError(f"a minimum of {low.text} is above its maximum of {high.text}")
    if (paired or correlation is not None) and (len(means) != 2 or sizes[0] != sizes[1]):
        raise DesignError("pairs have two means with the same n")
    if correlation is not None and not (is_number(correlation) and -1 <= correlation <= 1):
        raise DesignError(f"correlation is {correlation!r}; it lies between -1 and 1")
    if granularity is not None and not (is_number(granularity) and granularity > 0):
        raise DesignError(f"granularity is {granularity!r}; give the step of a single value, above 0")
