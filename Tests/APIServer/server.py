"""An HTTP server that misbehaves on purpose, for the tests of HTTPClient and APISource.

With the standard library, but for HTTP/2 (h2), brotli and zstd (pyarrow), and AWS signatures (botocore).
Prints its ports, plain and TLS, and serves until its standard input ends or its parent dies.

/http/<scenario>?key=K&times=N …   one misbehaviour each; with `times`, only the first N requests
                                   that carry the same key misbehave, later ones are answered
/s/<session>/setup                 POST: what the session's API holds and how it misbehaves
/s/<session>/log                   GET: the requests that the session has seen
/s/<session>/records               GET: what the session's API holds now
/s/<session>/token                 its OAuth 2 token server; see guarded.py, and trouble.py for encodings and budgets
/front                             GET: the port that speaks HTTP/2 for this server; see http2.py
/s/<session>/<endpoint>            the API, paged in one way each; see ENDPOINTS
"""

import datetime, email.utils, gzip, json, os, socket, ssl, struct, sys, tempfile, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

import bodies
import guarded
import lifelike
import trouble

LOCK = threading.RLock()
COUNTS = {}
SESSIONS = {}
FRONT = []
MAIN_PORT = []
UTC = datetime.timezone.utc


def instant(text):
    """Seconds since the epoch of ISO 8601, of a date, or of a number."""
    if text is None or text == "":
        return None
    try:
        number = float(text)
        return number / 1000 if number > 1e11 else number
    except ValueError:
        time_of = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (time_of if time_of.tzinfo else time_of.replace(tzinfo=UTC)).timestamp()


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


