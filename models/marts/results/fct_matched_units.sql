with coefficients as (

    select * from {{ ref('est_coefficients') }}

),

specifications as (

    select * from {{ ref('int_specs_checked') }}

),

-- A specification is matched once; what that found is a list in its first row.
units as (

    select
        spec_id,
        unnest(matched_units) as unit
    from coefficients

),

final as (

    select
        units.spec_id,
        specifications.matching,
        units.unit.city_code,
        units.unit.status,
        units.unit.reason,
        units.unit.left_out_reason,
        units.unit.year,
        units.unit.cohort,
        units.unit.n_profile_years,
        units.unit.propensity,
        units.unit.matching_weight,
        units.unit.is_ever_treated,
        units.unit.is_on_support,
        {{ data_origin() }} as data_origin
    from units
    inner join specifications on units.spec_id = specifications.spec_id

)

select * from final
