"""Reading everything that there is to read, by the API and by following links."""

import html
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urljoin

from django.urls import resolve

from environments.models import Project
from gitopshq.core.models import User
from tests.contract.fuzzing import contract, known
from tests.journeys.callers import Caller

Keep = Callable[[str, Any], Any]

MOST_OF_A_ROUTE: Final = 2
"""Pages that one route leads to and that are looked at; of the admin, one."""
NOT_READ: Final = ("/static/", "/api/", "//")
_LINK: Final = re.compile(r'href="([^"#]*)')


def read_the_api(
    shop: Project,
    people: Sequence[User],
    *,
    by: Caller,
    others: Sequence[Caller],
    keep: Keep,
) -> None:
    """Read all that the API describes, in each of its formats; *others* some of it."""
    holds = known.look_at(shop, people, [])
    for operation in contract.operations():
        if operation.method != "GET":
            continue
        kinds = list(operation.promised["200"])
        places = list(holds.everywhere(operation, most=2))
        reads = [*((by, one, kind) for one in places for kind in kinds)]
        reads += [(caller, places[0], kinds[0]) for caller in others]
        for caller, place, kind in reads:
            path = operation.path.format(**place)
            keep(path, caller.client.get(path, headers={"Accept": kind}))


def read_the_pages(caller: Caller, first: Sequence[str], keep: Keep) -> set[str]:
    """Follow every link from the *first* pages on, a few of each kind."""
    waiting, seen = deque(first), set(first)
    routes = Counter[tuple[str, bool]]()
    while waiting:
        path = waiting.popleft()
        answer = caller.client.get(path, follow=True)
        keep(path, answer)
        if "html" not in answer.headers["Content-Type"]:
            continue
        for link in _links_on(path, answer.content.decode()):
            route = (resolve(link.partition("?")[0]).route, "?" in link)
            most = 1 if link.startswith("/admin/") else MOST_OF_A_ROUTE
            if link not in seen and routes[route] < most:
                routes[route] += 1
                seen.add(link)
                waiting.append(link)
    return seen


def _links_on(path: str, page: str) -> Iterator[str]:
    """Yield where the links of a page lead, but for the many lists of the admin."""
    for found in _LINK.findall(page):
        link = urljoin(path, html.unescape(found))
        is_list = link.startswith("/admin/") and "?" in link
        if link.startswith("/") and not link.startswith(NOT_READ) and not is_list:
            yield link
