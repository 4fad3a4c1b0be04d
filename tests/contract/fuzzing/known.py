"""What a shop holds, so that requests name what is there and get as far as they can."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any, Final

from approvals.models import ApprovalRequest
from environments.models import (
    ChartVersion,
    FreezeWindow,
    KustomizeBinding,
    ManifestBinding,
    Project,
    TenantEnvironment,
    Variable,
    WorkloadBinding,
)
from environments.selectors.members import members_of
from gitopshq.core.models import ApiToken, AuditEntry, Notification, User
from releases import previewing
from releases.digests import release_digest
from releases.models import CLAIMING, Release
from releases.pending import pool_of
from tests import make
from tests.contract.fuzzing.contract import Operation
from tests.contract.fuzzing.inventing import strange

Place = dict[str, Any]

CONFIG_MAP: Final = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fuzz}\n"
TEXTS: Final = {
    "description": ("", "Words."),
    "value": ("1", "debug", "long-enough-for-a-secret", ""),
    "tag": ("1.2.3", "latest"),
    "kubernetesVersion": ("1.31.2", "1.29", ""),
    "namespace": ("fuzz", "shop-acme-dev"),
    "timeZone": ("Europe/Berlin", "UTC"),
    "rrule": ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO", "FREQ=YEARLY;BYMONTH=2;COUNT=3"),
    "startsAt": ("2030-01-01T00:00:00Z",),
    "endsAt": ("2030-01-01T08:00:00Z", "2030-01-01T00:00:00Z"),
    "files": ({"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": CONFIG_MAP},),
    "level": ("plain", "resolved", "manifest"),
    "message": ("Because",),
    "colour": ("", "red"),
    "format": ("json", "csv", "jsonl", "markdown"),
    "path": ("/image", "/replicas"),
    "text": ("replicas: 2\n", "", "image: {tag: '2'}\n", "a: '{{hq.var.LOG_LEVEL}}'\n"),
    "file": ("workloads/checkout/values.yaml", "targets/acme/staging/values/cart.yaml"),
}


@dataclass(frozen=True)
class Known:
    """The names, numbers and keys of a shop."""

    pool: Mapping[str, Sequence[Any]]
    places: Mapping[str, Sequence[Place]]
    """Path parameters that belong together, by the last fixed word before them."""
    digests: Mapping[int, str]
    """What a vote on a release binds to, by number."""
    requests: Mapping[int, str]
    """The same by the key of the request for approval."""
    cursors: Sequence[str] = field(default_factory=list)

    def place(self, operation: Operation, random: Random) -> Place:
        """Return path parameters that lead somewhere."""
        words = [word for word in operation.path.split("/") if word]
        found: Place = {}
        for before, word in pairwise(words):
            name = word.strip("{}")
            if not word.startswith("{"):
                continue
            told = self.places.get(f"{before}/{word}")
            found |= random.choice(told) if told else {}
            if name not in found:
                found[name] = random.choice(self.pool[name])
        return found

    def everywhere(self, operation: Operation, most: int) -> Iterator[Place]:
        """Yield so many places as path parameters of *operation* may name."""
        random, seen = Random(0), []
        for _ in range(10 * most):
            place = self.place(operation, random)
            if place not in seen and len(seen) < most:
                seen.append(place)
                yield place

    def around(self, place: Place) -> Mapping[str, Sequence[Any]]:
        """Return the pool as it is at *place*: with the digest that is voted on."""
        digest = self.digests.get(place.get("number")) or self.requests.get(
            place.get("id")
        )
        return {**self.pool, "digest": [digest]} if digest else self.pool

    def cursor(self, random: Random) -> str:
        """Return a cursor of a list with something strange put into it."""
        given = random.choice(self.cursors)
        names, *values = json.loads(base64.urlsafe_b64decode(given + "=="))
        values[random.randrange(len(values))] = strange({}, random)
        if random.random() < 0.2:
            values.append(1)
        content = json.dumps([names, *values])
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def look_at(shop: Project, owners: Sequence[User], cursors: Sequence[str]) -> Known:
    """Ask the database what there is in *shop*, and of what *owners* own."""
    targets = list(
        TenantEnvironment.objects.filter(project=shop).select_related(
            "tenant", "environment"
        )
    )
    releases = list(Release.objects.filter(project=shop))
    bindings = WorkloadBinding.objects.filter(target__in=targets)
    charts = ChartVersion.objects.select_related("chart")
    people = User.objects.filter(is_active=True)
    windows = FreezeWindow.objects.filter(project=shop)
    pool = {
        **TEXTS,
        "binary": [make.chart_archive("fuzz", "0.1.0"), b"no archive", b""],
        "project": [shop.slug],
        "tenant": sorted({target.tenant.slug for target in targets}),
        "tenants": [[target.tenant.slug] for target in targets],
        "environment": sorted({target.environment.slug for target in targets}),
        "number": [
            release.number
            for release in releases
            # What is over takes few steps more.
            for _ in range(4 if release.status in CLAIMING else 1)
        ],
        "from": [_named(one) for one in targets] + [one.name for one in releases],
        "to": [_named(one) for one in targets] + [one.name for one in releases],
        "user": [person.username for person in people],
        "author": [person.username for person in people],
        "fallbackOwner": [person.username for person in people],
        "window": [window.pk for window in windows],
        "variable": [row.pk for row in Variable.objects.filter(project=shop)],
        "key": [row.key for row in Variable.objects.filter(project=shop)],
        "workload": [row.name for row in shop.workloads.all()],
        "service": [row.name for row in shop.workloads.all()],
        "services": [[row.name] for row in shop.workloads.all()],
        "chart": [row.chart.name for row in charts],
        "chartVersion": [row.version for row in charts],
        "member": [
            row.id for row in members_of(shop, shop.environments.all(), whole=True)
        ],
        "event": list(AuditEntry.objects.values_list("event", flat=True).distinct()),
    }
    return Known(
        pool,
        {
            "approvals/{id}": [{"id": row.pk} for row in ApprovalRequest.objects.all()],
            "notifications/{id}": _owned(Notification, recipient__in=owners),
            "tokens/{id}": _owned(ApiToken, user__in=owners),
            "targets/{tenant}": [_at(target) for target in targets],
            "kustomize/{name}": _files(KustomizeBinding, targets),
            "manifests/{name}": _files(ManifestBinding, targets),
            "workloads/{workload}": [
                {**_at(row.target), "workload": row.workload.name} for row in bindings
            ],
            "pending-changes/{change}": _changes(targets),
            "preview/{snapshot}": _previews(targets),
        },
        {release.number: release_digest(release) or "" for release in releases},
        {row.pk: row.digest for row in ApprovalRequest.objects.all()},
        cursors,
    )


def _named(target: TenantEnvironment) -> str:
    return f"{target.tenant.slug}/{target.environment.slug}"


def _at(target: TenantEnvironment) -> Place:
    return {"tenant": target.tenant.slug, "environment": target.environment.slug}


def _owned(model: Any, **whose: Any) -> list[Place]:
    return [{"id": row.pk} for row in model.objects.filter(**whose)]


def _files(model: Any, targets: Sequence[TenantEnvironment]) -> list[Place]:
    rows = model.objects.filter(target__in=targets)
    return [{**_at(row.target), "name": row.name} for row in rows]


def _changes(targets: Sequence[TenantEnvironment]) -> list[Place]:
    return [
        {**_at(target), "change": row.change.id}
        for target in targets
        for row in pool_of(target).rows
    ]


def _previews(targets: Sequence[TenantEnvironment]) -> list[Place]:
    return [
        {
            **_at(target),
            "snapshot": previewing.preview(target, change_ids=None).snapshot.digest,
        }
        for target in targets
        if any(not (row.claimed_by or row.held_by) for row in pool_of(target).rows)
    ]
