r"""A table as LaTeX: booktabs rules, threeparttable notes, and nothing in a cell that TeX could take for a command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap

from biomarker.tables.render.alignment import split_at_point
from biomarker.tables.render.characters import display_width, in_pieces, on_one_line
from biomarker.tables.render.columns import Column, columns_of, heading_text, panels, top_row
from biomarker.tables.table import Row, Table

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "`": r"\textasciigrave{}", '"': "''",
    # `\\` and `\item` look ahead for these, over any white space
    "[": "{[}", "]": "{]}", "*": "{*}",
}  # fmt: skip
_SIGNS = {
    "–": "--", "—": "---", "‑": "-", "−": r"\ensuremath{-}", "×": r"\ensuremath{\times}", "±": r"\ensuremath{\pm}",
    "÷": r"\ensuremath{\div}", "·": r"\ensuremath{\cdot}", "≥": r"\ensuremath{\geq}", "≤": r"\ensuremath{\leq}",
    "≈": r"\ensuremath{\approx}", "≠": r"\ensuremath{\neq}", "∞": r"\ensuremath{\infty}", "√": r"\ensuremath{\surd}",
    "→": r"\ensuremath{\rightarrow}", "←": r"\ensuremath{\leftarrow}", "↔": r"\ensuremath{\leftrightarrow}",
    "↑": r"\ensuremath{\uparrow}", "↓": r"\ensuremath{\downarrow}", "Δ": r"\ensuremath{\Delta}",
    "µ": r"\ensuremath{\mu}",
    "°": r"\ensuremath{^{\circ}}", "†": r"\dag{}", "‡": r"\ddag{}", "§": r"\S{}", "¶": r"\P{}",
    "…": r"\ldots{}", "•": r"\textbullet{}", "“": "``", "”": "''", "‘": "`", "’": "'", "€": r"\texteuro{}",
    "\u00a0": "~", "\u2009": r"\,", "\u202f": r"\,", "\u2003": r"\quad{}", "\u200b": "", "\ufffd": r"\fbox{?}",
}  # fmt: skip
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Θ": "Theta",
    "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_TEX = (
    _SPECIAL
    | _SIGNS
    | {letter: rf"\ensuremath{{\{name}}}" for letter, name in _GREEK.items()}
    | {sign: rf"\ensuremath{{^{{{digit}}}}}" for sign, digit in _RAISED.items()}
    | {sign: rf"\ensuremath{{_{{{digit}}}}}" for sign, digit in _LOWERED.items()}
)
_KNOWN = re.compile("[" + re.escape("".join(_TEX)) + "]")
_LIGATURE = re.compile(r"[-‑–—](?=[-‑–—])|,(?=,)|['’\"](?=['’\"])")  # pairs that TeX draws as another sign


_MOST_ROWS = 40  # of a table that is set on one page
_GAP = 3  # characters between two columns
_NARROWEST = 14  # characters: the least room that a label of the header is given
_LONGEST_HEADING = 80
# size of type, characters in a line, page turned or not: for the ten-point article that LaTeX makes by itself
_ROOMS = (
    ("", 69, False), (r"\small", 76, False), (r"\footnotesize", 86, False),
    (r"\small", 122, True), (r"\footnotesize", 137, True), (r"\scriptsize", 157, True),
)  # fmt: skip


def render(table: Table) -> str:
    r"""Return a ``table`` (``sidewaystable`` where it is wide, ``longtable`` where it is long), every text escaped.

    The preamble needs the packages that the first line names. Signs that tables print (≥, −, µ, Greek) are written as
    commands, so that any TeX engine sets them; letters of other scripts stay as they are and need XeLaTeX or LuaLaTeX
    with a font that has them.
    """
    parts = panels(table)
    is_long = len(table.lines) > _MOST_ROWS
    is_turned = any(_room_of(panel)[2] for panel in parts)
    packages = ["array", "booktabs", "threeparttable", *(["longtable", "threeparttablex"] if is_long else [])]
    if is_turned:
        packages.append("pdflscape" if is_long else "rotating")
    lines = [f"% needs {', '.join(packages)}"]
    for number, panel in enumerate(parts):
        lines += (_long if is_long else _float)(panel, table, is_turned=is_turned, is_first=number == 0)
    return "\n".join(lines) + "\n"


def to_bytes(table: Table) -> bytes:
    """Return the LaTeX as it is written to a file."""
    return render(table).encode()


def escape(text: str) -> str:
    r"""Return `text` such that TeX sets it as it reads.

    Examples
    --------
    >>> print(escape("SUVmax ≥ 4.0 & 50% of n_1"))
    SUVmax \ensuremath{\geq} 4.0 \& 50\% of n\_1
    """
    return r"\allowbreak{}".join(map(_escaped, in_pieces(on_one_line(text))))


def escape_end(text: str) -> str:
    """Return the second part of a number, whose first blank would be lost at the beginning of a column."""
    return ("~" if text.startswith(" ") else "") + escape(text)


def _escaped(text: str) -> str:
    line = _LIGATURE.sub("\\g<0>\x00", text)
    return _KNOWN.sub(lambda found: _TEX[found[0]], line).replace("\x00", "{}")


def _room_of(table: Table) -> tuple[str, int, bool]:
    """Return the size of type in which the table fits, the characters of a line, and whether the page is turned."""
    needed = sum(20 if column.wraps else _needed(column) for column in columns_of(table)) + _GAP * len(table.header)
    fitting = [(size, room, turned) for size, room, turned in _ROOMS if room >= needed]
    return fitting[0] if fitting else _ROOMS[-1]


def _needed(column: Column) -> int:
    """Return the characters a column takes: its label may be broken, and aligned numbers stand out on both sides."""
    return max(column.room, min(column.width, _NARROWEST)) + 2 * column.is_ragged


def _float(table: Table, whole: Table, *, is_turned: bool, is_first: bool) -> list[str]:
    environment = "sidewaystable" if is_turned else "table"
    return [
        rf"\begin{{{environment}}}[{'p' if is_turned else 'htbp'}]",
        rf"\centering{_room_of(table)[0]}",
        *([] if is_first else [r"\addtocounter{table}{-1}"]),
        r"\begin{threeparttable}",
        rf"\caption{{{escape(table.title)}{'' if is_first else ' (continued)'}}}",
        rf"\begin{{tabular}}{{{_preamble(table)}}}",
        *_header(table, whole),
        *_body(table, whole),
        r"\bottomrule",
        r"\end{tabular}",
        *_notes(whole, "tablenotes"),
        r"\end{threeparttable}",
        rf"\end{{{environment}}}",
    ]


def _long(table: Table, whole: Table, *, is_turned: bool, is_first: bool) -> list[str]:
    """Return a table that runs over pages, with its header on each of them."""
    header, span = _header(table, whole), sum(_tex_columns(table))
    continued = rf"\multicolumn{{{span}}}{{@{{}}l}}{{\tablename\ \thetable\ (continued)}} \\"
    notes = _notes(whole, "TableNotes")
    return [
        *([r"\begin{landscape}"] if is_turned else []),
        *([] if is_first else [r"\addtocounter{table}{-1}"]),
        r"\begingroup" + _room_of(table)[0],
        r"\begin{ThreePartTable}",
        *notes,
        rf"\begin{{longtable}}{{{_preamble(table)}}}",
        rf"\caption{{{escape(table.title)}{'' if is_first else ' (continued)'}}} \\",
        *header,
        r"\endfirsthead",
        continued,
        *header,
        r"\endhead",
        r"\midrule",
        r"\endfoot",
        r"\bottomrule",
        *([r"\insertTableNotes"] if notes else []),
        r"\endlastfoot",
        *_body(table, whole),
        r"\end{longtable}",
        r"\end{ThreePartTable}",
        r"\endgroup",
        *([r"\end{landscape}"] if is_turned else []),
    ]


def _tex_columns(table: Table) -> list[int]:
    """Return how many columns of TeX's each column takes: two where its numbers meet at their points."""
    return [2 if column.is_ragged else 1 for column in columns_of(table)]


