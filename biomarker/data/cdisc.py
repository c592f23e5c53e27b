"""CDISC tables: ADaM (ADSL, ADTTE, ADRS, ADTR) and SDTM (TU, TR, RS), to one row a patient, lesion or reading.

ADTTE's censoring flag runs against the habit of other tables: ``CNSR`` 0 is an event, 1 and more are reasons for
censoring. The turn is made here, and said in a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from biomarker.data.cells import TextTable
from biomarker.data.pivot import filled_from, need_columns, widened
from biomarker.errors import Problem, StudyError

SUBJECT: Mapping[str, tuple[str, ...]] = {
    "patient_id": ("USUBJID",),
    "centre_id": ("SITEID",),
    "age_years": ("AGE",),
    "sex": ("SEX",),
    "arm": ("TRT01P", "TRTP", "ARM"),
    "height_cm": ("HEIGHTBL",),
    "weight_kg": ("WEIGHTBL",),
    "ecog": ("ECOGBL", "ECOG"),
}
_TIME_UNITS = {"DAYS": "days", "DAY": "days", "WEEKS": "weeks", "MONTHS": "months", "YEARS": "years"}
_PER_UNIT = re.compile(r"\((days|weeks|months|years)\)", re.IGNORECASE)
_FLAG = re.compile(r"\d+(?:\.0+)?", re.ASCII)
_RESPONSES = {"BOR": "best_overall_response", "CBOR": "confirmed_best_overall_response", "RSP": "response"}
_RESPONSES |= {"CB": "clinical_benefit"}
_WORDS = {"NON-CR/NON-PD": "Non-CR/Non-PD"}
_NOT_DONE = frozenset({"MISSING", "NOT DONE", "NA"})
_LESION_SIZE = re.compile(r"N?LDIAM\d*")
_UPTAKE = re.compile(r"(SUVMAX|SUVMEAN|SUVPEAK|SULMAX|SULMEAN|SULPEAK|MTV|TLG)\d*")
_OUR_UPTAKE = {"mtv": "mtv_ml", "tlg": "tlg_g"}
_MEASUREMENTS = {"LDIAM": "size_mm", "DIAMETER": "size_mm", "LPERP": "short_axis_mm"}
_ROLES = {"TARGET": "true", "NON-TARGET": "false", "NEW": "false"}


def adsl(table: TextTable) -> TextTable:
    """Name the columns of a subject's row as ours; the arm is the planned one, unless another is mapped."""
    need_columns(table, ["USUBJID"], layout="adsl")
    frame, said = _subject_names(table.frame)
    units = dict(table.units)
    ages = {word.upper() for word in frame.get("AGEU", pd.Series(dtype=object)) if word} - {"YEARS"}
    if ages and "age_years" in frame:
        if len(ages) > 1 or "YEARS" in set(frame["AGEU"].str.upper()) or not ages <= set(_TIME_UNITS):
            raise StudyError(f"{table.file}: AGEU holds {', '.join(sorted(ages))}; give ages in one unit")
        units["age_years"] = _TIME_UNITS[ages.pop()]
    return replace(table, frame=frame, units=units, notes=(*table.notes, *_said(table.file, said)))


