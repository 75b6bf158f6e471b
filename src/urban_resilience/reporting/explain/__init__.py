"""How one number came about, in words: of a city and year, or of a regression."""
