"""What a static host needs once the address is known: map, robots, previews, and a page for lost readers."""

import re
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from dropgrade.errors import CourseError

CARD = "_static/card.png"
NO_LANDING = {"404.html", "index.html", "search.html"}
"""Pages that no search engine should send a reader to; `index.html` only leads on to the first page."""
HOME = "book/index.html"
DOWNLOADS = "<!-- downloads -->"
"""Where the footer names the files to take home (`book/_templates/layout.html`)."""
LOCAL = re.compile(r'\b(href|src|action|data-content_root)="(?![a-z]+:|[#/])([^"]*)"')


class AddressError(CourseError):
    """The address to publish at is none."""


def address(url: str) -> str:
    """The address with one slash at its end.

    Raises:
        AddressError: it does not start with http:// or https:// and a host, or holds a query or fragment.

    >>> address("https://example.org/course")
    'https://example.org/course/'
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise AddressError(f"--url must be an address such as https://example.org/course/, got {url!r}")
    return url.rstrip("/") + "/"


def for_host(public: Path, base: str | None, downloads: list[str]) -> int:
    """Finish a copy of the site, in place; returns the number of its pages.

    Args:
        public: the copy.
        base: its address as `address` gives it, or None: then only the downloads are linked.
        downloads: names of files at its top that the footer offers.
    """
    pages = sorted(path.relative_to(public).as_posix() for path in public.rglob("*.html"))
    for name in pages:
        path = public / name
        html = path.read_text("utf-8").replace(DOWNLOADS, _links(name, downloads), 1)
        if base:
            html = html.replace("</head>", f"{_tags(base, name)}</head>", 1)
            html = rooted(html, urlsplit(base).path) if name == "404.html" else html
        path.write_text(html, encoding="utf-8")
    if base:
        (public / "sitemap.xml").write_text(sitemap(base, pages), encoding="utf-8")
        robots = f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n"
        (public / "robots.txt").write_text(robots, encoding="utf-8")
    return len(pages)


def sitemap(base: str, pages: list[str]) -> str:
    """The pages worth finding, as sitemaps.org describes the file.

    >>> print(sitemap("https://example.org/", ["404.html", "book/index.html"]))
    <?xml version="1.0" encoding="UTF-8"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc>https://example.org/book/index.html</loc></url>
    </urlset>
    <BLANKLINE>
    """
    places = [f"<url><loc>{escape(base + name)}</loc></url>" for name in pages if name not in NO_LANDING]
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    )
    return "\n".join([head, *places, "</urlset>", ""])


def rooted(html: str, path: str) -> str:
    """A page whose addresses begin at the course's own path: hosts show it at whatever address was asked for.

    Args:
        html: a page that lies at the top of the site.
        path: path of the site on its host, with a slash at both ends.

    >>> rooted('<a href="book/index.html"><a href="#main"><a href="https://example.org/">', "/course/")
    '<a href="/course/book/index.html"><a href="#main"><a href="https://example.org/">'
    """
    return LOCAL.sub(lambda found: f'{found[1]}="{path}{found[2].removeprefix("./")}"', html)


def _tags(base: str, name: str) -> str:
    """Where the page really stands, and the picture that previews show."""
    here = escape(base + (HOME if name == "index.html" else name))
    tags = [f'<link rel="canonical" href="{here}">', f'<meta property="og:url" content="{here}">']
    tags += [f'<meta property="og:image" content="{escape(base)}{CARD}">']
    tags += ['<meta property="og:image:width" content="1200"><meta property="og:image:height" content="630">']
    tags += ['<meta name="twitter:card" content="summary_large_image">']
    return "\n".join([*([] if name == "404.html" else tags), ""])


def _links(name: str, downloads: list[str]) -> str:
    """The line in the footer of one page."""
    words = {".pdf": "The book as PDF", ".zip": "This site to read offline"}
    up = "../" * name.count("/")
    found = [f'<a href="{up}{file}">{words[Path(file).suffix]}</a>' for file in downloads]
    return f"<p>{' · '.join(found)}</p>" if found else ""
