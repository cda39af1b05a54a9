"""The weather API as a process: started on a free port, told what time it is, stopped at the end."""

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from airline import data_file
from mariadb import end_with_parent


class WeatherAPI:
    """Serves the weather of 2013 to who has the token, and keeps an access log.

    >>> with WeatherAPI(folder / "access.log") as weather:
    ...     weather.set_clock("2013-12-05 05:00:02")
    """

    def __init__(self, log):
        self.log = log
        self.token = secrets.token_urlsafe(12)
        self.url = None
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("weather_server.py"), data_file("weather.csv"),
             "--now", "2013-01-01T00:00:00", "--date-header", "--access-log", self.log],
            stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
            env={**os.environ, "WEATHER_TOKEN": self.token},
            start_new_session=True, preexec_fn=end_with_parent)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError("the weather server did not start")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def set_clock(self, text):
        """Makes the server believe that it is this time (UTC); it serves nothing later."""
        now = text.replace(" ", "T")
        request = urllib.request.Request(f"{self.url}/control?now={now}", method="POST")
        urllib.request.urlopen(request, timeout=10).read()

    def reopen_log(self):
        """Has the server go on in a new file, as logrotate's postrotate does."""
        self.process.send_signal(signal.SIGHUP)
        for _ in range(500):
            if self.log.exists():
                return
            time.sleep(0.01)
        raise RuntimeError("the weather server did not open a new log")
