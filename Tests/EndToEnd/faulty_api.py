"""The misbehaving server of the unit tests (Tests/APIServer), as a process of its own for tests of the program."""

import itertools
import json
import subprocess
import sys
import urllib.request
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "APIServer/server.py"
numbers = itertools.count(1)


class FaultyServer:
    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline().split()[0])
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.kill()
        self.process.wait()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path, document=None):
        body = None if document is None else json.dumps(document).encode()
        with urllib.request.urlopen(self.url + path, body, timeout=30) as response:
            return response.read()

    def api(self, **setup):
        """An API whose setup is this; what is None is left out."""
        return FaultyAPI(self, f"/s/{next(numbers)}", {name: value for name, value in setup.items() if value is not None})

    def front(self, folder):
        """The base URL that speaks HTTP/2, and the file of the certificate to trust for it."""
        certificate = Path(folder) / "localhost.pem"
        certificate.write_bytes(self.ask("/http/certificate"))
        return f"https://localhost:{json.loads(self.ask('/front'))['port']}", certificate


class FaultyAPI:
    """One API of the server: see `Session` in server.py, guarded.py and trouble.py."""

    def __init__(self, server, path, setup):
        self.server, self.path = server, path
        server.ask(path + "/setup", setup)

    @property
    def url(self):
        return self.server.url + self.path

    def change(self, *changes):
        self.server.ask(self.path + "/change", list(changes))

    def set(self, **values):
        self.change(*({"op": "set", "name": name, "value": value} for name, value in values.items()))

    def log(self):
        return json.loads(self.server.ask(self.path + "/log"))

    def records(self):
        """What the API holds now."""
        return json.loads(self.server.ask(self.path + "/records"))
