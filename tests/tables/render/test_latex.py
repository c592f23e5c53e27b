import re
import shutil
import subprocess

import pytest

from biomarker.tables import Table
from biomarker.tables.render.latex import escape, render

EXPECTED = r"""% needs booktabs, threeparttable
\begin{table}[htbp]
\centering
\begin{threeparttable}
\caption{Predictive values at SUVmax \ensuremath{\geq} 4.0}
\begin{tabular}{lrrrl}
\toprule
Quantity & n/N & \% & 95\% CI & Comment \\
\midrule
\multicolumn{5}{l}{\textbf{Lesions}} \\
\hspace*{1em}Sensitivity & 25/33 & 75.8 & 57.7--88.9 & exact \\
\hspace*{1em}LR+ \ensuremath{-} 1 &  & \ensuremath{-}0.97 & \ensuremath{-}1.2 to 0.3 & a \& b \\
\addlinespace
\multicolumn{5}{l}{\textbf{Patients}} \\
\hspace*{1em}PPV & 0/0 & NE & NE & not \textless{}estimable\textgreater{} \\
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
    assert re.search(r"\\begin\{tabular\}\{lp\{0.60\\linewidth\}r\}", render(table))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed: LaTeX is checked as text only")
def test_every_sign_compiles(tmp_path):
    rows = [[EVERY_SIGN, "1"], ["[x]", "*"], ["", ""]]
    table = Table(title=EVERY_SIGN, header=["a", "b"], rows=rows, footnotes=[f"[z] {EVERY_SIGN}"])
    packages = r"\usepackage[T1]{fontenc}\usepackage{booktabs,threeparttable}"
    page = rf"\documentclass{{article}}{packages}\begin{{document}}{render(table)}\end{{document}}"
    (tmp_path / "t.tex").write_text(page, encoding="utf-8")
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout.decode("latin-1")[-1500:]
