"""Words in both languages of the pages, and numbers as people read them."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What separates the English from the Chinese half of a title inside a chart: site.js keeps one.
SEPARATOR = "¦"


@dataclass(frozen=True)
class Both:
    """A text in English and Chinese."""

    en: str
    zh: str

    def joined(self) -> str:
        """Both halves in one string, for titles of charts."""
        return f"{self.en}{SEPARATOR}{self.zh}"


@dataclass(frozen=True)
class Unit:
    """What a study calls its places: texts of pages are written for cities.

    Attributes
    ----------
    one, many
        In English, in small letters.
    zh
        In Chinese.
    """

    one: str = "city"
    many: str = "cities"
    zh: str = "城市"

    def said_en(self, text: str) -> str:
        """Say an English text of these places; names of columns and `seeds` stay as they are."""
        if self == CITIES or not isinstance(text, str):
            return text
        return type(text)(_CITY.sub(self._for, text))

    def said_zh(self, text: str) -> str:
        """Say a Chinese text of these places; the word for an effect in it is English."""
        if self == CITIES or not isinstance(text, str):
            return text
        return type(text)(self.said_en(text).replace(CITIES.zh, self.zh))

    def _for(self, found: re.Match[str]) -> str:
        word = self.one if found[2].casefold() == "city" else self.many
        article = found[1] or ""
        if article and word[0] in "aeiou":
            article = article.replace("a", "an").replace("A", "An")
        is_capital = found[2][0].isupper()
        return article + (word[0].upper() + word[1:] if is_capital else word)


_CITY = re.compile(r"(\b[Aa] )?(?<!`)\b(city|cities)\b(?!`)", re.IGNORECASE)
CITIES = Unit()


# Values of columns that pages show as they are: one list, so that no page words them anew.
DESIGNS = {
    "twfe": Both("fixed effects regression", "固定效应回归"),
    "iv": Both("two-stage least squares", "两阶段最小二乘"),
    "did": Both("difference-in-differences", "双重差分"),
    "psm_did": Both("matched difference-in-differences", "倾向得分匹配双重差分"),
    "event_study": Both("event study", "事件研究"),
    "interaction": Both("interaction", "交互项回归"),
    "group_difference": Both("difference between two groups", "组间系数差异"),
    "mediation": Both("two-step mechanism", "两步法机制检验"),
    "bootstrap": Both("bootstrap of clusters", "聚类自助法"),
    "wild_bootstrap": Both("wild cluster bootstrap", "野聚类自助法"),
    "jackknife": Both("leave-one-out", "逐一剔除"),
    "placebo": Both("placebo draws", "安慰剂检验"),
    "shift_share": Both("shift-share weights", "份额移动权重"),
    "specification_curve": Both("specification curve", "设定曲线"),
    "formula": Both("regression by formula", "公式回归"),
}


def design_in_words(design: str) -> Both:
    """Name a design of `regression_specs`; the row's own word where the list has none."""
    return DESIGNS.get(design, Both(design, design))


MATCHINGS = {
    "nearest": Both("nearest", "最近邻匹配（1:1）"),
    "nearest_logit_caliper": Both("nearest, caliper of the logit", "最近邻匹配（logit 卡尺）"),
    "four_nearest": Both("four nearest", "最近邻匹配（1:4）"),
    "kernel": Both("kernel", "核匹配"),
    "nearest_by_year": Both("nearest by year", "逐年最近邻匹配"),
    "nearest_pooled": Both("nearest, pooled", "混合最近邻匹配"),
}


def matching_in_words(rule: object) -> Both:
    """Name a rule of matching; spelled out where the list has none."""
    plain = str(rule).replace("_", " ")
    return MATCHINGS.get(str(rule), Both(plain, plain))


def number(value: object, digits: int = 4) -> str:
    """Write a number with its significant digits; a blank for a missing one."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (value == int(value) and abs(value) >= 1000):
        return f"{value:,.0f}"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.1f}"
    if size >= 1:
        return f"{value:.{max(digits - 1, 2)}f}"
    return f"{value:.{digits}f}" if size >= 10**-digits or size == 0 else f"{value:.2e}"
