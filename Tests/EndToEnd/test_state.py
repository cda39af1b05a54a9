"""The commit log that is lost, old or kept in the lake; bookmarks that go back; trials."""

import json
import shutil
import sqlite3
import time

import pytest

WEB = """
sources:
  web: {{type: logs, path: "{path}"}}
streams:
  web.access: {{parse: combined}}
"""


@pytest.fixture(params=[".tidemark/state.db", "lake"])
def web(request, project, logs):
    """A project with one stream of log files, its state in a file and in the lake."""
    logs.write(100)
    project.logs = logs
    project.state = request.param
    configure(project, request.param)
    return project


def configure(project, state):
    text = WEB.format(path=f"{project.logs.folder}/*.log*")
    (project.folder / "tidemark.yaml").write_text(
        f"version: 1\nlake: {{root: ./lake, state: {state}}}\n{text}")


def lines(project, zone="raw"):
    return sorted(row[0] for row in project.rows("web_access", "_line", zone=zone))


def test_the_state_is_shown(web):
    report = web.run()
    shown = web.tidemark("state", "show", "--json").expect(0).json
    assert shown["commits"] == 1 and shown["last_run"] == report.run and shown["problem"] is None
    assert shown["lake_names"] == shown["log"] and shown["leases"] == []
    web.tidemark("state", "show").expect(0, "web.access", report.run)
    web.tidemark("state", "adopt").expect(0, "belong together" if web.state != "lake" else "whole")


@pytest.mark.parametrize("web", ["lake"], indirect=True)
def test_a_machine_without_a_disk_goes_on(web):
    web.run()
    for _ in range(3):
        shutil.rmtree(web.folder / ".tidemark")
        web.logs.write(10)
        assert web.run()["web.access"]["rows"] == 10
    assert len(lines(web)) == 130
    assert web.run().statuses == {"web.access": "unchanged"}


def test_a_lost_state_is_taken_over(web):
    web.run()
    shutil.rmtree(web.folder / ".tidemark")
    if web.state == "lake":
        assert web.run().statuses == {"web.access": "unchanged"}
        return
    web.tidemark("run").expect(5, "state adopt", "backup")
    assert not (web.folder / ".tidemark/state.db").exists()
    web.tidemark("state", "show").expect(5, "is not there")
    web.tidemark("state", "adopt").expect(0, "web.access", "100", "--yes")
    web.tidemark("run").expect(5)
    web.tidemark("state", "adopt", "--yes").expect(0, "Done")
    assert web.run().statuses == {"web.access": "held"}
    web.tidemark("bookmark", "reset", "web.access").expect(0, "taken back: 100 rows")
    web.tidemark("bookmark", "release", "web.access").expect(0)
    assert web.run()["web.access"]["rows"] == 100
    assert len(lines(web)) == 100


@pytest.mark.parametrize("web", [".tidemark/state.db"], indirect=True)
def test_an_older_copy_is_told_from_the_newest(web):
    web.run()
    shutil.copytree(web.folder / ".tidemark", web.folder / "backup")
    web.logs.write(20)
    web.run()
    shutil.rmtree(web.folder / ".tidemark")
    shutil.move(web.folder / "backup", web.folder / ".tidemark")
    web.tidemark("run").expect(5, "older copy")
    web.tidemark("state", "adopt", "--yes").expect(0, "20")
    assert web.run()["web.access"]["rows"] == 20
    assert len(lines(web)) == 120


def test_what_rotation_removed_is_not_taken_back(web):
    web.run()
    web.logs.write(50)
    web.run()
    (web.logs.folder / "access.log").unlink()
    refused = web.tidemark("bookmark", "reset", "web.access").expect(5, "access.log", "--force")
    assert len(lines(web)) == 150, refused
    change = web.tidemark("bookmark", "reset", "web.access", "--force", "--json").expect(0).json
    assert change["rows_removed"] == 150 and lines(web) == []
    web.tidemark(*change["undo"].split()[1:]).expect(0, "brought back: 150 rows")
    assert len(lines(web)) == 150


