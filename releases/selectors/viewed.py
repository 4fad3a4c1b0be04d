"""Which changed files a person has viewed, each as it is now."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from delivery.diffs import FileDiff
from environments.models import TenantEnvironment
from gitopshq.core.models import User
from releases.models import ViewedFile


@dataclass(frozen=True)
class Mark:
    """Whether a file is viewed; *content* names what there is to view."""

    content: str
    is_viewed: bool


def content_of(target: TenantEnvironment, level: str, file: FileDiff) -> str:
    """Return the sha256, in hex, of all that a viewer of *file* has before them.

    It changes with the texts of either side. Another target's file is another one,
    though it may read the same.
    """
    named = [target.pk, level, file.path, file.status, file.before, file.after]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def marks_of(
    user: User, target: TenantEnvironment, level: str, files: Iterable[FileDiff]
) -> dict[str, Mark]:
    """Return the mark of each file, by path."""
    contents = {file.path: content_of(target, level, file) for file in files}
    rows = ViewedFile.objects.filter(user=user, content__in=contents.values())
    viewed = set(rows.values_list("content", flat=True))
    return {
        path: Mark(content, content in viewed) for path, content in contents.items()
    }
