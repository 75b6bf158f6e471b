"""What the translation refuses."""


class TranslationError(ValueError):
    """SQL that cannot be said in Spark without a change of meaning, with what stands in the way."""
