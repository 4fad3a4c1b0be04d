"""Trying a connection: reading a project's repository through our own address."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from delivery.git.probing import Probe, probe
from delivery.repositories import clone_url
from environments.models import Project
from gitopshq.core import tokens
from gitopshq.core.models import TokenScope, User

_LASTS: Final = timedelta(minutes=1)


def try_connection(project: Project, *, secret: str, actor: User) -> Probe:
    """Read the repository over HTTP as clients do, with the token *secret*.

    Without one, *actor* lends one that reads this repository alone and ends with the
    test. Outside any transaction: the answer comes from another process.
    """
    url = clone_url(project)
    if secret:
        return probe(url, password=secret)
    lent, secret = tokens.issue_token(
        actor,
        name="Test of a connection",
        scopes=[TokenScope.GIT_READ],
        project=project.slug,
        expires_at=timezone.now() + _LASTS,
        actor=actor,
    )
    try:
        return probe(url, password=secret)
    finally:
        tokens.revoke_token(lent, actor=actor)
