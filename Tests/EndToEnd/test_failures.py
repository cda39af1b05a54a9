"""Whom a failed stream tells, and how long it may take."""

import http.server
import json
import threading

import pytest

CONFIG = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: updated_at}}
  shop.nothing:
    bookmark: {by: updated_at}
    on_failure: {webhook_env: HOOK_URL, command: "cat > told.txt; echo $TIDEMARK_STREAM > told.txt"}
"""


@pytest.fixture
def hook():
    """A server that keeps what it is sent, and answers as it is told."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.received.append((self.path, json.loads(body)))
            self.send_response(self.server.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.received, server.answer = [], 204
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_failed_stream_tells_its_webhook_and_its_command(shop, hook):
    shop.configure(CONFIG)
    shop.environment["HOOK_URL"] = f"http://127.0.0.1:{hook.server_port}/hooks/t0ken"
    outcome = shop.tidemark("run").expect(4, "shop.nothing")
    [(path, body)] = hook.received
    assert path == "/hooks/t0ken"
    assert body["run"] and body["stream"]["stream"] == "shop.nothing"
    assert body["stream"]["status"] == "failed" and "nothing" in body["stream"]["error"]
    assert (shop.folder / "told.txt").read_text().strip() == "shop.nothing"
    assert "t0ken" not in outcome.out + outcome.err
    assert len(shop.rows("shop_orders")) == 100


def test_a_webhook_that_fails_is_said_and_changes_nothing(shop, hook):
    shop.configure(CONFIG)
    hook.answer = 500
    shop.environment["HOOK_URL"] = f"http://127.0.0.1:{hook.server_port}/hooks/t0ken"
    outcome = shop.tidemark("run").expect(4, "webhook", "500")
    assert "t0ken" not in outcome.out + outcome.err
    del shop.environment["HOOK_URL"]
    shop.tidemark("run").expect(4, "HOOK_URL", "not set")
