"""Tables are followed exactly while many write to them; the common ways of polling beside it lose
rows or double them. `make writers` is the long form."""

import os
import threading
import time

import pytest
from conftest import Database
from following import MARGIN_SECONDS, Following, check
from history import TABLES
from mariadb import MariaDB
from pollers import Poller
from writers import ZONES, follow

SECONDS = float(os.environ.get("WRITERS_SECONDS", "6"))


@pytest.fixture(scope="module", params=ZONES)
def zoned_server(request):
    with MariaDB(zone=request.param) as server:
        yield server


@pytest.fixture
def true_time(zoned_server):
    """A database on a server that is not in UTC, with a clock that shows the true time."""
    database = Database(zoned_server)
    database.set_clock(None)
    yield database
    database.connection.close()
    zoned_server.execute(f"DROP DATABASE {database.name}")


def test_many_clients_write_while_runs_follow(true_time, project):
    following, done = follow(true_time, project, SECONDS, seed=2024)
    assert following.runs >= 3 and {"at_once", "held", "prepared"} <= set(done)
    assert sum(len(following.rows(table)) for table in TABLES) > 60
    check(following.verdicts())
    following.close()


class Script:
    """The same events in the same order each time; every statement has its token."""

    def __init__(self, database, project):
        self.following = Following(database, project)
        self.database = database
        self.history = self.following.history

    def begin(self, *statements):
        """Opens a transaction and leaves it open."""
        connection = self.database.connect(autocommit=False)
        token = self.history.token()
        self.run(connection, f"SET @token = {token}", *statements)
        return connection, token

    def run(self, connection, *statements):
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def end(self, transaction):
        connection, token = transaction
        self.history.commit(token, connection.commit)
        connection.close()

    def at_once(self, *statements):
        self.end(self.begin(*statements))

    def waiting(self, statement):
        """A transaction whose statement has to wait, and the thread that waits."""
        transaction = connection, _ = self.begin()
        number = connection.thread_id()
        thread = threading.Thread(target=self.run, args=(connection, statement))
        thread.start()
        for _ in range(200):
            state = self.database.execute(
                f"SELECT INFO FROM information_schema.PROCESSLIST WHERE ID = {number}")
            if state and state[0][0] == statement:
                return thread, transaction
            time.sleep(0.02)
        raise AssertionError(f"'{statement}' does not wait")


INSERTS = [f"INSERT INTO {table} (customer) VALUES ('c')"
           for table in ("orders", "tickets", "events", "clicks")]


def test_what_is_committed_late_is_lost_by_polling_and_not_here(true_time, project):
    script = Script(true_time, project)
    following = script.following
    for _ in range(3):
        script.at_once(*INSERTS)
    time.sleep(MARGIN_SECONDS)
    following.look()

    # A transaction stays open while others come and go; a statement waits for one of its rows.
    late = script.begin("UPDATE orders SET version = version + 1 WHERE id = 1", *INSERTS)
    waiter, waited = script.waiting("UPDATE orders SET version = version + 1 WHERE id = 1")
    given_up = script.begin(*INSERTS)
    script.at_once(*INSERTS)
    following.look()
    given_up[0].rollback()
    given_up[0].close()
    script.end(late)
    waiter.join()
    script.end(waited)
    script.at_once("SET auto_increment_increment = 10", *INSERTS)
    following.look()

    # An update waits for a locked table and is in no transaction while it does. Its transaction,
    # which begins later than its time, stays open for another while.
    locker = true_time.connect()
    script.run(locker, "LOCK TABLES tickets READ")
    waiter, waited = script.waiting("UPDATE tickets SET version = version + 1 WHERE id = 2")
    script.at_once(*INSERTS[::2])
    following.look()
    time.sleep(1)
    locker.close()
    waiter.join()
    script.at_once(*INSERTS)
    following.look()
    script.end(waited)

    # A transaction is prepared, and its connection ends before it is committed.
    connection, token = script.begin("XA START 'x'", *INSERTS, "XA END 'x'", "XA PREPARE 'x'")
    connection.close()
    script.at_once(*INSERTS)
    following.look()
    for _ in range(100):  # until the server has let go of the connection
        try:
            script.history.commit(token, lambda: true_time.execute("XA COMMIT 'x'"))
            break
        except Exception:
            time.sleep(0.02)
    script.at_once(*INSERTS)
    following.settle()

    check(following.verdicts())
    polled = following.verdicts_on_pollers()
    strict = polled["orders", "updated_at > max"]
    assert {(1, 3), (4, 1)} <= set(strict.lost) and not strict.doubled
    inclusive = polled["orders", "updated_at >= max"]
    assert inclusive.lost == strict.lost and inclusive.doubled
    assert polled["orders", "updated_at >= max, known rows dropped"].lost == strict.lost
    assert {(2, 2), (4, 1)} <= set(polled["tickets", "changed_at > max"].lost)
    by_key = polled["events", "id > max"]
    assert (4, 1) in by_key.lost and len(by_key.lost) >= 2 and not by_key.doubled
    following.close()


# When the clocks of Berlin were set back and forward, and what they show around it.
CHANGES = {
    "back": ["2024-10-26 23:30", "2024-10-27 00:30", "2024-10-27 00:59:58", "2024-10-27 01:00:01",
             "2024-10-27 01:10", "2024-10-27 01:40", "2024-10-27 02:30", "2024-10-27 04:00"],
    "forward": ["2024-03-31 00:30", "2024-03-31 00:59:58", "2024-03-31 01:00:01",
                "2024-03-31 01:30", "2024-03-31 03:00"],
}


@pytest.mark.parametrize("change", CHANGES)
def test_times_through_a_clock_change(project, change):
    """Local times come twice in autumn. Time stamps do not, but who reads the server's clock by way
    of its local time is an hour ahead."""
    with MariaDB(zone="Europe/Berlin") as server:
        database = Database(server)
        database.set_clock(CHANGES[change][0])
        project.environment["SHOP_URL"] = database.url
        project.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.visits: {key: [id], bookmark: {by: at}}
  shop.logins: {key: [id], bookmark: {by: at}}
""")
        for table, kind in [("visits", "DATETIME(6)"), ("logins", "TIMESTAMP(6)")]:
            database.execute(
                f"CREATE TABLE {table} (id INT AUTO_INCREMENT PRIMARY KEY, version INT DEFAULT 1, "
                f"at {kind} NOT NULL DEFAULT CURRENT_TIMESTAMP(6), KEY (at))")
        poller = Poller(database, "visits", "at")
        for moment in CHANGES[change]:
            database.set_clock(moment)
            database.execute("INSERT INTO visits () VALUES (), (), ()")
            database.execute("INSERT INTO logins () VALUES (), (), ()")
            project.run()
            poller.poll()
        database.set_clock("2024-12-01 00:00:00")
        project.run()
        poller.poll()
        written = [number for number, in database.execute("SELECT id FROM visits ORDER BY id")]
        assert len(written) == 3 * len(CHANGES[change])
        for table in ("visits", "logins"):
            read = [int(number) for number, in project.rows(f"shop_{table}", "id")]
            assert sorted(read) == written, table
        lost = set(written) - {number for number, _ in poller.rows}
        assert bool(lost) == (change == "back"), lost
        poller.close()
        database.connection.close()
