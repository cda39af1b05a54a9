#!/usr/bin/env python3
"""Changes rows, runs, merges, cleans up, rewinds and kills at random, and compares the lake with the
source.

    make crash                           five minutes
    make crash SEED=7 CRASH_SECONDS=60   the same order of events again, for a minute
    make crash CRASH_LAKE=s3             the lake in a bucket of a SeaweedFS server
    make soak                            ten minutes

The table's every version must be in the lake exactly once after each round, where the catalog says
that it lies; after a clean-up, its folder must hold nothing else. Prints the seed first, and stops
at the first difference.
"""

import argparse
import contextlib
import random
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "Demo")]

from mariadb import MariaDB  # noqa: E402
from project import Project, binary  # noqa: E402
from s3project import S3Project  # noqa: E402
from seaweedfs import SeaweedFS  # noqa: E402

STEPS = subprocess.run([binary()], env={"TIDEMARK_CRASH_AT": "list"}, capture_output=True, text=True,
                       check=True).stdout.split()
UPKEEP = [("compact",), ("gc", "--grace", "0s"), ("gc",)]

CONFIG = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: updated_at}, partition: [day(updated_at)]}
"""


class Soak:
    def __init__(self, server, folder, seed, s3=None):
        self.random = random.Random(seed)
        self.server = server
        self.now = datetime(2024, 3, 1, 12)
        self.kills = self.rewinds = self.merges = self.refusals = self.columns = 0
        server.execute("CREATE DATABASE soak")
        server.execute("""
            CREATE TABLE soak.orders (
              id INT AUTO_INCREMENT PRIMARY KEY, amount INT NOT NULL,
              updated_at TIMESTAMP(6) NOT NULL, KEY (updated_at))""")
        environment = {"SHOP_URL": server.url("soak")}
        if s3:
            s3.client.create_bucket(Bucket="soak")
            self.project = S3Project(folder, environment, s3, "soak")
        else:
            self.project = Project(folder, environment)
        self.project.configure(CONFIG)
        self.versions = set()
        self.base = 0  # the stream's version at the end of the last round

    def round(self):
        """One day: rows change, runs are disturbed, one run goes through."""
        begin, self.now = self.now, self.now + timedelta(hours=self.random.randint(1, 30))
        self.change_rows(begin)
        self.server.set_clock(f"{self.now}")
        if self.random.random() < 0.03 and self.columns < 20:
            self.columns += 1
            self.server.execute(f"ALTER TABLE soak.orders ADD extra_{self.columns} INT DEFAULT 7")
        for _ in range(self.random.choice([0, 0, 1, 1, 2, 3])):
            self.disturb()
        self.project.run()
        self.compare("after a run")
        if self.random.random() < 0.3:
            self.keep_up()
        if self.random.random() < 0.2:
            self.go_back()
        self.base = self.project.bookmark("shop.orders")["version"]

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

    def disturb(self, *arguments):
        """A run, or a command, that is killed: at a step, or some time after its start."""
        self.kills += 1
        arguments = arguments or self.random.choice([("run",)] * 6 + UPKEEP)
        if self.random.random() < 0.7:
            step, phase = self.random.choice(STEPS), self.random.choice(["before", "after"])
            where = f"{step}:{phase}:{self.random.choice([1, 1, 2])}"
            self.project.tidemark(*arguments, env={"TIDEMARK_CRASH_AT": where})
        else:
            process = self.project.start(*arguments)
            time.sleep(self.random.random() * 0.15)
            process.kill()
            process.communicate()

    def keep_up(self):
        """Merges small files and cleans up, perhaps after a kill; then nothing else is there."""
        for command in self.random.sample(UPKEEP, 2):
            if self.random.random() < 0.3:
                self.disturb(*command)
            self.merges += command[0] == "compact"
            self.project.tidemark(*command).expect(0)
            self.compare(f"after {command[0]}")
        if self.random.random() < 0.5:
            self.project.tidemark("gc", "--grace", "0s").expect(0)
            self.compare("after a clean-up of everything", everything=True)

    def go_back(self):
        """Takes back what came since the last round, or the last commit, and lets it be read again,
        perhaps after a kill. Further back, the source may not have the rows of old any more."""
        self.rewinds += 1
        version = self.project.bookmark("shop.orders")["version"]
        target = self.random.choice([min(self.base, version - 1), version - 1])
        arguments = ["bookmark", "rewind", "shop.orders", "--to-version", str(target)]
        if self.random.random() < 0.5:
            self.disturb(*arguments)
        else:
            outcome = self.project.tidemark(*arguments)
            # Rows that were taken back and cleaned up cannot come again.
            if outcome.code == 5 and "clean-up has removed" in outcome.err:
                self.refusals += 1
            else:
                outcome.expect(0)
        self.project.run()
        self.compare("after going back")

    def compare(self, when, everything=False):
        rows = self.project.rows("shop_orders", "id", "amount", "updated_at", everything=everything)
        if len(rows) != len(set(rows)):
            raise AssertionError(f"{when}: {len(rows) - len(set(rows))} versions came twice")
        if set(rows) != self.versions:
            raise AssertionError(f"{when}: missing {sorted(self.versions - set(rows))[:5]}, "
                                 f"too many {sorted(set(rows) - self.versions)[:5]}")
        if self.project.leftovers(retired=everything):
            raise AssertionError(f"{when}: left over {self.project.leftovers(retired=everything)[:5]}")

    @property
    def summary(self):
        return (f"{len(self.versions)} versions of rows, {self.kills} kills, {self.rewinds} rewinds "
                f"({self.refusals} refused), {self.merges} merges, {self.columns} new columns")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--lake", choices=["disk", "s3"], default="disk")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.seconds:.0f} seconds", flush=True)
    deadline = time.monotonic() + arguments.seconds
    rounds = 0
    s3 = SeaweedFS() if arguments.lake == "s3" else contextlib.nullcontext()
    with MariaDB() as server, s3 as store, tempfile.TemporaryDirectory(prefix="tidemark-soak-") as folder:
        soak = Soak(server, folder, arguments.seed, store)
        while time.monotonic() < deadline:
            try:
                soak.round()
            except AssertionError as error:
                sys.exit(f"round {rounds + 1} failed, seed {arguments.seed}: {error}")
            rounds += 1
            if rounds % 25 == 0:
                print(f"{rounds} rounds, {soak.summary}", flush=True)
    print(f"{rounds} rounds, {soak.summary}: every version exactly once")


if __name__ == "__main__":
    main()
