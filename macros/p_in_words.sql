{# A p-value as text: three decimals, or that it is smaller. #}
{% macro p_in_words(p_value) -%}
    case when {{ p_value }} < 0.001 then 'p < 0.001' else printf('p %.3f', {{ p_value }}) end
{%- endmacro %}
