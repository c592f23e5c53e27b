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
