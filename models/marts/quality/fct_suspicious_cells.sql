with judged as (

    select * from {{ ref('int_yearbook_cells_judged') }}

),

final as (

    select
        city_code,
        year,
        series,
        supplied_value,
        expected_value,
        supplied_value / expected_value as times_expected,
        rule,
        suspicion,
        case action
            when 'accept' then 'accepted'
            when 'blank' then 'blanked'
            when 'replace' then 'replaced'
            else 'undecided'
        end as action,
        used_value,
        decided_by,
        decision_reason,
        {{ data_origin() }} as data_origin
    from judged

)

select * from final
