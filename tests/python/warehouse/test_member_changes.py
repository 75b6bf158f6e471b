"""Members by month: counts carried from build to build equal a count of all files at once."""

import random
from collections import Counter

import duckdb
import pandas as pd
import pytest

from support.dbt import run_dbt

CITIES = ("440300", "330100", "510100")
INDUSTRIES = ("61", "51", "D62T63")
COLUMNS = ["operation", "firm_id", "city_code", "industry_code", "joined_year", "expired_year"]
MODELS = "path:models/staging/platform/changes"
SEEDS = ("cities", "industries", "sectors")


class Feed:
    """A folder of months, and nights that count it."""

    def __init__(self, folder):
        self.raw, self.months, self.place = folder / "raw", folder / "months", folder / "build"
        self.seeds = SEEDS
        for path in (self.raw, self.months, self.place):
            path.mkdir()
        yearbook = pd.DataFrame(
            {"city_code": ["440300"], "city_name_zh": ["深圳市"], "year": [2010]}
        )
        yearbook.to_parquet(self.raw / "city_yearbook.parquet", index=False)

    def deliver(self, month, rows):
        frame = pd.DataFrame(rows, columns=COLUMNS).astype(
            {"joined_year": "int32", "expired_year": "Int32"}
        )
        for name in COLUMNS[:4]:
            frame[name] = frame[name].astype("string")
        frame.to_parquet(self.months / f"{month}.parquet", index=False)

    def night(self, check=True, **variables):
        # Seeds are loaded by the first night.
        self.seeds, seeds = (), self.seeds
        return run_dbt(
            "build", "--select", MODELS, *seeds, "--indirect-selection", "cautious",
            raw=self.raw, workspace=self.place, check=check,
            variables={"MEMBER_CHANGES_DIR": str(self.months), **variables},
        )  # fmt: skip

    def query(self, sql):
        path = self.place / "warehouse" / "urban_resilience.duckdb"
        found = next(self.place.rglob("*.duckdb"), path)
        with duckdb.connect(str(found), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def counts(self):
        rows = self.query(
            "select city_code, industry_code, year, sum(joiners)::bigint, sum(net_change)::bigint"
            " from snapshots.stg_platform__member_change_counts group by all"
        )
        return {row[:3]: row[3:] for row in rows if row[3:] != (0, 0)}


def counted_at_once(months):
    """Count every month in order, record by record: the plain way."""
    signs = {}
    for month in sorted(months):
        seen = {}
        for operation, *record in months[month]:
            seen.setdefault(tuple(record), set()).add(operation)
        for record, operations in seen.items():
            if len(operations) == 1:
                signs.setdefault(record, []).append(1 if operations == {"insert"} else -1)
    joiners, net = Counter(), Counter()
    for (_, city, industry, joined, expired), history in signs.items():
        members = (history[-1] > 0) - (history[0] < 0)
        joiners[city, industry, joined] += members
        net[city, industry, joined] += members
        if expired is not None:
            net[city, industry, expired + 1] -= members
    keys = {key for key in {*joiners, *net} if joiners[key] or net[key]}
    return {key: (joiners[key], net[key]) for key in keys}


def random_months(rng, n_months=5, n_rows=60):
    """Inserts, copies within and between months, deletions, corrections, late records."""
    months, alive = {}, []
    for number in range(1, n_months + 1):
        rows = []
        for place in range(n_rows):
            kind = rng.random()
            if kind < 0.2 and alive:
                rows.append(("delete", *rng.choice(alive)))
            elif kind < 0.35 and alive:
                rows.append(("insert", *rng.choice(alive)))
            elif kind < 0.5 and alive:
                was = rng.choice(alive)
                rows += [("delete", *was), ("insert", *was[:3], was[3], was[3] + rng.randrange(4))]
            else:
                joined = rng.randrange(2003, 2019)
                expired = rng.choice([None, joined + rng.randrange(5)])
                record = (f"F{number}-{place}", rng.choice(CITIES), rng.choice(INDUSTRIES))
                alive.append((*record, joined, expired))
                rows.append(("insert", *alive[-1]))
        months[f"2024-{number:02}"] = rows + rng.sample(rows, 5)
    return months


@pytest.mark.slow
def test_nights_in_any_order_equal_one_count_of_all(tmp_path):
    rng = random.Random(16)
    feed, months, arrived = Feed(tmp_path), random_months(rng), {}
    order = rng.sample(sorted(months), len(months))
    for month in order:
        feed.deliver(month, months[month])
        arrived[month] = months[month]
        if len(arrived) in (2, 4, 5):
            feed.night()
            assert feed.counts() == counted_at_once(arrived)
    # The same month again, and a corrected one that lacks rows which others share.
    feed.deliver(order[0], months[order[0]])
    months[order[1]] = months[order[1]][10:] + random_months(rng, 1)["2024-01"]
    feed.deliver(order[1], months[order[1]])
    feed.night()
    assert feed.counts() == counted_at_once(months)
    feed.night(MEMBER_CHANGES_RECOUNT="1")
    assert feed.counts() == counted_at_once(months)
    rows = feed.query("select sum(rows_in), sum(rows_accepted + rows_rejected)"
                      " from snapshots.stg_platform__member_change_batches")  # fmt: skip
    assert rows == [(sum(map(len, months.values())),) * 2]


@pytest.mark.slow
def test_counted_months_are_not_read_again_and_bad_rows_are_named(tmp_path):
    feed = Feed(tmp_path)
    feed.deliver("2024-01", [("insert", "A", "440300", "61", 2010, None)])
    feed.night()
    (feed.months / "2024-01.parquet").unlink()
    feed.deliver(
        "2024-02",
        [
            ("delete", "A", "440300", "61", 2010, None),
            ("insert", "A", "440300", "61", 2010, 2012),
            ("insert", "B", "999999", "61", 2010, None),
            ("insert", "C", "440300", "00", 2010, None),
            ("update", "D", "440300", "61", 2010, None),
        ],
    )
    feed.night()
    assert feed.counts() == {("440300", "61", 2010): (1, 1), ("440300", "61", 2013): (0, -1)}
    named = feed.query(
        "select firm_id, rule from snapshots.stg_platform__member_change_rejections order by 1"
    )
    assert named == [("B", "unknown_city"), ("C", "unknown_industry"), ("D", "unknown_word")]
    # What 2024-02 counts depends on 2024-01: neither is counted anew without the other.
    feed.deliver("2024-02", [("insert", "E", "440300", "61", 2010, None)])
    run = feed.night(check=False)
    assert run.returncode and "shares records with 2024-01.parquet" in run.tail.replace("\n", " ")
    pd.DataFrame({"firm_id": [1]}).to_parquet(feed.months / "2024-03.parquet")
    feed.deliver("2024-01", [("insert", "A", "440300", "61", 2010, None)])
    run = feed.night(check=False)
    assert run.returncode and "column `operation` is missing" in run.tail


@pytest.mark.slow
def test_months_are_accounted_for_as_files_and_judged_as_members(tmp_path):
    feed = Feed(tmp_path)
    feed.deliver("2024-01", [("insert", "A", "440300", "61", 2010, None)])
    feed.deliver(
        "2024-02",
        [
            ("delete", "A", "440300", "61", 2010, None),
            ("insert", "B", "440300", "61", 2011, 2012),
            ("insert", "C", "440300", "61", 2011, None),
            ("insert", "D", "999999", "61", 2011, None),
        ],
    )
    run_dbt(
        "build", "--select", "+fct_raw_files", "+int_raw_members",
        "--exclude-resource-type", "test", "unit_test",
        raw=feed.raw, workspace=feed.place, variables={"MEMBER_CHANGES_DIR": str(feed.months)},
    )  # fmt: skip
    accounts = """
        select source_file, rows_in, rows_accepted, rows_rejected, most_frequent_rule
        from quality.fct_raw_files where table_name = 'platform_member_changes' order by 1
    """
    assert feed.query(accounts) == [
        ("2024-01.parquet", 1, 1, 0, None),
        ("2024-02.parquet", 4, 3, 1, "unknown_city"),
    ]
    # Who joined and was deleted again joined in no year.
    joined = "select city_code, industry_code, year, n_members from intermediate.int_raw_members"
    assert feed.query(joined) == [("440300", "61", 2011, 2)]
