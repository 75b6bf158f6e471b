"""Pages in a real browser, from disk: whatever is asked of the network fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Route, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def launched() -> Iterator[Browser]:
    """The machine's own Chromium, else Playwright's; skipped where neither can be had."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    # A container has no user namespaces for the sandbox; the pages are our own.
    options = {"args": ["--no-sandbox"], "executable_path": found}
    try:
        playwright = sync_playwright().start()
    # Its driver is a program of its own: without libatomic it ends before it answers.
    except Exception as error:
        pytest.skip(f"no driver for the tests of the pages: {error}")
    try:
        browser = playwright.chromium.launch(**options)
    except Error as error:
        playwright.stop()
        pytest.skip(f"no browser for the tests of the pages: {str(error).splitlines()[0]}")
    try:
        yield browser
    finally:
        browser.close()
        playwright.stop()


@contextmanager
def opened(browser: Browser, file: Path | str, state: str = "", **options) -> Iterator[Page]:
    """A page of the site, which must ask for nothing outside its folder and say no error.

    `file` is a file of it, or its address where it is served.
    """
    address = file if isinstance(file, str) else file.as_uri()
    context = browser.new_context(viewport=options.pop("viewport", DESKTOP), **options)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    inside = address.rpartition("/")[0] + "/"

    def guard(route: Route) -> None:
        # Whatever a chart makes itself is no request to anybody.
        if route.request.url.startswith((inside, "blob:", "data:")):
            route.continue_()
        else:
            said.append(f"asked for {route.request.url}")
            route.abort()

    page.route("**/*", guard)
    try:
        page.goto(address + (f"#{state}" if state else ""))
        yield page
        page.wait_for_timeout(50)
        assert not said, said
    finally:
        context.close()
