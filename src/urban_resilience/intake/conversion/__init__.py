"""Sheets into rows of the contract, with everything left out by name."""
