"""A release waits until every edit it reads is a commit of the ``source`` branch."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from django.db import transaction

from delivery import source_mirror
from environments.models import Project, TenantEnvironment
from gitopshq.core.errors import ConcurrentUpdate
from releases.models import Release

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", Project, TenantEnvironment, Release)

TRIES: Final = 5


class SourceBehind(Exception):
    """An edit was made after the mirror had caught up, before the lock was taken."""


def on_current_source(
    action: Callable[Concatenate[S, P], R],
) -> Callable[Concatenate[S, P], R]:
    """Run *action* in one transaction that reads mirrored edits only.

    The mirror catches up outside the transaction; should an edit slip in before the
    project lock is taken, the action starts again.

    :raises ConcurrentUpdate: when edits kept slipping in
    """

    @wraps(action)
    def run(subject: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES):
            source_mirror.catch_up(_project_of(subject))
            try:
                with transaction.atomic():
                    return action(subject, *args, **kwargs)
            except SourceBehind:
                continue
        raise ConcurrentUpdate(what="the project")

    return run


def _project_of(subject: Project | TenantEnvironment | Release) -> Project:
    return subject if isinstance(subject, Project) else subject.project


def baseline_of(project: Project) -> tuple[int, str]:
    """Return sequence and source commit of the last edit; needs the project lock.

    :raises SourceBehind: when that edit is no commit yet
    """
    sequence = Project.objects.values_list("edit_sequence", flat=True).get(
        pk=project.pk
    )
    sha = source_mirror.source_commit_of(project, sequence)
    if not sha:
        raise SourceBehind
    return sequence, sha
