{# A coefficient with its stars and its standard error in brackets; empty without a coefficient. #}
{% macro coefficient_cell(estimate, std_error, p_value) -%}
    case
        when {{ estimate }} is null then null
        else printf('%.4f', {{ estimate }}) || {{ stars(p_value) }}
            || coalesce(printf(' (%.4f)', {{ std_error }}), '')
    end
{%- endmacro %}
