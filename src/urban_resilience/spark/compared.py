"""What has been compared on both engines; everything else is refused before it runs.

Each name here has a row in tests/python/support/engine_questions.py, where both engines answer it.
"""

from sqlglot import exp

from urban_resilience.spark.refused import TranslationError

# Said the same way in both, or told apart by sqlglot itself or by `rewrites`.
COMPARED_FUNCTIONS: frozenset[type[exp.Func]] = frozenset(
    {
        exp.Abs, exp.And, exp.AnyValue, exp.ArgMax, exp.ArgMin, exp.Array, exp.ArrayAgg,
        exp.ArrayMax, exp.ArrayOverlaps, exp.ArraySize, exp.ArraySort, exp.Asin, exp.Avg,
        exp.Case, exp.Cast, exp.Chr, exp.Coalesce, exp.ConcatWs, exp.Contains, exp.Corr, exp.Cos,
        exp.Count, exp.DateFromParts, exp.DenseRank, exp.EndsWith, exp.Exists, exp.Exp,
        exp.Explode, exp.FirstValue, exp.Floor, exp.Format, exp.GenerateSeries,
        exp.Greatest, exp.GroupConcat, exp.If, exp.IsInf, exp.JarowinklerSimilarity,
        exp.Lag, exp.LastValue, exp.Lead, exp.Least, exp.Left, exp.Length, exp.Ln, exp.Log,
        exp.LogicalAnd, exp.LogicalOr, exp.Lower, exp.Max, exp.Median, exp.Min, exp.Nullif,
        exp.Or, exp.Pi, exp.Pow, exp.Radians, exp.Rank, exp.RegexpExtract,
        exp.RegexpFullMatch, exp.RegexpLike, exp.RegexpReplace, exp.Replace, exp.Right,
        exp.Round, exp.RowNumber, exp.Sign, exp.Sin, exp.Split, exp.SplitPart, exp.Sqrt,
        exp.StartsWith, exp.StddevPop, exp.StddevSamp, exp.Substring, exp.Sum,
        exp.Transform, exp.Translate, exp.Trim, exp.Trunc, exp.TryCast, exp.Unnest,
        exp.Upper,
    }
)  # fmt: skip

# Functions that sqlglot has no word for, rewritten by their name.
COMPARED_NAMES = frozenset(
    {"arg_min_null", "error", "hash", "isfinite", "list_dot_product", "list_position", "list_sum"}
)


def refuse_unknown(tree: exp.Expression) -> None:
    """Raise where the query calls what has not been compared.

    Raises
    ------
    TranslationError
        With the name of the first such function, as it is written.
    """
    for call in tree.find_all(exp.Func):
        if isinstance(call, exp.Anonymous):
            known = call.name.lower() in COMPARED_NAMES
        else:
            known = type(call) in COMPARED_FUNCTIONS
        if not known:
            written = call.name if isinstance(call, exp.Anonymous) else call.sql(dialect="duckdb")
            raise TranslationError(
                f"`{written[:80]}` has not been compared on Spark: say it in words of"
                " spark/compared.py, or add it there with its test"
            )
