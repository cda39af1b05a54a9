"""APIs that are protected, limited and unwell: every record exactly once after the runs, and no secret anywhere."""

import os
import random
import time
from datetime import datetime, timedelta, timezone

import pytest
from faulty_api import FaultyServer

SECRET = "cl1ent/s3cret+value"
START = datetime(2024, 1, 1, tzinfo=timezone.utc)
PAGES = {
    "page": "{page: page}", "offset": "{offset: offset, limit: 10}", "cursor": "{cursor: $.next, param: cursor}",
    "next": "{next: $.links.next}", "link": "{link: header}",
}


@pytest.fixture
def faulty():
    with FaultyServer() as server:
        yield server


def iso(moment):
    return moment.isoformat().replace("+00:00", "Z")


def config(url, auth="", keys="", stream_keys="", pages=PAGES, bookmark="bookmark: {by: updated_at, start: 2024-01-01}"):
    streams = "".join(f"""
  crm.{name}:
    key: [id]
    request: {{path: /{name}{', params: {since: "{from}", until: "{to}"}' if bookmark else ''}}}
    records: {'$' if name in ('link', 'whole') else '$.data'}
    {f'paginate: {PAGES[name]}' if name in PAGES else ''}
    {bookmark}
    {stream_keys}
""" for name in pages)
    return f"""
sources:
  crm:
    type: api
    base_url: {url}
    {auth}
    {keys}
streams:{streams}"""


def oauth(api, more=""):
    return f"""auth:
      oauth2: {{token_url: {api.url}/token, client_id_env: CRM_ID, client_secret_env: CRM_SECRET{more}}}"""


def no_secret_in(project, *words):
    """Nothing that tidemark wrote holds one of the words."""
    for path in project.folder.rglob("*"):
        if path.is_file() and path.name != "token":
            content = path.read_bytes()
            for word in words:
                assert word.encode() not in content, f"{word} is in {path}"


# The history

FAULTS = [
    {"kind": "status", "code": 500}, {"kind": "status", "code": 502}, {"kind": "status", "code": 503, "times": 3},
    {"kind": "status", "code": 503, "headers": {"Retry-After": "1"}},
    {"kind": "status", "code": 429, "headers": {"Retry-After": "1"}}, {"kind": "retry_date", "code": 429},
    {"kind": "retry_date", "code": 503}, {"kind": "truncate"}, {"kind": "chunk"}, {"kind": "reset"}, {"kind": "cut"},
    {"kind": "html"}, {"kind": "stall", "seconds": 2}, {"kind": "broken_encoding", "as": "br"},
    {"kind": "status", "code": 401}, {"kind": "body", "body": '{"data": 7}'}, {"kind": "status", "code": 404},
]


