"""Expected values of R's survival for the tests of Cox kernels: one entry a model, with the data as arrays."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "reference" / "hazard_model.json").read_text(encoding="utf-8")
)


class Model(NamedTuple):
    """A model of the reference file: its design, follow-up, and what R gives."""

    x: np.ndarray
    duration: np.ndarray
    event: np.ndarray
    terms: list[list[int]]
    options: dict[str, Any]  # entry, strata, ties
    clusters: np.ndarray | None
    expected: dict[str, Any]


def data(name: str) -> dict[str, np.ndarray]:
    """Return the columns of a data set, numbers as floats."""
    columns = {key: np.array(value) for key, value in REFERENCE[name]["data"].items()}
    return {key: value.astype(float) if value.dtype.kind in "iuf" else value for key, value in columns.items()}


def design(columns: dict[str, np.ndarray], *names: str) -> np.ndarray:
    """Put columns side by side."""
    return np.column_stack([columns[name] for name in names])


def codes(values: np.ndarray) -> np.ndarray:
    """Number values from 0."""
    return np.unique(values, return_inverse=True)[1]


def _models() -> dict[str, Model]:
    lung, veteran, ovarian, heart, kidney, freireich = (
        data(name) for name in ("lung", "veteran", "ovarian", "heart", "kidney", "freireich")
    )
    cell = {"strata": codes(veteran["celltype"])}
    entry = {"entry": heart["start"]}
    classes = np.column_stack([lung["ecog"] == 1, lung["ecog"] == 2, lung["age"]]).astype(float)

    def model(columns, x, follow_up, of, *, terms=None, options=None, clusters=None):
        own = terms or [[j] for j in range(x.shape[1])]
        return Model(x, columns[follow_up[0]], columns[follow_up[1]], own, options or {}, clusters, of)

    three, two, breslow = design(lung, "age", "sex", "wt.loss"), design(lung, "age", "sex"), {"ties": "breslow"}
    of = REFERENCE
    time, died = ("time", "event"), ("time", "status")
    risks = design(veteran, "karno", "age")
    return {
        "lung": model(lung, three, time, of["lung"]["efron"]),
        "lung, Breslow": model(lung, three, time, of["lung"]["breslow"], options=breslow),
        "lung, factor": model(lung, classes, time, of["lung"]["factor"], terms=[[0, 1], [2]]),
        "lung, centres": model(lung, two, time, of["lung"]["cluster"], clusters=codes(lung["inst"])),
        "veteran, strata": model(veteran, risks, died, of["veteran"]["strata"], options=cell),
        "veteran, strata, Breslow": model(
            veteran, risks, died, of["veteran"]["strata_breslow"], options=cell | breslow
        ),
        "ovarian": model(ovarian, design(ovarian, "age", "rx"), ("futime", "fustat"), of["ovarian"]["efron"]),
        "heart, start-stop": model(
            heart, design(heart, "age", "transplant"), ("stop", "event"), of["heart"]["efron"], options=entry
        ),
        "heart, Breslow": model(
            heart,
            design(heart, "age", "year", "surgery"),
            ("stop", "event"),
            of["heart"]["breslow"],
            options=entry | breslow,
        ),
        "heart, patients": model(
            heart,
            design(heart, "age", "transplant"),
            ("stop", "event"),
            of["heart"]["cluster"],
            options=entry,
            clusters=codes(heart["id"]),
        ),
        "kidney, patients": model(
            kidney, design(kidney, "age", "sex"), died, of["kidney"]["cluster"], clusters=codes(kidney["id"])
        ),
        "Freireich": model(freireich, design(freireich, "placebo"), ("weeks", "relapse"), of["freireich"]["efron"]),
        "Freireich, Breslow": model(
            freireich, design(freireich, "placebo"), ("weeks", "relapse"), of["freireich"]["breslow"], options=breslow
        ),
    }


MODELS = _models()
