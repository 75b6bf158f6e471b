{# What each relation is made from: the edges of the graph, which dbt knows while it builds. #}
{% set edges = [] %}
{% for node in (graph.nodes.values() if execute else []) if node.resource_type in ('model', 'seed', 'snapshot') %}
    {% for id in node.depends_on.get('nodes', []) %}
        {% set source = graph.sources.get(id) %}
        {% set read = source or graph.nodes[id] %}
        {% set name = source.source_name ~ '.' ~ source.name if source else read.schema ~ '.' ~ read.alias %}
        {% do edges.append((node.schema ~ '.' ~ node.alias, name, read.resource_type)) %}
    {% endfor %}
{% endfor %}
with edges (relation, made_from, kind) as (

    values
    {%- for relation, made_from, kind in (edges | unique | sort) or [('', '', '')] %}
    ('{{ relation }}', '{{ made_from }}', '{{ kind }}'){{ ',' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from edges

)

select * from final
