"""A TCP proxy that a test can cut, and silence."""

import socket
import threading


class Proxy:
    """Stands between the program and a server on loopback, and counts what it lets through."""

    def __init__(self, port):
        self.target = port
        self.received = 0
        self.silent = threading.Event()
        self.pairs = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.silent.clear()
        self.cut()

    def cut(self):
        """Resets all connections that there are."""
        for pair in self.pairs:
            for end in pair:
                try:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it has ended by itself
        self.pairs = []

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            self.pairs.append((near, far))
            for source, sink, counts in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._pump, args=(source, sink, counts), daemon=True).start()

    def _pump(self, source, sink, counts):
        try:
            while data := source.recv(65_536):
                while self.silent.is_set():
                    self.silent.wait(0.01)
                    threading.Event().wait(0.02)
                sink.sendall(data)
                if counts:
                    self.received += len(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
