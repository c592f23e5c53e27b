"""CDISC tables of subjects, times and responses: ADaM ADSL, ADTTE and ADRS, and SDTM RS.

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
from biomarker.errors import Problem, StudyError, nearest

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
_TIME_UNITS = {"DAYS": "days", "WEEKS": "weeks", "MONTHS": "months", "YEARS": "years"}
_TIME_UNITS |= {word.removesuffix("S"): unit for word, unit in _TIME_UNITS.items()}
_PER_UNIT = re.compile(r"\((days|weeks|months|years)\)", re.IGNORECASE)
_FLAG = re.compile(r"\d+(?:\.0+)?", re.ASCII)
_RESPONSES = {"BOR": "best_overall_response", "CBOR": "confirmed_best_overall_response", "RSP": "response"}
_RESPONSES |= {"CB": "clinical_benefit"}
_WORDS = {"NON-CR/NON-PD": "Non-CR/Non-PD"}
VISITS = "visits"
_NOT_DONE = frozenset({"MISSING", "NOT DONE", "NA"})


def adsl(table: TextTable) -> TextTable:
    """Name the columns of a subject's row as ours; the arm is the planned one, unless another is mapped."""
    need_columns(table, ["USUBJID"], layout="adsl")
    frame, said = subject_names(table.frame)
    units = dict(table.units)
    ages = {word.upper() for word in frame.get("AGEU", pd.Series(dtype=object)) if word} - {"YEARS"}
    if ages and "age_years" in frame:
        if len(ages) > 1 or "YEARS" in set(frame["AGEU"].str.upper()) or not ages <= set(_TIME_UNITS):
            raise StudyError(f"{table.file}: AGEU holds {', '.join(sorted(ages))}; give ages in one unit")
        units["age_years"] = _TIME_UNITS[ages.pop()]
    return replace(table, frame=frame, units=units, notes=(*table.notes, *said_arm(table.file, said)))


