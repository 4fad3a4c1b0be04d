"""Uploading Helm charts: immutable, shared by the installation."""

from dataclasses import dataclass

from django.db import transaction

from environments import errors
from environments.access import environments_open_to, projects_open_to
from environments.desired.texts import TextRefused, clean_text, text_digest
from environments.events import Event
from environments.models import Chart, ChartArchive, ChartVersion
from environments.packages import PackagedChart
from environments.permissions import Permission
from environments.ports import ReadChart
from environments.stored import store_texts
from gitopshq.core import audit
from gitopshq.core.errors import NotPermitted
from gitopshq.core.models import User


@dataclass(frozen=True, slots=True)
class Upload:
    """The version a chart is now known as; not new when the bytes were known."""

    version: ChartVersion
    is_new: bool


@transaction.atomic
def upload_chart(chart: PackagedChart, *, actor: User | None) -> Upload:
    """Store a packaged chart that was read. The same bytes again change nothing.

    :raises NotPermitted: without ``workloads.manage`` anywhere
    :raises ChartVersionExists: when name and version are known with other bytes
    """
    if actor is not None and not _manages_workloads(actor):
        raise NotPermitted(permission=Permission.MANAGE_WORKLOADS.value)
    read = chart.read
    known, _ = Chart.objects.get_or_create(name=read.name)
    archive, _ = ChartArchive.objects.get_or_create(
        digest=read.digest, defaults={"data": chart.data}
    )
    facts = _facts(read)
    version, is_new = ChartVersion.objects.get_or_create(
        chart=known,
        version=read.version,
        defaults={
            "archive": archive,
            "app_version": read.app_version[:100],
            "description": read.description,
            "facts": facts,
            "uploaded_by": actor,
        },
    )
    if version.digest != read.digest:
        raise errors.ChartVersionExists(name=read.name, version=read.version)
    if version.facts != facts:  # it was uploaded before all of them were kept
        version.facts = facts
        version.save(update_fields=["facts"])
    if is_new:
        audit.record(
            Event.CHART_UPLOADED,
            version,
            actor=actor,
            after={"name": read.name, "version": read.version, "digest": read.digest},
        )
    return Upload(version, is_new)


def _manages_workloads(actor: User) -> bool:
    # Asked for both: a new project has no environment yet.
    manage = Permission.MANAGE_WORKLOADS
    return (
        projects_open_to(actor, manage).exists()
        or environments_open_to(actor, manage).exists()
    )


def _facts(read: ReadChart) -> dict[str, str]:
    """Store the texts that pages ask for, and return their digests by name."""
    told = {"values": read.values, "schema": read.schema, "subcharts": read.subcharts}
    kept = {}
    for name, text in told.items():
        try:
            kept[name] = clean_text(text, path=name)
        except TextRefused:
            continue  # Helm may read it all the same; only pages do without
    store_texts(kept.values())
    return {name: text_digest(text) for name, text in kept.items()}
