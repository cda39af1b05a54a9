"""`tidemark parse`: what a format makes of a file, by the code that a run reads it with."""

import bz2
import gzip
import io
import json
import subprocess
import uuid
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from project import binary

COMBINED = ['10.0.0.%d - - [01/Mar/2024:11:00:%02d +0000] "GET /item/%d HTTP/1.1" 200 %d "-" "agent"' % (n, n, n, n)
            for n in range(40)]
OBJECTS = [json.dumps({"id": n, "name": f"Zoë {n}", "part": {"size": n / 4}, "ok": n % 2 == 0}) for n in range(40)]


@pytest.fixture
def file(tmp_path):
    def make(lines, name="app.log", end="\n"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + end)
        return path
    return make


@pytest.fixture
def parse(project):
    def run(*arguments):
        return project.tidemark("parse", *map(str, arguments))
    return run


def accounted(found):
    assert found["rows"] + found["rejected"] + found["other_lines"] == found["lines"], found
    return found


def test_what_a_script_gets(parse, file):
    path = file(OBJECTS[:5] + ["", "{broken", '["no object"]'] + OBJECTS[5:])
    found = accounted(parse("--as", "json", path, "--json", "--limit", "3").expect(0).json)
    assert found["file"] == str(path) and found["format"] == "json"
    assert (found["lines"], found["rows"], found["rejected"], found["other_lines"]) == (43, 40, 2, 1)
    assert found["schema"] == [{"name": "id", "type": "bigint"}, {"name": "name", "type": "string"},
                               {"name": "part", "type": "struct<size:double>"},
                               {"name": "ok", "type": "boolean"}]
    assert found["sample"] == [{"_line": n + 1, **json.loads(OBJECTS[n])} for n in range(3)]
    assert [(reject["line"], reject["text"]) for reject in found["rejects"]] == [
        (7, "{broken"), (8, '["no object"]')]
    assert "expected an object" in found["rejects"][1]["reason"]
    assert sum(reason["count"] for reason in found["reasons"]) == 2


def test_what_a_person_sees(parse, file):
    told = parse("--as", "combined", file(COMBINED + ["what \x1b]0;is\x07 this"]), "--limit", "2").expect(0)
    assert "41 lines: 40 rows, 1 rejected" in told.out
    assert "remote_host" in told.out and "timestamp" in told.out and "10.0.0.1" in told.out
    assert "10.0.0.2" not in told.out
    assert "expected a user" in told.out
    assert "\x1b" not in told.out and "\x07" not in told.out, "a terminal would take it for a command"


def test_the_same_as_a_run(project, parse, file):
    path = file(COMBINED + ["garbage", "", "more garbage"])
    found = accounted(parse("--as", "combined", path, "--json").json)
    project.configure(f"sources:\n  web: {{type: logs, path: {path}, close_after: 0s}}\n"
                      "streams:\n  web.access: {parse: combined}\n")
    assert project.run()["web.access"]["rows"] == found["rows"] == 40
    columns = [name for name in project.table("web_access").column_names if name not in ("_file", "_line")]
    assert columns == [column["name"] for column in found["schema"]]
    rejects = project.rows("web_access__rejects", "_line", "text", "reason")
    assert rejects == [(reject["line"], reject["text"], reject["reason"]) for reject in found["rejects"]]
    # The head that `check` looks at goes the same way.
    assert "2 of the first 42 lines" in project.tidemark("check").out


def test_options_of_streams(parse, file):
    found = parse("--as", "json", file(['{"a": {"b": 1}, "price": "2.50", "n": 7}']), "--json", "--flatten",
                  "--columns", "price=decimal(12,2),n=smallint").expect(0).json
    assert {column["name"]: column["type"] for column in found["schema"]} == {
        "a_b": "bigint", "price": "decimal(12,2)", "n": "smallint"}
    parse("--as", "json", file(["{}"]), "--columns", "a").expect(2, "name=type")
    parse("--as", "json", file(["{}"]), "--columns", "a=wood").expect(2, "no known type", "'wood'")


