"""What the server gives, and what it does not: files that are known by name, on 127.0.0.1, to requests for it."""

import http.client
import threading

import pytest

from kbert.errors import InputError
from kbert.web.server import PageServer, page_files

PAGE = {"index.html": "<p>page", "app.js": "1", "glue.mjs": "2", "run.wasm": "\0asm", "style.css": "", "notes.py": "no"}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    for name, text in PAGE.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def server(page, classifier_export):
    (classifier_export / "secret.txt").write_text("not for the page", "utf-8")
    with PageServer(classifier_export, page=page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.fixture
def ask(server):
    """(status, headers, body) of a request, its path as it is."""

    def request(path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, response.headers, body

    return request


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/", "text/html; charset=utf-8", b"<p>page"),
        ("/app.js?v=2", "text/javascript; charset=utf-8", b"1"),
        ("/glue.mjs", "text/javascript; charset=utf-8", b"2"),
        ("/run.wasm", "application/wasm", b"\0asm"),
        ("/style.css", "text/css; charset=utf-8", b""),
    ],
)
def test_the_page_with_its_types(ask, path, kind, body):
    status, headers, found = ask(path)
    assert (status, headers["Content-Type"], found) == (200, kind, body)
    assert headers["Content-Length"] == str(len(body))
    # What threads of WebAssembly need.
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_export(ask, classifier_export):
    status, headers, body = ask("/export.json")
    models = b'"models": ["onnx/model.onnx", "onnx/model_quantized.onnx"]'
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert body == b'{"name": "exported", ' + models + b', "golden": true}'
    model = (classifier_export / "onnx" / "model.onnx").read_bytes()
    assert ask("/export/onnx/model.onnx")[2] == ask("/export/onnx/model%2Eonnx")[2] == model
    status, headers, body = ask("/export/onnx/model.onnx", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, str(len(model)), b"")


@pytest.mark.parametrize(
    "path",
    [
        *["/export", "/export/", "/export/onnx/", "/export/secret.txt", "/notes.py", "/index", "/nothing"],
        *["/../server.py", "/export/../../secret.txt", "/export/%2e%2e/secret.txt", "/..%2fserver.py"],
        *["//etc/passwd", "/export//etc/passwd", "/export/onnx/model.onnx%00", "/\\..\\server.py"],
    ],
)
def test_nothing_else_and_no_list(ask, path):
    assert ask(path)[0] in (400, 404)


def test_other_methods_and_names(ask, server):
    assert ask("/", "POST")[0] == 501
    assert ask("/", Host=f"localhost:{server.server_port}")[0] == 200
    # A name of a stranger's that was made to lead here.
    for host in ("attacker.example", f"attacker.example:{server.server_port}", "127.0.0.1", ""):
        assert ask("/", Host=host)[0] == 403


def test_what_has_not_changed_is_not_sent_again(ask, page):
    tag = ask("/app.js")[1]["ETag"]
    status, headers, body = ask("/app.js", If_None_Match=tag)
    assert (status, headers["ETag"], body) == (304, tag, b"")
    (page / "app.js").write_text("1 + 1", "utf-8")
    assert ask("/app.js", If_None_Match=tag)[2] == b"1 + 1"
    (page / "app.js").write_text("1", "utf-8")


def test_only_this_machine(server):
    assert server.server_address[0] == "127.0.0.1"
    assert server.url == f"http://127.0.0.1:{server.server_port}/"


def test_a_port_that_is_taken(server, page, classifier_export):
    message = rf"^port {server.server_port} is taken: choose another with --port, or --port 0 for any that is free$"
    with pytest.raises(InputError, match=message):
        PageServer(classifier_export, port=server.server_port, page=page)


def test_a_page_that_is_not_built(tmp_path):
    with pytest.raises(InputError, match=r"the page is not built. In a checkout of kbert run: make web"):
        page_files(tmp_path)
