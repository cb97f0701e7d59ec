"""A running Jupyter server with nbgrader's formgrader for a course folder, and the buttons in it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TOKEN = "instructor"
START_SECONDS = 90
STEP_MILLISECONDS = 90_000


@contextmanager
def jupyter(course: Path, home: Path) -> Iterator[str]:
    """The address of a Jupyter server in the course's folder, as an instructor starts it.

    Args:
        home: an empty folder for its settings; no one else's are read.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    programs = str(Path(sys.executable).parent)
    environment = os.environ | {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "settings")}
    environment |= {"PATH": f"{programs}:{os.environ.get('PATH', os.defpath)}", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"]
    with open(home / "server.log", "wb") as log:
        server = subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(f"{address}/formgrader?token={TOKEN}", server, home / "server.log")
            yield address
        finally:
            server.terminate()
            server.wait(20)


def _wait(address: str, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"Jupyter does not answer: {log.read_text(encoding='utf-8')[-2000:]}")


@dataclass
class Formgrader:
    """The formgrader in a browser window that writes down what runs where nothing should.

    Attributes:
        ran: messages of dialogs, and of scripts that called `console.log` with our mark.
    """

    page: object
    address: str
    slug: str
    ran: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", lambda dialog: (self.ran.append(dialog.message), dialog.dismiss()))
        self.page.on("console", lambda said: "PWNED" in said.text and self.ran.append(said.text))
        self.page.goto(f"{self.address}/formgrader?token={TOKEN}")

    def autograde(self, student: str) -> str:
        """Press the Autograde button of one submission; returns what the page says when it is done."""
        self.page.goto(f"{self.address}/formgrader/manage_submissions/{self.slug}")
        row = self.page.locator("tbody tr").filter(has_text=student)
        row.locator("td.autograde a").click()
        box = self.page.locator(".modal.in .modal-body")
        box.wait_for(timeout=STEP_MILLISECONDS)
        said = box.inner_text()
        self.page.locator(".modal.in .modal-footer button, .modal.in .close").first.click()
        return said

    def score(self, student: str) -> float:
        """The score that the page of submissions shows."""
        self.page.goto(f"{self.address}/formgrader/manage_submissions/{self.slug}")
        row = self.page.locator("tbody tr").filter(has_text=student)
        return float(row.locator("td.score").inner_text().split("/")[0])

    def look_at(self, student: str) -> str:
        """Open a graded notebook where instructors grade by hand, touch all of it, and return its text."""
        listing = f"{self.address}/formgrader/api/submitted_notebooks/{self.slug}/{self.slug}"
        rows = self.page.request.get(listing).json()
        number = next(row["id"] for row in rows if row["student"] == student)
        place = f"{self.address}/formgrader/submissions/{number}/"
        self.page.goto(place, wait_until="domcontentloaded", timeout=STEP_MILLISECONDS)
        notebook = self.page.locator("#notebook-container").first
        notebook.wait_for(state="attached", timeout=STEP_MILLISECONDS)
        self.page.wait_for_timeout(500)  # what runs late runs now
        for link in notebook.locator("a").all():
            if "PWNED" in (link.get_attribute("href") or ""):
                link.click(force=True, timeout=2000)
        return notebook.inner_text()
