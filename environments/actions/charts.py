"""Uploading Helm charts: immutable, shared by the installation."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Protocol

from django.db import transaction

from environments import errors, ports
from environments.access import environments_open_to, projects_open_to
from environments.events import Event
from environments.models import Chart, ChartArchive, ChartVersion
from environments.permissions import Permission
from gitopshq.core import audit
from gitopshq.core.errors import FieldError, NotPermitted, ValidationError
from gitopshq.core.models import User


@dataclass(frozen=True, slots=True)
class Upload:
    """The version a chart is now known as; not new when the bytes were known."""

    version: ChartVersion
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Packaged:
    """An archive, and what the checked reader found in it."""

    data: bytes
    read: ports.ReadChart


class _Uploading(Protocol):
    def __call__(self, data: bytes, *, actor: User | None) -> Upload: ...


def _once_read(action: Callable[..., Upload]) -> _Uploading:
    """Run *action* in a transaction of its own, on an archive that is read already.

    A reading child may take seconds: no lock of the database waits for it.
    """

    @wraps(action)
    def run(data: bytes, *, actor: User | None) -> Upload:
        if actor is not None and not _manages_workloads(actor):
            raise NotPermitted(permission=Permission.MANAGE_WORKLOADS.value)
        packaged = _Packaged(data, _read(data))
        with transaction.atomic():
            return action(packaged, actor=actor)

    return run


@_once_read
def upload_chart(packaged: _Packaged, *, actor: User | None) -> Upload:
    """Store a packaged chart. The same bytes again change nothing.

    :raises NotPermitted: without ``workloads.manage`` anywhere
    :raises ValidationError: when the archive is refused
    :raises ChartVersionExists: when name and version are known with other bytes
    """
    data, read = packaged.data, packaged.read
    digest = hashlib.sha256(data).hexdigest()
    chart, _ = Chart.objects.get_or_create(name=read.name)
    archive, _ = ChartArchive.objects.get_or_create(
        digest=digest, defaults={"data": data}
    )
    version, is_new = ChartVersion.objects.get_or_create(
        chart=chart,
        version=read.version,
        defaults={
            "archive": archive,
            "app_version": read.app_version[:100],
            "description": read.description,
            "uploaded_by": actor,
        },
    )
    if version.digest != digest:
        raise errors.ChartVersionExists(name=read.name, version=read.version)
    if is_new:
        audit.record(
            Event.CHART_UPLOADED,
            version,
            actor=actor,
            after={"name": read.name, "version": read.version, "digest": digest},
        )
    return Upload(version, is_new)


def _manages_workloads(actor: User) -> bool:
    # Asked for both: a new project has no environment yet.
    manage = Permission.MANAGE_WORKLOADS
    return (
        projects_open_to(actor, manage).exists()
        or environments_open_to(actor, manage).exists()
    )


def _read(data: bytes) -> ports.ReadChart:
    try:
        return ports.chart_reader.answer(data)
    except ports.ChartUnreadable as refused:
        where = f"{refused.path}: " if refused.path else ""
        error = FieldError("/file", "invalid_chart", refused.reason, file=refused.path)
        raise ValidationError(
            summary=f"the chart is refused: {where}{refused.reason}", errors=[error]
        ) from refused
