{# A regression table laid out as printed: one row per printed row, one column per printed column.

   Where the table has panels, a column_id starts with the panel's letter (`A1`). In each panel come
   the treatment's coefficients with stars over their standard errors, one pair of rows per
   treatment, then controls, effects, N and R2. The paper prints reghdfe's within R2 where effects
   are absorbed, the ordinary R2 elsewhere. A column that is not estimable says why in its row N.

   With `has_differences`, p-values of the difference between two columns stand below the first of
   them: in the paper's form (rows drawn, one tail) and in the forms that keep cities whole. #}
{% macro printed_table(table_id, columns, has_panels=false, has_differences=false) %}
{% set difference_rows = [
    ('row_bootstrap', 'p of the difference: rows drawn, one-sided (as printed)', 'least(p_greater, p_less)'),
    ('city_bootstrap', 'p of the difference: cities drawn, two-sided', 'p_two_sided'),
    ('city_permutation', 'p of the difference: city labels shuffled, two-sided', 'p_two_sided'),
    ('interacted', 'p of the difference: fully interacted model, two-sided', 'p_two_sided'),
] %}
with fits as (

    select
        *,
        regexp_extract(column_id, '^[A-Z]*') as panel,
        regexp_extract(column_id, '[0-9]+$') as printed_column
    from {{ ref('fct_model_fits') }}
    -- Comparisons that stand beside the table have a name, not a printed column.
    where table_id = '{{ table_id }}' and regexp_matches(column_id, '^[A-Z]?[0-9]+$')

),

treatment_rows as (

    select
        fits.panel,
        fits.printed_column,
        fits.treatment,
        min(fits.printed_column::integer) over (partition by fits.panel, fits.treatment) as treatment_position,
        coefficients.estimate,
        coefficients.std_error,
        coefficients.p_value
    from fits
    left join {{ ref('fct_coefficients') }} as coefficients
        on fits.spec_id = coefficients.spec_id and fits.treatment = coefficients.term

),

cells as (

    select
        panel,
        1 as section,
        treatment_position,
        1 as line,
        treatment as row_label,
        printed_column,
        printf('%.4f', estimate) || {{ stars('p_value') }} as cell
    from treatment_rows
    union all
    select
        panel,
        1 as section,
        treatment_position,
        2 as line,
        '' as row_label,
        printed_column,
        printf('(%.4f)', std_error) as cell
    from treatment_rows
    union all
    select
        panel,
        2 as section,
        0 as treatment_position,
        1 as line,
        'Controls' as row_label,
        printed_column,
        case when controls <> '' then 'Yes' else '' end as cell
    from fits
    union all
    select
        panel,
        2 as section,
        0 as treatment_position,
        2 as line,
        'Year and city effects' as row_label,
        printed_column,
        case when fixed_effects <> '' then 'Yes' else '' end as cell
    from fits
    union all
    select
        panel,
        2 as section,
        0 as treatment_position,
        3 as line,
        'N' as row_label,
        printed_column,
        case when status = 'estimated' then format('{:,}', n_obs) else 'not estimable: ' || reason end as cell
    from fits
    union all
    select
        panel,
        2 as section,
        0 as treatment_position,
        4 as line,
        'R2 (within where effects are absorbed)' as row_label,
        printed_column,
        case when status = 'estimated' then printf('%.3f', coalesce(r2_within, r2)) end as cell
    from fits
    {%- if has_differences %}
    {%- for method, label, p_value in difference_rows %}
    union all
    select
        '' as panel,
        3 as section,
        0 as treatment_position,
        {{ loop.index }} as line,
        '{{ label }}' as row_label,
        split_part(compared.column_id, '_', 2) as printed_column,
        printf('%.3f', {{ p_value }}) || {{ stars(p_value) }} as cell
    from {{ ref('fct_group_differences') }} as differences
    inner join {{ ref('fct_model_fits') }} as compared on differences.spec_id = compared.spec_id
    where differences.method = '{{ method }}' and compared.table_id = '{{ table_id }}'
    {%- endfor %}
    {%- endif %}

),

final as (

    select
        (row_number() over (order by panel, section, treatment_position, line))::integer as row_number,
        {%- if has_panels %}
        panel,
        {%- endif %}
        row_label,
        {%- for column in columns %}
        max(cell) filter (where printed_column = '{{ column }}') as column_{{ column }},
        {%- endfor %}
        {{ data_origin() }} as data_origin
    from cells
    group by panel, section, treatment_position, line, row_label

)

select * from final
order by row_number
{% endmacro %}
