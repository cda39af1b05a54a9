#!/usr/bin/env python3
"""Clients that write to tables in every way that makes following them hard, while runs follow.

    make writers                          a minute on a server of each zone
    make writers SECONDS=600 SEED=7       the same mix of clients for longer

Rows are inserted and changed, at once and in transactions that stay open across several runs and
are then committed or rolled back; statements wait for rows, for LOCK TABLES and for ALTER TABLE;
XA transactions are prepared, left by their connection, and committed later; keys come in steps, in
bulk and with gaps. At the end each row's last version, and each version that a run must have seen,
must be in the lake exactly once. Which client does what is from the seed; who meets whom is not.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pymysql

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "Demo")]

from following import Following, check  # noqa: E402
from history import SERIAL, TABLES  # noqa: E402
from mariadb import MariaDB  # noqa: E402
from pollers import describe  # noqa: E402
from project import Project  # noqa: E402

ZONES = ["Asia/Tokyo", "America/New_York"]

# Waited too long, a deadlock, a number not given out, a changed definition, an XA transaction lost.
LOST_RACES = {1205, 1213, 1467, 1412, 1402, 1614}


class Client(threading.Thread):
    """One client with a connection of its own, which does one thing after the other."""

    def __init__(self, following, seed, stop):
        super().__init__(daemon=True)
        self.following, self.history = following, following.history
        self.random = random.Random(seed)
        self.stop = stop
        self.failure = None
        self.connection = None
        self.done = {}

    def run(self):
        try:
            self.connect()
            while not self.stop.is_set():
                act = self.random.choices(
                    [self.at_once, self.held, self.prepared, self.locking, self.altering],
                    [80, 25, 8, 2, 1])[0]
                try:
                    act()
                    self.done[act.__name__] = self.done.get(act.__name__, 0) + 1
                except pymysql.err.MySQLError as error:
                    if error.args[0] not in LOST_RACES:
                        raise
                    self.connect()
                self.pause(0.1)
        except BaseException as error:  # the test says which client failed, and why
            self.failure = error
        finally:
            self.connection.close()

    def connect(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = self.following.database.connect()
        self.execute("SET innodb_lock_wait_timeout = 8, lock_wait_timeout = 8")
        step = self.random.choice([1, 1, 2, 10])
        self.execute(f"SET auto_increment_increment = {step}, auto_increment_offset = 1")

    def execute(self, statement, connection=None):
        with (connection or self.connection).cursor() as cursor:
            cursor.execute(statement)

    def pause(self, seconds_max):
        time.sleep(self.random.random() * seconds_max)

    def statement(self, tables=tuple(TABLES), mayBeBulk=True):
        """Something that writes. Some changes are to a few rows, which others change too."""
        table = self.random.choice(tables)
        if table in SERIAL or self.random.random() < 0.5:
            if mayBeBulk and self.random.random() < 0.15:
                count = self.random.randint(2, 9)
                return f"INSERT INTO {table} (customer) SELECT seq FROM seq_1_to_{count}"
            return f"INSERT INTO {table} (customer) VALUES ('c')"
        few = self.random.random() < 0.2
        which = self.random.randint(1, 4 if few else 60)
        return f"UPDATE {table} SET version = version + 1 WHERE id = {which}"

    def begin(self):
        token = self.history.token()
        self.execute(f"SET @token = {token}")
        return token

    # What clients do

    def at_once(self):
        token = self.begin()
        self.history.commit(token, lambda: self.execute(self.statement()))

    def held(self):
        """A transaction that stays open, over several runs at times, and is given up at times."""
        token = self.begin()
        self.execute("BEGIN")
        for _ in range(self.random.randint(1, 3)):
            self.execute(self.statement())
            self.pause(0.3)
        self.pause(self.random.choice([0.2, 1, 4]))
        if self.random.random() < 0.3:
            self.execute("ROLLBACK")
        else:
            self.history.commit(token, lambda: self.execute("COMMIT"))

    def prepared(self):
        """An XA transaction, which outlives its connection, and is ended by another."""
        token = self.begin()
        name = f"'x{token}'"
        self.execute(f"XA START {name}")
        self.execute(self.statement())
        self.execute(self.statement(SERIAL))
        self.execute(f"XA END {name}")
        self.execute(f"XA PREPARE {name}")
        self.connect()
        self.pause(2.5)
        # The server takes a moment to let go of the connection that has prepared it.
        deadline = time.monotonic() + 5
        while True:
            try:
                if self.random.random() < 0.3:
                    self.execute(f"XA ROLLBACK {name}")
                else:
                    self.history.commit(token, lambda: self.execute(f"XA COMMIT {name}"))
                return
            except pymysql.err.MySQLError as error:
                if error.args[0] != 1397 or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def locking(self):
        """A table is locked; other clients' statements wait for it without a transaction."""
        table = self.random.choice(["orders", "tickets"])
        self.execute(f"LOCK TABLES {table} WRITE")
        token = self.begin()
        self.history.commit(token, lambda: self.execute(self.statement((table,), mayBeBulk=False)))
        self.pause(1)
        self.execute("UNLOCK TABLES")

    def altering(self):
        """A table is altered: it waits for open transactions, and who comes then waits for it."""
        table = self.random.choice(["orders", "tickets"])
        self.execute(f"ALTER TABLE {table} COMMENT 'altered {self.history.token()}'")


@contextmanager
def writing(following, seed, count=9):
    """Clients at work while the body runs, and none behind it."""
    stop = threading.Event()
    clients = [Client(following, f"{seed}/{number}", stop) for number in range(count)]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        stop.set()
        for client in clients:
            client.join(60)
    for client in clients:
        if client.failure:
            raise client.failure
        assert not client.is_alive(), "a client is stuck"


def follow(database, project, seconds, seed):
    """Follows clients for some seconds without pause; what was found is checked at the end."""
    following = Following(database, project)
    deadline = time.monotonic() + seconds
    with writing(following, seed) as clients:
        while time.monotonic() < deadline:
            following.look()
    following.settle()
    done = {}
    for client in clients:
        for name, count in client.done.items():
            done[name] = done.get(name, 0) + count
    return following, done


def main():
    from conftest import Database

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.seconds:.0f} seconds in each zone", flush=True)
    for zone in ZONES:
        with MariaDB(zone=zone) as server, tempfile.TemporaryDirectory() as folder:
            database = Database(server)
            database.set_clock(None)
            following, done = follow(
                database, Project(folder, {}), arguments.seconds, arguments.seed)
            verdicts = following.verdicts()
            seen = sum(len(following.history.seen(table)) for table in ("orders", "tickets"))
            print(f"{zone}: {following.runs} runs beside {done}; {seen} versions had to be seen")
            for table, verdict in verdicts.items():
                print(f"  {table + ':':9} {'Tidemark':34} lost {len(verdict.lost)}, "
                      f"doubled {len(verdict.doubled)}")
            print(describe(following.verdicts_on_pollers()), flush=True)
            following.close()
            try:
                check(verdicts)
            except AssertionError as error:
                sys.exit(f"seed {arguments.seed}, {zone}: {error}")
    print("every version exactly once")


if __name__ == "__main__":
    main()
