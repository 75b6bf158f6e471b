{# 'simulated' where the simulator's truth.json lies beside the raw files, otherwise 'supplied'.
   Stamped on every mart so that simulated numbers say so wherever they travel. #}
{% macro data_origin() -%}
    {%- set files = first_column(run_query(of_files('select file from glob(' ~ path_literal(raw_data_dir() ~ '/truth.json') ~ ')')))
        if execute else [] -%}
    cast('{{ 'simulated' if files else 'supplied' }}' as varchar)
{%- endmacro %}