def _preamble(table: Table) -> str:
    columns = columns_of(table)
    wrapping = sum(column.wraps for column in columns)
    room = _room_of(table)[1]
    others = sum(_needed(column) for column in columns if not column.wraps) + _GAP * len(columns)
    share = max(room - others, 15 * wrapping) / room / wrapping if wrapping else 0.0
    wrapped = rf">{{\raggedright\arraybackslash}}p{{{share:.2f}\linewidth}}"
    kinds = (
        wrapped if column.wraps else "r@{}l" if column.is_ragged else "r" if column.is_numeric else "l"
        for column in columns
    )
    return "".join(kinds)


def _mark(table: Table, notes: Sequence[str]) -> str:
    marks = table.marks_of(tuple(notes))
    return rf"\tnote{{{escape(marks)}}}" if marks else ""


def _header(table: Table, whole: Table) -> list[str]:
    columns, takes = columns_of(table), _tex_columns(table)
    labels = []
    for label, column, take, notes in zip(table.labels, columns, takes, table.header_notes, strict=True):
        text = _label(label, column) + _mark(whole, notes)
        labels.append(rf"\multicolumn{{{take}}}{{r}}{{{text}}}" if take > 1 else text)
    return [r"\toprule", *_spanners(table, whole, takes), " & ".join(labels) + r" \\", r"\midrule"]


