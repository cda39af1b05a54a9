"""Large first reads: in parts, over several connections, killed on the way, while rows change."""

import random
import threading
import time

import pytest

ROWS = 120_000

CONFIG = """
sources:
  shop: {{type: mysql, url_env: SHOP_URL, connections: {connections}}}
streams:
  shop.items:
    key: [id]
    bookmark: {{by: updated_at, settle: 0s{more}}}
    backfill: {{part_rows: 8000}}
"""


@pytest.fixture
def items(project, database):
    """A table whose keys lie in two crowds, far apart."""
    database.set_clock(None)
    database.execute("""
        CREATE TABLE items (
          id BIGINT NOT NULL PRIMARY KEY, version INT NOT NULL, note VARCHAR(100),
          updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
            ON UPDATE CURRENT_TIMESTAMP(6),
          KEY (updated_at))""")
    database.execute(f"""
        INSERT INTO items SELECT IF(seq % 2, seq, seq * 1000000007), 0, REPEAT('x', seq % 90),
          NOW(6) - INTERVAL 1 DAY - INTERVAL seq SECOND FROM seq_1_to_{ROWS}""")
    database.execute("ANALYZE TABLE items")
    project.environment["SHOP_URL"] = database.url
    project.database = database
    return project


def configure(project, connections, more=""):
    return project.configure(CONFIG.format(connections=connections, more=more))


def versions(project):
    return project.rows("shop_items", "id", "version")


@pytest.mark.parametrize("connections", [1, 4])
def test_parts_are_commits(items, connections):
    report = configure(items, connections).run()["shop.items"]
    assert report["rows"] == ROWS
    assert 10 <= report["commits"] <= 25
    assert versions(items) == sorted(items.database.execute("SELECT id, version FROM items"), key=repr)
    assert items.run()["shop.items"]["status"] == "unchanged"
    assert items.leftovers() == []


def test_a_plan_counts_the_parts_and_moves_nothing(items):
    plan = configure(items, 1).tidemark("plan", "--json").expect(0).json[0]
    assert 10 <= plan["splits"] <= 25
    assert ROWS * 0.8 < plan["estimated_rows"] < ROWS * 1.2
    assert items.files("shop_items") == []


def test_what_was_committed_before_a_kill_is_not_read_again(items):
    configure(items, 2)
    process = items.start("run")
    while len(items.files("shop_items")) < 4 and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    process.communicate()
    had = len(items.rows("shop_items"))
    assert 0 < had < ROWS
    mark = items.bookmark("shop.items")
    assert "first read up to" in str(mark), mark
    report = items.run()["shop.items"]
    assert report["rows"] <= ROWS - had + 1
    found = versions(items)
    assert len(found) == len(set(found)) == ROWS


@pytest.mark.parametrize("more", ["", ", lookback: 10m"])
def test_killed_again_and_again_while_rows_change(items, more):
    configure(items, 3, more)
    dice = random.Random(7)
    halt = threading.Event()
    ids = [row[0] for row in items.database.execute("SELECT id FROM items")]

    def write():
        connection = items.database.connect(autocommit=False)
        numbers = random.Random(8)
        while not halt.is_set():
            with connection.cursor() as cursor:
                for _ in range(numbers.randrange(1, 5)):
                    cursor.execute("UPDATE items SET version = version + 1 WHERE id = %s",
                                   [numbers.choice(ids)])
                cursor.execute("INSERT INTO items (id, version) VALUES (%s, 0)",
                               [-numbers.randrange(1, 1 << 60)])
            connection.commit()
            time.sleep(0.002)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(12):
            process = items.start("run")
            time.sleep(dice.uniform(0.05, 0.6))
            process.kill()
            process.communicate()
    finally:
        halt.set()
        writer.join()
    items.run("shop.items", timeout=300)
    time.sleep(0.1)
    items.run()
    items.tidemark("gc", "--grace", "0s").expect(0)
    found = versions(items)
    assert len(found) == len(set(found)), "a version came twice"
    missing = set(items.database.execute("SELECT id, version FROM items")) - set(found)
    assert not missing, sorted(missing)[:5]
    assert items.leftovers() == []


def test_going_back_into_a_first_read(items):
    """A bookmark in the middle of a first read is one like any other."""
    configure(items, 2).run()
    history = items.tidemark("bookmark", "history", "shop.items", "--json").expect(0).json
    assert len(history) >= 10
    first = items.tidemark("runs", "--json").expect(0).json
    assert first
    items.tidemark("bookmark", "rewind", "shop.items", "--to-value", "2000-01-01T00:00:00Z")
    items.tidemark("bookmark", "reset", "shop.items").expect(0)
    assert items.rows("shop_items") == []
    items.run()
    found = versions(items)
    assert len(found) == len(set(found)) == ROWS
