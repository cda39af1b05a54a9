"""An HTTP API for tests, in this process: pages of contacts, and trouble on request."""

import json
import threading
from datetime import datetime, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "let-me-in"


class ContactsAPI:
    """Serves `contacts` that changed in [since, until), `page_size` at a time, to who has the token.

    `trouble` is a list of (status, headers, body) that are answered first, one a request.
    """

    def __init__(self):
        self.contacts = []
        self.page_size = 10
        self.trouble = []
        self.requests = []
        self.now = "2024-03-01T12:00:00Z"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def add(self, first, count, updated_at):
        self.contacts += [
            {"id": number, "name": f"Contact {number} é", "score": number / 4,
             "active": number % 2 == 0, "updated_at": updated_at}
            for number in range(first, first + count)]

    def answer(self, path):
        """The page that a request gets, as (status, headers, body)."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
        found = [contact for contact in self.contacts
                 if moment(query.get("since")) <= moment(contact["updated_at"])
                 and ("until" not in query or moment(contact["updated_at"]) < moment(query["until"]))]
        start = int(query.get("cursor", 0))
        page = {"data": found[start:start + self.page_size]}
        if start + self.page_size < len(found):
            page["next"] = str(start + self.page_size)
        return 200, {"Content-Type": "application/json"}, json.dumps(page)

    def _handler(api):  # noqa: N805 - the handler inside has a self of its own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body in one packet

            def do_GET(self):
                api.requests.append(f"{self.command} {self.path}")
                if api.trouble and self.command == "GET":
                    status, headers, body = api.trouble.pop(0)
                elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    status, headers, body = 401, {}, '{"error": "who are you?"}'
                else:
                    status, headers, body = api.answer(self.path)
                body = body.encode()
                self.send_response_only(status)
                self.send_header("Date", format_datetime(moment(api.now), usegmt=True))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_):
                pass

        return Handler


def moment(text):
    """A time in ISO form, or as seconds since 1970; the beginning of time where there is none."""
    if not text:
        return datetime(1970, 1, 1, tzinfo=timezone.utc)
    if text.isdigit():
        return datetime.fromtimestamp(int(text), timezone.utc)
    parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)
