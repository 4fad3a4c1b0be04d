"""What releases knows of targets: what they run, what waits, and who needs them.

Answers to the questions of ``environments.ports``.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from environments.desired.state import State
from environments.models import TenantEnvironment
from gitopshq.core.models import User
from releases.models import CLAIMING, DeployedState, Release
from releases.pending import pool_of


def users_of(targets: Collection[int], /, *, workload: str | None) -> list[str]:
    """Say what keeps *targets*, or one workload in them, from being archived.

    Open releases do, and what is deployed unless it is empty.
    """
    opened = Release.objects.filter(target__in=targets, status__in=[*CLAIMING])
    deployed = DeployedState.objects.filter(target__in=targets)
    followed = ("target__tenant", "target__environment")
    return [
        f"{release.name} is open for {release.target}"
        for release in opened.select_related("snapshot", *followed).order_by("pk")
        if _holds(release.snapshot.document, workload)
    ] + [
        f"{row.release.name} is deployed in {row.target}"
        for row in deployed.select_related("snapshot", "release", *followed).order_by(
            "target"
        )
        if _runs(row.snapshot.document, workload)
    ]


def target_facts(
    targets: Sequence[TenantEnvironment], /, *, user: User, exact: bool
) -> dict[int, dict[str, Any]]:
    """Return what each target runs, how much waits, and its sync, by key.

    Whoever may view a target may view all of this. Counts come from the cache unless
    they must be *exact*.
    """
    del user
    rows = DeployedState.objects.filter(target__in=[target.pk for target in targets])
    deployed = {row.target_id: row for row in rows.select_related("release")}
    return {
        target.pk: dict(_facts(target, deployed.get(target.pk), exact=exact))
        for target in targets
    }


def _facts(
    target: TenantEnvironment, deployed: DeployedState | None, *, exact: bool
) -> Iterator[tuple[str, Any]]:
    yield "pending_count", pool_of(target).count if exact else target.pending_count
    if deployed is not None:
        yield "deployed_release", deployed.release.name
        yield "sync", sync_document(deployed)


def sync_document(deployed: DeployedState) -> dict[str, Any]:
    """Return whether the cluster runs what was deployed, as far as is known."""
    return {
        "state": deployed.sync_state,
        "revision": deployed.sync_revision or None,
        "checked_at": deployed.sync_checked_at,
    }


def _holds(document: Mapping[str, Any], workload: str | None) -> bool:
    """Say whether an open release's snapshot keeps what is to be archived."""
    return workload is None or _runs(document, workload)


def _runs(document: Mapping[str, Any], workload: str | None) -> bool:
    state = State.from_json(document)
    if workload is not None:
        return workload in state.workload_named
    return bool(state.workloads or state.overlays or state.manifests)
