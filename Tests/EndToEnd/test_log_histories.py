"""What happens to log files between two runs, clause by clause: after each history every line that a
file ever had is there once."""

import bz2
import gzip
import json
import lzma
import os
import shutil
import subprocess
import tempfile
import time
import zipfile

import pyarrow as pa
import pytest
from project import Project, binary

CONFIG = """
sources:
  app: {{type: logs, path: "./logs/{pattern}"}}
streams:
  app.lines: {{parse: json, on_overwrite: {policy}{more}}}
"""


def lines(first, last, pad=0):
    return "".join(json.dumps({"id": number, "pad": "x" * pad}) + "\n"
                   for number in range(first, last + 1)).encode()


class History:
    """A folder of logs, and the stream that reads it."""

    def __init__(self, project):
        self.project = project
        self.folder = project.folder / "logs"
        self.folder.mkdir()
        self.configure()

    def configure(self, pattern="**/*.log*", policy="append", more=""):
        self.project.configure(CONFIG.format(pattern=pattern, policy=policy, more=more))
        return self

    def __truediv__(self, name):
        return self.folder / name

    def write(self, name, content, age=0):
        """In place: the inode stays where the file is there already."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "r+b" if path.exists() else "wb") as file:
            file.truncate()
            file.write(content)
        if age:
            os.utime(path, (time.time() - age,) * 2)
        return path

    def append(self, name, content):
        with open(self.folder / name, "ab") as file:
            file.write(content)

    def run(self, code=0):
        return self.project.run(code=code)["app.lines"]

    def ids(self):
        """Of the rows as an engine reads them that asks the catalog."""
        return sorted(row[0] for row in self.project.rows("app_lines", "id", everything=False))

    def settle(self, *expected):
        """One run more has nothing to do, and the ids are these."""
        assert self.ids() == sorted(expected)
        assert self.run()["status"] == "unchanged"


@pytest.fixture
def logs(project):
    return History(project)


def zstd(content):
    buffer = pa.BufferOutputStream()
    with pa.CompressedOutputStream(buffer, "zstd") as stream:
        stream.write(content)
    return buffer.getvalue().to_pybytes()


PACKERS = {".gz": gzip.compress, ".zst": zstd, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("name", ["app.log.1", "app.log-20261121", "old/app-2026-11-21.log", "app.log.old"])
@pytest.mark.parametrize("policy", ["append", "reprocess"])
def test_compressed_after_rotation_under_another_name(logs, ending, name, policy):
    logs.configure(policy=policy)
    logs.write("app.log", lines(1, 40))
    assert logs.run()["rows"] == 40
    logs.append("app.log", lines(41, 50))
    target = logs / (name + ending)
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(PACKERS[ending]((logs / "app.log").read_bytes()))
    (logs / "app.log").unlink()
    logs.write("app.log", lines(51, 60))
    assert logs.run()["rows"] == 20
    logs.settle(*range(1, 61))


@pytest.mark.parametrize("policy", ["append", "reprocess", "error"])
def test_an_inode_that_is_given_to_another_file(logs, policy):
    """A file system gives the number of a removed file to the next one."""
    logs.configure(policy=policy)
    logs.write("a.log", lines(1, 10))
    logs.run()
    inode = (logs / "a.log").stat().st_ino
    (logs / "a.log").unlink()
    for number in range(50):
        path = logs.write(f"b{number}.log", lines(11, 20))
        if path.stat().st_ino == inode:
            break
        if number < 49:
            path.rename(logs / f"b{number}.away")
    # Where the file system does not, the last one is simply new.
    assert logs.run()["rows"] == 10
    logs.settle(*range(1, 21))


@pytest.mark.parametrize("policy,expected", [
    ("append", [*range(101, 111), *range(201, 211)]), ("reprocess", [*range(201, 211)]),
    ("error", [*range(101, 111)])])
def test_content_of_the_same_size_in_place(logs, policy, expected):
    """Same path, inode, size and modification time: only the content says that it is another."""
    logs.configure(policy=policy)
    path = logs.write("list.log", lines(101, 110))
    logs.run()
    before = path.stat()
    logs.write("list.log", lines(201, 210))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size and path.stat().st_ino == before.st_ino
    outcome = logs.project.tidemark("run")
    outcome.expect(5 if policy == "error" else 0)
    assert logs.ids() == expected


def test_a_part_in_the_middle_that_changes_is_not_seen(logs):
    """What is between the first and the last kilobyte of what was read is not looked at."""
    logs.write("a.log", lines(1, 200, pad=50))
    logs.run()
    data = bytearray((logs / "a.log").read_bytes())
    middle = data.index(b"\n", len(data) // 2) + 1
    data[middle + 20] = ord("y")
    logs.write("a.log", bytes(data) + lines(201, 210, pad=50))
    assert logs.run()["rows"] == 10
    logs.settle(*range(1, 211))


@pytest.mark.parametrize("policy", ["append", "reprocess"])
def test_truncated_and_grown_past_the_old_offset(logs, policy):
    logs.configure(policy=policy)
    logs.write("a.log", lines(1, 20))
    logs.run()
    logs.write("a.log", lines(101, 160))
    assert logs.run()["rows"] == 60
    logs.settle(*([] if policy == "reprocess" else range(1, 21)), *range(101, 161))


def test_files_that_go_before_they_are_read(logs):
    logs.write("a.log", lines(1, 10))
    logs.run()
    logs.write("b.log", lines(11, 20))
    (logs / "b.log").unlink()
    (logs / "a.log").unlink()
    report = logs.run()
    assert report["status"] in ("unchanged", "committed") and report["rows"] == 0
    logs.write("a.log", lines(21, 30))
    assert logs.run()["rows"] == 10
    logs.settle(*range(1, 11), *range(21, 31))


@pytest.mark.parametrize("policy", ["append", "reprocess"])
def test_overwritten_parts_of_dated_folders(logs, policy):
    """Exports have the same names in each day's folder: one is no rotation of another."""
    logs.configure(policy=policy)
    logs.write("dt=2026-11-20/part-0.log", lines(1, 10))
    logs.write("dt=2026-11-21/part-0.log", lines(11, 20))
    logs.run()
    logs.write("dt=2026-11-21/part-0.log", lines(21, 25))
    told = logs.project.tidemark("run").expect(0)
    assert "rotated" not in told.err, told
    logs.settle(*range(1, 11), *([] if policy == "reprocess" else range(11, 21)), *range(21, 26))
    # Retention removes the oldest day: nothing is lost by that.
    shutil.rmtree(logs / "dt=2026-11-20")
    told = logs.project.tidemark("run").expect(0)
    assert "rotated" not in told.err and "lost" not in told.err, told


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_log_in_utf_16(logs, encoding):
    """As programs of Windows write: it grows, also by half a character, and is rotated and packed."""
    logs.configure(more=", close_after: 3s")

    def text(first, last):
        return "".join(f'{{"id": {n}, "text": "ä€𝄞 {n}"}}\r\n' for n in range(first, last + 1)).encode(encoding)

    logs.write("app.log", "\ufeff".encode(encoding) + text(1, 2000))
    assert logs.run()["rows"] == 2000
    more = text(2001, 3000)
    for cut in (1, 1001, 5003, len(more)):
        size = (logs / "app.log").stat().st_size - len("\ufeff".encode(encoding) + text(1, 2000))
        logs.append("app.log", more[size:cut])
        logs.run()
    logs.settle(*range(1, 3001))
    logs.append("app.log", text(3001, 3010))
    (logs / "app.log.1.gz").write_bytes(gzip.compress((logs / "app.log").read_bytes()))
    logs.write("app.log", "\ufeff".encode(encoding) + text(3011, 3020) + '{"id": 3021}'.encode(encoding))
    assert logs.run()["rows"] == 20
    # The last line has no newline; nobody writes on.
    time.sleep(3.2)
    assert logs.run()["rows"] == 1
    logs.settle(*range(1, 3022))
    table = logs.project.table("app_lines", everything=False)
    assert {row["text"] for row in table.to_pylist()} >= {"ä€𝄞 1", "ä€𝄞 3020"}
    with zipfile.ZipFile(logs / "old.log.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", "\ufeff".encode(encoding) + text(4001, 4003))
        archive.writestr("b", lines(4004, 4005))
    assert logs.run()["rows"] == 5
    logs.settle(*range(1, 3022), *range(4001, 4006))


