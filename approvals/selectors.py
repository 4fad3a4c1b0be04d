"""Questions about requests for agreement that every page may ask."""

from django.db.models import QuerySet

from approvals import inbox
from approvals.models import ApprovalRequest
from gitopshq.core.models import User


def waiting_for(user: User) -> QuerySet[ApprovalRequest]:
    """Return the pending requests that *user* could decide now."""
    return inbox.requests_for(user, eligible=True)
