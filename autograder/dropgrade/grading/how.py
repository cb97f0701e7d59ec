"""The choices an instructor has when a class is graded, and what is handed from the course to the engine."""

from dataclasses import dataclass

from dropgrade.grading.ingest import Ingested


@dataclass(frozen=True)
class How:
    """Where and how notebooks run.

    Attributes:
        plain: nbgrader's own executor, one notebook at a time, without any protection.
        sandbox: False runs the engine without its sandbox; for notebooks whose authors are trusted.
        jobs: notebooks at once; default as many as there are cores.
        dask: address of a Dask scheduler whose workers run the notebooks, or None.
    """

    plain: bool = False
    sandbox: bool = True
    jobs: int | None = None
    dask: str | None = None


@dataclass(frozen=True)
class Changed:
    """A submission that is new, or not what it was when it was graded.

    Attributes:
        one: what was made of it on the way in.
        key: of this submission, this exercise and these graders.
    """

    slug: str
    student: str
    one: Ingested
    key: str
