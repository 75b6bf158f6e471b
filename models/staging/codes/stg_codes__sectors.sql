{# What every sector code of the input-output files means: a sector of seed sectors however it is
   written, a row or column of the table that is no sector, or nothing that is known. #}
with sectors as (

    select * from {{ ref('sectors') }}

),

sector_codes as (

    select * from {{ ref('sector_codes') }}

),

{{ import_each_source('raw', sector_code_columns() | map('first') | unique) }}

supplied as (

    {% for table, column in sector_code_columns() %}
    select
        '{{ table }}' as table_name,
        '{{ column }}' as column_name,
        nullif(trim({{ column }}), '') as given_code
    from {{ table }}
    {% if not loop.last %}union{% endif %}
    {% endfor %}

),

codes as (

    select distinct given_code from supplied
    where given_code is not null

),

{{ sector_meanings('codes') }}

matched as (

    select
        supplied.*,
        sector_meanings.* exclude (given_code)
    from supplied
    inner join sector_meanings on supplied.given_code = sector_meanings.given_code

),

final as (

    select
        table_name,
        column_name,
        given_code,
        sector,
        kind,
        nearest,
        case
            when sector is not null then null
            when kind is not null then 'no_sector'
            else 'unknown_sector'
        end as rule,
        case
            when sector is not null then null
            when kind = 'output'
                then '''' || given_code || ''' is no sector but the table''s row of gross output. Set aside: gross'
                    || ' output is taken from industry_output.'
            when kind is not null
                then '''' || given_code || ''' is no sector but ' || replace(kind, '_', ' ') || ' (' || meaning
                    || '). Set aside.'
            else '''' || given_code || ''' is no sector of seed sectors'
                || coalesce(' (nearest: ' || nearest || ')', '')
                || '. Correct the code, or add it to seed sectors, or to sector_codes if it is written otherwise or'
                || ' is no sector.'
        end as reason
    from matched

)

select * from final
