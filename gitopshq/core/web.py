"""What page views share: the typed request, and what they hand to a template."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from gitopshq.core.models import User


class PageRequest(HttpRequest):
    """A request of somebody signed in, with htmx details."""

    htmx: HtmxDetails
    user: User


def joined(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a page as one context; two may name the same thing.

    :raises ValueError: where one name stands for two things
    """
    found: dict[str, Any] = {}
    for part in parts:
        taken = [name for name in part if found.get(name, part[name]) is not part[name]]
        if taken:
            message = f"two things are called {', '.join(taken)}"
            raise ValueError(message)
        found |= part
    return found
