"""Where text runs on both engines and means something else, or where Spark has other words.

Each rule is a function of one node, whose parts are rewritten already, and returns the node to
stand in its place.
"""

from collections.abc import Callable

from sqlglot import exp

from urban_resilience.spark.patterns import java_pattern, java_replacement
from urban_resilience.spark.refused import TranslationError

Rule = Callable[[exp.Expression], exp.Expression]
INTEGERS = frozenset({exp.DType.TINYINT, exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT})


def rewrite(tree: exp.Expression) -> exp.Expression:
    """Return the tree with every rule applied, innermost parts first."""
    for child in list(tree.iter_expressions()):
        changed = rewrite(child)
        if changed is not child:
            child.replace(changed)
    rule = RULES.get(type(tree))
    return rule(tree) if rule else tree


def call(name: str, *arguments: exp.Expression) -> exp.Anonymous:
    """Call a function of Spark by its name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def _text(node: exp.Expression | None, what: str) -> str:
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise TranslationError(f"{what} must be written out: it is not the same on both engines")
    return str(node.this)


def _pattern(node: exp.Expression | None) -> str:
    return java_pattern(_text(node, "a regular expression"))


def _number(node: exp.Expression) -> exp.Expression:
    """1.5 is a double: Spark would count in decimals, and cut their digits at a division."""
    literal = node.this
    if isinstance(node, exp.Literal) and not node.is_string and not str(literal).isdigit():
        return exp.Literal.number(f"{literal}D")
    return node


def _cast(node: exp.Expression) -> exp.Expression:
    """Round half to even, as a cast to whole numbers does in DuckDB: Spark cuts."""
    value, kind = node.this, node.args["to"]
    if kind.this not in INTEGERS:
        return node
    if isinstance(value, exp.Explode):
        # Spark wants its generator outermost; ranges hold whole numbers as it is.
        array = exp.DataType(this=exp.DType.ARRAY, expressions=[kind.copy()], nested=True)
        return exp.Explode(this=exp.Cast(this=value.this, to=array))
    if isinstance(value, exp.Null) or value.is_int:
        return node
    if isinstance(value, exp.Literal) and not value.is_string:
        raise TranslationError("a fraction as a whole number: write the whole number")
    # A copy of the node keeps what tells a cast that may fail from one that must not.
    double = node.copy()
    double.set("to", exp.DataType.build("double"))
    node.set("this", call("RINT", double))
    return node


def _try_cast(node: exp.Expression) -> exp.Expression:
    """Spark takes 12d and 12f for numbers, as Java writes them."""
    if node.args["to"].this is exp.DType.DOUBLE:
        text = exp.cast(node.this.copy(), "text")
        suffixed = exp.RegexpLike(this=text, expression=exp.Literal.string("[dDfF]$"))
        return exp.Case(ifs=[exp.If(this=exp.Not(this=suffixed), true=node.copy())])
    return _cast(node)


def _is_infinite(value: exp.Expression) -> exp.Expression:
    endless = exp.cast(exp.Literal.string("Infinity"), "double")
    return exp.EQ(this=exp.Abs(this=value), expression=endless)


def _is_finite(arguments: list[exp.Expression]) -> exp.Expression:
    either = exp.Or(this=call("ISNAN", arguments[0]), expression=_is_infinite(arguments[0].copy()))
    return exp.Paren(this=exp.Not(this=exp.Paren(this=either)))


def _trunc(node: exp.Expression) -> exp.Expression:
    """Spark's trunc is of dates."""
    part = exp.Mod(this=exp.paren(node.this.copy()), expression=exp.Literal.number("1D"))
    return exp.Paren(this=exp.Sub(this=exp.paren(node.this), expression=part))


def _chr(node: exp.Expression) -> exp.Expression:
    """Spark takes the number modulo 256."""
    (number,) = node.expressions
    if not (isinstance(number, exp.Literal) and number.is_int and int(number.name) < 128):
        raise TranslationError("chr takes a number below 128, written out")
    return node


