"""Endpoints with the manners of well-known APIs, over a session's records: issues by Link header and `since`, charges
newest first by the id before, and JSON:API by POST with related objects beside the data."""

import calendar, hashlib, json, time
from urllib.parse import parse_qsl, quote, urlsplit


def issues(handler, session):
    """`since` alone, inclusive; numbered pages led on by the Link header."""
    rows = sorted(session.matching({"since": handler.query.get("since")}), key=lambda row: row["updated_at"])
    size, number = min(30, int(handler.query.get("per_page", 10))), int(handler.query.get("page", 1))
    headers = []
    if number * size < len(rows):
        query = {**handler.query, "page": str(number + 1)}
        path = urlsplit(handler.path).path + "?" + "&".join(f"{quote(k)}={quote(v)}" for k, v in query.items())
        last = path.replace(f"page={number + 1}", f"page={-(-len(rows) // size)}")
        headers = [("Link", f'<http://{handler.headers["Host"]}{path}>; rel="next", <{last}>; rel="last"')]
    return rows[(number - 1) * size:number * size], headers


def charge_id(row):
    return "ch_" + hashlib.sha256(str(row["id"]).encode()).hexdigest()[:12]


def charges(handler, session):
    """`created[gte]` and `created[lt]` in seconds, newest first, `starting_after` an id, `has_more`."""
    query = dict(parse_qsl(urlsplit(handler.path).query))
    rows = [{"id": charge_id(row), "number": row["id"], "object": "charge", "created": seconds(row["updated_at"]),
             "amount": 5 * row["id"], "card": {"last4": "4242", "country": None}} for row in session.records]
    rows = [row for row in rows if int(query.get("created[gte]", 0)) <= row["created"]
            < int(query.get("created[lt]", 1 << 60))]
    rows.sort(key=lambda row: (row["created"], row["number"]), reverse=True)
    start = 0
    if "starting_after" in query:
        places = [index for index, row in enumerate(rows) if row["id"] == query["starting_after"]]
        if not places:
            handler.answer({"error": {"message": f"No such charge: '{query['starting_after']}'"}}, 400)
            return None
        start = places[0] + 1
    size = min(100, int(query.get("limit", 10)))
    return {"object": "list", "url": "/v1/charges", "data": rows[start:start + size],
            "has_more": start + size < len(rows)}, []


def articles(handler, session):
    """{"filter": {"from": …, "to": …}, "page": {"after": cursor, "size": n}}"""
    body = json.loads(handler.body or b"{}")
    bounds = body.get("filter", {})
    rows = session.matching({"since": bounds.get("from"), "until": bounds.get("to")})
    rows.sort(key=lambda row: (row["updated_at"], row["id"]))
    after = json.loads(bytes.fromhex(body.get("page", {}).get("after") or "") or b"null")
    left = [row for row in rows if after is None or [row["updated_at"], row["id"]] > after]
    size = int(body.get("page", {}).get("size", 10))
    page, more = left[:size], left[size:]
    last = page and json.dumps([page[-1]["updated_at"], page[-1]["id"]]).encode().hex()
    people = sorted({row["id"] % 7 for row in page})
    return {
        "data": [{
            "type": "articles", "id": str(row["id"]),
            "attributes": {"title": row["name"], "updated_at": row["updated_at"], "tags": ["a"] * (row["id"] % 3)},
            "relationships": {"author": {"data": {"type": "people", "id": str(row["id"] % 7)}}}} for row in page],
        "included": [{"type": "people", "id": str(number), "attributes": {"name": f"person {number}"}} for number in people],
        "meta": {"page": {"next": last if more else None}},
    }, []


def seconds(text):
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


ENDPOINTS = {"issues": issues, "charges": charges, "articles": articles}
