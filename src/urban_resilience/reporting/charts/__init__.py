"""Charts as Vega-Lite: drawn by the pages, and written to files by the exports."""
