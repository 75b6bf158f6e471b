{# Comments of columns that no YAML can list, because they are the study's: a post-hook, so that who opens the
   file with another client finds what each column is, as persist_docs does for the others. #}

{# relation  the relation that was built (`this`)
   texts     dict column -> comment; columns that the relation does not have are left out #}
{% macro comment_columns(relation, texts) -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(relation) if column.name in texts %}
comment on column {{ relation }}.{{ adapter.quote(column.name) }} is '{{ texts[column.name].replace("'", "''") }}';
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# What each series is, and beside it how its value came about, from seed raw_columns. #}
{% macro series_comments() %}
    {% set texts = {} %}
    {% for row in seed_file_rows('raw_columns') if row.table_name == 'city_yearbook' %}
        {% do texts.update({
            row.column_name: row.description or row.name_en or row.column_name,
            row.column_name ~ '_imputation': 'How the value of ' ~ row.column_name
                ~ ' came about: observed, filled, decided or why it is missing.',
        }) %}
    {% endfor %}
    {{ return(texts) }}
{% endmacro %}
