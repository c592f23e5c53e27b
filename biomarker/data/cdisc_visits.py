"""SDTM TR as the response criteria need it: one row a lesion and visit, with the diameter that counts and its state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from biomarker.data.cdisc import day_from_0, named_reader
from biomarker.data.cells import TextTable
from biomarker.data.pivot import need_columns, widened
from biomarker.errors import Problem, StudyError

_TESTS: Mapping[str, str] = {
    "LDIAM": "longest", "DIAMETER": "longest", "LPERP": "across", "SAXIS": "across", "TUMSTATE": "status",
}  # fmt: skip
_ROLES = {"TARGET": "target", "NON-TARGET": "non-target", "NONTARGET": "non-target", "NEW": "new"}
_SITES = ("TRLOC", "TULOC")
_FLAGS = ("TRLOBXFL", "TRBLFL")
_FIRST = re.compile(r"(baseline|screening|screen)\b.*", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
_STATES = {"measurable": "", "present": "present", "unequivocal increase": "unequivocal progression"}


def tumours_at_visits(table: TextTable) -> TextTable:
    """Turn tumour results into rows of the table "measurement".

    The diameter of a lymph node is the one across (LPERP), of another lesion the longest (LDIAM, DIAMETER). The visit
    flagged as baseline is called so. TRDY knows no day 0, so days up to the first dose are moved by one; complete dates
    (TRDTC) are taken instead where every row has one.

    Raises
    ------
    StudyError
        If columns are lacking, no test is of a diameter or a state, or diameters are in several units.
    """
    need_columns(table, ["USUBJID", "TRLNKID", "TRGRPID", "TRTESTCD", "VISIT"], layout="sdtm-tr")
    value = "TRSTRESC" if "TRSTRESC" in table.frame.columns else "TRORRES"
    need_columns(table, [value], layout="sdtm-tr")
    frame, reader = named_reader(table.frame, "TR")
    named = frame.assign(name=frame["TRTESTCD"].str.upper().map(lambda code: _TESTS.get(code, "")))
    known = named[(named["name"] != "") & (named["TRLNKID"] != "")]
    if known.empty:
        raise StudyError(f"{table.file}: no row of TRTESTCD is one of {', '.join(_TESTS)} of a lesion (TRLNKID)")
    done, not_done = _done(known, value)
    keys = ["USUBJID", "TRLNKID", "VISIT", *(["reader_id"] if "reader_id" in frame else [])]
    wide, twice = widened(done, keys=keys, name="name", value=value, file=table.file)
    rows = known.loc[wide.index]
    role = rows["TRGRPID"].str.upper().map(_ROLES).fillna("")
    first, said = _baseline(known, rows)
    time, when = _times(known, rows, file=table.file)
    site = next((name for name in _SITES if name in rows.columns), "")
    is_node = _nodes(wide, rows[site] if site else None, file=table.file)
    made = pd.DataFrame(
        {
            "patient_id": wide["USUBJID"],
            "lesion_id": wide["TRLNKID"],
            "visit": wide["VISIT"].where(~first, "baseline"),
            **time,
            "role": role,
            **({"lesion_site": rows[site]} if site else {}),
            "is_node": is_node,
            "diameter_mm": _diameter(wide, is_node),
            "status": _status(wide, not_done.loc[wide.index]),
            **({"reader_id": wide["reader_id"]} if "reader_id" in wide else {}),
        }
    )
    others = len(frame) - len(known)
    left = f"; {others} rows of other tests or of no one lesion were left out" if others > 1 else ""
    left = "; 1 row of another test or of no one lesion was left out" if others == 1 else left
    note = f"{table.file}: the diameter of a lymph node is LPERP, of others LDIAM or DIAMETER{left}; {said}; {when}."
    return replace(
        table,
        frame=made.astype(object),
        units=_units(done, value, file=table.file),
        notes=(*table.notes, note, *(f"{table.file}: {told}" for told in reader)),
        problems=(*table.problems, *_roleless(rows[role == ""], table.file), *twice),
    )


def _done(known: pd.DataFrame, value: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return the rows with a result, those not done without one, and for each row whether it was not done."""
    blank = pd.Series("", known.index, dtype=object)
    not_done = known.get("TRSTAT", blank).str.upper().eq("NOT DONE") | known[value].str.upper().isin(["NE", "NOT DONE"])
    return known.assign(**{value: known[value].where(~not_done, "")}), not_done


