"""Listing what is deployed, file by file, so that a resource is found by its name.

The list follows the deploy and is no part of it: lost or late, it is made anew.
"""

import logging
from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import F

from delivery.git.repository import NoSuchObject
from delivery.manifests import paths_in
from environments.models import TenantEnvironment
from releases.models import DeployedResource, DeployedState

logger: Final = logging.getLogger(__name__)

_AT_ONCE: Final = 500  # rows of one INSERT


def catch_up(*, target: TenantEnvironment | None = None) -> None:
    """List what was deployed since the last time, in *target* or everywhere."""
    rows = DeployedState.objects.exclude(listed_tree=F("release__rendering__tree"))
    if target is not None:
        rows = rows.filter(target=target)
    found = rows.select_related("release__rendering", "target__project")
    for state in found.defer("release__rendering__state_document").order_by("pk"):
        _list(state, _paths(state))


def _paths(state: DeployedState) -> list[str]:
    try:
        return paths_in(state.target.project, state.release.rendering.tree)
    except (NoSuchObject, FileNotFoundError):
        logger.warning("the manifests of %s are lost: not listed", state.release)
        return []


def _list(state: DeployedState, paths: Sequence[str]) -> None:
    tree = state.release.rendering.tree
    with transaction.atomic():
        # Whoever is second finds another release there, or the list made.
        newest = DeployedState.objects.filter(pk=state.pk, release=state.release)
        if not newest.exclude(listed_tree=tree).update(listed_tree=tree):
            return
        DeployedResource.objects.filter(target=state.target).delete()
        DeployedResource.objects.bulk_create(
            [
                DeployedResource(target=state.target, path=path)
                for path in paths
                if path.endswith(".yaml")
            ],
            batch_size=_AT_ONCE,
        )
