"""What a first study file may hold: derivations and analyses that the columns of its tables suggest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biomarker.data.guess import Guess
from biomarker.data.schemas import load_schema, split_timed

DESCRIBED = ("age_years", "sex", "tumor_type", "stage", "ecog", "therapy", "arm", "protein_dose_mg", "response")
MARKERS = ("suvmax", "suvpeak", "suvmean", "sulmax", "sulpeak", "sulmean", "tumor_to_normal_ratio", "suv")
_TISSUES = ("tissue", "lesion_site", "lesion_type")
_RESPONDED = ("CR", "PR")
_RESPONSES = ("response", "best_overall_response")
_ENDPOINT = re.compile(r"(?P<stem>.+)_(?:months|event)")
_VISIT = (
    r"(?:baseline|base|bl|screening|pre|post|early|late|interim|eot|follow[-_ ]?up|"
    r"(?:week|wk|w|day|d|month|m|cycle|c|visit|v|scan|fu|tp|t)[-_ ]?\d+(?:d\d+)?)"
)
_MOST_ARMS = 6
_MOST_WORDS, _MOST_DESCRIBED = 200, 8
_BEST_HOUR = 24.0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One block of the study file: its heading, its keys, and what to check about it."""

    heading: str
    keys: Mapping[str, Any]
    remarks: tuple[str, ...] = ()
    made: str = ""  # the column of a derivation that the data may not allow

    def text(self) -> str:
        """Write the block as TOML."""
        # a header may hold a line end, and a comment must not
        lines = ["# " + "".join(filter(str.isprintable, " ".join(remark.split()))) for remark in self.remarks]
        lines += [self.heading, *(f"{toml_key(key)} = {toml_value(value)}" for key, value in self.keys.items())]
        return "\n".join(lines)


def derivations(tables: Mapping[str, Guess]) -> tuple[list[Entry], dict[str, list[str]]]:
    """Return the derivations worth a start, and the columns each table has after them."""
    columns = {name: [str(column) for column in guess.frame.columns] for name, guess in tables.items()}
    entries = [*_joins(tables, columns), *_responses(columns), *_sessions(tables, columns)]
    marker = _marker(columns.get("lesions", []))
    if marker is None:
        return entries, columns
    name = f"highest_{marker}"
    keys = {"table": "patients", "from": "lesions", "how": "max", "marker": marker, "name": name}
    remark = "Max is one of many rules from lesions to patients; fix the rule before looking at results."
    entries.append(Entry(heading="[[derive]]", keys=keys, remarks=(remark,)))
    if "patients" not in columns:
        carried = [column for column in DESCRIBED if column in columns["lesions"]]
        columns["patients"] = ["patient_id", *carried]
    columns["patients"].append(name)
    stem = split_timed(marker)
    if stem and "uptake" not in columns:
        long = {"table": "uptake", "from": "lesions", "how": "long", "markers": [stem[0]]}
        entries.append(Entry(heading="[[derive]]", keys=long))
        left = [column for column in columns["lesions"] if (split_timed(column) or ("",))[0] != stem[0]]
        columns["uptake"] = [*left, stem[0], "hours_post_injection"]
    return entries, columns


def _joins(tables: Mapping[str, Guess], columns: dict[str, list[str]]) -> Iterator[Entry]:
    """Carry what other tables of one row a patient know over to the patients."""
    for name, guess in tables.items():
        if guess.source.schema != "patient" or name == "patients" or "patients" not in tables:
            continue
        known = load_schema("patient").owns
        new = [
            one for one in columns[name] if one not in columns["patients"] and (known(one) or _ENDPOINT.fullmatch(one))
        ]
        if new:
            columns["patients"] += new
            keys = {"table": "patients", "from": name, "how": "join", "columns": new}
            yield Entry(heading="[[derive]]", keys=keys)


