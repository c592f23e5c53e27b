import struct
import warnings

import pytest
from matplotlib.figure import Figure

from biomarker.figures.export import DPI, picture_of, write_figure_files
from biomarker.figures.theme import ONE_COLUMN, journal_axes, literal, themed


def drawn(label="SUVmax (g/mL)"):
    with themed():
        axes = journal_axes(None)
        axes.plot([0, 1, 2], [1, 3, 2], label=label)
        axes.set(xlabel=label, ylabel="Sensitivity")
        axes.legend()
    return axes


def test_three_files_and_the_same_bytes_twice(tmp_path):
    first = write_figure_files(drawn(), tmp_path, "roc", alt="a curve")
    second = picture_of(drawn(), alt="a curve")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["roc.pdf", "roc.png", "roc.svg"]
    assert first == second
    assert (tmp_path / "roc.svg").read_bytes() == first.svg
    assert first.alt == "a curve"


def test_formats_hold_no_date_and_no_maker():
    picture = picture_of(drawn())
    assert picture.png.startswith(b"\x89PNG")
    assert picture.pdf.startswith(b"%PDF")
    assert b"CreationDate" not in picture.pdf
    assert b"Producer" not in picture.pdf
    assert b"<dc:date>" not in picture.svg
    assert b"matplotlib.org" not in picture.png


def test_the_png_has_300_dots_an_inch_and_the_size_of_a_column():
    picture = picture_of(drawn())
    physical = picture.png.index(b"pHYs") + 4
    dots_per_metre, *_ = struct.unpack(">IIB", picture.png[physical : physical + 9])
    assert dots_per_metre * 0.0254 == pytest.approx(DPI, abs=0.1)
    assert picture.width == pytest.approx(ONE_COLUMN, abs=0.15)
    assert picture.height == pytest.approx(2.9, abs=0.15)


def test_letters_are_text_in_svg_and_embedded_in_pdf():
    picture = picture_of(drawn())
    assert ">SUVmax (g/mL)</text>" in picture.svg.decode()
    assert b"/Type0" in picture.pdf  # a TrueType font, which journals take; not the outlines of Type 3
    assert b"/Subtype /Type3" not in picture.pdf


@pytest.mark.parametrize("label", [r"$\frac$", "$5 v $6_", "a$b", "<b>&amp;", "肿瘤", "\x07"])
def test_any_text_of_the_data_can_be_a_label(label):
    axes = drawn(label)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = picture_of(axes)
    assert picture.png.startswith(b"\x89PNG")
    assert axes.get_xlabel() == label


def test_a_formula_that_is_asked_for_is_a_formula():
    axes = drawn(r"$\chi^2$")
    assert ">$\\chi^2$</text>" in picture_of(axes).svg.decode()  # a name in data that looks like one
    axes.xaxis.label.set_parse_math(True)
    assert "χ" in picture_of(axes).svg.decode()


def test_literal_prints_every_sign():
    assert literal("$5 v $6\t\x07a\nb\u00a0c") == "$5 v $6 a\nb\u00a0c"
    assert ">$5 v $6</text>" in picture_of(drawn(literal("$5 v $6"))).svg.decode()


def test_the_layout_engine_comes_back():
    axes = drawn()
    engine = axes.figure.get_layout_engine()
    picture_of(axes)
    assert axes.figure.get_layout_engine() is engine


def test_a_figure_without_a_layout_engine_is_saved():
    axes = Figure(layout="none").add_subplot()
    assert picture_of(axes).png.startswith(b"\x89PNG")


def test_axes_off_any_figure_are_refused():
    axes = drawn()
    axes.remove()
    with pytest.raises(ValueError, match="belong to no figure"):
        picture_of(axes)
