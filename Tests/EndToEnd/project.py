"""A lake project in a folder of its own, and the tidemark program run in it."""

import json
import os
import resource
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass
class Outcome:
    """What a finished tidemark did."""

    arguments: tuple
    code: int
    out: str
    err: str
    peak_rss_bytes: int = 0
    seconds: float = 0.0

    @property
    def json(self):
        return json.loads(self.out)

    def expect(self, code, *fragments):
        """Fails with all that was said, unless it ended so and said so."""
        assert self.code == code, f"exit code {self.code}, expected {code}\n{self}"
        for fragment in fragments:
            assert fragment.lower() in (self.out + self.err).lower(), f"no word of '{fragment}'\n{self}"
        return self

    def __str__(self):
        return (f"$ tidemark {' '.join(self.arguments)}\n[exit code {self.code}]\n"
                f"--- stdout\n{self.out[-4000:]}\n--- stderr\n{self.err[-4000:]}")


@dataclass
class Report:
    """What `tidemark run --json` printed."""

    outcome: Outcome
    run: str
    streams: dict = field(default_factory=dict)

    def __getitem__(self, stream):
        return self.streams[stream]

    @property
    def rows(self):
        return sum(stream["rows"] for stream in self.streams.values())

    @property
    def statuses(self):
        return {name: stream["status"] for name, stream in self.streams.items()}


class Project:
    def __init__(self, folder, environment):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.environment = {"NO_COLOR": "1", **environment}

    @property
    def lake(self):
        return self.folder / "lake"

    def configure(self, text):
        (self.folder / "tidemark.yaml").write_text("version: 1\nlake:\n  root: ./lake\n" + text)
        return self

    # Running

    def start(self, *arguments, env=None, file_kilobytes_max=None):
        """Starts tidemark and returns at once."""
        return subprocess.Popen(
            [binary(), *arguments], cwd=self.folder, env={**os.environ, **self.environment, **(env or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=None if file_kilobytes_max is None else limit_files(file_kilobytes_max))

    def tidemark(self, *arguments, env=None, timeout=120, file_kilobytes_max=None):
        """Runs tidemark to its end."""
        begun = time.monotonic()
        process = self.start(*arguments, env=env, file_kilobytes_max=file_kilobytes_max)
        watch = PeakMemory(process.pid)
        try:
            while True:
                try:
                    out, err = process.communicate(timeout=0.02)
                    break
                except subprocess.TimeoutExpired:
                    watch.look()
                    if time.monotonic() - begun > timeout:
                        process.kill()
                        out, err = process.communicate()
                        raise AssertionError(
                            f"tidemark {' '.join(arguments)} took over {timeout} s\n"
                            f"{out.decode()}\n{err.decode()}") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        outcome = Outcome(arguments, process.returncode, out.decode(), err.decode(),
                          watch.bytes, time.monotonic() - begun)
        assert outcome.code != 70, f"a defect in Tidemark\n{outcome}"
        assert outcome.code >= 0 or env, f"tidemark was ended by a signal\n{outcome}"
        return outcome

    def run(self, *streams, code=0, env=None, timeout=120):
        """The daily run; what it reports, its streams by name."""
        outcome = self.tidemark("run", *streams, "--json", env=env, timeout=timeout).expect(code)
        report = outcome.json
        return Report(outcome, report["run"], {stream["stream"]: stream for stream in report["streams"]})

    def bookmark(self, stream):
        return self.tidemark("bookmark", "show", stream, "--json").expect(0).json

    # Looking at the lake

    def files(self, table, zone="raw"):
        """The files that any engine sees which lists the table's folder."""
        folder = self.lake / zone / table
        return sorted(path for path in folder.rglob("*") if path.is_file()
                      and not any(part[0] in "._" for part in path.relative_to(folder).parts))

    def locations(self, table, zone="raw"):
        """Where the catalog says that the table's partitions lie, below the lake."""
        shown = self.tidemark("catalog", "show", f"{zone}.{table}", "--json")
        if shown.code == 2:
            return []  # it has never had a row
        places = [shown.expect(0).json]
        if places[0].get("PartitionKeys"):
            places = self.tidemark("catalog", "partitions", f"{zone}.{table}", "--json").expect(0).json
        # By what follows the lake's folder: the project may be a copy of another.
        return [place["StorageDescriptor"]["Location"].split("/lake/")[-1] for place in places]

    def current_files(self, table, zone="raw"):
        """The files that an engine reads which asks the catalog where the partitions lie."""
        folders = [self.lake / place for place in self.locations(table, zone)]
        return sorted(path for folder in folders if folder.exists() for path in folder.iterdir()
                      if path.is_file() and path.name[0] not in "._")

    def table(self, table, zone="raw", everything=True):
        """The table as pyarrow reads it: all that its folder shows, or where the catalog says."""
        files = self.files(table, zone) if everything else self.current_files(table, zone)
        pieces = [pq.ParquetFile(path).read() for path in files]
        return pa.concat_tables(pieces, promote_options="permissive") if pieces else None

    def rows(self, table, *columns, zone="raw", everything=True):
        """The rows as sorted tuples of these columns, or of all."""
        whole = self.table(table, zone, everything)
        if whole is None:
            return []
        return sorted(zip(*(whole.column(name).to_pylist() for name in columns or whole.column_names)),
                      key=repr)

    def put(self, name, content):
        """Puts a file into the lake that Tidemark knows nothing of."""
        path = self.lake / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def copy(self, folder):
        """The same project, lake and state as they are now, in another folder."""
        copy = Project(folder, self.environment)
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        copy.database = self.database
        return copy

    def leftovers(self, retired=False):
        """Files that belong to no commit: staged ones. What an undo may still need is none, unless
        `retired` is asked for too."""
        if not self.lake.exists():
            return []
        return sorted(
            str(path.relative_to(self.lake)) for path in self.lake.rglob("*") if path.is_file()
            and any(part[0] in "._" for part in path.relative_to(self.lake).parts)
            and not {"_tidemark", *([] if retired else ["_retired"])}
            & set(path.relative_to(self.lake).parts))


def limit_files(kilobytes):
    """Makes writes beyond this fail, as on a disk that is full, instead of ending the process."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))
    return limit


class PeakMemory:
    """The most memory that a process held at once, as the kernel counts it."""

    def __init__(self, pid):
        self.status = Path(f"/proc/{pid}/status")
        self.bytes = 0

    def look(self):
        try:
            for line in self.status.read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.bytes = max(self.bytes, int(line.split()[1]) * 1024)
        except OSError:
            pass  # it has ended


def binary():
    """The program under test: TIDEMARK_BIN, or the release build."""
    path = os.environ.get("TIDEMARK_BIN") or Path(__file__).parents[2] / ".build/release/tidemark"
    if not Path(path).exists():
        raise RuntimeError(f"there is no {path}: run `make build`, or set TIDEMARK_BIN")
    return str(path)
