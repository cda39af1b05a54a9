"""Log files in a bucket of a real S3 server, and compressed in every way: nothing twice, nothing
missed."""

import bz2
import gzip
import io
import json
import lzma
import re
import subprocess
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from project import Project

WEB = """
sources:
  web: {{type: logs, path: "s3://{bucket}/nginx/**/*.log*"{more}}}
streams:
  web.access: {{parse: json}}
"""


def lines(first, last):
    return "".join(json.dumps({"id": number}) + "\n" for number in range(first, last + 1)).encode()


class Bucket:
    """A bucket with logs, and a project that reads them into a lake on disk."""

    def __init__(self, server, name, project):
        self.client = server.client
        self.name = name
        self.project = project
        project.environment.update(server.environment)
        self.configure()

    def configure(self, text=WEB, more=""):
        self.project.configure(text.format(bucket=self.name, more=more))
        return self

    def put(self, key, content):
        self.client.put_object(Bucket=self.name, Key=key, Body=content)

    def move(self, key, target):
        self.client.copy_object(
            Bucket=self.name, Key=target, CopySource={"Bucket": self.name, "Key": key})
        self.client.delete_object(Bucket=self.name, Key=key)

    def run(self, code=0):
        return self.project.run(code=code)["web.access"]

    @property
    def rows(self):
        table = self.project.table("web_access")
        return sorted(table.select(["_file", "_line", "id"]).to_pylist(), key=lambda row: row["id"])

    @property
    def ids(self):
        return [row["id"] for row in self.rows]


@pytest.fixture
def web(s3, bucket, project):
    return Bucket(s3, bucket, project)


def test_the_daily_run_over_a_bucket(web):
    web.put("nginx/a/access.log", lines(1, 100))
    web.put("nginx/b/access.log.gz", gzip.compress(lines(101, 150)))
    web.put("nginx/readme.txt", b"no log")
    web.put("other/x.log", lines(900, 999))
    assert web.run()["rows"] == 150
    assert web.rows[0] == {"_file": "a/access.log", "_line": 1, "id": 1}
    assert web.rows[-1] == {"_file": "b/access.log.gz", "_line": 50, "id": 150}
    assert web.run()["status"] == "unchanged"

    # New, grown, and one that is as old as the hills.
    web.put("nginx/c/access.log", lines(151, 160))
    web.put("nginx/a/access.log", lines(1, 100) + lines(161, 170))
    assert web.run()["rows"] == 20
    assert web.ids == list(range(1, 171))
    assert web.rows[-1] == {"_file": "a/access.log", "_line": 110, "id": 170}

    # Rotated, rotated and compressed.
    web.move("nginx/a/access.log", "nginx/a/access.log.1")
    web.client.delete_object(Bucket=web.name, Key="nginx/c/access.log")
    web.put("nginx/c/access.log.1.bz2", bz2.compress(lines(151, 160) + lines(171, 175)))
    web.put("nginx/a/access.log", lines(176, 180))
    assert web.run()["rows"] == 10
    assert web.ids == list(range(1, 181))
    assert web.run()["status"] == "unchanged"


def test_an_object_that_is_overwritten(web):
    web.put("nginx/access.log", lines(1, 10))
    web.run()
    web.put("nginx/access.log", lines(11, 30))
    assert web.run()["rows"] == 20
    assert web.ids == list(range(1, 31))
    web.configure(WEB.replace("parse: json", "parse: json, on_overwrite: error"))
    web.put("nginx/access.log", lines(31, 40))
    outcome = web.project.tidemark("run").expect(5, "other content", f"s3://{web.name}/nginx/access.log")
    assert "on_overwrite: append" in outcome.out + outcome.err


