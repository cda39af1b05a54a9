"""A proxy before an S3 server that fails as it is told. It keeps the Host header, which is signed.

    proxy.py PORT [BACKEND]

POST /_proxy/faults sets the ways to fail, GET /_proxy/log shows what was asked since. Paths below
/_meta play the metadata services of containers (/_meta/container) and instances (/_meta/instance).
"""

import http.client
import json
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LOCK = threading.Lock()
FAULTS = []
LOG = []
BACKEND = urlsplit(sys.argv[2]) if len(sys.argv) > 2 else None
GIVEN = {"count": 0}


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/_proxy/faults":
            with LOCK:
                FAULTS[:] = json.loads(body)
                LOG.clear()
            return self.answer(200)
        if self.path == "/_proxy/log":
            with LOCK:
                return self.answer(200, json.dumps(LOG).encode())
        fault = None
        with LOCK:
            LOG.append({"method": self.command, "path": self.path, "headers": dict(self.headers),
                        "body": body[:4096].decode("latin-1")})
            for candidate in FAULTS:
                if candidate.get("method") not in (None, self.command):
                    continue
                if candidate["match"] not in self.path or candidate["times"] <= 0:
                    continue
                if candidate["skip"] > 0:
                    candidate["skip"] -= 1
                    continue
                candidate["times"] -= 1
                fault = candidate
                break
        try:
            self.fail_or_forward(fault, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = any

    def fail_or_forward(self, fault, body):
        kind = fault["kind"] if fault else None
        if kind == "reset":
            return self.drop(reset=True)
        if kind == "answer":
            return self.answer(fault["status"], fault["body"].encode(), fault["headers"])
        if self.path.startswith("/_meta/"):
            return self.metadata()
        if BACKEND is None:
            return self.answer(404)
        status, headers, answer = self.forward(body)
        if kind == "lose":
            return self.drop()
        if kind == "truncate":
            self.answer(status, answer[:len(answer) // 2], headers, length=max(len(answer), 10))
            return self.drop()
        self.answer(status, answer, headers)

    def forward(self, body):
        connection = http.client.HTTPConnection(BACKEND.hostname, BACKEND.port, timeout=60)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "transfer-encoding"):
                    connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            answer = response.read()
            headers = {name: value for name, value in response.getheaders()
                       if name.lower() not in ("connection", "transfer-encoding", "content-length")}
            if self.command == "HEAD":
                headers["Content-Length"] = response.headers.get("Content-Length", "0")
            return response.status, headers, answer
        finally:
            connection.close()

    def answer(self, status, body=b"", headers=None, length=None):
        headers = dict(headers or {})
        self.send_response_only(status)
        if "Content-Length" not in headers:
            headers["Content-Length"] = str(len(body) if length is None else length)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def drop(self, reset=False):
        self.close_connection = True
        self.wfile.flush()
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RDWR)

    def metadata(self):
        split = urlsplit(self.path)
        query = parse_qs(split.query)
        path = split.path
        if path == "/_meta/container":
            if self.headers.get("Authorization") != "a token":
                return self.answer(401, b"who are you?")
            return self.keys("container", float(query.get("seconds", ["3600"])[0]))
        base = "/_meta/instance/latest"
        if path == f"{base}/api/token":
            if self.command != "PUT" or not self.headers.get("X-aws-ec2-metadata-token-ttl-seconds"):
                return self.answer(400)
            return self.answer(200, b"imds-token")
        if self.headers.get("X-aws-ec2-metadata-token") != "imds-token":
            return self.answer(401)
        roles = f"{base}/meta-data/iam/security-credentials/"
        if path == roles:
            return self.answer(200, b"lake-writer\n")
        if path == roles + "lake-writer":
            return self.keys("instance", 3600)
        return self.answer(404)

    def keys(self, origin, seconds):
        with LOCK:
            GIVEN["count"] += 1
            number = GIVEN["count"]
        return self.answer(200, json.dumps({
            "Code": "Success", "AccessKeyId": f"{origin}-{number}", "SecretAccessKey": "secret of " + origin,
            "Token": f"session-token-{number}", "Expiration": stamp(seconds)}).encode())


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
