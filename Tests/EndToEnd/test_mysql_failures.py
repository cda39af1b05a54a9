"""What a run does when the server, the network or the people around it get in its way."""

import os
import signal
import time

import pytest
from mariadb import MariaDB
from network import Proxy
from project import Project

ROWS = 400_000


@pytest.fixture(scope="module")
def own_server():
    """A server that the tests kill and restart, with a table of 60 MB."""
    with MariaDB() as server:
        # What a server that is killed has committed is still there when it comes back.
        server.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
        server.execute("CREATE DATABASE shop")
        server.execute("USE shop")
        server.execute("""
            CREATE TABLE shop.events (
              id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, payload VARCHAR(200) NOT NULL,
              updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), KEY (updated_at))""")
        server.execute("""CREATE TABLE shop.small (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY)""")
        server.execute(f"""
            INSERT INTO shop.events SELECT seq, CONCAT(MD5(seq), MD5(seq + 1), MD5(seq + 2)),
              '2024-01-15' + INTERVAL seq SECOND FROM seq_1_to_{ROWS}""")
        server.execute("INSERT INTO shop.small SELECT seq FROM seq_1_to_1000")
        yield server


def shop(tmp_path, server, options="", port=None, retries=0):
    project = Project(tmp_path / "project", {
        "SHOP_URL": server.url("shop").replace(f":{server.port}/", f":{port or server.port}/")})
    return project.configure(f"""
defaults: {{retries: {retries}}}
sources:
  shop: {{type: mysql, url_env: SHOP_URL{options}}}
streams:
  shop.small: {{bookmark: {{by: id}}}}
  shop.events: {{key: [id], bookmark: {{by: updated_at}}}}
""")


def complete(project):
    ids = project.table("shop_events").column("id").to_pylist()
    assert len(ids) == len(set(ids)) == ROWS
    assert project.table("shop_small").num_rows == 1000
    assert project.leftovers() == []
    return True


def slowed(options=""):
    """Slow enough that a test gets a word in while rows come."""
    return ", max_rows_per_second: 100000" + options


def while_reading(project, act, proxy=None, arguments=()):
    """Starts a run and acts when it is amid the large table."""
    process = project.start("run", "shop.events", *arguments)
    deadline = time.monotonic() + 60
    staged = []
    while not staged and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
        # os.walk passes over folders that vanish meanwhile.
        staged = [name for folder, _, names in os.walk(project.lake) for name in names
                  if "shop_events" in f"{folder}/{name}"]
    assert staged, "nothing was read"
    time.sleep(0.3)
    act()
    out, err = process.communicate(timeout=90)
    return process.returncode, out.decode() + err.decode()


def test_a_server_that_is_killed_and_comes_back(tmp_path, own_server):
    project = shop(tmp_path, own_server, slowed())
    project.run("shop.small")
    assert project.table("shop_small").num_rows == 1000

    def kill():
        os.kill(own_server.process.pid, signal.SIGKILL)
        own_server.process.wait()

    code, said = while_reading(project, kill)
    try:
        assert code == 4, said
        assert "run again" in said.lower() and "what was committed stays" in said
        # What is there is there; what is not reachable is said to be so.
        assert project.table("shop_small").num_rows == 1000
        down = project.tidemark("run").expect(3, "listens on port")
        assert "Can't connect" in down.err + down.out
    finally:
        own_server.admin = None
        own_server.start()
    project.run()
    assert complete(project)


def test_a_server_that_is_back_before_the_retries_end(tmp_path, own_server):
    project = shop(tmp_path, own_server, slowed(), retries=5)

    def restart():
        own_server.stop()
        own_server.start()

    code, said = while_reading(project, restart)
    assert code == 0, said
    project.run()
    assert complete(project)


@pytest.mark.parametrize("options", ["", ", compression: zlib"], ids=["as it is", "compressed"])
def test_a_network_that_is_cut(tmp_path, own_server, options):
    with Proxy(own_server.port) as proxy:
        project = shop(tmp_path, own_server, slowed(options), proxy.port)
        code, said = while_reading(project, proxy.cut)
        assert code == 4, said
        assert "error 2013" in said and "what cuts them on the way" in said
        assert 0 < proxy.received
        project.run()
        assert complete(project)


