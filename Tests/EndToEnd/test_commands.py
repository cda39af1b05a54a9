"""What each verb of the command line shows and does."""

import csv
import io
import json

import pytest


def test_help_names_every_verb(project):
    text = project.tidemark("--help").expect(0).out
    for verb in ("init", "check", "plan", "run", "bookmark", "runs", "catalog", "query", "parquet",
                 "config"):
        assert f"  {verb}" in text, f"no {verb} in\n{text}"
    for code in ("0", "2", "3", "4", "5", "70"):
        assert code in text
    project.tidemark().expect(0)


def test_init_writes_a_config_that_is_valid(project):
    project.tidemark("init").expect(0, "tidemark.yaml")
    written = (project.folder / "tidemark.yaml").read_text()
    assert "password" not in written.replace("user:password@host", "")
    project.tidemark("plan", "shop").expect(2, "SHOP_URL")
    project.tidemark("init").expect(5, "exists")
    assert (project.folder / "tidemark.yaml").read_text() == written


def test_the_config_is_found_from_below_and_paths_are_relative_to_it(shop):
    shop.run()
    below = shop.folder / "a" / "b"
    below.mkdir(parents=True)
    from project import Project
    deeper = Project(below, shop.environment)
    assert deeper.run()["shop.orders"]["status"] == "unchanged"
    assert not (below / "lake").exists()
    deeper.tidemark("runs", "--config", "../../tidemark.yaml").expect(0)
    deeper.tidemark("runs", "--config", "nowhere.yaml").expect(2, "nowhere.yaml")


def test_config_schema_describes_every_key(project):
    schema = project.tidemark("config", "schema").expect(0).json
    assert set(schema["properties"]) == {"version", "lake", "defaults", "sources", "streams"}
    assert schema["additionalProperties"] is False


def test_check_says_that_all_is_well(shop):
    shop.tidemark("check").expect(0, "shop.orders")
    found = shop.tidemark("check", "--json").expect(0).json
    assert "shop.orders" in json.dumps(found)


def test_plan_moves_nothing(shop):
    outcome = shop.tidemark("plan").expect(0, "shop.orders", "updated_at", "2024-03-01")
    plan = shop.tidemark("plan", "--json").expect(0).json
    assert plan[0]["stream"] == "shop.orders"
    assert "updated_at" in plan[0]["predicate"]
    assert plan[0]["reason"]
    assert shop.files("shop_orders") == []
    assert "committed" not in outcome.out
    assert shop.run()["shop.orders"]["rows"] == 100
    shop.tidemark("plan").expect(0)
    assert shop.run()["shop.orders"]["status"] == "unchanged"


def test_runs_are_remembered(shop):
    first = shop.run()
    second = shop.run()
    listed = shop.tidemark("runs", "--json").expect(0).json
    assert [run["run"] for run in listed] == [second.run, first.run]
    shop.tidemark("runs").expect(0, first.run, second.run)
    shop.tidemark("runs", first.run).expect(0, "shop.orders", "100")
    shop.tidemark("runs", "nonsense").expect(2, "nonsense")


def test_a_failed_run_is_remembered_with_its_reason(shop):
    good = shop.environment["SHOP_URL"]
    shop.environment["SHOP_URL"] = "mysql://tidemark:x@127.0.0.1:1/shop"
    shop.tidemark("run").expect(3)
    shop.environment["SHOP_URL"] = good
    run = shop.tidemark("runs", "--json").expect(0).json[0]
    assert "127.0.0.1" in json.dumps(shop.tidemark("runs", run["run"], "--json").expect(0).json)


# Bookmarks

@pytest.fixture
def twice(shop):
    """Two runs: 100 rows, then 20."""
    shop.first = shop.run().run
    shop.database.add_orders(20, "2024-03-01 15:00:00")
    shop.database.set_clock("2024-03-02 12:00:00")
    shop.second = shop.run().run
    return shop


