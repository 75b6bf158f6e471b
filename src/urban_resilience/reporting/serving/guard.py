"""Who may ask: pages of this server and programs of this machine, no page of anybody else.

A page of another site, open in the same browser, can send requests to this machine. It could read
nothing of the answers but for two holes: a name of its own that it lets point to this machine (DNS
rebinding), and files of data that load as scripts. The first is closed by the header ``Host``, the
second by what browsers say of where a request comes from, and by ``Cross-Origin-Resource-Policy``.
"""

from __future__ import annotations

from email.message import Message

JSON = "application/json"
HEADERS = {
    # Charts compile their expressions, SQLite is compiled code; styles of charts are inline.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The next version is another page at the same address.
    "Cache-Control": "no-store",
}


def hosts(port: int) -> frozenset[str]:
    """Names under which this server may be asked."""
    return frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})


def fault_of(headers: Message, port: int, is_question: bool) -> str:
    """Say why a request is refused; empty where it is not.

    Parameters
    ----------
    headers
        Of the request.
    port
        Of this server.
    is_question
        Whether it asks in SQL, rather than for a file.
    """
    named = headers.get_all("Host") or []
    if len(named) != 1 or named[0].lower() not in hosts(port):
        return "this server answers as 127.0.0.1 and localhost only"
    origins = headers.get_all("Origin") or []
    if any(origin != f"http://{named[0].lower()}" for origin in origins):
        return "a page of another origin may not ask"
    site = headers.get("Sec-Fetch-Site", "none")
    # A link on another page may lead here, as long as what comes is a page of its own.
    follows_link = (
        headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
    )
    if site not in ("none", "same-origin") and (is_question or not follows_link):
        return "a page of another site may not ask"
    # A form of another page cannot send it without asking first, and nobody answers that.
    if is_question and headers.get_content_type() != JSON:
        return f"a question is sent as {JSON}"
    return ""
