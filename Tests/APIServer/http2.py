"""HTTP/2 over TLS in front of server.py, by the h2 package: every path of the server.

A path that begins with /h2/reset or /h2/goaway is answered by that, the first `times` times for its `key`.
"""

import http.client, socket, ssl, threading

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError


class Front:
    """One listening socket; a thread for each connection, and one for each request on it."""

    def __init__(self, backend_port, certificate):
        self.backend_port = backend_port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.context.set_alpn_protocols(["h2"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.streams = 0
        self.connections = 0
        self.counts = {}
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            connection = self.context.wrap_socket(connection, server_side=True)
            if connection.selected_alpn_protocol() != "h2":
                return connection.close()
            Connection(self, connection).run()
        except (OSError, ProtocolError):
            connection.close()


class Connection:
    def __init__(self, front, connection):
        self.front = front
        self.socket = connection
        self.lock = threading.Condition()
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.requests = {}
        front.connections += 1

    def run(self):
        with self.lock:
            self.h2.initiate_connection()
            self.flush()
        while data := self.socket.recv(65536):
            with self.lock:
                for event in self.h2.receive_data(data):
                    self.handle(event)
                self.flush()
                self.lock.notify_all()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def handle(self, event):
        if isinstance(event, RequestReceived):
            self.requests[event.stream_id] = (dict(event.headers), bytearray())
        elif isinstance(event, DataReceived):
            self.requests[event.stream_id][1].extend(event.data)
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamReset):
            self.requests.pop(event.stream_id, None)
        elif isinstance(event, StreamEnded):
            headers, body = self.requests[event.stream_id]
            self.front.streams += 1
            if not self.misbehaves(event.stream_id, headers[":path"]):
                threading.Thread(target=self.answer, args=(event.stream_id, headers, bytes(body)), daemon=True).start()

    def misbehaves(self, stream, path):
        name, _, query = path.partition("?")
        if not name.startswith("/h2/"):
            return False
        parameters = dict(item.split("=", 1) for item in query.split("&"))
        count = self.front.counts[query] = self.front.counts.get(query, 0) + 1
        if count > int(parameters.get("times", 1 << 30)):
            return False
        if name.endswith("goaway"):
            self.h2.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
        else:
            self.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
        return True

    def answer(self, stream, headers, body):
        path = "/http/echo" if headers[":path"].startswith("/h2/") else headers[":path"]
        backend = http.client.HTTPConnection("127.0.0.1", self.front.backend_port)
        plain = {name: value for name, value in headers.items() if name[0] != ":"}
        plain.setdefault("host", headers.get(":authority", ""))
        is_cut = False
        try:
            backend.request(headers[":method"], path, body=body or None, headers=plain)
            response = backend.getresponse()
            content = response.read()
        except http.client.IncompleteRead as error:
            content, is_cut = error.partial, True
        except (OSError, http.client.HTTPException):
            with self.lock:
                self.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
                self.flush()
            return
        kept = [(name.lower(), value) for name, value in response.getheaders()
                if name.lower() not in ("connection", "transfer-encoding", "keep-alive", "content-length")]
        with self.lock:
            self.h2.send_headers(stream, [(":status", str(response.status)), *kept])
            self.flush()
            while content:
                room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(content))
                if room <= 0:
                    if not self.lock.wait(10):
                        return
                    continue
                self.h2.send_data(stream, content[:room])
                content = content[room:]
                self.flush()
            if is_cut:
                self.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
            else:
                self.h2.end_stream(stream)
            self.flush()
