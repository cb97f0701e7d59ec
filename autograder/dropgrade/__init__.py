"""Dropout, Proven: reference formulas, checks that name the misconception, and the course's tools.

Rooms: `reference` holds the formulas, `checks` judges an answer (NumPy and the standard library
only), `grading` knows nbgrader, `cli` is the command line.
"""

__version__ = "0.1.0"
