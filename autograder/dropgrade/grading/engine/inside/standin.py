"""``dropgrade.checks`` as the learner's process sees it: the name exists, the checks are elsewhere.

Graded cells run in the judge's process. A learner who calls ``check`` in a cell of their own gets this.
"""


class CheckFailed(AssertionError):
    """Never raised here; a notebook may mention it."""


def check(name: str, *functions: object) -> None:
    """Say that the graded cells do the checking."""
    print(f"{name}: checked in the graded cells.")


def scenario(code: str, **inputs: object) -> object:
    """Run code beside the notebook's names and return its variable `result`, as in the notebook."""
    import __main__

    names = dict(vars(__main__)) | inputs
    exec(compile(code, "<scenario>", "exec"), names)
    return names.get("result")
