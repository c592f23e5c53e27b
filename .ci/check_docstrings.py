"""Check the docstring of every public name against the numpydoc rules; run by .ci/run."""

import inspect
import sys

from numpydoc.validate import validate

import biomarker

CHECKS = {"GL03", "GL08", "SS01", "SS03", "SS05", "PR01", "PR02", "PR03", "PR04", "RT01", "RT03"}


def faults_of(name: str) -> list[str]:
    """Return the faults of one public name; a dataclass documents its attributes, an exception its message."""
    value = getattr(biomarker, name)
    if not callable(value):
        return []
    ignored = {"PR01", "PR02", "RT01"} if inspect.isclass(value) else set()
    found = validate(f"{value.__module__}.{value.__qualname__}")["errors"]
    return [f"{name}: {code} {text}" for code, text in found if code in CHECKS - ignored]


if __name__ == "__main__":
    faults = [fault for name in biomarker.__all__ for fault in faults_of(name)]
    print("\n".join(faults) or f"docstrings of {len(biomarker.__all__)} public names: in order")
    sys.exit(bool(faults))
