"""Values of a study file as Python source: text stays text, whatever signs it holds, so nothing in it is ever run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

WIDTH = 100


class Code(str):
    """Source that stands for itself: the name of a variable, a call."""

    __slots__ = ()


def source_of(value: Any, *, column: int = 0, indent: int = 0) -> str:  # noqa: ANN401 - whatever TOML holds
    """Return an expression that gives `value`, over several lines where it does not fit on one.

    Parameters
    ----------
    value : text, number, bool, date, list, mapping or `Code`
    column : int
        Where on the line the expression begins.
    indent : int
        How far the line is indented that it begins on.

    Examples
    --------
    >>> print(source_of({"positive": ["CR", "PR"], "cutoff": 6.5, "adjusted": True}))
    {"positive": ["CR", "PR"], "cutoff": 6.5, "adjusted": True}
    """
    line = _on_one_line(value)
    if column + len(line) <= WIDTH or not isinstance(value, Mapping | Sequence) or isinstance(value, str) or not value:
        return line
    inner = indent + 4
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    items = [f"{' ' * inner}{item}," for item in _items(value, inner)]
    return "\n".join([opening, *items, " " * indent + closing])


def call(name: str, positional: Sequence[Code], keywords: Mapping[str, Any], *, column: int = 0) -> str:
    """Return the call of a function, an argument to a line unless it is short."""
    given = [f"{key}={_on_one_line(value)}" for key, value in keywords.items()]
    line = f"{name}({', '.join([*positional, *given])})"
    if column + len(line) <= WIDTH:
        return line
    laid_out = [f"{key}={source_of(value, column=len(key) + 5, indent=4)}" for key, value in keywords.items()]
    return "\n".join([f"{name}(", *(f"    {argument}," for argument in [*positional, *laid_out]), ")"])


def _items(value: Mapping[Any, Any] | Sequence[Any], indent: int) -> Iterator[str]:
    if not isinstance(value, Mapping):
        for item in value:
            yield source_of(item, column=indent + 1, indent=indent)
        return
    for key, item in value.items():
        start = f"{_on_one_line(key)}: "
        yield start + source_of(item, column=indent + len(start) + 1, indent=indent)


def _on_one_line(value: Any) -> str:  # noqa: ANN401 - as above
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_on_one_line(key)}: {_on_one_line(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_on_one_line, value))}]"
    if isinstance(value, float) and not isfinite(value):
        return f'float("{value}")'
    if isinstance(value, dt.date | dt.time):
        return _text(value.isoformat())  # as `where` reads it
    return repr(value)


def _text(value: str) -> str:
    """Return a literal in double quotes where that needs no more escapes than single ones."""
    literal = repr(value)
    return f'"{literal[1:-1]}"' if literal.startswith("'") and '"' not in literal else literal
