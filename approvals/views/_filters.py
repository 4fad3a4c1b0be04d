"""What of the inbox is shown, as it stands in the address."""

from typing import Final

from django.http import QueryDict

CHOICES: Final = ("kind", "project", "environment", "requester")
"""Filters that name one of several."""
FILTERS: Final = ("show", *CHOICES, "stale")


def query_of(asked: QueryDict) -> str:
    """Return the filters of *asked* alone, each once and in one order.

    Two addresses that show the same list have the same one; empty is the view that
    the inbox starts with.
    """
    kept = QueryDict(mutable=True)
    for name in FILTERS:
        if value := asked.get(name, ""):
            kept[name] = value
    return kept.urlencode()
