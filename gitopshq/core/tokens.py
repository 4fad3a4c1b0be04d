"""API tokens: issued with a secret shown once, found by its hash, revoked for good.

What a token may do with its scopes is decided at each door.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from gitopshq.core import audit, errors, ports
from gitopshq.core.contention import is_contention
from gitopshq.core.instants import rfc3339
from gitopshq.core.models import ApiToken, TokenScope, User
from gitopshq.core.rows import one_of
from gitopshq.core.years import check_year

PREFIX: Final = "gohq_"
USE_NOTED_EVERY: Final = timedelta(minutes=1)
MAX_NAME: Final = 100
_SHOWN: Final = 12
_SECRET: Final = re.compile(r"gohq_[A-Za-z0-9_-]{43}")


@transaction.atomic
def issue_token(
    user: User,
    *,
    name: str,
    scopes: Collection[str],
    project: str = "",
    expires_at: datetime | None = None,
    actor: User | None,
    parent: ApiToken | None = None,
) -> tuple[ApiToken, str]:
    """Make a token of *user* and return it with its secret, which is kept nowhere.

    With a *parent* (a token that asks for another), it is at most what the parent is.

    :raises ValidationError: on an unknown scope, an end in the past, no name or scope,
        or a project that is not there, or not for its owner's eyes.
    :raises TokenTooBroad: when the token would pass its parent.
    """
    now = timezone.now()
    _check(name, scopes, expires_at, now)
    if parent is not None:
        _check_within(parent, scopes, project)
        expires_at = _earlier(expires_at, parent.expires_at)
    _check_project(user, project, by_hand=actor is not None)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=secret[:_SHOWN],
        digest=_digest_of(secret),
        scopes=sorted(set(scopes)),
        project=project,
        parent=parent,
        expires_at=expires_at,
    )
    after = {
        "scopes": token.scopes,
        "user": user.username,
        "expires_at": rfc3339(expires_at) if expires_at else None,
    }
    audit.record("token.issued", token, actor=actor, project=project, after=after)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: User | None) -> ApiToken:
    """End *token* and every token that it asked for.

    :raises InvalidState: when it is revoked already.
    """
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is not None:
        raise errors.InvalidState(noun="token", participle="revoked")
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.record("token.revoked", token, actor=actor, project=token.project)
    for child in token.children.filter(revoked_at=None):
        revoke_token(child, actor=actor)
    return token


def authenticate_token(secret: str) -> ApiToken | None:
    """Return the live token with this secret, its use noted; ``None`` if there is none.

    Its owner, and for a service account whoever owns that, must be active.
    """
    if not _SECRET.fullmatch(secret):
        return None
    # A lookup by hash: how long it takes says nothing about any secret.
    token = one_of(
        ApiToken.objects.select_related("user__service_account__owner").filter(
            Q(user__service_account=None)
            | Q(user__service_account__owner__is_active=True),
            digest=_digest_of(secret),
            user__is_active=True,
        )
    )
    now = timezone.now()
    if token is None or not token.is_live(now):
        return None
    _note_use(token, now)
    return token


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return the tokens of *user* that were not revoked."""
    return ApiToken.objects.filter(user=user, revoked_at=None)


def _note_use(token: ApiToken, now: datetime) -> None:
    limit = now - USE_NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at > limit:
        return
    # Guarded: of many requests at once, one writes.
    is_due = Q(last_used_at=None) | Q(last_used_at__lte=limit)
    due = ApiToken.objects.filter(is_due, pk=token.pk)
    try:
        due.update(last_used_at=now)
    except OperationalError as busy:
        # Somebody reads, while others write for long: the next call notes it.
        if not is_contention(busy):
            raise


def _check(
    name: str, scopes: Collection[str], expires_at: datetime | None, now: datetime
) -> None:
    wrong = []
    if not 0 < len(name) <= MAX_NAME:
        wrong.append(errors.FieldError("/name", "invalid", "say a short name"))
    if not scopes:
        wrong.append(errors.FieldError("/scopes", "required", "choose a scope"))
    if unknown := sorted(set(scopes) - set(TokenScope.values)):
        said = f"unknown: {', '.join(unknown)}; there are {', '.join(TokenScope)}"
        wrong.append(errors.FieldError("/scopes", "invalid", said))
    if expires_at is not None and expires_at <= now:
        wrong.append(errors.FieldError("/expiresAt", "invalid", "that is in the past"))
    if wrong:
        raise errors.ValidationError(summary=wrong[0].detail, errors=wrong)
    check_year(expires_at, "/expiresAt")


def _check_project(user: User, project: str, *, by_hand: bool) -> None:
    if not project:
        return
    # What is not there and what is not theirs answer alike. On the server itself a
    # token may be made before anything is granted.
    known = ports.project_exists(project)
    if by_hand:
        known = known and project in ports.project_scope(user)
    if not known:
        detail = f"there is no project {project}"
        raise errors.ValidationError.of("/project", detail)


def _check_within(parent: ApiToken, scopes: Collection[str], project: str) -> None:
    is_narrower = TokenScope.ADMIN in parent.scopes or set(scopes) <= set(parent.scopes)
    if not is_narrower or parent.project not in {"", project}:
        raise TokenTooBroad


class TokenTooBroad(errors.NotPermitted):
    """A token asked for one that may do more than itself."""

    code = "token_too_broad"
    message = "a token cannot ask for more than it may itself"


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
