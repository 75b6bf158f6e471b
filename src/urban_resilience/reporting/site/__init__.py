"""Static pages of a published warehouse: open from disk, without server or network."""