def _floor(node: exp.Expression) -> exp.Expression:
    """Spark's floor is a whole number of 64 bits, which most doubles exceed."""
    if node.args.get("decimals") is not None or node.args.get("to") is not None:
        raise TranslationError("floor to places has no word in Spark")
    part = call("PMOD", node.this.copy(), exp.Literal.number("1D"))
    return exp.Paren(this=exp.Sub(this=exp.paren(node.this), expression=part))


def _overlaps(node: exp.Expression) -> exp.Expression:
    """Take a null in a list for nothing in common, as DuckDB does; to Spark it is no answer."""
    one, two = node.this, node.expression
    known = exp.And(
        this=exp.Not(this=exp.Is(this=one.copy(), expression=exp.Null())),
        expression=exp.Not(this=exp.Is(this=two.copy(), expression=exp.Null())),
    )
    answer = exp.Coalesce(this=call("ARRAYS_OVERLAP", one, two), expressions=[exp.false()])
    return exp.Case(ifs=[exp.If(this=known, true=answer)])


def _bracket(node: exp.Expression) -> exp.Expression:
    """Places of a list count from 1 in DuckDB, and one that is not there is null."""
    (place,) = node.expressions
    if isinstance(place, (exp.Slice, exp.Neg)) or (
        isinstance(place, exp.Literal) and place.is_string
    ):
        raise TranslationError(
            "a place of a list must be a whole number from 1: Spark has no slices, no other ends"
        )
    if isinstance(place, exp.Literal):
        return call("GET", node.this, exp.Literal.number(int(place.this) - 1))
    return call("GET", node.this, exp.Sub(this=exp.paren(place), expression=exp.Literal.number(1)))


def _array_agg(node: exp.Expression) -> exp.Expression:
    """`list` keeps nulls and is null for no rows; `collect_list` leaves them out and is empty."""
    if isinstance(node.this, (exp.Order, exp.Distinct)):
        raise TranslationError("a list in an order has no word in Spark: sort it with list_sort")
    held = call("COLLECT_LIST", exp.Struct(expressions=[exp.alias_(node.this, "v")]))
    return _unpacked(held)


def _unpacked(held: exp.Expression) -> exp.Expression:
    item = exp.Lambda(
        this=exp.Dot(this=exp.to_identifier("e"), expression=exp.to_identifier("v")),
        expressions=[exp.to_identifier("e")],
    )
    return exp.Case(
        ifs=[
            exp.If(
                this=exp.GT(this=call("SIZE", held.copy()), expression=exp.Literal.number(0)),
                true=call("TRANSFORM", held, item),
            )
        ]
    )


def _filter(node: exp.Expression) -> exp.Expression:
    """Give the filter of a list to what collects it, and join a filter to the one there is."""
    if isinstance(node.this, exp.Filter):
        conditions = [each.expression.this for each in (node.this, node)]
        node.this.set("expression", exp.Where(this=exp.and_(*conditions)))
        return node.this
    if not isinstance(node.this, exp.Case):
        return node
    for inner in list(node.this.find_all(exp.Anonymous)):
        if inner.name == "COLLECT_LIST":
            inner.replace(exp.Filter(this=inner.copy(), expression=node.expression.copy()))
    return node.this


def _in(node: exp.Expression) -> exp.Expression:
    """Look a row up among rows: one value in DuckDB, several columns in Spark."""
    query = node.args.get("query")
    if isinstance(node.this, exp.Tuple) and query is not None:
        row, *others = query.this.expressions
        if others or not isinstance(row, exp.Tuple):
            raise TranslationError("a row is looked up among rows that are written out: (a, b)")
        query.this.set("expressions", row.expressions)
    return node


def _select(node: exp.Expression) -> exp.Expression:
    """DuckDB walks two lists side by side; Spark pairs each value of one with each of the other."""
    lists = [
        found
        for projection in node.expressions
        for found in projection.find_all(exp.Explode, exp.Unnest)
        if found.parent_select is node
    ]
    if len(lists) > 1:
        raise TranslationError(
            "one list is unnested in a select: number it, and look the others up"
        )
    return node


