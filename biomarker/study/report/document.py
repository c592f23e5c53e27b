"""The report as one value: what it says, in order, before it is set as a web page or a Word document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from biomarker.study.methods.text import MethodsText, Paragraph
from biomarker.tables import Table
from biomarker.vocabulary import kind_label

if TYPE_CHECKING:
    from biomarker.analyses.result import Exclusion, Result
    from biomarker.figures.export import Picture
    from biomarker.references import Reference

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
class Drawing:
    """A picture and what it shows, without "Figure 1"."""

    picture: Picture
    caption: str


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
    further : tuple of Drawing
        The pictures beside the main one, where an analysis has several.
    notes : tuple of str
        What a reader must know; those that stand beneath the table already are not printed twice.
    exclusions : tuple of Exclusion
    question : str
        What the analysis asks, as a sentence.
    answer : str
        What it found, in a few sentences; empty where its table is the answer.
    method : str
        How it was done, in the words of the methods section.
    references : tuple of Reference
        Those that `method` rests on.
    not_shown : tuple of str
        What must not be read into it, as sentences.
    """

    name: str
    kind: str
    title: str
    table: Table | None = None
    picture: Picture | None = None
    caption: str = ""
    further: tuple[Drawing, ...] = ()
    notes: tuple[str, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    question: str = ""
    answer: str = ""
    method: str = ""
    references: tuple[Reference, ...] = ()
    not_shown: tuple[str, ...] = ()

    @property
    def drawings(self) -> tuple[Drawing, ...]:
        """Every picture with its caption, the main one first."""
        main = () if self.picture is None else (Drawing(picture=self.picture, caption=self.caption),)
        return (*main, *self.further)

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
    """A section with the numbers its table and the first of its figures bear in the report."""

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

    def method_of(self, section: Section) -> Paragraph:
        """Return how an analysis was done, its references by the numbers they have in this report."""
        known = self.methods.references
        numbers = sorted(known.index(reference) + 1 for reference in section.references if reference in known)
        return Paragraph(text=section.method, citations=tuple(numbers))

    def numbered(self) -> Iterator[NumberedSection]:
        """Give each section with the numbers of its table and figure, counted from 1 through the report."""
        tables = figures = 0
        for section in self.sections:
            tables += section.table is not None
            first, figures = figures + 1, figures + len(section.drawings)
            yield NumberedSection(
                section=section,
                table_number=None if section.table is None else tables,
                figure_number=first if section.drawings else None,
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
    further: tuple[Drawing, ...] = (),
    question: str = "",
    answer: str = "",
    not_shown: tuple[str, ...] = (),
) -> Section:
    """Return the section of one result, its table and picture already made and its words found.

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
        further=further,
        notes=result.method.notes,
        exclusions=result.exclusions,
        question=question,
        answer=answer,
        method=result.method.description or f"{kind_label(kind)}: {result.method.name}",
        references=result.method.references,
        not_shown=not_shown,
    )


def _left_out(exclusion: Exclusion) -> str:
    shown = ", ".join(map(str, exclusion.rows[:_ROWS_SHOWN]))
    more = f" and {exclusion.n - _ROWS_SHOWN:,} more" if exclusion.n > _ROWS_SHOWN else ""
    return f"{exclusion.n:,} {exclusion.printed_reason}: row{'s' if exclusion.n > 1 else ''} {shown}{more}"