@pytest.mark.parametrize("policy", ["append", "reprocess"])
def test_rotated_to_a_name_that_the_pattern_leaves_out(logs, policy):
    """The commonest mistake in a config. The rows stay, and the run says what it leaves out."""
    logs.configure(pattern="app.log", policy=policy)
    logs.write("app.log", lines(1, 10))
    logs.run()
    logs.append("app.log", lines(11, 15))
    (logs / "app.log").rename(logs / "app.log.1")
    logs.write("app.log", lines(16, 20))
    logs.project.tidemark("run").expect(0, "app.log was rotated", "app.log.1", "app.log*")
    logs.settle(*range(1, 11), *range(16, 21))


def test_three_rotations_between_two_runs(logs):
    logs.write("app.log", lines(1, 10))
    logs.run()
    for number in (1, 2, 3):
        logs.append("app.log", lines(number * 100, number * 100 + 9))
        for old in (3, 2, 1):
            if (logs / f"app.log.{old}.gz").exists():
                (logs / f"app.log.{old}.gz").rename(logs / f"app.log.{old + 1}.gz")
        (logs / "app.log.1.gz").write_bytes(gzip.compress((logs / "app.log").read_bytes()))
        (logs / "app.log").unlink()
        logs.write("app.log", lines(number * 100 + 10, number * 100 + 19))
    assert logs.run()["rows"] == 60
    logs.settle(*range(1, 11), *range(100, 120), *range(200, 220), *range(300, 320))


