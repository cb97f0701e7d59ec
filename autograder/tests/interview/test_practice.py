"""The pure half of cards and mock interviews, in V8: what is kept, what comes next, how one scores."""

import json

import pytest
from py_mini_racer import JSEvalException, MiniRacer
from small_bank import ROOT

STATIC = ROOT / "book/_static"
SCRIPTS = (
    "vendor/ts-fsrs/ts-fsrs.js",
    "practice/store.js",
    "practice/cards_core.js",
    "practice/mock_core.js",
)
NOON = "new Date(2026, 10, 21, 12)"
LEARN = """
    const p = dropoutPractice, fsrs = p.scheduler(false);
    const deck = [1, 2, 3, 4, 5].map(n =>
        ({id: `Q0${n}`, kind: n > 3 ? "wrong" : "answer", level: n > 2 ? "mid" : "junior"}));
    const all = {levels: ["junior", "mid"], kinds: ["answer", "wrong"], perDay: 20};
    const after = (minutes) => new Date(2026, 10, 21, 12, minutes);
"""
FORMAT = {"format": "dropout-proven/practice", "version": 1}
NOTHING = FORMAT | {"cards": {}, "mocks": [], "quizzes": {}}
QUIZ = {"at": "2026-11-21T12:00:00.000Z", "tries": 2, "solved": False}
ANSWER = {"id": "Q16", "assessed": True, "points": 6, "bar": 7, "reached": False, "sure": 0.9}
MOCK = {"at": "2026-11-21T12:00:00.000Z", "level": "mid", "minutes": 30, "seed": 1, "questions": [ANSWER]}


@pytest.fixture(scope="module")
def v8():
    """V8 with the practice scripts, and a browser's storage in a few lines."""
    js = MiniRacer()
    for name in SCRIPTS:
        js.eval((STATIC / name).read_text("utf-8"))
    js.eval("""class Box {
        constructor(full = false) { this.all = new Map(); this.full = full; }
        getItem(name) { return this.all.get(name) ?? null; }
        setItem(name, text) {
            if (this.full && text.length > 9) throw new Error("full");
            this.all.set(name, text);
        }
        removeItem(name) { this.all.delete(name); }
    }""")
    yield js
    js.close()


@pytest.fixture
def run(v8):
    """What a piece of JavaScript returns, as Python data."""

    def run(code: str, **given: object):
        names = "".join(f"const {name} = {json.dumps(value)};" for name, value in given.items())
        return json.loads(v8.eval(f"JSON.stringify((() => {{ {names} {LEARN} {code} }})() ?? null)"))

    return run


def learnt(run, rating: int = 3) -> dict:
    """A card graded once."""
    return run(f"return p.grade(undefined, {rating}, {NOON}, fsrs)")


def test_new_cards_come_in_order_and_so_many_a_day(run):
    """A graded card counts towards its first day alone."""
    assert run(f"return p.plan(deck, p.empty(), {{...all, perDay: 2}}, {NOON}).fresh.map(c => c.id)") == [
        "Q01",
        "Q02",
    ]
    kept = {"cards": {"Q01": learnt(run, 4)}}
    code = (
        "return [1, 60 * 24].map(m => p.plan(deck, kept, {...all, perDay: 2}, after(m)).fresh.map(c => c.id))"
    )
    assert run(code, kept=kept) == [["Q02"], ["Q02", "Q03"]]


def test_what_is_due_comes_before_what_is_new_and_what_waits_comes_last(run):
    """The longest overdue first; a card in its first steps at the end, if nothing else is left."""
    code = """
        const Q02 = p.grade(undefined, 4, after(0), fsrs), Q01 = p.grade(undefined, 1, after(1), fsrs);
        const none = {...all, perDay: 0};
        const asked = (cards, choice, minute) =>
            p.pick(p.plan(deck, {cards}, choice, after(minute)))?.id ?? null;
        const both = {Q01, Q02};
        return [asked(both, all, 1), asked(both, none, 1), asked(both, all, 3), asked({Q02}, none, 9)]"""
    assert run(code) == ["Q03", "Q01", "Q01", None]


def test_only_the_chosen_levels_and_kinds_are_asked(run):
    """By both filters at once; counts follow."""
    found = run(f"return p.plan(deck, p.empty(), {{...all, levels: ['mid'], kinds: ['wrong']}}, {NOON})")
    assert [card["id"] for card in found["fresh"]] == ["Q04", "Q05"] and found["all"] == 2


def test_a_better_grade_waits_longer_and_says_so_beforehand(run):
    """The words on the four buttons are what then happens."""
    days = run(f"return [1, 2, 3, 4].map(g => new Date(p.grade(undefined, g, {NOON}, fsrs).due) - {NOON})")
    assert days == sorted(days) and len(set(days)) == 4
    said = run(f"return p.preview(undefined, {NOON}, fsrs)")
    assert said[:3] == ["1 minute", "6 minutes", "10 minutes"] and said[3].endswith(" days")