class Session:
    def __init__(self, setup):
        self.setup = setup
        self.log = []
        self.requests = 0
        self.page_size = setup.get("page_size", 10)
        first = instant(setup.get("start", "2024-01-01T00:00:00Z"))
        step = setup.get("step_seconds", 60)
        self.records = [
            self.record(i + 1, first + i * step) for i in range(setup.get("records", 0))
        ] + setup.get("rows", [])

    def record(self, number, seconds):
        return {
            "id": number, "updated_at": iso(seconds), "name": f"record {number}",
            "amount": number / 4, "wind": {"speed": number % 30, "dir": "N" if number % 2 else None},
        }

    def change(self, change):
        """Applies one change of the data: touch, insert or delete."""
        op = change["op"]
        if op == "insert":
            self.records.insert(change.get("at", len(self.records)), change["row"])
        elif op == "delete":
            self.records = [r for r in self.records if r["id"] != change["id"]]
        elif op == "touch":
            row = next(r for r in self.records if r["id"] == change["id"])
            self.records.remove(row)
            self.records.append({**row, "updated_at": change["to"], "name": row["name"] + "*"})
        elif op == "set":
            self.setup[change["name"]] = change["value"]
        elif op == "restart":  # faults and changes count requests from here
            self.requests = 0

    def matching(self, query):
        """The records that the query asks for, in the order in which they are stored."""
        if self.setup.get("ignores_filter"):
            return list(self.records)
        since, until = instant(query.get("since")), instant(query.get("until"))
        after = query.get("after")
        exclusive, inclusive = self.setup.get("since_is_exclusive"), self.setup.get("until_is_inclusive")
        rows = []
        for row in self.records:
            moment = instant(row["updated_at"]) if isinstance(row.get("updated_at"), str) else row.get("updated_at")
            if since is not None and moment is not None and (moment <= since if exclusive else moment < since):
                continue
            if until is not None and moment is not None and (moment > until if inclusive else moment >= until):
                continue
            if after not in (None, "") and not row["id"] > type(row["id"])(after):
                continue
            rows.append(row)
        return rows


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "misbehaving"
    more_headers = ()

    def log_message(self, *args):
        pass

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # Answers

    def date_time_string(self, timestamp=None):
        return getattr(self, "date_text", None) or email.utils.formatdate(timestamp, usegmt=True)

    def date_seconds(self):
        """What time the server says it is."""
        text = getattr(self, "date_text", None)
        return email.utils.parsedate_to_datetime(text).timestamp() if text and text != "none" else time.time()

    def answer(self, body=b"", status=200, content_type="application/json", headers=(), length=None):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if getattr(self, "date_text", None) == "none":
            self.send_response_only(status)
        else:
            self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in [*headers, *self.more_headers]:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if length is not None and length != len(body):
            self.drop()

    def drop(self, reset=False):
        """Ends the connection; with `reset`, by RST."""
        self.close_connection = True
        self.wfile.flush()
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    # Requests

    def handle_any(self):
        split = urlsplit(self.path)
        if self.path.startswith("http://"):  # we are asked as a proxy
            return self.answer({"proxied": self.path})
        self.query = dict(parse_qsl(split.query, keep_blank_values=True))
        self.more_headers = []
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = split.path.strip("/").split("/")
        try:
            if parts[0] == "http":
                self.scenario(parts[1])
            elif parts[0] == "s":
                self.session(parts[1], "/".join(parts[2:]), split)
            elif parts[0] == "front":
                self.answer(front())
            else:
                self.answer({"error": "no such path"}, 404)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = handle_any

    def misbehaves(self):
        """Whether this request is among the first `times` of its key; always without `times`."""
        if "times" not in self.query:
            return True
        with LOCK:
            key = self.query.get("key", "")
            COUNTS[key] = COUNTS.get(key, 0) + 1
            return COUNTS[key] <= int(self.query["times"])

    def scenario(self, name):
        query = self.query
        if name == "echo":
            return self.answer({
                "method": self.command, "path": self.path, "body": len(self.body),
                "sum": sum(self.body), "client": self.client_address[1],
                "headers": [[k, v] for k, v in self.headers.items()]})
        if not self.misbehaves():
            return self.answer({"ok": True, "sum": sum(self.body)})
        if name in trouble.SCENARIOS:
            return trouble.SCENARIOS[name](self, query)
        getattr(self, "do_" + name.replace("-", "_"))(query)

    def do_certificate(self, query):
        self.answer(PEM[:PEM.index("-----BEGIN PRIVATE")].encode(), content_type="text/plain")

    def do_status(self, query):
        names = ["Retry-After", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit"]
        headers = [(n, query[n.lower()]) for n in names if n.lower() in query]
        if "retry_date" in query:
            now = time.time() + float(query.get("skew", 0))
            self.date_text = email.utils.formatdate(now, usegmt=True)
            headers.append(
                ("Retry-After", email.utils.formatdate(now + float(query["retry_date"]), usegmt=True)))
        self.answer({"error": query.get("message", "no")}, int(query["code"]), headers=headers)

    def do_truncated(self, query):
        self.answer(b'{"data": [1, 2', length=100)

    def do_truncated_chunk(self, query):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"10\r\n0123456789")
        self.drop()

    def do_reset(self, query):
        self.drop(reset=True)

    def do_nothing(self, query):
        self.drop()

    def do_slow(self, query):
        time.sleep(float(query["seconds"]))
        self.answer({"ok": True})

    def do_stall(self, query):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * int(query.get("bytes", 10)))
        self.wfile.flush()
        time.sleep(float(query["seconds"]))
        self.drop()

    def do_bytes(self, query):
        self.answer(bytes(i & 0xFF for i in range(int(query["count"]))), content_type="application/octet-stream")

    def do_big(self, query):
        left = int(query["count"])
        self.send_response(200)
        if "chunked" not in query:
            self.send_header("Content-Length", str(left))
        self.end_headers()
        while left > 0:
            self.wfile.write(b"\x01" * min(left, 65536))
            left -= 65536
        if "chunked" in query:
            self.drop()

    def do_gzip(self, query):
        body = gzip.compress(json.dumps({"ok": "gzip"}).encode() * int(query.get("copies", 1)))
        self.answer(body, headers=[("Content-Encoding", "gzip")])

    def do_badgzip(self, query):
        self.answer(b"this is not gzip", headers=[("Content-Encoding", "gzip")])

    def do_redirect(self, query):
        self.answer(b"moved", int(query.get("code", 302)), headers=[("Location", query["to"])])

    def do_loop(self, query):
        self.answer(b"", 302, headers=[("Location", self.path)])

    def do_headers(self, query):
        self.answer(headers=[(f"X-Filler-{i}", "f" * 1000) for i in range(int(query["count"]))])

    def do_garbage(self, query):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.drop()

    # The API

    def session(self, name, endpoint, split):
        with LOCK:
            if endpoint == "setup":
                setup = json.loads(self.body)
                SESSIONS[name] = Session(setup)
                return self.answer({"ok": True})
            if endpoint == "change":
                for change in json.loads(self.body):
                    SESSIONS[name].change(change)
                return self.answer({"ok": True})
            session = SESSIONS.get(name)
            if session is None:
                return self.answer({"error": "no such session"}, 404)
            if endpoint == "log":
                return self.answer(session.log)
            if endpoint == "records":
                return self.answer(session.records)
            if endpoint == "token":
                return self.answer(*guarded.tokens(session).answer(self))
            if self.command == "POST":
                self.query.update({k: str(v) for k, v in json.loads(self.body or b"{}").items()})
            for name, value in self.headers.items():  # parameters may come as headers
                if name.lower().startswith("x-in-"):
                    self.query[name[5:].lower()] = value
            self.set_date(session)
            session.log.append({
                "method": self.command, "path": "/" + endpoint, "query": self.query,
                "target": self.path, "body": self.body.decode("utf-8", "replace"),
                "authorization": self.headers.get("Authorization"), "x_key": self.headers.get("X-Key")})
            if not self.is_authorized(session):
                return self.answer({"error": "who are you? " + str(self.headers.get("Authorization"))},
                                   session.setup.get("denied", 401))
            if self.command == "HEAD":
                return self.answer(status=session.setup.get("head_status", 200))
            if trouble.is_stopped(self, session):
                return
            session.requests += 1
            for change in session.setup.get("changes", []):
                if change["before"] == session.requests:
                    session.change(change)
            fault = self.fault(session)
        if fault:
            return self.fail(fault)
        bodies.hold(session)
        with LOCK:
            page = ENDPOINTS[endpoint](self, session)
        if page is not None:
            trouble.send(self, session, *page)

    def set_date(self, session):
        date = session.setup.get("date")
        if date == "none":
            self.date_text = "none"
        elif date:
            self.date_text = email.utils.formatdate(instant(date), usegmt=True)

    def is_authorized(self, session):
        setup = session.setup
        if "authorization" in setup and self.headers.get("Authorization") != setup["authorization"]:
            return False
        if "x_key" in setup and self.headers.get("X-Key") != setup["x_key"]:
            return False
        if not guarded.admits(self, session):
            return False
        return "api_key" not in setup or self.query.get("api_key") == setup["api_key"]

    def fault(self, session):
        for fault in session.setup.get("faults", []):
            if "nth" in fault and fault["nth"] != session.requests:
                continue
            if "where" in fault and any(self.query.get(k) != v for k, v in fault["where"].items()):
                continue
            if fault.get("times", 1) > 0:
                fault["times"] = fault.get("times", 1) - 1
                return fault
        return None

    def fail(self, fault):
        kind = fault["kind"]
        if kind == "status":
            headers = [(k, v) for k, v in fault.get("headers", {}).items()]
            return self.answer({"error": "fault"}, fault["code"], headers=headers)
        if kind == "truncate":
            return self.answer(b'{"data": [{"id": 1,', length=1000)
        if kind == "cut":  # whole as HTTP, but half a document
            return self.answer(b'{"data": [{"id": 1,')
        if kind == "html":
            return self.answer(b"<html><body>Please <b>log in</b></body></html>", content_type="text/html")
        if kind == "body":
            return self.answer(fault["body"].encode(), content_type=fault.get("type", "application/json"))
        if kind == "reset":
            return self.drop(reset=True)
        if not trouble.fail(self, fault):
            raise ValueError(kind)

    # Ways of paging

    def document(self, session, rows, total, extra=()):
        document = {"data": rows}
        if session.setup.get("total"):
            document["total"] = total
        document.update(extra)
        return document

    def by_page(self, session):
        rows = session.matching(self.query)
        size = min(int(self.query.get("size", session.page_size)), session.page_size)
        number = 1 if session.setup.get("ignores_page") else int(self.query.get("page", 1))
        if session.setup.get("zero_based"):
            number += 1
        page = rows[(number - 1) * size:number * size]
        if number > 1 and not page and session.setup.get("past_end_status"):
            self.answer({"error": "no such page"}, session.setup["past_end_status"])
            return None
        return self.document(session, page, len(rows)), []

    def by_offset(self, session):
        rows = session.matching(self.query)
        offset = int(self.query.get("offset", 0))
        limit = min(int(self.query.get("limit", session.page_size)), session.page_size)
        return self.document(session, rows[offset:offset + limit], len(rows)), []

    def slice_by_token(self, session, token):
        rows = session.matching(self.query)
        start = int(token or 0)
        end = start + session.page_size
        if session.setup.get("cursor_loop") and end >= 3 * session.page_size:
            end = session.page_size
        return rows[start:start + session.page_size], (end if end < len(rows) else None), len(rows)

    def by_cursor(self, session):
        if "initial_cursor" in session.setup:
            return self.by_initial_cursor(session, session.setup["initial_cursor"])
        if session.setup.get("scroll"):
            return self.by_scroll(session)
        page, following, total = self.slice_by_token(session, self.query.get("cursor"))
        more = {"next": following if following is None else str(following)}
        if session.setup.get("has_more"):
            more = {"next": str(following or 0), "has_more": following is not None}
        return self.document(session, page, total, more), []

    def by_initial_cursor(self, session, initial):
        """Without a cursor there is one page and none that leads on."""
        given = self.query.get("cursor")
        page, following, total = self.slice_by_token(session, "" if given == initial else given)
        return self.document(session, page, total, {"next": following and given and str(following)}), []

    def by_scroll(self, session):
        """The same cursor for all pages, and behind the last one too: the server knows where it was."""
        start = session.__dict__.get("scrolled", 0) if self.query.get("cursor") else 0
        session.scrolled = start + session.page_size
        page = session.matching(self.query)[start:session.scrolled]
        return self.document(session, page, 0, {"next": "scroll-1"}), []

    def following_url(self, following, absolute):
        query = {**self.query, "token": str(following)}
        path = urlsplit(self.path).path
        host = f"http://{self.headers['Host']}" if absolute else ""
        return host + path + "?" + "&".join(f"{quote(k)}={quote(v)}" for k, v in query.items())

    def by_next(self, session):
        page, following, total = self.slice_by_token(session, self.query.get("token"))
        url = None if following is None else self.following_url(following, absolute=False)
        url = session.setup.get("next_url", url)
        return self.document(session, page, total, {"links": {"next": url}}), []

    def by_link(self, session):
        page, following, total = self.slice_by_token(session, self.query.get("token"))
        if following is None:
            return page, []
        url = self.following_url(following, absolute=True)
        return page, [("Link", f'<http://other.invalid/>; rel="first", <{url}>; rel="next"')]

    def whole(self, session):
        return session.matching(self.query), []

    def delta(self, session):
        start = int(self.query.get("token") or 0)
        rows = session.records[start:start + session.page_size]
        reached = start + len(rows)
        key = "next" if reached < len(session.records) else "sync"
        return {"items": rows, key: str(reached)}, []


