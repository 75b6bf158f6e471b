"""What both engines are asked: each function that goes to Spark, on rows that tell them apart."""

# Texts, numbers, nulls, Chinese; one group with a single row, one whose x is null.
ROWS = """
    (select * from (values
        (1, 'a', 'D10T12', 2.5, 3, true), (2, 'a', '城市', 3.5, null, false),
        (3, 'a', 'x ', -2.5, 7, null), (4, 'b', '', 0.1, 2, true), (5, 'b', null, 0.2, 2, true),
        (6, 'c', '10.0', 1e300, 10, false), (7, 'd', '0131', null, null, null),
        (8, 'd', '12d', null, -4, false), (9, 'e', 'line
', 100.0, 100, true)
    ) as v(id, k, t, x, n, b))
"""

EXPRESSIONS = [
    "coalesce(t, '') || chr(10) || chr(65)",
    # Whole numbers and fractions.
    "cast(x as integer) filter_out_large",
    "n // 2",
    "n % 4",
    "n / 4",
    "7 / 2",
    "n * 1.5 / 100.0",
    "n / 3 * 3.0",
    "round(x)",
    "round(x, 1)",
    "round(x, cast(n as integer))",
    "floor(x)",
    "trunc(x)",
    "abs(x)",
    "x ** 2",
    "power(2, n)",
    "cast(b as integer)",
    "floor(-x / 7)",
    "try_cast(t as double)",
    "try_cast(trim(t) as double)",
    "try_cast(try_cast(trim(t) as double) as integer)",
    "isfinite(x)",
    "isinf(x)",
    "sqrt(abs(x))",
    "exp(-abs(n))",
    "ln(n + 10)",
    "log10(n + 10)",
    "log(n + 10)",
    "log2(n + 10)",
    "log10(1000)",
    "floor(log10(1000))",
    "floor(log10(1000000))",
    "sin(n)",
    "cos(n)",
    "asin(1.0 / (abs(n) + 1))",
    "radians(n)",
    "pi()",
    "greatest(x, n, null)",
    "least(x, n)",
    "coalesce(n, -1)",
    "nullif(n, 2)",
    # Texts.
    "upper(t)",
    "lower(t)",
    "trim(t)",
    "length(t)",
    "left(t, 2)",
    "right(t, 2)",
    "substring(t, 2, 3)",
    "substring(t, 1, 0)",
    "t || '-' || k",
    "concat_ws(';', t, null, k)",
    "replace(t, '.0', '')",
    "translate(t, '城1', 'c')",
    "split_part(t, 'T', 2)",
    "split_part(t, 'T', 5)",
    "starts_with(t, 'D')",
    "ends_with(t, '.0')",
    "contains(t, '市')",
    "t = 'x '",
    "t < 'a'",
    "regexp_matches(t, '^[0-9]+$')",
    "regexp_full_match(t, '[0-9]+')",
    "regexp_full_match(t, 'line')",
    "regexp_matches(t, 'line$')",
    "regexp_matches(t, '[[:space:]]')",
    r"regexp_matches(t, '\p{Han}')",
    "regexp_replace(t, '[0-9]', '#', 'g')",
    "regexp_replace(t, '[0-9]', '#')",
    r"regexp_replace(t, '([0-9])T([0-9])', '\1_\2')",
    r"regexp_replace(t, '(1)', '\10', 'g')",
    r"regexp_replace(t, '1', '$1', 'g')",
    r"regexp_replace(t, '1', '\0\0')",
    "regexp_extract(t, '([A-Z])([0-9]+)', 2)",
    "regexp_extract(t, '([A-Z])([0-9]+)')",
    "regexp_extract(t, 'q')",
    "jaro_winkler_similarity(coalesce(t, 'q'), 'D10T13')",
    "format('{:,}', id * 1000000)",
    "format('{:,.0f}', n * 1000.0)",
    "format('{:.1f}', n * 1.25)",
    "sign(x)",
    "make_date(2000 + id, 1, 1)",
    # Nulls and conditions.
    "n is distinct from 2",
    "n = null",
    "n in (2, null)",
    "n not in (3, 7)",
    "b and null",
    "b or null",
    "not b",
    "case when n > 2 then 'many' when n > 0 then 'few' end",
    "case n when 2 then 'two' else 'other' end",
    "t like 'D%'",
    "n between 2 and 7",
    # Lists and places.
    "[n, id, 5][1]",
    "[n, id, 5][3]",
    "[n, id, 5][4]",
    "[n, id, 5][cast(id as integer)]",
    "list_sum([x, 1.5])",
    "list_sum([x, x])",
    "list_dot_product([1.0, 2.0], [id, 3.0])",
    "list_position([1, 2, 3], id)",
    "list_max([n, id])",
    "list_sum(list_transform([1.0, 2.0], lambda e: e * id))",
    "array_length([n, id])",
    "list_has_any([n], [2, 7])",
    "array_length(range(1, id))",
    "array_length(range(3, 1))",
    # Windows.
    "row_number() over (order by x, id)",
    "row_number() over (order by x desc, id)",
    "rank() over (order by k)",
    "dense_rank() over (order by k)",
    "sum(x) over (partition by k order by id)",
    "lag(n) over (order by id)",
    "lead(n) over (order by id)",
    "sum(n) over (partition by k order by id rows between 1 preceding and current row)",
    "count(*) filter (where n > 2) over (partition by k)",
    "sum(n) filter (where b) over (partition by k)",
    "first_value(n) over (partition by k order by id)",
    "last_value(n ignore nulls) over (partition by k order by id)",
    "median(n) over (partition by k)",
    "avg(n) over (partition by k)",
]

