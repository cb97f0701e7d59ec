"""Exercises on the course's own pages: Python for the browser, the checks packed for it, one check there.

`session` and `clock` run in the reader's browser; the other modules run while the site is built.
"""
