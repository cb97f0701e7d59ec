"""A kit as files: one page, Markdown text or tagged PDF for each sheet, and the list of what it used up.

A page holds its style and fonts, so that it can be sent to a colleague as it is. Nothing in a file depends
on the day; only the dates that Chromium writes into a PDF would, and those are set to a fixed one.
"""

import base64
import json
import re
from html import escape
from pathlib import Path

from dropgrade.interview.kits import KitError, KitMaker, Wish, site_address

STYLES = ("css/base.css", "css/content.css", "kit/kit.css")
SUFFIX = {"html": ".html", "md": ".md", "pdf": ".pdf"}
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: {name}</title>
<style>{style}</style></head>
<body class="kit-paper"><main>
<h1>{title}</h1>
{sheet}
</main></body></html>
"""
FOOTER = """<div style="width: 100%; padding: 0 16mm; font: 7pt sans-serif; color: #555; display: flex">
<span style="flex: 1">{foot}</span>
<span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>"""
NO_DATE = b"D:20000101000000+00'00'"


def write_kit(
    course: Path, wish: Wish, kind: str = "html", out: Path | None = None, browser: str | None = None
) -> list[str]:
    """Make a kit, write its sheets, and say where they are.

    Args:
        course: the course's folder.
        wish: what the kit should be.
        kind: "html", "md" or "pdf".
        out: folder for the files; default: one named after the wish, here.
        browser: Chromium, which prints the PDFs.

    Returns:
        One line on the plan, and one for each file.

    Raises:
        KitError: no such kit can be made, or there is no browser to print with.
    """
    if kind == "pdf" and browser is None:
        raise KitError(
            "a PDF is printed by Chromium, which is missing; `dropgrade doctor` says how to get it"
        )
    maker = KitMaker(course)
    kit = maker.make(wish)
    texts = maker.sheets(kit, site_address(course), "markdown" if kind == "md" else "html")
    files = {name: text.encode() for name, text in texts.items()}
    if kind != "md":
        style = _style(maker.book / "_static")
        files = {name: page(kit, name, text, style).encode() for name, text in texts.items()}
    if kind == "pdf":
        files = print_pages(files, f"{_title(kit)}, seed {kit['seed']}, bank {maker.hash[:16]}", browser)
    folder = out or Path(f"kit-{wish.level}-{wish.minutes}-{wish.audience}-{wish.seed}")
    folder.mkdir(parents=True, exist_ok=True)
    written = [(folder / name).with_suffix(SUFFIX[kind]) for name in files]
    for path, content in zip(written, files.values(), strict=True):
        path.write_bytes(content)
    (folder / "used.json").write_text(json.dumps(kit["used"]) + "\n", encoding="utf-8")
    count = len(kit["questions"])
    return [
        f"{count} questions, {kit['planned']} of {wish.minutes} minutes planned, for {wish.level} level",
        *(f"wrote {path}" for path in written),
        f"wrote {folder / 'used.json'}; --exclude it to make another kit without these questions",
    ]


def read_used(path: Path | None) -> tuple[str, ...]:
    """The ids of a `used.json`.

    Raises:
        KitError: no such file, or it is no list of ids.
    """
    if path is None:
        return ()
    try:
        ids = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KitError(f"--exclude must be a used.json that an earlier kit wrote; {path}: {error}") from error
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise KitError(f'--exclude must hold a list of ids, such as ["Q16", "X03"]; {path} does not')
    return tuple(ids)


def page(kit: dict, name: str, sheet: str, style: str) -> str:
    """One sheet as a page that needs no other file."""
    if 'class="katex"' not in sheet:
        style = re.sub(r"@font-face\{[^}]*\}", "", style)
    return PAGE.format(title=escape(_title(kit)), name=f"{name} sheet", style=style, sheet=sheet)


def print_pages(pages: dict[str, bytes], foot: str, browser: str) -> dict[str, bytes]:
    """Each page as a PDF with tags and an outline.

    Args:
        pages: name -> HTML.
        foot: stands at the bottom of each sheet of paper, beside its number.
        browser: path of Chromium.
    """
    from playwright.sync_api import sync_playwright

    layout = {"format": "A4", "tagged": True, "outline": True, "print_background": True}
    layout |= {"margin": {"top": "16mm", "right": "16mm", "bottom": "18mm", "left": "16mm"}}
    layout |= {"display_header_footer": True, "header_template": "<span></span>"}
    layout |= {"footer_template": FOOTER.format(foot=escape(foot))}
    printed = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for name, html in pages.items():
            sheet = chromium.new_page()
            sheet.set_content(html.decode(), wait_until="load")
            sheet.evaluate("document.fonts.ready")
            printed[name] = re.sub(rb"D:\d{14}[-+]\d\d'\d\d'", NO_DATE, sheet.pdf(**layout))
            sheet.close()
        chromium.close()
    return printed


def _title(kit: dict) -> str:
    return f"Interview kit: {kit['level']} level, {kit['minutes']} minutes"


def _style(static: Path) -> str:
    """The site's own style with KaTeX's, its fonts inside."""
    katex = static / "vendor/katex"

    def inside(found: re.Match) -> str:
        font = base64.b64encode((katex / found[1]).read_bytes()).decode()
        return f"url(data:font/woff2;base64,{font})"

    sheet = (katex / "katex.min.css").read_text(encoding="utf-8")
    own = "\n".join((static / name).read_text(encoding="utf-8") for name in STYLES)
    return re.sub(r"url\((fonts/[^)]+)\)", inside, sheet) + "\n" + own
