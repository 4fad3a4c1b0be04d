"""The doors there are, read from the URL configuration and the views themselves."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from environments.asking import Founds
from gitopshq.core.asking import Either, Question
from gitopshq.core.errors import NotFound, NotPermitted
from gitopshq.core.models import User
from tests.permissions.callers import ALLOWED, DENIED, HIDDEN
from tests.permissions.rows import CREATE_PROJECTS, Door

VERBS = ("verb", "step")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
DOCUMENTS = frozenset({"api/v1/schema", "api/v1/docs"})
"""Open to everybody: what the API is, not what is in it."""

FRAMEWORKS = ("accounts/", "admin/")
"""Not ours: allauth's pages are about oneself; the admin has a test of its own."""


def doors() -> set[tuple[str, str]]:
    """Return the method and route of every door to the product."""
    return {(method, route) for method, route, _ in views()}


def views() -> Iterator[tuple[str, str, Any]]:
    """Yield the method, the route and the view of every door to the product."""
    for route, pattern in _walk(get_resolver().url_patterns):
        if not route.startswith(FRAMEWORKS):
            for method in _methods(pattern.callback):
                for one in _spelt(route, pattern):
                    yield method, one, pattern.callback


def question_of(view: Any, method: str) -> Question | None:
    """Return what a view asks before it serves *method*, if it declares anything."""
    made_by = getattr(view, "cls", None)
    found = getattr(made_by or view, "asks", None)
    return found.get(method) if made_by and found else found


def needs_of(door: Door, keys: Mapping[str, object]) -> frozenset[str]:
    """Return the permissions any one of which a door declares to be enough."""
    question = asked_at(door, door.url.format(**keys)).question
    if isinstance(question, Founds):
        return frozenset({CREATE_PROJECTS})
    return frozenset(getattr(question, "any_of", ()))


@dataclass(frozen=True)
class Asked:
    """What a door asks of a caller, and what it could know before the body is read."""

    question: Any
    request: HttpRequest
    place: dict[str, Any]

    @property
    def key(self) -> tuple[object, ...]:
        """Equal where the same is asked about the same."""
        named = {k: v for k, v in self.place.items() if k not in VERBS}
        about = tuple(sorted(named.items()))
        return id(self.question), about, self.request.GET.urlencode()

    def answer_to(self, person: User) -> str:
        """Ask it of *person*."""
        try:
            about = self.question.find(self.request, person, self.place)
            self.question.ask(self.request, person, about, by_token=False)
        except NotFound:
            return HIDDEN
        except NotPermitted:
            return DENIED
        return ALLOWED


def asked_at(door: Door, url: str) -> Asked:
    """Return what *door* asks at *url*."""
    path, _, query = url.partition("?")
    match = resolve(path)
    request = HttpRequest()
    request.GET = QueryDict(query)
    if door.kind == "page" and isinstance(door.body, dict):
        request.POST = QueryDict(urlencode(door.body))
    question = question_of(match.func, door.method)
    if isinstance(question, Either):
        word = question.step(request, match.kwargs)
        question = question.questions.get(word) or question.questions[""]
    return Asked(question, request, match.kwargs)


def route_of(url: str, match: Any) -> str:
    """Return the route that *url* leads by, a choice of verbs spelt out."""
    for name in VERBS:
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
    for name in VERBS:
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
