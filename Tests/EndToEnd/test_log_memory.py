"""Reading logs keeps to the memory, however long, many or compressed they are."""

import gzip
import json
import random

import pyarrow.parquet as pq
import pytest

CONFIG = """
sources:
  web: {{type: logs, path: "{path}"}}
streams:
  web.access: {{parse: {format}}}
"""
BUDGET = 128_000_000
PART_LINES = 50_000


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The same entries in three forms; files are made of them by repetition."""
    chance = random.Random(7)
    json_lines, combined = [], []
    for number in range(PART_LINES):
        client = f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}"
        path = f"/{chance.choice(['cart', 'img', 'api/v1'])}/{chance.randrange(10 ** 6)}"
        agent = f"Mozilla/5.0 (X11; Linux x86_64) Browser/{chance.randrange(300)}"
        json_lines.append(json.dumps({
            "number": number, "client": client, "path": path, "status": 200, "agent": agent,
            "request": f"{chance.getrandbits(128):032x}", "took": chance.random()}) + "\n")
        combined.append(f'{client} - - [10/Oct/2024:13:55:36 +0000] "GET {path} HTTP/1.1" 200 '
                        f'{number} "-" "{agent}"\n')
    text = "".join(json_lines).encode()
    return {"json": text, "json.gz": gzip.compress(text, 1),
            "combined": "".join(combined).encode()}


@pytest.mark.parametrize("threads", [1, 2, 8])
@pytest.mark.parametrize("kind", ["json", "json.gz", "combined"])
def test_a_long_file_takes_no_more_memory(project, parts, kind, threads):
    peaks = []
    for times in (4, 24):
        path = project.folder / f"access-{times}.{kind}"
        with open(path, "wb") as file:
            for _ in range(times):
                file.write(parts[kind])
        project.configure(CONFIG.format(path=path, format=kind.split(".")[0]).replace(
            "web", f"web{times}"))
        outcome = project.tidemark("run", "--threads", str(threads), timeout=300).expect(0)
        assert count(project, f"web{times}_access") == times * PART_LINES
        path.unlink()
        peaks.append(outcome.peak_rss_bytes)
    assert max(peaks) < BUDGET, f"peak memory {[peak / 1e6 for peak in peaks]} MB"


@pytest.mark.parametrize("memory", ["64MiB", "100MB"])
def test_less_memory_is_kept_too(project, parts, memory):
    (project.folder / "access.log").write_bytes(parts["json"] * 12)
    project.configure(CONFIG.format(path=project.folder / "access.log", format="json"))
    outcome = project.tidemark(
        "run", "--threads", "4", "--memory", memory, timeout=300).expect(0)
    assert count(project, "web_access") == 12 * PART_LINES
    assert 0 < outcome.peak_rss_bytes < 100_000_000, f"{outcome.peak_rss_bytes / 1e6:.0f} MB"


def test_many_known_files_take_little(project):
    folder = project.folder / "many"
    for number in range(40_000):
        day = folder / f"day-{number % 20:02}"
        if number < 20:
            day.mkdir(parents=True)
        (day / f"app-{number:06}.json").write_text(f'{{"number":{number}}}\n')
    project.configure(CONFIG.format(path=f"{folder}/**/*.json", format="json"))
    first = project.tidemark("run", timeout=300).expect(0)
    assert count(project, "web_access") == 40_000
    # A few files of the table for many of the source.
    assert len(project.files("web_access")) <= 11
    again = project.tidemark("run", timeout=300).expect(0, "nothing is new")
    for outcome in (first, again):
        assert outcome.peak_rss_bytes < BUDGET, f"peak memory {outcome.peak_rss_bytes / 1e6:.0f} MB"


def count(project, table):
    return sum(pq.ParquetFile(file).metadata.num_rows
               for file in project.files(table))
