"""From a live database to a config, and what `check` says of it."""

import datetime
import json
import re

import pytest
from conftest import Database
from project import Project
from shop_schema import create_shop


@pytest.fixture
def found(project, database):
    """A project whose config `init` wrote after a look at a shop."""
    create_shop(database)
    project.environment["SHOP_URL"] = database.url
    project.database = database
    project.init = project.tidemark("init", "--from", "env:SHOP_URL", "--name", "shop").expect(0)
    project.config = (project.folder / "tidemark.yaml").read_text()
    return project


@pytest.fixture(scope="module")
def written(server, tmp_path_factory):
    """What `init` writes about a shop, for tests that only read it."""
    database = Database(server)
    create_shop(database)
    project = Project(tmp_path_factory.mktemp("written"), {"SHOP_URL": database.url})
    project.tidemark("init", "--from", "env:SHOP_URL", "--name", "shop").expect(0)
    database.connection.close()
    server.execute(f"DROP DATABASE {database.name}")
    server.set_clock(None)
    return (project.folder / "tidemark.yaml").read_text()


def block(config, stream):
    """A stream of the config, with the comments above it, on one line each."""
    blocks = re.split(r"\n\n", config.split("streams:\n")[1])
    return next(re.sub(r"\n  # (?!or |warning)", " ", text) for text in blocks
                if re.search(rf"^  \"?{re.escape(stream)}\"?:", text, re.MULTILINE))


