"""Estimation: a regression is a row of the seed ``regression_specs``."""
