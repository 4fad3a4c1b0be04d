"""Filters of the inbox that people keep under a name, each for themselves."""

from typing import Final

from django.db import transaction

from approvals.events import ApprovalEvent
from approvals.models import SavedView
from gitopshq.core import audit
from gitopshq.core.errors import FieldError, ValidationError
from gitopshq.core.models import User

MOST_VIEWS: Final = 20
"""How many of them one person keeps."""


@transaction.atomic
def save_view(*, actor: User, name: str, query: str) -> SavedView:
    """Keep *query* under *name*; what had that name before gives way.

    :param query: as ``views._filters.query_of`` gives it
    :raises ValidationError: where nothing is filtered, or too many are kept already
    """
    if not query:
        raise _refused("query", "this is what the inbox starts with")
    User.objects.select_for_update().get(pk=actor.pk)
    mine = SavedView.objects.filter(owner=actor)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise _refused("name", f"you keep {MOST_VIEWS} views: forget one first")
    view, _ = mine.update_or_create(owner=actor, name=name, defaults={"query": query})
    audit.record(ApprovalEvent.VIEW_SAVED, view, actor=actor, query=query)
    return view


@transaction.atomic
def forget_view(view: SavedView, *, actor: User) -> None:
    """Keep *view* no longer."""
    audit.record(ApprovalEvent.VIEW_FORGOTTEN, view, actor=actor, query=view.query)
    view.delete()


def _refused(field: str, why: str) -> ValidationError:
    return ValidationError(
        summary=why, errors=[FieldError(f"/{field}", "invalid", why)]
    )
