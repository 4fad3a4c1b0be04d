"""Changes as the shared list of changes shows them, pending ones and shipped ones."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.dateparse import parse_datetime

from delivery.diffs import hunks_of
from environments.desired.change import TYPES
from releases.pending import PendingChange, Pool

HELD: Final = "held"
"""The group of what a rollback undid: shipped only when it is ticked by name."""
NEEDED: Final = "needed"
"""Stands for the id of everything that ticked changes need."""

_SUMMED_UP: Final = frozenset(
    {"assignment", "target", "approval_requirements", "freeze_state"}
)
_LONGEST_IN_A_ROW: Final = 60
_CAMEL: Final = re.compile(r"(?<=[a-z])[A-Z]")
_LAYERS: Final = {
    "base": "every target",
    "environment": "environment {environment}",
    "tenant": "tenant {tenant}",
    "target": "this target",
}
_SCOPES: Final = {
    "repo": "project",
    "env": "environment {environment}",
    "tenant": "tenant {tenant}",
    "svc": "service {service}",
}


def pending_groups(
    pool: Pool,
    documents: Iterable[Mapping[str, Any]],
    *,
    ticked: Collection[str],
    reach: Mapping[str, int],
    names: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Return the pool in groups to pick from; what is held stands apart, at the end.

    *documents* are those of ``changes.pending_documents``, *ticked* change ids,
    *reach* counts targets by scope, *names* says how people are called by login.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for document in documents:
        row = pool.by_id[document["id"]]
        shown = _shown(
            {**document, "layer": row.change.layer}, place=_place(pool), names=names
        )
        shown["why_not"] = why_not(pool, row)
        shown["ticked"] = row.change.carried or row.change.id in ticked
        shown["needs"] = _needs(pool, row, ticked)
        shown["held_by"] = document["held_by"]
        shown["reaches"] = _reaches(row, reach)
        kind = HELD if row.held_by is not None else row.change.type
        found.setdefault(kind, []).append(shown)
    return [
        {
            "type": kind,
            "is_held": kind == HELD,
            "changes": found[kind],
            "ticked": sum(change["ticked"] for change in found[kind]),
            "total": len(found[kind]),
        }
        for kind in (*TYPES, HELD)
        if kind in found
    ]


def with_needs(pool: Pool, change_id: str) -> set[str]:
    """Return a change with all that it needs, as one click includes it."""
    return {change_id, *(need.change.id for need in pool.needs_of(change_id))}


def shipped_changes(
    documents: Iterable[Mapping[str, Any]],
    *,
    place: Mapping[str, str],
    names: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Return the changes of a release (or a preview) to read, in their order."""
    return [_shown(document, place=place, names=names) for document in documents]


def default_ticks(pool: Pool) -> set[str]:
    """Return what is ticked at first: all that is free, not held and not blocked."""
    return {row.change.id for row in pool.default_rows if not why_not(pool, row)}


def why_not(pool: Pool, row: PendingChange) -> str:
    """Return why a row cannot be ticked or unticked; "" where it can."""
    if row.claimed_by is not None:
        return f"already in {row.claimed_by.name}"
    if not row.change.selectable:
        return "works at once, needs no release"
    if row.change.carried:
        return "part of every first release"
    for need in pool.needs_of(row.change.id):
        if need.claimed_by is not None:
            return f"needs a change in {need.claimed_by.name}"
    return ""


def _needs(
    pool: Pool, row: PendingChange, ticked: Collection[str]
) -> list[dict[str, Any]]:
    needed = [pool.by_id[need] for need in row.change.depends_on if need in pool.by_id]
    return [
        {
            "id": other.change.id,
            "label": _label(other),
            "missing": row.change.id in ticked and other.change.id not in ticked,
        }
        for other in needed
        if not other.change.carried and other.claimed_by is None
    ]


def missing(pool: Pool, ticked: Collection[str]) -> list[str]:
    """Return the labels of what ticked changes need and is not ticked."""
    found = [
        need["label"]
        for row in pool.rows
        for need in _needs(pool, row, ticked)
        if need["missing"]
    ]
    return list(dict.fromkeys(found))


def _label(row: PendingChange) -> str:
    is_variable = row.change.type == "hq_variable"
    return row.change.object if is_variable else row.change.summary


def _reaches(row: PendingChange, reach: Mapping[str, int]) -> str:
    scope = row.change.scope or {"base": "repo", "environment": "env"}.get(
        row.change.layer or "", row.change.layer or ""
    )
    count = reach.get(scope, 1)
    return f"reaches {count} targets" if count > 1 else ""


def _place(pool: Pool) -> dict[str, str]:
    target = pool.target
    return {"tenant": target.tenant.slug, "environment": target.environment.slug}


def _shown(
    document: Mapping[str, Any],
    *,
    place: Mapping[str, str],
    names: Mapping[str, str],
) -> dict[str, Any]:
    by = document.get("changed_by")
    before, after = document["before"], document["after"]
    facet, words = document["facet"], document["action"].replace("_", " ")
    is_summed_up = facet in _SUMMED_UP
    if is_summed_up:
        words = _told(document)
    return {
        "id": document["id"],
        "revision": document["revision"],
        "type": document["type"],
        "object": document["object"],
        "facet": "" if is_summed_up else facet.replace("_", " "),
        "path": "" if document["type"] == "hq_variable" else dotted(document["path"]),
        "action_words": words,
        "before": None if is_summed_up else before,
        "after": None if is_summed_up else after,
        "summary": document["summary"],
        "scope_words": _scope_words(document, place),
        "shadowed_by": document.get("shadowed_by"),
        "changed_by": names.get(by, by) if by else "",
        "changed_at": _moment(document.get("changed_at")),
        "danger": _danger(document),
        "hunks": _hunks(before, after),
    }


def _told(document: Mapping[str, Any]) -> str:
    """Return what the summary says after the name of the object."""
    words = str(document["summary"])
    told = words.partition(document["object"])[2].strip() or words
    if document["type"] == "environment_policy":
        told = _CAMEL.sub(lambda found: f" {found[0].lower()}", told)
    return told


def dotted(pointer: str) -> str:
    """Return a JSON Pointer as people write it, where that is unambiguous."""
    if not pointer.startswith("/") or "~" in pointer or "." in pointer:
        return pointer
    return pointer[1:].replace("/", ".")


def _scope_words(document: Mapping[str, Any], place: Mapping[str, str]) -> str:
    words = _SCOPES.get(document.get("scope") or "") or _LAYERS.get(
        document.get("layer") or "", ""
    )
    return words.format(service=document.get("service") or "", **place)


def _danger(document: Mapping[str, Any]) -> str:
    is_gone = document["facet"] == "assignment" and document["action"] == "removed"
    return "takes its resources away" if is_gone else ""


def _hunks(before: str | None, after: str | None) -> list[Any]:
    """Return a small diff where the values do not fit into a row."""
    if all(_fits(side) for side in (before, after)):
        return []
    return list(hunks_of(before or "", after or ""))


def _fits(side: str | None) -> bool:
    return side is None or ("\n" not in side and len(side) <= _LONGEST_IN_A_ROW)


def _moment(at: object) -> datetime | None:
    return parse_datetime(at) if isinstance(at, str) else at  # type: ignore[return-value]
