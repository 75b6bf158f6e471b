{# A coefficient with its stars and its standard error in brackets; empty without a coefficient. Where
   four decimals would show zero, both are in thousandths or less, and the cell says so. #}
{% macro coefficient_cell(estimate, std_error, p_value) -%}
    case
        when {{ estimate }} is null then null
        else printf('%.4f', {{ estimate }} * pow(10, {{ thousands(std_error) }})) || {{ stars(p_value) }}
            || coalesce(printf(' (%.4f)', {{ std_error }} * pow(10, {{ thousands(std_error) }})), '')
            || {{ power_in_words(thousands(std_error)) }}
    end
{%- endmacro %}
