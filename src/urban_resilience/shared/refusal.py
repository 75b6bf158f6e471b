"""What a person can mend: said in one line with its remedy, never with a traceback."""

from __future__ import annotations


class Refusal(Exception):
    """A wish that cannot be met; the text is the line for whoever has it, with what to do.

    Attributes
    ----------
    exit_code
        Of a command that ends with it.
    """

    exit_code = 1
