"""Questions about requests for agreement."""

from django.db.models import QuerySet

from approvals.models import ApprovalRequest
from gitopshq.core.models import User


def waiting_for(user: User) -> QuerySet[ApprovalRequest]:
    """Return the pending requests that *user* could decide now."""
    return ApprovalRequest.objects.none()
