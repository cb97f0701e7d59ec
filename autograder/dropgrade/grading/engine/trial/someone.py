"""Running Python as an unprivileged user who cannot even see root's folders: how the engine is tried twice.

Only for root. In a mount namespace of its own, the interpreter, the libraries and this package are bound to
places that anybody may read; then the user is changed for good.
"""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from dropgrade.grading.engine.mounts import PACKAGE, PYTHON

NOBODY = 64_123
"""A user id that belongs to nobody."""


def run_as_someone(folder: Path, arguments: Sequence[str], timeout: float) -> subprocess.CompletedProcess:
    """Run Python with some arguments as user `NOBODY`; that user owns `folder` afterwards.

    Args:
        folder: of ours; the bound places lie in it.
        arguments: of the interpreter, such as ``["-m", "module"]``.
        timeout: seconds.
    """
    programs = folder / "programs"
    binds = {
        Path(sys.base_prefix): folder / "python",
        Path(sysconfig.get_path("purelib")): folder / "site",
        PACKAGE.parent: folder / "source",
    }
    for place in (*binds.values(), programs):
        place.mkdir(parents=True, exist_ok=True)
    python = folder / "python" / "bin" / PYTHON
    # nbgrader calls alembic by name; the environment's own script starts with a path of root's.
    alembic = programs / "alembic"
    alembic.write_text(f'#!/bin/sh\nexec {python} -m alembic.config "$@"\n', encoding="utf-8")
    alembic.chmod(0o755)
    for path in (folder, *folder.glob("*")):
        os.chown(path, NOBODY, NOBODY)
    mounting = " && ".join(f"mount --bind '{source}' '{target}'" for source, target in binds.items())
    change = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups --inh-caps=-all --no-new-privs"
    environment = {
        "HOME": str(folder),
        "LD_LIBRARY_PATH": str(folder / "python" / "lib"),
        "PATH": f"{programs}:/usr/bin:/bin",
        "PYTHONPATH": f"{folder / 'source'}:{folder / 'site'}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }
    script = f'{mounting} && exec {change} {python} "$@"'
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
