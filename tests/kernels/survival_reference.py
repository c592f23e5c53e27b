"""Expected values from R's survival package, and Freireich's remission times, for the survival tests."""

import json
from pathlib import Path

import numpy as np

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "survival.json").read_text())
FREIREICH = {name: np.array(column) for name, column in REFERENCE["freireich"]["data"].items()}
LUNG = {name: np.array(column, float) for name, column in REFERENCE["lung"]["data"].items()}
OVARIAN = {name: np.array(column, float) for name, column in REFERENCE["ovarian"]["data"].items()}
HEART = {name: np.array(column, float) for name, column in REFERENCE["heart"]["data"].items()}


def floats(values):
    """JSON null is R's NA."""
    return np.array([np.nan if x is None else x for x in np.atleast_1d(values)], float)
