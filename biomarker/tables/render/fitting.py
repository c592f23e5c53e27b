"""How wide the columns of a table on paper are, and in which size its text is set, so that no number is broken."""

from __future__ import annotations

from biomarker.tables.render.alignment import em_width, raised_width, split_at_point
from biomarker.tables.render.characters import in_pieces, legible
from biomarker.tables.render.columns import Column, columns_of
from biomarker.tables.table import Table

_LONGEST_LINE = 19.0  # em: text longer than that is broken into lines
_SHORT_LINE = 9.0  # em: what text is given even where it is tight
_BOLD = 1.12  # how much wider than the plain letters; also room for a font a little wider than the one known
_SPARE = 1.06
_OTHER_FONT = 1.3  # what a machine without the font needs more for the one it takes instead, given where there is room
_SMALLEST = 7.0  # points
_STEP = 0.5


def fitted(
    table: Table, whole: Table, *, width: float, size: float, font: str, padding: float
) -> tuple[float, list[float]]:
    """Return the size of type, and the width of each column in points.

    Parameters
    ----------
    table, whole : Table
        What is set, and what it is part of.
    width : float
        Of the text on the page, in points.
    size : float
        Of the type, in points; it becomes smaller where the numbers would not fit otherwise.
    font : str
    padding : float
        Between the text of a cell and its edges, both sides together, in points.
    """
    columns = columns_of(table)
    least = [_least(table, whole, place, column, font) for place, column in enumerate(columns)]
    for smaller in (size, size - _STEP, size - 2 * _STEP, size - 3 * _STEP):
        if smaller >= _SMALLEST and smaller * _OTHER_FONT * sum(least) + padding * len(columns) <= width:
            size, least = smaller, [_OTHER_FONT * part for part in least]
            break
    wanted = [max(small, _wanted(table, place, column, font)) for place, (small, column) in
              enumerate(zip(least, columns, strict=True))]  # fmt: skip
    while size > _SMALLEST and size * sum(least) + padding * len(columns) > width:
        size -= _STEP
    room = width - padding * len(columns)
    base, goal = [size * part for part in least], [size * part for part in wanted]
    if sum(goal) <= room:  # what is left goes to all, as much as each is wide
        return size, [part * room / sum(goal) + padding for part in goal]
    if sum(base) >= room:
        return size, [part * room / sum(base) + padding for part in base]
    share = (room - sum(base)) / (sum(goal) - sum(base))
    return size, [small + share * (large - small) + padding for small, large in zip(base, goal, strict=True)]


def room_behind(table: Table, whole: Table, font: str) -> list[float]:
    """Return how much, in em, stands behind the point in the longest number of each column; 0 where all are alike."""
    rooms = []
    for place, column in enumerate(columns_of(table)):
        rows = [row for row in table.lines if not row.is_heading] if column.is_ragged else []
        ends = (behind(row.cells[place], whole.marks_of(row.notes[place]), font) for row in rows)
        rooms.append(max(ends, default=0.0))
    return rooms


def behind(text: str, mark: str, font: str) -> float:
    """Return how much, in em, stands behind the point of a number, with its mark."""
    return em_width(split_at_point(text.strip())[1], font) + raised_width(mark, font)


def _least(table: Table, whole: Table, place: int, column: Column, font: str) -> float:
    """Return the width without which a number or a word would be broken."""
    words = [_BOLD * em_width(word, font) for word in _words(table.labels[place])]
    rows = [row for row in table.lines if not row.is_heading]
    if not column.is_numeric:
        words += [em_width(word, font) + row.indent for row in rows for word in _words(row.cells[place])]
        lines = [em_width(row.cells[place], font) + row.indent for row in rows]
        return _SPARE * max([1.0, *words, min(max(lines, default=0.0), _SHORT_LINE)])
    before = max((em_width(split_at_point(row.cells[place].strip())[0], font) for row in rows), default=0.0)
    after = max((behind(row.cells[place], whole.marks_of(row.notes[place]), font) for row in rows), default=0.0)
    return _SPARE * max([before + after, *words])


def _wanted(table: Table, place: int, column: Column, font: str) -> float:
    """Return the width in which a column reads well."""
    label = min(_BOLD * em_width(table.labels[place], font), _LONGEST_LINE / 2)
    if column.is_numeric:
        return label
    lines = [
        em_width(line, font) + row.indent
        for row in table.lines
        if not row.is_heading
        for line in legible(row.cells[place]).split("\n")
    ]
    return _SPARE * min(max([label, *lines]), _LONGEST_LINE)


def _words(text: str) -> list[str]:
    return [piece for word in legible(text).split() for piece in in_pieces(word)]
