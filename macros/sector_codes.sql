{# Common table expressions that give the codes of `relation` (column `given_code`) their meaning:
   `sector_meanings` has one row per code, with `sector` where it is one, else `kind` and `meaning` of
   seed sector_codes where it has the code, else the `nearest` sectors.

   A code is compared without regard to case and signs (62_63, 62-63 and 62T63 are one), and without
   its prefixes of seed sector_codes (TTL_, CHN_). What follows a colon is a label.

   Needs CTEs `sectors` and `sector_codes`, the seeds of these names. #}
{% macro sector_meanings(relation) -%}
spelled_codes as (

    select
        given_code,
        {{ sector_spelling("split_part(given_code, ':', 1)") }} as spelling
    from {{ relation }}

),

known_codes as (

    select
        {{ sector_spelling('sector') }} as spelling,
        sector,
        'sector' as kind,
        null::varchar as meaning
    from sectors
    union all
    -- The same without the letter D: what is left behind a prefix.
    select
        substring({{ sector_spelling('sector') }}, 2) as spelling,
        sector,
        'sector' as kind,
        null::varchar as meaning
    from sectors
    where regexp_matches(sector, '^D[0-9]')
    union all
    select
        {{ sector_spelling('code') }} as spelling,
        sector,
        kind,
        meaning
    from sector_codes
    where kind <> 'prefix'

),

code_prefixes as (

    select {{ sector_spelling('code') }} as prefix
    from sector_codes
    where kind = 'prefix'

),

bare_codes as (

    select
        given_code,
        spelling,
        0 as n_letters
    from spelled_codes
    union all
    select
        spelled_codes.given_code,
        substr(spelled_codes.spelling, length(code_prefixes.prefix) + 1) as spelling,
        length(code_prefixes.prefix) as n_letters
    from spelled_codes
    inner join code_prefixes on starts_with(spelled_codes.spelling, code_prefixes.prefix)

),

found_codes as (

    -- The longest spelling that is known: TTL_INT_FNL is a total, not something with a prefix.
    select
        bare_codes.given_code,
        arg_min_null(known_codes.sector, bare_codes.n_letters) as sector,
        arg_min_null(known_codes.kind, bare_codes.n_letters) as kind,
        arg_min_null(known_codes.meaning, bare_codes.n_letters) as meaning
    from bare_codes
    inner join known_codes on bare_codes.spelling = known_codes.spelling
    group by bare_codes.given_code

),

nearest_sectors as (

    select
        given_code,
        string_agg(sector, ', ' order by likeness desc, sector) as nearest
    from (
        select
            spelled_codes.given_code,
            sectors.sector,
            jaro_winkler_similarity(spelled_codes.spelling, {{ sector_spelling('sectors.sector') }}) as likeness
        from spelled_codes
        cross join sectors
        where spelled_codes.given_code not in (select given_code from found_codes)
        qualify row_number() over (partition by spelled_codes.given_code order by likeness desc, sectors.sector) <= 3
    ) as alike
    where likeness >= 0.7
    group by given_code

),

sector_meanings as (

    select
        spelled_codes.given_code,
        found_codes.sector,
        found_codes.kind,
        found_codes.meaning,
        nearest_sectors.nearest
    from spelled_codes
    left join found_codes on spelled_codes.given_code = found_codes.given_code
    left join nearest_sectors on spelled_codes.given_code = nearest_sectors.given_code

),
{%- endmacro %}

{# Capitals, one sign between the parts, two digits to a division: 62-63, 62T63 and d62_63 are alike. #}
{% macro sector_spelling(column) -%}
    {{ two_digits(two_digits(
        "regexp_replace(regexp_replace(upper(trim(" ~ column ~ ")), '[[:space:]._-]+', '_', 'g'), '([0-9])T([0-9])', '\\1_\\2')"
    )) }}
{%- endmacro %}

{# Twice where two single digits share the sign between them. #}
{% macro two_digits(text) -%}
    regexp_replace({{ text }}, '(^|[^0-9])([0-9])([^0-9]|$)', '\10\2\3', 'g')
{%- endmacro %}

{# For `codes` of judge_rows. #}
{% macro sector_codes() %}
    {{ return({'model': 'stg_codes__sectors', 'code': 'sector', 'of_column': true}) }}
{% endmacro %}

{# Columns of raw tables that hold sector codes. #}
{% macro sector_code_columns() %}
    {{ return([
        ('input_output_flows', 'supplying_sector'),
        ('input_output_flows', 'using_sector'),
        ('industry_output', 'sector'),
    ]) }}
{% endmacro %}
