"""Specifications are checked before a build; what only values tell leaves one row unestimated."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from support.panels import make_panel, make_spec
from support.study import seed
from urban_resilience.estimation.checked_specs import check_specs, empty_panel, spec_problems
from urban_resilience.estimation.designs import fit
from urban_resilience.estimation.specs import SpecError
from urban_resilience.estimation.tables.coefficients import tabulate_coefficients
from urban_resilience.estimation.tables.event_study import tabulate_event_study
from urban_resilience.estimation.tables.group_differences import tabulate_group_differences
from urban_resilience.estimation.tables.indirect_effects import tabulate_indirect_effects
from urban_resilience.estimation.tables.marginal_effects import tabulate_marginal_effects
from urban_resilience.estimation.tables.resampled_inference import (
    tabulate_resampled_inference,
)
from urban_resilience.estimation.tables.rotemberg_weights import tabulate_rotemberg_weights
from urban_resilience.estimation.tables.sensitivity import (
    tabulate_omitted_variables,
    tabulate_specification_curve,
)
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.shared.database import connect
from urban_resilience.variables.panel_columns import SPLIT_WORDS, known_texts

# Text that is read as a number shows only on the rows themselves.
FAILS_ON_ROWS = "cast(province as integer) > 1"
NO_DATES = pd.DataFrame(
    {
        name: []
        for name in (
            *("policy_id", "city_code", "first_full_year", "first_full_announced_year"),
            *("first_partial_year", "first_partial_announced_year"),
        )
    }
)
POLICY = {"policy_id": "p", "timing": "listed", "partial_pilots": "excluded"}
PANEL = make_panel().assign(
    half=lambda rows: (rows["city_code"].astype(int) % 2).astype(float),
    coded=lambda rows: 1.0 + rows["city_code"].astype(int) % 2,
    thirds=lambda rows: rows["city_code"].astype(int) % 3,
    boundless=lambda rows: rows["w"].where(rows.index != 17, np.inf),
)


def test_the_contract_names_and_types_every_column_of_the_panel():
    panel = empty_panel()
    assert {"city_code", "year", "resi", "is_estimation_sample"} <= set(panel.columns)
    assert len(panel) == 0
    assert str(panel["resi"].dtype) == "float64"


def test_what_texts_can_be_is_read_from_the_seeds():
    texts = known_texts()
    assert "110000" in texts["city_code"]
    assert texts["agg_quartile"] == {"low", "lower", "higher", "high"}
    assert "Beijing" in texts["province"] and "Beijing" in texts["city_name_en"]
    # Of other columns of text nothing is known before there are rows.
    assert "data_origin" not in texts


@pytest.mark.parametrize("n_groups", [2, 3, 4])
def test_groups_of_a_split_are_called_as_sql_calls_them(n_groups):
    project = ProjectSql(connect())
    called = [project.macro("group_of_split", group, n_groups) for group in range(1, n_groups + 1)]
    assert called == SPLIT_WORDS[n_groups]
    assert project.macro("group_of_split", 5, 5) == "5" and 5 not in SPLIT_WORDS


def test_the_shipped_rows_pass_and_keep_every_cell():
    rows = seed("regression_specs")
    checked = check_specs(rows).to_pandas()
    assert len(checked) == len(rows)
    assert checked["spec_id"].tolist() == rows["spec_id"].tolist()
    assert spec_problems() == []


def test_all_faults_come_in_one_message_with_their_rows_and_the_nearest_names():
    rows = seed("regression_specs").astype(object)
    rows.loc[rows["spec_id"] == "t3_4", "controls"] = "pop wages"
    rows.loc[rows["spec_id"] == "t3_3", "sample_filter"] = "yeer > 2010"
    rows.loc[rows["spec_id"] == "rob_placebo", "n_draws"] = "many"
    rows.loc[rows["spec_id"] == "did_smart_city_listed_excluded", "policy_id"] = "smart_cty"
    with pytest.raises(SpecError) as raised:
        check_specs(rows, ["smart_city", "broadband_china", "low_carbon_city"])
    text = str(raised.value)
    assert "4 faults" in text
    assert "t3_4: column 'wages' is not in fct_estimation_panel (nearest: wage)" in text
    assert "t3_3: sample_filter does not work" in text
    assert '"year"' in text
    assert "rob_placebo: n_draws 'many' is no whole number" in text
    assert "did_smart_city_listed_excluded: policy_id 'smart_cty' has no pilots" in text
    assert "(nearest: smart_city)" in text


@pytest.mark.thorough
def test_a_folder_is_not_ready_while_the_rows_of_the_study_are_wrong(tmp_path, monkeypatch):
    (tmp_path / "yearbook.csv").write_text(
        "city_code,year,gdp_100m_yuan\n110000,2010,14000\n120000,2010,9000\n"
    )
    module = "urban_resilience.estimation.checked_specs.seed_rows"
    first = seed("regression_specs").fillna("").to_dict("records")[0]
    monkeypatch.setattr(module, lambda name: [{**first, "outcome": "ressi"}])
    text, is_ready = check(tmp_path, lambda _: spec_problems())
    assert not is_ready
    assert "regression_specs.csv: t3_1: column 'ressi' is not in fct_estimation_panel" in text


FITTED = {
    "twfe": {},
    "iv": {"estimator": "2sls", "instrument": "w"},
    "interaction": {"moderator": "w"},
    "did": {"treatment": "treated", **POLICY},
    "psm_did": {"treatment": "treated", "matching": "nearest", **POLICY},
}


@pytest.mark.parametrize("design", FITTED)
def test_a_filter_that_fails_on_the_rows_leaves_one_regression_without_result(design):
    spec = make_spec(design=design, sample_filter=FAILS_ON_ROWS, **FITTED[design])
    result = fit(spec, PANEL, NO_DATES)
    assert result.status == "not_estimable"
    assert "Could not convert string 'p0'" in result.reason


DRAWS = {"n_draws": 19, "seed": 1}


def unfolded(column):
    """Rows of a list in the first row of a matched specification, as SQL unfolds them."""

    def tabulate(specs, panel, timing):
        (first, *_) = tabulate_coefficients(specs, panel, timing).to_pylist()
        return pa.Table.from_pylist(first[column])

    return tabulate


TABLES = {
    "group_difference": ({"moderator": "half", **DRAWS}, tabulate_group_differences),
    "mediation": ({"moderator": "w", **DRAWS}, tabulate_indirect_effects),
    "interaction": ({"moderator": "w"}, tabulate_marginal_effects),
    "event_study": ({"treatment": "treated", **POLICY}, tabulate_event_study),
    "psm_did": (FITTED["psm_did"], tabulate_coefficients),
    "psm_did balance": (FITTED["psm_did"], unfolded("covariate_balance")),
    "psm_did units": (FITTED["psm_did"], unfolded("matched_units")),
    "bootstrap": (DRAWS, tabulate_resampled_inference),
    "wild_bootstrap": (DRAWS, tabulate_resampled_inference),
    "jackknife": ({}, tabulate_resampled_inference),
    "placebo": (DRAWS, tabulate_resampled_inference),
    "specification_curve": ({}, lambda s, p, _: tabulate_specification_curve(s, p)),
    "specification_curve bound": ({}, lambda s, p, _: tabulate_omitted_variables(s, p)),
    "shift_share": (
        {"cluster": ""},
        lambda s, p, _: tabulate_rotemberg_weights(s, p, pd.DataFrame(), pd.DataFrame()),
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_a_row_for_it_with_the_reason(name):
    changes, tabulate = TABLES[name]
    spec = make_spec(design=name.split()[0], sample_filter=FAILS_ON_ROWS, **changes)
    rows = tabulate([spec], PANEL, NO_DATES).to_pylist()
    assert rows
    assert {row["status"] for row in rows} == {"not_estimable"}
    assert all("Could not convert string" in row["reason"] for row in rows)


def test_a_placebo_without_its_sample_has_no_draws():
    spec = make_spec(design="placebo", sample_filter=FAILS_ON_ROWS, **DRAWS)
    rows = tabulate_resampled_inference([spec], PANEL, NO_DATES).to_pylist()
    assert [row["placebo_draws"] for row in rows] == [None]


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ("coded", "coded holds 1, 2: a group is true and false, or 1 and 0"),
        ("thirds", "thirds holds 0, 1, 2: a group is true and false, or 1 and 0"),
    ],
)
def test_a_group_of_other_values_is_not_estimable(group, reason):
    spec = make_spec(design="group_difference", moderator=group, **DRAWS)
    rows = tabulate_group_differences([spec], PANEL, NO_DATES).to_pylist()
    assert {(row["status"], row["reason"]) for row in rows} == {("not_estimable", reason)}


@pytest.mark.parametrize("name", ["mediation", "bootstrap", "wild_bootstrap", "jackknife"])
def test_an_infinite_value_is_not_estimable(name):
    changes, tabulate = TABLES[name]
    spec = make_spec(design=name, treatment="boundless", **{**changes, "moderator": ""})
    if name == "mediation":
        spec = make_spec(design=name, moderator="boundless", **DRAWS)
    rows = tabulate([spec], PANEL, NO_DATES).to_pylist()
    found = {(row["status"], row["reason"]) for row in rows}
    assert found == {("not_estimable", "infinite values in the sample: boundless")}
