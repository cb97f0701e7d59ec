"""The built site made ready to leave this machine: PDF of the book, zip to read offline, folder for a host.

Pages refer to one another by relative paths, so a copy works anywhere. Only what cannot be relative (the map
of the site, previews in other people's chats, the page for lost readers) waits until the address is known.
"""

import shutil
import zipfile
from pathlib import Path

from dropgrade.errors import CourseError
from dropgrade.publish.host import address, for_host
from dropgrade.publish.printed import print_book

SITE = "_build/html"
NAME = "dropout-proven"
NO_DATE = (2000, 1, 1, 0, 0, 0)


class PublishError(CourseError):
    """The site cannot be made ready; the message says what to do."""


def make(
    course: Path,
    browser: str | None,
    pdf: Path | None = None,
    archive: Path | None = None,
    host: Path | None = None,
    url: str | None = None,
) -> list[str]:
    """Write what is asked for, and say where it is.

    Args:
        course: the course's folder; the site must have been built.
        browser: Chromium, which prints the PDF.
        pdf, archive: files to write.
        host: folder for a static host: the site with both files. It is emptied first.
        url: where that folder will stand; without it, nothing that needs an address is written.

    Raises:
        PublishError: nothing is asked for, the site is not built, or there is no browser to print with.
        AddressError: the address is none.
    """
    site = course / SITE
    if not (pdf or archive or host):
        raise PublishError("say what to make: --pdf FILE, --zip FILE or --host FOLDER")
    if not (site / "book/index.html").is_file():
        raise PublishError(f"{site} holds no site; `make site` builds it")
    if (pdf or host) and browser is None:
        raise PublishError(
            "the PDF is printed by Chromium, which is missing; `dropgrade doctor` says how to get it"
        )
    base = address(url) if url else None
    if host:
        if host.resolve() in (site.resolve(), *site.resolve().parents) or _is_foreign(host):
            raise PublishError(f"--host must be a folder of its own, or one made by this command; got {host}")
        shutil.rmtree(host, ignore_errors=True)
        shutil.copytree(site, host)
        pdf, archive = pdf or host / f"{NAME}.pdf", archive or host / f"{NAME}.zip"
    lines = []
    if archive:
        lines.append(f"wrote {pack(site, archive)} files to {archive}; unpack it and open index.html")
    if pdf:
        lines.append(f"wrote {print_book(site, pdf, browser, base)} chapters to {pdf}")
    if host:
        found = [path.name for path in (pdf, archive) if path.parent == host]
        lines.append(f"wrote {for_host(host, base, found)} pages to {host}, for {base or 'any address'}")
    return lines


def pack(site: Path, archive: Path) -> int:
    """The site as a zip whose bytes depend on nothing but the site; returns the number of files."""
    files = [path for path in sorted(site.rglob("*")) if path.is_file() and path.name != ".buildinfo"]
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in files:
            entry = zipfile.ZipInfo(f"{NAME}/{path.relative_to(site).as_posix()}", NO_DATE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, path.read_bytes())
    return len(files)


def _is_foreign(folder: Path) -> bool:
    """Whether a folder holds something that is no site; emptying it would lose somebody's work."""
    return folder.exists() and any(folder.iterdir()) and not (folder / "searchindex.js").is_file()
