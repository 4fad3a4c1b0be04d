"""What was deployed into a target, one after the other, and by whose hands."""

from collections import defaultdict
from collections.abc import Collection

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from approvals.models import ApprovalDecision, Verdict
from environments.models import TenantEnvironment
from gitopshq.core.models import User
from releases.models import Release
from releases.rollbacks import ANCHORS


def deployments_of(target: TenantEnvironment) -> QuerySet[Release]:
    """Return the releases that were deployed into *target*, with what a list shows."""
    return Release.objects.filter(
        target=target, status__in=ANCHORS, deployed_at__isnull=False
    ).select_related(
        "project", "author", "deployed_by", "rolled_back_by", "rollback_to"
    )


def approvers_of(releases: Collection[Release]) -> dict[int, list[User]]:
    """Return who approved each release, by its key; votes taken back do not count."""
    found: dict[int, list[User]] = defaultdict(list)
    decisions = ApprovalDecision.objects.filter(
        request__subject_type=ContentType.objects.get_for_model(Release),
        request__subject_id__in=[release.pk for release in releases],
        verdict=Verdict.APPROVE,
        withdrawn_at=None,
        voided_at=None,
    )
    for decision in decisions.select_related("approver", "request").order_by("pk"):
        found[decision.request.subject_id].append(decision.approver)
    return found
