"""The questions of the inbox. A vote is refused in the order of domain 8.

That is: what one may not view, the state, a token, the permission; then the body.
"""

from typing import Final

from django.db.models import Model
from django.http import HttpRequest

from approvals import selectors
from approvals.errors import NotEligible
from approvals.models import ApprovalRequest, RequestState
from approvals.subjects import request_for
from environments.asking.needs import About, Finder, Needs
from environments.permissions import Permission
from gitopshq.core.asking import Place
from gitopshq.core.models import User


class OfRequest(Needs):
    """About a request: what is attempted is named after its kind."""

    def event_of(self, subject: Model) -> str:
        """Return ``release.approve``, say."""
        assert isinstance(subject, ApprovalRequest)
        return f"{subject.kind}.{self.event}"


def refuse_token() -> NotEligible:
    """Return why a token is refused a vote."""
    return NotEligible(reason="tokens do not vote")


def is_over(subject: Model) -> bool:
    """Say whether *subject*, or the request about it, takes no votes any more."""
    asked = subject if isinstance(subject, ApprovalRequest) else request_for(subject)
    return asked is None or asked.state != RequestState.PENDING


def vote(on: Finder, event: str, *, kind: type[Needs] = Needs) -> Needs:
    """Return the question of a vote."""
    return kind(
        any_of=(Permission.APPROVE_RELEASE,),
        on=on,
        event=event,
        of_people=refuse_token,
        is_over=is_over,
    )


def the_request(request: HttpRequest, user: User, place: Place) -> About:
    """Find one request."""
    found = selectors.visible_request(user, place["pk"])
    return About(found.environment, found, found.project)


APPROVE: Final = vote(the_request, "approve", kind=OfRequest)
REJECT: Final = vote(the_request, "reject", kind=OfRequest)
WITHDRAW: Final = OfRequest(any_of=(), on=the_request, event="withdraw_vote")