def test_intervals_grow_with_each_success_and_shrink_with_a_lapse(run):
    """As spaced repetition has it: five times good, then again."""
    code = """
        let card, now = after(0); const days = [];
        for (const grade of [3, 3, 3, 3, 3, 1]) {
            card = p.grade(card, grade, now, fsrs);
            const due = new Date(card.due);
            days.push((due - now) / 864e5);
            now = due;
        }
        return [days, card.lapses, card.reps]"""
    days, lapses, reps = run(code)
    assert days[:5] == sorted(days[:5]) and days[4] > 7 and days[5] < 0.1 and (lapses, reps) == (1, 6)


def test_a_grade_is_one_of_four(run):
    """Anything else is refused, not taken for a lapse."""
    with pytest.raises(JSEvalException, match="a grade must be 1, 2, 3 or 4, got 5"):
        run(f"p.grade(undefined, 5, {NOON}, fsrs)")


def test_time_is_said_as_people_say_it(run):
    """Minutes, hours, days, months, years; one is singular."""
    minutes = [0.2, 1, 59, 60, 600, 1440, 4320, 100 * 1440, 800 * 1440]
    words = [
        "1 minute",
        "1 minute",
        "59 minutes",
        "1 hour",
        "10 hours",
        "1 day",
        "3 days",
        "3 months",
        "2 years",
    ]
    assert run("return minutes.map(m => p.inWords(m * 60000))", minutes=minutes) == words


def test_an_export_comes_back_as_it_was(run):
    """Cards, mock interviews and quizzes; what else a file holds is left behind."""
    state = NOTHING | {"cards": {"Q16-wrong-2": learnt(run)}, "mocks": [MOCK], "quizzes": {"02a": QUIZ}}
    assert run("return p.read(p.write(state))", state=state) == state
    junk = state | {"more": 1, "mocks": [MOCK | {"more": 1}]}
    assert run("return p.read(JSON.stringify(junk))", junk=junk) == state


def test_an_export_from_before_the_quizzes_still_comes_in(run):
    """It has cards and mock interviews alone; to the quizzes kept here it adds nothing and takes nothing."""
    old = FORMAT | {"cards": {}, "mocks": [MOCK]}
    read = run("return p.read(JSON.stringify(old))", old=old)
    assert read == old | {"quizzes": {}}
    kept = NOTHING | {"quizzes": {"02a": QUIZ}}
    assert run("return p.merge(kept, read)", kept=kept, read=read)["quizzes"] == {"02a": QUIZ}


def test_a_quiz_question_stays_solved(run):
    """Whichever side solved it, and else the later attempt counts."""
    later, solved = QUIZ | {"at": "2026-12-01T00:00:00.000Z"}, QUIZ | {"solved": True}
    one = NOTHING | {"quizzes": {"02a": solved, "02b": QUIZ, "02c": QUIZ}}
    other = NOTHING | {"quizzes": {"02a": later, "02b": later, "02d": solved}}
    merged = run("return p.merge(one, other)", one=one, other=other)
    assert merged == run("return p.merge(other, one)", one=one, other=other)
    assert merged["quizzes"] == {"02a": solved, "02b": later, "02c": QUIZ, "02d": solved}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("'no json'", "this is not JSON"),
        ("'[]'", "the file's format must be"),
        ("file({version: 2})", "the file's version must be 1"),
        ("file({cards: []})", "cards must be an object"),
        ("file({cards: {__proto__x: {}}})", "a card's id must be one such as Q16"),
        ("file({cards: {Q16: {...card, due: 'soon'}}})", "card Q16: due must be a date such as"),
        ("file({cards: {Q16: {...card, stability: -1}}})", "card Q16: stability must be a number from 0"),
        ("file({cards: {Q16: {...card, reps: 1.5}}})", "card Q16: reps must be a whole number from 0"),
        ("file({cards: {Q16: {...card, state: 4}}})", "card Q16: state must be 0, 1, 2 or 3"),
        ("file({mocks: [{}]})", "mock interview 1: level must be junior, mid"),
        ("file({mocks: [{...mock, questions: []}]})", "mock interview 1: questions must be a list"),
        ("file({mocks: [mock, {...mock, at: 7}]})", "mock interview 2: at must be a date"),
        (
            "file({mocks: [{...mock, questions: [{...mock.questions[0], sure: 2}]}]})",
            "question 1: sure must be",
        ),
        ("file({quizzes: []})", "quizzes must be an object"),
        ("file({quizzes: {Q16: quiz}})", "a quiz question's id must be one such as 02a"),
        ("file({quizzes: {'02a': 1}})", "quiz question 02a must be an object, got 1"),
        ("file({quizzes: {'02a': {...quiz, tries: 0}}})", "02a: tries must be a whole number from 1"),
        ("file({quizzes: {'02a': {...quiz, solved: 'yes'}}})", "02a: solved must be true or false"),
        ("file({quizzes: {'02a': {...quiz, at: 'now'}}})", "02a: at must be a date"),
    ],
)
def test_a_broken_file_is_refused_with_the_place_and_the_rule(run, change, said):
    """Nothing of it is taken in."""
    with pytest.raises(JSEvalException, match=said.replace("'", ".")):
        run(
            f"const file = (more) => JSON.stringify({{...base, ...more}}); return p.read({change})",
            base=FORMAT | {"cards": {}, "mocks": []},
            card=learnt(run),
            mock=MOCK,
            quiz=QUIZ,
        )


