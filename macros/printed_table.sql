{# A regression table laid out as printed: one row per printed row, one column per printed column.

   Where the table has panels, a column_id starts with the panel's letter (`A1`). In each panel come
   the outcome of each column and what it is, the treatment's coefficients with stars over their
   standard errors, one pair of rows per treatment, then controls, effects, N, R2, clusters with the
   effective ones in brackets, where rows are lost, and what could overturn the column. The paper
   prints reghdfe's within R2 where effects are absorbed, the ordinary R2 elsewhere. A column that is
   not estimable says why in its row N. A row whose numbers would round to zero is printed in
   thousandths or less, and its label says so.

   With `has_differences`, p-values of the difference between two columns stand below the first of
   them: in the paper's form (rows drawn, one tail) and in the forms that keep cities whole. #}
{% macro printed_table(table_id, columns, has_panels=false, has_differences=false) %}
{% set difference_rows = [
    ('row_bootstrap', 'p of the difference: rows drawn, one-sided (as printed)', 'least(p_greater, p_less)'),
    ('city_bootstrap', 'p of the difference: cities drawn, two-sided', 'p_two_sided'),
    ('city_permutation', 'p of the difference: city labels shuffled, two-sided', 'p_two_sided'),
    ('interacted', 'p of the difference: fully interacted model, two-sided', 'p_two_sided'),
] %}
with model_fits as (

    select
        spec_id,
        table_id,
        column_id,
        outcome,
        treatment,
        note,
        controls,
        fixed_effects,
        status,
        reason,
        n_obs,
        n_clusters,
        r2,
        r2_within
    from {{ ref('fct_model_fits') }}
    where table_id = '{{ table_id }}'

),

diagnostics as (

    select * from {{ ref('fct_fit_diagnostics') }}

),

coefficients as (

    select * from {{ ref('fct_coefficients') }}

),
{% if has_differences %}
differences as (

    select * from {{ ref('fct_group_differences') }}

),
{% endif %}
fits as (

    select
        model_fits.*,
        diagnostics.n_effective_clusters,
        diagnostics.rows_left_out,
        diagnostics.remark,
        regexp_extract(model_fits.column_id, '^[A-Z]*') as panel,
        regexp_extract(model_fits.column_id, '[0-9]+$') as printed_column
    from model_fits
    left join diagnostics on model_fits.spec_id = diagnostics.spec_id
    -- Comparisons that stand beside the table have a name, not a printed column.
    where regexp_matches(model_fits.column_id, '^[A-Z]?[0-9]+$')

),

treatment_rows as (

    select
        fits.panel,
        fits.printed_column,
        fits.treatment,
        min(fits.printed_column::integer) over (partition by fits.panel, fits.treatment) as treatment_position,
        coefficients.estimate,
        coefficients.std_error,
        coefficients.p_value,
        {{ thousands('min(coefficients.std_error) over (partition by fits.panel, fits.treatment)') }} as exponent
    from fits
    left join coefficients
        on fits.spec_id = coefficients.spec_id and fits.treatment = coefficients.term

),

cells as (

    {%- for line, label, cell in [
        (1, 'Outcome', 'outcome'),
        (2, 'Column is', 'note'),
    ] %}
    select
        panel,
        0 as section,
        0 as treatment_position,
        {{ line }} as line,
        '{{ label }}' as row_label,
        printed_column,
        {{ cell }} as cell
    from fits
    union all
    {%- endfor %}
    select
        panel,
        1 as section,
        treatment_position,
        1 as line,
        treatment || {{ power_in_words('exponent') }} as row_label,
        printed_column,
        printf('%.4f', estimate * pow(10, exponent)) || {{ stars('p_value') }} as cell
    from treatment_rows
    union all
    select
        panel,
        1 as section,
        treatment_position,
        2 as line,
        '' as row_label,
        printed_column,
        printf('(%.4f)', std_error * pow(10, exponent)) as cell
    from treatment_rows
    {%- for label, cell in [
        ('Controls', "case when controls <> '' then 'Yes' else '' end"),
        ('Year and city effects', "case when fixed_effects <> '' then 'Yes' else '' end"),
        ('N', "case when status = 'estimated' then format('{:,}', n_obs) else 'not estimable: ' || reason end"),
        ('R2 (within where effects are absorbed)',
            "case when status = 'estimated' then printf('%.3f', coalesce(r2_within, r2)) end"),
        ('Clusters (effective ones)',
            "case when status = 'estimated' then n_clusters || coalesce(printf(' (%.1f)', n_effective_clusters), '') end"),
        ('Rows left out', 'rows_left_out'),
        ('Remark', 'remark'),
    ] %}
    union all
    select
        panel,
        2 as section,
        0 as treatment_position,
        {{ loop.index }} as line,
        '{{ label }}' as row_label,
        printed_column,
        {{ cell }} as cell
    from fits
    {%- endfor %}
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
    from differences
    inner join model_fits as compared on differences.spec_id = compared.spec_id
    where differences.method = '{{ method }}'
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
