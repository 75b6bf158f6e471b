"""The server: files of the published pages, and answers of DuckDB to questions in SQL."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb

from urban_resilience.reporting.queries.ask import QueryError, ask, plain_value
from urban_resilience.reporting.serving.files import TYPES, file_of
from urban_resilience.reporting.serving.guard import HEADERS, JSON, fault_of
from urban_resilience.shared.refusal import Refusal

ADDRESS = "127.0.0.1"
# What the page looks for, to know that it is served, and by what.
ENGINE, QUERY = "/engine.json", "/query"
LARGEST_QUESTION, LARGEST_ANSWER = 100_000, 20_000_000


class PortTakenError(Refusal, OSError):
    """Another program listens there."""


@dataclass(frozen=True)
class Served:
    """What is served, and the limits of questions.

    Attributes
    ----------
    pages
        Folder of the pages, or the link to the published ones.
    warehouse
        The published file.
    rows, seconds
        Of an answer, at most.
    at_once
        Questions that are answered at the same time.
    """

    pages: Path
    warehouse: Path
    rows: int = 2000
    seconds: float = 30
    at_once: int = 2


class Server(ThreadingHTTPServer):
    """Listens on this machine alone.

    Parameters
    ----------
    served
        Pages and warehouse; what is published while it runs is served from then on.
    port
        0 for any free one.

    Raises
    ------
    PortTakenError
    """

    daemon_threads = True

    def __init__(self, served: Served, port: int):
        try:
            super().__init__((ADDRESS, port), _Handler)
        except (OSError, OverflowError) as error:
            raise PortTakenError(
                f"port {port} cannot be had ({error}): --port names another, 0 any free one"
            ) from None
        self.served = served
        self.turns = threading.BoundedSemaphore(served.at_once)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let go of who has left; what else happens is a fault of ours."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """Where its first page is."""
        return f"http://{ADDRESS}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version = "urban-resilience", ""
    # Who sends nothing for so long is let go, seconds.
    timeout = 10

    def do_GET(self) -> None:
        if self._is_refused(is_question=False):
            return
        if self.path == ENGINE:
            served = self.server.served
            self._send(
                HTTPStatus.OK,
                {
                    "engine": f"DuckDB {duckdb.__version__}",
                    "rows": served.rows,
                    "seconds": served.seconds,
                },
            )
            return
        file = file_of(self.server.served.pages, self.path)
        if file is None:
            self._send(HTTPStatus.NOT_FOUND, {"error": "there is no such page"})
            return
        self._reply(HTTPStatus.OK, TYPES[file.suffix], file.read_bytes())

    do_HEAD = do_GET

    def do_POST(self) -> None:
        if self._is_refused(is_question=True):
            return
        if self.path != QUERY:
            self._send(HTTPStatus.NOT_FOUND, {"error": f"questions go to {QUERY}"})
            return
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_QUESTION:
            what = f"a question has a length, and it is {LARGEST_QUESTION:,} bytes at most"
            self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": what})
            return
        try:
            sql = json.loads(self.rfile.read(int(length)))["sql"]
        except (ValueError, LookupError, TypeError, RecursionError):
            sql = None
        if not isinstance(sql, str):
            self._send(HTTPStatus.BAD_REQUEST, {"error": 'a question is {"sql": "select ..."}'})
            return
        if not self.server.turns.acquire(timeout=1):
            what = "other questions are being answered: ask again in a moment"
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, {"error": what})
            return
        try:
            status, answer = self._answer(sql)
        finally:
            self.server.turns.release()
        self._send(status, answer)

    def _answer(self, sql: str) -> tuple[HTTPStatus, dict[str, Any]]:
        served = self.server.served
        try:
            answer = ask(served.warehouse, sql, served.rows, served.seconds)
        except QueryError as error:
            return HTTPStatus.BAD_REQUEST, {"error": str(error)}
        except duckdb.Error:
            what = f"{served.warehouse} cannot be read: `make build` makes it anew"
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": what}
        return HTTPStatus.OK, {
            "columns": answer.columns,
            "rows": [[plain_value(value) for value in row] for row in answer.rows],
            "more": answer.is_cut,
            "seconds": answer.seconds,
        }

    def _is_refused(self, is_question: bool) -> bool:
        fault = fault_of(self.headers, self.server.server_port, is_question)
        if fault:
            self._send(HTTPStatus.FORBIDDEN, {"error": fault})
        return bool(fault)

    def _send(self, status: HTTPStatus, content: dict[str, Any]) -> None:
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        if len(body) > LARGEST_ANSWER:
            what = f"the answer is larger than {LARGEST_ANSWER:,} bytes: take fewer columns or rows"
            status, body = HTTPStatus.BAD_REQUEST, json.dumps({"error": what}).encode()
        self._reply(status, JSON, body)

    def _reply(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": kind}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of what went well."""
