{# What is part of something larger in any city, in the unit of the whole, with the cell to look at. #}
{% macro part_of_whole_rules() %}
    {{ return([
        {
            'rule': 'unemployed_above_employed',
            'series': 'registered_unemployed_persons',
            'part': 'registered_unemployed_persons',
            'whole': 'employed_persons_10k * 10000',
            'slack': 1,
            'reason': 'more registered unemployed than persons employed',
        },
        {
            'rule': 'sectors_above_gdp',
            'series': 'gdp_100m_yuan',
            'part': 'secondary_output_100m_yuan + tertiary_output_100m_yuan',
            'whole': 'gdp_100m_yuan',
            'slack': 1.05,
            'reason': 'less than secondary and tertiary output together',
        },
        {
            'rule': 'parts_above_fiscal_expenditure',
            'series': 'fiscal_expenditure_100m_yuan',
            'part': 'science_expenditure_100m_yuan + education_expenditure_100m_yuan',
            'whole': 'fiscal_expenditure_100m_yuan',
            'slack': 1.05,
            'reason': 'less than expenditure on science and education together',
        },
    ]) }}
{% endmacro %}

{# What cannot be true of a city in a year, whatever its other years say: the cell it is held against,
   the condition over a row of the yearbook, the reason in words. Rules over columns that the contract
   does not have (a unit test may list a few only) are left out. #}
{% macro accounting_rules() %}
    {% set rules = [] %}
    {% for rule in part_of_whole_rules() %}
        {% do rules.append({
            'rule': rule.rule,
            'series': rule.series,
            'when': rule.part ~ ' > ' ~ rule.slack ~ ' * ' ~ rule.whole,
            'reason': rule.reason,
        }) %}
    {% endfor %}
    {% for series in ('cpi_prev_year_100', 'gdp_index_prev_year_100') %}
        {% do rules.append({
            'rule': 'index_out_of_range',
            'series': series,
            'when': series ~ ' not between 50 and 150',
            'reason': 'no index with the previous year at 100',
        }) %}
    {% endfor %}
    {% for column in series_of_seed() if column.may_be_negative %}
        {% do rules.append({
            'rule': 'negative',
            'series': column.name,
            'when': column.name ~ ' < 0',
            'reason': 'negative: a change of a stock, not a count',
        }) %}
    {% endfor %}
    {{ return(rules) }}
{% endmacro %}

{# Series of the yearbook that seed raw_columns flags, quoted for SQL: `is_lumpy` (one project decides: a
   jump is flagged, never blanked by rule), `may_be_negative` (a change, not a count), `fills_edges`. #}
{% macro flagged_series(flag) -%}
    {%- set names = [] -%}
    {%- for column in series_of_seed() if column[flag] -%}
        {%- do names.append("'" ~ column.name ~ "'") -%}
    {%- endfor -%}
    {{ names | join(', ') or "''" }}
{%- endmacro %}
