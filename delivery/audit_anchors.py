"""Heads of audit chains that were published with deploys.

Each deploy's commit says where its project's trail ended then. Whoever cuts or rewrites
the trail in the database cannot change what is in Git, and in every clone of it.
"""

import json
import logging
from collections.abc import Collection
from typing import Final

from delivery.git import refs, trees
from delivery.git.bookkeeping import RECORDS
from delivery.git.project import MAIN
from delivery.git.repository import NoSuchObject, Repository
from delivery.models import HostedRepository
from delivery.repositories import repositories_of
from environments.models import Project
from gitopshq.core.audit_verify import Anchor

logger: Final = logging.getLogger(__name__)


def published_heads(projects: Collection[str] | None) -> dict[str, list[Anchor]]:
    """Return, by project, the heads that stand on ``main``: one for each target.

    ``None`` asks for all projects. A record that cannot be read vouches for nothing.
    """
    rows = HostedRepository.objects.exclude(main_commit="").select_related("project")
    if projects is not None:
        rows = rows.filter(project__slug__in=projects)
    return {row.project.slug: _heads_of(row.project) for row in rows}


def _heads_of(project: Project) -> list[Anchor]:
    with Repository(repositories_of(project).main) as served:
        root = served.tree_of(refs.tip(served, MAIN))
        folder = trees.find_folder(served, root, RECORDS)
        if folder is None:
            return []
        found = []
        for path, blob in sorted(trees.list_files(served, folder).items()):
            try:
                said = json.loads(served.read_blob(blob))["audit"]
                found.append((int(said["sequence"]), str(said["hash"])))
            except (NoSuchObject, ValueError, LookupError, TypeError):
                logger.warning("%s: no head of the trail in %s", project, path)
        return found