class History:
    """Random changes of the data and random faults, run by run; the server's clock is the history's."""

    def __init__(self, project, server, seed):
        self.project, self.server, self.random = project, server, random.Random(seed)
        self.now = START + timedelta(days=1)
        self.expected = set()
        self.count = 0
        self.api = server.api(
            date=iso(self.now), total=True, page_size=7, denied=401, rows=[],
            oauth={"client": ["me", SECRET], "requests": 9, "rotates": True, "refresh": "refresh-token-0"})
        self.front, certificate = server.front(project.folder)
        project.environment |= {"CRM_ID": "me", "CRM_SECRET": SECRET, "SSL_CERT_FILE": str(certificate)}
        (project.folder / "token").write_text("refresh-token-0")

    def write(self):
        """Records are added and changed, as of a moment that a later run sees."""
        changes = []
        for _ in range(self.random.randint(0, 25)):
            moment = iso(self.now + timedelta(seconds=self.random.randint(0, 3000)))
            if self.count and self.random.random() < 0.3:
                touched = self.random.randint(1, self.count)
                changes.append({"op": "touch", "id": touched, "to": moment})
            else:
                self.count += 1
                changes.append({"op": "insert", "row": {"id": self.count, "updated_at": moment, "name": "n" * (self.count % 9)}})
        self.api.change(*changes)
        self.now += timedelta(hours=1)
        self.api.set(date=iso(self.now))

    def run(self, faults):
        chance = self.random
        self.api.change({"op": "restart"})
        self.api.set(
            faults=faults, encoding=chance.choice([None, "gzip", "deflate", "br", "zstd"]),
            redirect={"code": chance.choice([301, 302, 307, 308]), "times": chance.randint(0, 2)})
        base = chance.choice([self.server.url, self.front])
        keys = "timeout: {idle: 1s, total: 1s}\n    retries: 3\n    breaker: {pause: 1s}"
        self.project.configure(config(base + self.api.path, oauth(self.api, ", refresh_token_file: token"), keys,
                                      stream_keys="retries: 1"))
        outcome = self.project.tidemark("run", "--json")
        # Refused pages and wrong answers may fail a run; nothing else may happen.
        assert outcome.code in ((0,) if not faults else (0, 2, 3, 4)), outcome
        assert SECRET not in outcome.out + outcome.err and "access-token-" not in outcome.out + outcome.err
        return outcome

    def faults(self):
        count = self.random.choice([0, 1, 2, 4])
        return [{**self.random.choice(FAULTS), "nth": self.random.randint(1, 30)} for _ in range(count)]


def test_a_random_history_of_faults(project, faulty):
    seed = int(os.environ.get("TIDEMARK_SEED", time.time_ns() % 1_000_000))
    print(f"the history's seed is {seed}: TIDEMARK_SEED={seed} repeats it")
    history = History(project, faulty, seed)
    for _ in range(12):
        history.write()
        history.run(history.faults())
    history.now += timedelta(hours=1)
    history.api.set(date=iso(history.now))
    history.run([])
    current = {(row["id"], row["updated_at"]) for row in history.api.records()}
    for name in PAGES:
        rows = project.rows(f"crm_{name}", "id", "updated_at")
        assert len(rows) == len(set(rows)), f"{name}: some version came twice"
        assert current <= set(rows), f"{name}: missing {sorted(current - set(rows))}"
    again = history.run([]).json["streams"]
    assert {stream["status"] for stream in again} == {"unchanged"}
    no_secret_in(project, SECRET, "access-token-", "refresh-token-")
    assert (project.folder / "token").stat().st_mode & 0o777 == 0o600


# Recording and replaying

def test_a_recorded_run_is_replayed_without_the_api(project, faulty, tmp_path):
    api = faulty.api(records=45, date="2024-02-01T00:00:00Z", total=True, echo=True, oauth={"client": ["me", SECRET], "requests": 20},
                     faults=[{"nth": 3, "kind": "status", "code": 503}, {"nth": 9, "kind": "truncate"}, {"nth": 14, "kind": "cut"}])
    project.environment |= {"CRM_ID": "me", "CRM_SECRET": SECRET}
    text = config(api.url, oauth(api))
    project.configure(text)
    recorded = project.tidemark("run", "--json", "--record", "answers").expect(0).json
    assert {stream["rows"] for stream in recorded["streams"]} == {45}
    no_secret_in(project, SECRET, "access-token-")
    project.tidemark("check", "--record", "checked").expect(0)
    faulty.stop()
    assert project.tidemark("check", "--json", "--replay", "checked").expect(0).json
    fresh = type(project)(tmp_path / "fresh", {}).configure(text)
    answers = str(project.folder / "answers")
    replayed = fresh.tidemark("run", "--json", "--replay", answers).expect(0).json
    for before, after in zip(recorded["streams"], replayed["streams"]):
        assert {**before, "seconds": 0, "bytes": 0} == {**after, "seconds": 0, "bytes": 0}
    for name in PAGES:
        assert fresh.table(f"crm_{name}").equals(project.table(f"crm_{name}"))
    # What was never asked is named, and nothing is asked instead.
    fresh.tidemark("run", "crm.cursor", "--replay", answers).expect(2, "holds no answer to this request")
    other = type(project)(tmp_path / "other", {}).configure(text)
    assert other.tidemark("plan", "--replay", answers, "--json").expect(0).json[0]["to"] == "2024-01-31T23:59:55Z"
    trial = other.tidemark("run", "--replay", answers, "--no-advance", "--zone", "trial", "--json").expect(0).json
    assert {stream["rows"] for stream in trial["streams"]} == {45}
    other.configure(text.replace("until:", "before:")).tidemark("run", "crm.cursor", "--replay", answers).expect(
        2, "holds no answer to this request", "/cursor?since=2023-12-31", "before=", "of this path it holds")


