"""Refused attempts on a release, a gate or a command, written into the audit trail.

A door says what an attempt is about before it calls the action; whoever turns the
refusal into an answer records it, after the action's transaction was rolled back.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import DatabaseError, transaction
from django.db.models import Model
from django.http import HttpRequest

from gitopshq.core import audit
from gitopshq.core.contention import insist
from gitopshq.core.models import User

AUDITED: Final = frozenset({403, 409, 423})
"""The statuses of refusals that become entries."""

_ATTRIBUTE: Final = "refusal_subject"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a request tries: ``event`` is ``release.deploy``, say, without an ending."""

    event: str
    subject: Model
    project: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def attempting(
    request: HttpRequest, event: str, subject: Model, *, project: str, **facts: Any
) -> None:
    """Remember that *request* attempts *event* on *subject*.

    A refusal is then recorded as ``{event}_refused`` in the chain of *project*, with
    *facts* beside its code and its words.
    """
    setattr(request, _ATTRIBUTE, Attempt(event, subject, project, facts))


def record(
    request: HttpRequest, *, actor: object, status: int, code: str, detail: str
) -> None:
    """Record the refusal of what *request* attempted, if that is to be recorded.

    Must be called outside the refused transaction. An attempt is recorded once,
    however often its refusal is shown. A trail that cannot be written now is logged:
    the refusal stands, and its words must still reach the caller.
    """
    attempt = getattr(request, _ATTRIBUTE, None)
    if attempt is None or status not in AUDITED or not isinstance(actor, User):
        return
    setattr(request, _ATTRIBUTE, None)

    def write() -> None:
        with transaction.atomic():
            audit.record(
                f"{attempt.event}_refused",
                attempt.subject,
                actor=actor,
                project=attempt.project,
                code=code,
                detail=detail,
                **attempt.facts,
            )

    try:
        insist(write)
    except DatabaseError:
        _log.exception("the refusal of %s was not recorded", attempt.event)