def test_a_network_that_falls_silent(tmp_path, own_server):
    with Proxy(own_server.port) as proxy:
        project = shop(tmp_path, own_server, slowed(", read_timeout: 2s, connect_timeout: 2s"), proxy.port)
        begun = time.monotonic()
        code, said = while_reading(project, proxy.silent.set)
        assert code == 4, said
        assert "sent nothing for 2 s" in said and "read_timeout" in said
        assert time.monotonic() - begun < 30
        proxy.silent.clear()
        proxy.cut()
        project.run()
        assert complete(project)


def test_a_connection_that_is_killed_by_hand(tmp_path, own_server):
    project = shop(tmp_path, own_server, slowed())

    def kill():
        [(number,)] = own_server.execute("""
            SELECT ID FROM information_schema.PROCESSLIST
            WHERE USER = 'tidemark' AND INFO LIKE '/* tidemark%'""")
        own_server.execute(f"KILL {number}")

    code, said = while_reading(project, kill)
    assert code == 4, said
    assert "KILL" in said
    project.run()
    assert complete(project)


def test_a_table_that_is_locked_by_somebody(tmp_path, own_server):
    project = shop(tmp_path, own_server, ", lock_timeout: 1s")
    other = own_server.connect("shop")
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLES events WRITE")
        outcome = project.tidemark("run").expect(4, "lock_timeout", "SHOW PROCESSLIST")
        assert outcome.seconds < 30
        assert project.table("shop_small").num_rows == 1000
    finally:
        other.close()
    project.run()
    assert complete(project)


def test_a_table_that_is_dropped_and_one_without_a_grant(tmp_path, own_server):
    own_server.execute("CREATE TABLE shop.gone (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY)")
    own_server.execute("INSERT INTO shop.gone VALUES (1)")
    own_server.execute("CREATE USER 'narrow'@'127.0.0.1' IDENTIFIED BY 'narrow-pw'")
    own_server.execute("GRANT SELECT ON shop.gone TO 'narrow'@'127.0.0.1'")
    try:
        project = Project(tmp_path / "project", {
            "SHOP_URL": f"mysql://narrow:narrow-pw@127.0.0.1:{own_server.port}/shop"})
        project.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.gone: {bookmark: {by: id, settle: 1s}}
  shop.events: {bookmark: {by: id}}
""")
        outcome = project.tidemark("run").expect(4, "shop.events", "may see")
        assert "narrow-pw" not in outcome.out + outcome.err
        assert project.table("shop_gone").num_rows == 1
        own_server.execute("DROP TABLE shop.gone")
        project.tidemark("run", "shop.gone").expect(2, "no table `gone`")
        assert project.table("shop_gone").num_rows == 1
    finally:
        own_server.execute("DROP USER 'narrow'@'127.0.0.1'")
        own_server.execute("DROP TABLE IF EXISTS shop.gone")


def test_few_connections_for_many_tables(tmp_path, own_server):
    own_server.execute("CREATE DATABASE many")
    own_server.execute("CREATE USER 'few'@'127.0.0.1' IDENTIFIED BY 'few' WITH MAX_USER_CONNECTIONS 2")
    own_server.execute("GRANT SELECT, PROCESS ON *.* TO 'few'@'127.0.0.1'")
    try:
        for number in range(40):
            own_server.execute(f"CREATE TABLE many.t{number} (id INT AUTO_INCREMENT PRIMARY KEY, x INT)")
            own_server.execute(f"INSERT INTO many.t{number} (x) VALUES ({number}), (1)")
        project = Project(tmp_path / "project", {
            "SHOP_URL": f"mysql://few:few@127.0.0.1:{own_server.port}/many"})
        project.configure("""
sources:
  many: {type: mysql, url_env: SHOP_URL, connections: 2}
streams:
  many.t*: {bookmark: {by: id}}
""")
        report = project.run("--threads", "8")
        assert set(report.statuses.values()) == {"committed"} and report.rows == 80
        assert set(project.run("--threads", "8").statuses.values()) == {"unchanged"}
    finally:
        own_server.execute("DROP USER 'few'@'127.0.0.1'")
        own_server.execute("DROP DATABASE many")
