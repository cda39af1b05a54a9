"""Killed before and after every durable step: run again, and nothing is lost or doubled."""

import shutil
import subprocess

import pytest
from orders import expected, versions
from project import Project, binary


def steps():
    listed = subprocess.run([binary(), "run"], env={"TIDEMARK_CRASH_AT": "list"},
                            capture_output=True, text=True, check=True).stdout.split()
    assert {"decide", "publish-file"} <= set(listed), listed
    return listed


def test_a_kill_at_any_step_of_a_run_changes_nothing(shop, tmp_path_factory):
    """Before and after each durable step: killed there, run again, and the lake is the same."""
    shop.run()
    reached = set()
    for step in steps():
        for phase in ("before", "after"):
            database = shop.database
            database.set_clock("2024-03-02 12:00:00")
            copy = copy_of(shop, tmp_path_factory.mktemp("killed"))
            database.execute("DELETE FROM orders WHERE id > 100")
            database.add_orders(20, "2024-03-01 15:00:00")
            killed = copy.tidemark("run", env={"TIDEMARK_CRASH_AT": f"{step}:{phase}"})
            if killed.code == 0:
                continue  # this run does not come by there
            assert killed.code == -9, killed
            reached.add(step)
            check_recovery(copy, f"{step}:{phase}")
    assert {"take-lease", "stage-file", "decide", "publish-file", "mark-published"} <= reached


def check_recovery(project, where):
    seen = len(project.table("shop_orders"))
    assert seen in (100, 120), f"killed at {where}: a reader sees {seen} rows of half a commit"
    project.run()
    assert versions(project) == expected(*project.database.orders()), f"killed at {where}"
    assert project.leftovers() == [], f"killed at {where}"
    assert project.run()["shop.orders"]["status"] == "unchanged", f"killed at {where}"


@pytest.mark.parametrize("verb", [("rewind", "--to-version", "1"), ("reset",)])
def test_a_kill_at_any_step_of_a_rewind_changes_nothing(shop, tmp_path_factory, verb):
    shop.run()
    shop.database.add_orders(20, "2024-03-01 15:00:00")
    shop.database.set_clock("2024-03-02 12:00:00")
    shop.run()
    reached = set()
    for step in steps():
        for phase in ("before", "after"):
            copy = copy_of(shop, tmp_path_factory.mktemp("killed"))
            killed = copy.tidemark("bookmark", verb[0], "shop.orders", *verb[1:],
                                   env={"TIDEMARK_CRASH_AT": f"{step}:{phase}"})
            if killed.code == 0:
                continue
            assert killed.code == -9, killed
            reached.add(step)
            copy.run()
            assert versions(copy) == expected(*shop.database.orders()), f"killed at {step}:{phase}"
            assert copy.leftovers() == [], f"killed at {step}:{phase}"
    assert {"decide", "retire-file", "mark-published"} <= reached


def test_readers_see_a_decided_commit_whole(shop):
    """Killed between deciding and publishing: a query rolls it forward before it answers."""
    shop.run()
    shop.database.add_orders(20, "2024-03-01 15:00:00")
    shop.database.set_clock("2024-03-02 12:00:00")
    assert shop.tidemark("run", env={"TIDEMARK_CRASH_AT": "decide:after"}).code == -9
    answer = shop.tidemark("query", "SELECT count(*) AS n FROM shop_orders", "--json").expect(0)
    assert "120" in answer.out


def copy_of(project, folder):
    """The same project, lake and state as they are now, in another folder."""
    copy = Project(folder, project.environment)
    shutil.copytree(project.folder, folder, dirs_exist_ok=True)
    copy.database = project.database
    return copy
