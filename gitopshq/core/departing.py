"""People who leave: what they could still do ends in the same transaction.

Nobody is deleted, as the trail names them. Apps above say by ``on_departure`` what of
theirs ends as well.
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gitopshq.core import audit, tokens
from gitopshq.core.errors import InvalidState, NotPermitted
from gitopshq.core.models import ApiToken, User

Ending = Callable[[User, User | None], Mapping[str, int]]
"""Ends what is left of a person and says how much of what that was, to be recorded."""

_endings: Final[list[Ending]] = []


class OneselfAway(NotPermitted):
    """Somebody else must do it, or nobody would be left."""

    code = "own_departure"
    message = "nobody takes away their own access"


def on_departure(ending: Ending) -> Ending:
    """Register what else ends when a person leaves; called in their last transaction.

    It comes before anything of the kernel's, as it may have to lock projects.
    """
    if ending not in _endings:
        _endings.append(ending)
    return ending


@transaction.atomic
def deactivate_user(person: User, *, actor: User | None) -> User:
    """Let *person* do nothing any more: tokens, sessions, votes that wait all end.

    The tokens of service accounts of theirs end with them.

    :raises NotPermitted: for everybody but superusers, and for oneself
    :raises InvalidState: when they cannot do anything already
    """
    _require_superuser(actor)
    if actor is not None and actor.pk == person.pk:
        raise OneselfAway
    ended: dict[str, int] = {}
    for ending in _endings:
        ended |= ending(person, actor)
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_active:
        raise InvalidState(noun="user", participle="deactivated")
    person.is_active = False
    person.save(update_fields=["is_active"])
    ended["tokens"] = _end_tokens(person, actor)
    ended["sessions"] = end_sessions(person)
    audit.record("user.deactivated", person, actor=actor, ended=ended)
    return person


@transaction.atomic
def reactivate_user(person: User, *, actor: User | None) -> User:
    """Let *person* in again: with what is granted to them, and no token or session.

    :raises NotPermitted: for everybody but superusers
    :raises InvalidState: when they are active
    """
    _require_superuser(actor)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.is_active:
        raise InvalidState(noun="user", participle="reactivated")
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.record("user.reactivated", person, actor=actor)
    return person


def end_sessions(person: User) -> int:
    """Log *person* out everywhere; return how many sessions that were."""
    mine = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now())
        if session.get_decoded().get(SESSION_KEY) == str(person.pk)
    ]
    return Session.objects.filter(pk__in=mine).delete()[1].get("sessions.Session", 0)


def _end_tokens(person: User, actor: User | None) -> int:
    theirs = Q(user=person) | Q(user__service_account__owner=person)
    live = ApiToken.objects.filter(theirs, revoked_at=None)
    count = live.count()
    # One that was made by another ends together with it.
    while (token := live.order_by("pk").first()) is not None:
        tokens.revoke_token(token, actor=actor)
    return count


def _require_superuser(actor: User | None) -> None:
    if actor is not None and not (actor.is_superuser and actor.is_active):
        raise NotPermitted(permission="superuser")
