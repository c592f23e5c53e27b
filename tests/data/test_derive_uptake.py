"""Uptake metrics as steps of a study: `[[derive]] how = "suv"` and its siblings."""

import numpy as np
import pandas as pd
import pytest

from biomarker.data.body_size import lean_body_mass
from biomarker.data.derive import derive_table
from biomarker.data.table import DataTable
from biomarker.data.uptake_metrics import standardized_uptake_value
from biomarker.errors import DesignError, StudyError


@pytest.fixture
def tables():
    frame = pd.DataFrame(
        {
            "patient_id": ["01", "02", "03"],
            "kbq": [1.2, 0.8, np.nan],
            "blood": [0.4, 0.0, 0.2],
            "injected": [37.0, 36.0, 38.0],
            "left": [0.5, 0.0, 1.0],
            "weight_kg": [70, 80, 60],
            "height_cm": [175, 160, 170],
            "sex": ["Male", "Female", "Male"],
            "hours": [96.0, 95.0, 97.0],
            "size_mm": [9.0, 30.0, np.nan],
        },
        index=pd.RangeIndex(2, 5, name="row"),
    )
    return {"lesions": DataTable(name="lesions", frame=frame)}


def derive(tables, **options):
    made = derive_table(tables, "lesions", "lesions", options)
    return made.frame[made.frame.columns[-1]], made.notes[-1]


SUV = {"how": "suv", "concentration": "kbq", "injected": "injected", "weight": "weight_kg", "nuclide": "89Zr"}


def test_suv_of_a_column(tables):
    column, note = derive(tables, **SUV, residual="left", hours_to_scan="hours", name="suvmean")
    assert column.name == "suvmean"
    first = standardized_uptake_value(
        1.2, injected_mbq=37, residual_mbq=0.5, weight_kg=70, nuclide="89Zr", hours_to_scan=96
    )
    assert column.loc[2] == pytest.approx(first)
    assert np.isnan(column.loc[4])
    assert note == "suvmean: SUV by body weight from kbq, injected less left and weight_kg (nuclide 89Zr)."


def test_sul_of_a_column_has_its_own_name(tables):
    column, note = derive(tables, **SUV, hours_to_scan=96, by="lean_body_mass", height="height_cm", sex="sex")
    assert column.name == "sul"
    weight, lean = derive(tables, **SUV, hours_to_scan=96)[0], lean_body_mass(70, 175, "male")
    assert column.loc[2] == pytest.approx(weight.loc[2] * lean / 70)
    assert "lean body mass" in note


@pytest.mark.parametrize(
    ("options", "name", "first"),
    [
        ({"how": "percent_injected", "concentration": "kbq", "injected": 40, "volume": 1000}, "percent_injected", 3.0),
        ({"how": "percent_injected", "concentration": "kbq", "injected": 40}, "percent_injected_per_kg", 3.0),
        ({"how": "target_to_background", "target": "kbq", "background": "blood"}, "kbq_to_background", 3.0),
        ({"how": "partial_volume", "size": "size_mm", "fwhm": 6}, "partial_volume", True),
        (
            {"how": "body_surface_area", "weight": "weight_kg", "height": "height_cm"},
            "body_surface_area_m2",
            np.sqrt(70 * 175 / 3600),
        ),
        (
            {"how": "lean_body_mass", "weight": "weight_kg", "height": "height_cm", "sex": "sex"},
            "lean_body_mass_kg",
            lean_body_mass(70, 175, "male"),
        ),
    ],
)
def test_the_other_steps(tables, options, name, first):
    column, note = derive(tables, **options)
    assert column.name == name
    assert column.loc[2] == pytest.approx(first)
    assert note.startswith(f"{name}: ")


def test_a_background_of_zero_leaves_the_ratio_missing(tables):
    column, _ = derive(tables, how="target_to_background", target="kbq", background="blood")
    assert column.isna().tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({**SUV, "weight": "wieght_kg", "hours_to_scan": 96}, StudyError, "did you mean 'weight_kg'"),
        ({**SUV, "nuclide": "89Zx", "hours_to_scan": 96}, DesignError, r"\[\[derive\]\].*no half-life.*89Zr"),
        ({**SUV}, DesignError, r"\[\[derive\]\].*hours_to_scan is lacking"),
        ({**SUV, "hours_to_scan": True}, StudyError, "name of a column, or a number"),
        ({**SUV, "by": "lean_body_mas", "hours_to_scan": 96}, DesignError, "did you mean 'lean_body_mass'"),
        ({**SUV, "hours_to_scna": 96}, StudyError, "did you mean 'hours_to_scan'"),
        ({"how": "suv", "concentration": "kbq"}, StudyError, "needs injected and weight"),
        ({"how": "partial_volume", "size": "size_mm", "fwhm": 0}, DesignError, "fwhm_mm"),
    ],
)
def test_faults_name_the_place(tables, options, error, says):
    with pytest.raises(error, match=says):
        derive(tables, **options)


def test_the_note_of_a_column_says_where_james_fails(tables):
    tables["lesions"].frame.loc[3, "weight_kg"] = 110  # a woman of 160 cm
    by_lean = {"by": "lean_body_mass", "height": "height_cm", "sex": "sex", "lean_formula": "james"}
    _, note = derive(tables, **SUV, hours_to_scan=96, **by_lean)
    assert "too low in 1 of 3 rows" in note
    of_mass = {"how": "lean_body_mass", "weight": "weight_kg", "height": "height_cm", "sex": "sex"}
    assert "too low in 1 of 3 rows" in derive(tables, **of_mass, formula="james")[1]
    assert "too low" not in derive(tables, **of_mass)[1]


def test_percent_injected_a_gram(tables):
    given = {"how": "percent_injected", "concentration": "kbq", "injected": "injected"}
    kilogram, gram = derive(tables, **given)[0], derive(tables, **given, per="gram")[0]
    assert gram.name == "percent_injected_per_g"
    assert gram.loc[2] == pytest.approx(kilogram.loc[2] / 1000)
