r"""A table as LaTeX: booktabs rules, threeparttable notes, and nothing in a cell that TeX could take for a command."""

from __future__ import annotations

import re
from collections.abc import Sequence

from biomarker.tables.render.characters import on_one_line
from biomarker.tables.render.columns import Column, columns_of, heading_text, is_wide
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


def render(table: Table) -> str:
    r"""Return a ``table`` environment (``sidewaystable`` where it is wide) with every text escaped.

    The preamble needs ``\usepackage{booktabs,threeparttable}``, and ``rotating`` for a wide table. Signs that tables
    print (≥, −, µ, Greek) are written as commands, so that any TeX engine sets them; letters of other scripts stay as
    they are and need XeLaTeX or LuaLaTeX with a font that has them.
    """
    environment = "sidewaystable" if is_wide(table) else "table"
    columns = columns_of(table)
    lines = [
        f"% needs booktabs, threeparttable{', rotating' if is_wide(table) else ''}",
        rf"\begin{{{environment}}}[{'p' if is_wide(table) else 'htbp'}]",
        r"\centering" + (r"\small" if is_wide(table) else ""),
        r"\begin{threeparttable}",
        rf"\caption{{{escape(table.title)}}}",
        rf"\begin{{tabular}}{{{_preamble(columns)}}}",
        r"\toprule",
        _cells(table.header),
        r"\midrule",
        *(_row(row, len(columns), is_first=row is table.lines[0]) for row in table.lines),
        r"\bottomrule",
        r"\end{tabular}",
        *_notes(table),
        r"\end{threeparttable}",
        rf"\end{{{environment}}}",
    ]
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
    line = _LIGATURE.sub("\\g<0>\x00", on_one_line(text))
    return _KNOWN.sub(lambda found: _TEX[found[0]], line).replace("\x00", "{}")


def _preamble(columns: tuple[Column, ...]) -> str:
    wrapping = sum(column.wraps for column in columns)
    width = f"p{{{0.6 / wrapping:.2f}\\linewidth}}" if wrapping else ""
    return "".join("r" if column.is_numeric else width if column.wraps else "l" for column in columns)


def _cells(cells: Sequence[str], indent: int = 0) -> str:
    first = r"\hspace*{" + f"{indent}em" + "}" if indent else ""
    return first + " & ".join(map(escape, cells)) + r" \\"


def _row(row: Row, span: int, *, is_first: bool) -> str:
    if not row.is_heading:
        return _cells(row.cells, row.indent)
    space = "" if is_first else r"\addlinespace" + "\n"
    return space + rf"\multicolumn{{{span}}}{{l}}{{\textbf{{{escape(heading_text(row))}}}}} \\"


def _notes(table: Table) -> list[str]:
    if not table.footnotes:
        return []
    items = [rf"\item {escape(note)}" for note in table.footnotes]
    return [r"\begin{tablenotes}[flushleft]", r"\footnotesize", *items, r"\end{tablenotes}"]
