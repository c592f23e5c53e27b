"""What R says of cutoffs: software, versions, data and calls stand in tests/reference/cutoff.R."""

import json
from pathlib import Path

import numpy as np

from biomarker.kernels.weighted_roc import marker_rows

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "cutoff.json").read_text())
SETS = sorted(REFERENCE["sets"])


def data_of(name):
    """Return marker, class and direction of a reference data set."""
    held = REFERENCE["sets"][name]
    return np.array(held["marker"], float), np.array(held["positive"], bool), held["higher_is_positive"]


def rows_of(name):
    marker, positive, higher = data_of(name)
    return marker_rows(marker, positive, higher_is_positive=higher)
