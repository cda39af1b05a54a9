import gzip
import itertools
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "Demo")]

from contacts_api import TOKEN, ContactsAPI  # noqa: E402
from events import EVENTS, ROWS  # noqa: E402
from mariadb import MariaDB  # noqa: E402
from project import Project, binary  # noqa: E402
from s3project import S3Project  # noqa: E402
from seaweedfs import SeaweedFS  # noqa: E402

numbers = itertools.count(1)


class Database:
    """A database of its own on the tests' server, with a clock that the test moves."""

    def __init__(self, server):
        self.server = server
        self.name = f"shop_{next(numbers)}"
        server.execute(f"CREATE DATABASE {self.name}")
        self.connection = server.connect(self.name)
        self.set_clock("2024-03-01 12:00:00")

    @property
    def url(self):
        return self.server.url(self.name)

    def set_clock(self, text):
        """Sets the server's clock (UTC), for everyone; None is the true time."""
        self.server.set_clock(text)
        self.server.apply_clock(self.connection)

    def execute(self, statement, arguments=None):
        with self.connection.cursor() as cursor:
            changed = cursor.execute(statement, arguments)
            return cursor.fetchall() if cursor.description else changed

    def connect(self, **options):
        """Another connection, for a transaction of its own."""
        return self.server.connect(self.name, **options)

    def create_orders(self):
        self.execute("""
            CREATE TABLE orders (
              id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
              customer VARCHAR(40) NOT NULL, amount DECIMAL(10, 2) NOT NULL, note TEXT,
              updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
                ON UPDATE CURRENT_TIMESTAMP(6),
              KEY (updated_at))""")

    def add_orders(self, count, at):
        """Adds orders that were written at this time; `NOW(6)` where it is None."""
        moment = "NOW(6)" if at is None else f"'{at}'"
        return self.execute(f"""
            INSERT INTO orders (customer, amount, note, updated_at)
            SELECT CONCAT('Zoë ', seq), seq * 1.25, IF(seq % 3 = 0, NULL, REPEAT('n', seq % 50)), {moment}
            FROM seq_1_to_{count}""")

    def orders(self):
        return sorted(self.execute("SELECT id, amount, updated_at FROM orders"), key=repr)


@pytest.fixture(scope="session", autouse=True)
def program():
    """Fails everything at once, with one clear word, when there is nothing to test."""
    return binary()


@pytest.fixture(scope="session")
def server():
    with MariaDB() as server:
        yield server


@pytest.fixture(scope="session")
def s3():
    with SeaweedFS() as server:
        yield server


@pytest.fixture
def bucket(s3):
    name = f"lake-{next(numbers)}"
    s3.client.create_bucket(Bucket=name)
    return name


@pytest.fixture
def database(server):
    database = Database(server)
    yield database
    database.connection.close()
    server.execute(f"DROP DATABASE {database.name}")
    server.set_clock(None)


@pytest.fixture
def api():
    with ContactsAPI() as api:
        yield api


class Logs:
    """A folder with an access log that grows and is rotated."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.lines = 0

    def line(self, number):
        return (f'10.0.0.{number % 250} - user{number % 7} [01/Mar/2024:11:{number // 60 % 60:02d}:'
                f'{number % 60:02d} +0000] "GET /item/{number}?q=%20x HTTP/1.1" 200 {number * 10} '
                f'"-" "Mozilla/5.0 (X11; \\"quoted\\")"\n')

    def write(self, count, name="access.log"):
        with open(self.folder / name, "a") as file:
            for _ in range(count):
                self.lines += 1
                file.write(self.line(self.lines))

    def rotate(self, compress=True):
        """Renames the log away, as logrotate does, and compresses it."""
        current = self.folder / "access.log"
        if compress:
            (self.folder / "access.log.1.gz").write_bytes(gzip.compress(current.read_bytes()))
            current.unlink()
        else:
            current.rename(self.folder / "access.log.1")


@pytest.fixture
def logs(tmp_path):
    return Logs(tmp_path / "logs")


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project", {"CRM_TOKEN": TOKEN})


SHOP = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: updated_at}}
"""


def with_orders(project, database):
    """The project with one stream, shop.orders, of a table with 100 orders."""
    database.create_orders()
    database.add_orders(100, "2024-03-01 11:00:00")
    project.environment["SHOP_URL"] = database.url
    project.database = database
    return project.configure(SHOP)


@pytest.fixture
def shop(project, database):
    return with_orders(project, database)


@pytest.fixture(params=["disk", "s3"])
def shop_anywhere(request, tmp_path, database):
    """The same, with its lake on disk and in a bucket."""
    if request.param == "disk":
        return with_orders(Project(tmp_path / "project", {}), database)
    server, bucket = request.getfixturevalue("s3"), request.getfixturevalue("bucket")
    return with_orders(S3Project(tmp_path / "project", {}, server, bucket), database)


@pytest.fixture(scope="session")
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
