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
    drawn = ax.lines[: len(result.courses)]
    for line, course in zip(drawn, result.courses, strict=True):
        np.testing.assert_allclose(line.get_xydata(), np.column_stack([course.times, course.changes]))
    looks = {
        (line.get_color(), line.get_linestyle(), course.level)
        for line, course in zip(drawn, result.courses, strict=True)
    }
    assert len(looks) == 2
    assert ax.get_xlabel() == "Months"
    assert {text.get_text() for text in ax.texts} == {"−30%", "+20%"}
    ax.figure.canvas.draw()
    spider(visits, time="months", size="mtv_ml").plot().figure.canvas.draw()
