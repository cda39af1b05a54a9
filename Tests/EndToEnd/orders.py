"""The versions of orders: as the lake has them, and as the database does."""

from datetime import timezone


def versions(project, everything=True):
    """The lake's (id, amount, updated_at), sorted."""
    return project.rows("shop_orders", "id", "amount", "updated_at", everything=everything)


def expected(*rows):
    """The database's rows in the same form: Parquet readers know that times are UTC."""
    return sorted(((number, amount, moment.replace(tzinfo=timezone.utc))
                   for number, amount, moment in rows), key=repr)
