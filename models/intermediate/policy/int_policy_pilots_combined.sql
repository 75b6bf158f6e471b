{# The list of pilots once the raw gate, which judges it too, has let it through. #}
{{ behind_gate('raw') }}
with listed as (

    select * from {{ ref('int_policy_pilots_listed') }}

),

final as (

    select * from listed

)

select * from final
