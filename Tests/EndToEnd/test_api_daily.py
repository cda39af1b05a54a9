"""Well-known manners of APIs, configured by the documents alone and run day by day, with faults and kills in between:
what is in the lake is what the server has."""

import os
import random
import time
from datetime import datetime, timedelta, timezone

import pytest
from faulty_api import FaultyServer

START = datetime(2024, 1, 1, tzinfo=timezone.utc)
FAULTS = [
    {"kind": "status", "code": 500}, {"kind": "status", "code": 429, "headers": {"Retry-After": "1"}}, {"kind": "truncate"},
    {"kind": "reset"}, {"kind": "cut"}, {"kind": "html"}, {"kind": "chunk"}, {"kind": "status", "code": 502, "times": 2},
]
STREAMS = """
  crm.issues:
    key: [id]
    request: {path: /issues, params: {since: "{from}", sort: updated, direction: asc, per_page: "10"}}
    paginate: {link: header}
    bookmark: {by: updated_at, start: 2024-01-01}
  crm.charges:
    key: [id]
    request:
      path: /charges
      params: {"created[gte]": "{from}", "created[lt]": "{to}", limit: "10"}
      time_format: unix
    records: $.data
    paginate: {after: id, param: starting_after, more: $.has_more}
    bookmark: {by: created, start: 2024-01-01, window: 6h}
    columns: {created: timestamp(epoch)}
  crm.articles:
    key: [id]
    request:
      path: /articles
      body: {filter: {from: "{from}", to: "{to}"}, page: {size: 10}}
    records: $.data
    paginate: {cursor: $.meta.page.next, param: page.after}
    bookmark: {by: attributes.updated_at, start: 2024-01-01, window: 1d}
    flatten: true
    children: {tags: $.attributes.tags}
  crm.people:
    key: [type, id]
    request: {path: /articles, body: {page: {size: 10}}}
    records: $.included
    paginate: {cursor: $.meta.page.next, param: page.after}
"""


@pytest.fixture
def faulty():
    with FaultyServer() as server:
        yield server


def iso(moment):
    return moment.isoformat().replace("+00:00", "Z")


def test_days_of_well_known_manners(project, faulty):
    seed = int(os.environ.get("TIDEMARK_SEED", time.time_ns() % 1_000_000))
    print(f"the seed is {seed}: TIDEMARK_SEED={seed} repeats it")
    chance = random.Random(seed)
    now, count = START + timedelta(hours=6), 0
    api = faulty.api(rows=[], date=iso(now), authorization="Bearer tok-3n-for-tests")
    project.environment["CRM_TOKEN"] = "tok-3n-for-tests"
    project.configure(f"""
sources:
  crm:
    type: api
    base_url: {api.url}
    auth: {{bearer_env: CRM_TOKEN}}
    breaker: {{failures: 100}}
    timeout: {{idle: 1s, total: 2s}}
streams:{STREAMS}""")
    project.tidemark("check").expect(0)
    killed = 0
    for _ in range(8):
        changes = []
        for _ in range(chance.randint(0, 40)):
            count += 1
            moment = iso(now + timedelta(seconds=chance.randint(0, 6 * 3600 - 60)))
            changes.append({"op": "insert", "row": {"id": count, "updated_at": moment, "name": f"title {count}"}})
        now += timedelta(hours=6)
        faults = [{**chance.choice(FAULTS), "nth": chance.randint(1, 25)} for _ in range(chance.randint(0, 3))]
        api.change(*changes, {"op": "restart"})
        api.set(date=iso(now), faults=faults, delay=0.01)
        for _ in range(chance.randint(0, 2)):
            process = project.start("run")
            time.sleep(chance.uniform(0.05, 0.6))
            killed += process.poll() is None
            process.kill()
            process.communicate()
        outcome = project.tidemark("run", "--json")
        assert outcome.code in (0, 3, 4), outcome
    print(f"{killed} runs were killed")
    now += timedelta(hours=1)
    api.set(date=iso(now), faults=[], delay=0)
    project.run()
    truth = api.records()
    times = {row["id"]: datetime.fromisoformat(row["updated_at"]) for row in truth}
    assert sorted(project.rows("crm_issues", "id")) == sorted((number,) for number in times)
    charges = project.rows("crm_charges", "number", "created")
    assert sorted(charges) == sorted(times.items())
    articles = project.rows("crm_articles", "id")
    assert sorted(int(row[0]) for row in articles) == sorted(times)
    tags = project.rows("crm_articles__tags", "_parent_id", "_index")
    assert sorted(tags) == sorted((str(number), index) for number in times for index in range(number % 3))
    people = project.rows("crm_people", "id")
    assert sorted(people) == sorted((str(number),) for number in {number % 7 for number in times})
    again = project.run()
    assert {again[f"crm.{name}"]["status"] for name in ("issues", "charges", "articles")} == {"unchanged"}


def test_going_back_where_the_server_forgets(project, faulty):
    api = faulty.api(records=20, date="2024-03-01T00:00:00Z")
    text = f"""
sources:
  crm: {{type: api, base_url: {api.url}}}
streams:
  crm.cursor:
    key: [id]
    request: {{path: /cursor, params: {{since: "{{from}}", until: "{{to}}"}}}}
    records: $.data
    paginate: {{cursor: $.next, param: cursor}}
    bookmark: {{by: updated_at, start: 2024-01-01}}
"""
    project.configure(text)
    assert project.run()["crm.cursor"]["rows"] == 20
    project.configure(text.replace("2024-01-01}", "2024-01-01, history: 30d}"))
    project.tidemark("bookmark", "reset", "crm.cursor").expect(5, "for it keeps 30d", "--force", "--keep-data")
    assert len(project.rows("crm_cursor", "id")) == 20
    project.configure(text)
    project.tidemark("bookmark", "reset", "crm.cursor").expect(0)
    assert project.run()["crm.cursor"]["rows"] == 20


def test_what_a_certificate_wants_is_said(project, faulty, tmp_path):
    front, certificate = faulty.front(tmp_path)
    api = faulty.api(records=3, date="2024-03-01T00:00:00Z")
    project.configure(f"""
sources:
  crm: {{type: api, base_url: "{front}{api.path}", retries: 0}}
streams:
  crm.cursor: {{key: [id], request: {{path: /cursor}}, records: $.data}}
""")
    project.tidemark("run").expect(3, "SSL_CERT_FILE", "certificate")
    project.tidemark("check").expect(3, "SSL_CERT_FILE")
    project.environment["SSL_CERT_FILE"] = str(certificate)
    assert project.run()["crm.cursor"]["rows"] == 3
