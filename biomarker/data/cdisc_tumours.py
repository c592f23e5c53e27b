"""CDISC tables of tumours, ADaM ADTR and SDTM TU and TR, to one row a lesion, reading, or lesion and visit.

In ADTR, ``LDIAM`` is the longest diameter of a target lesion and ``NLDIAM`` the one across it: the short axis, by which
lymph nodes are measured.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from biomarker.data.cdisc import (
    VISITS,
    analysed,
    named_reader,
    said_arm,
    stem_of,
    subject_names,
    with_day_0,
    with_subject,
)
from biomarker.data.cdisc_visits import tumours_at_visits
from biomarker.data.cells import TextTable
from biomarker.data.pivot import need_columns, widened
from biomarker.errors import Problem, StudyError, nearest

_UPTAKE = re.compile(r"(SUVMAX|SUVMEAN|SUVPEAK|SULMAX|SULMEAN|SULPEAK|MTV|TLG)\d*")
_OUR_UPTAKE = {"mtv": "mtv_ml", "tlg": "tlg_g"}
_DIAMETERS = {"LDIAM": "size_mm", "DIAMETER": "size_mm", "LPERP": "short_axis_mm", "NLDIAM": "short_axis_mm"}
_SIZES = ("size_mm", "short_axis_mm")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*")
_TARGETS = {"TARGET": "true", "NON-TARGET": "false", "NEW": "false"}
_ROLE_COLUMNS = ("TRGRPID", "TUSTRESC", "LSCAT", "PARCAT1")
_ROLES = (("new", "new"), ("non-target", "non-target"), ("non target", "non-target"), ("target", "target"))
_NUMBERED = re.compile(r"(NT|NEW|N|T)[-_ ]?\d+", re.IGNORECASE)
_ROLE_OF_NUMBER = {"T": "target", "NT": "non-target", "N": "new", "NEW": "new"}
_WHEN = {"visit": ("AVISIT", "VISIT"), "scan_date": ("ADT", "TRDTC"), "day": ("ADY",)}


def adtr(table: TextTable, *, part: str = "") -> TextTable:
    """Turn tumour results into one row per lesion at baseline; or, of the part ``"visits"``, per lesion and visit.

    Raises
    ------
    StudyError
        If columns are lacking, no row is flagged as baseline, or the part a lesion plays is not said.
    """
    if part not in ("", VISITS):
        known = [VISITS]
        raise StudyError(f"{table.file}: no part {part!r}{nearest(part, known)}; adtr has {VISITS!r}, or none")
    need_columns(table, ["USUBJID", "PARAMCD", "AVAL", "ABLFL", "TRLNKID"], layout="adtr")
    codes = table.frame["PARAMCD"].str.upper()
    named = table.frame.assign(name=codes.map(_measured))
    of_lesions = named[(named["name"] != "") & (named["TRLNKID"] != "")]
    if not (of_lesions["ABLFL"] == "Y").any():
        raise StudyError(f"{table.file}: no row of a lesion is flagged as baseline (ABLFL Y with TRLNKID and AVAL)")
    sums = sorted(set(codes[named["name"] == ""]))
    left = f"the rows of {', '.join(sums)} were left out" if sums else ""
    return _visits(table, of_lesions, left) if part else _at_baseline(table, of_lesions, left)


def _at_baseline(table: TextTable, of_lesions: pd.DataFrame, left: str) -> TextTable:
    keys = ["USUBJID", "TRLNKID"]
    rows, chosen = analysed(of_lesions[of_lesions["ABLFL"] == "Y"], [*keys, "name"], file=table.file)
    wide, twice = widened(rows, keys=keys, name="name", value="AVAL", file=table.file)
    sites = _sites(table.frame)
    wide = wide.join(sites, on=keys).fillna("") if sites is not None else wide
    whole, said = subject_names(with_subject(wide, table.frame).rename(columns={"TRLNKID": "lesion_id"}))
    units, guessed = _size_units(rows, "AVAL", "AVALU", file=table.file)
    after = int((of_lesions["ABLFL"] != "Y").sum())
    rows_were = "1 row of another visit was" if after == 1 else f"{after} rows of other visits were"
    note = f"{table.file}: lesions are taken at baseline (ABLFL Y); {rows_were} left out"
    note += f', for which there is part = "{VISITS}"' if after else ""
    note += f"; {left}." if left else "."
    return replace(
        table,
        frame=whole,
        units=units,
        notes=(*table.notes, note, *chosen, *guessed, *said_arm(table.file, said)),
        problems=(*table.problems, *twice),
    )


def _visits(table: TextTable, of_lesions: pd.DataFrame, left: str) -> TextTable:
    """Return rows of lesions and visits with the diameter that counts: across a node, along any other lesion."""
    when = {ours: next((one for one in theirs if one in of_lesions), "") for ours, theirs in _WHEN.items()}
    if not when["visit"]:
        raise StudyError(f'{table.file}: part = "{VISITS}" needs a column AVISIT or VISIT')
    site = _site_column(of_lesions)
    node = of_lesions[site].str.contains("lymph node", case=False) if site else pd.Series(False, of_lesions.index)
    across = (of_lesions["name"] == "short_axis_mm").groupby([of_lesions["USUBJID"], of_lesions["TRLNKID"]])
    alone = node & ~across.transform("any")
    counts = _diameters(of_lesions["name"], node & ~alone)
    role, faults = _roles(of_lesions, file=table.file)
    visit = of_lesions[when["visit"]].where(of_lesions["ABLFL"] != "Y", "baseline")
    long = of_lesions.assign(name=counts, role=role, visit=visit, is_node=node.map({True: "true", False: "false"}))
    keys = ["USUBJID", "TRLNKID", "visit"]
    rows, chosen = analysed(long[long["name"] != ""], [*keys, "name"], file=table.file)
    wide, twice = widened(rows, keys=keys, name="name", value="AVAL", file=table.file)
    carried = {when["scan_date"]: "scan_date", when["day"]: "day", site: "lesion_site", "role": "role"}
    kept = {theirs: ours for theirs, ours in {**carried, "is_node": "is_node"}.items() if theirs}
    whole, told = with_day_0(wide.join(rows.loc[wide.index, list(kept)]).rename(columns=kept), table.file)
    units, guessed = _size_units(rows.replace({"name": {"diameter_mm": "size_mm"}}), "AVAL", "AVALU", file=table.file)
    note = f"{table.file}: the diameter of a lymph node ({site or 'none is named'}) is NLDIAM, of others LDIAM"
    note += "; nodes without NLDIAM have LDIAM" if alone.any() else ""
    return replace(
        table,
        frame=whole.rename(columns={"USUBJID": "patient_id", "TRLNKID": "lesion_id"}),
        units=dict.fromkeys(["diameter_mm"] if units else [], next(iter(units.values()), "")),
        notes=(*table.notes, f"{note}; {left}." if left else f"{note}.", *chosen, *guessed, *told),
        problems=(*table.problems, *faults, *twice),
    )


def _diameters(names: pd.Series, node: pd.Series) -> pd.Series:
    """Name the diameter that counts for the criteria, and drop the other; uptake keeps its name."""
    theirs = node.map({True: "short_axis_mm", False: "size_mm"})
    return names.where(~names.isin(_SIZES), "diameter_mm").where(~names.isin(_SIZES) | (names == theirs), "")


def _roles(rows: pd.DataFrame, *, file: str) -> tuple[pd.Series, tuple[Problem, ...]]:
    """Return the part that each lesion plays, as a column says it, else as its number does (T01, NT01, NEW01)."""
    column = next((name for name in _ROLE_COLUMNS if name in rows.columns and (rows[name] != "").any()), "TRLNKID")
    roles = rows[column].map(_role_of_number if column == "TRLNKID" else _role_of_words)
    rule = "does not say which part the lesion plays (target, non-target or new); give it in a column TRGRPID"
    unknown = rows.loc[roles == "", column].drop_duplicates()
    problems = [
        Problem(file=file, row=int(str(row)), column=column, value=word, rule=rule) for row, word in unknown.items()
    ]
    return roles, tuple(problems)


def _role_of_words(word: str) -> str:
    return next((role for piece, role in _ROLES if piece in word.casefold()), "")


def _role_of_number(word: str) -> str:
    match = _NUMBERED.fullmatch(word)
    return _ROLE_OF_NUMBER[match[1].upper()] if match else ""


def _measured(code: str) -> str:
    """Return our name for what was measured, from a code such as LDIAM1 or SUVMAX; ``""`` for sums and the like."""
    if code.rstrip("0123456789") in _DIAMETERS:
        return _DIAMETERS[code.rstrip("0123456789")]
    match = _UPTAKE.fullmatch(code)
    stem = match[1].lower() if match else ""
    return _OUR_UPTAKE.get(stem, stem)


def _size_units(rows: pd.DataFrame, value: str, unit: str, *, file: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the unit of each kind of diameter where it is not millimetres, and what was taken for granted.

    Raises
    ------
    StudyError
        If diameters of one kind are given in several units, or some without any.
    """
    units, notes = {}, []
    for name in _SIZES:
        own = rows[(rows["name"] == name) & rows[value].map(lambda word: bool(_NUMBER.fullmatch(word)))]
        words = {""} if unit not in rows.columns and len(own) else set(own.get(unit, ()))
        if len(words) > 1:
            given = ", ".join(sorted(word or "none" for word in words))
            raise StudyError(f"{file}: {unit} of diameters holds {given}; give them all in one unit")
        if words == {""}:
            notes.append(f"{file}: the unit of diameters is not said; they are taken for millimetres.")
        elif words and words != {"mm"}:
            units[name] = words.pop()
    return units, tuple(dict.fromkeys(notes))


