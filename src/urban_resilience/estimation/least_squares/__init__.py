"""Least squares with absorbed effects and clustered errors: the one engine of every design."""
