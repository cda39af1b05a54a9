#!/usr/bin/env python3
"""Uploads to S3: Tidemark's store beside `aws s3 cp`, in one run on one machine.

    make bench-s3                a file as large as lineitem at scale 1: 250 MB
    make bench-s3 SCALE=4        four times as large: the memory must not grow

Both send the same file, which is in the page cache, in parts of 8 MiB with CRC checksums, to a
SeaweedFS server on loopback, in turns; whole commands, the best of five rounds. What `aws` takes to
start is shown, so that it can be taken off. Only the ratio carries over to another machine or day.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Demo"), str(ROOT / "Tests/EndToEnd")]

from seaweedfs import SeaweedFS  # noqa: E402

ROUNDS = 5
BYTES = 250_000_000


def timed(command, environment):
    """Seconds, and the peak of memory, of a command."""
    begun = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(map(str, command))} failed")
    return time.monotonic() - begun, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1)
    scale = parser.parse_args().scale
    aws = Path(sys.executable).with_name("aws")
    ours = ROOT / ".build/release/upload-bench"
    with SeaweedFS() as server, tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **server.environment, "AWS_EC2_METADATA_DISABLED": "true"}
        server.client.create_bucket(Bucket="bench")
        file = Path(folder) / "data"
        size = int(BYTES * scale)
        # In pieces: what this process holds would count as the commands'.
        with open(file, "wb") as out:
            for start in range(0, size, 1 << 20):
                out.write(os.urandom(min(1 << 20, size - start)))
        commands = {
            "aws s3 cp": [aws, "s3", "cp", "--only-show-errors", file, "s3://bench/aws/data"],
            "tidemark": [ours, file, "s3://bench/tidemark", "data"],
        }
        best = {name: (float("inf"), 0) for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                seconds, peak = timed(command, environment)
                best[name] = (min(best[name][0], seconds), max(best[name][1], peak))
        start, _ = timed([aws, "--version"], environment)
        for key in ("aws/data", "tidemark/data"):
            found = server.client.head_object(Bucket="bench", Key=key)["ContentLength"]
            assert found == size, f"{key} has {found} bytes"
    print(f"{size / 1e6:.0f} MB to SeaweedFS\n")
    print(f"{'':12} {'seconds':>8} {'MB/s':>7} {'peak MB':>8}")
    for name, (seconds, peak) in best.items():
        print(f"{name:12} {seconds:8.2f} {size / 1e6 / seconds:7.0f} {peak / 1e6:8.0f}")
    net = best["aws s3 cp"][0] - start
    ratio = best["aws s3 cp"][0] / best["tidemark"][0]
    print(f"\nTidemark is {ratio:.2f} × as fast as `aws s3 cp`, "
          f"{net / best['tidemark'][0]:.2f} × without the {start:.2f} s that `aws` takes to start")


if __name__ == "__main__":
    main()
