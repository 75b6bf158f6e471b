"""Columns that are the study's: those of a build are those that the seeds say, in name and type."""

import pytest

from support.study import seed
from urban_resilience.shared.project import seed_rows
from urban_resilience.variables.catalog import catalog
from urban_resilience.variables.panel_columns import panel_columns
from urban_resilience.variables.study_variables import PLACE_STAGE, compile_study


@pytest.fixture
def policies(warehouse) -> list[str]:
    """Policies that the raw folder brings."""
    rows = warehouse.frame("select distinct policy_id from staging.stg_policy__pilots order by 1")
    return rows["policy_id"].tolist()


def columns(warehouse, relation: str) -> dict[str, str]:
    rows = warehouse.frame(f"select column_name, column_type from (describe {relation})")
    return dict(zip(rows["column_name"], rows["column_type"].str.lower(), strict=True))


def attributes() -> dict[str, str]:
    return {name: found.data_type for name, found in catalog().of_kind("place").items()}


def groups() -> dict[str, str]:
    return dict.fromkeys(catalog().of_kind("group"), "boolean")


def variables(policies) -> dict[str, str]:
    study = compile_study(policies)
    return {item.name: study.types[item.name] for item in study.variables}


def test_estimation_panel(warehouse, policies):
    assert columns(warehouse, "panel.fct_estimation_panel") == panel_columns(policies)


def test_city_years(warehouse, policies):
    series = [
        row["column_name"] for row in seed_rows("raw_columns")
        if row["table_name"] == "city_yearbook" and row["is_auxiliary"] != "true"
    ]  # fmt: skip
    expected = {"city_code": "varchar", "year": "integer", "is_sampled_city": "boolean"}
    expected |= dict.fromkeys(("city_name_zh", "city_name_en", "data_origin"), "varchar")
    expected |= attributes() | variables(policies)
    expected |= dict.fromkeys(series, "double")
    expected |= {f"{name}_imputation": "varchar" for name in series}
    assert columns(warehouse, "panel.fct_city_years") == expected


def test_places(warehouse, policies):
    of_places = {
        step.column for step in compile_study(policies).steps[PLACE_STAGE]
        if step.layer and not step.column.startswith("_step_")
    }  # fmt: skip
    assert of_places
    expected = dict.fromkeys(
        ("city_code", "city_name_zh", "city_name_en", "province_code", "province_zh", "evidence"),
        "varchar",
    )
    expected |= attributes() | groups()
    expected |= {name: kind for name, kind in variables(policies).items() if name in of_places}
    assert columns(warehouse, "reference.dim_cities") == expected


def test_sample_decisions_count_every_variable_that_may_decide(warehouse, policies):
    found = columns(warehouse, "panel.fct_sample_decisions")
    counted = {name.removesuffix("_missing_years") for name in found if "_missing_years" in name}
    study = compile_study(policies)
    numbers = {name for name in study.candidates if study.types[name] == "double"}
    assert counted == numbers
    assert {row["variable"] for row in seed_rows("panel_variables") if row["decides_sample"]} <= (
        counted
    )


def test_long_variables_are_those_of_the_wide_panel(warehouse, policies):
    """Each cell once; text has no place among numbers."""
    counts = warehouse.frame(
        "select variable, count(value) as cells, count(winsorized_value) as kept, "
        "sum(value) as total from panel.fct_variables group by variable"
    ).set_index("variable")
    known = variables(policies)
    assert set(counts.index) <= {name for name, kind in known.items() if kind != "varchar"}
    for name, row in counts.iterrows():
        wide = warehouse.frame(
            f"select count({name}) as cells, sum(cast({name} as double)) as total "
            "from panel.fct_city_years"
        ).iloc[0]
        assert row["cells"] == wide["cells"], name
        assert row["total"] == pytest.approx(wide["total"], rel=1e-9), name
        panel = warehouse.value(f"select count({name}) from panel.fct_estimation_panel")
        assert row["kept"] == panel, name


def test_measures_have_the_type_that_their_row_says(warehouse):
    for relation, rows in seed("measures").groupby("relation"):
        schema = "intermediate" if relation.startswith("int_") else "indices"
        found = columns(warehouse, f"{schema}.{relation}")
        for row in rows.itertuples():
            assert found[row.column_name] == row.data_type, row.measure
