{# True for the years of the study; earlier raw years only feed rolling and cumulated measures. #}
{% macro in_study_years(column='year') -%}
    {{ column }} between {{ setting('study_start_year') }} and {{ setting('study_end_year') }}
{%- endmacro %}
