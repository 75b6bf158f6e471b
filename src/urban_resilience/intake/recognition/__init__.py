"""Which table a sheet is, and which column each of its headers."""
