"""Listing, creating, reading and editing releases."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import rendering_requests
from environments.locking import lock_project
from environments.selectors import visible_project
from gitopshq.core.api import lists
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.steps import Waiting
from gitopshq.core.api.views import MIB, ApiView
from gitopshq.core.errors import ValidationError
from gitopshq.core.models import TokenScope
from releases import actions, asking
from releases.actions.editing import KEEP
from releases.api.answers import ReleaseAnswer
from releases.api.bodies import ReleaseFilters, ReleaseInput, ReleasePatch
from releases.documents import release_document, release_rows
from releases.models import Release
from releases.selectors import releases_visible_to, visible_release, visible_target

RENDER_SECONDS = 3.0
"""How long a request waits for a rendering before it shows that it is being made."""


def once_rendered(answer: Callable[[], Response], *releases: Release) -> Waiting:
    """Have *answer* wait for the renderings of *releases*."""

    def wait() -> None:
        for release in releases:
            rendering_requests.wait_for(release.rendering, seconds=RENDER_SECONDS)

    return Waiting(answer, wait)


class ReleaseView(ApiView):
    """One release, by project and number."""

    write_scope = TokenScope.RELEASES_WRITE

    def release(self) -> Release:
        """Return the release of the path, if the caller may view it."""
        return visible_release(
            self.actor,
            project=self.kwargs["project"],
            number=self.kwargs["number"],
        )

    def answer(self, release: Release, *, status: int = 200) -> Response:
        """Answer with the whole release as it is now."""
        document = self.document(release.number)
        return self.show(document, ReleaseAnswer, status=status)

    def document(self, number: int) -> dict[str, Any]:
        """Return the whole release of that number as it is now."""
        found = visible_release(
            self.actor, project=self.kwargs["project"], number=number
        )
        return release_document(found, user=self.actor, by_token=self.is_token)


class ReleaseList(ApiView):
    asks = {"POST": asking.CREATE}
    write_scope = TokenScope.RELEASES_WRITE
    max_body = 2 * MIB

    @operation(gives=ReleaseAnswer, is_list=True, filters=ReleaseFilters)
    def get(self, request: Request, project: str) -> Response:
        """List releases, newest first."""
        home = visible_project(self.actor, project)
        rows = releases_visible_to(self.actor).filter(project=home)
        found, cursor = lists.page_of(
            _filtered(rows, self.query(ReleaseFilters)), request.query_params
        )
        documents = release_rows(found, user=self.actor, by_token=self.is_token)
        response = self.listed(documents, ReleaseAnswer)
        response.data["next"] = cursor
        return response

    @operation(takes=ReleaseInput, gives=ReleaseAnswer, may_list=True, status=201)
    def post(self, request: Request, project: str) -> Waiting:
        """Create a release, or one for each of several tenants."""
        home = visible_project(self.actor, project)
        given = self.read(ReleaseInput)
        change_ids = given.pop("change_ids", None)
        environment = given.pop("environment")
        tenants = _tenants(given)
        targets = [
            visible_target(
                self.actor, project=project, tenant=tenant, environment=environment
            )
            for tenant in tenants
        ]
        made = actions.create_releases(
            home,
            targets=targets,
            actor=self.actor,
            content=actions.Content(**_words(given)),
            change_ids=change_ids,
        )
        return once_rendered(partial(self._answer, made), *made)

    def _answer(self, made: list[Release]) -> Response:
        project = self.kwargs["project"]
        documents = [self._document(project, release.number) for release in made]
        if "tenants" in self.request.data:
            response = self.listed(documents, ReleaseAnswer)
            response.status_code = 201
            return response
        return self.show(documents[0], ReleaseAnswer, status=201)

    def _document(self, project: str, number: int) -> dict[str, Any]:
        found = visible_release(self.actor, project=project, number=number)
        return release_document(found, user=self.actor, by_token=self.is_token)


class ReleaseDetail(ReleaseView):
    asks = {"PATCH": asking.EDIT}
    max_body = 2 * MIB

    @operation(gives=ReleaseAnswer)
    def get(self, request: Request, project: str, number: int) -> Response:
        """Show a release."""
        return self.show(self.document(number), ReleaseAnswer)

    @operation(takes=ReleasePatch, gives=ReleaseAnswer)
    def patch(self, request: Request, project: str, number: int) -> Response:
        """Edit a draft."""
        release = self.release()
        given = self.read(ReleasePatch, partial=True)
        change_ids = given.pop("change_ids", KEEP)
        with self.unchanged(self._shape, lock=partial(lock_project, release.project)):
            release = actions.edit_release(
                release,
                actor=self.actor,
                changed=_words(given),
                change_ids=change_ids,
            )
        rendering_requests.wait_for(release.rendering, seconds=RENDER_SECONDS)
        return self.answer(release)

    def _shape(self) -> object:
        return self.shape(self.document(self.kwargs["number"]), ReleaseAnswer)


def _words(given: dict[str, Any]) -> dict[str, Any]:
    """Return the body's values as ``Content`` names them."""
    words = dict(given)
    if "planned_window" in words:
        window = words.pop("planned_window") or {}
        words["planned_start"] = window.get("start")
        words["planned_end"] = window.get("end")
    if "policy_snapshot_json" in words:
        words["policy_snapshot"] = words.pop("policy_snapshot_json")
    return words


def _tenants(given: dict[str, Any]) -> list[str]:
    tenant, tenants = given.pop("tenant", None), given.pop("tenants", None)
    if (tenant is None) == (tenants is None):
        raise ValidationError.of("/tenant", "name one tenant, or several in tenants")
    return list(dict.fromkeys(tenants)) if tenant is None else [tenant]


def _filtered(rows: QuerySet[Release], chosen: dict[str, Any]) -> QuerySet[Release]:
    names = {
        "state": "status",
        "tenant": "target__tenant__slug",
        "environment": "target__environment__slug",
        "author": "author__username",
        "stale": "is_stale",
    }
    return rows.filter(**{names[name]: value for name, value in chosen.items()})
