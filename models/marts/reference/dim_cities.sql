{{ config(post_hook='{{ comment_columns(this, study_comments()) }}') }}
{# Places with their attributes, their groups, and the variables that no year changes. #}
{% set steps = variable_steps('places') %}
{% set attributes = place_attributes() %}
-- Which joined columns there are is written from seeds, which the linter has not.
-- noqa: disable=ST11
with {{ import_each(place_relations()) }}

{{ place_ctes(steps) }}

every_group as (

    select
        city_code
        {%- for group_id in city_group_ids() %},
        bool_or(group_id = '{{ group_id }}') as {{ group_id }}
        {%- endfor %}
    from city_groups
    group by city_code

),

layer_0 as (

    select
        place_attributes.city_code,
        place_attributes.city_name_zh,
        place_attributes.city_name_en,
        place_attributes.province_code,
        place_attributes.province_name_zh as province_zh,
        {%- for attribute in attributes %}
        place_attributes.{{ 'province_name_en as province' if attribute == 'province' and not own_province()
            else attribute }},
        {%- endfor %}
        {%- for group_id in city_group_ids() %}
        coalesce(every_group.{{ group_id }}, false) as {{ group_id }},
        {%- endfor %}
        place_attributes.evidence
        {{- place_columns(steps) }}
    from place_attributes
    left join group_flags on place_attributes.city_code = group_flags.city_code
    left join every_group on place_attributes.city_code = every_group.city_code

),

{{ layers_of(steps) }}

final as (

    select
        city_code,
        city_name_zh,
        city_name_en,
        province_code,
        province_zh,
        {%- for column in attributes + city_group_ids() %}
        {{ column }},
        {%- endfor %}
        {%- for step in steps if step.definition %}
        {{ step.column_name }},
        {%- endfor %}
        evidence
    from {{ last_layer(steps) }}

)

select * from final
