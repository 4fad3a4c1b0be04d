"""Finding deploy jobs that nobody holds, so that nothing stays in ``deploying``."""

from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from releases import finishing
from releases.commits import recorded_commit_on_main
from releases.jobs import MAX_RUNS
from releases.models import AttemptState, DeployAttempt

FORGOTTEN_AFTER: Final = timedelta(seconds=10)


def jobs_to_ring() -> list[int]:
    """Return attempts whose bell was lost or whose worker died.

    A job that used up its runs is failed here, unless its commit is on ``main``: then
    it is rung once more, and adopted.
    """
    now = timezone.now()
    lost = DeployAttempt.objects.filter(
        Q(state=AttemptState.WAITING, requested_at__lt=now - FORGOTTEN_AFTER)
        | Q(state=AttemptState.RUNNING, lease_until__lt=now)
    ).select_related("release__project")
    found = []
    for attempt in lost.order_by("pk"):
        if attempt.runs >= MAX_RUNS and not recorded_commit_on_main(attempt.release):
            finishing.give_up(attempt.pk)
        else:
            found.append(attempt.pk)
    return found
