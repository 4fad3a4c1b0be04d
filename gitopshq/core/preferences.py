"""By which ways people want to hear of what: defaults, choices, muted projects."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from gitopshq.core import audit, ports
from gitopshq.core.errors import FieldError, NotFound, ValidationError
from gitopshq.core.models import NotificationPreference, User, Way
from gitopshq.core.notices import BY_EVENT, NOTICES, Notice

MUTED: Final = ""
"""The event of the rows that mute a project."""
_Chosen = Mapping[tuple[str, str, str], bool]
"""Project, event and way -> wanted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event in the matrix: the ways it comes by, and those by choice."""

    notice: Notice
    ways: frozenset[str]
    chosen: frozenset[str]


@dataclass(frozen=True, slots=True)
class Matrix:
    """What a person hears of, in all projects ("") or in one."""

    project: str
    is_muted: bool
    rows: tuple[Row, ...]


def ways_of(
    people: Collection[int], event: str, *, project: str
) -> dict[int, frozenset[str]]:
    """Return by which ways each of *people* (keys) wants to hear of *event*."""
    rows = NotificationPreference.objects.filter(
        user__in=people, event__in={event, MUTED}, project__in={project, ""}
    )
    chosen: dict[int, dict[tuple[str, str, str], bool]] = {pk: {} for pk in people}
    for row in rows:
        chosen[row.user_id][row.project, row.event, row.way] = row.wanted
    return {pk: _ways(own, event, project) for pk, own in chosen.items()}


def matrix_of(user: User, *, project: str = "") -> Matrix:
    """Return what *user* hears of in *project*, or where nothing else was chosen."""
    chosen = {
        (row.project, row.event, row.way): row.wanted
        for row in NotificationPreference.objects.filter(
            user=user, project__in={project, ""}
        )
    }
    return Matrix(
        project,
        any(_is_muted(chosen, project, way) for way in Way.values),
        tuple(_row(chosen, notice, project) for notice in NOTICES),
    )


def projects_of(user: User) -> list[str]:
    """Return the projects that *user* may choose for: those they see."""
    return sorted(ports.project_scope(user))


def check_project(
    user: User, project: str, *, known: Collection[str] | None = None
) -> None:
    """Refuse a project that *user* does not see; none is for all of them.

    :raises NotFound: as if there were no such project
    """
    if project and project not in (projects_of(user) if known is None else known):
        raise NotFound


def wanted_in(ticked: Iterable[str]) -> dict[str, set[str]]:
    """Return event -> ways of a matrix, of which the boxes *ticked* were sent."""
    wanted: dict[str, set[str]] = {notice.event: set() for notice in NOTICES}
    for box in ticked:
        event, _, way = box.rpartition(" ")
        wanted.setdefault(event, set()).add(way)
    return wanted


def lock(user: User) -> User:
    """Keep others from changing what *user* is told; in a transaction."""
    return User.objects.select_for_update().get(pk=user.pk)


@transaction.atomic
def set_preferences(
    *, wanted: Mapping[str, Iterable[str]], project: str, muted: bool, actor: User
) -> Matrix:
    """Have *actor* told by the ways *wanted* (event -> ways), in one project or all.

    What equals the rule above it is not kept, so that it follows when that changes.

    :raises ValidationError: for an event or a way there is not, or all projects muted
    """
    _check(wanted, project=project, muted=muted)
    lock(actor)
    before = _kept(actor, project)
    above = matrix_of(actor) if project else None
    rows = dict.fromkeys(((MUTED, way) for way in Way.values if muted), False)
    for place, notice in enumerate(NOTICES):
        if notice.event not in wanted:
            continue
        for way in Way.values:
            is_wanted = way in wanted[notice.event]
            rule = way in above.rows[place].ways if above else notice.is_default(way)
            if is_wanted != rule:
                rows[notice.event, way] = is_wanted
    mine = NotificationPreference.objects.filter(user=actor, project=project)
    mine.delete()
    NotificationPreference.objects.bulk_create(
        NotificationPreference(
            user=actor, project=project, event=event, way=way, wanted=is_wanted
        )
        for (event, way), is_wanted in rows.items()
    )
    after = _kept(actor, project)
    if before != after:
        audit.record(
            "user.notifications_changed",
            actor,
            actor=actor,
            before=before,
            after=after,
            **({"for_project": project} if project else {}),
        )
    return matrix_of(actor, project=project)


def _check(wanted: Mapping[str, Iterable[str]], *, project: str, muted: bool) -> None:
    wrong = [
        FieldError("/events", "invalid", f"there is no event {event}")
        for event in wanted
        if event not in BY_EVENT
    ]
    ways = {way for chosen in wanted.values() for way in chosen}
    wrong += [
        FieldError("/events", "invalid", f"there is no way {way}")
        for way in sorted(ways - set(Way.values))
    ]
    if muted and not project:
        wrong.append(FieldError("/muted", "invalid", "mute one project at a time"))
    if wrong:
        raise ValidationError(summary=wrong[0].detail, errors=wrong)


def _row(chosen: _Chosen, notice: Notice, project: str) -> Row:
    # Muting hides the choices of a project, and forgets none of them.
    unmuted = {key: value for key, value in chosen.items() if key[1] != MUTED}
    own = {way for way in Way.values if (project, notice.event, way) in chosen}
    return Row(notice, _ways(unmuted, notice.event, project), frozenset(own))


def _ways(chosen: _Chosen, event: str, project: str) -> frozenset[str]:
    return frozenset(way for way in Way.values if _wants(chosen, event, project, way))


def _wants(chosen: _Chosen, event: str, project: str, way: str) -> bool:
    if _is_muted(chosen, project, way):
        return False
    for place in (project, ""):
        if (said := chosen.get((place, event, way))) is not None:
            return said
    notice = BY_EVENT.get(event)
    return way == Way.IN_APP if notice is None else notice.is_default(way)


def _is_muted(chosen: _Chosen, project: str, way: str) -> bool:
    return bool(project) and chosen.get((project, MUTED, way)) is False


def _kept(user: User, project: str) -> dict[str, Any]:
    rows = NotificationPreference.objects.filter(user=user, project=project)
    return {
        f"{row.event or 'everything'} {row.way}": row.wanted
        for row in rows.order_by("event", "way")
    }
