"""The command line ``urban-resilience``: arguments in, one function of the library called.

Importing it is cheap: what a command computes with is imported when the command runs.
"""
