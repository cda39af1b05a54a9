#!/usr/bin/env python3
"""Two days in the life of a lake: a database, an API and a log, and only what is new moves.

Run it with `make demo`. The lake and its config stay in .build/demo to be looked at; the servers
and all they wrote are gone when it ends, however it ends.
"""

import fcntl
import gzip
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import checks
from airline import Airline
from mariadb import MariaDB
from narrator import Narrator
from weather import WeatherAPI

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / ".build" / "demo"
PATH = f"{ROOT / '.build/release'}:{os.environ['PATH']}"

BEGINNING = "2013-01-01 00:00:00"
FIRST_DAY = "2013-12-05 05:00:02"   # midnight in New York, and two seconds
SECOND_DAY = "2013-12-06 05:00:02"
# A window closes two seconds before now, so that it is over when it is read.
FIRST_MARK, SECOND_MARK = "2013-12-05 05:00:00", "2013-12-06 05:00:00"

STORM = """
WITH flights AS (
  SELECT month, day, count(*) AS flights, round(avg(dep_delay), 1) AS delay_minutes
  FROM (SELECT DISTINCT ON (id) * FROM airline_flights ORDER BY id, updated_at DESC)
  WHERE month = 12 GROUP BY ALL),
weather AS (
  SELECT month, day, round(avg(visib), 1) AS miles_of_sight, round(avg(wind.speed), 1) AS wind
  FROM weather_hourly GROUP BY ALL),
calls AS (
  SELECT month(time) AS month, day(time) - 1 AS day, count(*) AS api_calls
  FROM web_access WHERE path LIKE '/v1/weather%' GROUP BY ALL)
SELECT * FROM flights JOIN weather USING (month, day) LEFT JOIN calls USING (month, day)
ORDER BY day
"""

FINGERPRINT = """
SELECT count(*) AS versions, count(DISTINCT id) AS flights, bit_xor(hash(f)) AS fingerprint
FROM airline_flights f
"""


def main():
    # A stop from outside ends the servers like Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with only_one_demo(), MariaDB() as mysql:
        shutil.rmtree(PROJECT, ignore_errors=True)
        (PROJECT / "logs").mkdir(parents=True)
        with WeatherAPI(PROJECT / "logs" / "access.log") as weather:
            tell(mysql, weather)


def tell(mysql, weather):
    if shutil.which("tidemark", path=PATH) is None:
        raise RuntimeError("there is no .build/release/tidemark: run `make build` first")
    story = Narrator(PROJECT, {
        **os.environ,
        "PATH": PATH,
        "AIRLINE_URL": mysql.url("airline"),
        "WEATHER_TOKEN": weather.token,
    })
    config = (ROOT / "Demo" / "tidemark.yaml").read_text()
    (PROJECT / "tidemark.yaml").write_text(config.replace("http://127.0.0.1:8013", weather.url))
    airline = Airline(mysql)

    introduce(story, airline, weather)
    first_day(story, mysql)
    exports = [airline.export(BEGINNING, FIRST_MARK)]
    second_day(story, airline, weather)
    exports.append(airline.export(FIRST_MARK, SECOND_MARK))
    ask_across(story)
    go_back(story)
    compare(story, exports)
    point_further(story)


def introduce(story, airline, weather):
    story.title("Tidemark: three sources, two days, one lake")
    story.say("""A MySQL server with the flights that left New York in 2013, an HTTP API with the
        weather, and that API's own access log. All three are real servers, started just now, that
        believe it is December 2013. Tidemark brings what is new in them into a lake of Parquet
        files, once a day.""")
    airline.open()
    airline.pass_time(FIRST_DAY)
    weather.set_clock(FIRST_DAY)
    story.chapter("What is to be read")
    story.say(f"""The whole config is {len((PROJECT / 'tidemark.yaml').read_text().splitlines())} lines:
        three sources and six streams. `plan` says what the next run would read, and moves nothing.""")
    story.run("plan", "airline.flights")


def first_day(story, mysql):
    story.chapter("The first day: everything")
    flights = mysql.execute("SELECT count(*) FROM airline.flights")[0][0]
    story.say(f"""It is December 5, just after midnight. MySQL holds {flights:,} flights; the weather
        comes by the page, a month at a time.""")
    story.run("run")


