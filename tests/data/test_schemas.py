from __future__ import annotations

import json
import re

import frictionless
import pytest

from biomarker.data.schemas import load_schema, schema_names, schema_text, split_timed
from biomarker.data.units import unit_factor, unit_in_name
from biomarker.errors import StudyError

NAMES = ("blood", "lesion", "measurement", "organ", "patient", "reading", "uptake")


def test_the_schemas_ship():
    assert schema_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_a_valid_frictionless_descriptor(name):
    schema = frictionless.Schema.from_descriptor(json.loads(schema_text(name)))
    assert [field.name for field in schema.fields] == [field.name for field in load_schema(name).fields]
    assert tuple(schema.primary_key) == load_schema(name).primary_key
    assert tuple(schema.missing_values) == load_schema(name).missing_values


@pytest.mark.parametrize("name", NAMES)
def test_each_field_says_what_it_is(name):
    schema = load_schema(name)
    assert len({field.name for field in schema.fields}) == len(schema.fields)
    for field in schema.fields:
        assert field.title, field.name
        assert field.description.endswith("."), field.name
        assert field.type in ("string", "number", "integer", "boolean", "date", "any")
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name)
        assert not field.not_above or schema.field(field.not_above)
        assert not (field.minimum is not None or field.unit) or field.type in ("number", "integer")
    assert set(schema.primary_key) <= {field.name for field in schema.fields}
    assert all(load_schema(included) for included in schema.includes)


@pytest.mark.parametrize("name", NAMES)
def test_a_unit_in_a_name_is_the_unit_of_the_field(name):
    for field in load_schema(name).fields:
        if unit_in_name(field.name) and field.unit:
            assert unit_factor(unit_in_name(field.name), field.unit) == 1, field.name


def test_a_time_may_follow_a_timed_field_only():
    lesion = load_schema("lesion")
    assert lesion.field("suvmax_24h").name == "suvmax"
    assert lesion.field("suvmean_2.5h").unit == "g/mL"
    assert lesion.field("detected_4d").type == "boolean"
    assert lesion.field("size_mm_24h") is None
    assert load_schema("uptake").field("suvmax_24h").name == "suvmax", "a lesion's column may stand in an uptake table"
    assert lesion.field("suvmax_day4") is None


def test_an_included_column_is_checked_but_never_required():
    age = load_schema("lesion").field("age_years")
    assert (age.maximum, age.required) == (120, False)
    assert load_schema("blood").field("patient_id").required
    assert not load_schema("organ").field("patient_id").required
    assert not load_schema("lesion").field("patient_id").unique


def test_times_in_names():
    assert split_timed("tumor_to_normal_ratio_48h") == ("tumor_to_normal_ratio", 48.0)
    assert split_timed("suvmax_0.5h") == ("suvmax", 0.5)
    assert split_timed("24h") is None
    assert split_timed("suvmax_24") is None


def test_an_unknown_schema_names_the_nearest():
    with pytest.raises(StudyError, match=r"unknown schema 'lesions' \(did you mean 'lesion'\?\)"):
        load_schema("lesions")
