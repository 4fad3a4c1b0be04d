"""Noting who reads a repository by Git: one write a minute for each, however they poll.

Who may read is decided in ``smart_http``.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from delivery.models import HostedRepository, RepositoryReader
from delivery.models.readers import LONGEST_AGENT
from delivery.repositories import hosted
from environments.models import Project
from gitopshq.core.contention import is_contention
from gitopshq.core.models import ApiToken

NOTED_EVERY: Final = timedelta(minutes=1)
MOST_READERS: Final = 50
"""Rows kept of one repository: whoever sends ever new names pushes out the oldest."""
_UNNAMED: Final = "unnamed"

_noted: dict[tuple[int, int | None, str], datetime] = {}
"""What this process has written lately, so that most polls ask the database nothing."""


def note_reading(project: Project, *, token: ApiToken | None, agent: str) -> None:
    """Note that *agent* (the User-Agent) reads *project* with *token* now."""
    name = " ".join(agent.split())[:LONGEST_AGENT] or _UNNAMED
    now = timezone.now()
    key = (project.pk, token.pk if token else None, name)
    last = _noted.get(key)
    if last is not None and timedelta() <= now - last < NOTED_EVERY:
        return
    try:
        _write(hosted(project), token, name, now)
    except OperationalError as busy:
        # Somebody reads, while others write for long: the next poll notes it.
        if not is_contention(busy):
            raise
        return
    if len(_noted) >= MOST_READERS * MOST_READERS:
        _noted.clear()
    _noted[key] = now


def readers_of(project: Project) -> QuerySet[RepositoryReader]:
    """Return who reads *project*, the latest first."""
    rows = RepositoryReader.objects.filter(repository__project=project)
    return rows.select_related("token__user").order_by("-last_at", "-pk")


def _write(
    repository: HostedRepository, token: ApiToken | None, agent: str, now: datetime
) -> None:
    mine = RepositoryReader.objects.filter(
        repository=repository, token=token, agent=agent
    )
    seen = {"last_at": now, "commit": repository.main_commit}
    # Guarded: of several processes, one writes.
    if mine.filter(last_at__lte=now - NOTED_EVERY).update(**seen) or mine.exists():
        return
    row = RepositoryReader(repository=repository, token=token, agent=agent, **seen)
    RepositoryReader.objects.bulk_create([row], ignore_conflicts=True)
    newest = repository.readers.order_by("-last_at", "-pk").values_list("pk", flat=True)
    repository.readers.exclude(pk__in=list(newest[:MOST_READERS])).delete()
