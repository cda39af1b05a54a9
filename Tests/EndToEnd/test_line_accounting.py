"""Every line of real logs is a row, a reject or accounted for otherwise, in every format: those
that fit and those that do not."""

import glob
import gzip
import os
from pathlib import Path

import pytest
from mariadb import MariaDB

# A line a format and the logs that it should fit: the file, what `--as` gets, and the share of its
# lines, blank ones aside, that must be rows. Formats that the program does not have are an error.
CORPUS = [
    ("Apache.log", "apache_error", 1.0),
    ("Linux.log", "syslog", 1.0),
    ("OpenSSH.log", "syslog", 1.0),
    ("Zookeeper.log",
     r"{grok: '^%{TIMESTAMP_ISO8601:time} - %{LOGLEVEL:level} +\[%{DATA:thread}\] - %{GREEDYDATA:message}$'}",
     1.0),
]

# Hostile choices: formats that none of these logs has. All lines are rejects, or nearly.
WRONG = ["json", "combined", "common"]

# The logs of this machine, where there are any.
OWN = ["/var/log/*.log", "/var/log/*/*.log", "/var/log/*.gz"]


def corpus():
    """The folder of real logs. They are not part of the repository: TIDEMARK_LOG_CORPUS names their
    folder, or `shared/data/logs` in a folder above is used."""
    name = os.environ.get("TIDEMARK_LOG_CORPUS")
    above = [folder / "shared/data/logs" for folder in Path(__file__).resolve().parents]
    for folder in [Path(name)] if name else above:
        if (folder / "Apache.log").exists():
            return folder
    assert os.environ.get("TIDEMARK_REQUIRE_CORPUS") != "1", \
        "TIDEMARK_LOG_CORPUS must name the folder with the real logs (Apache.log, Linux.log, …)"
    print("real logs left out: TIDEMARK_LOG_CORPUS does not name their folder")
    return None


def logs():
    folder = corpus()
    return sorted(folder.glob("*.log")) if folder else []


@pytest.fixture
def parse(project):
    def run(path, format):
        answer = project.tidemark("parse", "--as", format, str(path), "--json", "--limit", "100000").expect(0)
        return accounted(answer.json, path)
    return run


def accounted(found, path):
    """The counts add up, with one another and with the file."""
    place = f"{path} as {found['format']}"
    data = Path(path).read_bytes()
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if not data.startswith(b"\x1f\x8b"):
        assert found["lines"] == len(lines), place
        blank = sum(not line.strip(b"\0 \t\r") for line in lines)
        assert found["other_lines"] is None or found["other_lines"] >= 0, place
        if found["other_lines"] == blank:
            assert found["rows"] + found["rejected"] == len(lines) - blank, place
        for reject in found["rejects"][:1000]:
            line = lines[reject["line"] - 1].lstrip(b"\0")
            assert line.decode(errors="replace").startswith(reject["text"][:1000]), place
            assert reject["reason"], place
    assert len(found["rejects"]) == min(100_000, found["rejected"]), place
    return found


def test_logs_in_the_format_that_they_have(parse):
    folder = corpus()
    for name, format, share in CORPUS if folder else []:
        found = parse(folder / name, format)
        assert found["rows"] >= share * (found["rows"] + found["rejected"]), found["rejects"][:3]


def test_logs_in_formats_that_they_have_not(parse):
    for path in logs():
        for format in WRONG:
            found = parse(path, format)
            assert found["rows"] == 0 and found["rejected"] > 100, f"{path} as {format}"


def test_the_format_of_real_logs_is_looked_for(project):
    for path in logs():
        told = project.tidemark("parse", str(path), "--json")
        assert told.code in (0, 2), told
        if told.code == 0:
            assert told.json["rows"] >= told.json["rejected"], told
        else:
            told.expect(2, "none of the formats", "regex")


def test_the_logs_of_this_machine(parse):
    for path in sorted({path for pattern in OWN for path in glob.glob(pattern)}):
        if os.path.isfile(path) and os.access(path, os.R_OK) and os.path.getsize(path) < 20e6:
            for format in WRONG:
                parse(path, format)


def test_runs_account_for_every_line_too(project):
    """Real logs, and those of this machine, into a lake: rows + rejects = lines, and once."""
    folder = corpus()
    own = sorted({path for pattern in OWN for path in glob.glob(pattern)
                  if os.path.isfile(path) and os.access(path, os.R_OK) and os.path.getsize(path) < 20e6
                  and os.path.getsize(path) > 0})
    chosen = [(folder / name, format) for name, format, _ in CORPUS] if folder else []
    chosen += [(Path(path), "{regex: '^(?<line>.*)$'}") for path in own]
    chosen += [(path, "json") for path in logs()]
    sources, streams = "", ""
    copies = project.folder / "logs"
    for number, (path, format) in enumerate(chosen):
        # A copy, as the machine's own logs grow meanwhile.
        (copies / str(number)).mkdir(parents=True)
        (copies / str(number) / path.name).write_bytes(path.read_bytes())
        os.utime(copies / str(number) / path.name, (1_700_000_000,) * 2)
        sources += f"  s{number}: {{type: logs, path: './logs/{number}/*'}}\n"
        streams += f"  s{number}.lines: {{parse: {format}, columns: {{}}}}\n"
    project.configure(f"sources:\n{sources}streams:\n{streams}".replace(", columns: {}", ""))
    report = project.run()
    for number, (path, format) in enumerate(chosen):
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        lines = sum(bool(line.strip(b"\0 \t\r")) for line in data.split(b"\n"))
        found = report[f"s{number}.lines"]
        assert found["rows"] + found["counts"].get("rejected", 0) == lines, f"{path} as {format}: {found}"
    assert set(project.run().statuses.values()) <= {"unchanged"}


def test_the_log_of_a_database_server(parse, tmp_path):
    """A real one, as it is when the server has stopped."""
    with MariaDB() as server:
        path = Path(server.folder) / "server.log"
        copy = tmp_path / "server.log"
        copy.write_bytes(path.read_bytes())
    assert copy.stat().st_size > 500
    for format in WRONG:
        assert parse(copy, format)["rows"] == 0
