"""Cards and the Anki deck: stable ids, maths Anki can set, and Anki's own library judges an import."""

import sqlite3
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_bank import ROOT, record, write_course

from dropgrade.cli import main
from dropgrade.interview.bank import load_bank
from dropgrade.interview.cards import KINDS, all_cards, cards_of
from dropgrade.interview.deck import DeckError, notes, write_deck
from dropgrade.interview.kits import KitMaker

SITE = "https://example.org/course/"


@pytest.fixture(scope="module")
def real() -> dict[str, dict]:
    """The course's own bank."""
    return load_bank(ROOT / "book/questions")


@pytest.fixture
def collection(tmp_path):
    """An empty Anki collection."""
    from anki.collection import Collection

    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


def take_in(collection, deck: Path):
    """Import a deck as Anki's menu does, with its usual settings."""
    from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest

    request = ImportAnkiPackageRequest(package_path=str(deck), options=ImportAnkiPackageOptions())
    return collection.import_anki_package(request).log


def note_fields(deck: Path, folder: Path) -> dict[str, str]:
    """guid -> fields of each note, as they lie in the file."""
    with zipfile.ZipFile(deck) as archive:
        archive.extract("collection.anki2", folder)
    with sqlite3.connect(folder / "collection.anki2") as base:
        found = dict(base.execute("select guid, flds from notes"))
    base.close()
    return found


def test_a_question_gives_a_card_and_one_for_each_wrong_answer():
    """Ids are the record's and its wrong answers' places; a question of code is marked."""
    cards = list(cards_of(record("Q16", "debug", ("mid", "senior"))))
    assert [card.id for card in cards] == ["Q16", "Q16-wrong-1", "Q16-wrong-2"]
    assert [card.kind for card in cards] == ["code", "wrong", "wrong"]
    assert {card.level for card in cards} == {"mid"} and [card.place for card in cards] == [-1, 0, 1]


def test_the_real_bank_gives_every_kind_and_no_id_twice(real):
    """A card for each record, and easier levels first."""
    cards = all_cards(real)
    ids = [card.id for card in cards]
    assert len(set(ids)) == len(ids) and set(real) <= set(ids)
    assert {card.kind for card in cards} == set(KINDS)
    levels = [card.level for card in cards]
    assert sorted(levels, key=("recruiter", "junior", "mid", "senior", "staff").index) == levels


def test_formulas_are_what_ankis_mathjax_reads():
    """Inline and displayed, macros written out, angle brackets harmless, and no dollar left."""
    made = record("Q01", prompt="Is $\\E[x] < 1$?\n\n$$\\Var(x)$$", title="No $p$ here")
    (first, *_) = notes({"Q01": made | {"topic": "made_up"}}, SITE)
    front = first.fields[2]
    assert r"\(\operatorname{E}[x] &lt; 1\)" in front and r"\[\operatorname{Var}(x)\]" in front
    assert first.fields[1] == r'No <span class="math-inline">\(p\)</span> here'
    assert "$" not in "".join(first.fields)


def test_no_formula_of_the_real_bank_is_lost(real):
    """Every dollar of a prompt or short answer has become a bracket, outside code."""
    for note in notes(real, SITE):
        assert note.fields[2] and note.fields[4], note.fields[0]
        assert "$$" not in "".join(note.fields), note.fields[0]


def test_links_lead_where_the_kits_lead(real):
    """A card and the key of a kit name the same place for a question, and the same exercise."""
    maker = KitMaker(ROOT)
    for note in list(notes(real, SITE))[::9]:
        asked = maker.question(note.fields[0].partition("-")[0], "markdown")
        assert f'href="{SITE}{asked["here"]}"' in note.fields[5]
        assert not asked["task"] or f'href="{SITE}{asked["task"]}"' in note.fields[5]


