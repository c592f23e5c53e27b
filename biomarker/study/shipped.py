"""What ships with the package, as the command line prints it: example studies and table schemas. Light to import."""

from __future__ import annotations

from pathlib import Path

from biomarker.data.schemas import load_schema, schema_names, schema_text
from biomarker.examples.catalogue import EXAMPLES, copy_example


def examples_text() -> str:
    """List the example studies."""
    width = max(map(len, EXAMPLES))
    return "\n".join(f"{name:{width}}  {line}" for name, line in EXAMPLES.items())


def copied_text(name: str, destination: Path | None) -> str:
    """Copy an example study and say how to run it."""
    folder = copy_example(name, destination)
    return f"{folder} holds the study; run it with: biomarker run {folder} -o {folder.name}-report"


def schemas_text() -> str:
    """List the table schemas."""
    return "\n".join(f"{name:10} {load_schema(name).description or load_schema(name).title}" for name in schema_names())


def schema_json(name: str) -> str:
    """Return one schema as it ships."""
    return schema_text(name)
