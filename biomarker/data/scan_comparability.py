"""Whether two scans of a patient were made alike: uptake time, injected activity and scanner, as PERCIST 1.0 asks.

Wahl RL, et al. J Nucl Med 2009;50 Suppl 1:122S-150S: the follow-up scan 50 min or more after injection and within
15 min of the baseline's time, with the same injected activity within 20 %, on the same scanner.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from biomarker.data.measurements import Course, Visit
from biomarker.data.time_points import TOLERANCE, change_text

LEAST_MINUTES, MINUTES_APART, ACTIVITY_PERCENT = 50.0, 15.0, 20.0
MOST_HOURS = 12.0  # an uptake time of 60 is one in minutes


def scans_apart(baseline: Visit, visit: Visit) -> Iterator[str]:
    """Yield each way in which a scan was not made as the baseline scan was; what was not given is not compared."""
    first, second = 60 * baseline.hours, 60 * visit.hours
    for minutes, which in ((first, "at baseline"), (second, "at this visit")):
        if minutes < LEAST_MINUTES - TOLERANCE:
            yield f"uptake time {minutes:.3g} min {which}, below {LEAST_MINUTES:g} min"
    if abs(second - first) > MINUTES_APART + TOLERANCE:
        yield f"uptake time {second:.3g} min against {first:.3g} min at baseline, allowed ±{MINUTES_APART:g} min"
    percent = 100 * (visit.injected - baseline.injected) / baseline.injected if baseline.injected else math.nan
    if abs(percent) > ACTIVITY_PERCENT + TOLERANCE:
        yield (
            f"injected activity {visit.injected:g} MBq against {baseline.injected:g} MBq at baseline "
            f"({change_text(percent)}, allowed ±{ACTIVITY_PERCENT:g}%)"
        )
    if baseline.scanner and visit.scanner and baseline.scanner.casefold() != visit.scanner.casefold():
        yield f"scanner {visit.scanner} against {baseline.scanner} at baseline"


def not_compared(baseline: Visit, visit: Visit) -> str:
    """Return what could not be compared for want of data, as a phrase; ``""`` where all was given.

    Examples
    --------
    >>> not_compared(Visit(day=0.0, hours=1.0, injected=300.0), Visit(day=56.0, hours=1.0))
    'injected activity and scanner not given, so not compared'
    """
    lacking = [
        *(["uptake time"] if math.isnan(baseline.hours + visit.hours) else []),
        *(["injected activity"] if math.isnan(baseline.injected + visit.injected) else []),
        *(["scanner"] if not (baseline.scanner and visit.scanner) else []),
    ]
    if not lacking:
        return ""
    named = lacking[0] if len(lacking) == 1 else f"{', '.join(lacking[:-1])} and {lacking[-1]}"
    return f"{named} not given, so not compared"


def looks_like_minutes(course: Course) -> Iterator[Visit]:
    """Yield the visits whose uptake time can be no number of hours for FDG."""
    yield from (visit for visit in (course.baseline, *course.visits) if visit.hours > MOST_HOURS)
