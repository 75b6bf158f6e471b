"""One file for each design."""
