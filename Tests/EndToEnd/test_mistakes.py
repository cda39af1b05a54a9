"""What is wrong is named, with what to do next; nothing is lost, and the rest goes on."""

import pytest

TWO = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
  other: {type: mysql, url_env: OTHER_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: updated_at}}
  other.orders: {key: [id], bookmark: {by: updated_at}}
"""


@pytest.fixture
def two(shop):
    """Two sources, both of the same database as long as nothing is wrong."""
    shop.environment["OTHER_URL"] = shop.database.url
    return shop.configure(TWO)


def remedy_follows(outcome):
    """A message says what to do: more than one line, or more than one sentence."""
    text = outcome.err.strip() or outcome.out.strip()
    assert len(text.splitlines()) > 1 or text.count(". ") > 0, f"no next step in\n{outcome}"


def test_a_wrong_password(two):
    two.environment["OTHER_URL"] = two.database.server.url(two.database.name, password="not-the-secret")
    report = two.run(code=4)
    assert report["shop.orders"]["status"] == "committed"
    assert report["shop.orders"]["rows"] == 100
    assert report["other.orders"]["status"] == "failed"
    assert "denied" in report["other.orders"]["error"].lower()
    assert "not-the-secret" not in report.outcome.out + report.outcome.err
    two.environment["OTHER_URL"] = two.database.url
    assert two.run()["other.orders"]["rows"] == 100


def test_a_server_that_is_not_there(shop):
    shop.environment["SHOP_URL"] = "mysql://tidemark:x@127.0.0.1:1/shop"
    outcome = shop.tidemark("run").expect(3, "127.0.0.1", "shop.orders")
    remedy_follows(outcome)
    shop.tidemark("check").expect(3, "127.0.0.1")


def test_an_environment_variable_that_is_not_set(shop):
    del shop.environment["SHOP_URL"]
    outcome = shop.tidemark("run").expect(2, "SHOP_URL")
    remedy_follows(outcome)


def test_a_missing_table(shop):
    shop.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: updated_at}}
  shop.oders: {key: [id], bookmark: {by: updated_at}}
""")
    report = shop.run(code=4)
    assert report["shop.orders"]["status"] == "committed"
    assert "oders" in report["shop.oders"]["error"]
    remedy_follows(shop.tidemark("run", "shop.oders").expect(2, "oders"))


def test_a_missing_cursor_column(shop):
    shop.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: update_at}}
""")
    outcome = shop.tidemark("run").expect(2, "update_at", "updated_at")
    remedy_follows(outcome)


def test_a_changed_cursor_column_is_refused(shop):
    shop.run()
    shop.database.execute("ALTER TABLE orders ADD created_at TIMESTAMP(6) NOT NULL")
    shop.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: created_at}}
""")
    shop.tidemark("run").expect(5, "updated_at", "reset")
    assert len(shop.table("shop_orders")) == 100


@pytest.mark.parametrize("wrong, found, near", [
    ("streams:\n  shop.orders: {bookmrak: {by: id}}\n", "bookmrak", "bookmark"),
    ("streams:\n  shop.orders: {bookmark: {bye: id}}\n", "bye", "by"),
    ("stream:\n  shop.orders: {bookmark: {by: id}}\n", "stream", "streams"),
    ("streams:\n  shp.orders: {bookmark: {by: id}}\n", "shp.orders", "shop.orders"),
])
def test_an_unknown_key_names_the_nearest(project, wrong, found, near):
    project.configure("sources:\n  shop: {type: mysql, url_env: SHOP_URL}\n" + wrong)
    for verb in ("run", "plan", "check"):
        project.tidemark(verb).expect(2, f"'{found}'", f"'{near}'")
    assert not project.lake.exists()


def test_a_config_that_is_no_yaml_or_not_there(project):
    project.tidemark("run").expect(2, "tidemark.yaml", "tidemark init")
    (project.folder / "tidemark.yaml").write_text("lake: [unclosed\n")
    project.tidemark("run").expect(2, "tidemark.yaml", "line")
    (project.folder / "tidemark.yaml").write_bytes(b"\xff\xfe\x00lake")
    project.tidemark("run").expect(2, "tidemark.yaml")


def test_an_unknown_verb_or_flag(project):
    project.tidemark("rnu").expect(2)
    project.tidemark("run", "--jsn").expect(2, "--json")


def test_a_lake_that_cannot_be_written(shop):
    config = (shop.folder / "tidemark.yaml").read_text()
    # Nobody may make a folder there, not even root.
    (shop.folder / "tidemark.yaml").write_text(config.replace("./lake", "/sys/kernel/lake"))
    for verb in ("run", "check"):
        remedy_follows(shop.tidemark(verb).expect(3, "/sys/kernel/lake"))
    (shop.folder / "tidemark.yaml").write_text(config)
    assert shop.run()["shop.orders"]["rows"] == 100


