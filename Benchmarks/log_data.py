"""Access logs to measure with: the same entries as JSON lines, in the combined format and as CSV.

Made once from a fixed seed and kept under `.build/bench/logs`; the same scale gives the same bytes.
"""

import gzip
import json
import random
import shutil
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

ENTRIES = 2_000_000
SMALL_FILES = 10_000
SMALL_LINES = 50
# Of the entries, as CSV is one format in four shapes.
CSV_SHARE = 0.25
CSV_SHAPES = ["plain", "quoted", "doubled", "newlines"]
CSV_HEADER = "time,client,method,path,status,bytes,duration,referer,agent,request_id,user\n"
SEED = 20_261_121
BEGIN = datetime(2026, 11, 20, tzinfo=timezone.utc)

AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{} like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    "Googlebot/2.1 (+http://www.google.com/bot.html; {})",
    "curl/8.{}.0", "okhttp/4.{}.0", "python-requests/2.{}.0", "kube-probe/1.{}",
]
AGENT_WEIGHTS = [20, 14, 8, 6, 14, 18, 12, 8]
METHODS = ["GET"] * 82 + ["POST"] * 14 + ["PUT"] * 2 + ["HEAD", "DELETE"]
STATUSES = [200] * 80 + [304] * 7 + [404] * 5 + [301] * 3 + [500, 502, 403, 401, 204]
SECTIONS = ["products", "cart", "api/v1/orders", "api/v2/search", "static/js", "img", "account"]


