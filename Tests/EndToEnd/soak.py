#!/usr/bin/env python3
"""Changes rows, runs, kills and rewinds at random, and compares the lake with the source.

    make soak                      ten minutes
    SOAK_SECONDS=60 make soak      one minute
    python Tests/EndToEnd/soak.py --seed 7    the same order of events again

The table's every version must be in the lake exactly once after each round. Prints the seed first,
and stops at the first difference.
"""

import argparse
import random
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "Demo")]

from mariadb import MariaDB  # noqa: E402
from project import Project  # noqa: E402

STEPS = ["take-lease", "stage-file", "decide", "publish-file", "retire-file", "mark-published",
         "release-lease", "end-run"]

CONFIG = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: updated_at}, partition: [day(updated_at)]}
"""


class Soak:
    def __init__(self, server, folder, seed):
        self.random = random.Random(seed)
        self.server = server
        self.now = datetime(2024, 3, 1, 12)
        self.kills = self.rewinds = 0
        server.execute("CREATE DATABASE soak")
        server.execute("""
            CREATE TABLE soak.orders (
              id INT AUTO_INCREMENT PRIMARY KEY, amount INT NOT NULL,
              updated_at TIMESTAMP(6) NOT NULL, KEY (updated_at))""")
        self.project = Project(folder, {"SHOP_URL": server.url("soak")}).configure(CONFIG)
        self.versions = set()

    def round(self):
        """One day: rows change, runs are disturbed, one run goes through."""
        begin, self.now = self.now, self.now + timedelta(hours=self.random.randint(1, 30))
        self.change_rows(begin)
        self.server.set_clock(f"{self.now}")
        for _ in range(self.random.choice([0, 0, 1, 1, 2, 3])):
            self.disturb()
        self.project.run()
        self.compare("after a run")
        if self.random.random() < 0.2:
            self.go_back()

    def change_rows(self, begin):
        """Inserts and updates whose times lie between the last ceiling and the next."""
        low, high = begin - timedelta(seconds=2), self.now - timedelta(seconds=2)
        moments = [low + (high - low) * self.random.random() for _ in range(self.random.randint(1, 4))]
        moments.append(low)
        for _ in range(self.random.randint(0, 30)):
            moment, amount = self.random.choice(moments), self.random.randint(0, 10**6)
            self.server.execute("INSERT INTO soak.orders (amount, updated_at) VALUES (%s, %s)",
                                [amount, moment])
        self.server.execute(
            f"UPDATE soak.orders SET amount = amount + 1, updated_at = '{self.random.choice(moments)}' "
            f"WHERE id % 17 = {self.random.randint(0, 40)} AND updated_at < '{low}'")
        self.versions |= {(number, amount, moment.replace(tzinfo=timezone.utc)) for number, amount, moment
                          in self.server.execute("SELECT id, amount, updated_at FROM soak.orders")}

    def disturb(self):
        """A run that is killed: at a step, or some time after its start."""
        self.kills += 1
        if self.random.random() < 0.7:
            step, phase = self.random.choice(STEPS), self.random.choice(["before", "after"])
            where = f"{step}:{phase}:{self.random.choice([1, 1, 2])}"
            self.project.tidemark("run", env={"TIDEMARK_CRASH_AT": where})
        else:
            process = self.project.start("run")
            time.sleep(self.random.random() * 0.15)
            process.kill()
            process.communicate()

    def go_back(self):
        """Takes the last commit back and lets it be read again, perhaps after a kill."""
        self.rewinds += 1
        version = self.project.bookmark("shop.orders")["version"]
        arguments = ["bookmark", "rewind", "shop.orders", "--to-version", str(version - 1)]
        if self.random.random() < 0.5:
            where = f"{self.random.choice(STEPS)}:{self.random.choice(['before', 'after'])}"
            self.project.tidemark(*arguments, env={"TIDEMARK_CRASH_AT": where})
        else:
            self.project.tidemark(*arguments).expect(0)
        self.project.run()
        self.compare("after going back")

    def compare(self, when):
        rows = self.project.rows("shop_orders", "id", "amount", "updated_at")
        if len(rows) != len(set(rows)):
            raise AssertionError(f"{when}: {len(rows) - len(set(rows))} versions came twice")
        if set(rows) != self.versions:
            raise AssertionError(f"{when}: missing {sorted(self.versions - set(rows))[:5]}, "
                                 f"too many {sorted(set(rows) - self.versions)[:5]}")
        if self.project.leftovers():
            raise AssertionError(f"{when}: left over {self.project.leftovers()[:5]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.seconds:.0f} seconds", flush=True)
    deadline = time.monotonic() + arguments.seconds
    rounds = 0
    with MariaDB() as server, tempfile.TemporaryDirectory(prefix="tidemark-soak-") as folder:
        soak = Soak(server, folder, arguments.seed)
        while time.monotonic() < deadline:
            try:
                soak.round()
            except AssertionError as error:
                sys.exit(f"round {rounds + 1} failed, seed {arguments.seed}: {error}")
            rounds += 1
            if rounds % 25 == 0:
                print(f"{rounds} rounds, {len(soak.versions)} versions, {soak.kills} kills, "
                      f"{soak.rewinds} rewinds", flush=True)
    print(f"{rounds} rounds, {len(soak.versions)} versions of rows, {soak.kills} kills, "
          f"{soak.rewinds} rewinds: every version exactly once")


if __name__ == "__main__":
    main()
