"""Who edited what: the origin of ``changedBy``, and of who may not vote."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from environments.models import Edit, EditedPlace, Project, Text
from environments.places import SourcePlace
from gitopshq.core.models import User

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class LastEdit:
    """The newest edit of a place; ``actor`` None is the system."""

    actor: User | None
    at: datetime
    sequence: int
    message: str


def last_edit_of(
    project: Project, places: Mapping[K, Iterable[SourcePlace]]
) -> dict[K, LastEdit]:
    """Return the newest edit that touched any of the places of each key.

    One query for all keys; a key whose places nobody edited is left out.
    """
    waiting = {key: tuple(found) for key, found in places.items()}
    found: dict[K, LastEdit] = {}
    wanted = [place for all_of_one in waiting.values() for place in all_of_one]
    if not wanted:
        return found
    rows = _rows(project, wanted).select_related("edit__actor")
    for row in rows.order_by("-sequence", "-pk").iterator(chunk_size=500):
        for key in [k for k, at in waiting.items() if _any_meets(at, row)]:
            edit = row.edit
            found[key] = LastEdit(edit.actor, edit.at, edit.sequence, edit.message)
            del waiting[key]
        if not waiting:
            break
    return found


def editors_since(
    project: Project, since: Mapping[int, Collection[SourcePlace]], *, until: int
) -> set[User]:
    """Return who edited places after the edit they stand under, up to *until*.

    One query, whatever the edits are. A service account counts as its owner; the
    system is nobody.
    """
    wanted = [place for places in since.values() for place in places]
    if not wanted:
        return set()
    rows = _rows(project, wanted).filter(
        sequence__gt=min(since), sequence__lte=until, edit__actor__isnull=False
    )
    touched = rows.select_related("edit__actor__service_account__owner")
    return {
        _person(row.edit.actor)
        for row in touched
        if row.edit.actor is not None
        and any(
            row.sequence > low and _any_meets(places, row)
            for low, places in since.items()
        )
    }


def text_held(project: Project, file: str, digest: str) -> str:
    """Return a text that *file* held after some edit; nothing for any other digest.

    Whoever sends a digest may guess at a text that they may not view.
    """
    places = EditedPlace.objects.filter(project=project, file=file)
    edits = Edit.objects.filter(pk__in=places.values("edit"))
    held = edits.values_list("files", flat=True).iterator()
    if not any(files.get(file) == digest for files in held):
        return ""
    body = Text.objects.filter(pk=digest).values_list("body", flat=True)
    return body.first() or ""


def _rows(
    project: Project, places: Iterable[SourcePlace]
) -> QuerySet[EditedPlace, EditedPlace]:
    wanted = list(places)
    files = Q(file__in={place.file for place in wanted})
    for folder in {place.file for place in wanted if place.file.endswith("/")}:
        files |= Q(file__startswith=folder)
    return EditedPlace.objects.filter(files, project=project)


def _any_meets(places: Collection[SourcePlace], row: EditedPlace) -> bool:
    return any(place.meets(row.file, row.pointer) for place in places)


def _person(actor: User) -> User:
    account = getattr(actor, "service_account", None)
    return actor if account is None else account.owner