def test_records_over_several_lines(parse, file):
    path = file(["2026-11-21 a", "  at x", "  at y", "2026-11-21 b"])
    for rule in ("indented", "{start: '^[0-9]{4}-'}", "{continues: '^ '}"):
        found = parse("--as", r"{regex: '^(?<day>\S+) (?<message>.*)$'}", path, "--multiline", rule,
                      "--json").expect(0).json
        assert [row["message"] for row in found["sample"]] == ["a\n  at x\n  at y", "b"], rule
    parse("--as", "json", path, "--multiline", "{stat: x}").expect(2, "--multiline", "stat")
    parse("--as", "json", path, "--multiline", "start: '^x'").expect(2, "--multiline")


@pytest.mark.parametrize("lines,format", [(COMBINED, "combined"), (OBJECTS, "json"),
                                          ([line.split(' "-"')[0] for line in COMBINED], "common")])
def test_the_format_is_found(parse, project, file, lines, format):
    path = file(lines + ["a line of something else"])
    found = accounted(parse(path, "--json").expect(0).json)
    assert found["format"] == found["candidates"][0]["format"] == format
    told = parse(path).expect(0)
    assert f"format  {format}" in told.out and f"parse: {format}" in told.out
    # The piece of config that it prints is one.
    project.configure(found["config"])
    assert project.run().rows == len(lines)


def test_no_format_is_found(parse, file):
    parse(file(["some words", "and some more"])).expect(2, "none of the formats", "json", "regex", "some words")
    parse(file([], end="")).expect(2, "no line")
    parse("--as", "json", file([], end="")).expect(0, "0 lines")


def test_compressed_and_standard_input(parse, project, file, tmp_path):
    path = file(COMBINED)
    expected = parse("--as", "combined", path, "--json").json | {"file": "", "files": []}
    for name, data in [("two.gz", gzip.compress(path.read_bytes()[:1000]) + gzip.compress(path.read_bytes()[1000:])),
                       ("wrong-name.txt", gzip.compress(path.read_bytes()))]:
        (tmp_path / name).write_bytes(data)
        assert parse("--as", "combined", tmp_path / name, "--json").json | {"file": "", "files": []} == expected
        through = subprocess.run([binary(), "parse", "-", "--json"], input=data, capture_output=True, check=True)
        found = json.loads(through.stdout)
        assert found["file"] == "-" and found["files"] == ["-"]
        assert {key: found[key] for key in expected} | {"file": "", "files": []} == expected
    (tmp_path / "cut.gz").write_bytes(gzip.compress(path.read_bytes())[:-20])
    parse("--as", "combined", tmp_path / "cut.gz").expect(0, "in the middle of its compressed data")


