"""What the figure of agreement on categories draws."""

import numpy as np
import pytest

import biomarker as bm
from tests.analyses.test_categorical_agreement import PREGNANCIES, from_table, long, trial


def texts(ax):
    return {(int(text.get_position()[1]), int(text.get_position()[0])): text.get_text() for text in ax.texts}


def test_counts_of_two_readers():
    result = bm.categorical_agreement(from_table(PREGNANCIES), value="category", patient=None)
    ax = result.plot()
    shown = texts(ax)
    assert shown[0, 0] == "13\n100%"
    assert shown[1, 2] == "7\n26%"
    assert shown[2, 0] == "0"
    shades = ax.images[0].get_array()
    assert np.allclose(shades, np.array(PREGNANCIES) / np.sum(PREGNANCIES, axis=1, keepdims=True))
    assert ax.get_ylabel() == "Category, reader A"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]
    assert result.caption.startswith("Category of the same lesions by readers A and B")


@pytest.mark.parametrize("weights", [None, "linear"])
def test_kappa_of_pairs(weights):
    result = bm.categorical_agreement(trial(), value="category", weights=weights)
    ax = result.plot()
    shown = texts(ax)
    for (row, column), pair in {(0, 0): "R1 - R2", (1, 0): "R1 - R3", (1, 1): "R2 - R3"}.items():
        kappa = result.estimate("cohen_kappa", readers=pair, weights=weights or "none").value
        share = result.estimate("percent_agreement", readers=pair, weights="none").value
        assert shown[row, column] == f"{kappa:.2f}\n{100 * share:.0f}%"
        assert ax.images[0].get_array()[row, column] == pytest.approx(kappa)
    assert shown[0, 1] == ""
    assert [label.get_text() for label in ax.get_yticklabels()] == ["R2", "R3"]
    ax.figure.canvas.draw()


def test_awkward_names_and_undefined_pairs():
    rows = [("$x", "$x", "$x")] * 6 + [("$x", "$x", "a rather long name")]
    data = long(rows).replace({"reader_id": {"A": "$A", "B": "B - C", "C": "D"}})
    ax = bm.categorical_agreement(data, value="category", patient=None).plot()
    assert texts(ax)[0, 0] == "NE\n100%"
    ax.figure.canvas.draw()
    two = bm.categorical_agreement(data, value="category", readers=["$A", "D"], patient=None).plot()
    assert two.get_ylabel() == "Category, reader $A"
    two.figure.canvas.draw()


def test_figures_grow_with_categories():
    few = bm.categorical_agreement(from_table(PREGNANCIES), value="category", patient=None)
    many = bm.categorical_agreement(from_table(PREGNANCIES), value="category", categories=[*"abcdefghij"], patient=None)
    assert many.figure_size[1] > few.figure_size[1]
    many.plot().figure.canvas.draw()
