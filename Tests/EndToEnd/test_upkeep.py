"""Merging small files, cleaning up, and tables whose columns changed."""

import pytest
from events import EVENTS, complete
from orders import expected, versions


@pytest.fixture
def days(shop):
    """Four days of orders, a commit and a file each."""
    shop.run()
    for day in (2, 3, 4):
        shop.database.add_orders(10, f"2024-03-0{day} 11:00:00")
        shop.database.set_clock(f"2024-03-0{day} 12:00:00")
        shop.run()
    return shop


def test_small_files_become_one_and_the_old_ones_stay_for_a_day(days):
    rows = expected(*days.database.orders())
    old = days.files("shop_orders")
    told = days.tidemark("compact", "--dry-run", "--json").expect(0).json
    assert [(item["files_before"], item["files_after"]) for item in told["partitions"]] == [(4, None)]
    assert days.files("shop_orders") == old
    done = days.tidemark("compact", "shop_orders", "--json").expect(0).json
    assert [(item["files_before"], item["files_after"]) for item in done["partitions"]] == [(4, 1)]
    assert versions(days, everything=False) == rows
    assert set(old) < set(days.files("shop_orders"))
    assert days.tidemark("gc").expect(0, "nothing is to be removed")
    would = days.tidemark("gc", "--grace", "0s", "--dry-run", "--json").expect(0).json
    assert would["count"] == 4 and {item["why"] for item in would["removed"]} == {"replaced"}
    assert set(old) < set(days.files("shop_orders"))
    days.tidemark("gc", "--grace", "0s").expect(0, "4 files")
    assert versions(days) == rows
    assert len(days.files("shop_orders")) == 1
    days.tidemark("compact").expect(0, "no partition has small files")


def test_rewinding_past_a_merge_is_exact(days):
    first = days.tidemark("bookmark", "history", "shop.orders", "--json").expect(0).json[-2]
    days.tidemark("compact").expect(0)
    days.tidemark("gc", "--grace", "0s").expect(0)
    before = versions(days)
    days.tidemark("bookmark", "rewind", "shop.orders", "--to-run", first["run"]).expect(0, "20 rows")
    assert len(versions(days, everything=False)) == 110
    version = days.bookmark("shop.orders")["version"]
    days.tidemark("bookmark", "rewind", "shop.orders", "--to-version", str(version - 1)).expect(0)
    assert versions(days, everything=False) == before
    days.tidemark("bookmark", "rewind", "shop.orders", "--to-version", "2").expect(0)
    assert days.run()["shop.orders"]["rows"] == 20
    assert versions(days, everything=False) == before
    days.tidemark("gc", "--grace", "0s").expect(0)
    assert versions(days) == before


def test_what_clean_up_removed_cannot_be_undone(days):
    days.tidemark("bookmark", "rewind", "shop.orders", "--to-version", "2").expect(0)
    days.tidemark("gc", "--grace", "0s").expect(0, "2 files")
    days.tidemark("bookmark", "rewind", "shop.orders", "--to-version", "4").expect(
        5, "20 rows that clean-up has removed", "bookmark history")
    assert days.run()["shop.orders"]["rows"] == 20


def test_unknown_tables_are_named(days):
    days.tidemark("compact", "shop_order").expect(2, "did you mean 'shop_orders'")
    days.tidemark("gc", "--grace", "soon").expect(2, "--grace")


def test_old_and_new_columns_are_read_together(days):
    """An added column, wider numbers: files of before and after, then merged."""
    days.database.execute(
        "ALTER TABLE orders MODIFY amount DECIMAL(14, 4) NOT NULL, ADD channel VARCHAR(10)")
    days.database.execute(
        "INSERT INTO orders (customer, amount, channel, updated_at) "
        "VALUES ('new', 1.2345, 'web', '2024-03-05 11:00:00')")
    days.database.set_clock("2024-03-05 12:00:00")
    assert days.run()["shop.orders"]["rows"] == 1
    rows = expected(*days.database.orders())

    def check(when):
        assert versions(days, everything=False) == rows, when
        answer = days.tidemark(
            "query", "SELECT count(*) AS n, count(channel) AS c, sum(amount) AS s FROM shop_orders",
            "--json").expect(0)
        total = sum(row[1] for row in rows)
        assert f"{len(rows)}" in answer.out and f"{total}" in answer.out, (when, answer)

    check("as they came")
    days.tidemark("compact").expect(0)
    check("merged")
    assert len(days.current_files("shop_orders")) == 1
    days.tidemark("gc", "--grace", "0s").expect(0)
    check("cleaned up")


def test_a_change_that_does_not_fit_stages_nothing(days):
    days.database.execute("ALTER TABLE orders MODIFY amount VARCHAR(20) NOT NULL")
    days.database.add_orders(1, "2024-03-05 11:00:00")
    days.database.set_clock("2024-03-05 12:00:00")
    outcome = days.tidemark("run").expect(5, "was", "what to do", "amount", "nothing was kept")
    assert "decimal" in outcome.err
    assert days.leftovers() == []


def test_merging_stays_within_the_memory(events):
    events.configure(EVENTS.replace("updated_at}", "updated_at}, files: {target: 4MB, compact: off}"))
    events.tidemark("run", timeout=300).expect(0)
    before = len(events.files("shop_events"))
    assert before > 5
    events.configure(EVENTS)
    outcome = events.tidemark("compact", timeout=300).expect(0)
    assert 0 < outcome.peak_rss_bytes < 128_000_000, f"{outcome.peak_rss_bytes / 1e6:.0f} MB"
    assert len(events.current_files("shop_events")) == 1
    events.tidemark("gc", "--grace", "0s").expect(0, f"{before} files")
    assert complete(events)
