"""Bodies, cursors and limits of the misbehaving server's API, besides its own JSON pages.

Each endpoint takes the handler and the session, as those of server.py do.
"""

import csv, io, json, threading, time
from xml.sax.saxutils import escape

LOCK = threading.Lock()


def hold(session):
    """Takes as long as the setup says, and counts the requests that are held at a time."""
    delay = session.setup.get("delay")
    if not delay:
        return
    with LOCK:
        session.held = getattr(session, "held", 0) + 1
        session.peak = max(getattr(session, "peak", 0), session.held)
    time.sleep(delay)
    with LOCK:
        session.held -= 1


def peak(handler, session):
    """How many requests were held at a time."""
    return getattr(session, "peak", 0), []


def text(handler, session):
    """What the setup says, byte for byte: {"text": …, "encoding": …, "type": …, "status": …}."""
    setup = session.setup
    body = setup.get("text", "").encode(setup.get("encoding", "utf-8"))
    handler.answer(bytes.fromhex(setup["hex"]) if "hex" in setup else body, setup.get("status", 200),
                   setup.get("type"), headers=list(setup.get("headers", {}).items()))


def form(handler, session):
    """Numbered pages of the records as the setup's `form`: json, jsonl, csv or xml."""
    rows = session.matching(handler.query)
    number, size = int(handler.query.get("page", 1)), session.page_size
    page = [{k: v for k, v in row.items() if not isinstance(v, dict)}
            for row in rows[(number - 1) * size:number * size]]
    kind = session.setup["form"]
    if kind == "json":
        body, content_type = json.dumps(page), "application/json; charset=utf-8"
    elif kind == "jsonl":
        body, content_type = "".join(json.dumps(row) + "\n" for row in page), "application/x-ndjson"
    elif kind == "csv":
        output = io.StringIO()
        writer = csv.DictWriter(output, ["id", "updated_at", "name", "amount"])
        writer.writeheader()
        writer.writerows(page)
        body, content_type = output.getvalue(), "text/csv; charset=utf-8"
    else:
        items = "".join(
            "<item id='%s'>%s</item>" % (row["id"], "".join(
                f"<{k}>{escape(str(v))}</{k}>" for k, v in row.items() if k != "id")) for row in page)
        body, content_type = f"<?xml version='1.0'?><feed>{items}</feed>", "application/xml"
    handler.answer(body.encode(), content_type=session.setup.get("type", content_type))


def written(document, kind, headers):
    """A page as something else than JSON: its body, status, type and headers. What JSON pages say of other pages is in
    headers then, but for XML."""
    rows = document if isinstance(document, list) else document["data"]
    rows = [{k: v for k, v in row.items() if not isinstance(v, dict)} for row in rows]
    about = {} if isinstance(document, list) else {k: v for k, v in document.items() if k != "data"}
    if kind == "xml":
        items = "".join("<item>%s</item>" % "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in row.items()) for row in rows)
        links = about.pop("links", {})
        more = "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in {**about, **links}.items() if v is not None)
        return f"<page>{more}<items>{items}</items></page>".encode(), 200, "application/xml", headers
    if about.get("next"):
        headers.append(("X-Next-Cursor", str(about["next"])))
    if "total" in about:
        headers.append(("X-Total-Count", str(about["total"])))
    if kind == "jsonl":
        return "".join(json.dumps(row) + "\n" for row in rows).encode(), 200, "application/x-ndjson", headers
    output = io.StringIO()
    writer = csv.DictWriter(output, ["id", "updated_at", "name", "amount"])
    writer.writeheader()
    writer.writerows(rows)
    return output.getvalue().encode(), 200, "text/csv", headers


def graphql(handler, session):
    """{"query": …, "variables": {"first": n, "after": cursor, "since": …}}, and an error beside the data where the
    setup says so."""
    variables = json.loads(handler.body)["variables"]
    rows = session.matching({"since": variables.get("since"), "until": variables.get("until")})
    start = int(variables.get("after") or 0)
    end = start + int(variables.get("first", session.page_size))
    info = {"endCursor": str(end) if end < len(rows) else None, "hasNextPage": end < len(rows)}
    document = {"data": {"contacts": {"nodes": rows[start:end], "pageInfo": info}}}
    if session.setup.get("error"):
        document["errors"] = [{"message": session.setup["error"], "path": ["contacts", "nodes", 0, "name"]}]
    return document, []


def header_cursor(handler, session):
    """The cursor of the next page is in a header."""
    page, following, total = handler.slice_by_token(session, handler.query.get("cursor"))
    return page, [] if following is None else [("X-Next-Cursor", str(following))]


def after(handler, session):
    """Records behind `since_id`, or from it on where the setup says `is_inclusive`."""
    since = int(handler.query.get("since_id", 0))
    inclusive = session.setup.get("is_inclusive")
    rows = [r for r in session.matching(handler.query)
            if (r["id"] >= since if inclusive and since else r["id"] > since)]
    return {"items": rows[:session.page_size], "done": False}, []


def stops(handler, session):
    """Numbered pages of which the last says that it is, and how many there are."""
    rows = session.matching(handler.query)
    number, size = int(handler.query.get("page", 1)), session.page_size
    count = (len(rows) + size - 1) // size
    page = rows[(number - 1) * size:number * size]
    return {"data": page, "total_pages": count, "done": number >= count}, []


def capped(handler, session):
    """Gives no more than `cap` records for one window, or refuses with `refusal`."""
    rows = session.matching(handler.query)
    cap = session.setup["cap"]
    if len(rows) > cap and session.setup.get("refusal"):
        handler.answer({"error": "too many results"}, session.setup["refusal"])
        return None
    offset = int(handler.query.get("offset", 0))
    if offset >= cap and session.setup.get("beyond"):
        handler.answer({"error": "offset too large"}, session.setup["beyond"])
        return None
    page = rows[:cap][offset:offset + session.page_size]
    return handler.document(session, page, min(cap, len(rows)) if session.setup.get("counts_to_cap") else len(rows)), []


ENDPOINTS = {
    "peak": peak, "text": text, "form": form, "header_cursor": header_cursor, "after": after,
    "stops": stops, "capped": capped, "graphql": graphql,
}