def _responses(columns: dict[str, list[str]]) -> Iterator[Entry]:
    """Derive the best response where lesions were measured at several visits."""
    if "diameter_mm" not in columns.get("measurements", []):
        return
    said = "RECIST 1.1 without confirmation; the protocol may ask for confirm = true, or for other criteria."
    keys = {"table": "patients", "from": "measurements", "how": "response_category", "criteria": "recist-1.1"}
    columns.setdefault("patients", ["patient_id"]).append("best_response")
    yield Entry(heading="[[derive]]", keys=keys, remarks=(said,), made="best_response")


def _sessions(tables: Mapping[str, Guess], columns: dict[str, list[str]]) -> Iterator[Entry]:
    """Turn uptake that stands side by side for several visits (suvmax_baseline, suvmax_week2) into rows."""
    for name in [one for one in tables if one in ("lesions", "patients")]:
        for stem in (one for one in MARKERS if one not in columns[name]):
            found = {match["visit"]: one for one in columns[name] if (match := _of_visit(one, stem))}
            if len(found) > 1:
                said = "One row for each visit; is that what their names mean?"
                keys = {"table": f"{stem}_by_visit", "from": name, "how": "long", "columns": found}
                keys |= {"name": "visit", "value": stem}
                yield Entry(heading="[[derive]]", keys=keys, remarks=(said,), made=stem)
                left = [one for one in columns[name] if one not in found.values()]
                columns[f"{stem}_by_visit"] = [*left, "visit", stem]


def _of_visit(column: str, stem: str) -> re.Match[str] | None:
    return re.fullmatch(rf"{stem}[ _.-]+(?P<visit>{_VISIT})", column, re.IGNORECASE)


def _marker(columns: Sequence[str]) -> str | None:
    """Return the uptake to look at first: SUVmax before the others, the time nearest to 24 h."""
    for stem in MARKERS:
        if stem in columns:
            return stem
        timed = [(column, found[1]) for column in columns if (found := split_timed(column)) and found[0] == stem]
        if timed:
            return min(timed, key=lambda column: abs(column[1] - _BEST_HOUR))[0]
    return None


def analyses(tables: Mapping[str, Guess], columns: Mapping[str, Sequence[str]]) -> Iterator[Entry]:
    """Draft the analyses that the columns of the tables allow."""
    patients, uptake = columns.get("patients", []), columns.get("uptake", [])
    variables = [name for name in DESCRIBED if name in patients]
    variables += [name for name in patients if name.startswith("highest_")]
    if variables:
        yield _analysis("patients", "characteristics", "patients", {"variables": variables})
    marker, tissue = _marker(uptake), next((name for name in _TISSUES if name in uptake), None)
    if marker and tissue:
        time = "nominal_hours" if "nominal_hours" in uptake else "hours_post_injection"
        keys = {"marker": marker, "time": time, "tissue": tissue}
        yield _analysis("uptake-over-time", "uptake_over_time", "uptake", keys)
    if "detected" in columns.get("lesions", []):
        yield _analysis("detection", "detection_rate", "lesions", {"detected": "detected"})
    yield from _of_response(tables, columns)
    reading = _marker(columns.get("readings", []))
    if reading:
        keys = {"value": reading} | ({"session": "session"} if "session" in columns["readings"] else {})
        yield _analysis("reader-agreement", "intraclass_correlation", "readings", keys)
    if "best_response" in patients:
        keys = {"response": "best_response"} | ({"by": "arm"} if _arms(tables) else {})
        yield _analysis("best-response", "response_rate", "patients", keys)
    yield from _of_survival(tables, patients)


