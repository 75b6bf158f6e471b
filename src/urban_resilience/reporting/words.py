"""Words in both languages of the pages, and numbers as people read them."""

from __future__ import annotations

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
TABLES = {
    "table_3": Both("Table 3: baseline regressions", "表3 基准回归"),
    "table_4": Both("Table 4: heterogeneity", "表4 异质性"),
    "table_5": Both("Table 5: resource misallocation", "表5 资源错配机制"),
    "table_6": Both("Table 6: market potential", "表6 市场需求机制"),
    "iv": Both("Instruments", "工具变量"),
    "did": Both("Difference-in-differences", "双重差分"),
    "psm_did": Both("Matched difference-in-differences", "倾向得分匹配双重差分"),
    "robustness": Both("Robustness", "稳健性检验"),
    "complementarity": Both("Virtual and geographic agglomeration", "虚拟集聚与地理集聚"),
    "variants": Both("Other indices and measures", "其他指数与测度"),
}


def order_of_table(table_id: object) -> tuple[int, str]:
    """Key that sorts tables: those of the list first, in its order, then by name."""
    known = list(TABLES)
    return (known.index(str(table_id)) if table_id in TABLES else len(known), str(table_id))


def design_in_words(design: str) -> Both:
    """Name a design of `regression_specs`; the row's own word where the list has none."""
    return DESIGNS.get(design, Both(design, design))


def table_in_words(table_id: str) -> Both:
    """Title of a table; its id, spelled out, where the study brings its own."""
    plain = table_id.replace("_", " ").capitalize()
    return TABLES.get(table_id, Both(plain, plain))


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
