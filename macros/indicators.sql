{# The study's indicators and indices, read from their seeds when SQL is generated. #}

{# Rows of a seed, for SQL that is written from them. On an empty warehouse (parse, compile) there is no seed
   yet: one placeholder row keeps the SQL well formed. A run without the seed is an error; a seed without
   rows is a study without such things. `query` reads the seed by `.render()`: with --empty a plain ref has
   no rows. #}
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
    {% set table = run_query(in_duckdb(query)) %}
    {% set rows = [] %}
    {% for row in table.rows %}
        {% set item = {} %}
        {% for name in table.column_names %}{% do item.update({name: row[name]}) %}{% endfor %}
        {% do rows.append(item) %}
    {% endfor %}
    {% do check_seed_rows(seed_name, rows) %}
    {{ return(rows) }}
{% endmacro %}

{% macro indicators() %}
    {% set placeholder = {
        'indicator_id': 'gdp_per_capita', 'position': 1,
    } %}
    {% set query %}
        select indicator_id, position
        from {{ ref('resilience_indicators').render() }}
        order by position, indicator_id
    {% endset %}
    {{ return(seed_rows('resilience_indicators', query, placeholder)) }}
{% endmacro %}

{# Which indicators make an index, in their order: all sets, or one. An indicator may be in several. #}
{% macro index_indicators(indicator_set=none) %}
    {% set placeholder = {
        'indicator_set': 'resilience', 'indicator_id': 'gdp_per_capita', 'dimension': 'resistance_recovery',
        'direction_as_printed': 'positive', 'direction_used': 'positive', 'given_weight': none,
    } %}
    {% set query %}
        select
            members.indicator_set, members.indicator_id, members.dimension, members.direction_as_printed,
            members.direction_used, members.given_weight
        from {{ ref('index_indicators').render() }} as members
        left join {{ ref('resilience_indicators').render() }} as indicators
            on members.indicator_id = indicators.indicator_id
        {% if indicator_set %}where members.indicator_set = '{{ indicator_set }}'{% endif %}
        order by indicators.position, members.indicator_id, members.indicator_set
    {% endset %}
    {{ return(seed_rows('index_indicators', query, placeholder)) }}
{% endmacro %}

{% macro indices() %}
    {% set placeholder = {
        'index_id': 'resi', 'indicator_set': 'resilience', 'direction': 'used', 'normalization': 'min_max',
        'weighting': 'entropy', 'aggregation': 'weighted_sum', 'scope': 'pooled', 'zero_shift': 0, 'score_floor': 0,
    } %}
    {% set query %}
        select
            index_id, indicator_set, direction, normalization, weighting, aggregation, scope,
            coalesce(zero_shift, 0) as zero_shift, coalesce(score_floor, 0) as score_floor
        from {{ ref('index_definitions').render() }}
        order by index_id
    {% endset %}
    {{ return(seed_rows('index_definitions', query, placeholder)) }}
{% endmacro %}

{# Indicators that each index is made of, by its id; a set is read once for all its indices. #}
{% macro indicators_by_index() %}
    {% set members, found = {}, {} %}
    {% for member in index_indicators() %}
        {% do members.setdefault(member.indicator_set, []).append(member) %}
    {% endfor %}
    {% for index in indices() %}
        {% do found.update({index.index_id: members.get(index.indicator_set, [])}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