def subject_names(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Rename what is known of a subject; the first of several candidates is taken."""
    chosen = {}
    for ours, candidates in SUBJECT.items():
        theirs = next((name for name in candidates if name in frame.columns and ours not in frame.columns), None)
        if theirs:
            chosen[theirs] = ours
    return frame.rename(columns=chosen), chosen


def said_arm(file: str, chosen: Mapping[str, str]) -> Iterator[str]:
    """Say which column the arm was taken from, where there is one."""
    if "arm" in chosen.values():
        theirs = next(name for name, ours in chosen.items() if ours == "arm")
        yield f"{file}: the arm is {theirs}."


def analysed(
    rows: pd.DataFrame, keys: Sequence[str], *, file: str, flag: str = "ANL01FL"
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Of rows that say the same thing of a subject, keep those flagged for analysis, where one of them is."""
    if flag not in rows.columns:
        return rows, ()
    flagged = rows[flag] == "Y"
    chosen_there = flagged.groupby([rows[name] for name in keys]).transform("any")
    left = chosen_there & ~flagged
    if not left.any():
        return rows, ()
    count = int(left.sum())
    said = f"{count} rows without {flag} Y were" if count > 1 else f"1 row without {flag} Y was"
    return rows[~left], (f"{file}: {said} left out, beside the flagged one of the same subject and parameter.",)


def adtte(table: TextTable) -> TextTable:
    """Turn one row per subject and endpoint into one row per subject: duration and event of each endpoint."""
    need_columns(table, ["USUBJID", "PARAMCD", "AVAL", "CNSR"], layout="adtte")
    frame, chosen = analysed(table.frame, ["USUBJID", "PARAMCD"], file=table.file)
    rule = "is no censoring flag (0, or 1 and more)"
    problems = [
        Problem(file=table.file, row=int(str(row)), column="CNSR", value=word, rule=rule)
        for row, word in frame["CNSR"].items()
        if word and not _FLAG.fullmatch(word)
    ]
    units: dict[str, str] = {}
    parts = []
    for code, rows in frame.groupby("PARAMCD", sort=False):
        stem = stem_of(str(code))
        units[f"{stem}_months"] = _time_unit(rows, table.file, str(code))
        event = rows["CNSR"].map(_event)
        subject = rows["USUBJID"]
        parts += [
            pd.DataFrame({"USUBJID": subject, "name": f"{stem}_months", "value": rows["AVAL"]}),
            pd.DataFrame({"USUBJID": subject, "name": f"{stem}_event", "value": event}),
        ]
    wide, twice = widened(pd.concat(parts), keys=["USUBJID"], name="name", value="value", file=table.file)
    whole, said = subject_names(with_subject(wide, frame))
    note = (
        f"{table.file}: CNSR 0 was read as an event, and {_reasons(frame)} as censored; durations came in "
        f"{' and '.join(dict.fromkeys(units.values()))}."
    )
    return replace(
        table,
        frame=whole,
        units={name: unit for name, unit in units.items() if unit != "months"},
        notes=(*table.notes, *chosen, note, *said_arm(table.file, said)),
        problems=(*table.problems, *problems, *twice),
    )


def _event(flag: str) -> str:
    """Return whether the event happened, from a flag that says whether it was censored."""
    return str(float(flag) == 0).lower() if _FLAG.fullmatch(flag) else ""


def stem_of(code: str) -> str:
    """Return a code as the beginning of a column's name."""
    return re.sub(r"\W+", "_", code.casefold()).strip("_") or "unnamed"


def _reasons(frame: pd.DataFrame) -> str:
    codes = sorted({word for word in frame["CNSR"] if _FLAG.fullmatch(word) and float(word) != 0})
    return ", ".join(codes) if codes else "1 and more"


def _time_unit(rows: pd.DataFrame, file: str, code: str) -> str:
    """Return the unit of an endpoint's durations: what the table says, else what its dates show."""
    said, in_days = _unit_said(rows), _counts_days(rows)
    if said and in_days and said != "days":
        raise StudyError(
            f"{file}: {code}: AVAL is said to be in {said}, and is ADT less STARTDT in days; correct AVALU or AVAL"
        )
    if said or in_days:
        return said or "days"
    raise StudyError(
        f"{file}: {code}: the unit of AVAL is not said (no AVALU, none in PARAM, and AVAL is not ADT less STARTDT); "
        'add a column AVALU with "DAYS", "WEEKS", "MONTHS" or "YEARS"'
    )


def _unit_said(rows: pd.DataFrame) -> str:
    for column in ("AVALU", "PARAM"):
        words = {word for word in rows.get(column, pd.Series(dtype=object)) if word}
        found = {_TIME_UNITS.get(word.upper(), "") for word in words}
        if column == "PARAM":
            found = {match[1].lower() if (match := _PER_UNIT.search(word)) else "" for word in words}
        if len(found) == 1 and "" not in found:
            return found.pop()
    return ""


def _counts_days(rows: pd.DataFrame) -> bool:
    """Whether the durations are the days between the dates; a study counts its first day as day 1, or as day 0."""
    if not {"STARTDT", "ADT"} <= set(rows.columns):
        return False
    start, end = (pd.to_datetime(rows[name], errors="coerce", format="%Y-%m-%d") for name in ("STARTDT", "ADT"))
    days = (end - start).dt.days
    given = pd.to_numeric(rows["AVAL"], errors="coerce")
    known = days.notna() & given.notna() & (days > 1)
    return bool(known.any() and given[known].sub(days[known]).isin([0, 1]).all())


def with_subject(wide: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Carry over what is constant within each subject: age, sex, arm, centre."""
    wanted = [name for names in SUBJECT.values() for name in names if name in frame.columns and name != "USUBJID"]
    constant = filled_from(frame, "USUBJID", wanted)
    return wide.join(constant, on="USUBJID").fillna("")


def adrs(table: TextTable, *, part: str = "") -> TextTable:
    """Turn one row per subject and response into one row per subject; of the part ``"visits"``, per subject and visit.

    Without a part, responses at each visit are left out.
    """
    if part == VISITS:
        return _at_visits(table)
    if part:
        raise StudyError(f"{table.file}: no part {part!r}{nearest(part, [VISITS])}; adrs has {VISITS!r}, or none")
    need_columns(table, ["USUBJID", "PARAMCD", "AVALC"], layout="adrs")
    frame = table.frame
    best = frame["PARAMCD"].isin(_RESPONSES)
    once, chosen = analysed(frame[best], ["USUBJID", "PARAMCD"], file=table.file)
    frame = pd.concat([once, frame[~best]]).sort_index()
    often = frame.groupby("PARAMCD")["USUBJID"].apply(lambda subjects: bool(subjects.duplicated().any()))
    left = [str(code) for code in often[often].index if code not in _RESPONSES]
    rows = frame[~frame["PARAMCD"].isin(left)]
    if rows.empty:
        raise StudyError(
            f"{table.file}: no response stands once for each subject, such as PARAMCD BOR; for the responses at each "
            f'visit, set part = "{VISITS}"'
        )
    long = pd.DataFrame(
        {
            "USUBJID": rows["USUBJID"],
            "name": rows["PARAMCD"].map(lambda code: _RESPONSES.get(code, stem_of(code))),
            "value": rows["AVALC"].map(lambda word: _WORDS.get(word.upper(), word)),
        }
    )
    wide, twice = widened(long, keys=["USUBJID"], name="name", value="value", file=table.file)
    whole, said = subject_names(with_subject(wide, frame))
    stand = "stands" if len(left) == 1 else "stand"
    said_left = f"{table.file}: {', '.join(left)} {stand} more than once for a subject and"
    notes = [f'{said_left} was left out; set part = "{VISITS}" to read it.'] if left else []
    missing = dict.fromkeys(dict.fromkeys(long["name"]), _NOT_DONE)
    return replace(
        table,
        frame=whole,
        missing={**table.missing, **missing},
        notes=(*table.notes, *chosen, *notes, *said_arm(table.file, said)),
        problems=(*table.problems, *twice),
    )


def _at_visits(table: TextTable) -> TextTable:
    """Turn the responses of each visit into one row per subject and visit, a column for each kind."""
    need_columns(table, ["USUBJID", "PARAMCD", "AVALC"], layout="adrs")
    visit = next((name for name in ("AVISIT", "VISIT", "ADT") if name in table.frame.columns), "")
    if not visit:
        raise StudyError(f'{table.file}: part = "{VISITS}" needs a column AVISIT, VISIT or ADT')
    frame = table.frame[~table.frame["PARAMCD"].isin(_RESPONSES) & (table.frame[visit] != "")]
    if frame.empty:
        raise StudyError(f"{table.file}: no response belongs to a visit ({visit})")
    long = frame.assign(
        name=frame["PARAMCD"].map(lambda code: "response" if code in ("OVR", "OVRLRESP") else stem_of(code)),
        AVALC=frame["AVALC"].map(lambda word: _WORDS.get(word.upper(), word)),
    )
    keys = ["USUBJID", visit]
    rows, chosen = analysed(long, [*keys, "name"], file=table.file)
    wide, twice = widened(rows, keys=keys, name="name", value="AVALC", file=table.file)
    dates = {name: ours for name, ours in {"ADT": "scan_date", "ADY": "day"}.items() if name in rows and name != visit}
    wide, told = with_day_0(wide.join(rows.loc[wide.index, list(dates)].rename(columns=dates)), table.file)
    return replace(
        table,
        frame=wide.rename(columns={"USUBJID": "patient_id", visit: "visit"}),
        missing={**table.missing, **dict.fromkeys(dict.fromkeys(rows["name"]), _NOT_DONE)},
        notes=(*table.notes, *chosen, *told),
        problems=(*table.problems, *twice),
    )


def with_day_0(frame: pd.DataFrame, file: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Count the days of ADY from 0, the first dose, as they have no day 0; say so where there are any."""
    if "day" not in frame:
        return frame, ()
    told = f"{file}: ADY has no day 0, so days from 1 on are less by one."
    return frame.assign(day=frame["day"].map(day_from_0)), (told,)


def day_from_0(day: str) -> str:
    """Return a study day of CDISC, which has no day 0, counted from 0; text that is no day as it stands.

    Examples
    --------
    >>> [day_from_0(day) for day in ("-3", "-1", "1", "64", "")]
    ['-3', '-1', '0', '63', '']
    """
    number = re.fullmatch(r"(\d+)(?:\.0+)?", day)
    return str(int(number[1]) - 1) if number and int(number[1]) > 0 else day


def named_reader(frame: pd.DataFrame, domain: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Name the reader: the evaluator's own identifier, else the evaluator."""
    evaluator, own = f"{domain}EVAL", f"{domain}EVALID"
    if evaluator not in frame.columns and own not in frame.columns:
        return frame, ()
    blank = pd.Series("", frame.index, dtype=object)
    first, second = frame.get(own, blank), frame.get(evaluator, blank)
    reader = first.where(first != "", second)
    kept = frame.drop(columns=[name for name in (evaluator, own) if name in frame.columns])
    return kept.assign(reader_id=reader), (f"the reader is {own}, and {evaluator} where that is empty.",)


def sdtm_rs(table: TextTable) -> TextTable:
    """Turn responses into one row per patient, visit and reader, a column for each kind of response."""
    need_columns(table, ["USUBJID", "RSTESTCD", "RSSTRESC"], layout="sdtm-rs")
    frame, reader = named_reader(table.frame, "RS")
    when: Sequence[str] = [name for name in ("VISIT", "RSDTC", "VISITNUM") if name in frame.columns][:1]
    keys = ["USUBJID", *when, *(["reader_id"] if "reader_id" in frame else [])]
    names = {"OVRLRESP": "response", "TRGRESP": "target_response", "NTRGRESP": "non_target_response"}
    long = frame.assign(name=frame["RSTESTCD"].str.upper().map(lambda code: names.get(code, stem_of(code))))
    long["RSSTRESC"] = long["RSSTRESC"].map(lambda word: _WORDS.get(word.upper(), word))
    wide, twice = widened(long, keys=keys, name="name", value="RSSTRESC", file=table.file)
    ours = {"USUBJID": "patient_id", **dict.fromkeys(when, "session")}
    return replace(
        table,
        frame=wide.rename(columns=ours),
        notes=(*table.notes, *(f"{table.file}: {said}" for said in reader)),
        problems=(*table.problems, *twice),
    )
