"""Files that are written anew: `on_overwrite: reprocess`, whatever is killed, and undone."""

import json

import pytest
from project import Project
from s3project import S3Project
from test_crash import Kills

CONFIG = """
sources:
  lists: {type: logs, path: %s/*.json}
streams:
  lists.items: {parse: json, on_overwrite: reprocess, partition: %s}
"""


class Lists:
    """Lists that come anew every day under the same names, and the lake that has them."""

    def __init__(self, folder, project, partition="[kind]"):
        self.folder, self.project = folder, project
        folder.mkdir()
        self.content = {}
        project.configure(CONFIG % (folder, partition))
        # Kills wants the database of a project; this one has none.
        project.database = None

    def write(self, name, numbers, broken=False):
        """In place, as a program does that opens it for writing."""
        self.content[name] = list(numbers)
        text = "".join(json.dumps({"id": number, "kind": f"k{number % 3}", "list": name}) + "\n"
                       for number in numbers)
        (self.folder / f"{name}.json").write_text(text + ("not a row\n" if broken else ""))

    def expected(self):
        return sorted((number, f"{name}.json") for name, numbers in self.content.items() for number in numbers)

    def rows(self, project=None):
        """As an engine reads them that asks the catalog."""
        answer = (project or self.project).tidemark(
            "query", 'SELECT id, "_file" FROM lists_items', "--json").expect(0)
        return sorted((row["id"], row["_file"]) for row in answer.json)

    def rejects(self, project=None):
        answer = (project or self.project).tidemark(
            "query", "SELECT count(*) AS n FROM lists_items__rejects", "--json").expect(0)
        return answer.json[0]["n"]


@pytest.fixture(params=["disk", "s3"])
def lists(request, tmp_path):
    if request.param == "disk":
        return Lists(tmp_path / "lists", Project(tmp_path / "project", {}))
    server, bucket = request.getfixturevalue("s3"), request.getfixturevalue("bucket")
    return Lists(tmp_path / "lists", S3Project(tmp_path / "project", {}, server, bucket))


@pytest.fixture
def overwritten(lists):
    """Three lists in the lake, together in its files; one of them has other content by now."""
    lists.write("a", range(1, 31), broken=True)
    lists.write("b", range(100, 130))
    lists.project.run()
    lists.write("c", range(200, 210))
    lists.project.run()
    lists.write("a", range(20, 45))
    return lists


def test_new_content_takes_the_place_of_the_old(overwritten):
    lists = overwritten
    before = lists.rows()
    assert lists.rejects() == 1
    report = lists.project.run()["lists.items"]
    assert (report["status"], report["rows"], report["commits"]) == ("committed", 25, 1)
    assert lists.rows() == lists.expected()
    assert lists.rejects() == 0
    assert lists.project.run()["lists.items"]["status"] == "unchanged"
    # Undone, and done again by going back to the version after it: the old content, which is in no
    # file any more, goes for good then, which must be said.
    lists.project.tidemark("bookmark", "rewind", "lists.items", "--to-version", "2").expect(0)
    assert lists.rows() == before and lists.rejects() == 1
    lists.project.tidemark("bookmark", "rewind", "lists.items", "--to-version", "3").expect(5, "a.json")
    lists.project.tidemark("bookmark", "rewind", "lists.items", "--to-version", "3", "--force").expect(0)
    assert lists.rows() == lists.expected()
    # And with everything else that rewrites: merged, cleaned up, overwritten once more.
    lists.project.tidemark("compact").expect(0)
    lists.project.tidemark("gc", "--grace", "0s").expect(0)
    lists.write("b", range(110, 115))
    lists.project.run()
    assert lists.rows() == lists.expected()
    lists.write("b", [])
    told = lists.project.tidemark("run").expect(0)
    assert "being written anew" in told.err
    assert len(lists.rows()) == 40


def test_a_kill_while_content_is_replaced(overwritten, tmp_path_factory):
    lists = overwritten
    before = lists.rows()
    kills = Kills(lists.project, tmp_path_factory, "run")
    for copy, where in kills:
        assert lists.rows(copy) in (before, lists.expected()), f"{where}: half of it shows"
        copy.run()
        assert lists.rows(copy) == lists.expected(), where
        assert lists.rejects(copy) == 0, where
        assert copy.leftovers() == [], where
        copy.tidemark("gc", "--grace", "0s").expect(0)
        assert lists.rows(copy) == lists.expected(), f"{where}: after clean-up"
        assert copy.leftovers(retired=True) == [], where
        assert copy.run()["lists.items"]["status"] == "unchanged", where
    assert {"stage-file", "rewrite-file", "decide", "publish-file", "mark-published"} <= kills.reached


@pytest.mark.parametrize("lists", ["disk"], indirect=True)
def test_a_kill_in_going_back_past_it(overwritten, tmp_path_factory):
    lists = overwritten
    before, rejects = lists.rows(), lists.rejects()
    lists.project.run()
    kills = Kills(lists.project, tmp_path_factory, "bookmark", "rewind", "lists.items", "--to-version", "2")
    for copy, where in kills:
        assert lists.rows(copy) in (before, lists.expected()), where
        copy.tidemark("bookmark", "rewind", "lists.items", "--to-version", "2")
        assert lists.rows(copy) == before and lists.rejects(copy) == rejects, where
        # The file still holds the new content, which comes again.
        copy.run()
        assert lists.rows(copy) == lists.expected(), where
    assert {"decide", "mark-published"} <= kills.reached


def test_a_trial_leaves_the_table_as_it_is(overwritten):
    lists = overwritten
    before = lists.rows()
    lists.project.tidemark("run", "--no-advance", "--zone", "forecast").expect(0)
    assert lists.rows() == before
    lists.project.run()
    assert lists.rows() == lists.expected()


def test_by_the_name_of_the_file(tmp_path):
    """The column that says which file may be what the table is split by."""
    lists = Lists(tmp_path / "lists", Project(tmp_path / "project", {}), partition='["_file"]')
    lists.write("a", range(5))
    lists.write("b", range(10, 15))
    lists.project.run()
    lists.write("a", range(3, 9))
    lists.project.run()
    assert lists.rows() == lists.expected()


@pytest.mark.parametrize("policy,rows", [("append", 8), ("error", 5)])
def test_the_other_policies(tmp_path, policy, rows):
    project = Project(tmp_path / "project", {})
    folder = tmp_path / "lists"
    folder.mkdir()
    project.configure((CONFIG % (folder, "[]")).replace("reprocess", policy))
    (folder / "a.json").write_text("".join(f'{{"id": {n}}}\n' for n in range(5)))
    project.run()
    (folder / "a.json").write_text("".join(f'{{"id": {n}}}\n' for n in range(10, 13)))
    outcome = project.tidemark("run")
    if policy == "error":
        outcome.expect(5, "other content", "reprocess")
    else:
        outcome.expect(0)
    assert len(project.rows("lists_items", "id")) == rows
