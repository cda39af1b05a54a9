"""The daily run over a database, an API and log files: only what is new, and all of it."""

import pytest
from orders import expected, versions

CONFIG = """
sources:
  shop: {{type: mysql, url_env: SHOP_URL}}
  web: {{type: logs, path: "{logs}/access.log*"}}
  crm:
    type: api
    base_url: {api}
    auth: {{bearer_env: CRM_TOKEN}}
streams:
  shop.orders: {{key: [id], bookmark: {{by: updated_at}}}}
  web.access: {{parse: combined}}
  crm.contacts:
    key: [id]
    request: {{path: /contacts, params: {{since: "{{from}}", until: "{{to}}"}}}}
    records: $.data
    paginate: {{cursor: $.next, param: cursor}}
    bookmark: {{by: updated_at, window: 1d, start: 2024-02-28}}
"""


@pytest.fixture
def company(project, database, logs, api):
    """Three sources with a first day's data, and the config that names them."""
    database.create_orders()
    database.add_orders(250, "2024-03-01 11:00:00")
    logs.write(40)
    api.add(1, 25, "2024-02-29T09:30:00Z")
    project.environment["SHOP_URL"] = database.url
    project.configure(CONFIG.format(logs=logs.folder, api=api.url))
    project.database, project.logs, project.api = database, logs, api
    return project


def second_day(company):
    company.database.add_orders(30, "2024-03-01 12:30:00")
    company.database.set_clock("2024-03-02 12:00:00")
    company.logs.write(5)
    company.logs.rotate()
    company.logs.write(7)
    company.api.add(26, 12, "2024-03-01T18:00:00Z")
    company.api.now = "2024-03-02T12:00:00Z"


def test_the_first_run_takes_everything(company):
    report = company.run()
    assert report.statuses == {
        "shop.orders": "committed", "web.access": "committed", "crm.contacts": "committed"}
    assert versions(company) == expected(*company.database.orders())
    assert len(company.rows("web_access")) == 40
    assert [row[0] for row in company.rows("crm_contacts", "id")] == sorted(range(1, 26), key=lambda n: repr((n,)))
    assert report["shop.orders"]["rows"] == 250
    assert report["web.access"]["rows"] == 40
    assert report["crm.contacts"]["rows"] == 25


def test_a_second_run_moves_nothing(company):
    company.run()
    before = {table: company.files(table) for table in ("shop_orders", "web_access", "crm_contacts")}
    report = company.run()
    assert set(report.statuses.values()) == {"unchanged"}
    assert report.rows == 0
    assert all(stream["files"] == 0 and stream["commits"] == 0 for stream in report.streams.values())
    assert before == {table: company.files(table) for table in before}


def test_the_second_day_takes_only_what_is_new(company):
    company.run()
    first_files = company.files("shop_orders")
    second_day(company)
    report = company.run()
    assert report["shop.orders"]["rows"] == 30
    assert report["web.access"]["rows"] == 12
    assert report["crm.contacts"]["rows"] == 12
    assert versions(company) == expected(*company.database.orders())
    assert set(first_files) < set(company.files("shop_orders"))
    ids = [row[0] for row in company.rows("crm_contacts", "id")]
    assert sorted(ids) == list(range(1, 38))


def test_log_lines_come_once_through_rotation_and_compression(company):
    company.run()
    second_day(company)
    company.run()
    sizes = sorted(row[0] for row in company.rows("web_access", size_column(company)))
    assert sizes == [number * 10 for number in range(1, 53)]
    places = company.rows("web_access", "_file", "_line")
    assert all(line > 0 for _, line in places)


def test_a_line_that_is_not_complete_waits(company):
    company.run()
    path = company.logs.folder / "access.log"
    line = company.logs.line(99)
    with open(path, "a") as file:
        file.write(line[:30])
    assert company.run("web.access")["web.access"]["status"] == "unchanged"
    with open(path, "a") as file:
        file.write(line[30:])
    assert company.run("web.access")["web.access"]["rows"] == 1


def test_one_source_or_stream_can_be_named(company):
    report = company.run("shop")
    assert list(report.streams) == ["shop.orders"]
    report = company.run("crm.contacts", "web")
    assert set(report.streams) == {"crm.contacts", "web.access"}
    company.tidemark("run", "shop.order").expect(2, "shop.orders")


def test_the_report_has_exactly_the_documented_shape(company):
    outcome = company.tidemark("run", "--json").expect(0)
    assert outcome.out.count("\n") == 1 and outcome.out.endswith("\n")
    report = outcome.json
    assert list(report) == ["run", "streams"]
    for stream in report["streams"]:
        assert list(stream)[:10] == [
            "stream", "status", "rows", "bytes", "files", "commits", "seconds", "from", "to", "error"]
        assert stream["status"] == "committed" and stream["error"] is None
        assert all(type(stream[key]) is int for key in ("rows", "bytes", "files", "commits"))
        assert isinstance(stream["seconds"], (int, float))
        assert stream["from"] is None
        assert stream["files"] >= 1 and stream["commits"] >= 1 and stream["bytes"] > 0
    files = company.files("shop_orders")
    shop = next(stream for stream in report["streams"] if stream["stream"] == "shop.orders")
    assert shop["bytes"] == sum(path.stat().st_size for path in files)
    assert "2024-03-01" in shop["to"]


def test_words_for_people_go_to_a_terminal_and_json_to_scripts(company):
    outcome = company.tidemark("run").expect(0, "shop.orders", "committed", "250")
    assert "\x1b[" not in outcome.out + outcome.err


def size_column(company):
    names = company.table("web_access").column_names
    return next(name for name in names if name in ("size", "bytes", "body_bytes_sent", "bytes_sent"))