@pytest.mark.parametrize("age", [86_400 * 4000, -86_400 * 400])
def test_times_far_in_the_past_or_future(logs, age):
    """A copy that keeps its dates, a clock that went back: time decides nothing."""
    logs.write("a.log", lines(1, 10))
    logs.run()
    logs.write("old.log", lines(11, 20), age=age)
    logs.write("a.log", (logs / "a.log").read_bytes() + lines(21, 30), age=age)
    assert logs.run()["rows"] == 20
    logs.write("a.log", (logs / "a.log").read_bytes() + lines(31, 40), age=age + 1000)
    assert logs.run()["rows"] == 10
    logs.settle(*range(1, 41))


def test_links(logs):
    """A file is read once, whatever it is called, and however one comes to it."""
    logs.write("real/app.log", lines(1, 10))
    os.symlink("real/app.log", logs / "current.log")
    os.link(logs / "real/app.log", logs / "hard.log")
    os.symlink("..", logs / "real/loop")
    os.symlink("nowhere", logs / "dangling.log")
    assert logs.run()["rows"] == 10
    # The link goes on to the next file, as `current` does in daemontools and k8s.
    logs.write("real/app2.log", lines(11, 20))
    (logs / "current.log").unlink()
    os.symlink("real/app2.log", logs / "current.log")
    assert logs.run()["rows"] == 10
    logs.append("real/app2.log", lines(21, 25))
    assert logs.run()["rows"] == 5
    logs.settle(*range(1, 26))


def test_the_target_of_a_link_is_outside(logs):
    outside = logs.project.folder / "outside.txt"
    outside.write_bytes(lines(1, 5))
    os.symlink(outside, logs / "app.log")
    assert logs.run()["rows"] == 5
    with open(outside, "ab") as file:
        file.write(lines(6, 9))
    assert logs.run()["rows"] == 4
    logs.settle(*range(1, 10))


def test_equal_files_side_by_side_count_each(logs):
    logs.write("2026-11-20/list.log", lines(1, 10))
    logs.run()
    logs.write("2026-11-21/list.log", lines(1, 10))
    shutil.copy2(logs / "2026-11-20/list.log", logs / "list.log.2")
    logs.run()
    logs.run()
    logs.settle(*sorted([*range(1, 11)] * 3))


def test_empty_files_that_fill(logs):
    logs.write("a.log", b"")
    logs.write("b.log.gz", gzip.compress(b""))
    assert logs.run()["rows"] == 0
    logs.write("a.log", lines(1, 3))
    logs.write("b.log.gz", gzip.compress(lines(4, 6)))
    assert logs.run()["rows"] == 6
    logs.settle(*range(1, 7))


def test_holes_of_a_writer_that_keeps_its_place(logs):
    """copytruncate under a writer that did not open for appending: zeros up to its old place."""
    logs.write("a.log", lines(1, 10))
    logs.run()
    size = (logs / "a.log").stat().st_size
    shutil.copy(logs / "a.log", logs / "a.log.1")
    with open(logs / "a.log", "r+b") as file:
        file.truncate(0)
        file.seek(size)
        file.write(lines(11, 20))
    report = logs.run()
    assert report["rows"] == 10 and report.get("rejects", 0) == 0, report
    logs.settle(*range(1, 21))


def test_a_file_that_may_not_be_read():
    """It is named; the others are loaded, and it is when it may be read."""
    with tempfile.TemporaryDirectory() as folder:
        read_as_another(History(Project(folder, {})))


def read_as_another(logs):
    logs.write("a.log", lines(1, 10))
    logs.write("secret.log", lines(11, 20)).chmod(0o000)
    for path in [logs.project.folder, *logs.project.folder.rglob("*")]:
        os.chown(path, 65534, 65534)
    outcome = as_nobody(logs.project, "run")
    assert "secret.log" in outcome.stderr + outcome.stdout, outcome
    assert logs.ids() == list(range(1, 11))
    (logs / "secret.log").chmod(0o644)
    assert as_nobody(logs.project, "run").returncode == 0
    assert logs.ids() == list(range(1, 21))


def as_nobody(project, *arguments):
    return subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", binary(), *arguments],
        cwd=project.folder, env={**os.environ, **project.environment}, capture_output=True, text=True)


def test_another_path_in_the_config(logs):
    """Another pattern would say of other files what was said of these: refused, with a way out."""
    logs.write("a.log", lines(1, 10))
    logs.write("b.txt", lines(11, 20))
    logs.run()
    logs.configure(pattern="**/*")
    logs.project.tidemark("run").expect(5, "source.path", "bookmark reset app.lines")
    assert logs.ids() == list(range(1, 11))
    logs.configure()
    logs.settle(*range(1, 11))


