"""Checks that judge an answer, name the misconception behind a failure, and run the same everywhere.

A notebook, ``dropgrade check``, pytest and the reader's browser all use these names; they are imported
on first use, so that the command line does not wait for NumPy before it starts its child process.
"""

from importlib import import_module

_HOME = {
    "check": "api",
    "run": "api",
    "judge": "api",
    "exercise": "api",
    "exercises": "api",
    "Check": "verdicts",
    "Exercise": "verdicts",
    "Verdict": "verdicts",
    "CheckFailed": "verdicts",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    """Import `name` from its module on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
