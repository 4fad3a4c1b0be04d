"""What is wrong with a request is told to whoever may act, and to nobody else.

Actions ask for the permission first of all; but a door looks at the shape of a form
or a body before it calls one. Here the answer "this field is wrong" becomes "you may
not" for those who could not have sent a right one either.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from django.http import HttpRequest, HttpResponse

from environments import access
from environments.permissions import Permission
from gitopshq.core.errors import NotPermitted
from gitopshq.core.models import User
from gitopshq.core.pages import refuse

P = Permission
Needed = Sequence[Permission]

WRITERS: Final = (P.CREATE_RELEASE, P.DEPLOY_RELEASE, P.APPROVE_RELEASE)
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TELLING: Final = frozenset({409, 412, 415, 422})
"""Answers that say something of the thing, or of what would be accepted."""

_RULES: Final[list[tuple[re.Pattern[str], bool, Needed]]] = [
    (re.compile(pattern), is_whole, needed)
    for is_whole, pattern, *needed in (
        (False, r"charts|projects/\*/(images|files)", P.MANAGE_WORKLOADS),
        (
            True,
            r"projects/\*|projects/\*/settings(/archive|/restore)?",
            P.MANAGE_PROJECT,
        ),
        (False, r"projects/\*/(settings/)?members.*", P.MANAGE_PROJECT),
        (False, r"projects/\*/.*variables.*", P.MANAGE_VARIABLES),
        (True, r"projects/\*/workloads(/\*)?(/settings)?", P.MANAGE_WORKLOADS),
        (False, r"projects/\*/.*workloads.*", P.MANAGE_WORKLOADS),
        (False, r"projects/\*/.*\*/(bind|unbind/\*)", P.MANAGE_WORKLOADS),
        (False, r"projects/\*/.*(kustomize|manifests)/.*", P.MANAGE_WORKLOADS),
        (False, r"projects/\*/releases(/\*)?(/edit|/submit)?", P.CREATE_RELEASE),
        (False, r"projects/\*/\*/\*/release", P.CREATE_RELEASE),
        (False, r"projects/\*/releases/\*/(recreate|rollback)", P.CREATE_RELEASE),
        (
            False,
            r"projects/\*/releases/\*/refresh",
            P.CREATE_RELEASE,
            P.DEPLOY_RELEASE,
        ),
        (False, r"projects/\*/releases/\*/(deploy|retry)", P.DEPLOY_RELEASE),
        (False, r"projects/\*/releases/\*/break-glass.*", P.OVERRIDE_FREEZE),
        (False, r"projects/\*/releases/\*/(evidence(/close)?|close)", *WRITERS),
        (False, r"projects/\*/releases/\*/(evidence/)?verify", *WRITERS[1:]),
        (False, r".*/(approve|reject|vote|complete-approval)", P.APPROVE_RELEASE),
        (
            True,
            r"projects/\*/(settings/)?(tenants|environments)(/\*)?",
            P.MANAGE_ENVIRONMENT,
        ),
        (
            False,
            r"projects/\*/(settings/)?(targets|freeze-windows)(/\*)*"
            r"|projects/\*/environments/\*/(policy|freeze).*",
            P.MANAGE_ENVIRONMENT,
        ),
    )
]
"""Routes, with ``*`` for what varies; whether the right must be held on the whole
project; and the permissions any one of which will do."""


class RightsMiddleware:
    """Refuse for want of a permission before what was sent is judged."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method in SAFE or response.status_code not in TELLING:
            return response
        missing = _missing(request)
        if missing is None:
            return response
        return refuse(request, NotPermitted(permission=missing)) or response


def needed_at(route: str) -> Needed:
    """Return the permissions any one of which opens the unsafe methods of a route.

    None for those that ask otherwise. *route* is written as in the URL configuration.
    """
    return _rule_of(route)[1]


def _missing(request: HttpRequest) -> str | None:
    """Name the permission that the caller lacks wherever this could be about."""
    user, match = request.user, request.resolver_match
    if match is None or not isinstance(user, User):
        return None
    if match.route.removeprefix("api/v1/") == "projects":
        return None if access.may_create_projects(user) else "projects.create"
    is_whole, needed = _rule_of(match.route)
    if not needed or any(
        _holds(user, one, match.kwargs, is_whole=is_whole) for one in needed
    ):
        return None
    return str(needed[0].value)


def _rule_of(route: str) -> tuple[bool, Needed]:
    plain = re.sub(r"<[^>]*>", "*", route).removeprefix("api/v1/")
    for rule, is_whole, needed in _RULES:
        if rule.fullmatch(plain):
            return is_whole, needed
    return False, ()


def _holds(
    user: User, permission: Permission, place: Mapping[str, object], *, is_whole: bool
) -> bool:
    projects = access.projects_open_to(user, permission)
    environments = access.environments_open_to(user, permission)
    if "project" in place:
        projects = projects.filter(slug=place["project"])
        environments = environments.filter(project__slug=place["project"])
    if "environment" in place:
        environments = environments.filter(slug=place["environment"])
    return projects.exists() or (not is_whole and environments.exists())
