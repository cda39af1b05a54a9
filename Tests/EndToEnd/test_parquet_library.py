"""The examples of docs/parquet-library.md are what is built, and they do what the page says."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "Examples/ParquetLibrary"
PAGE = ROOT / "docs/parquet-library.md"


def test_the_page_shows_what_is_compiled():
    regions = {}
    for path in sorted((PACKAGE / "Sources").rglob("*.swift")):
        regions |= dict(re.findall(r"// docs: (\w+)\n(.*?)\n// docs: end", path.read_text(), re.DOTALL))
    shown = dict(re.findall(r"<!-- (\w+) -->\n```swift\n(.*?)\n```", PAGE.read_text(), re.DOTALL))
    assert len(shown) > 8
    assert shown == regions


def test_a_package_of_its_own_builds_with_the_product_alone(tmp_path):
    scratch = ROOT / ".build/parquet-library"
    # SwiftPM plans anew then: by itself it misses files that are new in a package by path.
    (scratch / "debug.yaml").unlink(missing_ok=True)
    build = subprocess.run(
        ["swift", "build", "--package-path", str(PACKAGE), "--scratch-path", str(scratch)],
        capture_output=True, text=True, timeout=900)
    assert build.returncode == 0, build.stdout[-4000:] + build.stderr[-4000:]
    run = subprocess.run([scratch / "debug/Examples", tmp_path], capture_output=True, text=True,
                         timeout=60, env=os.environ | {"SWIFT_BACKTRACE": "enable=no"})
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        "3000 rows in 1 row group",
        "3000 rows", "id: bigint, required", "customer: string", "price: decimal(9,2)",
        "7492500",
        str([f"{day * 1000 + number} c{number % 50}" for day in range(3)
             for number in range(981, 1000) if number % 10]).replace("'", '"'),
        "3000",
        '[["tea", "milk"], [], []]',
        "3000 rows rewritten",
        "another kind of file: a file of 10 bytes; the smallest has 12"]
