{# Long, so that a new variable is a new row and no contract changes. #}
{% set rows = variable_rows() | rejectattr('data_type', 'equalto', 'varchar') %}
{% set variables = rows | map(attribute='definition') | list %}
{{ behind_gate('panel') }}
with computed as (

    select * from {{ ref('fct_city_years') }}

),

winsorized as (

    select * from {{ ref('int_panel_winsorized') }}

),

computed_numbers as (

    select
        city_code,
        year
        {%- for variable in variables %},
        cast({{ variable }} as double) as {{ variable }}
        {%- endfor %}
    from computed

),

winsorized_numbers as (

    select
        city_code,
        year
        {%- for variable in variables %},
        cast({{ variable }} as double) as {{ variable }}
        {%- endfor %}
    from winsorized

),

computed_cells as (

    {{ unpivot_columns('computed_numbers', ['city_code', 'year'], variables, 'variable', 'value') }}

),

winsorized_cells as (

    {{ unpivot_columns('winsorized_numbers', ['city_code', 'year'], variables, 'variable', 'winsorized_value') }}

),

final as (

    select
        computed_cells.city_code,
        computed_cells.year,
        computed_cells.variable,
        computed_cells.value,
        winsorized_cells.winsorized_value,
        {{ data_origin() }} as data_origin
    from computed_cells
    left join winsorized_cells
        on computed_cells.city_code = winsorized_cells.city_code
            and computed_cells.year = winsorized_cells.year
            and computed_cells.variable = winsorized_cells.variable
    where computed_cells.value is not null

)

select * from final
