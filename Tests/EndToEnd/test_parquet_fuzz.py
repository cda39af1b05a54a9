"""A brief run of the fuzzer over the Parquet module; `make fuzz` runs it for longer."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Fuzz"))

import fuzz  # noqa: E402
import seeds  # noqa: E402

SECONDS = 6


def test_nothing_stops_the_reader(tmp_path, capsys):
    files = [seeds.write_files(tmp_path / "made")]
    failed = fuzz.fuzz(fuzz.TARGETS, SECONDS, tmp_path / "corpus", fuzz.BUILD / "found", jobs=2,
                       number=1, files=files)
    output = capsys.readouterr().out
    print(output)
    assert not failed, output
    # Each target tried something, and the fuzzer saw where it led: else nothing guided it.
    for line in output.splitlines():
        words = line.split()
        assert int(words[1]) > 100 and int(words[3]) > 100, line
