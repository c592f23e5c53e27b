"""The pair every interval kernel returns."""

from __future__ import annotations

from typing import Any, NamedTuple


class Interval(NamedTuple):
    """Limits of a confidence interval: two floats, or two arrays of one shape."""

    low: Any
    high: Any
