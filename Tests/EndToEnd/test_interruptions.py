"""Interrupted, run twice at once, and written to a pipe that nobody reads."""

import signal
import subprocess
import time

import pytest
from events import complete


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
