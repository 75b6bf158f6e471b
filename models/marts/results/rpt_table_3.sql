{# One row per printed row, one column per printed column. #}
{% set column_ids = ['1', '2', '3', '4'] %}
with fits as (

    select * from {{ ref('fct_model_fits') }}
    where table_id = 'table_3'

),

treatment_terms as (

    select coefficients.*
    from {{ ref('fct_coefficients') }} as coefficients
    inner join fits
        on coefficients.spec_id = fits.spec_id and coefficients.term = fits.treatment

),

cells as (

    select
        1 as row_number,
        'vagg' as row_label,
        column_id,
        printf('%.4f', estimate) || {{ stars('p_value') }} as cell
    from treatment_terms
    union all
    select
        2 as row_number,
        '' as row_label,
        column_id,
        printf('(%.4f)', std_error) as cell
    from treatment_terms
    union all
    select
        3 as row_number,
        'Controls' as row_label,
        column_id,
        case when controls <> '' then 'Yes' else '' end as cell
    from fits
    union all
    select
        4 as row_number,
        'Year and city effects' as row_label,
        column_id,
        case when fixed_effects <> '' then 'Yes' else '' end as cell
    from fits
    union all
    select
        5 as row_number,
        'N' as row_label,
        column_id,
        case when status = 'estimated' then format('{:,}', n_obs) else 'not estimable: ' || reason end as cell
    from fits
    union all
    -- The paper prints reghdfe's within R2 where effects are absorbed.
    select
        6 as row_number,
        'R2 (within where effects are absorbed)' as row_label,
        column_id,
        printf('%.3f', coalesce(r2_within, r2)) as cell
    from fits
    where status = 'estimated'

),

final as (

    select
        row_number,
        row_label,
        {%- for column_id in column_ids %}
        max(cell) filter (where column_id = '{{ column_id }}') as column_{{ column_id }},
        {%- endfor %}
        {{ data_origin() }} as data_origin
    from cells
    group by row_number, row_label

)

select * from final
order by row_number
