"""The report as one value: what it says, in order, before it is set as a web page or a Word document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from biomarker.study.methods import MethodsText
from biomarker.tables import Table

if TYPE_CHECKING:
    from biomarker.analyses.result import Exclusion, Result
    from biomarker.figures.export import Picture

_HASH_SHOWN = 12  # digits of a hash: enough to tell files apart
_ROWS_SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class Input:
    """One table that went in: its file, and the words that stood in its missing cells with how often each did."""

    name: str
    file: str
    rows: int
    sha256: str = ""
    missing: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """One analysis as it is printed.

    Attributes
    ----------
    name, kind : str
        As in the study file.
    title : str
        Its heading, for people.
    table : Table, optional
    picture : Picture, optional
    caption : str
        What the picture shows, without "Figure 1".
    notes : tuple of str
        What a reader must know; those that stand beneath the table already are not printed twice.
    exclusions : tuple of Exclusion
    """

    name: str
    kind: str
    title: str
    table: Table | None = None
    picture: Picture | None = None
    caption: str = ""
    notes: tuple[str, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()

    @property
    def other_notes(self) -> tuple[str, ...]:
        """The notes that are not among the footnotes of the table."""
        return tuple(note for note in self.notes if self.table is None or note not in self.table.footnotes)

    @property
    def left_out(self) -> tuple[str, ...]:
        """One line a reason: why rows were left out, and which."""
        return tuple(_left_out(exclusion) for exclusion in self.exclusions)


@dataclass(frozen=True, kw_only=True)
class NumberedSection:
    """A section with the numbers its table and its figure bear in the report."""

    section: Section
    table_number: int | None
    figure_number: int | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything a report says.

    Attributes
    ----------
    title, tracer, description, source : str
    banner : str
        What must not be overlooked: "Synthetic data", "Reconstruction". Printed above everything else.
    explorer : str
        Name of the explorer's file beside the report; empty where there is none.
    sections : tuple of Section
        In the order of the study file.
    inputs : tuple of Input
    methods : MethodsText
    checklists : tuple of Table
        Reporting checklists as far as the run can fill them in: each item, and where it is reported.
    provenance : tuple of (str, str)
        Pairs of a label and what stands beside it: versions, date, seed.
    """

    title: str
    tracer: str = ""
    description: str = ""
    source: str = ""
    banner: str = ""
    explorer: str = ""
    sections: tuple[Section, ...] = ()
    inputs: tuple[Input, ...] = ()
    methods: MethodsText = field(default_factory=MethodsText)
    checklists: tuple[Table, ...] = ()
    provenance: tuple[tuple[str, str], ...] = ()

    def numbered(self) -> Iterator[NumberedSection]:
        """Give each section with the numbers of its table and figure, counted from 1 through the report."""
        tables = figures = 0
        for section in self.sections:
            tables += section.table is not None
            figures += section.picture is not None
            yield NumberedSection(
                section=section,
                table_number=None if section.table is None else tables,
                figure_number=None if section.picture is None else figures,
            )


def inputs_table(report: Report) -> Table:
    """Lay out what went in: each table, its file and hash, and the words that marked its missing values."""
    rows = [
        (
            entry.name,
            entry.file,
            f"{entry.rows:,}",
            entry.sha256[:_HASH_SHOWN],
            ", ".join(f"“{word}” {count:,}" for word, count in entry.missing) or "none",
        )
        for entry in report.inputs
    ]
    notes = [f"{entry.name}: {note}" for entry in report.inputs for note in entry.notes]
    hashed = f"SHA-256 is that of the file as it was read, its first {_HASH_SHOWN} digits."
    return Table(
        title="Tables that went in, and how their missing values were marked",
        header=("Table", "File", "Rows", "SHA-256", "Missing values"),
        rows=rows,
        footnotes=(hashed, *notes),
    )


def section_of(
    result: Result,
    *,
    name: str,
    kind: str,
    title: str = "",
    table: Table | None = None,
    picture: Picture | None = None,
) -> Section:
    """Return the section of one result, its table and picture already made.

    The caption is the result's own, or the title of its table.
    """
    of_table = "" if table is None else table.title
    return Section(
        name=name,
        kind=kind,
        title=title or of_table or name,
        table=table,
        picture=picture,
        caption=str(getattr(result, "caption", "") or of_table or title),
        notes=result.method.notes,
        exclusions=result.exclusions,
    )


def _left_out(exclusion: Exclusion) -> str:
    shown = ", ".join(map(str, exclusion.rows[:_ROWS_SHOWN]))
    more = f" and {exclusion.n - _ROWS_SHOWN:,} more" if exclusion.n > _ROWS_SHOWN else ""
    return f"{exclusion.n:,} {exclusion.printed_reason}: row{'s' if exclusion.n > 1 else ''} {shown}{more}"
