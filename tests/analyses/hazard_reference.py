"""Expected values of R for hazard models, and the published data they are of."""

import json
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent.parent / "reference"
REFERENCE = json.loads((FOLDER / "hazard_model.json").read_text(encoding="utf-8"))


def frame(name):
    """Return a data set of the reference file."""
    return pd.DataFrame(REFERENCE[name]["data"])


LUNG, HEART, KIDNEY, BREAST, FREIREICH = (frame(name) for name in ("lung", "heart", "kidney", "breast", "freireich"))
OF_LUNG = {"duration": "time", "event": "event", "patient": None, "n_resamples": 0}
OF_HEART = {"duration": "stop", "event": "event", "entry": "start", "patient": "id", "n_resamples": 0}
