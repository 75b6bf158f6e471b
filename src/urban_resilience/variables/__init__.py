"""Variables as rows of a seed: expressions parsed, limited, ordered, and written as SQL."""
