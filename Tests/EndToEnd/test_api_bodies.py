"""API bodies of every form, child tables and caps, from the server into tables that engines query."""

import csv
import io
import json
import threading
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

import pytest
from contacts_api import moment

FORMS = ["json", "jsonl", "csv", "xml"]
TYPES = {"json": "application/json", "jsonl": "application/x-ndjson", "csv": "text/csv; charset=ISO-8859-1",
         "xml": "application/xml"}


class OrdersAPI:
    """Orders with lines and taxes, paged by offset; `cap` records at most for one window."""

    def __init__(self):
        self.now = "2024-03-01T12:00:00Z"
        self.orders, self.requests, self.cap, self.page_size = [], [], 10 ** 6, 10
        self.shifts = []  # (number of the request, id of the order that changes before it)
        self.body = None  # (type, bytes) that are answered instead
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, first, count, at="2024-02-01T00:{minute:02d}:{second:02d}Z"):
        for number in range(first, first + count):
            self.orders.append({
                "id": number, "code": f"{number:04d}", "who": f"Zoë {number}", "total": number / 4,
                "updated_at": at.format(minute=number // 60 % 60, second=number % 60),
                "lines": [{"line_no": line, "sku": f"s{line}", "taxes": [{"rate": 7 + line}] * (line % 2)}
                          for line in range(1, number % 4 + 1)]})

    def touch(self, number, at):
        order = next(order for order in self.orders if order["id"] == number)
        self.orders.remove(order)
        self.orders.append({**order, "updated_at": at, "lines": order["lines"][:1]})

    def answer(self, path):
        query = dict(parse_qsl(urlsplit(path).query))
        for shift in [s for s in self.shifts if s[0] == len(self.requests)]:
            self.shifts.remove(shift)
            self.touch(shift[1], self.now)
        if self.body:
            return self.body
        found = [order for order in self.orders
                 if moment(query.get("since")) <= moment(order["updated_at"]) < moment(query.get("until", "2100-01-01"))]
        start = int(query.get("offset", 0))
        page = found[:self.cap][start:start + self.page_size]
        form = urlsplit(path).path.strip("/")
        if form == "orders":
            return "application/json", json.dumps({"data": page, "total": len(found)}).encode()
        flat = [{name: value for name, value in order.items() if name != "lines"} for order in page]
        return TYPES[form], getattr(self, form)(flat)

    def json(self, page):
        return json.dumps(page).encode("utf-16")

    def jsonl(self, page):
        return "".join(json.dumps(order) + "\n" for order in page).encode()

    def csv(self, page):
        output = io.StringIO()
        writer = csv.DictWriter(output, ["id", "code", "who", "total", "updated_at"], delimiter=";")
        writer.writeheader()
        writer.writerows(page)
        return output.getvalue().encode("latin-1")

    def xml(self, page):
        items = "".join("<o:order>" + "".join(f"<o:{k}>{escape(str(v))}</o:{k}>" for k, v in order.items())
                        + "</o:order>" for order in page)
        return f"<?xml version='1.0'?><o:orders xmlns:o='urn:orders'>{items}</o:orders>".encode()

    def handler(api):  # noqa: N805 - the handler inside has a self of its own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self):
                if self.command == "GET":
                    api.requests.append(self.path)
                content_type, body = api.answer(self.path)
                self.send_response_only(200)
                self.send_header("Date", format_datetime(moment(api.now), usegmt=True))
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_):
                pass

        return Handler


@pytest.fixture
def orders():
    api = OrdersAPI()
    yield api
    api.close()


def stream(path, more="", page="offset: offset, limit: 10"):
    return f"""
  crm.{path}:
    request: {{path: /{path}, params: {{since: "{{from}}", until: "{{to}}"}}}}
    key: [id]
    bookmark: {{by: updated_at, start: 2024-01-01}}
    paginate: {{{page}}}
{more}"""


def configure(project, api, *streams):
    return project.configure(f"sources:\n  crm: {{type: api, base_url: '{api.url}'}}\nstreams:" + "".join(streams))


def query(project, sql):
    return [tuple(row.values()) for row in project.tidemark("query", "--json", sql).expect(0).json]


LINES = """    records: $.data
    children:
      lines: {path: $.lines, key: [line_no], children: {taxes: $.taxes}}
"""


def test_every_form_fills_the_same_table(project, orders):
    orders.add(1, 35)
    more = {"xml": "    records: //order\n"}
    configure(project, orders, *(stream(form, more.get(form, "")) for form in FORMS))
    assert project.run().rows == 4 * 35
    orders.now = "2024-03-02T12:00:00Z"
    orders.add(36, 5, "2024-03-02T00:00:{second:02d}Z")
    assert {name: s["rows"] for name, s in project.run().streams.items()} == {f"crm.{f}": 5 for f in FORMS}
    assert set(project.run().statuses.values()) == {"unchanged"}
    for form in FORMS:
        table = f"crm_{form}"
        assert query(project, f"SELECT count(*), count(DISTINCT id), sum(total) FROM {table}") == [
            (40, 40, sum(range(1, 41)) / 4)]
        assert query(project, f"SELECT typeof(id), code, who FROM {table} WHERE id = 7") == [
            ("BIGINT", "0007", "Zoë 7")], form


