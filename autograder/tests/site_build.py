"""The built site, as the tests of the site see it: built once, and again only when a source is newer."""

import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "_build" / "html"


def sources() -> Iterator[Path]:
    """Whatever the site is made of."""
    yield from (ROOT / "_config.yml", ROOT / "_toc.yml")
    for folder in ("book", "exercises", "solutions"):
        yield from (p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def built_site() -> Path:
    """`_build/html`, rebuilt the way `make site` does it when a source is newer than the last build.

    COURSE_SITE in the environment names a folder with a site built elsewhere; it is looked at as it is.
    """
    if elsewhere := os.environ.get("COURSE_SITE"):
        return Path(elsewhere).resolve()
    (ROOT / "_build").mkdir(exist_ok=True)
    with FileLock(ROOT / "_build" / "tests.lock"):
        door = BUILT / "index.html"
        if not door.exists() or door.stat().st_mtime < max(path.stat().st_mtime for path in sources()):
            builder = Path(sys.executable).with_name("jupyter-book")
            command = [builder, "build", ".", "-W", "-n", "--keep-going", "-q"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
            assert done.returncode == 0, f"the site does not build:\n{(done.stdout + done.stderr)[-4000:]}"
    return BUILT


class Page(HTMLParser):
    """The elements of one page, in order: `elements` holds (tag, attributes), `text` the text by tag."""

    def __init__(self, path: Path):
        super().__init__()
        self.path = path
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, *tags: str) -> list[dict[str, str]]:
        """The attributes of every element with one of these tags."""
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def ids(self) -> set[str]:
        return {attributes["id"] for _, attributes in self.elements if "id" in attributes}

    @property
    def headings(self) -> list[int]:
        return [int(tag[1]) for tag, _ in self.elements if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}]