def _site_column(frame: pd.DataFrame) -> str:
    return next((name for name in ("TULOC", "TRLOC", "LSLOC") if name in frame.columns), "")


def _sites(frame: pd.DataFrame) -> pd.DataFrame | None:
    site = _site_column(frame)
    if not site:
        return None
    named = frame[frame[site] != ""].drop_duplicates(["USUBJID", "TRLNKID"])
    return named.set_index(["USUBJID", "TRLNKID"])[[site]].rename(columns={site: "lesion_site"})


def sdtm_tu(table: TextTable) -> TextTable:
    """Name the columns of identified tumours as ours, and say which are targets."""
    need_columns(table, ["USUBJID", "TULNKID", "TUSTRESC"], layout="sdtm-tu")
    frame = table.frame.copy()
    names = {"USUBJID": "patient_id", "TULNKID": "lesion_id", "TULOC": "lesion_site", "TULAT": "laterality"}
    frame["target"] = frame["TUSTRESC"].map(lambda word: _TARGETS.get(word.upper(), word))
    frame = frame.rename(columns={**names, "TUSTRESC": "lesion_role"})
    frame, reader = named_reader(frame, "TU")
    if "laterality" in frame:
        frame["laterality"] = frame["laterality"].str.lower()
    note = f"{table.file}: TUSTRESC TARGET was read as a target; NON-TARGET and NEW as none."
    return replace(table, frame=frame, notes=(*table.notes, note, *reader))