def _window(node: exp.Expression) -> exp.Expression:
    """Spark has no filter in a window: what does not pass is null there."""
    if not isinstance(node.this, exp.Filter):
        return node
    aggregate, condition = node.this.this, node.this.expression.this
    if not isinstance(aggregate, (exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg, exp.Median)):
        raise TranslationError(
            f"a filter of {aggregate.sql_name()} in a window has no word in Spark"
        )
    value = exp.Literal.number(1) if isinstance(aggregate.this, exp.Star) else aggregate.this
    aggregate.set("this", exp.Case(ifs=[exp.If(this=condition, true=value)]))
    node.set("this", aggregate)
    return node


def _log(node: exp.Expression) -> exp.Expression:
    """Say which base: 10 in DuckDB, natural in Spark, whose log(10, x) misses whole numbers."""
    if node.expression is None:
        return call("LOG10", node.this)
    if node.this.is_int and int(node.this.this) in (2, 10):
        return call(f"LOG{node.this.this}", node.expression)
    raise TranslationError("a logarithm to a base other than 2, e and 10: divide two of ln")


def _full_match(node: exp.Expression) -> exp.Expression:
    pattern = rf"\A(?:{_pattern(node.expression)})\z"
    return exp.RegexpLike(this=node.this, expression=exp.Literal.string(pattern))


def _regexp_like(node: exp.Expression) -> exp.Expression:
    node.set("expression", exp.Literal.string(_pattern(node.expression)))
    return node


def _regexp_extract(node: exp.Expression) -> exp.Expression:
    """DuckDB gives the whole match unless told a group, Spark the first group."""
    group = node.args.get("group") or exp.Literal.number(0)
    pattern = exp.Literal.string(_pattern(node.expression))
    return call("REGEXP_EXTRACT", node.this, pattern, group)


def _regexp_replace(node: exp.Expression) -> exp.Expression:
    """DuckDB replaces the first match unless told `g`, Spark all."""
    pattern = _pattern(node.expression)
    put = _text(node.args["replacement"], "what is put in")
    modifiers = node.args.get("modifiers")
    if modifiers is not None and _text(modifiers, "the modifiers") != "g":
        raise TranslationError("of the modifiers of regexp_replace only 'g' is known on Spark")
    if modifiers is None:
        # The first match and whatever stands before it, which is put back.
        pattern, put = rf"\A([\s\S]*?)({pattern})", "$1" + java_replacement(put, shift=2)
    else:
        put = java_replacement(put)
    return call("REGEXP_REPLACE", node.this, exp.Literal.string(pattern), exp.Literal.string(put))


FORMATS = {"{:,}": "%,d", "{:,.0f}": "%,.0f", "{:.1f}": "%.1f"}


def _format(node: exp.Expression) -> exp.Expression:
    """Python's words for formats in DuckDB, C's in Spark."""
    words = _text(node.this, "a format")
    if words not in FORMATS:
        raise TranslationError(f"of formats only {', '.join(FORMATS)} are known on Spark")
    # Java writes `null` for nothing.
    (value,) = node.expressions
    known = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    text = call("FORMAT_STRING", exp.Literal.string(FORMATS[words]), value)
    return exp.Case(ifs=[exp.If(this=known, true=text)])


def _round(node: exp.Expression) -> exp.Expression:
    """Spark rounds to a fixed number of places only."""
    places = node.args.get("decimals")
    if (
        places is None
        or isinstance(places, exp.Literal)
        or (isinstance(places, exp.Neg) and isinstance(places.this, exp.Literal))
    ):
        return node
    scale = exp.Pow(this=exp.Literal.number("10D"), expression=places)
    moved = exp.Mul(this=exp.paren(node.this), expression=scale)
    # What has no place left to move to is round as it is.
    is_vast = exp.GTE(this=exp.Abs(this=moved.copy()), expression=exp.Literal.number("1e300D"))
    rounded = exp.Div(this=exp.Round(this=moved), expression=scale.copy())
    return exp.Case(ifs=[exp.If(this=is_vast, true=node.this.copy())], default=rounded)


