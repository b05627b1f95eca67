"""`kbert serve`: what it prints, what it opens, and its errors, each in one line."""

import socket
import threading
import urllib.request

import pytest

from kbert.cli.main import main


@pytest.fixture
def kbert(capsys, monkeypatch):
    """(exit code, stdout, stderr) of a command."""
    monkeypatch.delenv("KBERT_DEBUG", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as exited:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return exited.value.code or 0, captured.out, captured.err

    return run


def test_it_opens_the_browser_until_it_is_stopped(kbert, built_page, classifier_export, monkeypatch):
    opened, seen = [], threading.Event()

    def browser(url):
        opened.append((url, urllib.request.urlopen(url, timeout=10).status))
        seen.set()

    def until_seen(server, poll_interval=0.5):
        thread = threading.Thread(target=serve_forever, args=(server, 0.05), daemon=True)
        thread.start()
        assert seen.wait(10)
        server.shutdown()
        raise KeyboardInterrupt

    from kbert.web.server import PageServer

    serve_forever = PageServer.serve_forever
    monkeypatch.setattr("webbrowser.open", browser)
    monkeypatch.setattr(PageServer, "serve_forever", until_seen)
    code, out, err = kbert("serve", classifier_export, "--port", 0)
    ((url, status),) = opened
    assert (code, status, err) == (130, 200, "stopped\n")
    assert out == f"{classifier_export}: {url} (Ctrl-C stops it)\n"


def test_a_port_that_is_taken(kbert, built_page, classifier_export):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = f"error: port {port} is taken: choose another with --port, or --port 0 for any that is free\n"
        assert kbert("serve", classifier_export, "--port", port) == (1, "", line)


def test_what_is_no_export(kbert, tmp_path):
    line = f"error: {tmp_path}: expected an .onnx file inside, found none. Make one: kbert export RUN --recipe browser"
    assert kbert("serve", tmp_path) == (1, "", f"{line}\n")
    line = f"error: {tmp_path / 'no'}: expected an export directory, found no such folder\n"
    assert kbert("serve", tmp_path / "no") == (1, "", line)
    assert kbert("serve", tmp_path, "--port", 70000)[0] == 2
