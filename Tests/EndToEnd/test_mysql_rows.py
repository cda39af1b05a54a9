"""Which rows a MySQL stream reads, and what becomes of those that are deleted.

TIDEMARK_KEYS=6000000 compares that many keys within the memory budget; fewer by default.
"""

import os
import re
import time
from pathlib import Path

import pytest
from test_crash import Kills

KEYS = int(os.environ.get("TIDEMARK_KEYS", "300000"))

COMPARED = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders:
    bookmark: {by: updated_at}
    deletes: {compare: 1s}
    lineage: true
"""

# What the guide tells consumers to ask: the rows that there are, each as it is now.
GUIDE = (Path(__file__).parents[2] / "docs" / "mysql.md").read_text()
PRESENT, = (text for text in re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL) if "__deleted" in text)


@pytest.fixture
def shop(project, database):
    database.create_orders()
    project.environment["SHOP_URL"] = database.url
    project.database = database
    return project


@pytest.fixture
def compared(shop):
    """A hundred orders in the lake, whose keys were compared once."""
    shop.database.add_orders(100, "2024-03-01 11:00:00")
    shop.configure(COMPARED)
    shop.run()
    time.sleep(1)
    counts = shop.run()["shop.orders"]["counts"]
    assert counts == {"keys_compared": 100, "keys_deleted": 0}
    time.sleep(1)
    return shop


def deleted(project):
    return [number for number, in project.rows("shop_orders__deleted", "id", everything=False)]


def present(project):
    answer = project.tidemark("query", "--format", "json", PRESENT).expect(0).json
    return sorted(row["id"] for row in answer)


def in_source(project):
    return [number for number, in project.database.execute("SELECT id FROM orders ORDER BY id")]


# Wildcards

def test_two_hundred_tables_over_few_connections(shop):
    for number in range(200):
        cursor = "n INT" if number % 50 == 7 else "id INT AUTO_INCREMENT, PRIMARY KEY (id)"
        shop.database.execute(f"CREATE TABLE audit_{number:03d} (x INT, {cursor})")
        shop.database.execute(f"INSERT INTO audit_{number:03d} (x) VALUES (1), (2)")
    shop.database.execute("CREATE TABLE audit_tmp (x INT)")
    shop.database.execute("CREATE VIEW audit_v AS SELECT 1 AS id")
    shop.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.*:
    include_tables: ["audit_*", orders]
    exclude_tables: ["audit_tmp*"]
    bookmark: {by: id}
""")
    shop.database.server.execute("FLUSH STATUS")
    report = shop.run(code=4)
    most = int(shop.database.execute("SHOW GLOBAL STATUS LIKE 'Max_used_connections'")[0][1])
    # The tests' own connections are among them; a stream that broke off may ask once more.
    assert most <= 8, f"{most} connections at once"
    failed = {name for name, status in report.statuses.items() if status == "failed"}
    assert failed == {f"shop.audit_{number:03d}" for number in (7, 57, 107, 157)}
    assert len(report.streams) == 201 and report.rows == 2 * 196
    error = report["shop.audit_007"]
    assert "`bookmark.by` names a column `id`" in error["error"]
    assert "`exclude_tables: [audit_tmp*, audit_007]` under shop.*" in error["remedy"]
    # One of them by its own name.
    assert set(shop.run("shop.audit_000").statuses) == {"shop.audit_000"}


def test_a_wildcard_that_stands_for_nothing_stops_no_other_stream(shop):
    shop.database.add_orders(3, "2024-03-01 11:00:00")
    shop.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {bookmark: {by: updated_at}}
  shop.odrer_*: {bookmark: {by: id}}
""")
    report = shop.run(code=4)
    assert report.statuses == {"shop.orders": "committed", "shop.odrer_*": "failed"}
    assert "matches `odrer_*`" in report["shop.odrer_*"]["error"]
    assert "Did you mean `orders`?" in report["shop.odrer_*"]["remedy"]
    shop.tidemark("check").expect(2, "matches `odrer_*`")


def test_tables_that_would_fill_one_table_stop_no_other(shop):
    for name in ("audit_a", "Audit_a", "audit_b", "b-c", "b_c"):
        shop.database.execute(f"CREATE TABLE `{name}` (id INT AUTO_INCREMENT PRIMARY KEY)")
        shop.database.execute(f"INSERT INTO `{name}` VALUES (1)")
    shop.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.*: {bookmark: {by: id}, exclude_tables: orders}
  shop.b_c: {bookmark: {by: id}}
""")
    report = shop.run(code=4)
    assert report.statuses == {
        "shop.audit_a": "failed", "shop.Audit_a": "failed", "shop.audit_b": "committed",
        "shop.b-c": "failed", "shop.b_c": "committed"}
    assert "would fill one table, raw.shop_audit_a" in report["shop.Audit_a"]["error"]


