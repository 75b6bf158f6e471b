"""The server gives pages and answers to this machine, and nothing to anybody else's page."""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from email.message import Message
from functools import partial
from pathlib import Path

import duckdb
import pytest

from support.browser import opened
from support.command import run_command
from urban_resilience.reporting.serving.files import file_of
from urban_resilience.reporting.serving.guard import fault_of
from urban_resilience.reporting.serving.server import LARGEST_QUESTION, Served, Server

FOREVER = "select count(*) from range(1000000000000)"


@contextmanager
def serving(served: Served):
    with Server(served, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    file = tmp_path_factory.mktemp("served") / "study.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create schema indices; create table indices.fct_resilience as"
            " select '市' || i as city, i / 0 as none, i from range(5) as t(i)"
        )
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    pages = tmp_path_factory.mktemp("served") / "pages"
    (pages / "data").mkdir(parents=True)
    for name in ("index.html", "site.css", "data/cities.js", "notes.txt", ".hidden.html"):
        (pages / name).write_text(name)
    (pages.parent / "secret.html").write_text("secret")
    (pages / "link.html").symlink_to(pages.parent / "secret.html")
    return pages


@pytest.fixture(scope="module")
def server(warehouse, folder):
    with serving(Served(folder, warehouse, rows=3, seconds=20)) as running:
        yield running