def _baseline(known: pd.DataFrame, rows: pd.DataFrame) -> tuple[pd.Series, str]:
    """Return which rows are of the baseline, by its flag, else by the name of the visit, and what was done."""
    flag = next((name for name in _FLAGS if name in known.columns and (known[name] == "Y").any()), "")
    if flag:
        visits = set(known.loc[known[flag] == "Y", "VISIT"])
        return rows["VISIT"].isin(visits), f"the baseline is the visit with {flag} Y ({', '.join(sorted(visits))})"
    first = rows["VISIT"].map(lambda visit: bool(_FIRST.fullmatch(visit)))
    names = ", ".join(sorted(set(rows.loc[first, "VISIT"]))) or "none is named"
    return first, f"no visit is flagged as baseline, so it is taken by its name ({names})"


def _times(known: pd.DataFrame, rows: pd.DataFrame, *, file: str) -> tuple[dict[str, pd.Series], str]:
    """Return the column of time: whole dates where every row has one, else study days with a day 0."""
    if "TRDTC" in known and known["TRDTC"].map(lambda word: bool(_DATE.fullmatch(word))).all():
        earliest = known.groupby(["USUBJID", "VISIT"])["TRDTC"].transform("min").loc[rows.index]
        dates = earliest.str.slice(0, 10)
        several = known["TRDTC"].str.slice(0, 10).groupby([known["USUBJID"], known["VISIT"]]).nunique().gt(1).sum()
        more = f" (the first of several in {several} visits)" if several else ""
        return {"scan_date": dates}, f"visits are dated by TRDTC{more}"
    if "TRDY" not in known:
        raise StudyError(f"{file}: the visits have no time: complete dates in TRDTC, or days in TRDY, are needed")
    return {"day": rows["TRDY"].map(day_from_0)}, "TRDY has no day 0, so days from 1 on are less by one"


def _nodes(wide: pd.DataFrame, site: pd.Series | None, *, file: str) -> pd.Series:
    """Return "true" for lymph nodes, "false" for others, and nothing where neither site nor test says it."""
    blank = pd.Series("", wide.index, dtype=object)
    if site is not None:
        named = site.str.contains(r"\blymph ?node", case=False).map({True: "true", False: "false"})
        return named.where(site != "", "")
    has = {
        name: (wide.get(name, blank) != "").groupby([wide["USUBJID"], wide["TRLNKID"]]).transform("any")
        for name in ("longest", "across")
    }
    both = has["across"] & has["longest"]
    if both.any():
        lesion = wide["TRLNKID"][both].iloc[0]
        raise StudyError(
            f"{file}: lesions such as {lesion} have a longest diameter and one across, and no column TRLOC says "
            "which are lymph nodes; carry TULOC over from TU"
        )
    return blank.where(~has["across"], "true")  # a diameter alone may be that of a node: its site will say


def _diameter(wide: pd.DataFrame, is_node: pd.Series) -> pd.Series:
    blank = pd.Series("", wide.index, dtype=object)
    longest, across = wide.get("longest", blank), wide.get("across", blank)
    return longest.where((is_node != "true") & (longest != ""), across.where(across != "", longest))


def _status(wide: pd.DataFrame, not_done: pd.Series) -> pd.Series:
    blank = pd.Series("", wide.index, dtype=object)
    state = wide.get("status", blank).map(lambda word: _STATES.get(word.casefold(), word.casefold()))
    return state.where(~(not_done & (state == "")), "not evaluable")


def _units(rows: pd.DataFrame, value: str, *, file: str) -> dict[str, str]:
    unit = "TRSTRESU" if value == "TRSTRESC" else "TRORRESU"
    sizes = rows[rows["name"].isin(["longest", "across"]) & (rows[value] != "")]
    words = set(sizes[unit]) if unit in sizes else {""}
    if len(words) > 1:
        raise StudyError(f"{file}: {unit} of diameters holds {', '.join(sorted(w or 'none' for w in words))}; give one")
    word = next(iter(words), "")
    return {"diameter_mm": word} if word not in ("", "mm") else {}


def _roleless(rows: pd.DataFrame, file: str) -> tuple[Problem, ...]:
    rule = "does not say which part the lesion plays: TARGET, NON-TARGET or NEW"
    return tuple(
        Problem(file=file, row=int(str(row)), column="TRGRPID", value=word, rule=rule)
        for row, word in rows["TRGRPID"].drop_duplicates().items()
    )