def test_recordings_are_not_mixed_and_other_sources_not_replayed(project, faulty, logs):
    api = faulty.api(records=3, date="2024-02-01T00:00:00Z")
    logs.write(3)
    text = config(api.url, pages=["cursor"]).replace(
        "sources:", f"sources:\n  web: {{type: logs, path: '{logs.folder}/access.log*'}}") + "  web.access: {parse: combined}\n"
    project.configure(text)
    project.tidemark("run", "--record", "answers").expect(0)
    project.tidemark("run", "crm", "--record", "answers").expect(2, "there is a recording in", "a new folder")
    project.tidemark("run", "crm", "--replay", "nowhere").expect(2, "there is no recording of 'crm'")
    project.tidemark("run", "web", "--replay", "answers").expect(2, "sources of type logs cannot be replayed")
    project.tidemark("run", "--record", "a", "--replay", "b").expect(2, "exclude each other")


# Caching

@pytest.mark.parametrize("setup", [{"etag": True}, {"last_modified": "Mon, 01 Jan 2024 00:00:00 GMT"}])
def test_an_unchanged_response_commits_nothing(project, faulty, setup):
    api = faulty.api(records=20, date="2024-02-01T00:00:00Z", **setup)
    project.configure(config(api.url, pages=["whole"], bookmark=""))
    assert project.run()["crm.whole"]["rows"] == 20
    files = project.files("crm_whole")
    second = project.run()["crm.whole"]
    assert (second["status"], second["rows"], second["commits"]) == ("unchanged", 0, 0)
    assert project.files("crm_whole") == files
    # A trial shows the whole, though the source has nothing new.
    trial = project.tidemark("run", "--no-advance", "--zone", "trial", "--json").expect(0).json["streams"][0]
    assert trial["rows"] == 20
    api.change({"op": "delete", "id": 7})
    api.set(last_modified="Tue, 02 Jan 2024 00:00:00 GMT" if "last_modified" in setup else None)
    assert project.run()["crm.whole"]["rows"] == 19
    assert project.run()["crm.whole"]["status"] == "unchanged"
    project.tidemark("bookmark", "reset", "crm.whole").expect(0)
    assert project.run()["crm.whole"]["rows"] == 19


# Limits

@pytest.mark.parametrize("style", ["ietf", "draft", "x", "epoch"])
def test_a_budget_that_the_server_names_is_kept(project, faulty, style):
    api = faulty.api(records=60, page_size=5, date=None, start="2024-01-01T00:00:00Z", budget={"limit": 8, "window": 2, "style": style})
    project.configure(config(api.url, pages=["cursor"]))
    assert project.run()["crm.cursor"]["rows"] == 60
    assert not [entry for entry in api.log() if entry.get("refused")], "the limit was hit"


def test_a_run_does_not_wait_longer_than_it_may(project, faulty):
    api = faulty.api(records=5, date="2024-02-01T00:00:00Z",
                     faults=[{"kind": "status", "code": 429, "times": 99, "headers": {"Retry-After": "300"}}])
    project.configure(config(api.url, pages=["cursor"], stream_keys="timeout: 2s"))
    begun = time.monotonic()
    outcome = project.tidemark("run")
    assert outcome.code == 4 and time.monotonic() - begun < 20, outcome
    assert "timeout" in outcome.err.lower()


