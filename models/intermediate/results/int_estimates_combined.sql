{% set designs = ['twfe', 'iv', 'did', 'psm_did', 'interaction'] %}
with final as (

    {% for design in designs %}
    select * from {{ ref('est_' ~ design) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
