"""The web server: files that are known by name, to this machine alone."""

import errno
import json
import os
import shutil
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kbert.errors import InputError
from kbert.web.exported import exported_files

ADDRESS = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
LISTING = "/export.json"
# Written down, since what `mimetypes` says depends on the machine; modules and WebAssembly need the right ones.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".onnx": "application/octet-stream",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}
HEADERS = {
    # The threads of WebAssembly share memory, which browsers allow to pages that are isolated from all others.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Ask each time, and be told if nothing has changed: an export may be replaced while the page is open.
    "Cache-Control": "no-cache",
}


def page_files(page: Path = PAGE) -> dict[str, Path]:
    """The built page by path.

    Raises:
        InputError: it is not built here.
    """
    if not (page / "index.html").is_file():
        raise InputError(
            f"{page}: the page is not built. In a checkout of kbert run: make web (it needs npm); "
            "a released wheel has the page inside"
        )
    files = {f"/{path.name}": path for path in page.iterdir() if path.suffix in TYPES}
    return {"/": files["/index.html"], **files}


class PageServer(ThreadingHTTPServer):
    """Serves the page and an export directory on 127.0.0.1; `serve_forever` to start.

    What is asked for is looked up among the files that were there at the start: there is no path to go astray on.

    Raises:
        InputError: the page is not built, the export cannot be shown, or the port is taken.
    """

    daemon_threads = True

    def __init__(self, export: str | os.PathLike[str], *, port: int = 0, page: Path = PAGE) -> None:
        exported = exported_files(export)
        self.files = page_files(page) | {f"/export/{name}": path for name, path in exported.items()}
        self.listing = json.dumps(
            {
                "name": Path(export).resolve().name,
                "models": [name for name in exported if name.endswith(".onnx")],
                "golden": "tokenizer_golden.json" in exported,
            }
        ).encode()
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            reason = "taken" if error.errno == errno.EADDRINUSE else "not allowed"
            raise InputError(
                f"port {port} is {reason}: choose another with --port, or --port 0 for any that is free"
            ) from None

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A browser that goes away in the middle of a file is no error.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    server_version = "kbert"
    sys_version = ""
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the address is all that the user needs of it."""

    def _answer(self, *, body: bool) -> None:
        hosts = {f"{name}:{self.server.server_port}" for name in (ADDRESS, "localhost")}
        if self.headers.get("Host") not in hosts:
            # A foreign site whose name was made to lead here (DNS rebinding).
            return self._send(HTTPStatus.FORBIDDEN, "text/plain", b"unknown host\n", body=body)
        path = unquote(self.path.partition("?")[0])
        if path == LISTING:
            return self._send(HTTPStatus.OK, TYPES[".json"], self.server.listing, body=body)
        file = self.server.files.get(path)
        if file is None or not file.is_file():
            return self._send(HTTPStatus.NOT_FOUND, "text/plain", b"no such file\n", body=body)
        self._send_file(file, body=body)

    def _send_file(self, file: Path, *, body: bool) -> None:
        with file.open("rb") as content:
            facts = os.fstat(content.fileno())
            tag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
            if self.headers.get("If-None-Match") == tag:
                self._start(HTTPStatus.NOT_MODIFIED, {"ETag": tag})
                return
            size = str(facts.st_size)
            self._start(HTTPStatus.OK, {"ETag": tag, "Content-Type": TYPES[file.suffix], "Content-Length": size})
            if body:
                shutil.copyfileobj(content, self.wfile, length=1 << 20)

    def _send(self, status: HTTPStatus, kind: str, content: bytes, *, body: bool) -> None:
        self._start(status, {"Content-Type": kind, "Content-Length": str(len(content))})
        if body:
            self.wfile.write(content)

    def _start(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (HEADERS | headers).items():
            self.send_header(name, value)
        self.end_headers()