# Queries

def test_a_query_limits_itself_by_the_window(shop):
    shop.database.add_orders(50, "2024-03-01 11:00:00")
    config = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.daily:
    query: |
      SELECT DATE(updated_at) AS day, SUM(amount) AS amount, MAX(updated_at) AS last
      FROM orders
      WHERE updated_at >= {PLACE} AND updated_at < {to}
      GROUP BY day
    bookmark: {by: last, nulls: skip}
"""
    shop.configure(config.replace("PLACE", "form"))
    shop.tidemark("check").expect(2, "{form}", "Did you mean {from}?")
    shop.run(code=2)
    shop.configure(config.replace("PLACE", "from"))
    assert shop.run()["shop.daily"]["rows"] == 1
    assert shop.run()["shop.daily"]["rows"] == 0
    shop.database.add_orders(2, "2024-03-01 13:00:00")
    shop.database.set_clock("2024-03-02 12:00:00")
    assert shop.run()["shop.daily"]["rows"] == 1
    assert [float(amount) for amount, in shop.rows("shop_daily", "amount")] == [1593.75, 3.75]


# Deleted rows

def test_deleted_rows_are_found_and_told_once(compared):
    compared.database.execute("DELETE FROM orders WHERE id IN (3, 50, 100)")
    plan = compared.tidemark("plan", "--json").expect(0).json[0]["key_comparison"]
    assert plan["is_due"] and plan["last"] and not plan["waits"]
    compared.tidemark("plan").expect(0, "keys last compared", "due")
    outcome = compared.run()["shop.orders"]
    assert outcome["counts"] == {"keys_compared": 97, "keys_deleted": 3}
    assert outcome["rows"] == 0 and outcome["commits"] == 1
    assert deleted(compared) == [100, 3, 50]  # sorted as texts
    assert len(compared.rows("shop_orders", "id")) == 100, "raw keeps what it saw"
    assert present(compared) == in_source(compared)
    time.sleep(1)
    assert compared.run()["shop.orders"]["counts"]["keys_deleted"] == 0
    shown = compared.tidemark("catalog", "show", "raw.shop_orders", "--json").expect(0).json
    assert shown["Parameters"]["tidemark.deleted_keys"] == "shop_orders__deleted"
    assert shown["Parameters"]["tidemark.key"] == "id"


def test_a_key_that_comes_back_is_there_and_may_go_again(compared):
    compared.database.execute("DELETE FROM orders WHERE id IN (3, 4)")
    compared.run()
    compared.database.set_clock("2024-03-02 12:00:00")
    compared.database.execute(
        "INSERT INTO orders (id, customer, amount, updated_at) VALUES (3, 'back', 1, '2024-03-02 11:00:00')")
    time.sleep(1)
    outcome = compared.run()["shop.orders"]
    assert outcome["rows"] == 1 and outcome["counts"]["keys_deleted"] == 0
    assert present(compared) == in_source(compared)
    compared.database.execute("DELETE FROM orders WHERE id = 3")
    time.sleep(1)
    assert compared.run()["shop.orders"]["counts"]["keys_deleted"] == 1
    assert deleted(compared) == [3, 3, 4]
    assert present(compared) == in_source(compared)


def test_a_key_that_comes_back_with_an_old_cursor_is_there_and_may_go_again(compared):
    compared.database.execute("DELETE FROM orders WHERE id IN (3, 4)")
    compared.run()
    compared.database.execute("""INSERT INTO orders (id, customer, amount, updated_at)
        VALUES (3, 'restored', 3.75, '2024-03-01 11:00:00')""")
    time.sleep(1)
    outcome = compared.run()["shop.orders"]
    assert outcome["counts"] == {"keys_compared": 99, "keys_deleted": 0, "keys_back": 1}
    assert outcome["rows"] == 0 and outcome["commits"] == 1
    assert present(compared) == in_source(compared)
    time.sleep(1)
    assert "keys_back" not in compared.run()["shop.orders"]["counts"], "told once"
    compared.database.execute("DELETE FROM orders WHERE id = 3")
    time.sleep(1)
    assert compared.run()["shop.orders"]["counts"]["keys_deleted"] == 1
    assert deleted(compared) == [3, 3, 3, 4]
    assert present(compared) == in_source(compared)


def test_rewind_and_reset_take_it_back(compared):
    compared.database.execute("DELETE FROM orders WHERE id < 10")
    before = compared.tidemark("runs", "--json").expect(0).json[0]["run"]
    compared.run()
    assert len(deleted(compared)) == 9
    compared.tidemark("bookmark", "rewind", "shop.orders", "--to-run", before).expect(0)
    assert deleted(compared) == []
    compared.run()
    assert len(deleted(compared)) == 9
    compared.tidemark("bookmark", "reset", "shop.orders").expect(0)
    assert deleted(compared) == []
    compared.run()
    assert present(compared) == in_source(compared)


def test_killed_at_any_step_deleted_rows_are_told_once(compared, tmp_path_factory):
    compared.database.execute("DELETE FROM orders WHERE id IN (1, 2, 3)")
    kills = Kills(compared, tmp_path_factory, "run")
    for project, where in kills:
        project.run()
        assert deleted(project) == [1, 2, 3], where
        assert project.leftovers() == [], where
        assert present(project) == in_source(project), where
    assert {"stage-file", "decide", "publish-file"} <= kills.reached


def test_a_source_that_lost_most_of_its_rows_is_doubted(compared):
    compared.database.execute("DELETE FROM orders WHERE id > 10")
    report = compared.run(code=5)
    assert "90 of the table's 100 keys" in report["shop.orders"]["error"]
    assert deleted(compared) == []
    compared.tidemark("run", "--force").expect(0)
    assert len(deleted(compared)) == 90


def test_rows_that_are_marked_as_deleted_carry_the_mark(shop):
    shop.database.add_orders(5, "2024-03-01 11:00:00")
    shop.database.execute("ALTER TABLE orders ADD deleted_at TIMESTAMP NULL")
    shop.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {bookmark: {by: updated_at}, deletes: {column: deleted_at}}
""")
    shop.run()
    shop.database.set_clock("2024-03-02 12:00:00")
    shop.database.execute(
        "UPDATE orders SET deleted_at = NOW(), updated_at = NOW() - INTERVAL 1 HOUR WHERE id = 2")
    assert shop.run()["shop.orders"]["rows"] == 1
    rows = shop.rows("shop_orders", "id", "deleted_at")
    assert [mark is not None for number, mark in rows if number == 2].count(True) == 1
    assert len(rows) == 6
    shown = shop.tidemark("catalog", "show", "raw.shop_orders", "--json").expect(0).json
    assert shown["Parameters"]["tidemark.deleted_column"] == "deleted_at"


