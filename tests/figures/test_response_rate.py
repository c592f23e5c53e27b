import numpy as np
import pandas as pd
import pytest

import biomarker as bm


def result(words, **options):
    rows = [(arm, word) for arm, each in words.items() for word in each]
    return bm.response_rate(pd.DataFrame(rows, columns=["arm", "best_response"]), by="arm", **options)


def test_bars_add_up_and_the_first_group_stands_at_the_top():
    found = result({"A": ["CR", "PR", "SD", "PD"], "B": ["PR", "PD", "PD", "NE"]})
    ax = found.plot()
    bars = {container.get_label(): [bar.get_width() for bar in container] for container in ax.containers}
    assert bars == {"CR": [25, 0], "PR": [25, 25], "SD": [25, 0], "PD": [25, 50], "NE": [0, 25]}
    ends = [bar.get_x() + bar.get_width() for bar in ax.containers[-1]]
    assert ends == [100, 100]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["A\n(n = 4)", "B\n(n = 4)"]
    assert ax.lines[0].get_xdata().tolist() == [50, 25]
    rate = found.estimate("objective_response_rate", group="A")
    assert np.allclose(ax.collections[0].get_segments()[0][:, 0], [100 * rate.low, 100 * rate.high])
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    "words", [["iCR", "iSD", "iUPD", "iCPD"], ["CMR", "PMR", "SMD", "PMD"], ["non-CR/non-PD", "PD", "SD"], ["NE"]]
)
def test_every_vocabulary_is_drawn_with_marks_of_its_own(words):
    ax = result({"A": words}).plot()
    looks = {(container[0].get_facecolor(), container[0].get_hatch()) for container in ax.containers}
    assert len(looks) == len(words)
    ax.figure.canvas.draw()
