"""Questions in SQL, of a person or of a page: read only, and with limits."""