def test_mistakes(parse, file, tmp_path):
    path = file(COMBINED)
    parse("--as", "combinde", path).expect(2, "no format 'combinde'", "combined")
    parse("--as", "{combinde: {}}", path).expect(2, "combinde")
    parse("--as", "{", path).expect(2, "YAML")
    parse("--as", "json", tmp_path / "gone.log").expect(3, "no such file")
    parse("--as", "json", tmp_path).expect(3, "folder")
    parse(path, "--limit", "-1").expect(2)
    parse("--as", "json", path, "--time-zone", "Nowhere/Town")
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"x" * 100)[:15] + b"\xff" * 40)
    parse("--as", "json", tmp_path / "broken.gz").expect(3, "damaged", "gzip at byte")
    # Without a format it is no other.
    parse(tmp_path / "broken.gz").expect(3, "damaged")
    (tmp_path / "packed.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(100))
    parse(tmp_path / "packed.7z").expect(3, "7-Zip")


def test_bytes_that_are_no_text(parse, tmp_path):
    """Hostile files: an answer and no crash, in memory that does not grow with a line."""
    for name, data in [("zeros", bytes(3_000_000)), ("one-line", b"x" * 30_000_000),
                       ("random", bz2.compress(bytes(range(256)) * 100)), ("newlines", b"\n" * 100_000),
                       ("latin1", b'{"a": "\xe4"}\n' * 100), ("nested", b'{"a":' * 100_000 + b"\n")]:
        (tmp_path / name).write_bytes(data)
        for format in ("json", "combined", "auto"):
            told = parse("--as", format, tmp_path / name, "--json")
            assert told.code in (0, 2, 3), told
            assert told.peak_rss_bytes < 250e6, name
            if told.code == 0:
                accounted(told.json)


def test_a_config_from_a_folder_of_logs(project, tmp_path):
    logs = tmp_path / "logs[1]"
    (logs / "nginx").mkdir(parents=True)
    text = "\n".join(COMBINED) + "\n"
    (logs / "nginx/access.log").write_text(text)
    (logs / "nginx/access.log.1").write_text(text.replace("/item/", "/earlier/"))
    (logs / "nginx/access.log.2.gz").write_bytes(gzip.compress(text.replace("/item/", "/first/").encode()))
    for day in ("2026-11-20", "2026-11-21"):
        (logs / f"{day}.json").write_text("\n".join(OBJECTS).replace("Zoë", day) + "\n")
    (logs / "words.log").write_text("what is this\n")
    (logs / "nothing.log").write_text("")
    told = project.tidemark("init", "--from", str(logs)).expect(0, "access.log*", "combined", "words", "nothing")
    assert "export" not in told.out
    # Valid as it stands, and it loads all of them.
    report = project.run()
    assert {name: stream["rows"] for name, stream in report.streams.items()} == {
        "logs_1_.access": 120, "logs_1_.log": 80}
    project.tidemark("init", "--from", str(logs / "gone"), "--force").expect(2, "no file matches")
    listed = project.tidemark("init", "--from", str(tmp_path / "logs?1?/nginx/*"), "--name", "web", "--force", "--json").expect(0)
    assert listed.json["streams"][0]["config"] == {
        "path": r"logs\[1\]/nginx/access.log*", "parse": "combined"}
    assert listed.json["variable"] is None


def test_parquet_files(parse, tmp_path):
    table = pa.table({"id": range(30), "name": [f"n{n}" for n in range(30)]})
    pq.write_table(table, tmp_path / "a.parquet")
    pq.write_table(table.append_column("late", pa.array(range(30))), tmp_path / "b.data")
    for arguments in (["--as", "parquet"], []):
        found = accounted(parse(*arguments, tmp_path / "a.parquet", "--json", "--limit", "2").expect(0).json)
        assert (found["format"], found["rows"], found["rejected"]) == ("parquet", 30, 0)
        assert found["sample"] == [{"_line": n + 1, "id": n, "name": f"n{n}"} for n in range(2)]
    both = parse(tmp_path / "a.parquet", tmp_path / "b.data", "--json").expect(0).json
    assert both["rows"] == 60 and {column["name"] for column in both["schema"]} == {"id", "name", "late"}
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-9])
    parse(tmp_path / "cut.parquet").expect(3, "Parquet")
    parse("--as", "json", tmp_path / "a.parquet", "--json")


def test_several_files_are_read_as_one_stream(parse, project, file, tmp_path):
    first = file(OBJECTS[:10])
    (tmp_path / "old").mkdir()
    (tmp_path / "old/app.log.1.gz").write_bytes(gzip.compress("\n".join(OBJECTS[10:] + ["{broken"]).encode() + b"\n"))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x/one.log", '{"id": 1.5}\n')
    (tmp_path / "old/more.zip").write_bytes(archive.getvalue())
    found = accounted(parse("--as", "json", first, tmp_path / "old/*", "--json", "--limit", "100").expect(0).json)
    assert found["files"] == [str(first), f"{tmp_path}/old/app.log.1.gz", f"{tmp_path}/old/more.zip"]
    assert found["rows"] == 41 and found["rejected"] == 1
    assert found["rejects"][0]["file"].endswith("old/app.log.1.gz") and found["rejects"][0]["line"] == 31
    assert {row["_file"].rsplit("/", 1)[1] for row in found["sample"]} == {"app.log", "app.log.1.gz", "one.log"}
    # Types are those of all together.
    assert found["schema"][0] == {"name": "id", "type": "double"}
    assert "app.log.1.gz" in parse("--as", "json", first, tmp_path / "old/*").expect(0).out
    parse(tmp_path / "old/more.zip").expect(0, "json")
    parse("-", first).expect(2, "alone")
    parse(tmp_path / "none*").expect(3, "no file matches")
    parse(tmp_path).expect(3, "folder", "**")


