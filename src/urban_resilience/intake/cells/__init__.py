"""Cells: text cleaned, numbers read, in Python and in SQL."""
