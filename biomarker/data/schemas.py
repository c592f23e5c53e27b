"""What the columns of each table mean: the Table Schemas of ``data_schemas/``, read into plain values.

The files are Frictionless Table Schemas with five properties of our own: ``unit``; ``timed`` (the name may be
followed by a time, as in ``suvmax_24h``); ``constant_within`` (one value per patient); ``not_above`` (a column that
bounds this one); and, of the table, ``includes`` (schemas whose columns may stand in this table too).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from biomarker.errors import StudyError, nearest

_SUFFIX = ".schema.json"
_TIMED = re.compile(r"(?P<stem>.+)_(?P<time>\d+(?:\.\d+)?)(?P<unit>[hd])")
HOURS_PER_DAY = 24


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column: its type, its unit and what its cells may hold."""

    name: str
    type: str = "any"
    title: str = ""
    description: str = ""
    unit: str = ""
    required: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    enum: tuple[str, ...] = ()
    pattern: str = ""
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()
    timed: bool = False
    constant_within: str = ""
    not_above: str = ""


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The columns a table may have, and what makes a row of it unique."""

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    missing_values: tuple[str, ...]
    includes: tuple[str, ...] = ()

    def field(self, column: str) -> Field | None:
        """Return the field that describes `column`, or None where the schema does not know it.

        ``suvmax_24h`` is described by the timed field ``suvmax``. A column of an included schema is never required.

        Examples
        --------
        >>> load_schema("lesion").field("suvmax_24h").unit
        'g/mL'
        """
        return self._own_field(column) or self._included_field(column)

    def _own_field(self, column: str) -> Field | None:
        own = {field.name: field for field in self.fields}
        if column in own:
            return own[column]
        timed = split_timed(column)
        field = own.get(timed[0]) if timed else None
        return field if field is not None and field.timed else None

    def _included_field(self, column: str) -> Field | None:
        for name in self.includes:
            field = load_schema(name)._own_field(column)
            if field is not None:
                # the patient's number is unique in the patient table alone
                return replace(field, required=False, unique=False)
        return None

    def owns(self, column: str) -> bool:
        """Whether the column is described by this schema itself, not by one that it includes."""
        return self._own_field(column) is not None

    def required_columns(self) -> tuple[str, ...]:
        """Return the columns that must be there, without an empty cell."""
        return tuple(field.name for field in self.fields if field.required)

    def known_columns(self) -> tuple[str, ...]:
        """Return every name the schema knows, its included schemas' after its own."""
        names = [field.name for field in self.fields]
        for included in self.includes:
            names += [field.name for field in load_schema(included).fields]
        return tuple(dict.fromkeys(names))


def split_timed(column: str) -> tuple[str, float] | None:
    """Split the time from a column's name: the stem and the hours, or None where no time ends the name.

    Examples
    --------
    >>> split_timed("suvmax_24h"), split_timed("suvmax_4d"), split_timed("suvmax")
    (('suvmax', 24.0), ('suvmax', 96.0), None)
    """
    match = _TIMED.fullmatch(column)
    if match is None:
        return None
    return match["stem"], float(match["time"]) * (HOURS_PER_DAY if match["unit"] == "d" else 1)


def schema_folder() -> Traversable:
    """Return the folder of the schemas: inside an installed package, at the top of a source checkout."""
    installed = files("biomarker") / "data_schemas"
    if installed.is_dir():
        return installed
    return Path(str(files("biomarker"))).parent / "data_schemas"


def schema_names() -> tuple[str, ...]:
    """Return the names of the schemas that ship with the package.

    Examples
    --------
    >>> schema_names()
    ('blood', 'lesion', 'measurement', 'organ', 'patient', 'reading', 'uptake')
    """
    found = (entry.name for entry in schema_folder().iterdir() if entry.name.endswith(_SUFFIX))
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found))


def schema_text(name: str) -> str:
    """Return a schema as it stands in its file: a Frictionless Table Schema in JSON.

    Raises
    ------
    StudyError
        If no schema has this name.
    """
    if name not in schema_names():
        raise StudyError(
            f"unknown schema {name!r}{nearest(name, schema_names())}; the schemas are {', '.join(schema_names())}"
        )
    return (schema_folder() / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


@cache
def load_schema(name: str) -> Schema:
    """Return the schema of this name.

    Raises
    ------
    StudyError
        If no schema has this name.
    """
    descriptor = json.loads(schema_text(name))
    return Schema(
        name=descriptor["name"],
        title=descriptor["title"],
        description=descriptor["description"],
        fields=tuple(_fields(descriptor["fields"])),
        primary_key=tuple(descriptor["primaryKey"]),
        missing_values=tuple(descriptor["missingValues"]),
        includes=tuple(descriptor.get("includes", ())),
    )


def _fields(descriptors: list[Mapping[str, Any]]) -> Iterator[Field]:
    for descriptor in descriptors:
        constraints = descriptor.get("constraints", {})
        yield Field(
            name=descriptor["name"],
            type=descriptor["type"],
            title=descriptor["title"],
            description=descriptor["description"],
            unit=descriptor.get("unit", ""),
            required=constraints.get("required", False),
            unique=constraints.get("unique", False),
            minimum=constraints.get("minimum"),
            maximum=constraints.get("maximum"),
            enum=tuple(constraints.get("enum", ())),
            pattern=constraints.get("pattern", ""),
            true_values=tuple(descriptor.get("trueValues", ())),
            false_values=tuple(descriptor.get("falseValues", ())),
            timed=descriptor.get("timed", False),
            constant_within=descriptor.get("constant_within", ""),
            not_above=descriptor.get("not_above", ""),
        )
