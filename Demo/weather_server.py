#!/usr/bin/env python3
"""A small HTTP API that serves weather records, page by page, out of a CSV or SQLite file.

    WEATHER_TOKEN=… weather_server.py weather.csv --port 8700 --now 2013-06-01 --access-log access.log

    GET  /v1/weather?since=…&until=…&page=N   records with since <= time_hour < until, 500 a page
    GET  /control                             what "now" is
    POST /control?now=2013-06-02T00:00:00     moves it: later records are not served yet
    POST /control?advance=1d                  the same, by a step

Weather needs `Authorization: Bearer <token>`, where the variable that --token-env names is set.
The access log is in the combined format, and is opened anew on SIGHUP, so that it can be rotated.
"""

import argparse, csv, datetime, email.utils, json, os, signal, sqlite3, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

UTC = datetime.timezone.utc
PAGE_SIZE = 500
WIND = {"wind_speed": "speed", "wind_dir": "dir", "wind_gust": "gust"}


def moment(text):
    """A point in time from ISO 8601; no zone means UTC."""
    parsed = datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def iso(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def typed(text):
    """A CSV field as a number where it is one; what is missing is None."""
    if not isinstance(text, str):
        return text
    if text in ("", "NA", "NULL"):
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def rows_of(path, table):
    if path.endswith((".db", ".sqlite", ".sqlite3")):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            database.row_factory = sqlite3.Row
            quoted = table.replace('"', '""')
            return [dict(row) for row in database.execute(f'SELECT * FROM "{quoted}"')]
    with open(path, newline="", encoding="utf-8") as file:
        return [{name: typed(text) for name, text in row.items()} for row in csv.DictReader(file)]


def load(path, table, time_column):
    """The records as (time, record), oldest first; the wind's columns become an object."""
    records = []
    for row in rows_of(path, table):
        record, wind = {}, {}
        for name, value in row.items():
            if name in WIND:
                wind[WIND[name]] = value
            else:
                record[name] = value
        if wind:
            record["wind"] = wind
        at = moment(str(row[time_column]))
        record[time_column] = iso(at)
        records.append((at, record))
    records.sort(key=lambda pair: pair[0])
    return records


class AccessLog:
    def __init__(self, path):
        self.path, self.lock, self.file = path, threading.Lock(), None
        self.reopen()

    def reopen(self, *_):
        if self.path:
            self.file = open(self.path, "a", buffering=1, encoding="utf-8")

    def write(self, handler, status, size):
        if not self.file:
            return
        at = handler.server.now().strftime("%d/%b/%Y:%H:%M:%S +0000")
        referrer, agent = (handler.headers.get(n, "-").replace('"', "'") for n in ("Referer", "User-Agent"))
        line = f'{handler.client_address[0]} - - [{at}] "{handler.requestline}" {status} {size} "{referrer}" "{agent}"\n'
        with self.lock:
            self.file.write(line)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "weather/1.0"

    def log_message(self, *_):
        pass  # log_request writes the access log instead

    def date_time_string(self, timestamp=None):
        instant = self.server.now() if self.server.options.date_header else datetime.datetime.now(UTC)
        return email.utils.format_datetime(instant, usegmt=True)

    def answer(self, document, status=200):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.server.access_log.write(self, status, len(body))

    def do_GET(self):
        split = urlsplit(self.path)
        query = dict(parse_qsl(split.query))
        try:
            if split.path == "/v1/weather":
                self.weather(query)
            elif split.path == "/control":
                if self.command == "POST":
                    self.server.move(query)
                self.answer({"now": iso(self.server.now())})
            else:
                self.answer({"error": f"no such path: {split.path}"}, 404)
        except ValueError as problem:
            self.answer({"error": str(problem)}, 400)

    do_HEAD = do_POST = do_GET

    def weather(self, query):
        token = os.environ.get(self.server.options.token_env)
        if token and self.headers.get("Authorization") != f"Bearer {token}":
            return self.answer({"error": "the bearer token is missing or wrong"}, 401)
        now = self.server.now()
        since = moment(query["since"]) if "since" in query else None
        until = min(now, moment(query["until"])) if "until" in query else now
        rows = [
            record for at, record in self.server.records
            if (since is None or at >= since) and at < until
        ]
        pages = -(-len(rows) // PAGE_SIZE)
        page = int(query.get("page", 1))
        if page < 1:
            raise ValueError("pages count from 1")
        self.answer({
            "data": rows[(page - 1) * PAGE_SIZE:page * PAGE_SIZE],
            "page": page, "pages": pages, "total": len(rows)})


class WeatherServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options):
        super().__init__((options.host, options.port), Handler)
        self.options = options
        self.records = load(options.file, options.table, options.time_column)
        self.access_log = AccessLog(options.access_log)
        self.simulated = moment(options.now) if options.now else None

    def now(self):
        """The simulated time, which stands still, or the real one."""
        return self.simulated or datetime.datetime.now(UTC)

    def move(self, query):
        if "now" in query:
            self.simulated = moment(query["now"])
        elif "advance" in query:
            step, unit = query["advance"][:-1], query["advance"][-1:]
            if unit not in "hdw" or not step.isdigit():
                raise ValueError("advance takes steps such as 6h, 1d, 2w")
            names = {"h": "hours", "d": "days", "w": "weeks"}
            self.simulated = self.now() + datetime.timedelta(**{names[unit]: int(step)})
        else:
            raise ValueError("say now=… or advance=…")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="CSV with a header line, or SQLite (.db, .sqlite)")
    parser.add_argument("--table", default="weather", help="the table of a SQLite file")
    parser.add_argument("--time-column", default="time_hour", help="the column that since and until compare")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and prints it")
    parser.add_argument("--now", help="the simulated time; by default the real one")
    parser.add_argument("--date-header", action="store_true", help="answer with the simulated time as Date")
    parser.add_argument("--token-env", default="WEATHER_TOKEN", help="the variable that holds the token")
    parser.add_argument("--access-log", help="a file for the access log")
    server = WeatherServer(parser.parse_args())
    signal.signal(signal.SIGHUP, server.access_log.reopen)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("http://%s:%s" % server.server_address, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
