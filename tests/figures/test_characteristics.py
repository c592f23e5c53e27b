import numpy as np
import pandas as pd

from biomarker import characteristics

PATIENTS = pd.DataFrame(
    {"age_years": [64, 30, 81, 55, 56, 77], "response": ["CR", "PD", "PD", "SD", "PD", "PR"], "arm": ["A", "B"] * 3}
)


def test_one_panel_a_variable():
    result = characteristics(PATIENTS, variables=["age_years", "response"])
    panels = result.plot().figure.axes[1:]
    assert [panel.get_xlabel() for panel in panels] == ["Age (years)", "Response, %"]
    assert panels[0].lines[0].get_xdata().tolist() == [60.0]  # the median
    assert panels[0].collections[0].get_segments()[0][:, 0].tolist() == [30, 81]
    assert np.allclose([bar.get_width() for bar in panels[1].patches], [100 / 6, 100 / 6, 100 / 6, 50])
    assert [text.get_text() for text in panels[1].get_yticklabels()] == ["CR", "PR", "SD", "PD"]
    panels[0].figure.canvas.draw()


def test_groups_side_by_side_without_all():
    result = characteristics(PATIENTS, variables=["response", "age_years"], by="arm")
    panels = result.plot().figure.axes[1:]
    assert [text.get_text() for text in panels[0].get_legend().get_texts()] == ["A", "B"]
    widths = np.array([bar.get_width() for bar in panels[0].patches]).reshape(2, 4)
    assert np.allclose(widths.sum(axis=1), 100)
    assert [text.get_text() for text in panels[1].get_yticklabels()] == ["A", "B"]
    panels[0].figure.canvas.draw()


def test_a_dollar_in_a_name_is_no_formula():
    result = characteristics(pd.DataFrame({"cost$": ["a$b$", "c"]}), variables="cost$")
    result.plot().figure.canvas.draw()
