"""A question about permissions: which, on what, and how a refusal is recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from environments import access
from environments.access import Wider
from environments.permissions import Permission
from gitopshq.core import refusals
from gitopshq.core.asking import Place, Question
from gitopshq.core.errors import DomainError, NotPermitted
from gitopshq.core.models import User


@dataclass(frozen=True, slots=True)
class About:
    """Where the permission is asked for, and what an entry of the trail would name."""

    place: Wider
    subject: Model | None = None
    project: str = ""
    """The slug of the project in whose chain a refusal is recorded."""


Finder = Callable[[HttpRequest, User, Place], About]
"""Find what a path is about, or raise ``NotFound``."""


@dataclass(frozen=True, kw_only=True)
class Needs(Question):
    """Whether the caller holds a permission there."""

    any_of: tuple[Permission, ...]
    """One of them is enough; none at all: seeing it is enough."""
    on: Finder
    event: str = ""
    """What is attempted: a refusal is recorded as ``{event}_refused``."""
    of_people: Callable[[], DomainError] | None = None
    """The refusal of tokens, where a person must be signed in."""
    is_over: Callable[[Any], bool] | None = None
    """Whether the action refuses the state anyway, where domain 8 has that first."""
    without: Callable[[User, Any], bool] | None = None
    """Who may without the permission: the author of a release, say."""

    def find(self, request: HttpRequest, user: User, place: Place) -> About:
        """Return what the path names, if *user* may view it."""
        return self.on(request, user, place)

    def ask(
        self, request: HttpRequest, user: User, about: About, *, by_token: bool
    ) -> None:
        """Refuse whoever holds none of the permissions; the attempt is noted."""
        if self.event and about.subject is not None:
            event = self.event_of(about.subject)
            refusals.attempting(request, event, about.subject, project=about.project)
        if self.is_over is not None and self.is_over(about.subject):
            return
        if by_token and self.of_people is not None:
            raise self.of_people()
        if not self.any_of or self._holds(user, about):
            return
        raise NotPermitted(permission=" or ".join(one.value for one in self.any_of))

    def event_of(self, subject: Model) -> str:
        """Return the event that is attempted on *subject*."""
        return self.event

    def _holds(self, user: User, about: About) -> bool:
        if self.without is not None and self.without(user, about.subject):
            return True
        return any(access.allowed(user, one, on=about.place) for one in self.any_of)


def needs(*any_of: Permission, on: Finder, event: str = "", **more: Any) -> Needs:
    """Return a question for one permission, or for any one of several."""
    return Needs(any_of=any_of, on=on, event=event, **more)


def sight(on: Finder, event: str = "", **more: Any) -> Needs:
    """Return a question that seeing answers."""
    return Needs(any_of=(), on=on, event=event, **more)
