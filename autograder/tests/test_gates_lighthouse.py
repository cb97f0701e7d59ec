"""Lighthouse, on the mobile preset: accessibility, best practices and SEO are 100 on pages of every kind."""

import functools
import http.server
import json
import os
import shutil
import threading
from pathlib import Path

import lighthouse_here
import pytest
from site_build import built_site
from test_site_browser import SUB_PATH, Quiet, host, pytestmark  # noqa: F401 (fixture, marks)

from dropgrade.doctor import browser_path

PAGES = (
    "book/index.html",
    "book/01_mask.html",
    "book/07_rate.html",
    "exercises/02_forward/02_forward.html",
    "book/interview/index.html",
    "book/interview/kit-mid-30.html",
    "book/interview/cards.html",
    "book/recruiter/plain_words.html",
)
"""The front page, a chapter with an exercise, one with results, a notebook, the index of questions, a kit,
the cards, a page for recruiters."""
CATEGORIES = ("accessibility", "best-practices", "seo")


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages."""
    return built_site()


@pytest.fixture(scope="module")
def lighthouse() -> Path:
    """Lighthouse's folder; without it this skips with the reason, and in the workflow it fails."""
    try:
        return lighthouse_here.fetch()
    except lighthouse_here.Missing as reason:
        tell = pytest.fail if os.environ.get(lighthouse_here.NEEDED) else pytest.skip
        tell(f"LIGHTHOUSE WAS NOT RUN: {reason}")


@pytest.mark.slow
def test_lighthouse_gives_full_marks(host, lighthouse):  # noqa: F811
    """100 each; whatever costs a point is named with its place."""
    outcomes = lighthouse_here.audit(lighthouse, browser_path(), [host + name for name in PAGES])
    assert [one["page"] for one in outcomes] == [host + name for name in PAGES]
    assert [one["error"] for one in outcomes if one["error"]] == []
    below = {
        one["page"].removeprefix(host): (one["scores"], one["lost"])
        for one in outcomes
        if any(one["scores"][category] != 100 for category in CATEGORIES)
    }
    assert below == {}


@pytest.mark.slow
def test_lighthouse_sees_a_bad_page(tmp_path, lighthouse):
    """No title, no language, no description, a picture without words: points are lost in two categories."""
    page = tmp_path / "bad.html"
    page.write_text("<!DOCTYPE html><html><body><img src='data:,'><p>text</p></body></html>", "utf-8")
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}{SUB_PATH}bad.html"
        [one] = lighthouse_here.audit(lighthouse, browser_path(), [address])
        server.shutdown()
    assert one["scores"]["accessibility"] < 100 and one["scores"]["seo"] < 100
    assert {"image-alt", "html-has-lang", "document-title"} <= {audit["id"] for audit in one["lost"]}


def test_every_package_is_pinned_by_its_hash():
    """The lock names version and SHA-512 of each, and no address, so that any registry can serve them."""
    lock = json.loads((lighthouse_here.SOURCE / "package-lock.json").read_text("utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert packages["node_modules/lighthouse"]["version"] == "12.8.2"
    assert all(one["integrity"].startswith("sha512-") and "resolved" not in one for one in packages.values())


def test_a_machine_without_npm_is_told_so(tmp_path, monkeypatch):
    """And nothing half fetched is taken for Lighthouse later."""
    monkeypatch.setenv("COURSE_LIGHTHOUSE", str(tmp_path / "here"))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(lighthouse_here.Missing, match="npm is not installed"):
        lighthouse_here.fetch()
    failing = tmp_path / "npm"
    failing.write_text("#!/bin/sh\necho 'no route to host' >&2\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(failing))
    for _ in range(2):
        with pytest.raises(lighthouse_here.Missing, match="no route to host"):
            lighthouse_here.fetch()
