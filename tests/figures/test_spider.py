import numpy as np
import pandas as pd

from biomarker import spider


def test_each_course_is_drawn_in_the_colour_of_its_response():
    rng = np.random.default_rng(1)
    visits = pd.DataFrame(
        [
            {
                "patient_id": p,
                "months": t,
                "mtv_ml": 20 * (1 + rng.uniform(-0.5, 0.6) * t / 9),
                "response": "PR" if p % 2 else "PD",
            }
            for p in range(8)
            for t in (0, 3, 6, 9)
        ]
    )
    result = spider(visits, time="months", size="mtv_ml", response="response")
    ax = result.plot()
    levels = list(dict.fromkeys(course.level for course in result.courses))
    for level, lines, marks in zip(levels, ax.collections, ax.lines[:2], strict=True):
        own = [np.column_stack([one.times, one.changes]) for one in result.courses if one.level == level]
        for drawn, expected in zip(lines.get_segments(), own, strict=True):
            np.testing.assert_allclose(drawn, expected)
        np.testing.assert_allclose(marks.get_xydata(), np.concatenate(own))
    looks = {(tuple(lines.get_color()[0]), str(lines.get_linestyle())) for lines in ax.collections}
    assert len(looks) == 2
    assert ax.get_xlabel() == "Months"
    assert {text.get_text() for text in ax.texts} == {"−30%", "+20%"}
    ax.figure.canvas.draw()
    spider(visits, time="months", size="mtv_ml").plot().figure.canvas.draw()
