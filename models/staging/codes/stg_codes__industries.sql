{# What every industry code of the raw files means. A spreadsheet that holds codes as numbers loses the
   zero of 0131 (crops), which then looks like group 131 of division 13 (food): whether a code is to be
   read as it stands is told by all codes of its file, or by the letter of its section; where neither
   tells, it is refused. #}
with divisions as (

    select industry_code as division from {{ ref('industries') }}
    where length(industry_code) = 2

),

groups_with_zero as (

    select industry_group from {{ ref('industry_groups_with_zero') }}

),

sections as (

    select * from {{ ref('industry_sections') }}

),

sectors as (

    select * from {{ ref('sectors') }}

),

sector_codes as (

    select * from {{ ref('sector_codes') }}

),

{{ import_each_source('raw', industry_code_tables()) }}

supplied as (

    {% for table in industry_code_tables() %}
    select
        '{{ table }}' as table_name,
        source_file,
        nullif(trim(industry_code), '') as given_code
    from {{ table }}
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

spelled as (

    select
        *,
        regexp_extract(code, {{ industry_code_form() }}, 1) as section,
        regexp_extract(code, {{ industry_code_form() }}, 2) as digits
    from (
        select
            *,
            -- 131.0 is 131 that some program held as a fraction.
            regexp_replace(upper(given_code), '[.]0+$', '') as code
        from supplied
        where given_code is not null
    ) as whole

),

readings as (

    -- As it stands, and with the zero that a number loses. Without a division, no reading.
    select
        spelled.*,
        length(digits) as n_digits,
        case when length(digits) between 2 and 4 and left(digits, 2) in (select division from divisions) then digits end
            as as_it_stands,
        case
            when length(digits) = 1 and '0' || digits in (select division from divisions) then '0' || digits
            when length(digits) in (2, 3) and '0' || left(digits, 2) in (select industry_group from groups_with_zero)
                then '0' || digits
        end as with_zero
    from spelled

),

-- What all bare codes of a file say: only those without a letter can have lost a zero unseen.
files as (

    select
        table_name,
        source_file,
        bool_or(starts_with(digits, '0')) as keeps_zeros,
        bool_or(n_digits = 1) as has_1,
        bool_or(n_digits = 2) as has_2,
        bool_or(n_digits = 3) as has_3,
        bool_or(n_digits = 4) as has_4,
        coalesce(bool_and(with_zero is not null) filter (where n_digits = 2), true) as all_2_may_lack_zero,
        coalesce(bool_and(with_zero is not null) filter (where n_digits = 3), true) as all_3_may_lack_zero,
        list(left(digits, 2)) filter (where n_digits = 3) as divisions_of_groups,
        list(digits) filter (where n_digits = 2) as divisions_alone
    from readings
    where section = '' and digits <> ''
    group by table_name, source_file

),

{{ sector_meanings("(select distinct given_code from readings where digits = '' or section = 'D')") }}

read as (

    select
        readings.*,
        {{ sections_hold('as_it_stands') }} as as_in_section,
        {{ sections_hold('with_zero') }} as zero_in_section,
        case
            when readings.section = '' and digits <> '' then {{ reading_of_bare_code() }}
        end as bare_reading,
        -- A letter alone is a section of another classification there.
        case
            when sector_meanings.kind = 'sector' and length(readings.code) > 1 then sector_meanings.sector
        end as sector
    from readings
    left join files on readings.table_name = files.table_name and readings.source_file = files.source_file
    left join sections on readings.section = sections.section
    left join sector_meanings on readings.given_code = sector_meanings.given_code

),

resolved as (

    select
        table_name,
        source_file,
        given_code,
        section,
        digits,
        bare_reading,
        case
            when digits = '' then sector
            when section <> '' then coalesce(as_in_section, zero_in_section, sector)
            when bare_reading = 'as it stands' then as_it_stands
            when bare_reading = 'with zero' then with_zero
        end as industry_code
    from read

),

-- Files of one table may differ in how they hold codes; a code that they read differently means neither.
final as (

    select
        table_name,
        given_code,
        case when count(distinct coalesce(industry_code, '')) = 1 then min(industry_code) end as industry_code,
        case
            when count(distinct coalesce(industry_code, '')) = 1 and min(industry_code) is not null then null
            when bool_or(bare_reading = 'unclear') or count(distinct coalesce(industry_code, '')) > 1
                then 'ambiguous_code'
            else 'unknown_industry'
        end as rule,
        case
            when count(distinct coalesce(industry_code, '')) = 1 and min(industry_code) is not null then null
            when bool_or(bare_reading = 'unclear')
                then 'industry_code ''' || given_code || ''' may be ' || given_code || ' or 0' || given_code
                    || ' without its zero, as a number loses it. Write codes as text with all their digits'
                    || ' or with the letter of their section (C131, A0131).'
            when count(distinct coalesce(industry_code, '')) > 1
                then 'industry_code ''' || given_code || ''' reads as ' || string_agg(distinct industry_code, ' or ')
                    || ', file by file. Write codes as text with all their digits.'
            when any_value(section) <> ''
                then 'industry_code ''' || given_code || ''': section ' || any_value(section)
                    || ' of GB/T 4754-2011 holds no such division. Correct the code, or convert it from its edition.'
            else 'industry_code ''' || given_code || ''' is neither in seed industries nor in seed sectors. '
                || 'Correct the code, or add it to the seed.'
        end as reason
    from resolved
    group by table_name, given_code

)

select * from final