def test_anki_imports_the_deck_once(collection, real, tmp_path):
    """The second import of the same file adds and updates nothing, the first everything."""
    count = write_deck(ROOT, tmp_path / "dropout.apkg")
    first = take_in(collection, tmp_path / "dropout.apkg")
    assert (len(first.new), collection.note_count(), collection.card_count()) == (count, count, count)
    assert count == len(all_cards(real))
    again = take_in(collection, tmp_path / "dropout.apkg")
    assert (len(again.new), len(again.updated), collection.note_count()) == (0, 0, count)


def test_a_later_edition_changes_the_text_and_keeps_what_was_learnt(collection, tmp_path, monkeypatch):
    """The note stays the same note, its card keeps its days, the answer is the new one."""
    old, new = record("Q01"), record("Q01", model_answer={"short_20s": "Better said.", "full": "Long."})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    write_deck(write_course(tmp_path / "old", [old]), tmp_path / "old.apkg")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    write_deck(write_course(tmp_path / "new", [new]), tmp_path / "new.apkg")
    take_in(collection, tmp_path / "old.apkg")
    (card,) = collection.find_cards("Id:Q01")
    collection.sched.set_due_date([card], "7!")
    take_in(collection, tmp_path / "new.apkg")
    assert list(collection.find_cards("Id:Q01")) == [card] and collection.note_count() == 3
    assert collection.get_card(card).ivl == 7
    assert "Better said." in collection.get_card(card).note()["Answer"]


def test_anki_shows_front_and_back(collection, tmp_path):
    """A wrong answer is quoted on its own cards alone; no template field stays unfilled."""
    write_deck(write_course(tmp_path / "course", [record("Q01")]), tmp_path / "a.apkg")
    take_in(collection, tmp_path / "a.apkg")
    faces = {}
    for number in collection.find_cards(""):
        card = collection.get_card(number)
        faces[card.note()["Id"]] = (card.question(), card.answer())
    assert "Somebody answers" not in faces["Q01"][0] and "Short answer of Q01" in faces["Q01"][1]
    assert (
        "Somebody answers" in faces["Q01-wrong-1"][0] and "Only right at one half" in faces["Q01-wrong-1"][1]
    )
    assert "Only right" not in faces["Q01-wrong-1"][0]
    assert not any("{{" in face for pair in faces.values() for face in pair)


def test_the_same_questions_give_the_same_bytes(tmp_path, monkeypatch):
    """The file, whatever the time of day; and each note, whatever the edition."""
    course = write_course(tmp_path / "course", [record("Q01"), record("Q02", "coding")])
    for name, date in (("a", "1700000000"), ("b", "1700000000"), ("c", "1800000000")):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
        write_deck(course, tmp_path / f"{name}.apkg")
        (tmp_path / name).mkdir()
    assert (tmp_path / "a.apkg").read_bytes() == (tmp_path / "b.apkg").read_bytes()
    first, later = (note_fields(tmp_path / f"{name}.apkg", tmp_path / name) for name in "ac")
    assert first == later and len(first) == 6


def test_the_command_writes_a_levels_cards(tmp_path):
    """And says how many and where."""
    bank = [record("Q01", levels=("junior", "mid")), record("Q02", levels=("senior",))]
    course, out = write_course(tmp_path / "course", bank), tmp_path / "new" / "deck.apkg"
    done = CliRunner().invoke(
        main, ["cards", "--course", str(course), "--out", str(out), "--level", "senior"]
    )
    assert (done.exit_code, done.output) == (0, f"wrote 3 cards to {out}\n") and out.is_file()


@pytest.mark.parametrize(
    ("out", "levels", "said"),
    [("deck.txt", (), "must end in .apkg"), ("deck.apkg", ("boss",), "must be one of recruiter, junior")],
)
def test_a_wrong_argument_is_refused_with_what_would_do(tmp_path, out, levels, said):
    """Before anything is written."""
    with pytest.raises(DeckError, match=said):
        write_deck(ROOT, tmp_path / out, levels)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_questions_is_named(tmp_path):
    """Whoever stands in the wrong folder learns which option says so."""
    done = CliRunner().invoke(main, ["cards", "--course", str(tmp_path), "--out", str(tmp_path / "a.apkg")])
    assert done.exit_code == 2 and "give the course's folder with --course" in done.output
