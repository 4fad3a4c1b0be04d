"""What a row of the permission table is made of: an action, and the doors to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from environments.permissions import Permission

CREATE_PROJECTS: Final = "projects.create"
"""The one global permission."""


class Sees(Enum):
    """Who is told that it is there at all; for everybody else it answers 404."""

    EVERYONE = "whoever is signed in"
    INSIDER = "who may view anything anywhere"
    PROJECT = "who may view any of the project"
    WHOLE = "who may view the whole project"
    PROD = "who may view production"
    TRAIL = "who may read the trail of the project"
    NOBODY = "nobody but whom it belongs to"


class On(Enum):
    """Where the permission must be held."""

    INSTALLATION = "anywhere at all"
    PROJECT = "on the whole project"
    SOMEWHERE = "somewhere in the project"
    PROD = "in production"


@dataclass(frozen=True)
class Door:
    """One way to try an action: an operation of the API, or a page and its form."""

    kind: str
    method: str
    url: str
    body: Any = None
    scope: str = ""
    code: str = "permission_denied"
    """What a refusal for want of the permission is called."""
    media: str = "application/json"
    spans: bool = False
    """Whether a token of one project may read it, though it names no project."""
    votes: str = ""
    """What a token is told that may never do this, whatever its owner may."""
    offers: bool = False
    """Whether the place is chosen on a form, which offers only what one sees."""
    asks: frozenset[Permission] = frozenset()
    """What its view declares, where only the action knows which of these it is."""
    fills: bool = True
    """Whether what is sent matters at all."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.url}"

    @property
    def is_safe(self) -> bool:
        return self.method == "GET"


@dataclass(frozen=True)
class Action:
    """Something that can be done: who is told of it, and who may."""

    name: str
    doors: tuple[Door, ...]
    sees: Sees
    needs: frozenset[Permission | str] = frozenset()
    """Any one of them is enough; none: seeing is enough."""
    on: On = On.PROJECT
    also: frozenset[Permission] = frozenset()
    """What must be held besides."""


def api(what: str, body: Any = None, scope: str = "", **more: Any) -> Door:
    """Return a door of the API; *what* is ``METHOD path``, below ``/api/v1/``."""
    method, path = what.split(" ")
    scope = scope or ("read" if method == "GET" else "admin")
    return Door("API", method, f"/api/v1/{path}", body, scope, **more)


def page(what: str, form: Mapping[str, Any] | None = None, **more: Any) -> Door:
    """Return a page, or a form on it; *what* is ``METHOD path``."""
    method, path = what.split(" ")
    return Door("page", method, f"/{path}", form, **more)


def look(name: str, sees: Sees, *doors: Door) -> Action:
    """Return an action that seeing is enough for."""
    return Action(name, doors, sees)


def do(
    name: str,
    needs: Permission | str | tuple[Permission, ...],
    on: On,
    sees: Sees,
    *doors: Door,
    also: Permission | None = None,
) -> Action:
    """Return an action that needs a permission, or one of several."""
    wanted = needs if isinstance(needs, tuple) else (needs,)
    besides = frozenset() if also is None else frozenset({also})
    return Action(name, doors, sees, frozenset(wanted), on, besides)
