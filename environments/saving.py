"""Saving over a version that was shown: refused when somebody else saved meanwhile."""

import json
from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.db import transaction

from environments.desired.texts import text_digest
from environments.locking import lock_project
from environments.models import Project
from gitopshq.core.errors import PreconditionFailed

ResultT = TypeVar("ResultT")

NOTHING: Final = "none"
"""The version of what does not exist yet."""


class SavedMeanwhile(PreconditionFailed):
    """Somebody else saved it since it was shown."""

    message = "somebody else saved this since you opened it: look at both, save again"


def version_of(facts: Any) -> str:
    """Return what tells one state of a thing from any other; None is no thing."""
    if facts is None:
        return NOTHING
    return text_digest(json.dumps(facts, sort_keys=True, default=str))


@transaction.atomic
def save_unmoved(
    project: Project,
    *,
    shown: str,
    now: Callable[[], str],
    step: Callable[[], ResultT],
) -> ResultT:
    """Take *step* if the version is still the one that was *shown*.

    Whoever opens the page asks whether they may at all: that comes first.

    :param now: reads the version, under the project lock
    :raises SavedMeanwhile: when it is another one now
    """
    lock_project(project)
    if now() != shown:
        raise SavedMeanwhile
    return step()
