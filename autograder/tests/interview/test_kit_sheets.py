"""The sheets of a kit: who reads what, and the files that `dropgrade kit` writes."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_bank import ROOT, record, write_course

from dropgrade.cli import main
from dropgrade.doctor import browser_path, install_line
from dropgrade.interview.kits import KitError, KitMaker, Wish, site_address
from dropgrade.interview.sheets import read_used

SHEETS = ["candidate", "interviewer", "key", "score"]


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course folder with the small bank."""
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def small(course) -> KitMaker:
    return KitMaker(course)


def test_the_sheets_tell_each_reader_what_is_theirs(small):
    """The candidate sees prompts; the interviewer what to hear and ask; the key what is right, and where."""
    kit = small.make(Wish("mid", 30, seed=7))
    sheets = small.sheets(kit, "../")
    assert list(sheets) == SHEETS
    for name in (place["id"] for place in kit["questions"]):
        assert f"Prompt of {name}:" in sheets["candidate"] and f"answer of {name}" not in sheets["candidate"]
        assert f"Title of {name}" not in sheets["candidate"]  # a title may say too much
        assert f"Short answer of {name}" in sheets["interviewer"]
        assert f"Full answer of {name}" in sheets["key"] and f"made_up.html#{name.lower()}" in sheets["key"]
        assert f"Title of {name}" in sheets["score"]
    for said in ("Guesses.", "Proves.", "a must", "If it is wrong", "And at "):
        assert said in sheets["interviewer"]
    for said in ("Put the same set", "Score alone", "not assessed", "accent", "no trick", "study aid"):
        assert said in sheets["score"]
    assert (
        'href="../book/02_forward.html#no-rescale"' in sheets["key"] and "Srivastava et al." in sheets["key"]
    )
    for sheet in sheets.values():
        assert small.hash in sheet and "Mid level, 30 minutes, for the interviewer, seed 7" in sheet
        assert "<angles>" not in sheet and "undefined" not in sheet


def test_a_follow_up_that_asks_a_record_puts_its_prompt(small):
    """With the answer to expect, so that the interviewer needs no second sheet."""
    asking = next(entry for entry in small.index if entry["asks"])
    (reply,) = [one for one in small.question(asking["id"])["followups"] if one["ask"]]
    assert f"Prompt of {asking['asks'][0]}" in reply["prompt"]
    assert f"Short answer of {asking['asks'][0]}" in reply["answer"]


def test_who_practises_alone_gets_no_interviewer_sheet(small):
    """But rubric points to tick on the score sheet."""
    sheets = small.sheets(small.make(Wish("junior", 15, "candidate")), "../")
    assert list(sheets) == ["candidate", "key", "score"] and "kit-ticks" in sheets["score"]


def test_markdown_holds_the_texts_as_they_were_written(small):
    """For whoever wants to edit a sheet; rows of tables stay in one line."""
    sheets = small.sheets(small.make(Wish("mid", 30, seed=7)), "../", "markdown")
    assert "$y = \\frac" in sheets["key"] and "- [ ] names $1-p$ (4, a must)" in sheets["interviewer"]
    assert r"| **mixed** | Knows \| half. |" in sheets["interviewer"]
    assert not re.search(r"</?(p|li|div|h\d)\b", "".join(sheets.values()))


def test_a_formula_that_cannot_be_read_names_its_record(tmp_path):
    """Before anything is printed."""
    maker = KitMaker(write_course(tmp_path, [record("Q07", prompt=r"What is $\fracx{1}$?")]))
    with pytest.raises(KitError, match=r"Q07: .*fracx"):
        maker.question("Q07")


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["kit", *map(str, words)])
    return done.exit_code, done.output


@pytest.mark.parametrize("kind", ["html", "md"])
def test_the_command_writes_the_same_bytes_each_time(course, tmp_path, kind):
    """Four sheets and the list of what was used; nothing depends on the run."""
    files = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        code, output = run("--course", course, "--seed", 7, "--format", kind, "--out", folder)
        assert code == 0, output
        files.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert files[0] == files[1]
    assert sorted(files[0]) == sorted([*(f"{name}.{kind}" for name in SHEETS), "used.json"])


def test_a_page_needs_no_other_file(course, tmp_path):
    """Style and fonts lie inside; its links lead to the published course."""
    run("--course", course, "--out", tmp_path)
    key = (tmp_path / "key.html").read_text("utf-8")
    assert not re.search(r"url\((?!data:)|<script|<link|src=", key)
    assert f'href="{site_address(ROOT)}book/02_forward.html#no-rescale"' in key


def test_used_json_keeps_the_next_kit_apart(course, tmp_path):
    """As the last line of the command says."""
    run("--course", course, "--out", tmp_path / "one")
    code, output = run("--course", course, "--out", tmp_path / "two", "--exclude", tmp_path / "one/used.json")
    assert code == 0, output
    one, two = (json.loads((tmp_path / name / "used.json").read_text()) for name in ("one", "two"))
    assert {*one} < {*two}


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "used.json that an earlier kit wrote"), ('{"a": 1}', "list of ids"), ("[1]", "list of ids")],
)
def test_a_file_that_is_no_list_of_ids_is_refused(tmp_path, text, said):
    """Broken JSON, another shape, numbers."""
    path = tmp_path / "used.json"
    path.write_text(text)
    with pytest.raises(KitError, match=said):
        read_used(path)


def test_mistakes_end_with_one_line_and_exit_code_two(course, tmp_path):
    """Unknown level, no bank, no such list."""
    for words, said in [
        (["--course", course, "--level", "lead"], "level must be"),
        (["--course", tmp_path], "give the course's folder with --course"),
        (["--course", course, "--exclude", tmp_path / "none.json"], "none.json"),
    ]:
        code, output = run(*words)
        assert code == 2 and said in output and "Traceback" not in output


@pytest.mark.browser
@pytest.mark.skipif(browser_path() is None, reason=f"no Chromium; {install_line('chromium')}")
def test_pdfs_are_tagged_and_the_same_each_time(course, tmp_path):
    """A screen reader finds headings and tables; the outline leads to the questions."""
    printed = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        code, output = run("--course", course, "--seed", 7, "--format", "pdf", "--out", folder)
        assert code == 0, output
        printed.append({path.name: path.read_bytes() for path in sorted(folder.glob("*.pdf"))})
    assert sorted(printed[0]) == [f"{name}.pdf" for name in SHEETS]
    for content in printed[0].values():
        assert content.startswith(b"%PDF-") and b"/Marked true" in content
        assert b"/StructTreeRoot" in content and b"/Outlines" in content and b"/Lang (en" in content
    assert printed[0] == printed[1]


def test_without_a_browser_a_pdf_is_refused_before_work_begins(course, monkeypatch, tmp_path):
    """And the message leads to the mend."""
    monkeypatch.setattr("dropgrade.doctor.browser_path", lambda: None)
    code, output = run("--course", course, "--format", "pdf", "--out", tmp_path / "kit")
    assert code == 2 and "dropgrade doctor" in output and not (tmp_path / "kit").exists()
