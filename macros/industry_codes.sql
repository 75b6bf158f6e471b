{# Raw tables with a column `industry_code`. #}
{% macro industry_code_tables() %}
    {{ return(['platform_members', 'platform_member_counts', 'economic_census_employment']) }}
{% endmacro %}

{# The letter of a section, if any, and two to four digits, one if its zero is lost; a name may follow. #}
{% macro industry_code_form() -%}
    '^([A-Z]?)[ _-]?([0-9]{1,4})([[:space:]]+.*|[_:-][[:space:]]*[^0-9].*|[^[:ascii:]].*)?$'
{%- endmacro %}

{# A reading where the section with the letter of the code holds its division. #}
{% macro sections_hold(reading) -%}
    case when left({{ reading }}, 2) between sections.first_division and sections.last_division then {{ reading }} end
{%- endmacro %}

{# How a code without a letter is to be read, by the levels of the classification in its file: two
   digits are divisions, three groups, four classes. The readings are those of stg_codes__industries. #}
{% macro reading_of_bare_code() -%}
    case
        -- No code has one digit.
        when n_digits = 1 then 'with zero'
        -- A zero in front shows that the file keeps them.
        when keeps_zeros or n_digits = 4 or with_zero is null then 'as it stands'
        when as_it_stands is null then 'with zero'
        when n_digits = 2 then
            case
                -- Divisions, unless every one of them may be a group of 01 to 09 beside other groups.
                when not has_3 then 'as it stands'
                when has_1 then 'unclear'
                when not all_2_may_lack_zero then 'as it stands'
                -- 13 beside 131.
                when not has_4 and list_has_any(divisions_of_groups, divisions_alone) then 'as it stands'
                else 'unclear'
            end
        -- Three digits: classes of 01 to 09 if all others are classes and every one of them can be; groups if
        -- some cannot be and there are no classes.
        when has_4 and not has_2 and all_3_may_lack_zero then 'with zero'
        when has_4 or has_1 then 'unclear'
        when has_2 or not all_3_may_lack_zero then 'as it stands'
        else 'unclear'
    end
{%- endmacro %}

{# For `codes` of judge_rows. #}
{% macro industry_codes() %}
    {{ return({'model': 'stg_codes__industries', 'code': 'industry_code', 'of_column': false}) }}
{% endmacro %}
