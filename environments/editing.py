"""Writing down an edit: its files, the places it touched, and the news of it.

An ``Edit`` is written in the transaction of every change of desired state or policy.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

import yaml
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from environments.desired.texts import is_yaml_path, text_digest
from environments.desired.values import diff_values, pointer
from environments.models import Edit, EditedPlace, Project
from environments.signals import source_changed
from environments.stored import store_texts
from gitopshq.core.models import User

MAX_MESSAGE: Final = 500
_MANY_PLACES: Final = 200
_WRITTEN_BY_US: Final = re.compile(
    r"variables/.+|policies/[^/]+|workloads/[^/]+/workload\.yaml"
    r"|targets/[^/]+/[^/]+/(?:target\.yaml|variables/[^/]+)"
)


def record_edit(
    project: Project,
    *,
    actor: User | None,
    subject: tuple[str, str],
    before: Mapping[str, str | None],
    after: Mapping[str, str | None],
    message: str,
) -> Edit | None:
    """Write down what an action changed; None where nothing has.

    The caller holds the project lock. Listeners hear of it when it is committed.

    :param subject: the type and the name of the object that was edited
    :param before: texts by ``source`` path as they were; None is no file
    :param after: the same paths as they are now
    """
    assert connection.in_atomic_block, "record an edit where it was made"
    changed = {
        path: after.get(path)
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    }
    if not changed:
        return None
    store_texts(text for text in changed.values() if text is not None)
    Project.objects.filter(pk=project.pk).update(edit_sequence=F("edit_sequence") + 1)
    sequence = Project.objects.values_list("edit_sequence", flat=True).get(
        pk=project.pk
    )
    edit = Edit.objects.create(
        project=project,
        sequence=sequence,
        actor=actor,
        at=timezone.now(),
        object_type=subject[0],
        object_name=subject[1],
        files={
            path: None if text is None else text_digest(text)
            for path, text in changed.items()
        },
        message=" ".join(message.split())[:MAX_MESSAGE],
    )
    EditedPlace.objects.bulk_create(
        EditedPlace(
            edit=edit, project=project, sequence=sequence, file=path, pointer=touched
        )
        for path, text in changed.items()
        for touched in _pointers(path, before.get(path), text)
    )
    transaction.on_commit(partial(_announce, project.pk, sequence))
    return edit


def _pointers(path: str, before: str | None, after: str | None) -> list[str]:
    """Return what was touched inside a file; the empty pointer is all of it."""
    if _WRITTEN_BY_US.fullmatch(path):
        found = list(_differences(_loaded(before), _loaded(after), ()))
    elif is_yaml_path(path):
        changes = diff_values(before or "", after or "")
        found = [pointer(change.path) for change in changes]
    else:
        found = []
    return found if found and len(found) <= _MANY_PLACES else [""]


def _differences(
    before: dict[str, Any], after: dict[str, Any], path: tuple[str, ...]
) -> Iterator[str]:
    """Yield the pointers of what differs, an absent map being an empty one."""
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        here = (*path, key)
        if old == new:
            continue
        maps = [side for side in (old, new) if isinstance(side, dict)]
        if not path and maps and len(maps) == sum(s is not None for s in (old, new)):
            yield from _differences(old or {}, new or {}, here)
        else:
            yield pointer(here)


def _loaded(text: str | None) -> dict[str, Any]:
    return yaml.safe_load(text) or {} if text else {}


def _announce(project_id: int, sequence: int) -> None:
    # Of many edits in one transaction only the last is told: it covers the others.
    if Project.objects.filter(pk=project_id, edit_sequence__gt=sequence).exists():
        return
    # A listener that fails is logged by Django; the edit is saved all the same.
    source_changed.send_robust(sender=Project, project_id=project_id)