def test_a_trial_stands_beside(web):
    web.run()
    web.logs.write(30)
    before = web.bookmark("web.access")
    for _ in range(2):
        web.tidemark("run", "--no-advance", "--zone", "trial").expect(0, "trial", "No bookmark moved")
        assert len(lines(web, "trial")) == 30
    assert web.bookmark("web.access") == before and len(lines(web)) == 100
    web.tidemark("run", "--no-advance").expect(2, "--zone")
    web.tidemark("run", "--no-advance", "--zone", "raw").expect(5)
    assert web.run()["web.access"]["rows"] == 30
    web.tidemark("bookmark", "reset", "web.access@trial").expect(0)
    assert web.files("web_access", "trial") == [] and len(lines(web)) == 130


def seed(project, count):
    """Lets the log have this many commits, each like the first, without reading any row."""
    if project.state != "lake":
        with sqlite3.connect(project.folder / ".tidemark/state.db") as state:
            kind, run, at, text = state.execute(
                "SELECT kind, run, decided_at, entry FROM commit_log WHERE version = 1").fetchone()
            entry = json.loads(text)
            for version in range(2, count + 1):
                grown = later(entry, version)
                state.execute(
                    "INSERT INTO commit_log (stream, version, id, kind, run, decided_at, published, entry)"
                    " VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
                    (entry["stream"], version, grown["id"], kind, run, at, json.dumps(grown)))
                for file in grown["added"]:
                    state.execute("INSERT INTO file (stream, key, entry) VALUES (?, ?, ?)",
                                  (entry["stream"], file["key"], json.dumps(file)))
                    state.execute("INSERT INTO file_span (file, stream, added)"
                                  " VALUES (last_insert_rowid(), ?, ?)", (entry["stream"], version))
            state.execute("UPDATE stream SET version = ?, published_version = ?", (count, count))
        return
    folder = project.lake / "_tidemark/log"
    entries = [json.loads(path.read_text()) for path in sorted(folder.iterdir())]
    epoch, commit = next((operation["epoch"], operation["commit"]) for entry in entries
                         for operation in entry["operations"] if operation["do"] == "append")
    sequence = len(entries)
    marker = entries[0]["log"]
    take = {"do": "take-lease", "stream": commit["stream"], "epoch": epoch + 1, "owner": "x",
            "at": 1}
    batches = [[take]]
    for version in range(2, count + 1):
        batches.append([
            {"do": "append", "epoch": epoch + 1, "commit": later(commit, version)},
            {"do": "mark-published", "stream": commit["stream"], "version": version}])
    for operations in batches:
        sequence += 1
        (folder / f"{sequence:020}.json").write_text(json.dumps(
            {"log": marker, "sequence": sequence, "id": f"seed{sequence}", "at": "2024-01-01",
             "by": "test", "operations": operations}))


def later(commit, version):
    grown = json.loads(json.dumps(commit)) | {"version": version, "id": f"{commit['id']}{version}"}
    grown.pop("staged", None)
    for file in grown.get("added", []):
        file["key"] = file["key"].replace(".parquet", f"-{version}.parquet")
    return grown


def test_a_run_starts_as_quickly_with_ten_thousand_commits(web):
    def idle():
        seconds = []
        for _ in range(5):
            begun = time.monotonic()
            assert web.run().statuses == {"web.access": "unchanged"}
            seconds.append(time.monotonic() - begun)
        return min(seconds)

    web.run()
    seed(web, 10)
    idle()  # folds a cache
    few = idle()
    # A state that grew in one go is what the lake names, not an older one.
    history = web.tidemark("bookmark", "history", "web.access", "--json").expect(0).json
    assert len(history) == 10
    shutil.rmtree(web.folder)
    web.folder.mkdir()
    configure(web, web.state)
    web.run()
    seed(web, 10_000)
    idle()
    many = idle()
    print(f"{web.state}: {few * 1000:.0f} ms with 10 commits, {many * 1000:.0f} ms with 10,000")
    assert many - few < 0.25, f"{many:.3f} s with 10,000 commits, {few:.3f} s with 10"
