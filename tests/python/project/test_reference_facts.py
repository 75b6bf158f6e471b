"""Facts of the reference seeds that were looked up, and how each row is known."""

import pytest

from support.study import seed
from urban_resilience.intake.vocabulary.cities import resolve_name

HOW_KNOWN = ("checked", "one source", "recalled", "common knowledge")


@pytest.mark.parametrize(
    "name", ["policy_pilots", "city_groups", "industries", "national_series", "policy_lists"]
)
def test_every_row_says_how_it_is_known(name):
    words = "|".join((*HOW_KNOWN, "agrees with"))
    unsaid = seed(name)[~seed(name)["evidence"].str.contains(words)]
    assert unsaid.empty, unsaid


def test_yichun_is_an_old_industrial_base_and_hegang_is_none():
    groups = seed("city_groups")
    members = set(groups.loc[groups["group_id"] == "old_industrial_base", "city_code"].astype(str))
    assert "230700" in members
    assert "230400" not in members
    # As many as the plan names.
    assert len(members) == 95


def test_batch_3_of_the_smart_cities_has_what_other_sources_name():
    pilots = seed("policy_pilots").astype(str)
    rows = pilots[(pilots["policy_id"] == "smart_city") & (pilots["batch"] == "3")]
    scopes = dict(zip(rows["city_code"], rows["scope"], strict=True))
    assert [scopes[code] for code in ("510500", "511100", "511600", "350600")] == [
        "full",
        "full",
        "full",
        "partial",
    ]
    assert len(rows) == 35
    lists = seed("policy_lists").astype(str)
    known = lists[(lists["policy_id"] == "smart_city") & (lists["batch"] == "3")].iloc[0]
    assert (known["places_in_notice"].removesuffix(".0"), known["state"]) == ("84", "incomplete")


def test_every_list_of_a_pilot_is_described():
    pilots, lists = seed("policy_pilots"), seed("policy_lists")
    keys = ["policy_id", "batch"]
    assert set(map(tuple, pilots[keys].to_numpy())) == set(map(tuple, lists[keys].to_numpy()))


@pytest.mark.parametrize(
    ("codes", "sector"),
    [
        ("76", "D36T39"),
        ("90 921", "D84"),
        ("72 725 781 782", "D77T82"),
        ("722 723 724 764 894", "D69T75"),
        ("533 544 553 563", "D52"),
        ("054", "D03"),
        ("069", "D07T08"),
        ("792", "D86T88"),
        ("851", "D62T63"),
    ],
)
def test_industries_take_the_sectors_of_the_standard(codes, sector):
    rows = seed("industries").astype({"industry_code": str})
    sectors = dict(zip(rows["industry_code"], rows["sector"], strict=True))
    assert {sectors[code] for code in codes.split()} == {sector}


def test_internet_users_have_two_decimals_where_they_were_published():
    series = seed("national_series").astype(str).set_index("year")["internet_users_million"]
    assert (series["2019"], series["2020"]) == ("903.59", "988.99")


def test_huaiyin_is_the_huaian_of_today():
    assert resolve_name("淮阴市") == resolve_name("淮安市") == "320800"
