"""Logs that are written without a pause and rotated by logrotate, while runs read them, some of
which are killed: every complete line exactly once.

    rotation.py --seconds 600 --seed 7      what `make rotation` does
"""

import argparse
import gzip
import json
import lzma
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from project import Project

# How the ways to compress are undone. A line each; `bz2`, `lz4` would be the next.
READERS = {
    ".gz": lambda data: gzip.decompress(data),
    ".xz": lambda data: lzma.decompress(data),
    ".zst": lambda data: subprocess.run(["zstd", "-dc"], input=data, capture_output=True, check=True).stdout,
}
# How logrotate compresses: a line for each way that the program reads.
COMPRESSORS = {
    "gz": "",
    "xz": "compresscmd /usr/bin/xz\n  compressext .xz\n  compressoptions -1",
    "zst": "compresscmd /usr/bin/zstd\n  compressext .zst\n  compressoptions -q",
}


@dataclass
class Rotated:
    """One log, how it is written and how rotated. The table has the name."""

    name: str
    mode: str
    directives: str
    # logrotate keeps so many.
    keeps: int = 4
    copies: bool = field(init=False)

    def __post_init__(self):
        self.copies = "copytruncate" in self.directives


def combinations():
    plain = [
        Rotated("created", "reopen", "create\n  nocompress"),
        Rotated("lingering", "late", "create\n  nocompress\n  maxage 1"),
        Rotated("not_created", "reopen", "nocreate\n  nocompress", keeps=3),
        Rotated("cut", "append", "copytruncate\n  nocompress"),
        Rotated("cut_with_holes", "hole", "copytruncate\n  nocompress"),
        Rotated("dated", "late", "create\n  nocompress\n  dateext\n  dateformat -%Y%m%d-%s"),
    ]
    for ending, command in COMPRESSORS.items():
        plain += [
            Rotated(f"delayed_{ending}", "late", f"create\n  compress\n  delaycompress\n  {command}"),
            Rotated(f"cut_{ending}", "append", f"copytruncate\n  compress\n  {command}"),
            Rotated(f"cut_dated_{ending}", "append",
                    f"copytruncate\n  compress\n  delaycompress\n  dateext\n  dateformat -%Y%m%d-%s\n  {command}"),
        ]
    return plain


