"""Kits in a real browser: the page makes what the command line does; by keyboard, in dark, on paper."""

import re
from pathlib import Path

import pytest
from site_build import Page, built_site
from test_site_browser import PHONE, Visitor, browser, host, pytestmark  # noqa: F401 (fixtures and marks)

from dropgrade.interview.kits import KitMaker, Wish

PAGE = "book/interview/kits.html"
UP = "../../"
WISHES = [Wish("mid", 30, seed=7), Wish("junior", 15, "candidate", 123), Wish("senior", 45, seed=2**32 - 1)]
WISHES += [Wish("staff", 30, seed=0)]
DESK = {"width": 1280, "height": 900}
READY = [
    f"kit-{level}-{minutes}" for level in ("junior", "mid", "senior", "staff") for minutes in (15, 30, 45)
]


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages."""
    return built_site()


@pytest.fixture(scope="module")
def maker(site) -> KitMaker:
    """What the command line makes kits with, from the course that the site was built from."""
    return KitMaker(site.parents[1])


def ready(visitor: Visitor) -> str:
    """What the page announces once it has finished."""
    said = visitor.page.locator(".kit-said")
    said.filter(has_text=re.compile("The kit is ready|No kit|could not")).wait_for(timeout=30_000)
    return said.inner_text()


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: f"{wish.level}-{wish.minutes}-{wish.audience}")
def test_the_page_makes_what_the_command_line_makes(browser, host, maker, wish):  # noqa: F811
    """Node for node, and again for a kit without the questions of the first."""
    with Visitor(browser, host) as visitor:
        for exclude in ((), tuple(maker.make(wish)["used"])):
            wanted = Wish(wish.level, wish.minutes, wish.audience, wish.seed, exclude)
            address = f"level={wish.level}&minutes={wish.minutes}&audience={wish.audience}&seed={wish.seed}"
            visitor.page.goto("about:blank")
            visitor.open(f"{PAGE}#{address}&exclude={'+'.join(exclude)}")
            if "No kit" in (said := ready(visitor)):
                with pytest.raises(Exception, match=re.escape(said.removeprefix("No kit: ").rstrip("."))):
                    maker.make(wanted)
                continue
            sheets = "\n".join(maker.sheets(maker.make(wanted), UP).values())
            same = """sheets => {
                const wanted = document.createElement("div");
                wanted.className = "kit-place";
                wanted.innerHTML = sheets;
                const found = document.querySelector(".kit-place").cloneNode(true);
                for (const button of found.querySelectorAll(".kit-only")) button.remove();
                for (const box of found.querySelectorAll("[tabindex]")) box.removeAttribute("tabindex");
                return wanted.isEqualNode(found);
            }"""
            assert visitor.page.evaluate(same, sheets)
        assert visitor.seen.foreign == [] and visitor.seen.complaints == []


def test_a_kit_is_made_with_the_keyboard_alone_and_announced(browser, host):  # noqa: F811
    """Tab from field to field, Enter in one of them; the address then holds the wish."""
    with Visitor(browser, host) as visitor:
        visitor.open(PAGE)
        page = visitor.page
        before = visitor.seen.bytes
        page.get_by_label("Level").focus()
        page.keyboard.press("s")
        page.keyboard.press("Tab")
        page.keyboard.type("45")
        page.keyboard.press("Tab")
        page.keyboard.type("11")
        page.keyboard.press("Enter")
        assert re.fullmatch(
            r"The kit is ready below: \d+ questions, 4\d of 45 minutes planned, 4 sheets\.", ready(visitor)
        )
        assert page.locator(".kit-said").get_attribute("role") == "status"
        assert page.url.endswith("#level=senior&minutes=45&audience=interviewer&seed=11")
        assert visitor.seen.bytes - before < 250_000  # the chosen questions, not the bank
        page.get_by_role("button", name="Go to the first sheet").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.textContent") == "Candidate sheet"


def test_another_one_counts_the_seed_up_and_a_link_gives_the_same_sheets(browser, host):  # noqa: F811
    """Whoever gets the address sees what its sender saw."""
    with Visitor(browser, host) as visitor, Visitor(browser, host) as friend:
        visitor.open(PAGE)
        visitor.page.get_by_role("button", name="Another one").click()
        ready(visitor)
        assert visitor.page.get_by_label("Seed").input_value() == "2"
        friend.open(visitor.page.url.removeprefix(host))
        ready(friend)
        sheets = [one.page.locator(".kit-place").inner_html() for one in (visitor, friend)]
        assert sheets[0] == sheets[1] and "seed 2" in sheets[0]


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("Minutes", "3", "takes 3 minutes"),
        ("Minutes", "half an hour", "minutes must be a whole number from 1 to 120, got no number"),
        ("Seed", "", "seed must be a whole number"),
        ("Leave out these questions", "q16, nonsense", "does not know NONSENSE"),
    ],
)
def test_an_impossible_wish_is_refused_in_words(browser, host, field, text, said):  # noqa: F811
    """In the line that is announced, and no old sheet stays behind."""
    with Visitor(browser, host) as visitor:
        visitor.open(f"{PAGE}#level=mid&minutes=30&audience=interviewer&seed=1")
        ready(visitor)
        visitor.page.get_by_label(field).fill(text)
        visitor.page.get_by_role("button", name="Make the kit").click()
        visitor.page.locator(".kit-refused").wait_for()
        assert said in ready(visitor)
        assert visitor.page.locator(".kit-sheet").count() == 0


@pytest.mark.parametrize("name", [PAGE, "book/interview/mock.html"])
def test_on_a_phone_a_long_choice_hangs_beside_its_button(browser, host, name):  # noqa: F811
    """No line of its words begins below the button."""
    lines = """() => [...document.querySelectorAll("[type=radio], [type=checkbox]")].map(input => {
        const words = document.createRange(), button = input.getBoundingClientRect();
        words.selectNodeContents(input.parentElement.lastChild);
        const boxes = [...words.getClientRects()].filter(box => box.width);
        return [boxes.length, Math.min(...boxes.map(box => box.left)) - button.right];
    })"""
    with Visitor(browser, host, viewport=PHONE) as visitor:
        visitor.open(name)
        found = visitor.page.evaluate(lines)
        assert max(count for count, _ in found) > 1  # one of them is long
        assert all(gap >= 0 for _, gap in found), found


def test_a_part_of_the_bank_that_does_not_come_is_named(browser, host):  # noqa: F811
    """Offline, the page points at the ready-made kits; back online, the same button works."""
    with Visitor(browser, host) as visitor:
        visitor.open(PAGE)
        visitor.context.set_offline(True)
        visitor.page.get_by_role("button", name="Make the kit").click()
        assert "index could not be loaded" in ready(visitor)
        visitor.context.set_offline(False)
        visitor.page.get_by_role("button", name="Make the kit").click()
        visitor.page.locator(".kit-sheet").first.wait_for()


@pytest.mark.parametrize(("colours", "size"), [("light", DESK), ("dark", PHONE)])
@pytest.mark.parametrize(
    "name", [f"{PAGE}#level=mid&minutes=30&audience=interviewer&seed=1", "book/interview/kit-senior-45.html"]
)
def test_kits_pass_axe_and_fit_the_screen(browser, host, colours, size, name):  # noqa: F811
    """Form and sheets, light and dark, on a desk and on a phone."""
    from axe_playwright_python.sync_playwright import Axe

    with Visitor(browser, host, color_scheme=colours, viewport=size) as visitor:
        visitor.open(name)
        if "#" in name:
            ready(visitor)
        visitor.page.wait_for_timeout(200)
        outcome = Axe().run(visitor.page)
        assert outcome.violations_count == 0, outcome.generate_report()
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert visitor.seen.complaints == []


def test_one_sheet_prints_alone(browser, host):  # noqa: F811
    """The candidate must not find the key in the printer; afterwards the page is whole again."""
    with Visitor(browser, host) as visitor:
        visitor.open("book/interview/kit-mid-30.html")
        page = visitor.page
        page.evaluate("window.print = () => { window.printed = true }")
        page.get_by_role("button", name="Print the candidate sheet alone").click()
        page.emulate_media(media="print")
        shown = "[...document.querySelectorAll('.kit-sheet')].filter(s => s.checkVisibility()).map(s => s.id)"
        assert page.evaluate(shown) == ["kit-candidate"] and page.evaluate("window.printed")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(shown) == ["kit-candidate", "kit-interviewer", "kit-key", "kit-score"]


def test_without_scripts_the_ready_made_kits_are_there(browser, host):  # noqa: F811
    """All twelve, linked from the page; the form stays hidden, with the reason."""
    with Visitor(browser, host, java_script_enabled=False) as visitor:
        visitor.open(PAGE)
        assert not visitor.page.locator(".kit-form").is_visible()
        assert visitor.page.get_by_text("needs JavaScript").is_visible()
        links = [a.get_attribute("href") for a in visitor.page.locator(".kit-ready a").all()]
        assert [Path(link).stem for link in links] == READY
        visitor.page.locator(".kit-ready a").first.click()
        visitor.page.wait_for_url(f"**/{READY[0]}.html", wait_until="load")
        assert visitor.page.locator(".kit-sheet").count() == 4
        assert visitor.page.locator("#kit-candidate").is_visible()


def test_every_address_that_a_key_can_hold_leads_somewhere(site, maker):
    """Evidence, the question's own place and the exercise to practise, for each record of the bank."""
    ids: dict[str, set[str]] = {}
    lost = []
    for entry in maker.index:
        question = maker.question(entry["id"], "markdown")
        for address in (question["here"], question["task"], *(one["at"] for one in question["evidence"])):
            name, _, anchor = address.partition("#")
            if name and name not in ids:
                ids[name] = Page(site / name).ids if (site / name).is_file() else set()
            if name and (not ids[name] or (anchor and anchor not in ids[name])):
                lost.append((entry["id"], address))
    assert lost == []
