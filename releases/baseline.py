"""A release waits until every edit it reads is a commit of the ``source`` branch."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Concatenate, ParamSpec, TypeVar

from delivery import source_mirror
from environments.models import Project, TenantEnvironment
from gitopshq.core import whole
from releases.models import Release

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", Project, TenantEnvironment, Release)


class SourceBehind(whole.Unready):
    """An edit is no commit yet; the mirror catches up outside the transaction."""

    def __init__(self, project: Project) -> None:
        super().__init__(partial(source_mirror.catch_up, project))


def on_current_source(
    action: Callable[Concatenate[S, P], R],
) -> Callable[Concatenate[S, P], R]:
    """Run *action* in one transaction that reads mirrored edits only.

    The mirror catches up outside the transaction; should an edit slip in before the
    project lock is taken, the action starts again, with all that it is a part of.

    :raises ConcurrentUpdate: when edits kept slipping in
    """

    @wraps(action)
    def run(subject: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        project = _project_of(subject)
        if not whole.is_open():
            source_mirror.catch_up(project)
        elif source_mirror.is_behind(project):
            raise SourceBehind(project)
        return whole.do(partial(action, subject, *args, **kwargs))

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
        raise SourceBehind(project)
    return sequence, sha