def test_an_import_keeps_the_later_review_and_each_interview_once(run):
    """Whichever side it stands on, so two devices can be brought together."""
    early, late = learnt(run), learnt(run) | {"last_review": "2026-12-01T00:00:00.000Z", "reps": 2}
    one = NOTHING | {"cards": {"Q01": early, "Q02": late}, "mocks": [MOCK]}
    other = NOTHING | {"cards": {"Q01": late, "Q02": early, "Q03": early}, "mocks": [MOCK]}
    merged = run("return p.merge(one, other)", one=one, other=other)
    assert merged == run("return p.merge(other, one)", one=one, other=other)
    assert merged["cards"] == {"Q01": late, "Q02": late, "Q03": early} and merged["mocks"] == [MOCK]


def test_progress_survives_where_storage_works(run):
    """A second visit finds it, and nothing needs to be said."""
    code = """
        const box = new Box(), shelf = p.shelf(() => box);
        shelf.change(state => { state.mocks.push(mock); });
        const again = p.shelf(() => box);
        const found = [again.load().mocks, again.notice()];
        again.clear();
        return [...found, p.shelf(() => box).load().mocks]"""
    assert run(code, mock=MOCK) == [[MOCK], "", []]


@pytest.mark.parametrize("storage", ["() => { throw new Error('denied'); }", "() => new Box(true)"])
def test_without_storage_the_visit_still_works_and_says_so(run, storage):
    """Refused from the start, or full in the middle."""
    code = f"""
        const shelf = p.shelf({storage});
        shelf.change(state => {{ state.mocks.push(mock); }});
        shelf.change(state => {{ state.mocks.push(mock); }});
        return [shelf.load().mocks.length, shelf.notice()]"""
    count, notice = run(code, mock=MOCK)
    assert count == 2 and "lasts until you leave it. Export it" in notice


def test_what_cannot_be_read_is_put_aside_not_lost(run):
    """The reader learns why and begins anew."""
    code = """
        const box = new Box(); box.setItem("dropout-proven/practice", "{broken");
        const shelf = p.shelf(() => box), state = shelf.load();
        return [state.mocks, shelf.notice(), box.getItem("dropout-proven/practice/unreadable")]"""
    mocks, notice, aside = run(code)
    assert mocks == [] and aside == "{broken" and "put aside" in notice


def test_a_missed_must_keeps_an_answer_below_the_bar(run):
    """Whatever the sum, as on the score sheet of a kit."""
    rubric = [{"pts": 4, "must": True}, {"pts": 3, "must": False}, {"pts": 3, "must": False}]
    ticks = [[True, True, False], [False, True, True], [True, False, False], [False, False, False]]
    code = """
        const scores = ticks.map(t => p.score(rubric, t, 6));
        return scores.map(s => [s.points, s.musts, s.reached, p.branch(s)])"""
    assert run(code, rubric=rubric, ticks=ticks) == [
        [7, 0, True, "correct"],
        [6, 1, False, "partial"],
        [4, 0, False, "partial"],
        [0, 1, False, "wrong"],
    ]


def interview(*answers: tuple[str, int, bool, float]) -> list[dict]:
    """One mock interview with these (id, points, reached, sure)."""
    names = ("id", "points", "reached", "sure")
    return [
        MOCK
        | {"questions": [ANSWER | dict(zip(names, one, strict=True)) for one in answers]}
        | {"at": f"2026-11-2{len(answers)}T12:00:00.000Z"}
    ]


def test_calibration_is_the_brier_score_of_reaching_the_bar(run):
    """By hand: (0.1^2 + 0.9^2) / 2; questions that were not assessed do not count."""
    mocks = interview(("Q01", 8, True, 0.9), ("Q02", 2, False, 0.9))
    mocks[0]["questions"].append({"id": "Q03", "assessed": False})
    found = run("return p.calibration(mocks)", mocks=mocks)
    assert found["brier"] == pytest.approx(0.41) and found["count"] == 2
    assert (found["sure"], found["reached"]) == pytest.approx((0.9, 0.5))
    assert run("return p.calibration([])") is None


