"""Every version of every row once: at boundaries and under open transactions."""

import time

from orders import expected, versions


def test_a_changed_row_comes_again_and_no_other(shop):
    shop.run()
    before = shop.database.orders()
    shop.database.set_clock("2024-03-01 13:00:00")
    shop.database.execute("UPDATE orders SET amount = amount + 1 WHERE id IN (3, 5, 100)")
    after = [row for row in shop.database.orders() if row not in before]
    shop.database.set_clock("2024-03-02 12:00:00")
    assert shop.run()["shop.orders"]["rows"] == 3
    assert versions(shop) == expected(*before, *after)


def test_equal_timestamps_at_the_boundary_are_all_in_or_all_out(shop):
    shop.run()
    mark = shop.database.execute("SELECT NOW(6) - INTERVAL 2 SECOND")[0][0]
    assert str(mark.date()) in shop.bookmark("shop.orders")["mark"] if "mark" in shop.bookmark("shop.orders") else True
    # Late rows of the very moment at which the first window closed, and around it.
    for moment in (mark, mark, mark, "2024-03-01 12:00:00", "2024-03-01 12:00:01.999999"):
        shop.database.add_orders(2, moment)
    shop.database.set_clock("2024-03-01 12:00:02")  # the next ceiling is a moment that rows have
    assert shop.run()["shop.orders"]["rows"] == 6
    shop.database.add_orders(1, "2024-03-01 12:00:00")
    shop.database.set_clock("2024-03-02 12:00:00")
    assert shop.run()["shop.orders"]["rows"] == 5
    assert versions(shop) == expected(*shop.database.orders())


def test_microseconds_count(shop):
    shop.database.add_orders(1, "2024-03-01 11:59:57.999999")
    shop.database.add_orders(1, "2024-03-01 11:59:58.000000")
    shop.database.add_orders(1, "2024-03-01 11:59:58.000001")
    assert shop.run()["shop.orders"]["rows"] == 101
    shop.database.set_clock("2024-03-01 13:00:00")
    assert shop.run()["shop.orders"]["rows"] == 2


def test_a_transaction_that_commits_late_is_not_missed(shop):
    """The window closes before the oldest open transaction; here the clock is the true one."""
    shop.database.set_clock(None)
    shop.run()
    late = shop.database.connect(autocommit=False)
    with late.cursor() as cursor:
        cursor.execute("INSERT INTO orders (customer, amount) VALUES ('late', 1), ('late', 2)")
        cursor.execute("UPDATE orders SET amount = 0 WHERE id = 1")
    time.sleep(0.2)
    shop.database.add_orders(5, None)  # committed at once, with later times than the open one's
    time.sleep(2.5)
    shop.run()
    late.commit()
    late.close()
    time.sleep(2.5)
    shop.run()
    rows = versions(shop)
    assert len(rows) == len(set(rows)), "some version came twice"
    missing = set(expected(*shop.database.orders())) - set(rows)
    assert not missing
    assert len(rows) == 100 + 2 + 1 + 5


def test_an_integer_key_counts_up(project, database):
    database.execute("CREATE TABLE audit (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, what TEXT)")
    database.execute("INSERT INTO audit (what) SELECT seq FROM seq_1_to_1000")
    project.environment["SHOP_URL"] = database.url
    project.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.audit: {bookmark: {by: id}}
""")
    assert project.run()["shop.audit"]["rows"] == 1000
    assert project.run()["shop.audit"]["status"] == "unchanged"
    database.execute("INSERT INTO audit (what) SELECT seq FROM seq_1_to_10")
    assert project.run()["shop.audit"]["rows"] == 10
    ids = [int(row[0]) for row in project.rows("shop_audit", "id")]
    assert sorted(ids) == [row[0] for row in database.execute("SELECT id FROM audit ORDER BY id")]


def test_an_id_that_commits_out_of_order_is_not_missed(project, database):
    database.set_clock(None)
    database.execute("CREATE TABLE audit (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, what TEXT)")
    project.environment["SHOP_URL"] = database.url
    project.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.audit: {bookmark: {by: id}}
""")
    slow = database.connect(autocommit=False)
    with slow.cursor() as cursor:
        cursor.execute("INSERT INTO audit (what) VALUES ('slow')")
    database.execute("INSERT INTO audit (what) VALUES ('fast')")
    project.run()
    slow.commit()
    slow.close()
    project.run()
    assert sorted(int(row[0]) for row in project.rows("shop_audit", "id")) == [1, 2]
