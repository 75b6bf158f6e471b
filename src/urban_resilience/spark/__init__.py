"""The same models on Apache Spark: DuckDB's SQL is translated below them, and run by dbt-spark."""
