"""Parsing Python text in a program with threads."""

import ast
import gc
from threading import Lock

_one_at_a_time = Lock()


def parse(source: str) -> ast.Module:
    """The syntax tree of a text, made without a break.

    Python 3.11 keeps one count of nesting for the trees of all threads. If garbage is collected while a tree
    grows, another thread may go on, parse, and leave the count spoilt; the tree then ends with a SystemError.
    So no garbage is collected meanwhile.

    Raises:
        SyntaxError, ValueError: the text is no Python.
    """
    with _one_at_a_time:
        collects = gc.isenabled()
        gc.disable()
        try:
            return ast.parse(source)
        finally:
            if collects:
                gc.enable()
