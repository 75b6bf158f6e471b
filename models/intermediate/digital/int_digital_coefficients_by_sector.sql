{# One row per sector and year with every definition side by side, ready to weigh quotients. #}
with coefficients as (

    select * from {{ ref('int_digital_coefficients') }}

),

wide as (

    select
        sector,
        year,
        max(coefficient) filter (where definition = 'narrow') as narrow,
        max(coefficient) filter (where definition = 'wide') as wide,
        max(coefficient) filter (where definition = 'widest') as widest,
        max(coefficient_without_own) filter (where definition = 'wide') as wide_without_own
    from coefficients
    group by sector, year

),

frozen as (

    select
        sector,
        narrow as frozen
    from wide
    where year = {{ setting('frozen_coefficient_year') }}

),

final as (

    select
        wide.*,
        frozen.frozen
    from wide
    left join frozen on wide.sector = frozen.sector

)

select * from final
