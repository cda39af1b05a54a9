"""Tables that are written to while runs follow them: Tidemark beside the common ways of polling."""

import time
from datetime import datetime

from history import SERIAL, TABLES, History, Look, create_tables
from pollers import common_pollers

CONFIG = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: updated_at}}
  shop.tickets: {key: [id], bookmark: {by: changed_at}}
  shop.events: {bookmark: {by: id}}
  shop.clicks: {bookmark: {by: id}}
"""

# A transaction's rows can be read when the clock has passed it by the margin of `settle: auto`.
MARGIN_SECONDS = 2.2


class Following:
    """A database with the tables, a project that follows them, and the pollers beside it."""

    def __init__(self, database, project):
        self.database = database
        self.project = project
        create_tables(database)
        self.history = History(database)
        self.pollers = common_pollers(database)
        self.runs = 0
        project.environment["SHOP_URL"] = database.url
        project.configure(CONFIG)

    def look(self):
        """One run, and one poll of each poller at the same moment."""
        for poller in self.pollers:
            poller.poll()
        begin = time.monotonic()
        report = self.project.run()
        end = time.monotonic()
        ceilings = {}
        for name, stream in report.streams.items():
            table = name.removeprefix("shop.")
            # A run without rows leaves the mark where it was, and says nothing of its ceiling.
            if table not in SERIAL and stream["rows"]:
                ceilings[table] = moment(stream["to"])
        self.history.looks.append(Look(begin, end, ceilings))
        self.runs += 1
        return report

    def settle(self):
        """Lets the last transactions pass, and looks once more."""
        time.sleep(MARGIN_SECONDS)
        return self.look()

    def rows(self, table):
        """What the lake holds, as (id, version). A row that was read in the middle of a change, with
        the cursor of another version, fails."""
        versions, result = self.history.versions(table), []
        for number, version, place in self.project.rows(
                f"shop_{table}", "id", "version", TABLES[table], everything=False):
            key = int(number), int(version)
            at = int(place) if table in SERIAL else place.replace(tzinfo=None)
            assert key not in versions or versions[key][0] == at, (table, key, at, versions[key])
            result.append(key)
        return result

    def verdicts(self):
        """On Tidemark, by table."""
        return {table: self.history.judge(
            table, self.rows(table), () if table in SERIAL else self.history.seen(table))
            for table in TABLES}

    def verdicts_on_pollers(self):
        """On what each poller has collected. Only the rows' last versions are asked of them."""
        return {(poller.table, poller.name): self.history.judge(poller.table, poller.rows)
                for poller in self.pollers}

    def close(self):
        self.history.connection.close()
        for poller in self.pollers:
            poller.close()


def moment(text):
    """A mark as the database has it: without a zone."""
    return datetime.fromisoformat(text.removesuffix("Z")) if text else None


def check(verdicts):
    """Fails unless all are exact."""
    wrong = {table: str(verdict) for table, verdict in verdicts.items() if not verdict.is_exact}
    assert not wrong, wrong
