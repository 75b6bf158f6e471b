"""Files into grids of cells, whatever their format."""
