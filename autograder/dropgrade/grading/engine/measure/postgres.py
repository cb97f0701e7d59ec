"""A PostgreSQL server of one's own for as long as a with statement, reached by a socket in its folder."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dropgrade.grading.engine.measure import commands

USER, DATABASE = "grader", "gradebook"
PROGRAMS = ("initdb", "postgres", "createdb")
PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
"""Where Debian keeps the programs, of which not all are on the path."""


def missing() -> str:
    """What this machine lacks and how to mend it; empty if nothing."""
    lacking = [name for name in PROGRAMS if _program(name) is None]
    if lacking:
        return f"no PostgreSQL: {', '.join(lacking)} not found; apt-get install postgresql"
    if importlib.util.find_spec("psycopg") is None:
        return "no driver for PostgreSQL; pip install 'dropgrade[postgres]'"
    return ""


def version() -> str:
    """Of the server, such as "15.14"."""
    said = subprocess.run([_program("postgres"), "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[2]


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Start a server with an empty database; yields its address for ``c.CourseDirectory.db_url``.

    It listens to no network. Root may not run one, so nobody does it for root.
    """
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        as_whom = {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}
        if as_whom:
            shutil.chown(folder, "nobody", "nogroup")
        data, log = folder / "data", (folder / "log").open("wb")
        make = [_program("initdb"), "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(make, stdout=log, stderr=log, check=True, cwd=folder, **as_whom)
        options = ["-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        process = subprocess.Popen(
            [_program("postgres"), "-D", data, *options], stdout=log, stderr=log, cwd=folder, **as_whom
        )
        try:
            commands.wait_for((folder / ".s.PGSQL.5432").exists)
            create = [_program("createdb"), "-h", folder, "-U", USER, DATABASE]
            commands.wait_for(lambda: subprocess.run(create, stdout=log, stderr=log).returncode == 0, 30)
            yield f"postgresql+psycopg://{USER}@/{DATABASE}?host={folder}"
        finally:
            process.terminate()
            process.wait(30)
            log.close()


def use(course: Path, address: str) -> None:
    """Let a course keep its gradebook in that database, as the instructor's page says."""
    config = course / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8")
    config.write_text(f"{text}\nc.CourseDirectory.db_url = {address!r}\n", encoding="utf-8")


def _program(name: str) -> str | None:
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, PLACES)])
    return shutil.which(name, path=places)
