"""Runs the chapters again when what they import has changed.

The notebook cache knows a chapter's code, not the modules and data behind it. This extension keeps a
fingerprint of those beside the cache; when it differs, the cache is emptied and the pages are read afresh.
"""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

PACKAGE = "autograder/dropgrade"
NOT_IMPORTED = ("grading", "inpage", "interview", "cli.py", "doctor.py", "__pycache__")
OTHERS = ("requirements.txt", "book/data/*.npz", "book/results/*.json")
STAMP = "sources.sha256"
log = logging.getLogger(__name__)


def sources(root: Path) -> Iterator[Path]:
    """Every file a chapter's cells can read: the package without its tools, data, results, pins."""
    for path in sorted((root / PACKAGE).rglob("*.py")):
        if not set(path.relative_to(root / PACKAGE).parts) & set(NOT_IMPORTED):
            yield path
    for pattern in OTHERS:
        yield from sorted(root.glob(pattern))


def fingerprint(root: Path) -> str:
    """SHA-256 over names and contents."""
    digest = hashlib.sha256()
    for path in sources(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def refresh(root: Path, cache: Path) -> str:
    """Empty `cache` unless it was filled from these sources; returns the fingerprint."""
    now, stamp = fingerprint(root), cache / STAMP
    if not stamp.is_file() or stamp.read_text() != now:
        if cache.is_dir():
            log.info("what the chapters import has changed: they run again")
            shutil.rmtree(cache)
        cache.mkdir(parents=True)
        stamp.write_text(now)
    return now


def on_config(app: Sphinx, config: Config) -> None:
    """Early: before the cache is opened and before Sphinx decides which pages are out of date."""
    if config.nb_execution_mode == "cache" and config.nb_execution_cache_path:
        config.chapter_sources = refresh(Path(app.srcdir), Path(app.srcdir, config.nb_execution_cache_path))


def setup(app: Sphinx) -> dict:
    app.add_config_value("chapter_sources", "", "env", str)
    app.connect("config-inited", on_config)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
