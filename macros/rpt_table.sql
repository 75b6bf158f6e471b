{# A regression table as a matrix: one row per printed row, one column per printed column, from
   `rpt_tables`. A report's model states its columns, as its contract does; an analysis or a client leaves
   them out, and DuckDB finds them in the rows:

   select * from {{ rpt_table('homicide') }}
#}
{% macro rpt_table(table_id, columns=none, has_panels=false) %}
{%- if columns is none -%}
    (
        pivot (
            select
                row_number,
                panel,
                row_label,
                label_en,
                label_zh,
                printed_column,
                cell
            from {{ ref('rpt_tables') }}
            where table_id = '{{ table_id }}'
        )
        -- In the order of the table: by their names, 10 would come before 2.
        on printed_column in (
            select printed_column
            from {{ ref('rpt_tables') }}
            where table_id = '{{ table_id }}'
            group by printed_column
            order by min(position), printed_column
        )
        using max(cell)
        group by row_number, panel, row_label, label_en, label_zh
        order by row_number
    )
{%- else -%}
with cells as (

    select * from {{ ref('rpt_tables') }}
    where table_id = '{{ table_id }}'

),

final as (

    select
        row_number,
        {%- if has_panels %}
        panel,
        {%- endif %}
        row_label,
        label_en,
        label_zh,
        {%- for column in columns %}
        max(cell) filter (where printed_column = '{{ column }}') as column_{{ column }},
        {%- endfor %}
        {{ data_origin() }} as data_origin
    from cells
    group by row_number, panel, row_label, label_en, label_zh

)

select * from final
order by row_number
{%- endif %}
{% endmacro %}