AGGREGATES = [
    "arg_max(t, n) filter (where id <> 3)",
    "min_by(t, x) filter (where n > 2)",
    "count(*)",
    "count(n)",
    "count(distinct n)",
    "sum(n)",
    "sum(x)",
    "avg(n)",
    "min(t)",
    "max(t)",
    "min(x)",
    "max(x)",
    "count(*) filter (where b)",
    "sum(n) filter (where b)",
    "bool_or(b)",
    "bool_and(b)",
    "median(n)",
    "median(x)",
    "stddev_samp(n)",
    "stddev_pop(n)",
    "corr(n, id)",
    "any_value(n)",
    "arg_min(n, id)",
    "arg_min_null(n, id)",
    "arg_min(id, id + n)",
    "arg_max(n, id)",
    "string_agg(t, '|' order by id)",
    "string_agg(t, '|' order by t)",
    "string_agg(t, '|' order by x desc, id)",
    "string_agg(distinct k, ',' order by k)",
    "string_agg(t, '|' order by id) filter (where n > 2)",
    "list_sort(list(n) filter (where n is not null))[1]",
    "list_sort(list(n))[2]",
    "array_length(list(n))",
    "list_sort(list(n) filter (where n > 1000))[1]",
    "array_length(list(n) filter (where n > 1000))",
]

QUERIES = {
    "ranges end before their end": "select unnest(range(1, 4)) as y order by y",
    "an empty range has no rows": "select count(*) as c from (select unnest(range(4, 4)) as y)",
    "series include their end": "select unnest(generate_series(1, 4)) as y order by y",
    "nulls come last": f"select n from {ROWS} order by n, id",
    "nulls come last downwards": f"select n from {ROWS} order by n desc, id",
    "texts are ordered by their bytes": f"select t from {ROWS} where t <> '' order by t",
    "wide to long keeps nulls": f"""
        select id, name, value from (select id, n, cast(n as integer) as m from {ROWS})
        unpivot include nulls (value for name in (n, m)) order by id, name
    """,
    "the first row of each": f"select distinct on (k) k, id from {ROWS} order by k, id desc",
    "what is no aggregate groups": f"select k, count(*) as c from {ROWS} group by all order by k",
    "recursion": """
        with recursive r as (select 1 as n union all select n + 1 from r where n < 40)
        select sum(n) from r
    """,
    "a text cut in pieces": f"""
        select id, p from {ROWS} as r, unnest(string_split(r.t, '1')) as s (p)
        order by id, p
    """,
    "hashes differ between engines, and group the same": f"""
        select count(*) as c from {ROWS}
        where hash(k, n) in (select hash(k, n) from {ROWS} group by hash(k, n) having count(*) = 1)
    """,
    "an error that does not arise": f"""
        select case when count(*) > 1000 then error('too many: ' || count(*)) end as c from {ROWS}
    """,
    "a row among rows": f"""
        select id from {ROWS} where (k, n) not in (select (k, n) from {ROWS} where n > 2)
        and n is not null order by id
    """,
    "two parts of one name": f"""
        select 'one' as part, a.c from (with counted as (select count(*) as c from {ROWS})
            select counted.c from counted) as a
        union all
        select 'two' as part, b.c from (with recursive counted as (
            select 1 as c union all select counted.c + 1 as c from counted where counted.c < 3)
            select max(counted.c) as c from counted) as b
        order by part
    """,
    "columns but one": f"select * exclude (t, x) from {ROWS} order by id",
    "rows that are not there": f"""
        select id from {ROWS} as r
        where not exists (select 1 from {ROWS} as s
        where s.n = r.id)
        order by id
    """,
    "filtered after a window": f"""
        select id from {ROWS}
        qualify row_number() over (partition by k order by id desc) = 1
        order by id
    """,
    "sums of many small numbers": "select sum(0.1 * n) from (select unnest(range(1, 2000)) as n)",
    "a division of decimals keeps its digits": "select 1.0 / 3.0 * 1.0e-7 as q",
}
