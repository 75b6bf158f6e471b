"""Every index formula of the study, stated once in NumPy and pandas.

The warehouse computes the same quantities in SQL; this package is the independent statement it
is tested against, and what the simulator uses to know the truth about the data it writes.

Modules hold one subject each and contain pure functions. :mod:`.study_panel` chains them from
raw files to the estimation panel; nothing else in the package depends on the order of the study.
"""
