"""The truth about tables that many write to: each version of each row, and when it was committed.

Triggers write every version of a row to `<table>_history`, in the transaction that makes it, with
the token of that transaction; what is rolled back is gone from there too. The writers note when
each token's commit began and had ended.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

TABLES = {"orders": "updated_at", "tickets": "changed_at", "events": "id", "clicks": "id"}
# Those whose rows are only added, and followed by their key.
SERIAL = ("events", "clicks")

CREATE = """
CREATE TABLE orders (
  id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, version INT UNSIGNED NOT NULL DEFAULT 1,
  customer VARCHAR(40) NOT NULL, note VARCHAR(40),
  updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  KEY (updated_at));
CREATE TABLE tickets (
  id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, version INT UNSIGNED NOT NULL DEFAULT 1,
  customer VARCHAR(40) NOT NULL, note VARCHAR(40),
  changed_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  KEY (changed_at));
CREATE TABLE events (
  id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, version INT UNSIGNED NOT NULL DEFAULT 1,
  customer VARCHAR(40) NOT NULL);
CREATE TABLE clicks LIKE events"""

HISTORY = """
CREATE TABLE {table}_history (
  id BIGINT UNSIGNED, version INT UNSIGNED, place {kind} NOT NULL, token BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (id, version));
CREATE TRIGGER {table}_inserted AFTER INSERT ON {table} FOR EACH ROW
  INSERT INTO {table}_history VALUES (NEW.id, NEW.version, NEW.{cursor}, @token);
CREATE TRIGGER {table}_updated AFTER UPDATE ON {table} FOR EACH ROW
  INSERT INTO {table}_history VALUES (NEW.id, NEW.version, NEW.{cursor}, @token)"""

KINDS = {"orders": "TIMESTAMP(6)", "tickets": "DATETIME(3)", "events": "BIGINT UNSIGNED",
         "clicks": "BIGINT UNSIGNED"}


def create_tables(database):
    """The tables that are followed, each with its history."""
    statements = CREATE.split(";")
    for table, cursor in TABLES.items():
        statements += HISTORY.format(table=table, cursor=cursor, kind=KINDS[table]).split(";")
    for statement in statements:
        database.execute(statement)


@dataclass
class Verdict:
    """How rows that were collected from a table differ from its history."""

    lost: list = field(default_factory=list)
    doubled: list = field(default_factory=list)
    invented: list = field(default_factory=list)

    @property
    def is_exact(self):
        return not (self.lost or self.doubled or self.invented)

    def __str__(self):
        return (f"lost {len(self.lost)} {self.lost[:5]}, doubled {len(self.doubled)} "
                f"{self.doubled[:5]}, invented {len(self.invented)} {self.invented[:5]}")


@dataclass
class Look:
    """A run: some time between `begin` and `end` it saw the tables, up to a ceiling."""

    begin: float
    end: float
    ceilings: dict


class History:
    """When each transaction committed; safe for many threads."""

    def __init__(self, database):
        # Time stamps as UTC, wherever the server is.
        self.connection = database.connect(init_command="SET time_zone = '+00:00'")
        self.commits = {}
        self.looks = []
        self._lock = threading.Lock()
        self._next = 0

    def token(self):
        """A new transaction's number."""
        with self._lock:
            self._next += 1
            return self._next

    def commit(self, token, perform):
        """Performs what commits the transaction, and notes when."""
        before = time.monotonic()
        perform()
        with self._lock:
            self.commits[token] = (before, time.monotonic())

    def _select(self, statement):
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def versions(self, table):
        """All committed versions: (id, version) → (cursor, token)."""
        return {(number, version): (place, token) for number, version, place, token
                in self._select(f"SELECT id, version, place, token FROM {table}_history")}

    def current(self, table):
        """The table's rows as (id, version)."""
        return set(self._select(f"SELECT id, version FROM {table}"))

    def seen(self, table):
        """Versions that some run must have seen: the row's latest before it began and still when it
        had ended, and below its ceiling."""
        versions = self.versions(table)

        def is_seen(number, version, place, token):
            committed = self.commits[token][1]
            _, later = versions.get((number, version + 1), (None, None))
            replaced = self.commits[later][0] if later else float("inf")
            return any(
                committed < look.begin and look.end < replaced and place < look.ceilings[table]
                for look in self.looks if table in look.ceilings)

        return {key for key, (place, token) in versions.items() if is_seen(*key, place, token)}

    def judge(self, table, rows, also=()):
        """What is wrong with rows that were collected as (id, version): they must be all that the
        table has now and those of `also`, each once, and nothing that was never committed."""
        found, versions = Counter(rows), self.versions(table)
        wanted = self.current(table) | set(also)
        return Verdict(
            lost=sorted(wanted - set(found)),
            doubled=sorted(row for row, count in found.items() if count > 1),
            invented=sorted(set(found) - set(versions)))
