"""What a checklist is filled from: the study, its tables, and each analysis with the place it has in the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from biomarker.tables.style import Style, listed
from biomarker.vocabulary import lower_label, quantity_label

if TYPE_CHECKING:
    from biomarker.analyses.result import Estimate, Result
    from biomarker.data.table import DataTable
    from biomarker.study.load import Study
    from biomarker.study.report.document import NumberedSection
    from biomarker.study.run import Outcome

_NO_SHARES = ("auc", "c_index", "c_index_corrected", "uno_c_index", "icc", "ccc", "brier", "brier_scaled", "youden")
_MOST_TOLD = 4  # analyses told one by one; of more, the first and how many others there are


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One analysis as it stands in the report."""

    name: str
    kind: str
    title: str
    table: str | None
    where: Mapping[str, Any]
    arguments: Mapping[str, Any]
    result: Result
    table_number: int | None = None
    figure_number: int | None = None

    @property
    def place(self) -> str:
        """Where its numbers are: "Table 3"; its name where it has no table."""
        return f"Table {self.table_number}" if self.table_number is not None else f"analysis “{self.name}”"

    @property
    def drawn(self) -> str:
        """Where it is drawn, and its numbers are: "Figure 1, Table 3"."""
        return f"Figure {self.figure_number}, {self.place}" if self.figure_number is not None else self.place

    def estimates(self, *quantities: str) -> list[Estimate]:
        """Return the lines of these quantities, in the order of the result."""
        return [line for line in self.result.estimates if line.quantity in quantities]

    def setting(self, name: str) -> Any:  # noqa: ANN401 - whatever a study file may hold
        """Return an argument of the study file, or the setting the result was made with."""
        return self.arguments.get(name, self.result.method.settings.get(name))


@dataclass(frozen=True, kw_only=True)
class CheckedRun:
    """A run as a checklist sees it."""

    study: Study
    tables: Mapping[str, DataTable]
    shown: tuple[Shown, ...]
    style: Style

    def of(self, *kinds: str) -> list[Shown]:
        """Return the analyses of these kinds."""
        return [one for one in self.shown if one.kind in kinds]

    def value(self, line: Estimate, name: str = "") -> str:
        """Return an estimate with its limits as a sentence has it: "AUC 0.81 (0.72–0.88)"."""
        label = name or _in_a_sentence(quantity_label(line.quantity))
        if line.unit in ("fraction", "%") and line.quantity not in _NO_SHARES:
            scale = 100.0 if line.unit == "fraction" else 1.0
            return f"{label} {self._with_limits(line, 1, scale, '%')}"
        unit = f" {line.unit}" if line.unit not in ("", "fraction") else ""
        return f"{label} {self._with_limits(line, 2, 1.0, unit)}"

    def _with_limits(self, line: Estimate, digits: int, scale: float, unit: str) -> str:
        shown = f"{self.style.number(scale * line.value, digits)}{unit}"
        if line.low != line.low and line.high != line.high:  # both are NaN
            return shown
        return f"{shown} ({self.style.interval(line.low, line.high, digits, scale=scale)})"


def run_of(
    study: Study,
    tables: Mapping[str, DataTable],
    outcomes: Iterable[Outcome],
    numbered: Iterable[NumberedSection],
    style: Style,
) -> CheckedRun:
    """Return a run with the number that the table and figure of each analysis bear in the report."""
    places = {one.section.name: one for one in numbered}
    shown = [
        Shown(
            name=outcome.step.name,
            kind=outcome.step.kind,
            title=outcome.step.title,
            table=outcome.step.table,
            where=outcome.step.where,
            arguments=outcome.step.arguments,
            result=outcome.result,
            table_number=places[outcome.step.name].table_number if outcome.step.name in places else None,
            figure_number=places[outcome.step.name].figure_number if outcome.step.name in places else None,
        )
        for outcome in outcomes
    ]
    return CheckedRun(study=study, tables=tables, shown=tuple(shown), style=style)


def told(pieces: Iterable[str]) -> str:
    """Return pieces one after another, each once; of many, the first and how many more."""
    every = list(dict.fromkeys(piece for piece in pieces if piece))
    more = len(every) - _MOST_TOLD
    return "; ".join([*every[:_MOST_TOLD], *([f"and {more} more"] if more > 0 else [])])


def places(shown: Iterable[Shown]) -> str:
    """Return where several analyses are: "Tables 3, 5 and 7"."""
    numbers = [str(one.table_number) for one in shown if one.table_number is not None]
    return f"Table{'s' * (len(numbers) > 1)} {listed(numbers)}" if numbers else ""


def columns(names: object) -> str:
    """Return the labels of columns as a sentence has them."""
    several = [names] if isinstance(names, str) else list(names) if isinstance(names, list | tuple) else []
    return listed([lower_label(str(name)) for name in dict.fromkeys(several)])


def _in_a_sentence(label: str) -> str:
    """Return a label without its capital, unless that is of a name."""
    first = label.partition(" ")[0].partition("-")[0].removesuffix("'s")
    is_name = first in _NAMES or not label[1:2].islower()
    return label if is_name else label[0].lower() + label[1:]


_NAMES = {
    "Cohen", "Conger", "Fleiss", "Gwet", "Krippendorff", "Brennan", "Harrell", "Uno", "Youden", "Spearman", "Pearson",
    "Kendall", "Brier", "Nagelkerke", "Cox", "Gray", "Hodges", "Hedges", "Somers", "Cochran", "McNemar", "Matthews",
}  # fmt: skip
