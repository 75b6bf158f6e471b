"""The one exception for data that cannot carry an estimate."""


class NotEstimableError(ValueError):
    """The data hold no information on the quantity asked for; the message says why in words.

    Wrong calls (an unknown column, a weight of the wrong shape) raise a plain ``ValueError``.
    """
