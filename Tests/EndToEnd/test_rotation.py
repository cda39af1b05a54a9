"""A real logrotate, writers that never stop, and runs that are killed: every complete line once."""

import time

from rotation import RotatedLogs, Rotated, rotate_and_run


def test_every_line_once_however_it_is_rotated(tmp_path):
    report, logs = rotate_and_run(tmp_path, seconds=25, seed=2024)
    print(report)
    assert logs.rotations >= 8, report
    for log in logs.logs:
        assert logs.written(log) > 5000, report


def test_logs_that_are_removed_unread_are_reported(tmp_path):
    """No run for longer than logrotate keeps logs: what is left comes once, and the loss is said."""
    kinds = [Rotated("renamed", "reopen", "create\n  nocompress", keeps=1),
             Rotated("cut", "append", "copytruncate\n  compress", keeps=1)]
    logs = RotatedLogs(tmp_path, kinds, lines_per_second=300)
    try:
        logs.start_writers()
        time.sleep(0.5)
        assert logs.run()
        for _ in range(3):
            time.sleep(0.4)
            logs.rotate()
        time.sleep(0.3)
        logs.stop_writers()
        told = logs.project.tidemark("run").expect(0)
        logs.run()
        for log in kinds:
            rows, there = logs.rows(log), logs.on_disk(log, removed=False)
            assert len(rows) == len(set(rows)), log.name
            assert there <= set(rows), log.name
            lost = set(range(1, logs.written(log) + 1)) - set(rows)
            assert len(lost) > 50, f"{log.name}: nothing was removed unread"
            # What is known: which log, how far it was read, and that nothing else holds the rest.
            assert f"{log.name}.lines: app.log was rotated away" in told.err, told
            assert f"{min(lost) - 1:,} lines" in told.err.replace(" lines", " lines"), told
    finally:
        logs.close()


def test_a_gap_in_runs_within_what_logrotate_keeps(tmp_path):
    """Several rotations between two runs: all is found under its new name, compressed or not."""
    kinds = [Rotated("renamed", "late", "create\n  compress\n  delaycompress", keeps=6),
             # Not compressed at once: a writer that still holds the file would lose lines by that.
             Rotated("dated", "reopen", "create\n  compress\n  delaycompress\n  dateext\n  dateformat -%Y%m%d-%s", keeps=6),
             Rotated("cut", "append", "copytruncate\n  compress\n  delaycompress", keeps=6)]
    logs = RotatedLogs(tmp_path, kinds, lines_per_second=300)
    try:
        logs.start_writers()
        for _ in range(2):
            time.sleep(0.5)
            assert logs.run()
            for _ in range(3):
                time.sleep(1.05)
                logs.rotate()
        logs.stop_writers()
        told = logs.project.tidemark("run").expect(0)
        assert "rotated away" not in told.err, told
        logs.run()
        for log in kinds:
            logs.check(log)
            assert logs.written(log) > 1000, log.name
    finally:
        logs.close()
