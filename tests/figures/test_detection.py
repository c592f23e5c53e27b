import numpy as np
import pandas as pd

import biomarker as bm


def test_dots_stand_in_the_order_of_the_groups():
    frame = pd.DataFrame({"hours": [24] * 4 + [1] * 4, "detected": [1, 1, 1, 1, 1, 0, 0, 0]})
    result = bm.detection_rate(frame, detected="detected", by="hours")
    ax = result.plot()
    assert ax.lines[0].get_xdata().tolist() == [25, 100]
    assert ax.lines[0].get_ydata().tolist() == [1, 0]  # the first group at the top
    assert [text.get_text() for text in ax.get_yticklabels()] == ["1 (1/4)", "24 (4/4)"]
    segments = ax.collections[0].get_segments()
    assert np.allclose(segments[0][:, 0], [100 * result.estimates[0].low, 100 * result.estimates[0].high])
    ax.figure.canvas.draw()


def test_a_single_rate_is_called_all():
    ax = bm.detection_rate(pd.DataFrame({"detected": [1, 0]}), detected="detected").plot()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["All (1/2)"]
