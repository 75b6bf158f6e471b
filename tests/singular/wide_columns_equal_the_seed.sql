{# Relations whose columns are the study's series have all of seed raw_columns; the staged yearbook, which is
   made of nothing else, has no other. #}
{% set relations = [
    ref('stg_yearbook__city_years'), ref('int_yearbook_supplied'), ref('int_yearbook_cleaned'),
    ref('snapshot_yearbook'), ref('fct_city_years'),
] %}
{% set keys = ['city_code', 'city_name_zh', 'year'] %}
with seed as (

    select
        column_name,
        coalesce(is_auxiliary, false) as is_auxiliary
    from {{ ref('raw_columns') }}
    where table_name = 'city_yearbook'

),

present as (

    {% for relation in relations -%}
    {%- set names = adapter.get_columns_in_relation(relation) | map(attribute='name') | list if execute else [] %}
    select
        '{{ relation.identifier }}' as relation,
        unnest([{% for name in names %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %}]::varchar[]) as column_name
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    relations.relation,
    seed.column_name,
    'no column of the series' as fault
from (select distinct relation from present) as relations
cross join seed
where (relations.relation, seed.column_name) not in (select (present.relation, present.column_name) from present)
    -- What others are derived from is kept as supplied, and is no series of the panel.
    and not (seed.is_auxiliary and relations.relation in ('int_yearbook_cleaned', 'fct_city_years'))
union all
select
    relation,
    column_name,
    'no series of the seed' as fault
from present
where relation = 'stg_yearbook__city_years'
    -- `dbt build --empty` leaves nothing to hold against.
    and exists (select 1 from seed)
    and column_name not in (select seed.column_name from seed)
    and column_name not in ('{{ keys | join("', '") }}')