def test_bookmark_list_show_and_history(twice):
    listed = twice.tidemark("bookmark", "list", "--json").expect(0).json
    assert [entry["stream"] for entry in listed] == ["shop.orders"]
    twice.tidemark("bookmark", "list").expect(0, "shop.orders", "2024-03-02")
    twice.tidemark("bookmark", "show", "shop.orders").expect(0, "2024-03-02")
    assert "2024-03-02" in json.dumps(twice.bookmark("shop.orders"))
    history = twice.tidemark("bookmark", "history", "shop.orders", "--json").expect(0).json
    assert len(history) == 2
    assert [entry["run"] for entry in history] == [twice.second, twice.first]
    twice.tidemark("bookmark", "show", "shop.nothing").expect(2, "shop.nothing")


def test_rewind_takes_back_and_the_next_run_brings_the_same_again(twice):
    before = twice.rows("shop_orders")
    twice.tidemark("bookmark", "rewind", "shop.orders", "--to-run", twice.first).expect(0, "20")
    assert len(twice.table("shop_orders")) == 100
    twice.tidemark("query", "SELECT count(*) AS n FROM shop_orders").expect(0, "100")
    assert twice.run()["shop.orders"]["rows"] == 20
    assert twice.rows("shop_orders") == before


def test_a_rewind_can_be_undone(twice):
    before = twice.rows("shop_orders")
    mark = twice.bookmark("shop.orders")
    twice.tidemark("bookmark", "rewind", "shop.orders", "--to-version", "1").expect(0)
    twice.tidemark("bookmark", "rewind", "shop.orders", "--to-version", "2").expect(0)
    assert twice.rows("shop_orders") == before
    assert json.dumps(mark["bookmark"] if "bookmark" in mark else mark["mark"]) in json.dumps(
        twice.bookmark("shop.orders"))
    assert twice.run()["shop.orders"]["status"] == "unchanged"


def test_rewind_to_a_time_before_everything(twice):
    twice.tidemark("bookmark", "rewind", "shop.orders", "--to-time", "2000-01-01").expect(0)
    assert twice.files("shop_orders") == []
    assert twice.run()["shop.orders"]["rows"] == 120


def test_a_dry_run_changes_nothing(twice):
    twice.tidemark("bookmark", "rewind", "shop.orders", "--to-version", "1", "--dry-run").expect(0, "20")
    assert len(twice.table("shop_orders")) == 120
    assert twice.run()["shop.orders"]["status"] == "unchanged"


def test_reset_reads_everything_anew(twice):
    twice.tidemark("bookmark", "reset", "shop.orders").expect(0)
    assert twice.files("shop_orders") == []
    assert twice.run()["shop.orders"]["rows"] == 120
    assert len(twice.table("shop_orders")) == 120


def test_keep_data_leaves_the_rows(twice):
    twice.tidemark("bookmark", "rewind", "shop.orders", "--to-version", "1", "--keep-data").expect(0)
    assert len(twice.table("shop_orders")) == 120
    assert twice.run()["shop.orders"]["rows"] == 20
    assert len(twice.table("shop_orders")) == 140


def test_set_moves_the_mark(twice):
    twice.tidemark("bookmark", "set", "shop.orders", "2024-03-01T14:00:00Z").expect(0)
    assert twice.run()["shop.orders"]["rows"] == 20
    twice.tidemark("bookmark", "set", "shop.orders", "noon").expect(2, "noon")


def test_a_hold_is_passed_over_and_refused_by_name(twice):
    twice.tidemark("bookmark", "hold", "shop.orders", "--reason", "migration").expect(0)
    twice.database.add_orders(3, "2024-03-02 15:00:00")
    twice.database.set_clock("2024-03-03 12:00:00")
    assert twice.run()["shop.orders"]["status"] == "held"
    twice.tidemark("run", "shop.orders").expect(5, "migration", "release")
    twice.tidemark("bookmark", "release", "shop.orders").expect(0)
    assert twice.run()["shop.orders"]["rows"] == 3