def test_excluded_objects_and_odd_keys(web):
    web.configure(more=', exclude: ["old/**/*", "*.tmp"]')
    web.put("nginx/access.log", lines(1, 5))
    web.put("nginx/old/x/access.log", lines(6, 9))
    web.put("nginx/access.log.tmp", lines(10, 11))
    web.put("nginx/größe & +%20 ü.log", lines(12, 13))
    assert web.run()["rows"] == 7
    assert {row["_file"] for row in web.rows} == {"access.log", "größe & +%20 ü.log"}


@pytest.mark.parametrize("step", ["stage-file:after", "decide:before", "decide:after", "publish-file:after"])
def test_a_kill_between_runs_changes_nothing(web, step):
    for number in range(20):
        web.put(f"nginx/{number}.log", lines(number * 10 + 1, number * 10 + 10))
    killed = web.project.tidemark("run", env={"TIDEMARK_CRASH_AT": step})
    assert killed.code == -9
    web.put("nginx/20.log", lines(201, 210))
    web.project.run()
    assert web.ids == list(range(1, 211))
    assert web.run()["status"] == "unchanged"


def test_a_large_object_is_read_within_the_memory(web):
    body = b"".join(b'{"id": %d, "text": "%s"}\n' % (number, b"x" * 400) for number in range(200_000))
    web.put("nginx/large.log", body)
    web.put("nginx/large.log.7.zip", zipped("large", body))
    outcome = web.project.tidemark("run", "--memory", "128MB").expect(0)
    assert outcome.peak_rss_bytes < 128e6
    assert web.project.table("web_access").num_rows == 400_000