def _spanners(table: Table, whole: Table, takes: Sequence[int]) -> list[str]:
    if not table.spanners:
        return []
    cells, rules = [], []
    for cell in top_row(table):
        if isinstance(cell, int):
            cells += [""] * takes[cell]
            continue
        first, width = sum(takes[: cell.first]) + 1, sum(takes[cell.first : cell.last + 1])
        cells.append(rf"\multicolumn{{{width}}}{{c}}{{{escape(cell.label)}{_mark(whole, cell.notes)}}}")
        rules.append(rf"\cmidrule(lr){{{first}-{first + width - 1}}}")
    return [" & ".join(cells) + r" \\", "".join(rules)]


def _label(label: str, column: Column) -> str:
    """Return a label of the header, broken into lines where it is much wider than what stands beneath it."""
    text = on_one_line(label)
    lines = wrap(text, max(column.room, _NARROWEST), break_long_words=False) if not column.wraps else [text]
    if len(lines) < 2:
        return escape(label)
    side, body = "r" if column.is_numeric else "l", r" \\ ".join(map(escape, lines))
    return rf"\begin{{tabular}}[b]{{@{{}}{side}@{{}}}}{body}\end{{tabular}}"


def _body(table: Table, whole: Table) -> list[str]:
    columns, takes = columns_of(table), _tex_columns(table)
    return [_row(row, whole, columns, takes, is_first=row is table.lines[0]) for row in table.lines]


def _row(row: Row, whole: Table, columns: Sequence[Column], takes: Sequence[int], *, is_first: bool) -> str:
    if not row.is_heading:
        marks = [_mark(whole, notes) for notes in row.notes]
        first = (r"\hspace*{" + f"{row.indent}em" + "}" if row.indent else "") + escape(row.cells[0]) + marks[0]
        return " & ".join([first, *map(_cell, row.cells[1:], columns[1:], marks[1:])]) + r" \\"
    space = "" if is_first else r"\addlinespace" + "\n"
    text = rf"\textbf{{{escape(heading_text(row))}}}" + _mark(whole, [note for notes in row.notes for note in notes])
    kind = "l" if display_width(heading_text(row)) <= _LONGEST_HEADING else r"p{0.95\linewidth}"
    return space + rf"\multicolumn{{{sum(takes)}}}{{{kind}}}{{{text}}} \\*"


def _cell(text: str, column: Column, mark: str) -> str:
    if not column.is_ragged:
        return escape(text) + mark
    before, after = split_at_point(on_one_line(text))
    return f"{escape(before)} & {escape_end(after)}{mark}"


def _notes(table: Table, environment: str) -> list[str]:
    if not table.footnotes and not table.marks:
        return []
    items = [rf"\item {escape(note)}" for note in table.footnotes]
    items += [rf"\item[{escape(mark)}] {escape(note)}" for note, mark in table.marks.items()]
    return [rf"\begin{{{environment}}}[flushleft]", r"\footnotesize", *items, rf"\end{{{environment}}}"]
