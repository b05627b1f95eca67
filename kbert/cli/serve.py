"""`kbert serve`."""

import click


@click.command()
@click.argument("export")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8420, show_default=True, help="0 is for any that is free."
)
@click.option("--open/--no-open", "open_page", default=True, help="Open the browser.  [default: --open]")
def command(export: str, port: int, open_page: bool) -> None:
    """Show EXPORT, an export directory with ONNX files, in the browser: type a text, see the answer.

    The model runs in the page. The server answers this machine alone, on 127.0.0.1, and nothing leaves it.
    """
    import threading
    import webbrowser

    from kbert.web.server import PageServer

    with PageServer(export, port=port) as server:
        click.echo(f"{export}: {server.url} (Ctrl-C stops it)")
        if open_page:
            # Some browsers keep who opens them waiting.
            threading.Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
        server.serve_forever()
