"""Encodings, caches, budgets and slow answers, for the sessions of server.py.

setup["encoding"] = "gzip|deflate|br|zstd"        every page is sent so
setup["etag"], setup["last_modified"] = true      pages carry validators, and 304 answers them
setup["budget"] = {"limit": n, "window": seconds, "style": "ietf|draft|x|epoch"}
setup["redirect"] = {"code": 302, "times": n}     that many pages are first to be found elsewhere
"""

import email.utils, gzip, hashlib, json, time, zlib

import bodies


def encode(body, encoding):
    if encoding in ("br", "zstd"):
        import pyarrow
        return pyarrow.compress(body, codec={"br": "brotli"}.get(encoding, encoding), asbytes=True)
    return {"gzip": gzip.compress, "deflate": zlib.compress}[encoding](body)


def send(handler, session, document, headers):
    """A page as the session sends pages."""
    setup = session.setup
    headers = list(headers)
    if setup.get("body_form"):
        return handler.answer(*bodies.written(document, setup["body_form"], headers))
    body = json.dumps(document).encode()
    etag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
    if setup.get("echo"):
        headers.append(("X-Echo", str(handler.headers.get("Authorization"))))
    if setup.get("etag"):
        headers.append(("ETag", etag))
        if handler.headers.get("If-None-Match") == etag:
            return answer_unchanged(handler, headers)
    if setup.get("last_modified"):
        headers.append(("Last-Modified", setup["last_modified"]))
        if handler.headers.get("If-Modified-Since") == setup["last_modified"]:
            return answer_unchanged(handler, headers)
    encoding = "gzip" if setup.get("gzip") else setup.get("encoding")
    if encoding:
        body = encode(body, encoding)
        headers.append(("Content-Encoding", encoding))
    handler.answer(body, headers=headers)


def answer_unchanged(handler, headers):
    handler.send_response_only(304)
    for name, value in [("Date", handler.date_time_string()), *headers]:
        handler.send_header(name, value)
    handler.end_headers()


def is_stopped(handler, session):
    """Answers 429 or a redirect where the session's budget or its layout wants that."""
    budget = session.setup.get("budget")
    if budget and over(handler, session, budget):
        return True
    redirect = session.setup.get("redirect")
    if redirect and redirect.get("times", 1) > 0 and "moved" not in handler.query:
        redirect["times"] = redirect.get("times", 1) - 1
        to = handler.path + ("&" if "?" in handler.path else "?") + "moved=1"
        handler.answer(b"moved", redirect["code"], headers=[("Location", to)])
        return True
    return False


def over(handler, session, budget):
    now = time.time()
    starts = session.__dict__.setdefault("starts", [])
    starts[:] = [start for start in starts if start > now - budget["window"]]
    reset = (starts[0] + budget["window"] - now) if starts else budget["window"]
    if len(starts) >= budget["limit"]:
        session.log.append({"refused": True})
        handler.answer({"error": "slow down"}, 429, headers=[("Retry-After", str(int(reset) + 1))])
        return True
    starts.append(now)
    handler.more_headers = budget_headers(budget, budget["limit"] - len(starts), reset, now)
    return False


def budget_headers(budget, left, reset, now):
    limit, style = budget["limit"], budget.get("style", "ietf")
    reset += 0.1  # rounded up: whoever comes by it does not come too early
    if style == "ietf":
        return [("RateLimit-Policy", f'"burst";q={limit};w={budget["window"]}'), ("RateLimit", f'"burst";r={left};t={reset:.1f}')]
    if style == "draft":
        return [("RateLimit", f"limit={limit}, remaining={left}, reset={reset:.1f}")]
    moment = now + reset if style == "epoch" else reset
    return [("X-RateLimit-Limit", str(limit)), ("X-RateLimit-Remaining", str(left)), ("X-RateLimit-Reset", f"{moment:.1f}")]


# Further scenarios under /http/

def do_encoded(handler, query):
    body = json.dumps({"ok": query["as"]}).encode() * int(query.get("copies", 1))
    handler.answer(encode(body, query["as"]), headers=[("Content-Encoding", query["as"])])


def do_bomb(handler, query):
    """Some kilobytes that become many megabytes."""
    handler.answer(encode(b"\0" * int(query["count"]), query["as"]), headers=[("Content-Encoding", query["as"])])


def do_not_encoded(handler, query):
    handler.answer(b"plain, whatever the header says", headers=[("Content-Encoding", query["as"])])


def do_cut_encoded(handler, query):
    body = encode(json.dumps({"ok": list(range(10_000))}).encode(), query["as"])
    handler.answer(body[:len(body) // 2], headers=[("Content-Encoding", query["as"])])


def do_drip(handler, query):
    """A byte now and then: never idle for long, and never done."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(int(float(query["seconds"]) / 0.2)):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.2)
    handler.drop()


def do_skewed(handler, query):
    handler.date_text = email.utils.formatdate(time.time() + float(query["skew"]), usegmt=True)
    handler.answer({"ok": True})


SCENARIOS = {"encoded": do_encoded, "bomb": do_bomb, "not-encoded": do_not_encoded,
             "cut-encoded": do_cut_encoded, "drip": do_drip, "skewed": do_skewed}


def fail(handler, fault):
    """Further kinds of faults of a session's API; false where the kind is none of them."""
    kind = fault["kind"]
    if kind == "stall":
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"data": [')
        handler.wfile.flush()
        time.sleep(fault.get("seconds", 3))
        handler.drop()
    elif kind == "retry_date":
        now = handler.date_seconds() + fault.get("seconds", 1)
        handler.answer({"error": "later"}, fault.get("code", 429),
                       headers=[("Retry-After", email.utils.formatdate(now, usegmt=True))])
    elif kind == "broken_encoding":
        handler.answer(b"not " + fault.get("as", "gzip").encode(), headers=[("Content-Encoding", fault.get("as", "gzip"))])
    elif kind == "chunk":
        handler.do_truncated_chunk({})
    else:
        return False
    return True
