import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from biomarker.tables import Table
from biomarker.tables.render.latex import escape, render
from biomarker.tables.style import STYLES

EXPECTED = r"""% needs array, booktabs, threeparttable
\begin{table}[htbp]
\centering\small
\begin{threeparttable}
\caption{Predictive values at SUVmax \ensuremath{\geq} 4.0}
\begin{tabular}{lr@{}lr@{}lr@{}ll}
\toprule
Quantity & \multicolumn{2}{r}{n/N} & \multicolumn{2}{r}{\%} & \multicolumn{2}{r}{95\% CI} & Comment \\
\midrule
\multicolumn{8}{l}{\textbf{Lesions}} \\*
\hspace*{1em}Sensitivity & 25 & /33 & 75 & .8 & 57 & .7--88.9 & exact \\
\hspace*{1em}LR+ \ensuremath{-} 1 &  &  & \ensuremath{-}0 & .97 & \ensuremath{-}1 & .2 to 0.3 & a \& b \\
\addlinespace
\multicolumn{8}{l}{\textbf{Patients}} \\*
\hspace*{1em}PPV & 0 & /0 & NE &  & NE &  & not \textless{}estimable\textgreater{} \\
\bottomrule
\end{tabular}
\begin{tablenotes}[flushleft]
\footnotesize
\item CI, confidence interval.
\item NE, not estimable: 0/0\_rows.
\end{tablenotes}
\end{threeparttable}
\end{table}
"""

PACKAGES = (
    r"\usepackage[T1]{fontenc}"
    r"\usepackage{array,booktabs,threeparttable,longtable,threeparttablex,rotating,pdflscape}"
)
EVERY_SIGN = (
    r"""\ { } $ & # % _ ^ ~ < > | ` ' " [ ] * - -- --- ,, '' ?` !` << >> \\ \input{x} \end{table} """
    "µ ≥ ≤ − – — × ± · χ² 10⁻³ H₂ α β κ Δ ° ∞ √ → † ‡ § ¶ … • “ ” ‘ ’ € é ü ß Ł ½ \x00 \u00a0 \u2009"
)


def test_snapshot(table):
    assert render(table) == EXPECTED


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("\\", r"\textbackslash{}"),
        ("{}$&#%_", r"\{\}\$\&\#\%\_"),
        ("^~", r"\textasciicircum{}\textasciitilde{}"),
        ("[1] *", "{[}1{]} {*}"),
        ("--", "-{}-"),
        ("–-", "--{}-"),
        ("µ≥−–", r"\ensuremath{\mu}\ensuremath{\geq}\ensuremath{-}--"),
        ("χ²", r"\ensuremath{\chi}\ensuremath{^{2}}"),
        ("a\nb", "a b"),
        ("\x00", r"\fbox{?}"),
    ],
)
def test_escapes(text, tex):
    assert escape(text) == tex


def test_a_wide_table_is_turned():
    table = Table(title="t", header=["x"] * 8, rows=[["12.34 (5.67)"] * 8])
    assert r"\begin{sidewaystable}" in render(table)
    assert "rotating" in render(table).splitlines()[0]


def test_prose_is_set_in_columns_that_break_lines():
    table = Table(title="t", header=["a", "b", "c"], rows=[["x", "word " * 20, "1"]])
    wraps = r">\{\\raggedright\\arraybackslash\}p\{0\.\d\d\\linewidth\}"
    assert re.search(rf"\\begin\{{tabular\}}\{{l{wraps}r\}}", render(table))


def compiled(body, folder, times=1):
    """Set a page by pdflatex and return what it said."""
    page = rf"\documentclass{{article}}{PACKAGES}\begin{{document}}{body}\end{{document}}"
    (folder / "t.tex").write_text(page, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    for _ in range(times):
        run = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        said = run.stdout.decode("latin-1")
        assert run.returncode == 0, said[-1500:]
    return said


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed: LaTeX is checked as text only")
def test_every_sign_compiles(tmp_path):
    rows = [[EVERY_SIGN, "1"], ["[x]", "*"], ["", ""]]
    table = Table(title=EVERY_SIGN, header=["a", "b"], rows=rows, footnotes=[f"[z] {EVERY_SIGN}"])
    compiled(render(table), tmp_path)


def test_spanners_marks_and_units(rich):
    body = render(rich)
    assert r"\multicolumn{2}{c}{Lesions\tnote{a}}" in body
    assert r"\cmidrule(lr){2-3}\cmidrule(lr){4-7}" in body
    assert r"SUVmax (g/mL)\tnote{b}" in body
    assert r"\item[a] Nested in patients." in body
    assert r"\textbf{Group}\tnote{c}" in body
    assert r"1 & .20 (0.80--1.91)\tnote{d}" in body


def test_a_long_table_runs_over_pages_with_its_header_on_each(rich):
    body = render(replace(rich, rows=rich.rows * 20))
    assert r"\begin{longtable}" in body
    assert body.count(r"\cmidrule(lr){2-3}") == 2  # on the first page, and on the others
    assert r"\insertTableNotes" in body
    assert "longtable, threeparttablex" in body.splitlines()[0]


def test_what_no_page_holds_is_cut_into_parts_with_one_number():
    table = Table(title="t", header=["stub"] + ["x"] * 14, rows=[["a"] + ["12.34 (5.67)"] * 14], footnotes=["n."])
    body = render(table)
    assert body.count(r"\begin{sidewaystable}") == 2
    assert body.count(r"\addtocounter{table}{-1}") == 1
    assert r"\caption{t (continued)}" in body


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed: LaTeX is checked as text only")
def test_rich_long_and_wide_tables_compile_and_fit(rich, tmp_path):
    long = replace(rich, rows=rich.rows * 20)
    wide = Table(title="t", header=["stub"] + ["x"] * 14, rows=[["a"] + ["12.34 (5.67)"] * 14], footnotes=["n."])
    said = compiled(render(rich) + render(long) + render(wide) + render(rich.with_style(STYLES["nejm"])), tmp_path, 3)
    assert "Overfull" not in said
