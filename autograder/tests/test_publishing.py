"""Leaving this machine: the PDF, the zip, the folder for a host, and the workflows that make them."""

import re
import zipfile
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from site_build import Page

from dropgrade.cli import main
from dropgrade.doctor import browser_path
from dropgrade.publish import PublishError, make
from dropgrade.publish.host import AddressError, address, for_host
from dropgrade.publish.printed import join

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
BASE = "https://example.org/course/"
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="description" content="What this is."><link rel="stylesheet" href="{up}_static/plain.css">
</head><body><header><a class="brand" href="{up}book/index.html">Course</a></header>
<main><article><section id="top"><h1>{title}<a class="headerlink" href="#top">#</a></h1>
{text}</section></article></main>
<footer><!-- downloads --></footer></body></html>
"""
TEXTS = {
    "book/index": "<p>Welcome.</p>",
    "book/01_one": '<p id="here"><a href="02_two.html#top">on</a> <a href="#here">here</a>'
    '<a href="proof.html">proof</a> <a href="https://example.com">out</a><button>Try</button></p>'
    '<svg><defs><path id="tick"/></defs><use xlink:href="#tick"/></svg><img src="../_images/a.svg" alt="a">',
    "book/02_two": '<p id="here"><a href="01_one.html">back</a></p>',
    "book/proof": "<p>Proof.</p>",
    "index": "<p>On.</p>",
    "404": '<p><a href="book/index.html">Home</a> <a href="#top">up</a></p>',
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course whose site is six small pages."""
    site = tmp_path / "_build/html"
    for name, text in TEXTS.items():
        path = site / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PAGE.format(title=name.split("/")[-1], up="../" * name.count("/"), text=text))
    for name in ("_static/plain.css", "_images/a.svg", "searchindex.js", ".buildinfo"):
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text("<svg/>" if name.endswith("svg") else "")
    return tmp_path


def test_the_zip_holds_the_site_and_depends_on_nothing_else(course, tmp_path):
    """Twice the same bytes; every page is in it, below one folder."""
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    for archive in (first, second):
        make(course, None, archive=archive)
    assert first.read_bytes() == second.read_bytes()
    names = zipfile.ZipFile(first).namelist()
    assert {f"dropout-proven/{name}.html" for name in TEXTS} <= set(names)
    assert not any(name.endswith(".buildinfo") for name in names)


def test_links_between_chapters_stay_inside_the_book(course):
    """Equal names in two chapters stay apart; a page outside is on the published site, or plain text."""
    site = course / "_build/html"
    printed = join(site, BASE)
    assert (
        'href="#02_two--top"' in printed and 'href="#01_one--here"' in printed and 'href="#01_one"' in printed
    )
    assert f'href="{BASE}book/proof.html"' in printed and 'href="https://example.com"' in printed
    assert "proof.html" not in join(site) and "proof" in join(site)
    ids = re.findall(r'\bid="([^"]+)"', printed)
    assert len(ids) == len(set(ids)) and {"01_one--here", "02_two--here"} <= set(ids)


def test_the_book_keeps_its_pictures_and_drops_what_a_screen_needs(course):
    """A picture is found from anywhere, the parts of an inline one still find one another, buttons go."""
    printed = join(course / "_build/html")
    assert (course / "_build/html/_images/a.svg").resolve().as_uri() in printed
    assert 'id="tick"' in printed and 'xlink:href="#tick"' in printed
    assert "<button" not in printed and "headerlink" not in printed


@pytest.mark.browser
@pytest.mark.skipif(browser_path() is None, reason="no Chromium")
def test_the_book_is_one_tagged_pdf_with_an_outline(course, tmp_path):
    """Language, tags, outline; nothing in it depends on the day."""
    pdf = tmp_path / "book.pdf"
    assert make(course, browser_path(), pdf=pdf) == [f"wrote 2 chapters to {pdf}"]
    content = pdf.read_bytes()
    assert b"/Marked true" in content and b"/StructTreeRoot" in content and b"/Outlines" in content
    assert b"/Lang (en" in content and set(re.findall(rb"D:(\d{4})", content)) == {b"2000"}


def test_a_host_gets_a_map_of_what_is_worth_finding(course):
    """Each page says where it stands; the map lists neither redirects nor the page for lost readers."""
    site = course / "_build/html"
    assert for_host(site, BASE, ["book.pdf"]) == len(TEXTS)
    listed = re.findall("<loc>(.*)</loc>", (site / "sitemap.xml").read_text())
    assert listed == [f"{BASE}{name}.html" for name in sorted(TEXTS) if name.startswith("book/")]
    assert f"Sitemap: {BASE}sitemap.xml" in (site / "robots.txt").read_text()
    page = (site / "book/01_one.html").read_text()
    assert f'rel="canonical" href="{BASE}book/01_one.html"' in page and f"{BASE}_static/card.png" in page
    assert 'href="../book.pdf"' in page and "<!-- downloads -->" not in page