def _extreme(node: exp.Expression) -> exp.Expression:
    """DuckDB passes over rows where the value asked for is null."""
    name = "MIN_BY" if isinstance(node, exp.ArgMin) else "MAX_BY"
    known = exp.Where(this=exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.Null())))
    return exp.Filter(this=call(name, node.this, node.expression), expression=known)


def _corr(node: exp.Expression) -> exp.Expression:
    """Say NaN, as DuckDB does, for what does not vary; Spark says null."""
    both = exp.Add(this=node.this.copy(), expression=node.expression.copy())
    some = exp.GT(this=exp.Count(this=both), expression=exp.Literal.number(0))
    nothing = exp.cast(exp.Literal.string("NaN"), "double")
    value = exp.Coalesce(this=call("CORR", node.this, node.expression), expressions=[nothing])
    return exp.Case(ifs=[exp.If(this=some, true=value)])


def _cte(node: exp.Expression) -> exp.Expression:
    """Whether a part is kept or computed anew is the engine's affair."""
    node.set("materialized", None)
    return node


def _star(node: exp.Expression) -> exp.Expression:
    if node.args.get("replace") or node.args.get("rename"):
        raise TranslationError("`select * replace (...)` has no word in Spark: name the columns")
    return node


def _anonymous(node: exp.Expression) -> exp.Expression:
    rule = NAMES.get(node.name.lower())
    return rule(node.expressions) if rule else node


def _folded(values: exp.Expression) -> exp.Anonymous:
    """Sum of a list: null for an empty one, nulls passed over."""
    a, v = exp.to_identifier("a"), exp.to_identifier("v")
    step = exp.Coalesce(this=exp.Add(this=a, expression=v), expressions=[a.copy(), v.copy()])
    start = exp.cast(exp.Null(), "double")
    return call("AGGREGATE", values, start, exp.Lambda(this=step, expressions=[a.copy(), v.copy()]))


def _dot_product(arguments: list[exp.Expression]) -> exp.Expression:
    x, y = exp.to_identifier("x"), exp.to_identifier("y")
    product = exp.Lambda(this=exp.Mul(this=x, expression=y), expressions=[x.copy(), y.copy()])
    return _folded(call("ZIP_WITH", *arguments, product))


NAMES: dict[str, Callable[[list[exp.Expression]], exp.Expression]] = {
    "arg_min_null": lambda arguments: call("MIN_BY", *arguments),
    "error": lambda arguments: call("RAISE_ERROR", *arguments),
    "hash": lambda arguments: call("XXHASH64", *arguments),
    "isfinite": _is_finite,
    "list_dot_product": _dot_product,
    "list_position": lambda arguments: exp.Nullif(
        this=call("ARRAY_POSITION", *arguments), expression=exp.Literal.number(0)
    ),
    "list_sum": lambda arguments: _folded(arguments[0]),
}

RULES: dict[type[exp.Expression], Rule] = {
    exp.Anonymous: _anonymous,
    exp.ArgMax: _extreme,
    exp.ArgMin: _extreme,
    exp.ArrayAgg: _array_agg,
    exp.ArrayOverlaps: _overlaps,
    exp.Bracket: _bracket,
    exp.CTE: _cte,
    exp.Cast: _cast,
    exp.Chr: _chr,
    exp.Corr: _corr,
    exp.Filter: _filter,
    exp.Floor: _floor,
    exp.Format: _format,
    exp.JarowinklerSimilarity: lambda node: call(
        "JARO_WINKLER_SIMILARITY", node.this, node.expression
    ),
    exp.In: _in,
    exp.IsInf: lambda node: _is_infinite(node.this),
    exp.Literal: _number,
    exp.Log: _log,
    exp.RegexpExtract: _regexp_extract,
    exp.RegexpFullMatch: _full_match,
    exp.RegexpLike: _regexp_like,
    exp.RegexpReplace: _regexp_replace,
    exp.Round: _round,
    exp.Select: _select,
    exp.Star: _star,
    exp.Trunc: _trunc,
    exp.TryCast: _try_cast,
    exp.Window: _window,
}
