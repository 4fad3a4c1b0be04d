"""What was deployed, one release after the other, and by whose hands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from approvals.models import ApprovalDecision, Verdict
from environments.models import Project, TenantEnvironment
from gitopshq.core.models import User
from releases.models import AttemptState, DeployAttempt, DeployedState, Release
from releases.rollbacks import ANCHORS
from releases.selectors.finding import releases_visible_to


def deployments_of(target: TenantEnvironment) -> QuerySet[Release]:
    """Return the releases that were deployed into *target*, with what a list shows."""
    return with_hands(deployed(Release.objects.filter(target=target)))


def deployments_in(
    project: Project, user: User, *, chosen: Mapping[str, Any]
) -> QuerySet[Release]:
    """Return what was deployed anywhere in *project*, as far as *user* may see.

    *chosen* holds the slugs of a tenant and an environment, empty for any.
    """
    rows = releases_visible_to(user).filter(project=project)
    places = {
        "target__tenant__slug": chosen.get("tenant"),
        "target__environment__slug": chosen.get("environment"),
    }
    here = rows.filter(**{name: slug for name, slug in places.items() if slug})
    return with_hands(deployed(here))


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


def attempts_of(releases: Collection[Release]) -> dict[int, DeployAttempt]:
    """Return the attempt that deployed each release, by its key."""
    rows = DeployAttempt.objects.filter(release__in=releases, state=AttemptState.DONE)
    return {row.release_id: row for row in rows.order_by("number")}


def running_of(releases: Collection[Release]) -> dict[int, DeployedState]:
    """Return what the targets of *releases* run now, by the key of the target."""
    targets = {release.target_id for release in releases}
    return {
        row.target_id: row for row in DeployedState.objects.filter(target__in=targets)
    }


def latest_deployments(releases: Iterable[Release]) -> list[Release]:
    """Return those of *releases* that were deployed, the newest deploy first."""
    found = [row for row in releases if row.status in ANCHORS and row.deployed_at]
    return sorted(found, key=attrgetter("deployed_at", "pk"), reverse=True)


def with_hands(rows: QuerySet[Release]) -> QuerySet[Release]:
    """Follow what a list of releases shows: its place, its people, its undoing."""
    return rows.select_related(
        "project",
        "target__tenant",
        "target__environment",
        "author",
        "deployed_by",
        "rolled_back_by",
        "rollback_to",
    )


def deployed(rows: QuerySet[Release]) -> QuerySet[Release]:
    """Return those of *rows* that were deployed, whatever was undone since."""
    return rows.filter(status__in=ANCHORS, deployed_at__isnull=False)