def test_the_page_for_lost_readers_works_at_any_address(course):
    """The host shows it in place of a page of any depth, so its addresses begin at the course's path."""
    site = course / "_build/html"
    for_host(site, BASE, [])
    page = Page(site / "404.html")
    addresses = [a[key] for _, a in page.elements for key in ("href", "src") if key in a]
    assert all(one.startswith(("/course/", "#")) for one in addresses)
    inside = [one.removeprefix("/course/") for one in addresses if one.startswith("/")]
    assert inside and all((site / one).is_file() for one in inside)


def test_without_an_address_every_path_stays_relative(course):
    """No map, no previews, nothing that would be wrong elsewhere."""
    site = course / "_build/html"
    for_host(site, None, [])
    assert not (site / "sitemap.xml").exists() and not (site / "robots.txt").exists()
    assert all("canonical" not in path.read_text() for path in site.rglob("*.html"))


@pytest.mark.parametrize("wrong", ["example.org", "ftp://example.org", "https://", "https://a.org/?q=1"])
def test_an_address_that_is_none_is_refused(wrong):
    """The message shows what one looks like."""
    with pytest.raises(AddressError, match=r"such as https://example\.org/course/"):
        address(wrong)


def test_a_folder_with_other_things_is_not_emptied(course, tmp_path):
    """--host empties its folder first, so it takes only a new one or one of its own."""
    precious = tmp_path / "home"
    precious.mkdir()
    (precious / "letter.txt").touch()
    for folder in (precious, course / "_build/html", course):
        with pytest.raises(PublishError, match="a folder of its own"):
            make(course, "chromium", host=folder)
    assert (precious / "letter.txt").exists() and (course / "_build/html/404.html").exists()


@pytest.mark.parametrize(
    ("words", "said"), [([], "say what to make"), (["--zip", "a.zip"], "`make site` builds it")]
)
def test_what_is_missing_is_said_in_one_line(tmp_path, words, said):
    """Exit code 2, no traceback."""
    done = CliRunner().invoke(main, ["book", "--course", str(tmp_path), *words])
    assert done.exit_code == 2 and said in done.output and len(done.output.splitlines()) == 1


def steps(workflow: Path) -> list[dict]:
    """All steps of all jobs."""
    jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_to_a_commit(workflow):
    """A tag can be moved; the version stands beside the commit for people."""
    lines = re.findall(r"uses: (.*)", workflow.read_text("utf-8"))
    assert lines
    for line in lines:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_command_of_a_workflow_is_one_that_people_are_told(workflow):
    """A script of the repository, a target of the Makefile, or a line of README or CONTRIBUTING."""
    targets = set(re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.M))
    told = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    for step in steps(workflow):
        for command in step.get("run", "").splitlines():
            first, *rest = command.split()
            if first == "sudo":
                assert re.fullmatch(
                    r"sudo apt-get update -qq && sudo apt-get install -y -qq [\w -]+", command
                )
            elif first == "make":
                assert set(rest) <= targets, command
            elif first == "bash":
                assert (ROOT / rest[0]).is_file(), command
            else:
                assert command in told, command


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_may_do_no_more_than_they_need(workflow):
    """Reading is the default, a time limit ends what hangs, and only the job that publishes may write."""
    document = yaml.safe_load(workflow.read_text("utf-8"))
    assert document["permissions"] == {"contents": "read"}
    for name, job in document["jobs"].items():
        assert job["timeout-minutes"] <= 60
        assert "permissions" not in job or (workflow.stem, name) == ("publish", "deploy")


def test_only_what_was_checked_is_published():
    """The same job runs the whole check first, and the folder uploaded is the one it then makes."""
    done = [
        step.get("run") or step["uses"].split("@")[0]
        for step in steps(ROOT / ".github/workflows/publish.yml")
    ]
    check, book = done.index("bash .ci/run"), done.index(".venv/bin/dropgrade book --host _build/public")
    assert check < book < done.index("actions/upload-pages-artifact") < done.index("actions/deploy-pages")


def test_each_change_can_be_looked_at():
    """The check of a change keeps its site for reviewers, also when something is red."""
    kept = [
        step
        for step in steps(ROOT / ".github/workflows/check.yml")
        if "upload-artifact" in step.get("uses", "")
    ]
    assert [(step["if"], step["with"]["path"]) for step in kept] == [("always()", "_build/html")]


def test_foreign_links_are_followed_on_a_schedule():
    """Not at each change: a page that is down for an hour must not stop anybody's work."""
    on = yaml.safe_load((ROOT / ".github/workflows/links.yml").read_text("utf-8"))[True]
    assert on["schedule"] and "push" not in on
