"""Rows of regression_specs: how they are read, and how each fault is named before a run."""

import numpy as np
import pandas as pd
import pytest

from support.panels import make_panel, make_spec
from support.study import seed
from support.warehouse import Warehouse
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.spec_faults import DESIGN_FIELDS, reads
from urban_resilience.estimation.specs import (
    SpecError,
    faults_of,
    list_faults,
    parse_specs,
    read_specs,
    validate_specs,
)
from urban_resilience.variables.origins import Origin, Origins

PANEL = make_panel()


def rows(*changes):
    """Seed rows as dbt hands them over: text, with nulls where the file is empty."""
    plain = {
        "spec_id": "s1",
        "table_id": "t",
        "column_id": "1",
        "design": "twfe",
        "estimator": "ols",
        "outcome": "y",
        "treatment": "x",
        "controls": "z w",
        "fixed_effects": "year city_code",
        "cluster": "city_code",
        "sample_filter": None,
        "note": "ignored",
    }
    return pd.DataFrame([{**plain, **change} for change in changes])


def test_a_row_becomes_a_specification():
    (spec,) = parse_specs(rows({}))
    assert spec.controls == ("z", "w")
    assert spec.fixed_effects == ("year", "city_code")
    assert spec.regressors == ("x", "z", "w")
    assert spec.columns == ("y", "x", "z", "w", "year", "city_code")
    assert spec.sample_filter == ""


@pytest.mark.parametrize("empty", [None, np.nan, "", "  ", pd.NA])
def test_empty_cells_are_empty_whatever_their_type(empty):
    (spec,) = parse_specs(rows({"controls": empty, "fixed_effects": empty}))
    assert spec.controls == ()
    assert spec.fixed_effects == ()


def test_blanks_around_words_do_not_matter():
    (spec,) = parse_specs(rows({"outcome": " y ", "controls": "  z   w "}))
    assert spec.outcome == "y"
    assert spec.controls == ("z", "w")


def test_specifications_come_in_the_order_of_their_id():
    specs = parse_specs(rows({"spec_id": "b"}, {"spec_id": "a"}, {"spec_id": "c"}))
    assert [spec.spec_id for spec in specs] == ["a", "b", "c"]


def test_a_missing_column_of_the_seed_is_named():
    with pytest.raises(SpecError, match="no column sample_filter"):
        parse_specs(rows({}).drop(columns="sample_filter"))


@pytest.mark.parametrize("draws", ["many", "inf", "9; drop table panel"])
def test_draws_that_are_no_number_are_named_with_their_row(draws):
    with pytest.raises(SpecError, match=r"s1: n_draws '.*' is no whole number"):
        parse_specs(rows({"n_draws": draws}))


@pytest.mark.parametrize(
    "cells",
    [
        {"design": "bootstrap", "n_draws": "many", "seed": "1"},
        {"design": "bootstrap", "n_draws": "99", "seed": "one"},
        {"design": "did", "policy_id": "p", "timing": "year_after", "reference_period": "before"},
    ],
    ids=["draws", "seed", "base"],
)
def test_a_number_that_cannot_be_read_is_one_fault_and_not_two(cells):
    readable = {"reference_period": "-1", "n_draws": "99", "seed": "1"}
    whole = {name: readable.get(name, value) for name, value in cells.items()}
    (sound,), none = read_specs(rows(whole))
    (spec,), unreadable = read_specs(rows(cells))
    assert (len(unreadable), none) == (1, [])
    assert faults_of(spec, PANEL) == faults_of(sound, PANEL)


def test_a_joined_effect_reads_both_its_columns():
    spec = make_spec(fixed_effects=("province^year", "city_code"))
    assert spec.effect_columns == ("province", "year", "city_code")
    assert faults_of(spec, PANEL) == []


