"""The command that serves the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from urban_resilience.cli import options
from urban_resilience.shared.refusal import Refusal


def serve(
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="NUMBER", help="0 for any free one.")
    ] = 8000,
    pages: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Pages that `site` has written; those published with the warehouse if absent.",
        ),
    ] = None,
    open_: Annotated[
        bool, typer.Option("--open", help="Open the first page in a browser.")
    ] = False,
    study: options.Study = None,
    warehouse: options.Warehouse = None,
) -> None:
    """Serve the pages to this machine, with DuckDB behind the one that asks in SQL.

    It listens on 127.0.0.1 only, and a question reads the warehouse and nothing else: 2,000 rows,
    30 seconds. What is published while it runs is served from then on. Ctrl-C ends it.
    """
    file = options.built_warehouse(study, warehouse)
    from urban_resilience.refresh.places import Places
    from urban_resilience.reporting.serving.server import Served, Server

    folder = pages or Places(file).site
    if not (folder / "index.html").is_file():
        raise Refusal(
            f"there are no pages at {folder}: `make build` publishes them, `urban-resilience site`"
            " writes some for --pages"
        )
    with Server(Served(folder, file), port) as server:
        print(f"{server.url} serves {folder} and {file}; Ctrl-C ends it", flush=True)
        if open_:
            import webbrowser

            webbrowser.open(server.url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("ended")
