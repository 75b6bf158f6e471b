"""A sheet that is nearly of a shape."""

from __future__ import annotations


class Misfit(Exception):
    """Why a sheet that looks like a shape cannot be read as one; the message is the reason."""