ENDPOINTS = {
    "page": Handler.by_page, "offset": Handler.by_offset, "cursor": Handler.by_cursor,
    "next": Handler.by_next, "link": Handler.by_link, "whole": Handler.whole,
    "delta": Handler.delta, **bodies.ENDPOINTS, **lifelike.ENDPOINTS,
}


# Certificate and key of "localhost", made for these tests and trusted by nobody else.
PEM = """\
-----BEGIN CERTIFICATE-----
MIIBYDCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjA5OTAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOEUAOVtz94HYgT7
dXJQhNFOjyybH4axGBcUwkqYjmvZGuOJF8ayk5ID1Bpluz7CkrxZxjRBamdf0Aor
9bw/itOjSDBGMA8GA1UdEwEB/wQFMAMBAf8wFAYDVR0RBA0wC4IJbG9jYWxob3N0
MB0GA1UdDgQWBBQ/sFbrJ5HOp2Ng9F6OJnYCmR2qOTAKBggqhkjOPQQDAgNHADBE
AiBJ0P4csg2sjSbgGaTTZAHrdmaNnyX/Aw2tJ5DsPTUUuwIgfJeVe/ABEg2Vx2uZ
Hb/3Zw/r05YdPseVRcM3vVUJILU=
-----END CERTIFICATE-----
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqLPsRe9W/3wtIYz7
anegAqgI9kFM5ZsWzQZNESZ2ho2hRANCAAThFADlbc/eB2IE+3VyUITRTo8smx+G
sRgXFMJKmI5r2RrjiRfGspOSA9QaZbs+wpK8WcY0QWpnX9AKK/W8P4rT
-----END PRIVATE KEY-----
"""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ValueError, OSError)):
            super().handle_error(request, client_address)


def front():
    """Starts to speak HTTP/2, the first time."""
    with LOCK:
        if not FRONT:
            import http2
            with certificate() as file:
                FRONT.append(http2.Front(MAIN_PORT[0], file.name))
        return {"port": FRONT[0].port, "streams": FRONT[0].streams, "connections": FRONT[0].connections}


def certificate():
    file = tempfile.NamedTemporaryFile("w")
    file.write(PEM)
    file.flush()
    return file


def secure_server():
    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with certificate() as file:
        context.load_cert_chain(file.name)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


def main():
    servers = [Server(("127.0.0.1", 0), Handler), secure_server()]
    MAIN_PORT.append(servers[0].server_address[1])
    print(*(server.server_address[1] for server in servers), flush=True)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    sys.stdin.read()


main()