def test_many_keys_within_the_memory_budget(shop):
    database = shop.database
    database.execute("CREATE TABLE many (id BIGINT PRIMARY KEY, region CHAR(2) NOT NULL, "
                     "at TIMESTAMP NOT NULL, KEY (at))")
    database.execute("INSERT INTO many SELECT seq * 7919, 'DE', '2024-03-01 11:00:00' "
                     f"FROM seq_1_to_{KEYS}")
    shop.configure(COMPARED.replace("shop.orders", "shop.many").replace("updated_at", "at")
                   .replace("    lineage: true\n", ""))
    shop.run(timeout=600)
    database.execute("DELETE FROM many WHERE id % 1000 = 0")
    left = database.execute("SELECT COUNT(*) FROM many")[0][0]
    outcome = shop.tidemark("run", "--json", timeout=600).expect(0)
    counts = outcome.json["streams"][0]["counts"]
    assert counts == {"keys_compared": left, "keys_deleted": KEYS - left}
    assert len(shop.rows("shop_many__deleted", "id")) == KEYS - left
    print(f"{KEYS} keys: {outcome.seconds:.1f} s, peak memory {outcome.peak_rss_bytes / 1e6:.0f} MB")
    assert 0 < outcome.peak_rss_bytes < 128_000_000, f"{outcome.peak_rss_bytes / 1e6:.0f} MB"