def _subject_names(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Rename what is known of a subject; the first of several candidates is taken."""
    chosen = {}
    for ours, candidates in SUBJECT.items():
        theirs = next((name for name in candidates if name in frame.columns and ours not in frame.columns), None)
        if theirs:
            chosen[theirs] = ours
    return frame.rename(columns=chosen), chosen


def _said(file: str, chosen: Mapping[str, str]) -> Iterator[str]:
    if "arm" in chosen.values():
        theirs = next(name for name, ours in chosen.items() if ours == "arm")
        yield f"{file}: the arm is {theirs}."


def adtte(table: TextTable) -> TextTable:
    """Turn one row per subject and endpoint into one row per subject: duration and event of each endpoint."""
    need_columns(table, ["USUBJID", "PARAMCD", "AVAL", "CNSR"], layout="adtte")
    frame = table.frame
    rule = "is no censoring flag (0, or 1 and more)"
    problems = [
        Problem(file=table.file, row=int(str(row)), column="CNSR", value=word, rule=rule)
        for row, word in frame["CNSR"].items()
        if word and not _FLAG.fullmatch(word)
    ]
    units: dict[str, str] = {}
    parts = []
    for code, rows in frame.groupby("PARAMCD", sort=False):
        stem = _stem(str(code))
        units[f"{stem}_months"] = _time_unit(rows, table.file, str(code))
        event = rows["CNSR"].map(_event)
        subject = rows["USUBJID"]
        parts += [
            pd.DataFrame({"USUBJID": subject, "name": f"{stem}_months", "value": rows["AVAL"]}),
            pd.DataFrame({"USUBJID": subject, "name": f"{stem}_event", "value": event}),
        ]
    wide, twice = widened(pd.concat(parts), keys=["USUBJID"], name="name", value="value", file=table.file)
    whole, said = _subject_names(_with_subject(wide, frame))
    note = (
        f"{table.file}: CNSR 0 was read as an event, and {_reasons(frame)} as censored; durations came in "
        f"{' and '.join(dict.fromkeys(units.values()))}."
    )
    return replace(
        table,
        frame=whole,
        units={name: unit for name, unit in units.items() if unit != "months"},
        notes=(*table.notes, note, *_said(table.file, said)),
        problems=(*table.problems, *problems, *twice),
    )


def _event(flag: str) -> str:
    """Return whether the event happened, from a flag that says whether it was censored."""
    return str(float(flag) == 0).lower() if _FLAG.fullmatch(flag) else ""


def _stem(code: str) -> str:
    return re.sub(r"\W+", "_", code.casefold()).strip("_") or "unnamed"


def _reasons(frame: pd.DataFrame) -> str:
    codes = sorted({word for word in frame["CNSR"] if _FLAG.fullmatch(word) and float(word) != 0})
    return ", ".join(codes) if codes else "1 and more"


def _time_unit(rows: pd.DataFrame, file: str, code: str) -> str:
    """Return the unit of an endpoint's durations: what the table says, else what its dates show."""
    for column in ("AVALU", "PARAM"):
        words = {word for word in rows.get(column, pd.Series(dtype=object)) if word}
        found = {_TIME_UNITS.get(word.upper(), "") for word in words}
        if column == "PARAM":
            found = {match[1].lower() if (match := _PER_UNIT.search(word)) else "" for word in words}
        if len(found) == 1 and "" not in found:
            return found.pop()
    if {"STARTDT", "ADT"} <= set(rows.columns):
        start, end = (pd.to_datetime(rows[name], errors="coerce", format="%Y-%m-%d") for name in ("STARTDT", "ADT"))
        days = (end - start).dt.days
        given = pd.to_numeric(rows["AVAL"], errors="coerce")
        known = days.notna() & given.notna()
        # a study counts its first day as day 1, or as day 0
        if known.any() and all(given[known].sub(days[known]).isin([0, 1])):
            return "days"
    raise StudyError(
        f"{file}: {code}: the unit of AVAL is not said (no AVALU, none in PARAM, and AVAL is not ADT less STARTDT); "
        'add a column AVALU with "DAYS", "WEEKS", "MONTHS" or "YEARS"'
    )


def _with_subject(wide: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Carry over what is constant within each subject: age, sex, arm, centre."""
    wanted = [name for names in SUBJECT.values() for name in names if name in frame.columns and name != "USUBJID"]
    constant = filled_from(frame, "USUBJID", wanted)
    return wide.join(constant, on="USUBJID")


def adrs(table: TextTable) -> TextTable:
    """Turn one row per subject and response into one row per subject; responses at each visit are left out."""
    need_columns(table, ["USUBJID", "PARAMCD", "AVALC"], layout="adrs")
    frame = table.frame
    often = frame.groupby("PARAMCD")["USUBJID"].apply(lambda subjects: bool(subjects.duplicated().any()))
    left = [str(code) for code in often[often].index if code not in _RESPONSES]
    rows = frame[~frame["PARAMCD"].isin(left)]
    if rows.empty:
        raise StudyError(f"{table.file}: no response stands once for each subject, such as PARAMCD BOR")
    long = pd.DataFrame(
        {
            "USUBJID": rows["USUBJID"],
            "name": rows["PARAMCD"].map(lambda code: _RESPONSES.get(code, _stem(code))),
            "value": rows["AVALC"].map(lambda word: _WORDS.get(word.upper(), word)),
        }
    )
    wide, twice = widened(long, keys=["USUBJID"], name="name", value="value", file=table.file)
    whole, said = _subject_names(_with_subject(wide, frame))
    notes = [f"{table.file}: {', '.join(left)} stand more than once for a subject and were left out."] if left else []
    missing = dict.fromkeys(dict.fromkeys(long["name"]), _NOT_DONE)
    return replace(
        table,
        frame=whole,
        missing={**table.missing, **missing},
        notes=(*table.notes, *notes, *_said(table.file, said)),
        problems=(*table.problems, *twice),
    )


def adtr(table: TextTable) -> TextTable:
    """Turn tumour results into one row per lesion: its size and uptake at baseline, and its site."""
    need_columns(table, ["USUBJID", "PARAMCD", "AVAL", "ABLFL", "TRLNKID"], layout="adtr")
    frame = table.frame
    codes = frame["PARAMCD"].str.upper()
    name = codes.map(_adtr_name)
    kept = (name != "") & (frame["ABLFL"] == "Y") & (frame["TRLNKID"] != "")
    if not kept.any():
        raise StudyError(f"{table.file}: no row of a lesion is flagged as baseline (ABLFL Y with TRLNKID and AVAL)")
    long = frame[kept].assign(name=name[kept])
    wide, twice = widened(long, keys=["USUBJID", "TRLNKID"], name="name", value="AVAL", file=table.file)
    sites = _sites(frame)
    wide = wide.join(sites, on=["USUBJID", "TRLNKID"]) if sites is not None else wide
    whole, said = _subject_names(_with_subject(wide, frame).rename(columns={"TRLNKID": "lesion_id"}))
    after = int((~kept & (name != "")).sum())
    sums = sorted(set(codes[name == ""]))
    note = f"{table.file}: lesions are taken at baseline (ABLFL Y); {after} rows of other visits were left out"
    note += f", and the rows of {', '.join(sums)}." if sums else "."
    return replace(
        table,
        frame=whole,
        units=_size_unit(frame),
        notes=(*table.notes, note, *_said(table.file, said)),
        problems=(*table.problems, *twice),
    )


def _adtr_name(code: str) -> str:
    if _LESION_SIZE.fullmatch(code):
        return "size_mm"
    match = _UPTAKE.fullmatch(code)
    stem = match[1].lower() if match else ""
    return _OUR_UPTAKE.get(stem, stem)


def _size_unit(frame: pd.DataFrame) -> dict[str, str]:
    """Return the unit of diameters where AVALU gives another than millimetres."""
    diameters = frame["PARAMCD"].str.upper().str.fullmatch(_LESION_SIZE)
    units = {word for word in frame.get("AVALU", pd.Series("", frame.index))[diameters] if word} - {"mm"}
    return {"size_mm": units.pop()} if len(units) == 1 else {}


def _sites(frame: pd.DataFrame) -> pd.DataFrame | None:
    site = next((name for name in ("TULOC", "TRLOC", "LSLOC") if name in frame.columns), None)
    if site is None:
        return None
    named = frame[frame[site] != ""].drop_duplicates(["USUBJID", "TRLNKID"])
    return named.set_index(["USUBJID", "TRLNKID"])[[site]].rename(columns={site: "lesion_site"})


def sdtm_tu(table: TextTable) -> TextTable:
    """Name the columns of identified tumours as ours, and say which are targets."""
    need_columns(table, ["USUBJID", "TULNKID", "TUSTRESC"], layout="sdtm-tu")
    frame = table.frame.copy()
    names = {"USUBJID": "patient_id", "TULNKID": "lesion_id", "TULOC": "lesion_site", "TULAT": "laterality"}
    frame["target"] = frame["TUSTRESC"].map(lambda word: _ROLES.get(word.upper(), word))
    frame = frame.rename(columns={**names, "TUSTRESC": "lesion_role"})
    frame, reader = _reader(frame, "TU")
    if "laterality" in frame:
        frame["laterality"] = frame["laterality"].str.lower()
    note = f"{table.file}: TUSTRESC TARGET was read as a target; NON-TARGET and NEW as none."
    return replace(table, frame=frame, notes=(*table.notes, note, *reader))


def _reader(frame: pd.DataFrame, domain: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Name the reader: the evaluator's own identifier, else the evaluator."""
    evaluator, own = f"{domain}EVAL", f"{domain}EVALID"
    if evaluator not in frame.columns and own not in frame.columns:
        return frame, ()
    blank = pd.Series("", frame.index, dtype=object)
    first, second = frame.get(own, blank), frame.get(evaluator, blank)
    reader = first.where(first != "", second)
    kept = frame.drop(columns=[name for name in (evaluator, own) if name in frame.columns])
    return kept.assign(reader_id=reader), (f"the reader is {own}, and {evaluator} where that is empty.",)


def sdtm_tr(table: TextTable) -> TextTable:
    """Turn tumour results into one row per lesion, visit and reader, a column for each test."""
    need_columns(table, ["USUBJID", "TRLNKID", "TRTESTCD"], layout="sdtm-tr")
    value = "TRSTRESC" if "TRSTRESC" in table.frame.columns else "TRORRES"
    need_columns(table, [value], layout="sdtm-tr")
    frame, reader = _reader(table.frame, "TR")
    of_lesions = frame[frame["TRLNKID"] != ""]
    when = next((name for name in ("VISIT", "TRDTC", "VISITNUM") if name in frame.columns), "")
    keys = ["USUBJID", "TRLNKID", *([when] if when else []), *(["reader_id"] if "reader_id" in frame else [])]
    tests = of_lesions["TRTESTCD"].str.upper()
    names = tests.map(lambda code: _MEASUREMENTS.get(code) or _adtr_name(code) or _stem(code))
    wide, twice = widened(of_lesions.assign(name=names), keys=keys, name="name", value=value, file=table.file)
    units = _test_units(of_lesions.assign(name=names), value)
    ours = {"USUBJID": "patient_id", "TRLNKID": "lesion_id", when: "session"}
    left = len(frame) - len(of_lesions)
    notes = [f"{table.file}: {left} rows of no one lesion (sums) were left out."] if left else []
    notes += [f"{table.file}: {said}" for said in reader]
    return replace(
        table,
        frame=wide.rename(columns=ours),
        units=units,
        notes=(*table.notes, *notes),
        problems=(*table.problems, *twice),
    )


def _test_units(rows: pd.DataFrame, value: str) -> dict[str, str]:
    unit = f"{value[:-1]}U" if value.endswith("C") else f"{value}U"
    if unit not in rows.columns:
        return {}
    found = {}
    for name in ("size_mm", "short_axis_mm"):
        words = {word for word in rows.loc[rows["name"] == name, unit] if word}
        if len(words) == 1 and words != {"mm"}:
            found[name] = words.pop()
    return found


def sdtm_rs(table: TextTable) -> TextTable:
    """Turn responses into one row per patient, visit and reader, a column for each kind of response."""
    need_columns(table, ["USUBJID", "RSTESTCD", "RSSTRESC"], layout="sdtm-rs")
    frame, reader = _reader(table.frame, "RS")
    when: Sequence[str] = [name for name in ("VISIT", "RSDTC", "VISITNUM") if name in frame.columns][:1]
    keys = ["USUBJID", *when, *(["reader_id"] if "reader_id" in frame else [])]
    names = {"OVRLRESP": "response", "TRGRESP": "target_response", "NTRGRESP": "non_target_response"}
    long = frame.assign(name=frame["RSTESTCD"].str.upper().map(lambda code: names.get(code, _stem(code))))
    long["RSSTRESC"] = long["RSSTRESC"].map(lambda word: _WORDS.get(word.upper(), word))
    wide, twice = widened(long, keys=keys, name="name", value="RSSTRESC", file=table.file)
    ours = {"USUBJID": "patient_id", **dict.fromkeys(when, "session")}
    return replace(
        table,
        frame=wide.rename(columns=ours),
        notes=(*table.notes, *(f"{table.file}: {said}" for said in reader)),
        problems=(*table.problems, *twice),
    )