def zipped(name, text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def test_what_is_wrong_with_a_bucket_is_said(web):
    web.put("nginx/access.log", lines(1, 5))
    web.project.tidemark("check").expect(0)
    for command in ("check", "run"):
        web.project.tidemark(command, env={"AWS_SECRET_ACCESS_KEY": "wrong secret"}).expect(
            3, "SignatureDoesNotMatch")
    web.configure(more=", s3: {endpoint: 'http://127.0.0.1:9'}")
    web.project.tidemark("check").expect(3, "127.0.0.1:9")
    web.configure(WEB.replace("{bucket}", "no-such-bucket"))
    web.project.tidemark("check").expect(3, "NoSuchBucket", "Create the bucket")
    web.project.tidemark("run").expect(3, "NoSuchBucket")
    web.configure(more=", s3: {endpont: x}")
    web.project.tidemark("check").expect(2, "endpoint")
    web.project.configure(
        "sources:\n  web: {type: logs, path: ./logs/*.log, s3: {region: eu-west-1}}\n"
        "streams:\n  web.access: {parse: json}\n")
    web.project.tidemark("check").expect(2, "the path is a folder")


def test_the_endpoint_can_stand_in_the_config(web, s3):
    web.put("nginx/access.log", lines(1, 5))
    del web.project.environment["AWS_ENDPOINT_URL_S3"]
    web.configure(more=f", s3: {{endpoint: '{s3.endpoint}', region: us-east-1, path_style: true}}")
    assert web.run()["rows"] == 5


def test_rows_come_back_after_a_rewind(web):
    web.put("nginx/a.log", lines(1, 5))
    web.run()
    first = web.project.tidemark("runs", "--json").expect(0).json
    web.put("nginx/b.log", lines(6, 9))
    web.run()
    # What is gone cannot be read again.
    web.client.delete_object(Bucket=web.name, Key="nginx/b.log")
    web.project.tidemark("bookmark", "reset", "web.access").expect(5, "b.log")
    web.put("nginx/b.log", lines(6, 9))
    web.project.tidemark("bookmark", "reset", "web.access").expect(0)
    assert web.run()["rows"] == 9
    assert first


LOCAL = """
sources:
  web: {type: logs, path: ./logs/**/*}
streams:
  web.access: {parse: json}
"""


def test_files_compressed_in_every_way(project):
    logs = project.configure(LOCAL).folder / "logs"
    logs.mkdir()
    (logs / "plain").write_bytes(lines(1, 10))
    (logs / "members").write_bytes(gzip.compress(lines(11, 15)) + gzip.compress(lines(16, 20)))
    (logs / "bzip2").write_bytes(bz2.compress(lines(21, 30)))
    (logs / "xz").write_bytes(lzma.compress(lines(31, 40)))
    (logs / "alone").write_bytes(lzma.compress(lines(41, 50), format=lzma.FORMAT_ALONE))
    (logs / "archive").write_bytes(zipped("inner.log", lines(51, 60)))
    (logs / "lz4").write_bytes(compressed("lz4", lines(61, 70)))
    (logs / "zstd").write_bytes(compressed("zstd", lines(71, 80)))
    assert project.run()["web.access"]["rows"] == 80
    table = project.table("web_access")
    assert sorted(table["id"].to_pylist()) == list(range(1, 81))
    assert set(table["_file"].to_pylist()) == {
        "plain", "members", "bzip2", "xz", "alone", "archive/inner.log", "lz4", "zstd"}
    assert project.run()["web.access"]["status"] == "unchanged"


def compressed(codec, content):
    """By Arrow: another's writer of the same formats."""
    buffer = pa.BufferOutputStream()
    with pa.CompressedOutputStream(buffer, codec) as stream:
        stream.write(content)
    return buffer.getvalue().to_pybytes()


PARQUET = """
sources:
  web: {{type: logs, path: "{path}"}}
streams:
  web.access: {{parse: parquet, schema: {{type_change: widen}}}}
"""


def parquet(table):
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("place", ["disk", "s3"])
def test_parquet_files_as_input(request, project, place):
    if place == "s3":
        bucket = Bucket(request.getfixturevalue("s3"), request.getfixturevalue("bucket"), project)
        project.configure(PARQUET.format(path=f"s3://{bucket.name}/in/**/*.parquet"))
        put = lambda name, content: bucket.put(f"in/{name}", content)  # noqa: E731
        remove = lambda name: bucket.client.delete_object(Bucket=bucket.name, Key=f"in/{name}")  # noqa: E731
    else:
        project.configure(PARQUET.format(path="./in/**/*.parquet"))
        folder = project.folder / "in"
        (folder / "x").mkdir(parents=True)
        put = lambda name, content: (folder / name).write_bytes(content)  # noqa: E731
        remove = lambda name: (folder / name).unlink()  # noqa: E731
    put("a.parquet", parquet(pa.table({
        "id": pa.array(range(5000), pa.int32()), "tags": [["a", str(n)] for n in range(5000)],
        "at": pa.array([n * 1000 for n in range(5000)], pa.timestamp("us", "UTC"))})))
    put("x/b.parquet", parquet(pa.table({"id": pa.array([2**40], pa.int64()), "more": ["new"]})))
    report = project.run()["web.access"]
    assert report["rows"] == 5001
    table = project.table("web_access")
    rows = sorted(table.to_pylist(), key=lambda row: row["id"])
    assert rows[41]["tags"] == ["a", "41"] and rows[41]["_line"] == 42
    assert rows[-1]["more"] == "new" and rows[-1]["_file"] == "x/b.parquet"
    assert project.run()["web.access"]["status"] == "unchanged"

    # A damaged one is named, the others are there.
    put("broken.parquet", parquet(pa.table({"id": [1]}))[:-3])
    put("c.parquet", parquet(pa.table({"id": pa.array([7], pa.int64())})))
    project.tidemark("run").expect(4, "broken.parquet", "exclude")
    assert project.table("web_access").num_rows == 5002
    remove("broken.parquet")
    assert project.run()["web.access"]["status"] == "unchanged"


@pytest.mark.parametrize("threads", ["1", "4"])
def test_damaged_files_are_left_out(project, tmp_path, threads):
    """All other files are loaded; the damaged ones are named, and come when they are whole."""
    logs = tmp_path / "logs"
    logs.mkdir()
    noise = [json.dumps({"id": n, "x": f"{n * 2654435761 % 2**32:x}"}) + "\n" for n in range(60_000)]
    whole = {
        "b.log.gz": gzip.compress("".join(noise[:30_000]).encode()),
        "c.log.xz": lzma.compress("".join(noise[30_000:]).encode()),
    }
    (logs / "a.log").write_bytes(lines(100_000, 100_499))
    for name, content in whole.items():
        damaged = bytearray(content)
        damaged[len(damaged) * 4 // 5] ^= 0xFF
        damaged[len(damaged) * 4 // 5 + 1] ^= 0xFF
        (logs / name).write_bytes(damaged)
    (logs / "d.log").write_bytes(lines(100_500, 100_999))
    config = (f"sources:\n  web: {{type: logs, path: '{logs}/*.log*'}}\n"
              "streams:\n  web.access: {parse: json%s}\n")
    project.configure(config % "")
    failed = project.tidemark("run", "--json", "--threads", threads).expect(4)
    stream = failed.json["streams"][0]
    assert (stream["status"], stream["rows"]) == ("failed", 1000)
    assert "damaged" in stream["error"] and "b.log.gz" in stream["error"] and "c.log.xz" in stream["error"]
    assert "at byte" in stream["error"]
    assert sorted(project.table("web_access").column("id").to_pylist()) == list(range(100_000, 101_000))
    # As long as they are so, they are named and not read.
    again = project.tidemark("run", "--json").expect(4).json["streams"][0]
    assert again["rows"] == 0 and "did not change" in again["error"]
    project.configure(config % ", on_damaged: skip")
    told = project.tidemark("run").expect(0)
    assert "b.log.gz" in told.out + told.err and "left out" in told.out + told.err
    for name, content in whole.items():
        (logs / name).write_bytes(content)
    assert project.run().rows == 60_000
    assert sorted(project.table("web_access").column("id").to_pylist()) == [
        *range(60_000), *range(100_000, 101_000)]
    assert project.run().rows == 0


def test_wide_windows_of_zstd(project, tmp_path):
    """`zstd --long=27` wants more memory than the default run gives; the error says how much does."""
    logs = tmp_path / "logs"
    logs.mkdir()
    text = b"".join(b'{"id":%d,"x":"%x"}\n' % (n, n * 2654435761 % 2**32) for n in range(300_000))
    subprocess.run(["zstd", "-q", "--long=27", "-1", "-o", logs / "a.log.zst"], input=text, check=True)
    (logs / "b.log").write_bytes(b'{"id": -1}\n')
    project.configure(f"sources:\n  web: {{type: logs, path: '{logs}/*.log*'}}\n"
                      "streams:\n  web.access: {parse: json}\n")
    failed = project.tidemark("run", "--json").expect(4).json["streams"][0]
    assert failed["rows"] == 1 and "a window of 128 MiB" in failed["error"], failed
    told = project.tidemark("run").expect(4)
    memory = re.search(r"--memory (\d+)MB", told.out + told.err).group(1)
    assert 300 < int(memory) < 450
    report = project.tidemark("run", "--json", "--memory", memory + "MB").expect(0).json
    assert report["streams"][0]["rows"] == 300_000
    assert project.run().rows == 0


def test_an_object_overwritten_in_a_bucket_with_versions(web):
    """What stands in the bucket at each run comes once, and the version's id is known."""
    web.client.put_bucket_versioning(Bucket=web.name, VersioningConfiguration={"Status": "Enabled"})
    web.put("nginx/a.log", lines(1, 50))
    assert web.run()["rows"] == 50
    web.put("nginx/a.log", lines(1, 70))
    assert web.run()["rows"] == 20
    web.put("nginx/a.log", lines(501, 503))
    assert web.run()["rows"] == 3
    web.client.delete_object(Bucket=web.name, Key="nginx/a.log")
    assert web.run()["rows"] == 0
    assert web.ids == [*range(1, 71), 501, 502, 503]