FAULTS = {
    "unknown outcome": ({"outcome": "resilience"}, "column 'resilience' is not in"),
    "unknown treatment": ({"treatment": "vag"}, "column 'vag' is not in"),
    "unknown control": ({"controls": ("z", "pup")}, "column 'pup' is not in"),
    "unknown effect": ({"fixed_effects": ("yaer",)}, "column 'yaer' is not in"),
    "unknown part of an effect": ({"fixed_effects": ("region^year",)}, "column 'region' is not in"),
    "unknown cluster": ({"cluster": "region"}, "column 'region' is not in"),
    "three clusters": ({"cluster": "city_code year province"}, "at most two"),
    "unknown estimator": ({"estimator": "magic"}, "unknown estimator 'magic'"),
    "unknown design": ({"design": "rdd"}, "unknown design 'rdd'"),
    "empty outcome": ({"outcome": ""}, "outcome is empty"),
    "empty treatment": ({"treatment": ""}, "treatment is empty"),
    "empty cluster": ({"cluster": ""}, "cluster is empty"),
    "outcome on both sides": ({"controls": ("z", "y")}, "'y' is on both sides"),
    "regressor twice": ({"controls": ("z", "z")}, "'z' appears more than once"),
    "treatment among controls": ({"controls": ("x",)}, "'x' appears more than once"),
    "filter with an unknown column": ({"sample_filter": "yeer > 2010"}, "yeer"),
    "filter that is no SQL": ({"sample_filter": "year >"}, "sample_filter does not work"),
    "filter that is no condition": ({"sample_filter": "'abc'"}, "sample_filter does not work"),
    "filter that fails on the values": (
        {"sample_filter": "cast(province as integer) > 1"},
        "sample_filter does not work",
    ),
    "filter with a second statement": (
        {"sample_filter": "true); drop table panel; --"},
        "sample_filter does not work",
    ),
    "filter that reads a CSV file": (
        {"sample_filter": "year in (select year from read_csv('/etc/passwd'))"},
        "sample_filter does not work",
    ),
    "filter that reads a file by its name": (
        {"sample_filter": "exists (select 1 from 'pyproject.toml')"},
        "sample_filter does not work",
    ),
    "draws whole cities without their effect": (
        {"design": "jackknife", "fixed_effects": ("year",)},
        "design jackknife needs city_code among its fixed_effects",
    ),
    "draws whole cities beside joined effects": (
        {
            "design": "bootstrap",
            "n_draws": 19,
            "seed": 1,
            "fixed_effects": ("city_code", "province^year"),
        },
        "cannot absorb joined effects ('province^year')",
    ),
    "draws whole cities, clusters otherwise": (
        {"design": "placebo", "n_draws": 19, "seed": 1, "cluster": "province"},
        "its cluster must be city_code",
    ),
    "two clusters of a jackknife": (
        {"design": "jackknife", "cluster": "city_code year"},
        "design jackknife needs exactly one cluster",
    ),
    "a policy without its timing": (
        {"design": "placebo", "n_draws": 19, "seed": 1, "policy_id": "p", "treatment": "treated"},
        "timing is empty",
    ),
    "no draws": (
        {"design": "wild_bootstrap", "n_draws": 0, "seed": 1},
        "n_draws is 0",
    ),
    "draws too few for any p-value of 5%": (
        {"design": "wild_bootstrap", "n_draws": 18, "seed": 1},
        "n_draws is 18 (19 to 1000000)",
    ),
    "draws without end": (
        {"design": "wild_bootstrap", "n_draws": 10**12, "seed": 1},
        "n_draws is 1000000000000",
    ),
    "a seed below 0": ({"design": "wild_bootstrap", "n_draws": 19, "seed": -1}, "seed is -1"),
    "a control that is code": (
        {"controls": ("z", "__import__('os').system('id')")},
        "column '__import__('os').system('id')' is not in",
    ),
    "an effect that is code": (
        {"fixed_effects": ("year", "C(x)^exec('1')")},
        "column 'exec('1')' is not in",
    ),
}


