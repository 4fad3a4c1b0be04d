"""The matrix as its table shows it: words of cells, columns and filters."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import QueryDict

from environments.views.frame import link
from releases.models import Release, Status
from releases.selectors.matrix import SHOW, Cell, Column, Matrix
from releases.views._words import approvals_words, freeze_in_short

_LABELS: Final = {"pending": "Pending", "stale": "Stale", "failed": "Failed"}


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


def rows(matrix: Matrix) -> list[dict[str, Any]]:
    """Return tenants with their cells, each one link with a full name."""
    return [
        {
            "tenant": row.tenant,
            "cells": [
                _cell(cell) if cell else _gap(row.tenant.slug, column)
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


def filters(given: QueryDict, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the filters as links that keep the search."""
    chosen = given.get("show", "")
    found = [{"label": "All", "value": "", "current": chosen not in SHOW}]
    found += [
        {
            "label": f"{_LABELS[name]} {counts[name]}",
            "value": name,
            "current": name == chosen,
        }
        for name in SHOW
    ]
    return found


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


def _cell(cell: Cell) -> dict[str, Any]:
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
        "sync": cell.deployed.sync_state if cell.deployed else "",
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
