"""Snippets of several libraries: each is run, the page shows what it prints, in tabs that need no script."""

import re
import sys
import tomllib

import pytest
from conftest import ROOT
from site_build import built_site

from dropgrade.doctor import browser_path

sys.path[:0] = [str(ROOT / "book/_ext"), str(ROOT / "book/snippets")]
import run  # noqa: E402 (a script beside the snippets)
import snippet_tabs  # noqa: E402 (the site's extensions are files, not a package)

OPTIONAL = {"jax"}
"""Large, and needed by nothing else: whoever wants it installs the extra `frameworks`."""
PAGE = ROOT / "book/frameworks.md"
SNIPPETS = run.snippets()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_a_snippet_prints_what_the_page_shows(snippet):
    """Run in a process of its own; `python book/snippets/run.py --write NAME` renews the page."""
    gone = set(run.missing(snippet))
    if gone & OPTIONAL:
        pytest.skip(f"{snippet.name} needs jax, an extra: pip install -e './autograder[frameworks]'")
    assert not gone, f"{snippet.name} needs {', '.join(gone)}, which requirements.txt installs"
    mend = f"mend it: python book/snippets/run.py --write {snippet.stem}"
    differs = run.difference(snippet, run.printed(snippet))
    assert not differs, f"{mend}\n{differs}"


def test_each_snippet_is_shown_with_its_output():
    """No file that the page leaves out, no output without its program."""
    page = PAGE.read_text("utf-8")
    topics = re.findall(r"^```\{snippet-tabs\} (\S+)", page, re.M)
    shown = {path for topic in topics for path in snippet_tabs.tabs(ROOT, topic).values()}
    shown |= {f"book/{path}" for path in re.findall(r"\{include\} (\S+)\.out", page)}
    there = {path.relative_to(ROOT).with_suffix("").as_posix() for path in SNIPPETS}
    outputs = {path.relative_to(ROOT).with_suffix("").as_posix() for path in run.HERE.glob("*/*.out")}
    assert shown == there == outputs


def test_versions_on_the_page_are_the_pinned_ones():
    """The page, the extra and requirements.txt name the same; only JAX is in the extra alone."""
    extras = tomllib.loads((ROOT / "autograder/pyproject.toml").read_text())["project"]
    extra = dict(pin.split("==") for pin in extras["optional-dependencies"]["frameworks"])
    required = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.M))
    assert {name for name in extra if name not in required} == OPTIONAL | {"jaxlib"}
    assert all(required.get(name, version) == version for name, version in extra.items())
    page = PAGE.read_text("utf-8")
    for label, name in (("PyTorch", "torch"), ("Keras", "keras"), ("JAX", "jax"), ("ONNX", "onnx")):
        assert set(re.findall(rf"{label} (\d+\.\d+\.\d+)", page)) == {extra[name]}, label


def test_a_change_is_shown_line_by_line(tmp_path):
    """What the page has and what is printed now; nothing where they agree."""
    snippet = tmp_path / "sum.py"
    snippet.with_suffix(".out").write_text("one\ntwo\n")
    assert run.difference(snippet, "one\ntwo\n") == ""
    assert run.difference(snippet, "one\n2\n").splitlines()[-2:] == ["-two", "+2"]


def test_what_a_snippet_needs_is_read_off_its_imports(tmp_path):
    """Packages that are not there, at any depth, with and without `from`."""
    snippet = tmp_path / "lost.py"
    snippet.write_text("import os, nosuch_a.b\nfrom nosuch_c.d import e\ndef f():\n    import nosuch_g\n")
    assert run.missing(snippet) == ["nosuch_a", "nosuch_c", "nosuch_g"]


def test_a_snippet_that_fails_says_why(tmp_path):
    """The error is that of the program, not of the comparison."""
    snippet = tmp_path / "wrong.py"
    snippet.write_text("print('before')\nraise RuntimeError('no such layer')\n")
    with pytest.raises(run.SnippetFailed, match=r"wrong\.py does not run:(?s:.*)no such layer"):
        run.printed(snippet)


def test_the_command_compares_and_writes(tmp_path, monkeypatch, capsys):
    """It ends with 1 if something differs, writes when asked, and says what it left out."""
    monkeypatch.setattr(run, "HERE", tmp_path)
    folder = tmp_path / "topic"
    folder.mkdir()
    (folder / "one.py").write_text("print(1)\n")
    (folder / "two.py").write_text("import nosuch_a\n")
    assert run.main([]) == 1 and "+1" in capsys.readouterr().out
    assert run.main(["--write", "one"]) == 0 and (folder / "one.out").read_text() == "1\n"
    assert run.main([]) == 0
    said = capsys.readouterr().out
    assert (
        "one                as on the page" in said
        and "two                left out, there is no nosuch_a" in said
    )


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a_jax.py": "", "a_jax.out": ""}, "must be two files or more, found 1"),
        (
            {"a_jax.py": "", "a_jax.out": "", "a_lisp.py": "", "a_lisp.out": ""},
            "a_lisp.py must end in one of",
        ),
        ({"a_jax.py": "", "a_jax.out": "", "a_keras.py": ""}, "a_keras.py has no output; run: python"),
    ],
    ids=["one file", "unknown library", "never run"],
)
def test_a_topic_that_cannot_be_shown_stops_the_build(tmp_path, files, said):
    """The message names the file and what to do."""
    folder = tmp_path / "book/snippets/t"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.raises(ValueError, match=said):
        snippet_tabs.tabs(tmp_path, "t/a")


def test_tabs_stand_in_one_order():
    """PyTorch, Keras, JAX on each row of tabs, whatever the files' order is."""
    assert list(snippet_tabs.tabs(ROOT, "frameworks/modes")) == ["pytorch", "keras", "jax"]
    assert list(snippet_tabs.tabs(ROOT, "frameworks/export")) == ["program", "script", "onnx"]


@pytest.fixture(scope="module", params=[True, False], ids=["with JavaScript", "without"])
def page(request):
    """The page in a browser of a phone's width, from disk."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=flags)
        context = chromium.new_context(
            viewport={"width": 390, "height": 844}, java_script_enabled=request.param
        )
        page = context.new_page()
        page.goto((built_site() / "book/frameworks.html").as_uri())
        yield page
        chromium.close()


browser_test = pytest.mark.skipif(browser_path() is None, reason="no Chromium")


@pytest.mark.browser
@browser_test
def test_the_arrow_keys_change_the_library(page):
    """The first is open; an arrow opens the next, and what it printed is there."""
    tabs = page.locator(".sd-tab-set").first
    panels, buttons = tabs.locator(".sd-tab-content"), tabs.get_by_role("radio")
    assert [one.is_visible() for one in panels.all()] == [True, False, False]
    assert [label.inner_text() for label in tabs.locator("label").all()] == ["PyTorch", "Keras", "JAX"]
    buttons.first.focus()
    page.keyboard.press("ArrowRight")
    assert [one.is_visible() for one in panels.all()] == [False, True, False]
    assert buttons.nth(1).is_checked() and panels.nth(1).locator(".cell_output").is_visible()


@pytest.mark.browser
@browser_test
def test_on_paper_every_library_is_there(page):
    """Nothing hides behind a tab that cannot be pressed."""
    page.emulate_media(media="print")
    assert all(one.is_visible() for one in page.locator(".sd-tab-content").all())
    page.emulate_media(media="screen")