def test_objects_in_s3(project, s3):
    bucket = "parse-" + uuid.uuid4().hex[:12]
    s3.client.create_bucket(Bucket=bucket)
    project.environment.update(s3.environment)
    text = "\n".join(COMBINED).encode() + b"\n"
    s3.client.put_object(Bucket=bucket, Key="web/a.log", Body=text)
    s3.client.put_object(Bucket=bucket, Key="web/old/b[1].log.gz", Body=gzip.compress(text))
    for address, rows in [("web/a.log", 40), ("web/", 80), ("web/**/*.gz", 40), ("web/old/b[1].log.gz", 40)]:
        found = accounted(project.tidemark("parse", f"s3://{bucket}/{address}", "--json").expect(0).json)
        assert (found["format"], found["rows"]) == ("combined", rows)
    project.tidemark("parse", f"s3://{bucket}/gone.log").expect(3, "no such object")
    project.tidemark("parse", "s3://").expect(3, "bucket")


def test_a_pattern_is_drafted(parse, project, file):
    """For logs of no known format; what is printed loads them."""
    text = [f"2015-10-18 18:01:{n:02d},978 {level} [main] org.apache.hadoop.ipc.Client: Retrying {n}"
            for n, level in enumerate(["INFO", "WARN", "ERROR"] * 10)]
    text[5:5] = ["java.net.NoRouteToHostException: No Route to Host", "\tat a.B.c(B.java:1)"]
    path = file(text)
    found = accounted(parse(path, "--json").expect(0).json)
    assert (found["format"], found["rows"], found["other_lines"]) == ("grok", 30, 2)
    assert [column["name"] for column in found["schema"]] == ["time", "level", "thread", "logger", "message"]
    assert found["schema"][0]["type"].startswith("timestamp")
    told = parse(path).expect(0)
    assert "TIMESTAMP_ISO8601" in told.out and "multiline" in told.out
    project.configure(found["config"].replace("type: logs,", "type: logs, close_after: 0s,"))
    assert project.run().rows == 30


def test_error_logs_of_several_lines(parse, file):
    record = ('2026/11/21 10:00:00 [error] 12#12: *5 FastCGI sent in stderr: "PHP message: PHP Fatal error:  '
              'Uncaught Error: no in /var/www/index.php:3\nStack trace:\n#0 {main}\n  thrown in /var/www/index.php '
              'on line 3" while reading response header from upstream, client: 10.0.0.1, server: _, '
              'request: "GET / HTTP/1.1", upstream: "fastcgi://unix:/run/php.sock:", host: "e"')
    path = file([record, "2026/11/21 10:00:01 [notice] 1#1: signal process started", record])
    found = accounted(parse(path, "--json").expect(0).json)
    assert (found["format"], found["lines"], found["rows"], found["rejected"]) == ("nginx_error", 9, 3, 0)
    first = found["sample"][0]
    assert "Stack trace:\n#0 {main}" in first["message"] and first["client"] == "10.0.0.1"
    assert [row["_line"] for row in found["sample"]] == [1, 5, 6]
    apart = accounted(parse("--as", "nginx_error", path, "--multiline", "none", "--json").expect(0).json)
    assert (apart["rows"], apart["rejected"]) == (3, 6)
