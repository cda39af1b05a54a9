"""Interrupted, run twice at once, and asked for more than fits in memory."""

import signal
import subprocess
import time

import pytest

ROWS = 1_000_000

EVENTS = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.events: {key: [id], bookmark: {by: updated_at}}
"""


@pytest.fixture(scope="module")
def large(server):
    """A database with a table of a million rows, about 120 bytes each."""
    server.execute("DROP DATABASE IF EXISTS large")
    server.execute("CREATE DATABASE large")
    server.execute("USE large")  # sequences want a database
    server.execute("""
        CREATE TABLE large.events (
          id BIGINT UNSIGNED NOT NULL PRIMARY KEY, kind VARCHAR(20) NOT NULL, amount DECIMAL(12, 4),
          payload VARCHAR(200), happened_at DATETIME(3) NOT NULL, updated_at TIMESTAMP(6) NOT NULL,
          KEY (updated_at))""")
    server.execute(f"""
        INSERT INTO large.events SELECT seq, ELT(1 + seq % 4, 'view', 'click', 'buy', 'return'),
          seq / 16, CONCAT(MD5(seq), MD5(seq + 1), seq), '2024-01-01' + INTERVAL seq SECOND,
          '2024-01-15' + INTERVAL seq DIV 3 MICROSECOND FROM seq_1_to_{ROWS}""")
    yield server
    server.execute("DROP DATABASE large")


@pytest.fixture
def events(project, large):
    large.set_clock("2024-03-01 12:00:00")
    project.environment["SHOP_URL"] = large.url("large")
    yield project.configure(EVENTS)
    large.set_clock(None)


def complete(project):
    ids = project.table("shop_events").column("id").to_pylist()
    return len(ids) == ROWS and len(set(ids)) == ROWS


@pytest.mark.parametrize("memory, budget", [((), 128_000_000), (("--memory", "100MB"), 100_000_000)],
                         ids=["default", "100MB"])
@pytest.mark.parametrize("partition", ["", "partition: [day(happened_at)]"], ids=["plain", "by day"])
def test_memory_stays_within_the_budget(events, memory, budget, partition):
    if partition:
        events.configure(EVENTS.replace("updated_at}", "updated_at}, " + partition))
    outcome = events.tidemark("run", *memory, timeout=300).expect(0)
    assert complete(events)
    assert 0 < outcome.peak_rss_bytes < budget, f"peak memory {outcome.peak_rss_bytes / 1e6:.0f} MB"


def wait_for_work(project, process):
    """Until the run has begun to write."""
    for _ in range(1000):
        if project.leftovers() or project.files("shop_events"):
            return
        if process.poll() is not None:
            out, err = process.communicate()
            pytest.fail(f"the run ended before it could be stopped\n{out.decode()}{err.decode()}")
        time.sleep(0.01)
    pytest.fail("the run never began to write")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_stopped_run_leaves_a_clean_state(events, name):
    process = events.start("run", "--json")
    wait_for_work(events, process)
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=30)
    assert process.returncode in (4, 128 + getattr(signal, name)), err.decode()
    assert events.leftovers() == []
    events.run(timeout=300)
    assert complete(events)
    assert events.leftovers() == []


def test_a_killed_run_goes_on(events):
    process = events.start("run")
    wait_for_work(events, process)
    process.kill()
    process.communicate()
    events.run(timeout=300)
    assert complete(events)
    assert events.leftovers() == []


def test_two_runs_at_once_take_turns_or_one_is_refused(events):
    first = events.start("run", "--json")
    wait_for_work(events, first)
    second = events.start("run", "--json", "--wait", "1s")
    outs = [process.communicate(timeout=300) for process in (first, second)]
    codes = [first.returncode, second.returncode]
    assert codes[0] == 0, outs[0][1].decode()
    assert codes[1] in (0, 5), outs[1][1].decode()
    assert complete(events)


def test_two_runs_started_together(shop):
    processes = [shop.start("run", "--json") for _ in range(3)]
    outs = [process.communicate(timeout=60) for process in processes]
    assert {process.returncode for process in processes} <= {0, 5}, outs
    assert len(shop.rows("shop_orders")) == 100


def test_output_that_nobody_reads_does_no_harm(shop):
    process = shop.start("run")
    process.stdout.close()
    process.stderr.close()
    process.wait(60)
    shop.run()
    assert len(shop.rows("shop_orders")) == 100


def test_a_stopped_pipe_is_no_defect(shop):
    shop.run()
    command = f"{shop.start.__globals__['binary']()} query 'SELECT * FROM shop_orders' | head -n 1"
    result = subprocess.run(command, shell=True, cwd=shop.folder, capture_output=True, text=True)
    assert "Fatal" not in result.stderr
