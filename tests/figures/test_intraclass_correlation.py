"""What the figure of intraclass correlations draws."""

import numpy as np
import pytest

import biomarker as bm
from tests.analyses.test_intraclass_correlation import JUDGES, features, long, nested_readings, sessions, with_gaps


def test_one_form_draws_every_reading_in_order():
    result = bm.intraclass_correlation(long(JUDGES), value="suvmax", patient=None)
    ax = result.plot()
    order = np.argsort(JUDGES.mean(axis=1), kind="stable")
    assert len(ax.lines) == 4
    for j, line in enumerate(ax.lines):
        assert line.get_ydata().tolist() == JUDGES[order, j].tolist()
    assert ax.get_ylabel() == "SUVmax (g/mL)"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [f"Reader R{j}" for j in range(1, 5)]
    assert ax.get_yscale() == "linear"
    assert "each of 4 readers" in result.caption


def test_skewed_uptake_is_drawn_on_a_log_axis():
    ax = bm.intraclass_correlation(long(np.exp(JUDGES)), value="suvmax", patient=None).plot()
    assert ax.get_yscale() == "log"


def test_several_forms_draw_a_forest():
    values, patients = nested_readings()
    result = bm.intraclass_correlation(long(values, patients=patients), value="suvmax", form="all")
    ax = result.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == list(reversed(result.forms))
    drawn = sorted(line.get_xdata()[0] for line in ax.lines)
    assert drawn == pytest.approx(
        sorted(line.value for line in result.estimates if line.quantity in ("icc", "icc_naive"))
    )
    assert ax.get_xlim()[0] <= min(line.low for line in result.estimates if line.quantity.startswith("icc"))
    ax.figure.canvas.draw()


def test_undefined_forms_are_left_empty():
    ax = bm.intraclass_correlation(long(np.full((6, 2), 2.0)), value="suvmax", form="all", patient=None).plot()
    assert not ax.lines
    ax.figure.canvas.draw()


def test_readings_with_gaps_are_drawn_where_they_are():
    ax = bm.intraclass_correlation(with_gaps(), value="suvmax", patient=None).plot()
    assert sum(np.isfinite(line.get_ydata()).sum() for line in ax.lines) == 22
    ax.figure.canvas.draw()


def test_features_are_drawn_in_order_of_their_icc():
    result = bm.intraclass_correlation(features(), value=[f"f{j}" for j in range(5)])
    ax = result.plot()
    assert ax.lines[0].get_ydata().tolist() == sorted(line.value for line in result.estimates)
    assert next(label.get_text() for label in ax.get_xticklabels()).startswith("F")
    assert "5 features" in result.caption
    ax.figure.canvas.draw()


def test_sessions_draw_the_shares_of_variance():
    result = bm.intraclass_correlation(sessions(nested=True), value="suvmax", session="session")
    ax = result.plot()
    shares = sorted(100 * e.value for e in result.estimates if e.quantity == "variance_share" and e.value > 0)
    assert ax.lines[0].get_xdata().tolist() == pytest.approx(shares)
    assert "Share of the variance" in result.caption
    ax.figure.canvas.draw()
