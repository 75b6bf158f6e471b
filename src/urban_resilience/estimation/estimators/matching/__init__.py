"""Propensity-score matching: scores, pairs, weights and the balance they reach."""