def plain(value):
    """A value as both pymysql and pyarrow have it."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, str) and value.startswith("0000-00-00"):
        return None
    return value


def rows_of(database, table, columns):
    names = ", ".join(f"`{column}`" for column in columns)
    return sorted(([*map(plain, row)] for row in database.execute(f"SELECT {names} FROM `{table}`")),
                  key=repr)


def test_the_written_config_reads_every_row_once(found):
    assert found.tidemark("check").code == 0
    report = found.run()
    assert set(report.statuses.values()) == {"committed"}
    tables = {"web_sessions__100_": "Web Sessions: 100%"}
    for stream in report.streams:
        item = stream.removeprefix("shop.")
        table = found.table(f"shop_{item}")
        mine = sorted(([plain(row[name]) for name in table.column_names]
                       for row in table.to_pylist()), key=repr)
        theirs = rows_of(found.database, tables.get(item, item), table.column_names)
        if item == "exchange_rates":
            # More than 38 digits: as text.
            theirs = sorted(([*row[:-1], str(row[-1])] for row in theirs), key=repr)
        assert mine == theirs, stream
    assert len(report.streams) == 16
    again = found.run()
    assert set(again.statuses.values()) == {"unchanged"}
    # What changes and what comes is what the next run reads.
    found.database.set_clock("2024-03-02 12:00:00")
    found.database.execute("UPDATE orders SET status = 'sent' WHERE id = 18")
    found.database.execute("UPDATE order_items SET quantity = 99 WHERE id = 5")
    found.database.execute("INSERT INTO audit_log (actor, action) VALUES ('bob', 'came')")
    found.database.execute("UPDATE shipments_2024_01 SET state = 'lost' WHERE id = 3")
    found.database.set_clock("2024-03-03 12:00:00")
    third = found.run()
    changed = {stream: result["rows"] for stream, result in third.streams.items()
               if result["status"] == "committed"}
    assert changed == {"shop.orders": 1, "shop.order_items": 900, "shop.audit_log": 1,
                       "shop.shipments_2024_01": 1}


@pytest.mark.parametrize("stream, settings, words", [
    ("shop.orders", ["key: [id]", "bookmark: {by: updated_at}"],
     ["updated_at: TIMESTAMP(6) ON UPDATE, indexed by idx_updated"]),
    ("shop.customers", ["bookmark: {by: updated_at}"],
     ["not indexed", "warning: for want of an index", "CREATE INDEX `by_updated_at`",
      "local times of the server's zone, +00:00", "deletes: {column: deleted_at}"]),
    ("shop.products", ["key: [sku]", "bookmark: {by: date_upd, lookback: 10m}"],
     ["No ON UPDATE: applications write it"]),
    ("shop.payments", ["bookmark: {by: modified_at, lookback: 10m, nulls: include}"],
     ["It may be NULL"]),
    ("shop.audit_log", ["bookmark: {by: id}"], ["AUTO_INCREMENT", "rows are only added"]),
    ("shop.order_items", ["key: [id]"], ["Rows may change", "# or `by: id`"]),
    ("shop.exchange_rates", ["key: [currency, day]"],
     ["No column can be a cursor", "warning: rate: more than 38 digits"]),
    ("shop.legacy_import", ["{}"],
     ["no primary key", "0000-00-00 become null", "ENGINE = InnoDB"]),
    ("shop.coupons", ["key: [code]", "bookmark: {by: changed}"], ["secret: invisible"]),
    ("shop.shipments_*", ["key: [id]", "bookmark: {by: updated_at}"],
     ["4 tables of one shape, shipments_2023_11 … shipments_2024_02"]),
    ("shop.true", ['key: ["null"]'], []),
    ("shop.web_sessions__100_",
     ['table: "`Web Sessions: 100%`"', 'key: ["session id"]', 'by: "last seen, updated"'], []),
])
def test_each_stream_says_why(written, stream, settings, words):
    text = block(written, stream)
    for fragment in settings + words:
        assert fragment in text, f"no '{fragment}' in\n{text}"
    if not any("bookmark" in setting for setting in settings):
        assert stream == "shop.web_sessions__100_" or "bookmark:" not in text


def test_what_is_written_is_in_order_and_the_same_each_time(found):
    # Estimates of the server's are left out: they change by themselves.
    assert "Left out: views: open_orders" in found.config
    assert "Left out: sequences: ticket_numbers" in found.config
    streams = re.findall(r"^  \"?(shop\.\S+?)\"?:", found.config, re.MULTILINE)
    assert streams == sorted(streams)
    assert len(streams) == 13
    second = found.tidemark("init", "--from", "env:SHOP_URL", "--name", "shop", "--config", "-").expect(0)
    assert re.sub(r"about [\d,.]+ rows?, [\d.]+ \w+", "", second.out, flags=re.I) == re.sub(
        r"about [\d,.]+ rows?, [\d.]+ \w+", "", found.config, flags=re.I)
    assert all(len(line) <= 100 for line in found.config.splitlines()
               if not re.search("CREATE INDEX|ALTER TABLE", line))


def test_no_secret_is_written_or_said(found):
    server = found.database.server
    assert "url_env: SHOP_URL" in found.config
    refused = found.tidemark("init", "--from", found.database.url).expect(5, "exists", "--force")
    assert (found.folder / "tidemark.yaml").read_text() == found.config
    forced = found.tidemark("init", "--from", found.database.url, "--force").expect(
        0, f"export {found.database.name.upper()}_URL=", "env:")
    written = (found.folder / "tidemark.yaml").read_text()
    assert f"url_env: {found.database.name.upper()}_URL" in written
    wrong = found.tidemark("init", "--from", server.url(found.database.name, "wrong-secret"),
                           "--force").expect(3, "denied")
    dead = found.tidemark("init", "--from", "mysql://u:wrong-secret@127.0.0.1:1/x", "--force").expect(3)
    odd = found.tidemark("init", "--from", "ftp://u:wrong-secret@x/y", "--force").expect(2, "mysql://")
    none = found.tidemark("init", "--from", "u:wrong-secret@x", "--force").expect(2, "mysql://")
    found.tidemark("init", "--from", "env:NOT_SET", "--force").expect(2, "NOT_SET", "export")
    for outcome in (found.init, refused, forced, wrong, dead, odd, none):
        said = outcome.out + outcome.err
        assert server.password not in said and "wrong-secret" not in said
    assert server.password not in found.config + written
    # What failed wrote nothing.
    assert (found.folder / "tidemark.yaml").read_text() == written


def test_json_has_what_was_found(found):
    outcome = found.tidemark("init", "--from", "env:SHOP_URL", "--name", "shop", "--json", "--force")
    told = outcome.expect(0).json
    assert told["variable"] == "SHOP_URL" and told["type"] == "mysql"
    streams = {stream["stream"]: stream for stream in told["streams"]}
    assert streams["shop.orders"]["config"] == {"key": ["id"], "bookmark": {"by": "updated_at"}}
    assert len(streams["shop.shipments_*"]["tables"]) == 4
    warning = next(remark for remark in streams["shop.customers"]["remarks"]
                   if remark["kind"] == "warning")
    assert warning["statement"].startswith("CREATE INDEX")
    found.database.execute(warning["statement"])
    again = found.tidemark("init", "--from", "env:SHOP_URL", "--json", "--force", "--name", "shop").json
    assert not any(remark["kind"] == "warning" for stream in again["streams"]
                   if stream["stream"] == "shop.customers" for remark in stream["remarks"])


def test_names_that_are_hard_on_yaml(project, database):
    names = ["no", "# comment", "a: b", "{x}", "quote\"d", "back`tick", "new\nline", "tab\there",
             "- dash", "2024", "ümläut", "star*", "per%cent", "comma, too", "trailing'", "x.y"]
    for name in names:
        quoted = name.replace("`", "``").replace("%", "%%")
        database.execute(f"CREATE TABLE `{quoted}` (`{quoted}` INT NOT NULL PRIMARY KEY, v INT)", ())
        database.execute(f"INSERT INTO `{quoted}` VALUES (1, 2)", ())
    project.environment["SHOP_URL"] = database.url
    project.tidemark("init", "--from", "env:SHOP_URL").expect(0)
    project.tidemark("check").expect(0)
    report = project.run()
    assert len(report.streams) == len(names)
    assert report.rows == len(names)
    assert set(project.run().statuses.values()) == {"unchanged"}


def test_a_large_table_is_split_by_the_time_its_rows_came(project, database):
    database.execute("""
        CREATE TABLE scans (
          id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, image LONGBLOB NOT NULL,
          created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
          updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
          KEY (updated_at))""")
    # Of four years, on pages of its own: 300 MB to the server, little work for it.
    database.execute("""
        INSERT INTO scans (image, created_at, updated_at)
        SELECT REPEAT('x', 15000), '2020-01-01' + INTERVAL seq * 2 HOUR, '2024-02-01'
        FROM seq_0_to_17519""")
    database.execute("ANALYZE TABLE scans")
    project.environment["SHOP_URL"] = database.url
    project.tidemark("init", "--from", "env:SHOP_URL", "--name", "shop").expect(0)
    text = block((project.folder / "tidemark.yaml").read_text(), "shop.scans")
    assert "partition: [year(created_at)]" in text
    assert re.search(r"A year of created_at has about 4,[3-4]\d\d rows, \d\d[.\d]* MB", text), text
    report = project.run()
    assert report.rows == 17520
    folders = {path.parent.name for path in project.files("shop_scans")}
    assert folders == {f"created_at_year={year}" for year in (2020, 2021, 2022, 2023)}


def test_an_empty_database_or_none(project, database):
    project.environment["SHOP_URL"] = database.url
    project.tidemark("init", "--from", "env:SHOP_URL").expect(2, "no tables", "Grant SELECT")
    project.environment["SHOP_URL"] = database.url.rsplit("/", 1)[0]
    project.tidemark("init", "--from", "env:SHOP_URL").expect(2, "names no database", database.name)
    assert not (project.folder / "tidemark.yaml").exists()


# check

def test_check_says_once_what_holds_for_many(found):
    text = found.tidemark("check").expect(0).out
    assert text.count("not seen: deleted rows") == 1
    assert re.search(r"^  ✓ shop\.shipments_\* +4 tables, all well$", text, re.MULTILINE)
    assert re.search(r"^  ! shop\.customers +by updated_at, about [\d,]+ rows", text, re.MULTILINE)
    assert "DATETIME values are taken to be local times of the zone +00:00\n" \
        "    shop.customers, shop.payments, shop.products\n" in text
    assert text.rstrip().endswith("16 streams: 3 warnings.")
    # Shorter than a line for every stream and finding.
    assert len(text.splitlines()) < 70


def test_check_tells_scripts_all_of_it(found):
    told = found.tidemark("check", "--json").expect(0).json
    source = next(entry for entry in told if "stream" not in entry)
    assert source["source"] == "shop"
    assert any("MariaDB" in finding["message"] for finding in source["findings"])
    streams = {entry["stream"]: entry for entry in told if "stream" in entry}
    assert len(streams) == 16
    assert streams["shop.shipments_2024_01"]["pattern"] == "shop.shipments_*"
    codes = {finding["code"]: finding for finding in streams["shop.customers"]["findings"]}
    assert codes["cursor_not_indexed"]["severity"] == "warning"
    found.database.execute(codes["cursor_not_indexed"]["remedy"])
    after = found.tidemark("check", "shop.customers", "--json").expect(0).json
    assert "cursor_not_indexed" not in json.dumps(after)


@pytest.fixture
def reader(found):
    """The project read by a user who may do no more than it was granted."""
    server = found.database.server
    server.execute("CREATE USER 'low'@'127.0.0.1' IDENTIFIED BY 'pw'")
    found.environment["SHOP_URL"] = f"mysql://low:pw@127.0.0.1:{server.port}/{found.database.name}"
    yield found
    server.execute("DROP USER 'low'@'127.0.0.1'")


def test_the_remedies_of_check_mend_what_they_are_for(reader):
    """Runs what `check` prints, as its user would, until nothing is denied."""
    server, name = reader.database.server, reader.database.name
    server.execute(f"GRANT SELECT ON `{name}`.orders TO 'low'@'127.0.0.1'")
    text = reader.tidemark("check").expect(2, "shop.shipments_*").out
    assert text.count("there is no such table, or none that the user may see") == 1
    grants = re.findall(r"GRANT .* TO 'low'@'127\.0\.0\.1'", text)
    assert len(grants) == 13  # eleven tables, PROCESS, and the replica's monitor
    for grant in grants:
        server.execute(grant.replace("%", "%%"), ())
    for month in ("2023_11", "2023_12", "2024_01", "2024_02"):
        server.execute(f"GRANT SELECT ON `{name}`.shipments_{month} TO 'low'@'127.0.0.1'")
    text = reader.tidemark("check").expect(0).out
    assert "GRANT" not in text
    assert set(reader.run().statuses.values()) == {"committed"}


def test_a_source_that_is_not_reached_is_said_once(found):
    found.environment["SHOP_URL"] = f"mysql://u:p@127.0.0.1:1/{found.database.name}"
    text = found.tidemark("check").expect(3, "127.0.0.1:1").out
    assert text.count("error:") == 1
    assert "14 streams" not in text or "not looked at" in text
    told = found.tidemark("check", "--json").expect(3).json
    assert all(entry["findings"] for entry in told)


def test_plan_shows_each_kind_of_cursor(found):
    text = found.tidemark("plan").expect(0).out
    assert "why        up to the server's clock, less 2 s\n" in text
    assert "why        up to the highest number in the snapshot" in text
    assert "why        the stream has no `bookmark`" in text
    found.run()
    after = found.tidemark("plan", "shop.orders", "shop.audit_log").expect(0).out
    assert after.count("nothing is new") == 2
