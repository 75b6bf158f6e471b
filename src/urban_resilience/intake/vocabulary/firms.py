"""Headers under which the name of a firm stands, in registers and in records of members."""

from __future__ import annotations

from urban_resilience.intake.cells.text import key

FIRM_NAMES = frozenset(
    map(key, ("企业名称", "公司名称", "单位名称", "机构名称", "商户名称", "企业名", "名称",
              "会员名称", "公司", "企业", "商家名称", "name", "firm",
              "company", "firm name", "company name", "enterprise name",
              "name of firm"))
)  # fmt: skip
