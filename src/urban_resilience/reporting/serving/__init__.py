"""The pages over HTTP, for this machine alone, with DuckDB behind the one that asks in SQL."""
