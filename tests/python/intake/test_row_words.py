"""Words that say what rows are of: found where they count, and only there."""

from __future__ import annotations

import pytest

from urban_resilience.intake.vocabulary import row_words
from urban_resilience.shared.project import seed_rows


@pytest.mark.parametrize(
    ("kind", "text", "counts"),
    [
        (row_words.PART_OF_YEAR, "所属月份", True),
        (row_words.PART_OF_YEAR, "Half-Year", True),
        # Alone means the whole header: a year of months is another thing.
        (row_words.PART_OF_YEAR, "月平均工资", False),
        (row_words.NO_PILOT, "第一批未入选", True),
        (row_words.NO_PILOT, "未獲批", True),
        (row_words.NO_PILOT, "Not  Selected (2015)", True),
        (row_words.NO_PILOT, "controls", True),
        (row_words.NO_PILOT, "price controls", False),
        # Last: what was not passed stands behind the word.
        (row_words.NO_PILOT, "评审未通过", True),
        (row_words.NO_PILOT, "未通过验收", False),
        (row_words.PILOT_ENDED, "2019年摘牌", True),
        (row_words.MEMBER_LEFT, "left", True),
        (row_words.MEMBER_LEFT, "leftover", False),
        (row_words.MEMBER_LEFT, "unexpired", False),
        (row_words.MEMBERSHIP_END, "End date", True),
        (row_words.MEMBERSHIP_END, "Vendor", False),
        (row_words.NO_MEMBER, "待审核", True),
        (row_words.NO_MEMBER, "", False),
    ],
)
def test_a_word_counts_where_it_stands(kind, text, counts):
    assert row_words.says(kind, text) is counts


def test_every_kind_of_the_seed_is_asked_for():
    asked = {value for name, value in vars(row_words).items() if name.isupper() and name[0] != "_"}

    assert {row["kind"] for row in seed_rows("row_words")} == asked


@pytest.mark.parametrize("row", seed_rows("row_words"), ids=lambda row: row["word"])
def test_every_word_is_found(row):
    assert row_words.says(row["kind"], row["word"])
