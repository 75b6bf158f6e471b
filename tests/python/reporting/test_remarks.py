"""Remarks are said in Chinese: every phrase that the warehouse can write has its own."""

import re

import pytest

from support.dbt import ROOT
from urban_resilience.reporting.remarks import REMARKS, phrases, remark_zh

WRITTEN_IN = (
    "models/marts/results/fct_fit_diagnostics.sql",
    "models/marts/reference/fct_policy_lists.sql",
    "models/marts/results/rpt_published_checks.sql",
    "models/marts/quality/fct_availability.sql",
    "models/intermediate/sample/int_sample_decisions.sql",
)
# Three English words in a row: a phrase that was not said.
SENTENCE = re.compile(r"[a-z]+ [a-z]+ [a-z]+")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (None, ""),
        ("few of the 77 clusters carry it: 15.1 effective ones",
         "77 个聚类中只有少数起作用：有效聚类数为 15.1"),
        ("treated cities without a match: 7; 12 clusters: t tests over-reject",
         "没有匹配对象的处理组城市：7 个；只有 12 个聚类：t 检验过度拒绝"),
        # A phrase with a stop inside, and one in the place of another.
        ("weak instrument: effective F 7.3 below 23.1, estimate and stars cannot be read; the"
         " Anderson-Rubin set is the whole line; 3 of 99 draws failed",
         "弱工具变量：有效 F 值 7.3 低于 23.1，估计值与星号不可解读；"
         "Anderson-Rubin 置信集为全部实数；99 次抽样中有 3 次失败"),
        ("no pre-trend test: more leads than clusters", "未作平行趋势检验：前导期数多于聚类数"),
        ("11 without dist; 3 without x (12 rows together)",
         "11 个观测缺 dist；3 个观测缺 x（合计 12 个）"),
        # What nobody has put into Chinese stays.
        ("a new remark of 3; empty", "a new remark of 3；空集"),
    ],
)  # fmt: skip
def test_a_remark_is_said_phrase_by_phrase(english, chinese):
    assert remark_zh(english) == chinese


def test_places_of_a_phrase_are_those_of_its_chinese():
    for pattern, chinese in phrases(REMARKS):
        used = {int(place) for place in re.findall(r"\{(\d)\}", chinese)}
        assert used == set(range(pattern.groups)), chinese


@pytest.mark.parametrize("path", WRITTEN_IN)
def test_every_phrase_of_the_sql_has_its_chinese(path):
    sql = (ROOT / path).read_text(encoding="utf-8")
    known = [re.sub(r"\\(.)", r"\1", pattern.pattern) for pattern, _ in phrases(REMARKS)]
    # Words between quotes, without the formats of numbers.
    literals = re.findall(r"'((?:[^'\n]|'')*)'", re.sub(r"--.*|\{#.*?#\}", "", sql))
    pieces = [
        piece.strip(" ,:;([])%'")
        for literal in literals
        for piece in re.split(r"%[-.\d]*[dfgs]|%%", literal.replace("''", "'"))
    ]
    sentences = [piece for piece in pieces if SENTENCE.search(piece)]
    assert sentences
    for piece in sentences:
        assert any(piece in phrase for phrase in known), piece


def test_every_remark_of_the_simulated_study_is_chinese(published):
    found = published.frame(
        "select distinct unnest([remark, rows_left_out]) as said"
        " from results.fct_fit_diagnostics where status = 'estimated'"
    )["said"].dropna()
    assert len(found) > 20
    assert [text for text in found if SENTENCE.search(remark_zh(text))] == []
