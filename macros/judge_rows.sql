{# Every row of a raw file with its verdict: `rule` and `reason` are null where it is accepted.

   The first rule that a row breaks is the one it is rejected for; a row of a place outside the study
   (`outside_study`) is set aside whatever else is wrong with it. Rows are compared with each other
   only after that, so that a sound row is never lost to a faulty copy of itself.

   table_name   raw table
   grain        columns that name a row: equal copies are rejected but the first, rows that contradict
                each other are all rejected; [] where rows may repeat
   unknown      dict column -> condition that its value is unknown
   codes        dict column -> what its codes mean, as industry_codes() and sector_codes() say it: a model of
                staging/codes with the code that each stands for, or the rule that it breaks and why
   aliases      translate words of the raw table with seed pilot_aliases
   only_odd     keep only rows that are rejected, and all rows whose key stands more than once: for
                files too large to be stored twice
   unit_slips   reject a city-year most of whose cells slip by the same power of ten #}
{% macro judge_rows(table_name, grain=[], unknown={}, codes={}, aliases=false, only_odd=false, unit_slips=false) -%}
{%- set columns = raw_columns(table_name) -%}
{%- set reasons = {'city_code': unknown_city_reason() if 'city_code' in unknown else ''} -%}
{%- set rules = code_rules(codes, ['no_sector']) + row_rules(columns, unknown, reasons, codes) -%}
with source as {{ 'not materialized ' if only_odd }}(

    -- A large file is read twice: shared it would be buffered, all columns of all rows.
    select * from {{ source('raw', table_name) }}

),

cells_not_read as (

    select * from {{ source('raw', 'unreadable_cells') }}
    where table_name = '{{ table_name }}'

),

{% if 'city_code' in unknown %}
cities as (

    select * from {{ ref('cities') }}

),

provinces as (

    select * from {{ ref('provinces') }}

),

other_places as (

    select * from {{ ref('other_places') }}

),

city_changes as (

    select * from {{ ref('city_changes') }}

),
{%- endif %}
{% if aliases %}
pilot_aliases as (

    select * from {{ ref('pilot_aliases') }}

),
{%- endif %}
{% for name, meanings in codes.items() %}
{{ name }}_codes as (

    select * from {{ ref(meanings.model) }}
    where table_name = '{{ table_name }}' {%- if meanings.of_column %} and column_name = '{{ name }}' {%- endif %}

),
{% endfor %}
unreadable_cells as (

    select
        source_file,
        source_row,
        string_agg(
            -- The intake calls a fault of the row as a whole `(row)`.
            case when column_name <> '(row)' then 'column `' || column_name || '`: ' else '' end
                || case when contains(reason, value) or value is null then '' else '''' || value || ''' ' end
                || coalesce(reason, 'cannot be read'),
            '; ' order by column_name
        ) as cells
    from cells_not_read
    group by source_file, source_row

),

cleaned as (

    select
        {%- for column in columns %}
        {%- set text = "nullif(trim(source." ~ column.name ~ "), '')" %}
        {%- if column.name in codes %}
        coalesce({{ column.name }}_codes.{{ codes[column.name].code }}, {{ text }}) as {{ column.name }},
        {{ column.name }}_codes.rule as {{ column.name }}_rule,
        {{ column.name }}_codes.reason as {{ column.name }}_reason,
        {%- else %}
        {{ text if column.type == 'varchar' else 'source.' ~ column.name }} as {{ column.name }},
        {%- endif %}
        {%- endfor %}
        source.source_file,
        source.source_row,
        concat_ws('; ', unreadable_cells.cells, source.unreadable) as unreadable
    from source
    {%- for name, meanings in codes.items() %}
    left join {{ name }}_codes on nullif(trim(source.{{ name }}), '') = {{ name }}_codes.given_code
    {%- endfor %}
    left join unreadable_cells
        on source.source_file = unreadable_cells.source_file and source.source_row = unreadable_cells.source_row

),

{% if only_odd -%}
{#- The key as text, trimmed as above. -#}
{%- set cleaned_key = "nullif(trim(" ~ grain | join("), ''), nullif(trim(") ~ "), '')" -%}
tested as (

    select
        *,
        {{ first_rule(rules) }} as rule_number
    from cleaned

),

repeated_keys as (

    -- Hashes take less memory than keys; keys that merely collide are sorted out below.
    select hash({{ cleaned_key }}) as key_hash
    from source
    group by hash({{ cleaned_key }})
    having count(*) > 1

),

judged as (

    select * from tested
    where rule_number is not null
        or hash({{ grain | join(', ') }}) in (select key_hash from repeated_keys)

),
{%- else -%}
judged as (

    select
        *,
        {{ first_rule(rules) }} as rule_number
    from cleaned

),
{%- endif %}
{% if grain %}
repeated as (

    select
        {{ grain | join(', ') }},
        count(*) as n_rows,
        min(source_row) as first_row,
        concat_ws(
            ', '
            {%- for column in columns if column.name not in grain and not column.is_label %},
            case when min({{ column.name }}) is distinct from max({{ column.name }})
                or count({{ column.name }}) not in (0, count(*)) then '`{{ column.name }}`' end
            {%- endfor %}
        ) as differing
    from judged
    where rule_number is null
    group by {{ grain | join(', ') }}
    having count(*) > 1

),

compared as (

    select
        judged.*,
        repeated.n_rows,
        repeated.first_row,
        coalesce(repeated.differing, '') as differing,
        row_number() over (
            partition by {% for key in grain %}judged.{{ key }}, {% endfor %}judged.rule_number
            order by judged.source_row
        ) as copy_number
    from judged
    left join repeated
        on {% for key in grain %}judged.{{ key }} = repeated.{{ key }} and {% endfor %}judged.rule_number is null

),
{%- else %}
compared as (

    select
        *,
        null::bigint as n_rows,
        null::bigint as first_row,
        '' as differing,
        1 as copy_number
    from judged

),
{%- endif %}
{% if unit_slips %}
{{ slipped_city_years('compared') }}
{%- endif %}
{%- if 'city_code' in unknown %}
{{ codes_outside('compared') }}
{%- endif %}
ruled as (

    select
        compared.*,
        case
            {%- if 'city_code' in unknown %}
            when outside.reason is not null then 'outside_study'
            {%- endif %}
            {%- for rule in rules %}
            when rule_number = {{ loop.index }} then '{{ rule.rule }}'
            {%- endfor %}
            when differing <> '' then 'contradiction'
            when n_rows > 1 and copy_number > 1 then 'copy'
            {%- if unit_slips %}
            when slipped.exponent is not null then 'unit_slip'
            {%- endif %}
        end as rule
        {%- if unit_slips %},
        slipped.cells as slipped_cells
        {%- endif %}
        {%- if 'city_code' in unknown %},
        outside.reason as reason_outside
        {%- endif %}
    from compared
    {%- if unit_slips %}
    left join slipped on compared.city_code = slipped.city_code and compared.year = slipped.year
    {%- endif %}
    {%- if 'city_code' in unknown %}
    left join outside on compared.city_code = outside.city_code
    {%- endif %}

),

final as (

    select
        {%- for column in columns %}
        {{ column.name }},
        {%- endfor %}
        source_file,
        source_row,
        rule,
        case rule
            {%- if 'city_code' in unknown %}
            when 'outside_study' then reason_outside
            {%- endif %}
            when 'contradiction' then n_rows || ' rows of this key differ in ' || differing
                || '. Keep the right one; none is taken.'
            when 'copy' then 'Says what '
                || coalesce('row ' || first_row, 'an earlier row') || ' says. Delete one; the first is taken.'
            {%- if unit_slips %}
            when 'unit_slip' then slipped_cells || ' Convert the row to the units of the contract.'
            {%- endif %}
            else case rule_number
                {%- for rule in rules %}
                when {{ loop.index }} then {{ rule.reason }}
                {%- endfor %}
            end
        end as reason
    from ruled

)

select * from final
{%- endmacro %}

{# Number of the first rule a row breaks; null where it breaks none. #}
{% macro first_rule(rules) -%}
    case
            {%- for rule in rules %}
            when {{ rule.when }} then {{ loop.index }}
            {%- endfor %}
        end
{%- endmacro %}

{# The rules that look at one row alone, in order: name, condition, reason in words (SQL text). #}
{% macro row_rules(columns, unknown, reasons, codes) %}
    {% set rules = [{
        'rule': 'unreadable',
        'when': "unreadable <> ''",
        'reason': "unreadable || '. Correct the cell or leave it empty.'",
    }] %}
    {% for column in columns if column.is_key and not column.may_be_empty %}
        {% do rules.append({
            'rule': 'empty_key',
            'when': column.name ~ ' is null',
            'reason': "'`" ~ column.name ~ "` is empty. Fill it in, or delete the row.'",
        }) %}
    {% endfor %}
    {% for column in columns if column.name in unknown %}
        {% do rules.append({
            'rule': 'unknown_city',
            'when': unknown[column.name],
            'reason': reasons[column.name],
        }) %}
    {% endfor %}
    {% set rules = rules + code_rules(codes, ['unknown_sector', 'unknown_industry', 'ambiguous_code']) %}
    {% for column in columns if column.name in ('year', 'joined_year') %}
        {% do rules.append({
            'rule': 'year_out_of_range',
            'when': column.name ~ ' not between ' ~ setting('earliest_year') ~ ' and ' ~ latest_year(),
            'reason': "'`" ~ column.name ~ "` ' || " ~ column.name ~ " || ' is not between " ~ setting('earliest_year')
                ~ ' and ' ~ latest_year() ~ ". Correct the year; vars earliest_year and latest_year set the range.'",
        }) %}
    {% endfor %}
    {% if columns | selectattr('name', 'equalto', 'expired_year') | list %}
        {% do rules.append({
            'rule': 'expired_before_joined',
            'when': 'expired_year < joined_year',
            'reason': "'`expired_year` ' || expired_year || ' is before `joined_year` ' || joined_year"
                ~ " || '. Correct one of them, or leave expired_year empty while the firm still pays.'",
        }) %}
    {% endif %}
    {% set levels = columns | selectattr('type', 'equalto', 'double') | rejectattr('may_be_negative')
        | map(attribute='name') | list %}
    {% if levels %}
        {% set named = [] %}
        {% for name in levels %}
            {% do named.append("case when " ~ name ~ " < 0 then '`" ~ name ~ "` is negative (' || " ~ name ~ " || ')' end") %}
        {% endfor %}
        {% do rules.append({
            'rule': 'negative',
            'when': levels | join(' < 0 or ') ~ ' < 0',
            'reason': "concat_ws('; ', " ~ named | join(', ') ~ ") || '. Correct the sign, or leave the cell empty.'",
        }) %}
    {% endif %}
    {% set numbers = columns | selectattr('type', 'equalto', 'double') | list %}
    {% if numbers %}
        {% set tests, named = [], [] %}
        {% for column in numbers %}
            {% set test = 'abs(' ~ column.name ~ ') > ' ~ highest_value(column) %}
            {% do tests.append(test) %}
            {% do named.append("case when " ~ test ~ " then '`" ~ column.name ~ "` is ' || " ~ column.name ~ " end") %}
        {% endfor %}
        {% do rules.append({
            'rule': 'implausible',
            'when': tests | join(' or '),
            'reason': "concat_ws('; ', " ~ named | join(', ') ~ ") || ', more than there can be of anything."
                ~ " Correct the cell or leave it empty.'",
        }) %}
    {% endif %}
    {% if columns | selectattr('name', 'equalto', 'scope') | list %}
        {% do rules.append({
            'rule': 'unknown_word',
            'when': aliased('scope') ~ " not in ('full', 'partial')",
            'reason': "'`scope` is ''' || scope || '''. Write full (whole city) or partial (district or county), '"
                ~ " || 'or leave it empty for the whole city.'",
        }) %}
    {% endif %}
    {{ return(rules) }}
{% endmacro %}

{# What no cell of a raw column can exceed: finite is not plausible. A billion times the highest median of seed
   raw_columns leaves room for any slip of a unit, which other rules name and correct; 1e15 for all others. #}
{% macro highest_value(column) -%}
    {%- set highest = column.get('highest_median') | float -%}
    {{ [highest * 1e9, 1e15] | min if highest else 1e15 }}
{%- endmacro %}

{# Rules that a code breaks by what it means; the models of staging/codes name them. #}
{% macro code_rules(codes, names) %}
    {% set rules = [] %}
    {% for column in codes %}
        {% for name in names %}
            {% do rules.append({
                'rule': name,
                'when': column ~ "_rule = '" ~ name ~ "'",
                'reason': column ~ '_reason',
            }) %}
        {% endfor %}
    {% endfor %}
    {{ return(rules) }}
{% endmacro %}

{# Last year that can be in a file: var latest_year, else the year of the run. #}
{% macro latest_year() -%}
    {{ setting('latest_year') or run_started_at.year }}
{%- endmacro %}

{# Condition: the code is no city's. Needs CTE `cities`, the seed of that name. Not `not in`: for that Spark
   compares every record with every city, since one code might be null. #}
{% macro unknown_city(column='city_code') -%}
    {{ column }} is not null and not exists (
        select 1 from (select city_code as known_code from cities) as known_cities where known_code = {{ column }}
    )
{%- endmacro %}

{# The same in words, as SQL text. #}
{% macro unknown_city_reason(column='city_code') -%}
    'city_code ''' || {{ column }} || ''' is not in seed cities, nor is it another place that is known. '
        || 'Correct the code.'
{%- endmacro %}
