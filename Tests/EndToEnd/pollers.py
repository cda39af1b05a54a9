"""How rows are commonly followed by a column: three ways that lose rows or double them."""


class Poller:
    """Follows a table by the highest value that it has read; each poll is one statement."""

    def __init__(self, database, table, cursor, comparison=">", drops=False):
        self.connection = database.connect()
        self.table, self.cursor = table, cursor
        self.comparison = comparison
        # Whether rows of the last poll's highest value are dropped when they come again.
        self.drops = drops
        self.mark = None
        self.at_mark = set()
        self.rows = []

    @property
    def name(self):
        return f"{self.cursor} {self.comparison} max{', known rows dropped' if self.drops else ''}"

    def poll(self):
        columns = f"id, version, {self.cursor}"
        with self.connection.cursor() as cursor:
            if self.mark is None:
                cursor.execute(f"SELECT {columns} FROM {self.table}")
            else:
                cursor.execute(f"SELECT {columns} FROM {self.table} "
                               f"WHERE {self.cursor} {self.comparison} %s", [self.mark])
            found = cursor.fetchall()
        if self.drops:
            found = [row for row in found if row not in self.at_mark]
        self.rows += [row[:2] for row in found]
        if found:
            highest = max(row[2] for row in found)
            if highest != self.mark:
                self.at_mark = set()
            self.mark = highest
            self.at_mark |= {row for row in found if row[2] == highest}

    def close(self):
        self.connection.close()


def common_pollers(database):
    """Strict, inclusive, inclusive without the rows that are known, and by the key alone."""
    return [Poller(database, "orders", "updated_at"),
            Poller(database, "orders", "updated_at", ">="),
            Poller(database, "orders", "updated_at", ">=", drops=True),
            Poller(database, "tickets", "changed_at"),
            Poller(database, "events", "id")]


def describe(verdicts):
    """A line for each poller: how many rows it lost and doubled."""
    return "\n".join(f"  {table + ':':9} {name:34} lost {len(verdict.lost)}, "
                     f"doubled {len(verdict.doubled)}" for (table, name), verdict in verdicts.items())
