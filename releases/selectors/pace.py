"""How fast and how safely somebody's projects deliver, from the facts of deploys."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Min
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from environments.models import Environment
from releases.dora import WEEK, Deploy, FourKeys, four_keys
from releases.models import AttemptState, DeployAttempt, ReleaseKind

WEEKS: Final = 12
MOST: Final = 2_000
"""Deploys looked at, the newest first: what a page costs must not grow for ever."""
_EDITED_AT: Final = KeyTextTransform("changedAt", "release__changes__document")


@dataclass(frozen=True, slots=True)
class Pace:
    """The four keys of some environments; ``is_cut`` where there were more deploys."""

    keys: FourKeys
    is_cut: bool


def pace_of(environments: Collection[Environment]) -> Pace:
    """Return how the last ``WEEKS`` weeks went there, in one query.

    A deploy counts from the end of its attempt. What a release carries was edited
    when its changes say so (``changedAt``).
    """
    now = timezone.now()
    rows = (
        DeployAttempt.objects.filter(
            release__target__environment__in=[place.pk for place in environments],
            state__in=(AttemptState.DONE, AttemptState.FAILED),
            ended_at__gte=now - WEEKS * WEEK,
        )
        .annotate(oldest=Min(_EDITED_AT))
        .order_by("-ended_at", "-pk")
        .values_list(
            "release__target",
            "ended_at",
            "state",
            "release__rolled_back_by",
            "release__kind",
            "oldest",
        )[: MOST + 1]
    )
    deploys = [_deploy(*row) for row in rows]
    keys = four_keys(deploys[:MOST], now=now, weeks=WEEKS)
    return Pace(keys, is_cut=len(deploys) > MOST)


def _deploy(
    target: int,
    ended_at: datetime | None,
    state: str,
    undone_by: int | None,
    kind: str,
    oldest: str | None,
) -> Deploy:
    assert ended_at is not None, "what has ended says when"
    landed = state == AttemptState.DONE
    carried = None if kind == ReleaseKind.ROLLBACK else oldest
    return Deploy(
        target=target,
        ended_at=ended_at,
        landed=landed,
        oldest_edit=parse_datetime(carried) if carried else None,
        undone=landed and undone_by is not None,
    )
