"""Every table of a run in one document: Table 1 to n, with a list of them that refers to each.

Word and RTF count the tables by fields of their own and refer to them by bookmarks, so that a table moved or taken out
is counted anew; the workbook has one sheet a table and links to each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from biomarker.tables.render import html, rtf
from biomarker.tables.render.characters import on_one_line
from biomarker.tables.render.rtf_text import escape, field
from biomarker.tables.table import Table

if TYPE_CHECKING:
    from biomarker.tables.render.house_template import HouseTemplate

LIST_TITLE = "List of tables"
_PAGE_CSS = (
    "body { margin: 2rem auto; padding: 0 1rem; max-width: 75rem; color: #1b1f24; background: #fff;"
    ' font: 1rem/1.5 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif; }\n'
    "nav a { color: #0b4f8a; }\n.banner { color: #8a1c0b; font-weight: 600; }\n"
    "@media print { nav { break-after: page; } section { break-after: page; } }"
)
_PAGE = Markup(
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>{title}</title>\n<style>\n{css}\n</style>\n</head>\n<body>\n<header>\n{banner}<h1>{title}</h1>\n</header>\n"
    '<nav aria-label="{list_title}">\n<h2>{list_title}</h2>\n<ul>\n{links}\n</ul>\n</nav>\n<main>\n{tables}\n</main>\n'
    "</body>\n</html>\n"
)


@dataclass(frozen=True, kw_only=True)
class TableBook:
    """The tables of one run, in order.

    Attributes
    ----------
    title : str
        Of the document.
    tables : mapping of str to Table
        By the names of their analyses; they are numbered in this order.
    banner : str
        What must not be overlooked, such as "Synthetic data": it stands on every page.
    """

    title: str
    tables: Mapping[str, Table]
    banner: str = ""

    def to_docx(self, *, template: HouseTemplate | None = None) -> bytes:
        """Return a Word document: a list of tables with references to them, then each table on a page of its own."""
        from biomarker.tables.render.word_book import book_bytes

        return book_bytes(self, template=template)

    def to_rtf(self) -> bytes:
        """Return the same as Rich Text."""
        size = r"\pard\plain\sb60\f0\fs22\cf1"
        lines = [rf"\pard\plain\s1\sa120\f0\b\fs36\cf1 {escape(on_one_line(self.title))}\par"]
        lines.append(rf"\pard\plain\s1\keepn\sb240\sa80\f0\b\fs28\cf1 {LIST_TITLE}\par")
        for number, table in enumerate(self.tables.values(), start=1):
            reference = field(f"REF {bookmark(number)} \\h", f"Table {number}")
            lines.append(rf"{size} {reference}. {escape(on_one_line(table.title))}\par")
        banner = rf"\pard\plain\qc\f0\b\fs22 {escape(on_one_line(self.banner))}\par"
        pages = [
            (rf"{{\header{banner}}}" + "\n" if self.banner else "") + rtf.page_of(landscape=False, is_first=True),
            "\n".join(lines) + "\n",
        ]
        pages += [
            rtf.section(table, is_first=False, number=number, bookmark=bookmark(number))
            for number, table in enumerate(self.tables.values(), start=1)
        ]
        return rtf.document(self.title, pages).encode("ascii")

    def to_html(self) -> bytes:
        """Return the same as one web page."""
        links, tables = [], []
        for number, table in enumerate(self.tables.values(), start=1):
            label, name = f"Table {number}", bookmark(number)
            links.append(Markup('<li><a href="#{}">{}</a>. {}</li>').format(name, label, on_one_line(table.title)))
            drawn = html.scrolling(html.render(table, label=f"{label}."), name=label)
            tables.append(Markup('<section id="{}">\n{}</section>').format(name, drawn))
        banner = Markup('<p class="banner">{}</p>\n').format(on_one_line(self.banner)) if self.banner else ""
        page = _PAGE.format(
            title=on_one_line(self.title),
            css=Markup(f"{html.stylesheet()}\n{_PAGE_CSS}"),
            banner=banner,
            list_title=LIST_TITLE,
            links=Markup("\n").join(links),
            tables=Markup("\n").join(tables),
        )
        return str(page).encode()

    def to_xlsx(self) -> bytes:
        """Return a workbook: a sheet with the list, then one sheet a table, named by its analysis."""
        from biomarker.tables.render.excel import workbook_bytes

        numbered = {
            name: table.with_title(f"Table {number}. {table.title}")
            for number, (name, table) in enumerate(self.tables.items(), start=1)
        }
        return workbook_bytes(numbered, contents=self.title, banner=self.banner)

    def write(self, folder: Path, stem: str = "tables", *, template: HouseTemplate | None = None) -> tuple[Path, ...]:
        """Write the document in every format that holds several tables; equal tables give equal bytes."""
        made = {
            "docx": self.to_docx(template=template),
            "rtf": self.to_rtf(),
            "html": self.to_html(),
            "xlsx": self.to_xlsx(),
        }
        written = []
        for suffix, content in made.items():
            path = Path(folder) / f"{stem}.{suffix}"
            path.write_bytes(content)
            written.append(path)
        return tuple(written)


def bookmark(number: int) -> str:
    """Return the name under which a table is referred to."""
    return f"table_{number}"
