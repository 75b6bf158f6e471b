"""Data quality: expectations that are rows of a seed, evaluated by Great Expectations."""
