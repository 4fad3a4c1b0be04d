"""How long PostgreSQL thinks before it answers.

A release is read with all that its page tells in one query of some twenty joins, each
along a key. With its default of eight tables to be put into the best order, PostgreSQL
plans such a query longer than it runs it: half the time of our scenarios on it.
"""

from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES_REORDERED: Final = 4


def think_briefly(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Tell a new connection for how many tables to search the best order of joins."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET join_collapse_limit = {TABLES_REORDERED:d}")