def sdtm_tr(table: TextTable, *, part: str = "") -> TextTable:
    """Turn tumour results into one row per lesion, visit and reader, a column for each test.

    The part ``"visits"`` is a table for the response criteria: see `tumours_at_visits`.
    """
    if part == VISITS:
        return tumours_at_visits(table)
    if part:
        raise StudyError(f"{table.file}: no part {part!r}{nearest(part, [VISITS])}; sdtm-tr has {VISITS!r}, or none")
    need_columns(table, ["USUBJID", "TRLNKID", "TRTESTCD"], layout="sdtm-tr")
    value = "TRSTRESC" if "TRSTRESC" in table.frame.columns else "TRORRES"
    need_columns(table, [value], layout="sdtm-tr")
    frame, reader = named_reader(table.frame, "TR")
    of_lesions = frame[frame["TRLNKID"] != ""]
    when = next((name for name in ("VISIT", "TRDTC", "VISITNUM") if name in frame.columns), "")
    keys = ["USUBJID", "TRLNKID", *([when] if when else []), *(["reader_id"] if "reader_id" in frame else [])]
    names = of_lesions["TRTESTCD"].str.upper().map(lambda code: _measured(code) or stem_of(code))
    named = of_lesions.assign(name=names)
    wide, twice = widened(named, keys=keys, name="name", value=value, file=table.file)
    unit = f"{value[:-1]}U" if value == "TRSTRESC" else f"{value}U"
    units, guessed = _size_units(named, value, unit, file=table.file)
    ours = {"USUBJID": "patient_id", "TRLNKID": "lesion_id", when: "session"}
    left = len(frame) - len(of_lesions)
    notes: Sequence[str] = [f"{table.file}: {left} rows of no one lesion (sums) were left out."] if left else []
    return replace(
        table,
        frame=wide.rename(columns={theirs: name for theirs, name in ours.items() if theirs}),
        units=units,
        notes=(*table.notes, *notes, *guessed, *(f"{table.file}: {said}" for said in reader)),
        problems=(*table.problems, *twice),
    )