def second_day(story, airline, weather):
    story.chapter("The second day: only what is new")
    left = airline.pass_time(SECOND_DAY)
    corrected = airline.correct(37, at="2013-12-05 15:30:00", before=FIRST_MARK)
    corrected += airline.correct(3, at=FIRST_MARK, before=FIRST_MARK)
    weather.set_clock(SECOND_DAY)
    rotate(weather)
    changed = airline.changed(FIRST_MARK, SECOND_MARK)
    story.say(f"""A day passes, and a storm with it. {left} flights leave, the delays of {corrected}
        earlier ones are corrected, and 3 of these bear the very timestamp at which the
        first run stopped. The access log is rotated and compressed. {changed:,} flights changed, says
        MySQL.""")
    story.run("run")
    moved = last_run(story)["airline.flights"]
    if moved != changed:
        raise RuntimeError(f"{moved} flights moved, MySQL says {changed}")
    story.good(f"{moved:,} flights moved, exactly the {changed:,} that MySQL says changed.")
    story.say("\nRunning it again is safe: there is nothing new in the database.")
    story.run("run", "airline")


def ask_across(story):
    story.chapter("One question to all three sources")
    story.say("""What did the storm do to the flights, and how many calls to the API did the run of that
        night take? (The raw zone keeps every version of a flight; DISTINCT ON takes the latest.)""")
    story.run("query", STORM)


def go_back(story):
    story.chapter("Once more, with the same result")
    story.say("""Suppose the second day must be done again. First a fingerprint of every value of
        every flight; then the bookmark goes back to the end of the first run, and takes that day's
        rows with it.""")
    story.run("query", FINGERPRINT)
    before = story.ask("query", "--format", "csv", FINGERPRINT)
    first = json.loads(story.ask("runs", "--json"))[-1]["run"]
    story.run("bookmark", "rewind", "airline.flights", "--to-run", first)
    story.run("run", "airline.flights")
    story.run("query", FINGERPRINT)
    after = story.ask("query", "--format", "csv", FINGERPRINT)
    if before != after:
        raise RuntimeError(f"the fingerprint was {before}, and is {after}")
    story.good("The fingerprint is the same, to the last bit.")


def compare(story, exports):
    story.chapter("Every row exactly once")
    story.say("""The proof comes from outside: pyarrow reads the lake, MySQL writes its rows to a file,
        and the two are compared value by value; so are the weather and the log with their files.""")
    story.ask("run", "web.access")  # the lines that the last requests left behind
    flights = checks.flights_match(PROJECT / "lake", exports)
    hours = checks.weather_matches(PROJECT / "lake", SECOND_MARK.replace(" ", "T") + "Z")
    lines = checks.log_lines_match(PROJECT / "lake", PROJECT / "logs")
    story.good(f"""{flights:,} versions of flights, {hours:,} hours of weather and {lines:,} log lines:
        each is in the lake exactly once, every value as its source has it.""")


def point_further(story):
    story.chapter("Where to look next")
    shown = PROJECT.relative_to(ROOT)
    print(f"""\
  The lake stays:     find {shown}/lake -name '*.parquet'
  Ask it more:        cd {shown} && ../release/tidemark query "SELECT * FROM airline_planes LIMIT 5"
  What happened:      cd {shown} && ../release/tidemark bookmark history airline.flights
  The config:         {shown}/tidemark.yaml
  Your own sources:   .build/release/tidemark init

{story.style('2', f'That took {story.seconds():.0f} seconds. The servers are stopped.')}""")


def last_run(story):
    """Rows that the last run moved, by stream."""
    latest = json.loads(story.ask("runs", "--json"))[0]["run"]
    streams = json.loads(story.ask("runs", latest, "--json"))["streams"]
    return {stream["stream"]: stream["rows"] for stream in streams}


def rotate(weather):
    """What logrotate does at night: rename, let the server open a new file, compress."""
    current = weather.log
    rotated = current.with_name("access.log.1")
    current.rename(rotated)
    weather.reopen_log()
    current.with_name("access.log.1.gz").write_bytes(gzip.compress(rotated.read_bytes()))
    rotated.unlink()


class only_one_demo:
    """Two demos at once would share the folder that stays."""

    def __enter__(self):
        PROJECT.parent.mkdir(exist_ok=True)
        self.file = open(PROJECT.parent / "demo.lock", "w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("Another demo is at work here; wait until it is done.")

    def __exit__(self, *_):
        self.file.close()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped. The servers are gone, and what they wrote.")
    except RuntimeError as error:
        sys.exit(f"\nThe demo failed: {error}")
