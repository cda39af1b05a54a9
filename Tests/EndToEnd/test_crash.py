"""Killed before and after every durable step: run again, and nothing is lost or doubled."""

import shutil
import subprocess

import pytest
from orders import expected, versions
from project import binary


def steps():
    listed = subprocess.run([binary(), "run"], env={"TIDEMARK_CRASH_AT": "list"},
                            capture_output=True, text=True, check=True).stdout.split()
    assert {"decide", "publish-file"} <= set(listed), listed
    return listed


class Kills:
    """Copies of a project in each of which a command was killed at another step."""

    def __init__(self, project, folders, *arguments):
        self.project, self.folders, self.arguments = project, folders, arguments
        self.reached = set()

    def __iter__(self):
        for step in steps():
            for phase in ("before", "after"):
                copy = self.project.copy(self.folders.mktemp("killed"))
                killed = copy.tidemark(*self.arguments, env={"TIDEMARK_CRASH_AT": f"{step}:{phase}"})
                if killed.code == 0:
                    break  # this command does not come by there
                assert killed.code == -9, killed
                self.reached.add(step)
                yield copy, f"killed at {step}:{phase}"


def settle(project, where):
    """One run, and the table is the source's; one clean-up, and nothing else is there."""
    project.run()
    rows = expected(*project.database.orders())
    assert versions(project, everything=False) == rows, where
    assert project.leftovers() == [], where
    project.tidemark("gc", "--grace", "0s").expect(0)
    assert versions(project) == rows, f"{where}: after clean-up"
    assert project.leftovers(retired=True) == [], f"{where}: after clean-up"
    assert project.run()["shop.orders"]["status"] == "unchanged", where


@pytest.fixture
def shop(shop_anywhere):
    """On disk and in S3."""
    return shop_anywhere


@pytest.fixture
def two_days(shop):
    """The orders of one day in the lake, those of the next in the source."""
    shop.run()
    shop.database.add_orders(20, "2024-03-01 15:00:00")
    shop.database.set_clock("2024-03-02 12:00:00")
    return shop


@pytest.fixture
def many_files(two_days):
    """Four days in the lake, a file each."""
    two_days.run()
    for day in (2, 3):
        two_days.database.add_orders(10, f"2024-03-0{day} 15:00:00")
        two_days.database.set_clock(f"2024-03-0{day + 1} 12:00:00")
        two_days.run()
    return two_days


def test_a_kill_in_the_first_run(shop, tmp_path_factory):
    kills = Kills(shop, tmp_path_factory, "run")
    for copy, where in kills:
        settle(copy, where)
    assert {"take-lease", "stage-file", "decide", "publish-file", "mark-published"} <= kills.reached


def test_power_that_fails_takes_marks_and_leases_but_no_decision(two_days):
    """Behind a decision nothing of the log is synced until the next one: see ARCHITECTURE.md."""
    killed = two_days.tidemark("run", env={"TIDEMARK_CRASH_AT": "decide:after"})
    assert killed.code == -9
    synced, state = two_days.folder / "synced", two_days.folder / ".tidemark"
    shutil.copytree(state, synced)
    # A reader publishes the commit and marks it so; then the mark is gone, and is made again.
    count = "query", "--format", "json", "SELECT count(*) AS n FROM shop_orders"
    assert two_days.tidemark(*count).expect(0).json == [{"n": 120}]
    shutil.rmtree(state)
    synced.rename(state)
    assert two_days.tidemark(*count).expect(0).json == [{"n": 120}]
    settle(two_days, "power lost")


def test_a_kill_in_a_later_run(two_days, tmp_path_factory):
    kills = Kills(two_days, tmp_path_factory, "run")
    for copy, where in kills:
        seen = len(copy.table("shop_orders"))
        assert seen in (100, 120), f"{where}: a reader sees {seen} rows of half a commit"
        settle(copy, where)
    assert {"take-lease", "stage-file", "decide", "publish-file", "mark-published"} <= kills.reached


@pytest.mark.parametrize("verb", [("rewind", "shop.orders", "--to-version", "1"),
                                  ("reset", "shop.orders")], ids=lambda verb: verb[0])
def test_a_kill_in_going_back(two_days, tmp_path_factory, verb):
    two_days.run()
    kills = Kills(two_days, tmp_path_factory, "bookmark", *verb)
    for copy, where in kills:
        settle(copy, where)
    assert {"decide", "retire-file", "mark-published"} <= kills.reached


def test_a_kill_in_a_run_with_changed_columns(two_days, tmp_path_factory):
    two_days.database.execute(
        "ALTER TABLE orders MODIFY amount DECIMAL(14, 4) NOT NULL, ADD channel VARCHAR(10)")
    kills = Kills(two_days, tmp_path_factory, "run")
    for copy, where in kills:
        settle(copy, where)
    assert "decide" in kills.reached


def test_a_kill_in_compaction(many_files, tmp_path_factory):
    kills = Kills(many_files, tmp_path_factory, "compact")
    for copy, where in kills:
        answer = copy.tidemark("query", "SELECT count(*) AS n FROM shop_orders", "--json").expect(0)
        assert "140" in answer.out, where
        settle(copy, where)
    assert {"rewrite-file", "decide", "publish-file", "mark-published"} <= kills.reached


def test_a_kill_in_clean_up(many_files, tmp_path_factory):
    many_files.tidemark("compact").expect(0)
    many_files.tidemark("bookmark", "rewind", "shop.orders", "--to-version", "2").expect(0)
    many_files.put("raw/shop_orders/other/stray.parquet", b"no commit names me")
    many_files.database.add_orders(5, "2024-03-04 15:00:00")
    many_files.database.set_clock("2024-03-05 12:00:00")
    assert many_files.tidemark("run", env={"TIDEMARK_CRASH_AT": "stage-file:after"}).code == -9
    kills = Kills(many_files, tmp_path_factory, "gc", "--grace", "0s")
    for copy, where in kills:
        settle(copy, where)
    assert {"discard-staged", "decide", "remove-file", "remove-stray", "mark-published"} <= kills.reached


def test_a_kill_in_going_back_past_compaction_and_clean_up(many_files, tmp_path_factory):
    """The files of old are gone: their rows are cut out of the merged one."""
    many_files.tidemark("compact").expect(0)
    many_files.tidemark("gc", "--grace", "0s").expect(0)
    kills = Kills(many_files, tmp_path_factory, "bookmark", "rewind", "shop.orders", "--to-version", "2")
    for copy, where in kills:
        settle(copy, where)
    assert {"rewrite-file", "decide", "publish-file", "mark-published"} <= kills.reached


def test_readers_see_a_decided_commit_whole(two_days):
    """Killed between deciding and publishing: a query rolls it forward before it answers."""
    assert two_days.tidemark("run", env={"TIDEMARK_CRASH_AT": "decide:after"}).code == -9
    answer = two_days.tidemark("query", "SELECT count(*) AS n FROM shop_orders", "--json").expect(0)
    assert "120" in answer.out


def test_a_full_disk_loses_nothing(two_days):
    """No file may grow beyond some kilobytes: a clear error, and the next run goes on."""
    codes = set()
    for kilobytes in (0, 1, 2, 4, 64):
        outcome = two_days.tidemark("run", file_kilobytes_max=kilobytes)
        assert outcome.code in (0, 3, 4), outcome
        codes.add(outcome.code)
        if outcome.code:
            assert "next:" in outcome.err, outcome
    assert codes & {3, 4}, "no run found the disk full"
    settle(two_days, "after a full disk")