def test_a_server_that_fails_is_not_hammered(project, faulty):
    api = faulty.api(records=5, date="2024-02-01T00:00:00Z", head_status=503, faults=[{"kind": "status", "code": 503, "times": 9999}])
    project.configure(config(api.url, keys="retries: 2\n    breaker: {failures: 6, pause: 1s}", stream_keys="retries: 1"))
    outcome = project.tidemark("run", "--json")
    outcome.expect(3, "times in a row, and is left alone for")
    # Five streams with three attempts each, twice, would have been thirty and more.
    assert len(api.log()) <= 16, len(api.log())
    api.set(faults=[], head_status=200)
    assert project.run().rows == 25


# Secrets

def test_secrets_come_from_files_and_show_nowhere(project, faulty):
    api = faulty.api(records=25, date="2024-02-01T00:00:00Z", echo=True, authorization="Bearer " + SECRET)
    (project.folder / "secret").write_text(SECRET + "\n")
    project.configure(config(api.url, "auth: {bearer_file: secret}"))
    assert project.run().rows == 125
    (project.folder / "secret").write_text("wr0ng/secret")
    api.set(date="2024-03-01T00:00:00Z")
    outcome = project.tidemark("run").expect(3, "401 Unauthorized", "who are you? •••")
    for shown in [outcome, project.tidemark("plan"), project.tidemark("check"), project.tidemark("runs")]:
        assert "wr0ng" not in shown.out + shown.err and SECRET not in shown.out + shown.err
    (project.folder / "secret").unlink()
    project.tidemark("run").expect(2, "which should hold a secret, cannot be read")
    no_secret_in(project, SECRET, "wr0ng")


def test_a_clock_that_is_years_off(project, faulty):
    """Windows end by the server's clock, and so does what a date in Retry-After means."""
    for year in (1999, 2099):
        api = faulty.api(records=30, start=f"{year}-01-01T00:00:00Z", date=f"{year}-06-01T00:00:00Z",
                         faults=[{"nth": 2, "kind": "retry_date", "seconds": 1}])
        project.configure(config(api.url, pages=["cursor"], bookmark="bookmark: {by: updated_at}").replace("crm", f"crm{year}"))
        report = project.run()[f"crm{year}.cursor"]
        assert report["rows"] == 30 and report["to"].startswith(f"{year}-05-31T23:59:55"), report


# Pages that move

def test_pages_that_shift_while_they_are_read(project, faulty):
    seed = int(os.environ.get("TIDEMARK_SEED", time.time_ns() % 1_000_000))
    print(f"the seed is {seed}: TIDEMARK_SEED={seed} repeats it")
    chance = random.Random(seed)
    api = faulty.api(records=60, page_size=10, total=True, date="2024-02-01T00:00:00Z")
    project.configure(config(api.url, pages=["page", "offset"]))
    for day in (1, 2, 3):
        changes = [{"before": chance.randint(1, 14), "op": "touch", "id": chance.randint(1, 60),
                    "to": f"2024-02-0{day}T12:00:00Z"} for _ in range(6)]
        api.change({"op": "restart"})
        api.set(changes=changes, date=f"2024-02-0{day}T00:00:00Z")
        project.run()
    api.set(changes=[], date="2024-02-20T00:00:00Z")
    project.run()
    current = {(row["id"], row["updated_at"]) for row in api.records()}
    for name in ("page", "offset"):
        rows = project.rows(f"crm_{name}", "id", "updated_at")
        assert len(rows) == len(set(rows)) and current <= set(rows), name


def test_a_cursor_that_goes_in_circles_moves_nothing(project, faulty):
    api = faulty.api(records=45, page_size=5, date="2024-02-01T00:00:00Z", cursor_loop=True)
    project.configure(config(api.url, pages=["cursor"]))
    project.tidemark("run").expect(4, "the same cursor twice")
    assert not project.files("crm_cursor")
    api.set(cursor_loop=False)
    assert project.run()["crm.cursor"]["rows"] == 45
    assert len(set(project.rows("crm_cursor", "id"))) == 45
