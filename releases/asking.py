"""The questions of the doors to releases: the same for a page and for the API."""

from typing import Final

from django.http import HttpRequest

from approvals.asking import is_over, refuse_token, vote
from environments.asking.finders import the_target, within_project
from environments.asking.needs import About, needs, sight
from environments.permissions import Permission
from environments.selectors import sees_whole, visible_project
from gitopshq.core.asking import Either, Place
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User
from releases import errors
from releases.models import Release
from releases.record import VERIFIERS, WRITERS
from releases.selectors import visible_release

_CREATE = Permission.CREATE_RELEASE
_DEPLOY = Permission.DEPLOY_RELEASE
_APPROVE = Permission.APPROVE_RELEASE
_GLASS = Permission.OVERRIDE_FREEZE


def the_release(request: HttpRequest, user: User, place: Place) -> About:
    """Find one release; its permissions are those of its environment."""
    project, number = place["project"], place["number"]
    found = visible_release(user, project=project, number=number)
    return About(found.target, found, project)


def the_repository(request: HttpRequest, user: User, place: Place) -> About:
    """Find a project whose repository one may read: Git knows no rights inside."""
    found = visible_project(user, place["project"])
    if not sees_whole(user, found):
        raise NotFound
    return About(found, found, found.slug)


def _is_author(user: User, release: Release) -> bool:
    return user.pk == release.author_id


def _do(request: HttpRequest, place: Place) -> str:
    """Return the word of the button: ``include`` ticks what a change needs, no more."""
    return "include" if "include" in request.POST else request.POST.get("do", "")


def _verb(request: HttpRequest, place: Place) -> str:
    return str(place["verb"])


def _vote(request: HttpRequest, place: Place) -> str:
    return request.POST.get("vote", "")


TRY_CONNECTION: Final = sight(the_repository)
PREVIEW: Final = sight(the_target)

CREATE: Final = needs(_CREATE, on=within_project, event="release.create")
CREATE_HERE: Final = Either(
    _do,
    {
        "preview": PREVIEW,
        "include": PREVIEW,
        "": needs(_CREATE, on=the_target, event="release.create"),
    },
)
LOOK: Final = sight(the_release)
"""For what shows or remembers something and changes nothing of it."""
EDIT: Final = needs(_CREATE, on=the_release, event="release.edit")
SUBMIT: Final = needs(_CREATE, on=the_release, event="release.submit")
REFRESH: Final = needs(_CREATE, _DEPLOY, on=the_release, event="release.refresh")
RECREATE: Final = needs(_CREATE, on=the_release, event="release.recreate")
CANCEL: Final = needs(
    Permission.CANCEL_RELEASE,
    on=the_release,
    event="release.cancel",
    without=_is_author,
)
DEPLOY: Final = needs(_DEPLOY, on=the_release, event="release.deploy")
RETRY: Final = needs(_DEPLOY, on=the_release, event="release.retry")
COMMENT: Final = sight(the_release, "release.comment")

APPROVE: Final = vote(the_release, "release.approve")
REJECT: Final = vote(the_release, "release.reject")
VOTE: Final = Either(
    _vote, {"approve": APPROVE, "reject": REJECT, "": needs(_APPROVE, on=the_release)}
)
COMPLETE: Final = needs(
    _APPROVE,
    on=the_release,
    event="release.complete_approval",
    is_over=is_over,
)
WITHDRAW: Final = sight(the_release, "release.withdraw_vote", of_people=refuse_token)
STEPS: Final = {
    "submit": SUBMIT,
    "deploy": DEPLOY,
    "retry": RETRY,
    "refresh": REFRESH,
    "recreate": RECREATE,
    "withdraw-vote": WITHDRAW,
    "complete-approval": COMPLETE,
}
STEP: Final = Either(_verb, STEPS)

ROLL_BACK: Final = needs(_CREATE, on=the_release, event="release.roll_back")
SEE_ROLLBACK: Final = needs(_CREATE, on=the_release)
"""What going back would ship: for those who may do it; refusals are no attempt."""
ROLL_BACK_HERE: Final = Either(_do, {"preview": SEE_ROLLBACK, "": ROLL_BACK})

ASK_GLASS: Final = needs(_GLASS, on=the_release, event="release.break_glass")
CONFIRM_GLASS: Final = needs(
    _GLASS,
    on=the_release,
    event="release.confirm_break_glass",
    of_people=refuse_token,
)

EDIT_EVIDENCE: Final = needs(*WRITERS, on=the_release, event="evidence.edit")
CLOSE_EVIDENCE: Final = needs(*WRITERS, on=the_release, event="evidence.close")
VERIFY_EVIDENCE: Final = needs(
    *VERIFIERS,
    on=the_release,
    event="evidence.verify",
    of_people=errors.PersonRequired,
)

DISCARD: Final = needs(
    Permission.MANAGE_WORKLOADS,
    Permission.MANAGE_VARIABLES,
    Permission.MANAGE_ENVIRONMENT,
    on=the_target,
    event="change.discard",
)
"""Which of the three it is depends on the change: the action knows."""