def test_a_lake_whose_place_is_taken(shop):
    config = (shop.folder / "tidemark.yaml").read_text()
    (shop.folder / "occupied").write_text("not a folder")
    (shop.folder / "tidemark.yaml").write_text(config.replace("./lake", "./occupied/lake"))
    outcome = shop.tidemark("run")
    assert outcome.code in (2, 3), outcome
    remedy_follows(outcome.expect(outcome.code, "occupied/lake"))
    assert (shop.folder / "occupied").read_text() == "not a folder"
    (shop.folder / "tidemark.yaml").write_text(config)
    assert shop.run()["shop.orders"]["rows"] == 100


def test_a_lost_state_is_refused(shop):
    shop.run()
    (shop.folder / ".tidemark").rename(shop.folder / "elsewhere")
    shop.tidemark("run").expect(5, "lake", "state")
    assert len(shop.table("shop_orders")) == 100


LOGS = """
sources:
  web: {{type: logs, path: "{folder}/*.log"}}
streams:
  web.access: {{parse: combined}}
"""


def test_a_malformed_line_is_rejected_and_counted(project, logs):
    logs.write(3)
    with open(logs.folder / "access.log", "ab") as file:
        file.write(b"this is no access log line\n")
        file.write(b"\xff\xfe\x00 bytes \x80\n")
    logs.write(2)
    project.configure(LOGS.format(folder=logs.folder))
    report = project.run()
    assert len(project.table("web_access")) == 5
    rejects = project.table("web_access__rejects").to_pylist()
    assert len(rejects) == 2
    assert any("this is no access log line" in str(row.values()) for row in rejects)
    assert all("access.log" in row["_file"] for row in rejects)
    assert sorted(row["_line"] for row in rejects) == [4, 5]
    assert "reject" in project.tidemark("runs", report.run).out.lower() or report["web.access"]["rows"] >= 5
    assert project.run().rows == 0


def test_a_path_that_matches_nothing(project, tmp_path):
    project.configure(LOGS.format(folder=tmp_path / "nowhere"))
    outcome = project.tidemark("run", "--json")
    assert outcome.code in (0, 3), outcome
    assert "nowhere" in project.tidemark("check").out + project.tidemark("check").err


API = """
sources:
  crm: {{type: api, base_url: {url}, auth: {{bearer_env: CRM_TOKEN}}, retries: 3}}
streams:
  crm.contacts:
    key: [id]
    request: {{path: /contacts, params: {{since: "{{from}}", until: "{{to}}"}}}}
    records: $.data
    paginate: {{cursor: $.next, param: cursor}}
    bookmark: {{by: updated_at, window: 10d, start: 2024-02-28}}
"""


@pytest.fixture
def crm(project, api):
    api.add(1, 25, "2024-02-29T09:30:00Z")
    project.api = api
    return project.configure(API.format(url=api.url))


def ids(project):
    table = project.table("crm_contacts")
    return sorted(table.column("id").to_pylist()) if table is not None else []


def test_an_api_that_fails_for_a_moment(crm):
    crm.api.trouble = [(500, {}, "oops"), (503, {"Retry-After": "1"}, ""), (429, {"Retry-After": "0"}, "{}")]
    assert crm.run()["crm.contacts"]["rows"] == 25
    assert ids(crm) == list(range(1, 26))


def test_an_api_that_keeps_failing(crm):
    crm.api.trouble = [(500, {}, "internal oops")] * 1000
    outcome = crm.tidemark("run", timeout=300)
    assert outcome.code in (3, 4), outcome
    outcome.expect(outcome.code, "500", "crm.contacts")
    remedy_follows(outcome)
    crm.api.trouble = []
    assert crm.run()["crm.contacts"]["rows"] == 25
    assert ids(crm) == list(range(1, 26))


def test_an_api_that_answers_with_a_page_for_people(crm):
    crm.api.trouble = [(200, {"Content-Type": "text/html"}, "<html><body>Login</body></html>")] * 100
    outcome = crm.tidemark("run", timeout=300)
    assert outcome.code in (3, 4), outcome
    outcome.expect(outcome.code, "json")
    remedy_follows(outcome)
    assert ids(crm) == []
    crm.api.trouble = []
    assert crm.run()["crm.contacts"]["rows"] == 25


def test_an_api_that_fails_in_the_middle_moves_nothing(crm):
    crm.api.trouble = []
    good = crm.api.answer
    crm.api.answer = lambda path: (404, {}, "gone") if "cursor=10" in path else good(path)
    outcome = crm.tidemark("run", timeout=300)
    assert outcome.code in (2, 3, 4), outcome
    assert crm.leftovers() == []
    crm.api.answer = good
    crm.run()
    assert ids(crm) == list(range(1, 26))


def test_a_wrong_token(crm):
    crm.environment["CRM_TOKEN"] = "stolen-secret"
    outcome = crm.tidemark("run").expect(3, "401")
    assert "stolen-secret" not in outcome.out + outcome.err
    remedy_follows(outcome)
