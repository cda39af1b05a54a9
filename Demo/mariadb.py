"""A private MariaDB server: its own folder, socket and port, and nothing left behind."""

import calendar
import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import pymysql


def free_port():
    """A TCP port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    """Makes a child process end when its parent does, even when the parent is killed."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def stop(process, seconds=20):
    """Asks a child process to end, and ends it when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def find_program(name):
    """Where a server's program is; Debian keeps some outside an ordinary user's PATH."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise RuntimeError(f"'{name}' is not installed: run scripts/setup.sh demo")
    return path


# Waits until this program is gone, even when it was killed; then nothing may stay behind.
GUARD = """
cat >/dev/null
[ ! -f "$1/pid" ] || kill -9 "$(cat "$1/pid")"
rm -rf "$1"
"""


class MariaDB:
    """The server, with the user `tidemark` that may read everything and change nothing.

    >>> with MariaDB() as server:
    ...     server.execute("CREATE DATABASE shop")
    ...     url = server.url("shop")
    """

    user = "tidemark"

    def __init__(self, zone=None):
        """`zone` is the system's zone that the server lives in, such as Asia/Tokyo; UTC without."""
        self.zone = zone
        self.password = secrets.token_urlsafe(12)
        self.port = free_port()
        self.folder = None
        self.guard = None
        self.process = None
        self.clock = None
        self.admin = None

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="tidemark-servers-"))
        self.guard = subprocess.Popen(
            ["sh", "-c", GUARD, "guard", self.folder], stdin=subprocess.PIPE, start_new_session=True)
        try:
            self._install()
            self.start()
            self._create_user()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        self.guard.stdin.close()
        self.guard.wait()

    def url(self, database, password=None):
        """What a source's `url_env` names."""
        secret = self.password if password is None else password
        return f"mysql://{self.user}:{secret}@127.0.0.1:{self.port}/{database}"

    def start(self):
        """Starts the server on its folder and waits until it answers."""
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    find_program("mariadbd"),
                    "--no-defaults",
                    f"--datadir={self.folder}/data",
                    # A server that starts removes what looks like temporary tables.
                    f"--tmpdir={self.folder}",
                    f"--socket={self.folder}/socket",
                    f"--pid-file={self.folder}/pid",
                    f"--port={self.port}",
                    "--bind-address=127.0.0.1",
                    "--skip-name-resolve",
                    f"--default-time-zone={'SYSTEM' if self.zone else '+00:00'}",
                    "--character-set-server=utf8mb4",
                    "--innodb-buffer-pool-size=256M",
                    "--innodb-flush-log-at-trx-commit=0",
                    *self._run_as(),
                ],
                env={**os.environ, **({"TZ": self.zone} if self.zone else {})},
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True, preexec_fn=end_with_parent,
            )
        self.admin = self._first_connection(seconds=60)

    def stop(self):
        """Stops the server; its folder stays, so that it can be started again."""
        if self.admin is not None:
            self.admin.close()
            self.admin = None
        if self.process is not None:
            stop(self.process)

    def connect(self, database=None, **options):
        """A connection as the administrator, whose statements see the set clock."""
        connection = pymysql.connect(
            unix_socket=f"{self.folder}/socket", user="root", database=database,
            autocommit=options.pop("autocommit", True), **options)
        self.apply_clock(connection)
        return connection

    def execute(self, statement, arguments=None):
        """Runs one statement as the administrator; returns its rows, or how many it changed."""
        with self.admin.cursor() as cursor:
            changed = cursor.execute(statement, arguments)
            return cursor.fetchall() if cursor.description else changed

    def set_clock(self, text):
        """Makes the server believe that it is this time (UTC), for everyone, until set again.

        NOW() and with it every `updated_at` follow. None sets the true time.
        """
        self.clock = text
        self.apply_clock(self.admin)
        if text is None:
            self.execute("SET GLOBAL init_connect = ''")
        else:
            self.execute("SET GLOBAL init_connect = %s", [f"SET timestamp = {self._epoch()}"])

    def apply_clock(self, connection):
        """Sets the clock that the server was given on a connection that is open already."""
        with connection.cursor() as cursor:
            if self.clock is None:
                cursor.execute("SET timestamp = DEFAULT")
            else:
                cursor.execute(f"SET timestamp = {self._epoch()}")

    def _epoch(self):
        """The set clock in seconds, which mean the same in every zone."""
        moment = datetime.fromisoformat(self.clock).replace(tzinfo=timezone.utc)
        return f"{calendar.timegm(moment.utctimetuple())}.{moment.microsecond:06d}"

    def _install(self):
        result = subprocess.run(
            [
                find_program("mariadb-install-db"), "--no-defaults",
                f"--datadir={self.folder}/data",
                "--auth-root-authentication-method=normal",
                "--skip-test-db", "--skip-name-resolve", *self._run_as(),
            ],
            capture_output=True, text=True, env={**os.environ, "TMPDIR": str(self.folder)})
        if result.returncode != 0:
            raise RuntimeError(f"mariadb-install-db failed:\n{result.stdout}{result.stderr}")

    def _create_user(self):
        # The administrator comes by the socket alone, which only this user can open.
        self.execute("DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost'")
        self.execute("FLUSH PRIVILEGES")
        self.execute(f"CREATE USER '{self.user}'@'127.0.0.1' IDENTIFIED BY '{self.password}'")
        self.execute(f"GRANT SELECT, SHOW VIEW, PROCESS ON *.* TO '{self.user}'@'127.0.0.1'")

    @staticmethod
    def _run_as():
        """MariaDB refuses to run as root unless told so by name."""
        return [f"--user={pwd.getpwuid(os.getuid()).pw_name}"] if os.getuid() == 0 else []

    def _first_connection(self, seconds):
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.connect()
            except pymysql.err.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "server.log").read_text(errors="replace")
                    raise RuntimeError(f"mariadbd did not start:\n{log[-2000:]}") from None
                time.sleep(0.05)
