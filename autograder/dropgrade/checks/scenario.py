"""Trusted code that runs beside a learner's objects, in whichever process these live.

Some facts can only be seen where the learner's code runs: what a module's state_dict holds, what waits for
the backward pass, whether a global generator was moved, which of the library's functions was called. A
*scene* is a module of ours that looks and returns plain data (arrays, numbers, texts, lists, dictionaries);
a check then judges the data. In a notebook, on the command line and in plain nbgrader the scene is simply
called. The grading engine sends its text to the learner's process instead.

There the data are the learner's claim, as a function's result is: whoever rewrites torch may make them up.
A check says in its docstring what could be made up.
"""

import ast
import inspect
from functools import cache
from importlib import import_module
from typing import Any

PACKAGE = "dropgrade."


def play(module: str, function: str, *things: Any) -> Any:
    """Call a function of a scene with the learner's objects and plain data; the engine puts its own here.

    Args:
        module: full name of the scene; it imports libraries, the standard library, and modules of this
            package of which the same is true.
        function: its name in there.

    Returns:
        What it returns: plain data.
    """
    return getattr(import_module(module), function)(*things)


@cache
def text_of(module: str) -> str:
    """A scene as one text that needs nothing of this package.

    ``from dropgrade.x import y`` at its top is replaced by the text of that module.
    """
    source = inspect.getsource(import_module(module))
    lines, before = source.splitlines(), []
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(PACKAGE):
            before.append(text_of(statement.module or ""))
            lines[statement.lineno - 1 : statement.end_lineno] = [""] * (
                statement.end_lineno - statement.lineno + 1
            )
    return "\n".join([*before, *lines, ""])
