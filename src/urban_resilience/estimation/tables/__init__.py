"""One file for each table of results: its schema, and the rows of its specifications."""
