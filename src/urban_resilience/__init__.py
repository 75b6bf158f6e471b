"""Indices of urban economic resilience and virtual agglomeration, and the evidence on them."""
