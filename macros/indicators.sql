{# The study's indicators and indices, read from their seeds when SQL is generated. #}

{# Rows of a seed, for SQL that is written from them. On an empty warehouse (parse, compile) there is no seed
   yet: one placeholder row keeps the SQL well formed. A run without the seed is an error, never an index of
   nothing. `query` reads the seed by `.render()`: with --empty a plain ref has no rows. #}
{% macro seed_rows(seed_name, query, placeholder) %}
    {% if not execute %}{{ return([placeholder]) }}{% endif %}
    {% set relation = load_relation(ref(seed_name)) %}
    {% if relation is none %}
        {% if flags.WHICH in ('build', 'run') %}
            {{ exceptions.raise_compiler_error('Seed ' ~ seed_name ~ ' is not loaded. Run `dbt seed` or `dbt build`.') }}
        {% endif %}
        {{ return([placeholder]) }}
    {% endif %}
    {% set present = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
    {% for column in placeholder if column not in present %}
        {{ exceptions.raise_compiler_error(
            'Seed ' ~ seed_name ~ ' has no column `' ~ column ~ '`. It has: ' ~ present | join(', ')
            ~ '. Put the column back; seeds/study/_study__seeds.yml describes it.') }}
    {% endfor %}
    {% set table = run_query(query) %}
    {% if table.rows | length == 0 %}
        {{ exceptions.raise_compiler_error('Seed ' ~ seed_name ~ ' has no row that answers: ' ~ query) }}
    {% endif %}
    {% set rows = [] %}
    {% for row in table.rows %}
        {% set item = {} %}
        {% for name in table.column_names %}{% do item.update({name: row[name]}) %}{% endfor %}
        {% do rows.append(item) %}
    {% endfor %}
    {% do check_seed_rows(seed_name, rows) %}
    {{ return(rows) }}
{% endmacro %}

{% macro indicators(indicator_set=none) %}
    {% set placeholder = {
        'indicator_id': 'gdp_per_capita', 'indicator_set': 'resilience', 'dimension': 'resistance_recovery',
        'direction_as_printed': 'positive', 'direction_used': 'positive',
    } %}
    {% set query %}
        select indicator_id, indicator_set, dimension, direction_as_printed, direction_used
        from {{ ref('resilience_indicators').render() }}
        {% if indicator_set %}where indicator_set = '{{ indicator_set }}'{% endif %}
        order by position
    {% endset %}
    {{ return(seed_rows('resilience_indicators', query, placeholder)) }}
{% endmacro %}

{% macro indices() %}
    {% set placeholder = {
        'index_id': 'resi', 'indicator_set': 'resilience', 'direction': 'used', 'scope': 'pooled', 'zero_shift': 0,
    } %}
    {% set query %}
        select index_id, indicator_set, direction, scope, zero_shift
        from {{ ref('index_definitions').render() }}
        order by index_id
    {% endset %}
    {{ return(seed_rows('index_definitions', query, placeholder)) }}
{% endmacro %}

{# Indicators of the set that an index is made of. #}
{% macro indicators_of_index(index_id) %}
    {% set sets = indices() | selectattr('index_id', 'equalto', index_id) | map(attribute='indicator_set') | list %}
    {{ return(indicators(sets[0]) if sets else []) }}
{% endmacro %}
