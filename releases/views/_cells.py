"""The matrix as its table shows it: words of cells, columns and filters."""

from typing import Any, Final

from django.http import QueryDict

from environments.views.frame import link
from releases.models import Release, Status, SyncState
from releases.selectors.matrix import SHOW, Cell, Column, Matrix
from releases.views._words import approvals_words, freeze_in_short

_FAR: Final = 4
_FEW: Final = 2
_QUIET_SYNC: Final = (SyncState.NOT_TRACKED, SyncState.SYNCED)


def columns(matrix: Matrix) -> list[dict[str, Any]]:
    """Return the heads: an environment, its policy in words, its own page."""
    return [
        {
            "slug": column.environment.slug,
            "policy": approvals_words(column.terms),
            "url": link(
                "environments:policy",
                column.environment.project.slug,
                column.environment.slug,
            ),
        }
        for column in matrix.columns
    ]


def rows(matrix: Matrix, *, skew: bool) -> list[dict[str, Any]]:
    """Return tenants with their cells, each one link with a full name.

    With *skew* each cell says how far it is behind the first column.
    """
    return [
        {
            "tenant": row.tenant,
            "cells": [
                _cell(cell, skew=skew) if cell else _gap(row.tenant.slug, column)
                for column, cell in row.cells
            ],
        }
        for row in matrix.rows
    ]


def open_releases(matrix: Matrix) -> list[dict[str, Any]]:
    """Return what is on its way on this page of the matrix, newest first."""
    return [
        {"release": cell.coming, **coming_status(cell.coming, cell.votes)}
        for cell in matrix.open_releases
        if cell.coming is not None
    ]


def filters(given: QueryDict, matrix: Matrix) -> list[dict[str, Any]]:
    """Return the filters as links that keep the search and the tag.

    Where no cluster has reported of anything, drift is not known: no such filter.
    """
    chosen = given.get("show", "")
    found = [{"label": "All", "value": "", "current": chosen not in SHOW}]
    found += [
        {
            "label": name.capitalize(),
            "count": matrix.counts[name],
            "value": name,
            "current": name == chosen,
        }
        for name in SHOW
        if name != "drifted" or matrix.is_reported or name == chosen
    ]
    return found


def tags(matrix: Matrix, chosen: str) -> list[dict[str, Any]]:
    """Return the tags to choose from, with the chosen one where no tenant has it."""
    counts = {**matrix.tags, **({} if chosen in matrix.tags else {chosen: 0})}
    return [
        {"tag": tag, "count": count, "current": tag == chosen}
        for tag, count in sorted(counts.items())
        if tag
    ]


def skew_legend(matrix: Matrix) -> list[dict[str, Any]]:
    """Return what the colours of version skew mean, in words."""
    first = matrix.columns[0].environment.slug
    said = (f"level with {first}", "1 behind", f"{_FEW} or 3 behind", f"{_FAR} or more")
    return [{"level": level, "said": words} for level, words in enumerate(said)]


def _level(behind: int) -> int:
    """Return how strongly a cell is coloured, from 0 to 3."""
    return 3 if behind >= _FAR else min(behind, _FEW)


def coming_status(release: Release, votes: tuple[int, int] | None) -> dict[str, Any]:
    """Return the status code and the words of a release on its way."""
    words = str(release.get_status_display())
    if release.is_stale and release.is_open:
        return {"status": "stale", "words": f"{words}, but stale"}
    if release.status == Status.PENDING_APPROVAL and votes:
        words = f"{words} {votes[0]}/{votes[1]}"
    if release.status == Status.FAILED and release.failure_type:
        words = f"{words}: {release.failure_type.replace('_', ' ')}"
    return {"status": release.status, "words": words}


def _cell(cell: Cell, *, skew: bool) -> dict[str, Any]:
    target, freeze = cell.target, cell.freeze
    return {
        "url": target.get_absolute_url(),
        "tenant": target.tenant.slug,
        "environment": target.environment.slug,
        "deployed": cell.deployed,
        "release": cell.deployed.release if cell.deployed else None,
        "coming": cell.coming,
        "way": coming_status(cell.coming, cell.votes) if cell.coming else None,
        "pending": target.pending_count,
        "frozen": freeze_in_short(freeze) if freeze.is_frozen else "",
        "sync": _sync(cell),
        **(_skew(cell.behind) if skew and cell.behind is not None else {}),
    }


def _sync(cell: Cell) -> str:
    """Return what a cluster reports that somebody should know of; "" for the rest."""
    state = cell.deployed.sync_state if cell.deployed else SyncState.NOT_TRACKED
    return "" if state in _QUIET_SYNC else str(state)


def _skew(behind: int) -> dict[str, Any]:
    return {
        "level": _level(behind),
        "behind": f"{behind} behind" if behind else "level",
    }


def _gap(tenant: str, column: Column) -> dict[str, Any]:
    environment = column.environment
    query = f"tenant={tenant}&environment={environment.slug}"
    add = link("environments:targets", environment.project.slug, query=query)
    return {
        "is_gap": True,
        "tenant": tenant,
        "environment": environment.slug,
        "url": f"{add}#form" if column.may_manage and add else "",
    }
