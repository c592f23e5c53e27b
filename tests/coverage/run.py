"""Make docs/coverage.md: simulated coverage of every interval, section by section.

Run ``python -m tests.coverage.run`` from the repository for all of it, one core for an hour or two; ``--studies 100``
for a look; ``python -m tests.coverage.run correlations survival`` to remake these sections and keep the others.
"""

from __future__ import annotations

import argparse
import platform
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from tests.coverage import (
    correlations,
    hazard,
    icc,
    kappa,
    kinetics,
    limits_of_agreement,
    method_comparison,
    nested,
    nested_mean_ratio,
    odds_ratio,
    repeatability,
    response_rate,
    survival,
    timed,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "coverage.md"
HEAD = (
    "# Simulated coverage\n\n"
    "Per cent of nominal 95 % intervals that hold the true value: ours, and in brackets what the section says. ICC is "
    "the correlation between lesions of one patient. Each section says when and with which versions it was made; all "
    "are made by `python -m tests.coverage.run`."
)

Row = tuple[str, float, int, float, float]  # what, correlation, patients, ours, the other


@dataclass(frozen=True)
class Section:
    """One section: its title, what a reader must know, its tables, its share of the studies asked for (0: exact)."""

    title: str
    told: str
    make: Callable[[int], list[str]]
    share: float = 1.0

    def written(self, n_studies: int) -> str:
        """Simulate, and return the section."""
        n = max(20, round(self.share * n_studies))
        used = ", ".join(f"{name} {version(name)}" for name in ("biomarker", "numpy", "scipy"))
        how = f" with {n:,} studies a cell" if self.share else ""
        made = f"Made on {date.today().isoformat()}{how}, Python {platform.python_version()}, {used}."
        return "\n".join([f"## {self.title}", "", self.told, made, "", *self.make(n)])


def table(rows: Iterable[Row], *, each: str = "patients", by: str = "ICC") -> list[str]:
    """Lay out rows: a line for each interval and correlation, a column for each size."""
    found = list(rows)
    sizes = sorted({row[2] for row in found})
    lines = [
        f"| Interval | {by} | {' | '.join(f'{size} {each}' for size in sizes)} |",
        f"|---|---|{'---|' * len(sizes)}",
    ]
    for name, correlation in dict.fromkeys((row[0], row[1]) for row in found):
        cells = {
            size: f"{100 * ours:.1f} ({100 * other:.1f})"
            for what, c, size, ours, other in found
            if (what, c) == (name, correlation)
        }
        lines.append(f"| {name} | {correlation:g} | {' | '.join(cells.get(size, '') for size in sizes)} |")
    return lines


def of_rows(
    rows: Callable[[int], Iterable[Row]], *, each: str = "patients", by: str = "ICC"
) -> Callable[[int], list[str]]:
    """Return a function that simulates rows and lays them out."""
    return lambda n_studies: table(rows(n_studies), each=each, by=by)


NAIVE = "In brackets: the usual interval that takes every lesion as independent."
SECTIONS = {
    "predictive-values": Section(
        "Predictive values, AUC and cutoff of nested lesions",
        f"{NAIVE} Lesion counts are skewed: 1 + negative binomial, mean 4.5. Proportions take twice as many studies, "
        "the cutoff half.",
        of_rows(nested.rows),
        2.0,
    ),
    "useless-marker": Section(
        "A marker that knows nothing",
        "Mean Youden J of the best cutoff, apparent and corrected for optimism (.632+ bootstrap of whole patients); "
        "the truth is 0.",
        nested.useless_table,
        0.5,
    ),
    "groups": Section("Uptake compared between groups", NAIVE, of_rows(nested_mean_ratio.rows)),
    "correlations": Section("Correlations and their differences", NAIVE, of_rows(correlations.rows)),
    "odds-ratio": Section("Odds ratio of response", NAIVE, of_rows(odds_ratio.rows)),
    "response-rate": Section(
        "Response rates and their differences",
        "Independent patients; exact: every outcome is laid out with its chance, and nothing is simulated. Mean over "
        "rates from 5 to 95%, in brackets the least.",
        response_rate.section,
        0.0,
    ),
    "icc": Section(
        "Intraclass correlation", "In brackets: the interval by mean squares of complete items.", of_rows(icc.rows), 0.5
    ),
    "repeatability": Section(
        "Repeatability",
        f"{NAIVE} Instead of the ICC: the share of the error that lesions of a patient have in common.",
        of_rows(repeatability.rows, by="Share"),
    ),
    "limits": Section("Limits of agreement and concordance", NAIVE, of_rows(limits_of_agreement.rows)),
    "methods": Section("Comparison of methods", NAIVE, of_rows(method_comparison.rows), 0.25),
    "kappa": Section("Agreement on categories", NAIVE, of_rows(kappa.rows), 0.5),
    "survival": Section("Survival", "Independent patients.", survival.section),
    "hazard": Section(
        "Hazard ratio and c-index",
        "In brackets: without Firth's penalty; a c-index has one interval.",
        of_rows(hazard.rows, each="events"),
        2.0,
    ),
    "by-time": Section(
        "Areas and predictive values by a time, cumulative incidence",
        "In brackets: the interval on the plain scale.",
        of_rows(timed.rows),
    ),
    "kinetics": Section(
        "Half-lives, Patlak influx, and values below a limit",
        "First of single curves, by the interval named. Then of single lesions (twice as many): limits that allow for "
        "the choice of t*; in brackets those that take it as known, and those of a t* given rightly. A slight, middling"
        " or strong bend: 25, 50 or 90 % of V_T fill with 8 h. Then over patients. " + NAIVE,
        kinetics.section,
        0.5,
    ),
}


def main() -> None:
    """Simulate the sections asked for, and put them in their places in the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[[], *SECTIONS], help=", ".join(SECTIONS))
    parser.add_argument("--studies", type=int, default=1000)
    asked = parser.parse_args()
    kept = _kept(DOCUMENT)
    for name in asked.sections or SECTIONS:
        section = SECTIONS[name]
        kept[section.title] = section.written(asked.studies)
        _write([kept[one.title] for one in SECTIONS.values() if one.title in kept])  # what is done is kept
        print(kept[section.title], flush=True)


def _kept(document: Path) -> dict[str, str]:
    """Return the sections that the document holds, by title."""
    if not document.exists():
        return {}
    parts = re.split(r"^(?=## )", document.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0].removeprefix("## "): part.rstrip() for part in parts}


def _write(parts: Sequence[str]) -> None:
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text("\n\n".join([HEAD, *parts]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
