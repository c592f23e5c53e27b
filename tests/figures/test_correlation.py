import numpy as np
import pandas as pd

from biomarker import correlate


def lesions():
    rng = np.random.default_rng(1)
    patient = np.repeat(np.arange(10), 3)
    return pd.DataFrame({"patient_id": patient, "ihc": rng.normal(size=30), "suvmax": np.exp(rng.normal(size=30))})


def test_every_pair_is_drawn_with_its_patient():
    data = lesions()
    result = correlate(data, x="ihc", y="suvmax")
    ax = result.plot()
    drawn = np.concatenate([line.get_xydata() for line in ax.lines])
    assert np.allclose(drawn, data[["ihc", "suvmax"]])
    assert len({(line.get_marker(), line.get_color()) for line in ax.lines}) == 10
    assert ax.get_ylabel() == "SUVmax (g/mL)"
    line = result.estimate("spearman_rho")
    shown = f"{line.value:.2f} ({line.low:.2f} to {line.high:.2f})".replace("-", "−")
    assert ax.texts[0].get_text() == f"Spearman ρ {shown}"
    ax.figure.canvas.draw()


def test_what_is_not_estimable_says_so():
    ax = correlate(lesions().assign(ihc=1.0), x="ihc", y="suvmax", patient=None).plot()
    assert ax.texts[0].get_text() == "Spearman ρ NE"
    ax.figure.canvas.draw()


def test_points_are_coloured_by_response_and_rows_without_one_are_kept():
    data = lesions().assign(response=["PR", "PD", None] * 10)
    plain = correlate(data, x="ihc", y="suvmax")
    result = correlate(data, x="ihc", y="suvmax", response="response")
    assert result.estimates[0].value == plain.estimates[0].value
    ax = result.plot()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["PR", "PD", "Not known"]
    for line, response in zip(ax.lines, ("PR", "PD", None), strict=True):
        rows = data["response"].isna() if response is None else data["response"] == response
        assert np.allclose(line.get_xydata(), data.loc[rows, ["ihc", "suvmax"]])
    assert len({line.get_color() for line in ax.lines}) == 3
    assert len({line.get_marker() for line in ax.lines}) == 3
    assert result.caption == "SUVmax against IHC. Points are coloured by response."
    ax.figure.canvas.draw()
