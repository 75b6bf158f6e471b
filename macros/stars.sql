{# Significance stars as the paper prints them: 10, 5 and 1 percent. #}
{% macro stars(p_value) -%}
    case
        when {{ p_value }} < 0.01 then '***'
        when {{ p_value }} < 0.05 then '**'
        when {{ p_value }} < 0.10 then '*'
        else ''
    end
{%- endmacro %}
