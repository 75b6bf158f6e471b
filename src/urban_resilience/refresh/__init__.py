"""Building and publishing the warehouse."""
