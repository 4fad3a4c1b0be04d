"""Rolling back: a release of its own that goes back to an earlier one (domain 9)."""

from dataclasses import replace

from environments import access
from environments.permissions import Permission
from gitopshq.core.models import User
from releases.actions.creating import Content, refuse_archived, write_release
from releases.baseline import on_current_source
from releases.locking import lock_release
from releases.models import Release, ReleaseKind
from releases.people import authors_of
from releases.rollbacks import Reversal, cut_rollback

LONGEST_TITLE = 200


@on_current_source
def roll_back_release(
    to: Release, *, actor: User, reversal: Reversal, title: str = "", notes: str = ""
) -> Release:
    """Make a release that goes back to *to*, an earlier one of the same target.

    It passes the same policy, freeze and gates as any other. Without a *title* it
    gets one.

    :raises NotPermitted: without ``releases.create``
    :raises Archived: where the project, tenant or environment is put away
    :raises DomainError: every refusal of ``rollbacks.plan_rollback``
    """
    content = Content(title=title.strip() or default_title(to, reversal), notes=notes)
    return make_rollback(to, actor=actor, reversal=reversal, content=content)


def make_rollback(
    to: Release,
    *,
    actor: User,
    reversal: Reversal,
    content: Content,
    recreates: Release | None = None,
) -> Release:
    """Do the work of ``roll_back_release`` in the caller's transaction and baseline."""
    to = lock_release(to)
    access.require(actor, Permission.CREATE_RELEASE, on=to.target.environment)
    content.check()
    refuse_archived(to.target)
    authors = [actor, *(authors_of(recreates) if recreates else ())]
    return write_release(
        to.target,
        actor=actor,
        content=content,
        found=cut_rollback(to, reversal, authors=authors),
        recreates=recreates,
        kind=ReleaseKind.ROLLBACK,
        rollback_to=to,
        rollback_scope=reversal.scope,
        rollback_parts=reversal.parts,
    )


def default_title(to: Release, reversal: Reversal) -> str:
    """Return how a rollback is called where nobody says it."""
    title = f"Roll back{reversal.words} to {to.name}"
    if len(title) <= LONGEST_TITLE:
        return title
    count = len(reversal.services)
    return default_title(to, replace(reversal, services=(f"{count} services",)))
