"""Processes that vote at the same moment, each with a connection of its own.

Run where Django is set up on a database that others have filled. Writes one JSON line
for each vote: which release, whose, and how it ended.
"""

import json
import multiprocessing
import sys
from collections.abc import Sequence
from typing import Any

from django.db import connections

from approvals import actions
from approvals.subjects import request_for
from gitopshq.core.contention import insist
from gitopshq.core.errors import DomainError
from gitopshq.core.models import User
from releases.locking import fresh


def main(votes: Sequence[tuple[int, int]]) -> None:
    """Give all *votes*, pairs of release and voter by key, at once."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    start, ends = context.Barrier(len(votes)), context.Queue()
    voters = [context.Process(target=_vote, args=(start, ends, *v)) for v in votes]
    for voter in voters:
        voter.start()
    for _ in voters:
        sys.stdout.write(json.dumps(ends.get(timeout=120)) + "\n")
    for voter in voters:
        voter.join(timeout=60)
        assert voter.exitcode == 0, voter


def _vote(start: Any, ends: Any, release_id: int, voter_id: int) -> None:
    release, voter = fresh(release_id), User.objects.get(pk=voter_id)
    request = request_for(release)
    assert request is not None
    start.wait(timeout=60)
    try:
        insist(lambda: actions.approve(request, actor=voter, digest=release.digest))
        end = "voted"
    except DomainError as refusal:
        end = refusal.code
    ends.put({"release": release_id, "voter": voter_id, "end": end})
