"""Loading the demo from inside the product: asked for by an operator, done by a worker.

Unlike ``./run demo`` it makes nobody who can log in: its people have no passwords, and
the operator who asks takes the part of root. A worker must not wait for other workers,
so the story is told as far as it goes, and again a moment later, until it is whole.
"""

import logging
import time
from functools import partial
from typing import Final

from celery import current_app
from django.core.cache import cache
from django.db import transaction

from environments import access
from environments.models import Project
from gitopshq.core import audit
from gitopshq.core.errors import Conflict, DomainError
from gitopshq.core.models import AuditEntry, User
from gitopshq.core.ringing import ring
from gitopshq.demo import journey, shop, story
from gitopshq.demo.desired import Desired, create_shop
from gitopshq.demo.people import HELPERS, Cast, actors

logger: Final = logging.getLogger(__name__)

REQUESTED: Final = "demo.requested"
LOADED: Final = "demo.loaded"
FAILED: Final = "demo.failed"
LONGEST: Final = 900.0
"""Seconds after which a story that is still not whole is given up."""
_PAUSE: Final = 1.0  # seconds between two tellings
_ALONE: Final = 120  # seconds for which one worker keeps others from telling
_LOCK: Final = "demo:telling"


class DemoRefused(Conflict):
    """The installation is in use, or people of those names are."""

    code = "demo_refused"
    message = "the demo is for an empty installation: {why}"


@transaction.atomic
def ask(*, actor: User) -> None:
    """Have a worker load the demo.

    :raises NotPermitted: for whoever does not run the installation
    :raises DemoRefused: when somebody works here
    """
    access.require_superuser(actor)
    if Project.objects.exists():
        raise DemoRefused(why="there is a project")
    names = [person.name for person in HELPERS]
    taken = User.objects.filter(username__in=names).values_list("username", flat=True)
    if found := ", ".join(sorted(taken)):
        raise DemoRefused(why=f"there are people called {found}")
    audit.record(REQUESTED, actor, actor=actor)
    them = actors(actor)
    create_shop(them)
    until = time.time() + LONGEST
    transaction.on_commit(partial(_go_on, actor, until=until))


def tell_on(*, until: float) -> None:
    """Tell the story as far as it goes now, and have it gone on with.

    For whoever asked for it last, as the audit trail says; once its end is there, too,
    nothing is told again.

    :param until: the time at which it is given up, in seconds since the epoch
    """
    asked = AuditEntry.objects.filter(event__in=(REQUESTED, LOADED, FAILED))
    last = asked.select_related("actor").latest("pk")
    if last.event != REQUESTED:
        return
    assert last.actor is not None
    is_over = False
    if cache.add(_LOCK, "1", _ALONE):
        try:
            is_over = _told_more(last.actor, until=until)
        finally:
            cache.delete(_LOCK)
    if not is_over:
        _go_on(last.actor, until=until, after=_PAUSE)


def _told_more(operator: User, *, until: float) -> bool:
    """Tell what can be told now; return whether that was the end, for good or bad."""
    try:
        is_whole = _is_whole(operator)
    except (journey.CannotGoOn, DomainError) as broken:
        logger.exception("the demo cannot be loaded")
        _end(FAILED, operator, why=str(broken))
        return True
    if is_whole:
        _end(LOADED, operator)
    elif time.time() >= until:
        _end(FAILED, operator, why="workers took too long")
    else:
        return False
    return True


def _is_whole(operator: User) -> bool:
    """Tell it, unless it is told; return False where something has to be waited for."""
    desired = Desired(Project.objects.get(slug=shop.PROJECT))
    if story.is_told(desired):
        return True
    names = [person.name for person in HELPERS]
    people = {user.username: user for user in User.objects.filter(username__in=names)}
    them = Cast(*[*(people[name] for name in names), operator])
    try:
        with journey.at_once():
            story.tell(desired, them)
    except journey.NotYet:
        return False
    return True


def _go_on(operator: User, *, until: float, after: float = 0) -> None:
    # By name: the task imports this module.
    task = current_app.tasks["demo.load"]
    if not ring(task, after=after, until=until):
        # No row of a job is left behind that anybody would ring for again.
        _end(FAILED, operator, why="the broker did not answer")


@transaction.atomic
def _end(event: str, operator: User, **data: str) -> None:
    audit.record(event, operator, actor=None, **data)
