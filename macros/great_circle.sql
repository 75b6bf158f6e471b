{# Great-circle distance in km between two points given in decimal degrees (haversine, mean Earth radius). #}
{% macro great_circle_km(latitude_1, longitude_1, latitude_2, longitude_2) -%}
    {%- set haversine -%}
        pow(sin(radians({{ latitude_2 }} - {{ latitude_1 }}) / 2), 2)
        + cos(radians({{ latitude_1 }})) * cos(radians({{ latitude_2 }}))
        * pow(sin(radians({{ longitude_2 }} - {{ longitude_1 }}) / 2), 2)
    {%- endset -%}
    -- Rounding may carry antipodes past 1. `least` would skip a null and invent a distance.
    2 * 6371.0088 * asin(sqrt(case when {{ haversine }} > 1 then 1 else {{ haversine }} end))
{%- endmacro %}

{# A number that the list of places has of each; a null where it has no such column. #}
{% macro place_number(column, relation) -%}
    {%- set rows = seed_file_rows('cities') -%}
    {{ relation ~ '.' ~ column if not rows or column in rows[0] else 'cast(null as double)' }}
{%- endmacro %}