def request(server, method, path, body=None, **headers):
    """Status, headers and content of an answer; headers are sent as given, and no others."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    headers = {"Host": f"127.0.0.1:{server.server_port}", **headers}
    if body is not None:
        headers.setdefault("Content-Length", str(len(body)))
    for name, value in headers.items():
        if value is not None:
            connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def ask(server, sql, **headers):
    headers = {"Content_Type": "application/json", **headers}
    body = sql if isinstance(sql, bytes) else json.dumps({"sql": sql}).encode()
    status, _, content = request(server, "POST", "/query", body, **headers)
    return status, json.loads(content)


def test_pages_are_given_with_their_kind(server):
    for path, name, kind in (
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/index.html?lang=zh", "index.html", "text/html; charset=utf-8"),
        ("/data/cities.js", "data/cities.js", "text/javascript; charset=utf-8"),
        ("/site.css", "site.css", "text/css; charset=utf-8"),
    ):
        status, headers, content = request(server, "GET", path)
        assert (status, content.decode(), headers["Content-Type"]) == (200, name, kind)
        # Its data files are scripts: without this any page could load them.
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    status, headers, content = request(server, "HEAD", "/")
    assert (status, headers["Content-Length"], content) == (200, "10", b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html", "/%2e%2e/secret.html", "/..%2fsecret.html", "/data/../../secret.html",
        "//../secret.html", "/....//secret.html", "/..\\secret.html", "/%00index.html",
        "/link.html", "/.hidden.html", "/data", "/data/", "/nowhere.html", "/notes.txt",
        "/etc/passwd", "//etc/passwd", "/%ff.html", "/C:/x.html", "/index.html/", "http://x/../y",
    ],
)  # fmt: skip
def test_nothing_but_pages_is_given(server, path):
    status, _, content = request(server, "GET", path)
    if path == "/index.html/":
        assert (status, content) == (200, b"index.html")
    else:
        assert (status, json.loads(content)) == (404, {"error": "there is no such page"})


def test_an_address_means_a_file_below_the_folder(folder):
    assert file_of(folder, "/data/cities.js") == folder.resolve() / "data" / "cities.js"
    assert file_of(folder, "/data/%63ities.js") == folder.resolve() / "data" / "cities.js"
    assert file_of(folder / "nowhere", "/") is None


def test_the_page_learns_what_answers(server):
    _, _, content = request(server, "GET", "/engine.json")
    said = json.loads(content)
    assert said == {"engine": f"DuckDB {duckdb.__version__}", "rows": 3, "seconds": 20}


def test_an_answer_has_its_limits(server, warehouse, folder):
    status, answer = ask(server, "from fct_resilience order by i")
    assert status == 200
    assert answer["columns"] == ["city", "none", "i"]
    assert answer["rows"] == [["市0", None, 0], ["市1", None, 1], ["市2", None, 2]]
    assert answer["more"] is True and answer["seconds"] > 0
    with serving(Served(folder, warehouse, seconds=0.2)) as hasty:
        stopped = {"error": "stopped after 0.2 s: ask for less, or allow more time"}
        assert ask(hasty, FOREVER) == (400, stopped)
    status, answer = ask(server, "select repeat('x', 30000000)")
    assert (status, answer["error"][:34]) == (400, "the answer is larger than 20,000,0")


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("drop table indices.fct_resilience", "a question only reads"),
        ("copy (select 1) to '/tmp/x.csv'", "a question only reads"),
        ("set lock_configuration = false", "a question only reads"),
        ("attach 'x.duckdb'", "a question only reads"),
        ("install httpfs", "a question only reads"),
        ("select 1; drop table indices.fct_resilience", "one statement at a time"),
        ("select * from read_text('/etc/passwd')", "reads the warehouse and nothing else"),
        ("from fct_resiliense", "nearest: indices.fct_resilience"),
        (b"select 1", 'a question is {"sql": "select ..."}'),
        (b'{"sql": 1}', "a question is"),
        (b'["sql"]', "a question is"),
        (b"{" * 50_000, "a question is"),
        (b"\xff", "a question is"),
    ],
)
def test_a_hostile_question_is_refused(server, warehouse, sql, says):
    status, answer = ask(server, sql)
    assert status == 400 and says in answer["error"]
    assert ask(server, "select count(*) from fct_resilience")[1]["rows"] == [[5]]


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"Host": "evil.example"}, "127.0.0.1 and localhost only"),
        ({"Host": "evil.example:8000"}, "127.0.0.1 and localhost only"),
        ({"Host": "127.0.0.1"}, "127.0.0.1 and localhost only"),
        ({"Host": "127.0.0.1.evil.example"}, "127.0.0.1 and localhost only"),
        ({"Host": ""}, "127.0.0.1 and localhost only"),
        ({"Host": None}, "127.0.0.1 and localhost only"),
        ({"Origin": "http://evil.example"}, "another origin"),
        ({"Origin": "null"}, "another origin"),
        ({"Origin": "http://127.0.0.1:1"}, "another origin"),
        ({"Origin": "https://127.0.0.1:{port}"}, "another origin"),
        ({"Sec_Fetch_Site": "cross-site"}, "another site"),
        ({"Sec_Fetch_Site": "same-site"}, "another site"),
        (
            {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate",
             "Sec_Fetch_Dest": "document"},
            "another site",
        ),
        ({"Content_Type": "text/plain"}, "sent as application/json"),
        ({"Content_Type": "application/x-www-form-urlencoded"}, "sent as application/json"),
        ({"Content_Type": None}, "sent as application/json"),
    ],
)  # fmt: skip
def test_a_page_of_somebody_else_may_not_ask(server, headers, says):
    port = server.server_port
    sent = {name: value and value.replace("{port}", str(port)) for name, value in headers.items()}
    status, answer = ask(server, "select 1", **sent)
    assert status == 403 and says in answer["error"]


def test_its_own_page_and_a_program_of_this_machine_may_ask(server):
    port = server.server_port
    for headers in (
        {},
        {"Origin": f"http://127.0.0.1:{port}", "Sec_Fetch_Site": "same-origin"},
        {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}"},
        {"Content_Type": "application/json; charset=utf-8"},
    ):
        assert ask(server, "select 1", **headers)[0] == 200


def test_another_page_may_link_to_a_page_and_load_none():
    def headers(**given):
        message = Message()
        for name, value in {"Host": "127.0.0.1:80", **given}.items():
            message[name.replace("_", "-")] = value
        return message

    link = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert fault_of(headers(Sec_Fetch_Site="cross-site", **link), 80, False) == ""
    for kind in ({"Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "script"},
                 {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"}, {}):  # fmt: skip
        assert "another site" in fault_of(headers(Sec_Fetch_Site="cross-site", **kind), 80, False)
    twice = headers()
    twice["Host"] = "evil.example"
    assert "only" in fault_of(twice, 80, False)


def test_a_question_has_a_length(server):
    status, answer = ask(server, b"x" * 10, Content_Length=str(LARGEST_QUESTION + 1))
    assert status == 413 and "100,000 bytes at most" in answer["error"]
    for length in (None, "-1", "x", "²"):
        headers = {"Content_Type": "application/json", "Content_Length": length}
        if length == "²":
            headers["Content_Length"] = "²".encode("latin-1")
        body = None if length is None else b"{}"
        assert request(server, "POST", "/query", body, **headers)[0] == 413
    assert request(server, "POST", "/", b"{}", Content_Type="application/json")[0] == 404
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE"):
        assert request(server, method, "/query")[0] == 501


def test_questions_wait_their_turn(warehouse, folder):
    with serving(Served(folder, warehouse, seconds=4, at_once=1)) as running:
        first = threading.Thread(target=ask, args=(running, FOREVER))
        first.start()
        time.sleep(0.5)
        status, answer = ask(running, "select 1")
        assert (status, "ask again in a moment" in answer["error"]) == (503, True)
        # Pages are given meanwhile.
        assert request(running, "GET", "/")[0] == 200
        first.join()
        assert ask(running, "select 1")[0] == 200


def test_what_is_published_while_it_runs_is_served(tmp_path):
    link, file = tmp_path / "w.site", tmp_path / "w.duckdb"

    def publish(version):
        pages = tmp_path / f"v{version}"
        pages.mkdir()
        (pages / "index.html").write_text(str(version))
        with duckdb.connect(str(tmp_path / "w.new")) as connection:
            connection.execute(f"create table t as select {version} as version")
        (tmp_path / "w.new").replace(file)
        link.unlink(missing_ok=True)
        link.symlink_to(pages)

    publish(1)
    with serving(Served(link, file)) as running:
        for version in (1, 2):
            if version == 2:
                publish(2)
            assert request(running, "GET", "/")[2] == str(version).encode()
            assert ask(running, "from t")[1]["rows"] == [[version]]
        file.write_text("no database")
        status, answer = ask(running, "from t")
        assert (status, "`make build` makes it anew" in answer["error"]) == (500, True)


def test_it_listens_on_this_machine_only_and_lets_go_of_who_leaves(server, capfd):
    assert server.server_address[0] == "127.0.0.1"
    for sent in (b"", b"GET / HT", b"POST /query HTTP/1.1\r\nContent-Length: 50\r\n\r\n{"):
        with socket.create_connection(("127.0.0.1", server.server_port)) as raw:
            raw.sendall(sent)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    time.sleep(0.2)
    assert request(server, "GET", "/")[0] == 200
    assert "Traceback" not in capfd.readouterr().err


def test_the_command_says_where_it_serves_and_ends_with_ctrl_c(warehouse, folder):
    command = [sys.executable, "-m", "urban_resilience", "serve", "--port", "0"]
    command += ["--warehouse", str(warehouse), "--pages", str(folder)]
    # A shell starts what it leaves in the background deaf to Ctrl-C, and its children with it.
    heard = {"preexec_fn": partial(signal.signal, signal.SIGINT, signal.SIG_DFL)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **heard
    ) as run:
        try:
            url = run.stdout.readline().split()[0]
            connection = http.client.HTTPConnection(url.split("/")[2], timeout=20)
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"index.html"
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=20)
        finally:
            run.kill()
    assert (run.returncode, out, err) == (0, "ended\n", "")


def test_the_command_says_what_is_missing(warehouse, folder, server, tmp_path):
    ended = run_command("serve", "--warehouse", tmp_path / "w.duckdb")
    assert ended.code == 1 and "there is no warehouse" in ended.err
    ended = run_command("serve", "--warehouse", warehouse)
    assert ended.code == 1
    assert "there are no pages at" in ended.err and "`make build` publishes them" in ended.err
    taken = ("--port", server.server_port, "--warehouse", warehouse, "--pages", folder)
    ended = run_command("serve", *taken)
    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert "--port names another, 0 any free one" in line
    assert run_command("serve", "--port", "65536").code == 2


def test_a_reader_of_served_pages_asks_duckdb(browser, pages: Path, published, tmp_path):
    """Also where the page has no engine of its own."""
    count = published.value("select count(*) from panel.fct_imputations")
    bare = shutil.copytree(pages, tmp_path / "bare")
    (bare / "sql-wasm-inline.js").unlink(missing_ok=True)
    page_file = bare / "sql.html"
    text = page_file.read_text(encoding="utf-8").replace(
        '<script src="sql-wasm-inline.js"></script>', ""
    )
    page_file.write_text(text.replace('<div id="ask">', '<div id="ask" hidden>'), encoding="utf-8")
    with (
        serving(Served(bare, published.path)) as running,
        opened(browser, f"{running.url}sql.html") as page,
    ):
        page.locator("#engine", has_text=f"DuckDB {duckdb.__version__} answers").wait_for()
        page.fill("#query", "select count(*) as n from fct_imputations")
        page.click("#run")
        page.locator("#status", has_text=f"DuckDB {duckdb.__version__}").wait_for()
        assert page.locator("#answer tbody td").inner_text().replace(",", "") == str(count)
        page.fill("#query", "select * from range(3000)")
        page.click("#run")
        page.locator("#status", has_text="2000 rows, and there are more").wait_for()
        page.click("#language")
        page.locator("#engine", has_text="已发布的数据仓库").wait_for()
        page.goto(f"{running.url}index.html")
        assert page.locator("h1").count() == 1
