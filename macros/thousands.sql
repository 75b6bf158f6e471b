{# Power of ten, 0, 3, 6 and so on, by which a number of this size is multiplied so that four decimals
   show it; the size of a standard error. #}
{% macro thousands(std_error) -%}
    case
        when {{ std_error }} < 0.0001 and {{ std_error }} > 0
            then 3 * ceil((-3 - log10({{ std_error }})) / 3)::integer
        else 0
    end
{%- endmacro %}

{# What the label of numbers so multiplied adds; empty for 0. #}
{% macro power_in_words(exponent) -%}
    case when {{ exponent }} > 0 then ' (x 10^-' || {{ exponent }} || ')' else '' end
{%- endmacro %}
