"""Rows by the thousand for benchmarks of pages: releases and the requests for them.

Made by ``bulk_create``, so nothing is rendered, mailed or audited. The people in it are
logged in; a page is opened through all middleware, as a browser does.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from itertools import count

from django.contrib.auth.models import Permission as Right
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from approvals.models import ApprovalRequest, RequestState
from environments.models import (
    Environment,
    EnvironmentUserObjectPermission,
    TenantEnvironment,
)
from environments.permissions import OBJECT_PERMISSIONS
from gitopshq.core.models import User
from releases.models import CancelKind, Release, Snapshot, Status
from tests.bench.shop import Shop

_serial = count(1)
_A_BATCH = 2_000


def a_person() -> User:
    """Make somebody who may do nothing yet."""
    name = f"reader-{next(_serial)}"
    return User.objects.create_user(name, f"{name}@shop.example")


def grant_all(person: User, environments: Iterable[Environment]) -> None:
    """Let *person* do everything there."""
    names = [name for name, _ in OBJECT_PERMISSIONS]
    model = ContentType.objects.get_for_model(Environment)
    rights = Right.objects.filter(content_type=model, codename__in=names)
    rows = [
        EnvironmentUserObjectPermission(
            user=person, permission=right, content_object=place
        )
        for place in environments
        for right in rights
    ]
    EnvironmentUserObjectPermission.objects.bulk_create(rows, _A_BATCH)


class Crowd:
    """Many releases of one target, made by one author; the newest wait for votes."""

    def __init__(self, *, releases: int, pending: int) -> None:
        self.shop = Shop(1)
        self.author = a_person()
        self.target = self.shop.target
        made = self._releases(self.target, releases, pending)
        self._requests(made)

    def _releases(
        self, target: TenantEnvironment, total: int, pending: int
    ) -> list[Release]:
        state = self.shop.state()
        snapshot = Snapshot.objects.create(
            project=target.project, digest=state.digest, document=state.to_json()
        )
        rendering = self.shop.rendered(state)
        rows = [
            Release(
                project=target.project,
                target=target,
                number=number,
                title=f"Change number {number} of many",
                author=self.author,
                baseline_digest=state.digest,
                snapshot=snapshot,
                rendering=rendering,
                digest=f"{number:064x}",
                **(
                    {"status": Status.PENDING_APPROVAL}
                    if number > total - pending
                    else {
                        "status": Status.CANCELLED,
                        "cancel_kind": CancelKind.CANCELLED,
                    }
                ),
            )
            for number in range(1, total + 1)
        ]
        return Release.objects.bulk_create(rows, _A_BATCH)

    def _requests(self, releases: Iterable[Release]) -> None:
        model = ContentType.objects.get_for_model(Release)
        rows = [
            ApprovalRequest(
                kind="release",
                subject_type=model,
                subject_id=release.pk,
                project=self.target.project.slug,
                environment=self.target.environment,
                requester=self.author,
                state=RequestState.PENDING
                if release.status == Status.PENDING_APPROVAL
                else RequestState.CANCELLED,
                digest=release.digest,
                required=1,
                facts={
                    "title": str(release),
                    "target": str(self.target),
                    "url": release.get_absolute_url(),
                    "summary": {"workload": 3, "variable": 1},
                },
                barred={str(self.author.pk): "made it"},
                notified_at=timezone.now(),
            )
            for release in releases
        ]
        ApprovalRequest.objects.bulk_create(rows, _A_BATCH)


class Reader:
    """Somebody at a page. ``queries`` counts those of the first time."""

    def __init__(self, person: User, path: str, stack: ExitStack) -> None:
        stack.enter_context(
            override_settings(ALLOWED_HOSTS=["testserver", "127.0.0.1"])
        )
        self.path = path
        self.client = Client()
        self.client.force_login(person)
        with CaptureQueriesContext(connection) as said:
            self.html = self.look()
        self.queries = len(said)

    def look(self) -> str:
        """Open the page; return what it says."""
        answer = self.client.get(self.path)
        assert answer.status_code == 200, (self.path, answer.status_code)
        return answer.content.decode()

    def note(self, most: int) -> str:
        """Say how many queries it took, of *most* that it may."""
        return f"{self.queries} queries, goal ≤ {most}"