def _of_survival(tables: Mapping[str, Guess], patients: Sequence[str]) -> Iterator[Entry]:
    """Draft curves of each endpoint, by arm where there are arms, and the hazard ratio between them."""
    stems = [match["stem"] for name in patients if name.endswith("_event") and (match := _ENDPOINT.fullmatch(name))]
    arms = _arms(tables)
    for stem in stems:
        if f"{stem}_months" not in patients:
            continue
        keys: dict[str, Any] = {"duration": f"{stem}_months", "event": f"{stem}_event"}
        name = re.sub(r"\W+", "-", stem)
        if len(arms) > 1:
            said = f"Arms are {', '.join(arms)}."
            yield _analysis(f"{name}-by-arm", "survival_curves", "patients", {**keys, "group": "arm"}, (said,))
            yield _analysis(f"{name}-hazard", "hazard_model", "patients", {**keys, "predictors": ["arm"]})
        else:
            yield _analysis(f"{name}-curve", "survival_curves", "patients", keys)
        marker = _of_patients(patients)
        if marker:
            said = (
                "A hazard ratio in one population shows association with outcome, not prediction of a therapy's effect."
            )
            yield _analysis(f"{name}-uptake", "hazard_model", "patients", {**keys, "predictors": [marker]}, (said,))


def _arms(tables: Mapping[str, Guess]) -> list[str]:
    holder = next(
        (guess for guess in tables.values() if guess.source.schema == "patient" and "arm" in guess.frame), None
    )
    words = sorted(holder.words("arm")) if holder else []
    return words if 1 < len(words) <= _MOST_ARMS else []


def _of_response(tables: Mapping[str, Guess], columns: Mapping[str, Sequence[str]]) -> Iterator[Entry]:
    """Draft the question the package is for, where a response and an uptake stand in one table."""
    patients = columns.get("patients", [])
    marker = _of_patients(patients)
    response = next((name for name in _RESPONSES if name in patients), "response")
    holders = [name for name in ("patients", "lesions") if name in tables and response in tables[name].frame]
    if marker is None or not holders or response not in patients:
        return
    words = tables[holders[0]].words(response)
    positive = [word for word in _RESPONDED if word in words]
    others = [word for word in words if word not in positive]
    keys: dict[str, Any] = {"reference_standard": response, "marker": marker}
    if positive and others:
        keys["positive"] = positive
        said = f"Responders are {' and '.join(positive)}; the others are {', '.join(others)}. Is that the study's rule?"
    elif set(words) == {"0", "1"}:
        said = "Response 1 is taken for a responder."
    else:
        return
    yield _analysis("response-roc", "roc_curve", "patients", keys, (said,))
    origin = "The cutoff comes from these data, so the report gives its optimism; evaluate_cutoff is for a fixed one."
    yield _analysis("response-cutoff", "suv_cutoff", "patients", keys, (origin,))


def _of_patients(columns: Sequence[str]) -> str | None:
    """Return the uptake that stands for a patient: the highest of the lesions, else the patient's own."""
    return next((name for name in columns if name.startswith("highest_")), None) or _marker(columns)


def descriptions(tables: Mapping[str, Guess]) -> Iterator[Entry]:
    """Draft a description of each table, for files in which nothing else was recognised."""
    for name, guess in tables.items():
        variables = [
            str(column)
            for column in guess.frame.columns
            if not str(column).endswith("_id") and 1 < len(guess.words(str(column))) <= _MOST_WORDS
        ]
        if variables:
            said = "Nothing else was recognised; choose the columns and the analyses that answer your question."
            keys = {"variables": variables[:_MOST_DESCRIBED]}
            yield _analysis(re.sub(r"\W+", "-", name), "characteristics", name, keys, (said,))


def _analysis(name: str, kind: str, table: str, keys: Mapping[str, Any], remarks: tuple[str, ...] = ()) -> Entry:
    return Entry(heading="[[analysis]]", keys={"name": name, "kind": kind, "table": table, **keys}, remarks=remarks)


def toml_key(key: str) -> str:
    """Write a key as TOML, quoted where it must be."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def toml_value(value: Any) -> str:  # noqa: ANN401 (text, numbers, lists and tables of them)
    """Write a value as TOML; its text is JSON's, but for the delete character."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