def test_going_back_where_files_are_gone(logs):
    logs.write("a.log", lines(1, 10))
    logs.run()
    logs.write("b.log", lines(11, 20))
    logs.run()
    (logs / "b.log").unlink()
    for command in (["rewind", "app.lines", "--to-version", "1"], ["reset", "app.lines"]):
        logs.project.tidemark("bookmark", *command).expect(5, "b.log", "--force")
    assert logs.ids() == list(range(1, 21))
    # Rotated and compressed is not gone.
    (logs / "b.log.2.gz").write_bytes(gzip.compress(lines(11, 20)))
    logs.project.tidemark("bookmark", "rewind", "app.lines", "--to-version", "1").expect(0)
    assert logs.ids() == list(range(1, 11))
    assert logs.run()["rows"] == 10
    logs.settle(*range(1, 21))


def test_partial_lines_of_containers(logs):
    """Kubernetes cuts long lines in parts: the config in the documents makes them one row."""
    logs.configure(more=r""", multiline: {ends: '^\S+ \S+ F'}""")
    text = (logs.project.folder / "tidemark.yaml").read_text().replace(
        "parse: json", r"parse: {regex: '^(?<time>\S+) (?<stream>stdout|stderr) (?<tag>[FP]) (?<message>.*)$'}")
    (logs.project.folder / "tidemark.yaml").write_text(text)
    logs.write("app.log", b"2026-10-06T00:17:09.669794202Z stdout F whole\n"
                          b"2026-10-06T00:17:09.669794203Z stderr P one \n")
    assert logs.run()["rows"] == 1
    logs.append("app.log", b"2026-10-06T00:17:09.669794204Z stderr P two \n"
                           b"2026-10-06T00:17:09.669794205Z stderr F three\n")
    assert logs.run()["rows"] == 1
    rows = logs.project.rows("app_lines", "tag", "message", "_line")
    assert rows[0] == ("F", "whole", 1)
    assert rows[1][2] == 2 and [word in rows[1][1] for word in ("one", "two", "three")] == [True] * 3


# Objects of a bucket

BUCKET = """
sources:
  app: {{type: logs, path: "s3://{bucket}/logs/**/*.log*"}}
streams:
  app.lines: {{parse: json, on_overwrite: {policy}}}
"""


class ObjectHistory:
    def __init__(self, project, server, bucket, policy="append"):
        self.project, self.client, self.bucket = project, server.client, bucket
        project.environment.update(server.environment)
        project.configure(BUCKET.format(bucket=bucket, policy=policy))

    def put(self, name, content):
        self.client.put_object(Bucket=self.bucket, Key=f"logs/{name}", Body=content)

    def delete(self, name):
        self.client.delete_object(Bucket=self.bucket, Key=f"logs/{name}")

    run, ids, settle = History.run, History.ids, History.settle


@pytest.fixture
def objects(project, s3, bucket):
    return lambda policy="append": ObjectHistory(project, s3, bucket, policy)


@pytest.mark.parametrize("policy", ["append", "reprocess"])
def test_objects_overwritten_deleted_and_written_again(objects, policy):
    logs = objects(policy)
    logs.put("2026/11/21/a.log", lines(1, 10))
    logs.put("2026/11/21/b.log", lines(11, 20))
    assert logs.run()["rows"] == 20
    # The same content once more is nothing new, nor is one that was away.
    logs.put("2026/11/21/a.log", lines(1, 10))
    logs.delete("2026/11/21/b.log")
    assert logs.run()["rows"] == 0
    logs.put("2026/11/21/b.log", lines(11, 20))
    assert logs.run()["rows"] == 0
    # A late one, whose key sorts before all.
    logs.put("2026/11/01/a.log", lines(21, 30))
    assert logs.run()["rows"] == 10
    # Other content at the key.
    logs.put("2026/11/21/a.log", lines(31, 40))
    assert logs.run()["rows"] == 10
    gone = [] if policy == "reprocess" else range(1, 11)
    logs.settle(*gone, *range(11, 41))
    # Deleted, and another at the key.
    logs.delete("2026/11/21/b.log")
    logs.run()
    logs.put("2026/11/21/b.log", lines(41, 50))
    assert logs.run()["rows"] == 10
    assert logs.ids()[-10:] == list(range(41, 51))


def test_an_overwritten_object_can_be_an_error(objects):
    logs = objects("error")
    logs.put("a.log", lines(1, 10))
    logs.run()
    logs.put("a.log", lines(11, 20))
    logs.project.tidemark("run").expect(5, "other content", "a.log")
    assert logs.ids() == list(range(1, 11))
