{# Comments of columns that no YAML can list, because they are the study's: a post-hook, so that who opens the
   file with another client finds what each column is, as persist_docs does for the others. #}

{# relation  the relation that was built (`this`)
   texts     dict column -> comment; columns that the relation does not have are left out #}
{% macro comment_columns(relation, texts) -%}
    {%- if execute and target.type == 'duckdb' -%}
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

{# What each column of the wide relations of the study is: variables and their splits, groups, dates of
   policies, attributes of places, series. #}
{% macro study_comments() %}
    {% set texts = {} %}
    {% do texts.update(series_comments()) %}
    {% for name in place_attributes() %}
        {% do texts.update({name: 'Attribute of the place, column of seed `cities`.'}) %}
    {% endfor %}
    {% for row in seed_file_rows('city_groups') %}
        {% do texts.update({row.group_id: 'True for the places of the group: ' ~ (row.group_name_en or row.group_id)}) %}
    {% endfor %}
    {% for policy in policies_with_dates() %}
        {% do texts.update({
            policy ~ '_year': 'First year as a full pilot of ' ~ policy ~ '; null for none.',
            policy ~ '_announced_year': 'The same by the year in which the list came out.',
            policy ~ '_partial_year': 'First year as a partial pilot of ' ~ policy ~ '; null for none.',
        }) %}
    {% endfor %}
    {% set splits = {} %}
    {% for row in variable_rows() if row.split_name %}{% do splits.update({row.definition: row.split_name}) %}{% endfor %}
    {% for row in seed_file_rows('panel_variables') %}
        {% do texts.update({
            row.variable ~ '_missing_years': 'Study years in which the city has no value of ' ~ row.variable ~ '.'
        }) %}
        {% set text = (row.name_en or row.variable) ~ ((', ' ~ row.unit) if row.unit else '') ~ ': ' ~ row.expression %}
        {% do texts.update({row.variable: text}) %}
        {% if row.variable in splits %}
            {% do texts.update({
                splits[row.variable]: 'Group of the estimation sample by ' ~ row.variable ~ ', from the lowest to the highest.'
            }) %}
        {% endif %}
    {% endfor %}
    {{ return(texts) }}
{% endmacro %}
