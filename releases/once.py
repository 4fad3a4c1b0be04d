"""A form that is sent twice does its work once: whoever comes second is told the same.

The token of a form is claimed by a row before the work; where it led is written there
in the transaction that does the work: both are there, or neither.
"""

import re
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from django.db import transaction
from django.utils import timezone

from gitopshq.core import whole
from gitopshq.core.contention import insist
from gitopshq.core.errors import ConcurrentUpdate, ValidationError
from gitopshq.core.models import IdempotencyRecord, User

FOUND: Final = 303
PATIENCE: Final = 10.0
"""Seconds that the second waits for the first."""
_POLL: Final = 0.1
_TOKEN: Final = re.compile(r"[A-Za-z0-9-]{8,64}")


def once(user: User, *, path: str, token: str, work: Callable[[], str]) -> str:
    """Return what *work* returns, or returned when this form was sent before.

    *work* is done whole. A refusal frees the token: the corrected form may be sent
    again.

    :raises ValidationError: for a token that no form of ours holds
    :raises ConcurrentUpdate: when the first is still at it after a while, or when
        this one took so long that another has begun
    """
    if not _TOKEN.fullmatch(token):
        raise ValidationError.of("/token", "open the form again")
    deadline = time.monotonic() + PATIENCE
    while (claim := insist(partial(_claim, user, path, token))) is None:
        if kept := _kept(user, path, token):
            return kept
        if time.monotonic() > deadline:
            raise ConcurrentUpdate(what="the same form is being worked on: this")
        time.sleep(_POLL)
    try:
        return whole.do(partial(_kept_work, claim, work))
    except BaseException:
        IdempotencyRecord.objects.filter(pk=claim.pk, status=None).delete()
        raise


def _kept_work(claim: IdempotencyRecord, work: Callable[[], str]) -> str:
    led_to = work()
    ours = IdempotencyRecord.objects.filter(pk=claim.pk, status=None)
    if not ours.update(status=FOUND, body=led_to):
        raise ConcurrentUpdate(what="the same form is being worked on: this")
    return led_to


@transaction.atomic
def _claim(user: User, path: str, token: str) -> IdempotencyRecord | None:
    """Return a row of ours; None where somebody holds or held the token."""
    rows = IdempotencyRecord.objects.filter(actor=user, path=path, key=token)
    # No request runs that long: its process died.
    too_long_ago = timezone.now() - IdempotencyRecord.ABANDONED_AFTER
    rows.filter(status=None, created_at__lt=too_long_ago).delete()
    claim, is_new = IdempotencyRecord.objects.get_or_create(
        actor=user, path=path, key=token, defaults={"body_digest": ""}
    )
    return claim if is_new else None


def _kept(user: User, path: str, token: str) -> str:
    row = IdempotencyRecord.objects.filter(
        actor=user, path=path, key=token, status=FOUND
    ).first()
    return str(row.body) if row else ""
