"""REDCap exports: rows of the record and of its repeating instruments, to one table of either."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from biomarker.data.cells import TextTable
from biomarker.data.pivot import filled_from
from biomarker.errors import Problem, StudyError, nearest

RECORD = "record"
_INSTRUMENT = ("redcap_repeat_instrument", "Repeat Instrument")
_INSTANCE = ("redcap_repeat_instance", "Repeat Instance")
_EVENT = ("redcap_event_name", "Event Name")
_GROUP = ("redcap_data_access_group", "Data Access Group")
_CHECKBOX = re.compile(r".+___.+|.+ \(choice=.+\)")
_CHECKED = {"Checked": "true", "Unchecked": "false"}


def redcap(table: TextTable, *, part: str = "") -> TextTable:
    """Take one table out of an export.

    Parameters
    ----------
    table : TextTable
        Raw or label values, raw names or labels as headers. The first column is the record's.
    part : str
        ``"record"`` for the rows that do not repeat, or the name of a repeating instrument: its instances then carry
        what stands once for their record. May be left out where nothing repeats.

    Raises
    ------
    StudyError
        If instruments repeat and none is named, or it has no rows.
    """
    frame = _checkboxes(table.frame)
    record = str(frame.columns[0])
    instrument, instance = _column(frame, _INSTRUMENT), _column(frame, _INSTANCE)
    administrative = [name for name in (instrument, instance, _column(frame, _GROUP)) if name]
    repeating = frame[instrument] if instrument else pd.Series("", frame.index)
    if bool(instance) != bool(instrument):
        raise StudyError(f"{table.file}: {instrument or instance} stands alone; {_INSTRUMENT[0]} needs {_INSTANCE[0]}")
    if record in administrative or record == _column(frame, _EVENT):
        raise StudyError(f"{table.file}: the first column is {record!r}, not the record's; export that too")
    named = list(dict.fromkeys(word for word in repeating if word))
    part = _chosen(part, named, file=table.file)
    plain = frame[repeating == ""]
    if part == RECORD:
        chosen, problems = _one_per_record(plain.drop(columns=administrative), record, file=table.file)
        notes = [f"{table.file}: rows of {', '.join(named)} were left out."] if named else []
    else:
        rows = frame[repeating == part]
        own = [name for name in frame.columns if name not in (record, *administrative) and (rows[name] != "").any()]
        once = [name for name in frame.columns if name not in (record, *administrative, *own)]
        chosen = rows[[record, instance, *own]].join(filled_from(plain, record, once), on=record).fillna("")
        chosen, problems = chosen.rename(columns={instance: "repeat_instance"}), ()
        notes = [f"{table.file}: rows of {part!r}, each with what stands once for its record."]
    full = [name for name in chosen.columns if (chosen[name] != "").any()]
    return replace(table, frame=chosen[full], notes=(*table.notes, *notes), problems=(*table.problems, *problems))


def repeating_instruments(table: TextTable) -> list[str]:
    """Return the instruments that repeat in an export."""
    instrument = _column(table.frame, _INSTRUMENT)
    return list(dict.fromkeys(word for word in table.frame[instrument] if word)) if instrument else []


def _column(frame: pd.DataFrame, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in frame.columns), "")


def _chosen(part: str, named: list[str], *, file: str) -> str:
    known = [RECORD, *named]
    if not part:
        if not named:
            return RECORD
        raise StudyError(
            f"{file}: {', '.join(named)} repeat in this export; say which table is meant: part = {named[0]!r}, or "
            f"part = {RECORD!r} for what stands once for each record"
        )
    if part not in known:
        raise StudyError(f"{file}: no part {part!r}{nearest(part, known)}; the export has {', '.join(known)}")
    return part


def _checkboxes(frame: pd.DataFrame) -> pd.DataFrame:
    """Write the boxes of an export of labels as true and false."""
    boxes = [name for name in frame.columns if _CHECKBOX.fullmatch(str(name))]
    return frame.assign(**{name: frame[name].map(lambda word: _CHECKED.get(word, word)) for name in boxes})


def _one_per_record(plain: pd.DataFrame, record: str, *, file: str) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Join the events of a record to one row; a field that two events fill differently is a fault."""
    event = _column(plain, _EVENT)
    if not plain[record].duplicated().any():
        return plain.drop(columns=[event] if event else []), ()
    fields = [name for name in plain.columns if name not in (record, event)]
    problems = []
    for name in fields:
        filled = plain[plain[name] != ""]
        differing = filled.drop_duplicates([record, name])
        for row, cell in differing[differing[record].duplicated()].iterrows():
            rule = f"differs between events of record {cell[record]}; export one event, or map the event's column"
            problems.append(Problem(file=file, row=int(str(row)), column=name, value=cell[name], rule=rule))
    joined = plain.drop_duplicates(record)[[record]].join(filled_from(plain, record, fields), on=record)
    return joined.fillna(""), tuple(problems)
