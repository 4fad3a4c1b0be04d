"""The doors there are, read from the URL configuration and the views themselves."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FRAMEWORKS = ("accounts/", "admin/")
"""Not ours: allauth's pages are about oneself; the admin has a test of its own."""


def doors() -> set[tuple[str, str]]:
    """Return the method and route of every door to the product."""
    found = set()
    for route, pattern in _walk(get_resolver().url_patterns):
        if not route.startswith(FRAMEWORKS):
            found |= {
                (method, one)
                for method in _methods(pattern.callback)
                for one in _spelt(route, pattern)
            }
    return found


def route_of(url: str, match: Any) -> str:
    """Return the route that *url* leads by, a choice of verbs spelt out."""
    for name in ("verb", "step"):
        if name in match.kwargs:
            placed = re.compile(rf"<\w+:{name}>")
            return placed.sub(match.kwargs[name], match.route)
    return str(match.route)


def _walk(patterns: list[Any], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def _spelt(route: str, pattern: URLPattern) -> list[str]:
    """Return a route for each of the verbs that one route takes."""
    for name in ("verb", "step"):
        converter = getattr(pattern.pattern, "converters", {}).get(name)
        if converter is not None:
            placed = re.compile(rf"<\w+:{name}>")
            return [placed.sub(word, route) for word in converter.regex.split("|")]
    return [route]


def _methods(view: Any) -> tuple[str, ...]:
    made_by = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if made_by is not None:
        return tuple(m for m in METHODS if hasattr(made_by, m.lower()))
    return tuple(m for m in METHODS if m in _allowed_by(view))


def _allowed_by(view: Any) -> frozenset[str]:
    """Return the methods that the decorators of a function let through."""
    while view is not None:
        code = getattr(view, "__code__", None)
        names = code.co_freevars if code else ()
        if "request_method_list" in names:
            cell = view.__closure__[names.index("request_method_list")]
            return frozenset(cell.cell_contents)
        view = getattr(view, "__wrapped__", None)
    return frozenset(METHODS)