class RotatedLogs:
    """A folder a log, their writers, logrotate, and a lake that takes them in."""

    def __init__(self, folder, logs, seed=1, lines_per_second=1500):
        self.folder, self.logs = Path(folder), logs
        self.random = random.Random(seed)
        self.project = Project(self.folder / "project", {})
        streams = sources = ""
        for log in logs:
            self.of(log).mkdir(parents=True)
            (self.folder / "kept" / log.name).mkdir(parents=True)
            sources += f"  {log.name}: {{type: logs, path: {self.of(log)}/app.log*, close_after: 1s}}\n"
            streams += f"  {log.name}.lines: {{parse: json}}\n"
        self.project.configure(f"defaults: {{retries: 2}}\nsources:\n{sources}streams:\n{streams}")
        self.rate = lines_per_second
        self.writers = {}
        self.rotations = 0
        self.configure_logrotate()

    def of(self, log):
        return self.folder / "logs" / log.name

    def configure_logrotate(self):
        text = ""
        for log in self.logs:
            tell = ""
            if not log.copies:
                tell = (f"  postrotate\n    kill -HUP $(cat {self.of(log)}/pid)\n"
                        "    endscript\n")
            text += f"{self.of(log)}/app.log {{\n  rotate {log.keeps}\n  missingok\n  {log.directives}\n{tell}}}\n"
        self.configuration = self.folder / "logrotate.conf"
        self.configuration.write_text(text)
        self.configuration.chmod(0o644)

    # What happens

    def start_writers(self):
        for index, log in enumerate(self.logs):
            writer = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("log_writer.py")), str(self.of(log) / "app.log"),
                 str(self.of(log) / "record"), "--mode", log.mode, "--seed", str(index + 1),
                 "--lines-per-second", str(self.rate)])
            (self.of(log) / "pid").write_text(str(writer.pid))
            self.writers[log.name] = writer
        deadline = time.monotonic() + 20
        while not all((self.of(log) / "app.log").exists() for log in self.logs):
            assert time.monotonic() < deadline, "the writers do not write"
            time.sleep(0.02)

    def stop_writers(self):
        for writer in self.writers.values():
            writer.terminate()
        for writer in self.writers.values():
            assert writer.wait(timeout=20) == 0
        self.writers = {}

    def close(self):
        for writer in self.writers.values():
            writer.kill()
            writer.wait()

    def rotate(self):
        done = subprocess.run(
            ["logrotate", "-f", "-s", str(self.folder / "logrotate.state"), str(self.configuration)],
            capture_output=True, text=True, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
        assert done.returncode == 0, done.stderr
        self.rotations += 1
        self.keep()

    def keep(self):
        """Copies what was rotated, so that the test can read it when rotation has removed it. No
        links: logrotate does not compress a file with two names."""
        for log in self.logs:
            for path in self.of(log).glob("app.log?*"):
                status = path.stat()
                kept = self.folder / "kept" / log.name / f"{status.st_ino}-{status.st_mtime_ns}{path.suffix}"
                if not kept.exists():
                    shutil.copy(path, kept)

    def run(self, dies=False):
        """One run; whether all streams came through."""
        process = self.project.start("run", "--json")
        if dies:
            time.sleep(self.random.uniform(0.02, 0.6))
            process.kill()
        out, err = process.communicate(timeout=120)
        if process.returncode == -9:
            return False
        assert process.returncode in (0, 4), out.decode() + err.decode()
        return all(stream["status"] in ("committed", "unchanged") for stream in json.loads(out)["streams"])

    def trouble(self, seconds):
        """Rotates and runs beside each other. No log is removed that no run could read."""
        import threading
        keeps = min(log.keeps for log in self.logs)
        end = time.monotonic() + seconds
        # The number of rotations when the last run began that came through.
        seen = [0]
        failures = []

        def read():
            try:
                while time.monotonic() < end:
                    # What a writer that lingers adds is not there at once.
                    begun = self.rotations
                    time.sleep(0.4)
                    if self.run(dies=self.random.random() < 0.25):
                        seen[0] = begun
                    time.sleep(self.random.choice([0, 0.1, 1.5]))
            except BaseException as error:
                failures.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        while reader.is_alive():
            time.sleep(self.random.uniform(1.05, 1.4))  # dates have whole seconds
            if self.rotations - seen[0] < keeps - 1 and time.monotonic() < end:
                self.rotate()
                self.age_the_oldest()
        reader.join()
        if failures:
            raise failures[0]

    def age_the_oldest(self):
        """So that `maxage` finds something to remove, which rotation would remove next."""
        for log in self.logs:
            oldest = self.of(log) / f"app.log.{log.keeps}"
            if "maxage" in log.directives and oldest.exists():
                os.utime(oldest, (1e9, 1e9))

    # What is to be true

    def written(self, log):
        return int((self.of(log) / "record").read_text())

    def on_disk(self, log, removed=True):
        """The numbers of the lines that stand whole in files, or stood in such as were removed."""
        paths = set(self.of(log).glob("app.log*"))
        if removed:
            paths |= set((self.folder / "kept" / log.name).iterdir())
        numbers = set()
        for path in paths:
            data = path.read_bytes()
            data = READERS.get(path.suffix, lambda data: data)(data)
            # The last one too: copying may end between a line and its newline.
            numbers |= {number for number in map(whole, data.split(b"\n")) if number}
        return numbers

    def rows(self, log):
        table = self.project.table(f"{log.name}_lines", everything=False)
        rows = table.select(["n", "text", "sum"]).to_pylist()
        assert all(zlib.crc32(row["text"].encode()) == row["sum"] for row in rows), "a row is torn"
        return sorted(row["n"] for row in rows)

    def rejects(self, log):
        table = self.project.table(f"{log.name}_lines__rejects", everything=False)
        return [] if table is None else table.column("text").to_pylist()

    def check(self, log):
        """Every complete line once. Returns the lines that copying and cutting lost."""
        written, there, rows = set(range(1, self.written(log) + 1)), self.on_disk(log), self.rows(log)
        assert len(rows) == len(set(rows)), f"{log.name}: twice: {twice(rows)[:10]}"
        missing, invented = sorted(there - set(rows)), sorted(set(rows) - there)
        assert not missing, f"{log.name}: {len(missing)} lines are missing, from {missing[:10]}"
        assert not invented, f"{log.name}: rows of no line: {invented[:10]}"
        lost = written - there
        if not log.copies:
            assert not lost, f"{log.name}: the writer's record and the files differ: {sorted(lost)[:10]}"
            assert not self.rejects(log), f"{log.name}: {self.rejects(log)[:3]}"
        for text in self.rejects(log):
            assert not whole(text.encode()), f"{log.name}: a whole line was rejected: {text}"
        return lost


def whole(line):
    """The number of a line that is whole; zeros before it are a hole that a cut left."""
    found = re.fullmatch(rb'\0*\{"n": (\d+), "text": "([^"]*)", "sum": (\d+)\}', line)
    return int(found[1]) if found and zlib.crc32(found[2]) == int(found[3]) else None


def twice(numbers):
    return [number for before, number in zip(numbers, numbers[1:]) if before == number]


def rotate_and_run(folder, seconds, seed):
    """What the test and `make rotation` do; says what copying and cutting lost."""
    logs = RotatedLogs(folder, combinations(), seed)
    try:
        logs.start_writers()
        logs.trouble(seconds)
        logs.stop_writers()
        time.sleep(1.1)
        # All is quiet: a first run may still find files that look like copies in the making.
        assert logs.run(), "the last run did not come through"
        logs.run()
        report = f"{logs.rotations} rotations"
        for log in logs.logs:
            lost = logs.check(log)
            report += f"\n{log.name}: {logs.written(log)} lines written, each of {len(logs.rows(log))} once"
            if lost:
                report += f"; {len(lost)} lost between copying and cutting, in no file"
        return report, logs
    finally:
        logs.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="tidemark-rotation-")
    print(f"rotation: seed {arguments.seed}, in {folder}", flush=True)
    print(rotate_and_run(folder, arguments.seconds, arguments.seed)[0])
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