class Entries:
    """An endless sequence of entries."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        pick = self.random
        # A few clients and paths make most of the requests.
        self.clients = [".".join(str(pick.randrange(1, 255)) for _ in range(4))
                        for _ in range(40_000)]
        self.paths = [f"/{pick.choice(SECTIONS)}/{pick.randrange(10 ** pick.randrange(2, 7))}"
                      for _ in range(20_000)]
        self.agents = [kind.format(number) for kind, weight in zip(AGENTS, AGENT_WEIGHTS)
                       for number in range(100, 100 + weight)]
        self.milliseconds = 0

    def __iter__(self):
        pick = self.random
        unit, bits = pick.random, pick.getrandbits
        while True:
            self.milliseconds += int(unit() * 86)
            path = self.paths[int(unit() ** 3 * len(self.paths))]
            if unit() < 0.3:
                path += f"?page={int(unit() * 40)}&q={bits(20):x}"
            status = STATUSES[bits(20) % len(STATUSES)]
            yield (
                self.milliseconds, self.clients[int(unit() ** 4 * len(self.clients))],
                METHODS[bits(20) % len(METHODS)], path, status,
                0 if status == 304 else int(pick.lognormvariate(8, 1.6)),
                round(pick.expovariate(12), 3),
                None if unit() < 0.55 else "https://shop.example.com"
                + self.paths[int(unit() ** 4 * len(self.paths))],
                self.agents[int(unit() ** 2 * len(self.agents))],
                None if unit() < 0.9 else f"user{int(unit() ** 2 * 5000)}", f"{bits(64):016x}")


def json_line(entry):
    ms, client, method, path, status, size, seconds, referer, agent, user, request = entry
    time = (BEGIN + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
    more = f',"user":"{user}"' if user else ""
    referer = f'"{referer}"' if referer else "null"
    return (f'{{"time":"{time[:23]}Z","client":"{client}","method":"{method}","path":"{path}",'
            f'"status":{status},"bytes":{size},"duration":{seconds},"referer":{referer},'
            f'"agent":"{agent}","request_id":"{request}"{more}}}\n')


def combined_line(entry):
    ms, client, method, path, status, size, _, referer, agent, user, _ = entry
    time = (BEGIN + timedelta(milliseconds=ms)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return (f'{client} - {user or "-"} [{time}] "{method} {path} HTTP/1.1" {status} {size or "-"} '
            f'"{referer or "-"}" "{agent}"\n')


def csv_line(shape):
    """A writer of records: no quotes, quotes around texts, doubled quotes or newlines within."""
    def line(entry):
        ms, client, method, path, status, size, seconds, referer, agent, user, request = entry
        time = (BEGIN + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")[:23]
        texts = [client, method, path, referer or "", agent, request, user or ""]
        if shape == "doubled":
            texts[4] = f'called ""{agent}"" by itself'
        if shape == "newlines":
            texts[4] = agent.replace(" ", "\n")
        if shape != "plain":
            texts = [f'"{text}"' for text in texts]
        else:
            texts = [text.replace(",", ";") for text in texts]
        client, method, path, referer, agent, request, user = texts
        return (f"{time}Z,{client},{method},{path},{status},{size},{seconds},{referer},{agent},"
                f"{request},{user}\n")
    return line


class LogData:
    """The files of one scale; what is missing is made."""

    def __init__(self, folder, scale):
        self.lines = round(ENTRIES * scale)
        self.folder = Path(folder) / f"{self.lines}"
        self.json, self.combined = self.folder / "access.json", self.folder / "access.log"
        self.json_gzip = self.folder / "access.json.gz"
        self.combined_gzip = self.folder / "access.log.gz"
        self.small_files = round(SMALL_FILES * scale)
        self.small = self.folder / "small"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._once(self.json, self._write_json)
        self._once(self.combined, self._write_combined)
        self._once(self.json_gzip, lambda path: compress(self.json, path))
        self._once(self.combined_gzip, lambda path: compress(self.combined, path))
        self._once(self.small, self._write_small)

    @staticmethod
    def _once(path, write):
        if path.exists():
            return
        partial = path.with_name(path.name + ".partial")
        if partial.is_dir():
            shutil.rmtree(partial)
        write(partial)
        partial.rename(path)

    def _write_json(self, path):
        write_lines(path, json_line, self.lines, SEED)

    def _write_combined(self, path):
        write_lines(path, combined_line, self.lines, SEED)

    def _write_small(self, path):
        path.mkdir()
        with open(self.json, "rb") as lines:
            for number in range(self.small_files):
                part = b"".join(next(lines, b"") for _ in range(SMALL_LINES))
                (path / f"part-{number:05}.json").write_bytes(part)

    def csv(self, shape):
        """A file of records in one of the shapes, and how many it has."""
        records, path = round(self.lines * CSV_SHARE), self.folder / f"access-{shape}.csv"
        self._once(path, lambda partial: write_lines(
            partial, csv_line(shape), records, SEED, CSV_HEADER))
        return path, records

    def times(self, path, count):
        """The file so many times over, one after the other; gzip members in a row."""
        name = path.name.split(".", 1)
        larger = path.with_name(f"{name[0]}-{count}.{name[1]}")
        self._once(larger, lambda partial: repeat(path, partial, count))
        return larger

    def head(self, path, lines):
        """The first lines of a file, as a file of their own."""
        name = path.name.split(".", 1)
        shorter = path.with_name(f"{name[0]}-head-{lines}.{name[1]}")
        self._once(shorter, lambda partial: copy_lines(path, partial, lines))
        return shorter

    def small_size(self):
        """Rows and bytes of the small files."""
        files = list(self.small.iterdir())
        rows = min(self.lines, SMALL_LINES * self.small_files)
        return rows, sum(file.stat().st_size for file in files)

    def known(self, count):
        """A folder of so many files of one line each."""
        folder = self.folder / f"known-{count}"
        self._once(folder, lambda partial: write_known(partial, count))
        return folder


def write_lines(path, line, count, seed, header=""):
    entries = iter(Entries(seed))
    with open(path, "w", buffering=1 << 20) as file:
        file.write(header)
        for _ in range(count):
            file.write(line(next(entries)))


def write_known(folder, count):
    folder.mkdir()
    for number in range(count):
        # Ten folders of a day each, named as services name their files.
        day = folder / f"2026-11-{1 + number % 10:02}"
        day.mkdir(exist_ok=True)
        (day / f"app-{number:06}.json").write_text(json.dumps({"number": number}) + "\n")


def compress(path, to):
    with open(path, "rb") as file, gzip.open(to, "wb", compresslevel=6) as packed:
        shutil.copyfileobj(file, packed, 1 << 20)


def copy_lines(path, to, count):
    with open(path, "rb") as lines, open(to, "wb") as file:
        for line in islice(lines, count):
            file.write(line)


def repeat(path, to, count):
    with open(to, "wb") as file:
        for _ in range(count):
            with open(path, "rb") as part:
                shutil.copyfileobj(part, file, 1 << 20)