def test_expect_keeps_two_people_from_crossing(twice):
    twice.tidemark("bookmark", "reset", "shop.orders", "--expect", "1").expect(5, "version 2")
    assert len(twice.table("shop_orders")) == 120
    twice.tidemark("bookmark", "reset", "shop.orders", "--expect", "2").expect(0)


# Catalog and query

def test_the_catalog_knows_the_table(twice):
    twice.tidemark("catalog", "databases").expect(0, "raw")
    twice.tidemark("catalog", "tables").expect(0, "shop_orders")
    shown = twice.tidemark("catalog", "show", "shop_orders").expect(0, "updated_at", "timestamp", "decimal(10,2)")
    assert shown.out.index("customer") < shown.out.index("amount") < shown.out.index("note")
    for verb in (["databases"], ["tables"], ["show", "shop_orders"]):
        twice.tidemark("catalog", *verb, "--json").expect(0).json
    twice.tidemark("catalog", "show", "shop_oders").expect(2, "shop_orders")


def test_partitions_are_folders_and_in_the_catalog(shop):
    shop.database.add_orders(7, "2024-02-28 10:00:00")
    shop.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: updated_at}, partition: [day(updated_at)]}
""")
    shop.run()
    folders = {path.parent.name for path in shop.files("shop_orders")}
    assert folders == {"updated_at_day=2024-02-28", "updated_at_day=2024-03-01"}
    shop.tidemark("catalog", "partitions", "shop_orders").expect(0, "2024-02-28", "2024-03-01")
    answer = shop.tidemark("query", "--json", """
        SELECT count(*) AS n FROM shop_orders WHERE updated_at_day = '2024-02-28'""").expect(0)
    assert "7" in answer.out


def test_query_prints_a_table_csv_or_json(twice):
    sql = "SELECT id, customer, amount, note FROM shop_orders WHERE id IN (2, 3) ORDER BY id"
    twice.tidemark("query", sql).expect(0, "customer", "Zoë 2", "3.75")
    rows = list(csv.reader(io.StringIO(twice.tidemark("query", "--format", "csv", sql).expect(0).out)))
    assert rows[0] == ["id", "customer", "amount", "note"]
    assert rows[1] == ["2", "Zoë 2", "2.50", "nn"]
    assert rows[2][:3] == ["3", "Zoë 3", "3.75"] and rows[2][3] == ""
    answer = twice.tidemark("query", "--format", "json", sql).expect(0).json
    assert [row["id"] for row in answer] == [2, 3]
    assert answer[1]["note"] is None


def test_a_query_that_is_wrong_says_where(twice):
    twice.tidemark("query", "SELEC 1").expect(2, "SELEC")
    twice.tidemark("query", "SELECT nothing FROM shop_orders").expect(2, "nothing")
    twice.tidemark("query", "SELECT 1 FROM shop_ordes").expect(2, "shop_orders")


# Parquet

def test_parquet_schema_meta_and_cat(twice):
    file = str(max(twice.files("shop_orders"), key=lambda path: path.stat().st_size))
    twice.tidemark("parquet", "schema", file).expect(0, "updated_at", "customer", "decimal")
    twice.tidemark("parquet", "meta", file).expect(0, "100", "zstd")
    lines = twice.tidemark("parquet", "cat", file).expect(0, "Zoë 1")
    assert len(lines.out.strip().splitlines()) >= 100


def test_parquet_names_what_is_wrong_with_a_file(project):
    (project.folder / "text.parquet").write_text("hello, this is not parquet at all")
    (project.folder / "empty.parquet").write_bytes(b"")
    (project.folder / "cut.parquet").write_bytes(b"PAR1" + b"\0" * 100 + b"\xff\xff\xff\x7fPAR1")
    for name in ("text", "empty", "cut"):
        for verb in ("schema", "meta", "cat"):
            outcome = project.tidemark("parquet", verb, f"{name}.parquet")
            assert outcome.code in (2, 4), outcome
            outcome.expect(outcome.code, f"{name}.parquet")
    project.tidemark("parquet", "schema", "nowhere.parquet").expect(2, "nowhere.parquet")
