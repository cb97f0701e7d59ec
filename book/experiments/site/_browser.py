"""A host and a browser for measurements: nothing is kept between two starts, and nobody else is asked."""

import contextlib
import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

from dropgrade.doctor import browser_path

FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --no-first-run"
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
PACKED = {".whl", ".zip", ".npz", ".woff2", ".png", ".gz"}
"""Files that are compressed already; static hosts send them as they are."""


class Host(http.server.SimpleHTTPRequestHandler):
    """Sends files as a static host does: compressed beforehand, over connections that stay open."""

    protocol_version = "HTTP/1.1"
    sent = 0
    requests = 0

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body = content(path)
        Host.sent += len(body)
        Host.requests += 1
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix not in PACKED:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@functools.cache
def content(path: Path) -> bytes:
    """What goes over the wire; compressing is not part of any measurement."""
    return path.read_bytes() if path.suffix in PACKED else gzip.compress(path.read_bytes(), 6)


@contextlib.contextmanager
def hosted(folder: Path) -> Iterator[str]:
    """The address of a folder on a host of this machine, with every file ready to be sent."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".map":
            content(path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Host, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def cold_page(playwright, base: str, foreign: list[str]) -> Iterator:
    """A page of a browser that has just been started and has never seen anything.

    Other hosts have no address there. Requests are not intercepted, since that would slow each of them down.

    Args:
        foreign: receives the address of every request to another host.
    """
    browser = playwright.chromium.launch(executable_path=browser_path(), args=[*FLAGS.split(), ALONE])
    try:
        context = browser.new_context(viewport={"width": 1280, "height": 900})

        def note(request) -> None:
            if not request.url.startswith((base, "data:", "blob:")):
                foreign.append(request.url)

        context.on("request", note)
        page = context.new_page()
        page.set_default_timeout(60_000)
        Host.sent = Host.requests = 0
        yield page
    finally:
        browser.close()
