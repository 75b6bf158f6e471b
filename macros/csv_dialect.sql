{# How a CSV of the raw folder is written: stated, not guessed. DuckDB guesses from the first 20,480 rows,
   and a quotation mark after them would shift columns. The delimiter is the one that makes most names of the
   contract out of the header line; quotes are double quotation marks, doubled within; the text is UTF-8. Every
   record has the fields of the header: another number stops with the line. #}
{% macro csv_reader(path, columns) %}
    {% set header = csv_header(path, columns) %}
    {% set listed = [] %}
    {% for name in header.names %}
        {% do listed.append("'" ~ name.replace("'", "''") ~ "': 'VARCHAR'") %}
    {% endfor %}
    {{ return('read_csv(' ~ path_literal(path) ~ ', auto_detect = false, header = true, delim = ' ~ sql_text(header.delimiter)
        ~ ", quote = '\"', escape = '\"', nullstr = '', strict_mode = true, hive_partitioning = false, columns = {"
        ~ listed | join(', ') ~ '})') }}
{% endmacro %}

{# Delimiter and names of the header, the first line that is not blank. #}
{% macro csv_header(path, columns) %}
    {% set line = run_query(
        'select line from read_csv(' ~ path_literal(path) ~ ", auto_detect = false, header = false, delim = '\x01', "
        ~ "quote = '', escape = '', hive_partitioning = false, columns = {'line': 'VARCHAR'}, ignore_errors = true) limit 1"
    ).rows %}
    {% set line = line[0][0] if line and line[0][0] else '' %}
    {% set known = columns | map(attribute='name') | list %}
    {% set best = namespace(delimiter=',', names=[], score=-1) %}
    {% for delimiter in (',', ';', '\t', '|') %}
        {% set names = csv_fields(line, delimiter) %}
        {% set score = names | select('in', known) | list | length %}
        {% if score > best.score %}
            {% set best.delimiter = delimiter %}
            {% set best.names = names %}
            {% set best.score = score %}
        {% endif %}
    {% endfor %}
    {% set names = [] %}
    {% for name in best.names %}
        {% if name | lower in names | map('lower') | list %}
            {{ exceptions.raise_compiler_error(
                path ~ ' has two columns ' ~ shown(name) ~ '. Delete one, or rename the one that is another series.') }}
        {% endif %}
        {% do names.append(name or 'column ' ~ loop.index) %}
    {% endfor %}
    {{ return({'delimiter': best.delimiter, 'names': names}) }}
{% endmacro %}

{# One line of CSV as its fields, quotes taken off. #}
{% macro csv_fields(line, delimiter) %}
    {% set fields = [] %}
    {% set sign = modules.re.escape(delimiter) %}
    {% for field in modules.re.findall('(?:^|' ~ sign ~ ')("(?:[^"]|"")*"|[^' ~ sign ~ ']*)', line) %}
        {% set text = field | trim %}
        {% do fields.append(text[1:-1].replace('""', '"') if text.startswith('"') and text | length > 1 else text) %}
    {% endfor %}
    {{ return(fields) }}
{% endmacro %}

{% macro sql_text(value) -%}
    '{{ value.replace("'", "''") }}'
{%- endmacro %}