@pytest.mark.parametrize(("changes", "message"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_named_with_its_row(changes, message):
    spec = make_spec(spec_id="bad_row", **changes)
    with pytest.raises(SpecError) as raised:
        validate_specs([make_spec(spec_id="good_row"), spec], PANEL)
    text = str(raised.value)
    assert "bad_row: " in text
    assert message in text
    assert "good_row" not in text


def test_all_faults_of_all_rows_come_at_once():
    first = make_spec(spec_id="one", outcome="nothing", estimator="magic")
    second = make_spec(spec_id="two", sample_filter="year >")
    with pytest.raises(SpecError) as raised:
        validate_specs([first, second], PANEL)
    assert str(raised.value).count("one: ") == 2
    assert str(raised.value).count("two: ") == 1


def test_an_id_used_twice_is_named():
    with pytest.raises(SpecError, match="twin: spec_id is used twice"):
        validate_specs([make_spec(spec_id="twin"), make_spec(spec_id="twin")], PANEL)


def test_a_design_says_which_of_its_fields_is_empty():
    with pytest.raises(SpecError, match="s_iv: instrument is empty"):
        validate_specs([make_spec(spec_id="s_iv", design="iv", estimator="2sls")], PANEL)


def test_good_rows_pass():
    good = [make_spec(), make_spec(spec_id="other", sample_filter="year > 2010")]
    assert list_faults(good, PANEL) == []
    validate_specs(good, PANEL)


def test_rows_of_the_seed_are_well_formed(simulated_warehouse):
    panel = Warehouse(simulated_warehouse).frame("select * from panel.fct_estimation_panel")
    specs = parse_specs(seed("regression_specs"))
    assert len(specs) >= 4
    validate_specs(specs, panel)


def test_selected_rows_come_in_the_order_of_their_keys():
    shuffled = PANEL.sample(frac=1, random_state=8)
    chosen = select_sample(shuffled, "year < 2010")
    expected = PANEL[PANEL["year"] < 2010].sort_values(["city_code", "year"], ignore_index=True)
    pd.testing.assert_frame_equal(chosen, expected, check_dtype=False)


def test_rows_where_the_filter_is_null_are_left_out():
    panel = PANEL.assign(flag=pd.array([True, None] * (len(PANEL) // 2), dtype="boolean"))
    assert len(select_sample(panel, "flag")) == len(PANEL) / 2
    assert len(select_sample(panel, "not flag")) == 0


POLICY = {"policy_id": "p", "timing": "listed", "partial_pilots": "excluded"}
DID = {"design": "did", "treatment": "treated", **POLICY}
DRAWS = {"n_draws": 19, "seed": 1}
# The panel with columns of every type, none of them with a fault of its own.
TYPED = PANEL.assign(
    flag=PANEL["x"] > 0,
    day=pd.Timestamp("2020-01-01"),
    coded=np.where(PANEL["x"] > 0, 2, 1),
)
UNUSED = {
    "instrument": "w",
    "matching": "nearest",
    "matching_window": "2008-2010",
    "moderator": "w",
    "n_draws": 19,
    "seed": 1,
    "policy_id": "p",
    "timing": "listed",
    "partial_pilots": "excluded",
    "batches": ("1",),
}
COMPLETE = {
    "twfe": {},
    "iv": {"estimator": "2sls", "instrument": "w"},
    "did": DID,
    "event_study": {**DID, "design": "event_study"},
    "psm_did": {**DID, "design": "psm_did", "matching": "nearest"},
    "group_difference": {"moderator": "flag", **DRAWS},
    "mediation": {"moderator": "w", **DRAWS},
    "interaction": {"moderator": "w"},
    "bootstrap": DRAWS,
    "wild_bootstrap": DRAWS,
    "jackknife": {},
    "placebo": DRAWS,
    "shift_share": {"cluster": ""},
    "specification_curve": {},
}


def test_every_design_has_a_complete_row():
    assert set(COMPLETE) == set(DESIGN_FIELDS)


@pytest.mark.parametrize("design", COMPLETE)
def test_a_complete_row_of_each_design_passes(design):
    assert faults_of(make_spec(**{"design": design, **COMPLETE[design]}), TYPED, ["p"]) == []


@pytest.mark.parametrize(
    ("design", "field"),
    [(d, f) for d in COMPLETE for f in UNUSED if f not in reads(d)],
)
def test_a_field_that_the_design_does_not_read_is_refused(design, field):
    changes = {"design": design, **COMPLETE[design], field: UNUSED[field]}
    (fault,) = [f for f in faults_of(make_spec(**changes), TYPED, ["p"]) if "reads none" in f]
    assert fault.startswith(f"{field} is '")
    assert design in fault


@pytest.mark.parametrize("design", COMPLETE)
def test_the_estimator_is_that_of_the_design(design):
    wrong = "ols" if design == "iv" else "2sls"
    spec = make_spec(**{"design": design, **COMPLETE[design], "estimator": wrong})
    assert any(f"estimator is '{wrong}'" in fault for fault in faults_of(spec, TYPED, ["p"]))


ROLES = {
    "instrument = treatment": ("iv", {"instrument": "x"}, "instrument 'x' is the treatment"),
    "instrument = outcome": ("iv", {"instrument": "y"}, "instrument 'y' is the outcome"),
    "instrument = control": ("iv", {"instrument": "z"}, "instrument 'z' is a control"),
    "instrument = effect": ("iv", {"instrument": "year"}, "instrument 'year' is also a fixed"),
    "moderator = outcome": ("interaction", {"moderator": "y"}, "the moderator and the outcome"),
    "moderator = treatment": ("interaction", {"moderator": "x"}, "moderator and the treatment"),
    "moderator = control": ("interaction", {"moderator": "z"}, "the moderator and a control"),
    "mediator = outcome": ("mediation", {"moderator": "y"}, "the mechanism and the outcome"),
    "mediator = treatment": ("mediation", {"moderator": "x"}, "the mechanism and the treatment"),
    "mediator = control": ("mediation", {"moderator": "z"}, "the mechanism and a control"),
    "group = treatment": ("group_difference", {"moderator": "x"}, "the group and the treatment"),
    "text group": ("group_difference", {"moderator": "province"}, "is text; a group is a column"),
    "dates as group": ("group_difference", {"moderator": "day"}, "is a date; a group is a column"),
    "text outcome": ("twfe", {"outcome": "province"}, "outcome 'province' is text"),
    "text treatment": ("jackknife", {"treatment": "province"}, "treatment 'province' is text"),
    "text control": ("twfe", {"controls": ("province",)}, "control 'province' is text"),
    "dates as control": ("twfe", {"controls": ("day",)}, "control 'day' is a date"),
    "text moderator": ("interaction", {"moderator": "province"}, "moderator 'province' is text"),
    "treatment = effect": ("twfe", {"treatment": "year"}, "'year' is also a fixed effect"),
    "effect twice": ("twfe", {"fixed_effects": ("year", "year")}, "fixed_effects names 'year'"),
    "cluster twice": ("twfe", {"cluster": "city_code city_code"}, "cluster names 'city_code'"),
    "policy of groups": (
        "group_difference",
        {"treatment": "treated"},
        "treatment treated needs a policy_id, which these designs read: did",
    ),
    "another treatment than the policy's": ("did", {"treatment": "x"}, "write treated"),
    "an unknown policy": ("did", {"policy_id": "smart"}, "policy_id 'smart' has no pilots"),
    "a cluster of weights": ("shift_share", {"cluster": "city_code"}, "has no standard error"),
}


@pytest.mark.parametrize(("design", "changes", "message"), ROLES.values(), ids=ROLES)
def test_a_column_has_one_role_and_the_type_of_it(design, changes, message):
    spec = make_spec(**{"design": design, **COMPLETE[design], **changes})
    faults = faults_of(spec, TYPED, ["p"])
    assert [fault for fault in faults if message in fault], faults
    # The same from names and types alone, as before a build.
    assert faults_of(spec, TYPED.head(0), ["p"]) == faults


def test_the_nearest_names_are_given():
    panel = PANEL.rename(columns={"z": "wage"})
    (fault,) = faults_of(make_spec(controls=("wages",)), panel)
    assert fault == "column 'wages' is not in fct_estimation_panel (nearest: wage)"
    (fault,) = faults_of(make_spec(**{**DID, "policy_id": "smart_cty"}), PANEL, ["smart_city"])
    assert "(nearest: smart_city)" in fault


def test_a_column_of_the_seed_that_nothing_reads_is_named():
    with pytest.raises(SpecError, match=r"nothing reads: 'instruments' \(nearest: instrument"):
        parse_specs(rows({"instruments": "w"}))


@pytest.mark.parametrize("draws", ["99.5", "1e3", "0x10"])
def test_draws_are_not_rounded(draws):
    with pytest.raises(SpecError, match="no whole number"):
        parse_specs(rows({"n_draws": draws}))


def test_whole_numbers_may_come_as_decimals():
    (spec,) = parse_specs(rows({"n_draws": 1000.0, "seed": "7"}))
    assert (spec.n_draws, spec.seed) == (1000, 7)


def test_one_place_of_a_printed_table_holds_one_regression():
    twins = [make_spec(spec_id=name, table_id="table_9", column_id="2") for name in ("a", "b")]
    with pytest.raises(SpecError, match="a: column '2' of table_9 is also that of b"):
        validate_specs(twins, PANEL)
    validate_specs([make_spec(spec_id=name, table_id="own") for name in ("a", "b")], PANEL)


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        ({"treatment": "twice"}, "treatment"),
        ({"controls": "z twice"}, "control"),
        ({"design": "iv", "estimator": "2sls", "instrument": "twice"}, "instrument"),
        ({"design": "interaction", "moderator": "twice"}, "moderator"),
        ({"fixed_effects": "city_code twice^year"}, "fixed effect"),
    ],
)
def test_the_outcome_in_other_words_is_refused_in_every_role(cells, role):
    origins = Origins({"twice": Origin(frozenset("y"), "y"), "w": Origin(frozenset("x"))})
    panel = PANEL.assign(twice=2 * PANEL["y"])
    found = list_faults(parse_specs(rows(cells)), panel, origins=origins)
    assert [fault for _, fault in found] == [
        f"{role} 'twice' is computed from the outcome 'y', or is the same in other words: take it "
        "out, or its value of an earlier year"
    ]
    assert list_faults(parse_specs(rows({})), panel, origins=origins) == []


@pytest.mark.parametrize(
    ("sample_filter", "said"),
    [
        ("belt = 'inner'", None),
        ("year > 2010 and not ('outer' <> belt or belt in ('inner'))", None),
        ("belt <> ''", None),
        ("x > 0 and belt in ('inner', 'uter')", "no row has 'uter' in belt (nearest: outer)"),
        ("Belt <> 'Inner'", "no row has 'Inner' in belt (nearest: inner)"),
        ("city_code <> 999", "no row has '999' in city_code (known: 100, 101)"),
    ],
)
def test_a_text_that_no_row_has_is_refused(sample_filter, said):
    """It would keep no row, or every one, and the regression would not say so."""
    panel = PANEL.assign(belt="inner")
    texts = {"belt": {"inner", "outer"}, "city_code": {"100", "101"}}
    specs = parse_specs(rows({"sample_filter": sample_filter}))
    found = [fault for _, fault in list_faults(specs, panel, texts=texts)]
    assert found == ([f"sample_filter does not work: {said}"] if said else [])
