import numpy as np

from tests.analyses.test_compare_tests import compare, paired


def test_each_test_has_its_dots_and_name():
    result = compare(paired(), combine=["either", "both"])
    ax = result.plot()
    assert len(ax.lines) == 4
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["PET", "FDG", "PET or FDG", "PET and FDG"]
    quantities = ("sensitivity", "specificity", "ppv", "npv")
    assert np.allclose(ax.lines[1].get_xdata(), [100 * result.estimate(q, test="fdg").value for q in quantities])
    markers = {line.get_marker() for line in ax.lines}
    assert len(markers) == 4  # told apart without colour
    ax.figure.canvas.draw()
