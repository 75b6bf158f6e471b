"""Marts, printed tables, figures and scripts as files for other programs."""
