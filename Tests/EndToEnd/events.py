"""A table of a million events, for what needs time or memory."""

ROWS = 1_000_000

EVENTS = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.events: {key: [id], bookmark: {by: updated_at}}
"""


def complete(project):
    ids = project.table("shop_events").column("id").to_pylist()
    return len(ids) == ROWS and len(set(ids)) == ROWS