def test_child_tables_are_queried_with_their_parents(project, orders):
    orders.add(1, 30)
    configure(project, orders, stream("orders", LINES))
    assert project.run()["crm.orders"]["rows"] == 30
    lines = sum(number % 4 for number in range(1, 31))
    assert query(project, "SELECT count(*) FROM crm_orders__lines") == [(lines,)]
    joined = """SELECT o.id, l.line_no, l._index, t.rate FROM crm_orders o
        JOIN crm_orders__lines l ON l._parent_id = o.id AND l._parent_updated_at = o.updated_at
        JOIN crm_orders__lines__taxes t ON t._parent_id = o.id AND t._parent_lines_line_no = l.line_no
        WHERE o.id = 3 ORDER BY 2"""
    assert query(project, joined) == [(3, 1, 0, 8), (3, 3, 2, 10)]
    # A changed order is a new version, with the lines that it has now.
    orders.now = "2024-03-02T12:00:00Z"
    orders.touch(3, "2024-03-02T00:00:00Z")
    assert project.run()["crm.orders"]["rows"] == 1
    versions = "SELECT _parent_updated_at, count(*) FROM crm_orders__lines WHERE _parent_id = 3 GROUP BY 1 ORDER BY 1"
    assert [count for _, count in query(project, versions)] == [3, 1]
    # Going back takes the lines with the orders.
    project.tidemark("bookmark", "rewind", "crm.orders", "--to-value", "2024-03-01T11:59:55Z").expect(0)
    assert query(project, "SELECT count(*) FROM crm_orders__lines") == [(lines,)]


def test_children_alone_may_change_what_is_read_whole(project, orders):
    orders.add(1, 8)
    plain = "\n  crm.orders:\n    request: {path: /orders}\n    key: [id]\n    paginate: {offset: offset, limit: 10}\n"
    configure(project, orders, plain + LINES)
    project.run()
    assert project.run().statuses == {"crm.orders": "unchanged"}
    orders.orders[2]["lines"].append({"line_no": 99})
    assert project.run()["crm.orders"]["rows"] == 8
    assert query(project, "SELECT max(line_no), count(*) FROM crm_orders__lines") == [(99, 13)]


@pytest.mark.parametrize("parallel", [1, 4])
def test_rows_come_once_while_pages_shift(project, orders, parallel):
    orders.add(1, 80)
    orders.shifts = [(3, 2), (5, 4), (7, 33)]
    configure(project, orders, stream("orders", "    records: $.data\n",
                                      f"offset: offset, limit: 10, parallel: {parallel}"))
    project.run()
    orders.now = "2024-03-02T12:00:00Z"
    project.run()
    ids = sorted(row[0] for row in query(project, "SELECT id FROM crm_orders WHERE updated_at < '2024-03-01'"))
    assert set(range(1, 81)) - {2, 4, 33} <= set(ids) and len(ids) == len(set(ids))
    again = query(project, "SELECT id, count(*) FROM crm_orders WHERE updated_at >= '2024-03-01' GROUP BY 1 ORDER BY 1")
    assert again == [(2, 1), (4, 1), (33, 1)]


def test_a_capped_server_is_read_in_halves(project, orders):
    orders.add(1, 200)
    orders.cap = 30
    configure(project, orders, stream("orders", "    records: $.data\n", "offset: offset, limit: 10, cap: 30"))
    assert project.run()["crm.orders"]["rows"] == 200
    assert query(project, "SELECT count(DISTINCT id) FROM crm_orders") == [(200,)]
    assert project.run().statuses == {"crm.orders": "unchanged"}


@pytest.mark.parametrize("content_type, body, word", [
    ("text/html", b"<html>log in</html>", "is no JSON"), ("application/json", b"", "is empty"),
    ("application/xml", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "entities"),
    ("application/json", b"[" * 100000, "not whole JSON"), ("text/csv", b'id\n"1', "not whole CSV"),
    ("image/png", b"\x89PNG", "is no JSON"),
])
def test_what_is_no_data_is_an_error(project, orders, content_type, body, word):
    orders.body = (content_type, body)
    configure(project, orders, stream("json"))
    report = project.run(code=4)
    assert word in report["crm.json"]["error"]
    assert project.tidemark("check").code != 0
    orders.body = None
    orders.add(1, 5)
    assert project.run()["crm.json"]["rows"] == 5


def test_xml_logs_parse(project):
    folder = project.folder / "logs"
    folder.mkdir()
    log = folder / "app.xml"
    log.write_text("<?xml version='1.0'?>\n<log>\n" + "".join(
        f"  <e:entry n='{n}'>\n    <at>2024-03-01T10:00:{n:02d}Z</at><msg>a &lt; {n}</msg>\n  </e:entry>\n"
        for n in range(30)) + "  <entry>torn\n  <entry n='30'/>\n</log>\n")
    project.configure(f"sources:\n  app: {{type: logs, path: '{folder}/*.xml'}}\n"
                      "streams:\n  app.log: {parse: {xml: {record: entry}}, close_after: 0s}\n")
    assert project.run()["app.log"]["rows"] == 31
    assert query(project, "SELECT count(*), sum(n)::BIGINT, min(_line), max(msg) FROM app_log") == [
        (31, sum(range(31)), 3, "a < 9")]
    assert query(project, "SELECT count(*) FROM app_log__rejects") == [(1,)]
