"""What an edit would render, before it is saved: asked for like any rendering.

A worker renders; its tree stays in the repository that is never served, and whoever
saves the edit finds the units in the cache.
"""

from typing import Final

from django.db import transaction

from delivery.git import trees
from delivery.git.ids import EMPTY_TREE
from delivery.git.repository import NoSuchObject, Repository
from delivery.masking import Masker
from delivery.models import Rendering, RenderingState
from delivery.rendering.manifests import EMPTY_MARKER
from delivery.rendering_requests import request_rendering, wait_for
from delivery.repositories import repositories_of
from environments.desired.state import State
from environments.models import TenantEnvironment
from environments.ports import Trial, TriedFile

SECONDS: Final = 10.0
"""How long somebody waits for a worker."""
MOST_FILES: Final = 40


def try_out(target: TenantEnvironment, now: State, then: State) -> Trial:
    """Render *then*, and tell what it changes of what *now* renders to.

    Values inside Secrets are masked. Outside any transaction: it waits for a worker.
    """
    with transaction.atomic():
        wanted = request_rendering(target.project, then)
        present = request_rendering(target.project, now)
    wanted = wait_for(wanted, seconds=SECONDS)
    if wanted.state == RenderingState.PENDING:
        return Trial("pending")
    if wanted.state == RenderingState.FAILED:
        return Trial("failed", errors=tuple(wanted.errors))
    present = wait_for(present, seconds=SECONDS)
    if present.state == RenderingState.PENDING:
        return Trial("pending")
    try:
        return _compared(target, present, wanted)
    except (NoSuchObject, FileNotFoundError):
        # Both are known; what they gave is not kept for ever.
        return Trial("lost")


def _compared(
    target: TenantEnvironment, present: Rendering, wanted: Rendering
) -> Trial:
    """Return the manifests that differ; those that are left out are not read.

    :raises NoSuchObject: if a tree is lost; also ``FileNotFoundError`` if the whole
        store is
    """
    before = present.tree if present.state == RenderingState.READY else EMPTY_TREE
    masker = Masker()
    with Repository(repositories_of(target.project).renderings) as repository:

        def text(blob: str | None) -> str | None:
            if blob is None:
                return None
            return masker.masked(repository.read_blob(blob).decode())

        changed = [
            file
            for file in trees.changed_files(repository, before, wanted.tree)
            if file.path != EMPTY_MARKER  # no manifest: it says that there is none
        ]
        files = tuple(
            TriedFile(file.path, text(file.before), text(file.after))
            for file in changed[:MOST_FILES]
        )
    return Trial("ready", files=files, left_out=len(changed) - len(files))