@pytest.mark.parametrize(
    ("count", "hits", "sure", "said"),
    [
        (4, 0, 0.9, "too few to say more"),
        (10, 5, 0.5, "you know well what you know"),
        (10, 5, 0.9, "surer than right"),
        (10, 9, 0.5, "knew more than you thought"),
    ],
)
def test_calibration_is_said_in_words(run, count, hits, sure, said):
    """From five questions on; the Brier score with its scale always."""
    mocks = interview(*((f"Q{at:02}", 5, at < hits, sure) for at in range(count)))
    text = run("return p.calibrationInWords(mocks)", mocks=mocks)
    assert said in text and "Brier score" in text and "0.25" in text


@pytest.fixture(scope="module")
def index() -> dict:
    """Three skills and five questions, as the practice index holds them."""
    skills = {"Q01": ["a"], "Q02": ["a", "b"], "Q03": ["b"], "Q04": ["c"], "Q05": ["a"]}
    records = {
        name: {"title": name, "level": "mid", "levels": ["mid"], "skills": of, "here": f"{name}.html"}
        for name, of in skills.items()
    }
    asked = {skill: [name for name, of in skills.items() if skill in of] for skill in "abc"}
    study = {
        skill: {
            "label": skill.upper(),
            "chapters": [{"title": f"On {skill}", "at": f"{skill}.html"}],
            "exercises": [],
            "questions": ids,
        }
        for skill, ids in asked.items()
    }
    return {"records": records, "skills": study}


def test_mastery_is_the_share_of_points_by_skill(run, index):
    """A question counts for each of its skills; the weakest first."""
    mocks = interview(("Q01", 4, False, 0.5), ("Q02", 8, True, 0.5), ("Q99", 1, False, 0.5))
    found = run("return p.mastery(mocks, index.records)", mocks=mocks, index=index)
    assert found == [
        {"skill": "a", "count": 2, "share": pytest.approx(0.6)},
        {"skill": "b", "count": 1, "share": 0.8},
    ]


def test_what_to_study_next_is_what_was_missed_then_what_was_never_asked(run, index):
    """A missed question is asked again; a skill whose answers reached the bar is left alone."""
    mocks = interview(("Q01", 4, False, 0.5), ("Q03", 9, True, 0.5))
    code = "return p.nextThree(mocks, 'mid', index.records, index.skills)"
    found = run(code, mocks=mocks, index=index)
    assert [(one["skill"], one["question"]["title"]) for one in found] == [("a", "Q01"), ("c", "Q04")]
    assert found[0]["why"] == "40 % of the points in 1 question" and found[1]["why"] == "not asked yet"
    assert found[0]["chapter"]["at"] == "a.html"
    first = run(code, mocks=[], index=index)
    assert [one["skill"] for one in first] == ["a", "b", "c"]
    assert len({one["question"]["at"] for one in first}) == 3
    repeated = mocks + interview(("Q01", 10, True, 0.9), ("Q03", 9, True, 0.5), ("Q04", 9, True, 0.5))
    assert run(code, mocks=repeated, index=index) == []


def test_the_clock_runs_only_while_it_may(run):
    """A pause costs nothing, pressing twice costs nothing, and overtime is shown with a minus."""
    code = """
        const clock = p.countdown(60000); const seen = [clock.left(5)];
        clock.go(1000); clock.go(2000); seen.push(clock.left(11000)); clock.stop(21000); clock.stop(30000);
        seen.push(clock.left(99000)); clock.go(100000); seen.push(clock.left(145000));
        return [...seen, clock.running()]"""
    assert run(code) == [60000, 50000, 40000, -5000, True]
    assert run("return [65000, 59001, 900, 0, -400, -5000].map(p.clockFace)") == [
        "1:05",
        "1:00",
        "0:01",
        "0:00",
        "0:00",
        "−0:05",
    ]


def test_the_clock_speaks_at_half_time_at_the_last_minute_and_at_the_end(run):
    """Once each, also when a slow page jumps over the mark."""
    code = "return pairs.map(([a, b]) => p.announcement(a * 1000, b * 1000, 600000))"
    pairs = [[301, 300], [300, 299], [61, 60], [62, 30], [0.5, 0], [0, -1], [500, 499]]
    last = "One minute is left."
    assert run(code, pairs=pairs) == [
        "Half of the time is left.",
        "",
        last,
        last,
        "The time is up. Finish at your own pace.",
        "",
        "",
    ]
