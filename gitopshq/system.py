"""The state of the installation, for operators: a page of the admin, to look at.

Nothing of it is secret: keys are counted, and passwords in addresses are masked.
"""

import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import django
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.http import require_GET

from delivery.models import Rendering, RenderingState
from delivery.rendering.tools import ToolMissing, engine_versions
from environments.models import SecretValue
from environments.secrets import count_under_older_keys
from gitopshq.core.beating import last_beat
from gitopshq.core.models import Delivery, DeliveryState
from gitopshq.core.templatetags.times import since
from gitopshq.core.web import PageRequest
from gitopshq.health import BROKER_IS_AWAY, VERSION, broker
from gitopshq.queues import CHORES, JOBS
from releases import nightly
from releases.models import AttemptState, CauseSearch, DeployAttempt, SearchState

_MASK: Final = "•••"


@require_GET
@login_required
def show(request: PageRequest) -> HttpResponse:
    """Show versions, jobs, disk, keys and settings to a superuser."""
    if not request.user.is_superuser:
        raise Http404
    context = {
        **admin.site.each_context(request),
        "title": "System",
        "jobs": list(_jobs()),
        "queues": _queues(),
        "beat": last_beat(),
        "tables": {
            "Versions": list(_versions()),
            "Disk": list(_disk()),
            "Repositories against the database": list(_repositories()),
            "Encryption": list(_encryption()),
            "Settings": list(_settings()),
        },
    }
    return render(request, "admin/system.html", context)


def _versions() -> Iterator[tuple[str, str]]:
    yield "GitOpsHQ", VERSION
    yield "Python", platform.python_version()
    yield "Django", django.get_version()
    with connection.cursor() as cursor:
        is_sqlite = connection.vendor == "sqlite"
        cursor.execute(
            "SELECT sqlite_version()" if is_sqlite else "SHOW server_version"
        )
        yield connection.display_name, str(cursor.fetchone()[0])
    try:
        yield from engine_versions(Path(settings.DATA_DIR)).items()
    except ToolMissing as missing:
        yield "Engines", str(missing)
    yield "Migrations", _migrations()


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    pending = ", ".join(f"{step.app_label}.{step.name}" for step, _ in plan)
    return f"not applied: {pending}" if pending else "all applied"


def _queues() -> list[tuple[str, int | None]]:
    """Return how many messages wait in the broker; None where it does not answer."""
    names = {"for jobs": JOBS, "for chores": CHORES}
    try:
        with broker() as found:
            return [(label, int(found.llen(name))) for label, name in names.items()]
    except BROKER_IS_AWAY:
        return [(label, None) for label in names]


def _jobs() -> Iterator[dict[str, Any]]:
    """Yield how many of each kind of job are open, and since when the oldest is."""
    deploys = DeployAttempt.objects.filter(
        state__in=(AttemptState.WAITING, AttemptState.RUNNING)
    )
    renderings = Rendering.objects.filter(state=RenderingState.PENDING)
    searches = CauseSearch.objects.filter(state=SearchState.PENDING)
    letters = Delivery.objects.filter(state=DeliveryState.WAITING)
    rows: tuple[tuple[str, QuerySet[Any], str], ...] = (
        ("Deploys", deploys, "requested_at"),
        ("Renderings", renderings, "created_at"),
        ("Searches for causes", searches, "created_at"),
        ("Messages", letters, "notification__created_at"),
    )
    for label, found, moment in rows:
        yield {"label": label, **found.aggregate(count=Count("pk"), oldest=Min(moment))}


def _disk() -> Iterator[tuple[str, str]]:
    folder = Path(settings.DATA_DIR)
    usage = shutil.disk_usage(folder)
    free, total = filesizeformat(usage.free), filesizeformat(usage.total)
    yield "Free", f"{free} of {total}"
    for name in ("repositories", "tools"):
        if (folder / name).is_dir():
            yield name.capitalize(), filesizeformat(_size(folder / name))


def _repositories() -> Iterator[tuple[str, str]]:
    last = nightly.last_check()
    if last is None:
        yield "Checked", "never: manage.py fsck"
        return
    yield "Checked", f"{since(last.at)}; each night, or by manage.py fsck"
    yield "Findings", str(last.count or "none")
    for number, finding in enumerate(last.first, start=1):
        yield f"Finding {number}", finding


def _size(folder: Path) -> int:
    """Return the bytes of the files below *folder*, links not followed."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(Path(place) / name).st_size
            except FileNotFoundError:
                # Git tidies while it is looked at.
                continue
    return total


def _encryption() -> Iterator[tuple[str, str]]:
    sealed_at = Coalesce("rotated_at", "created_at")
    found = SecretValue.objects.aggregate(
        count=Count("pk"), oldest=Min(sealed_at), resealed=Max("rotated_at")
    )
    keys = [key for key in str(settings.ENCRYPTION_KEYS).split(",") if key.strip()]
    yield "Keys", f"{len(keys)}: the first seals, all open"
    yield "Sealed values", str(found["count"])
    yield "Under an older key", str(count_under_older_keys() or "none")
    yield "Oldest seal", since(found["oldest"]) or "none"
    never = "never: manage.py reseal_secrets"
    yield "Sealed anew last", since(found["resealed"]) or never


def _settings() -> Iterator[tuple[str, str]]:
    database = connection.settings_dict
    yield "HQ_BASE_URL", settings.BASE_URL
    yield "HQ_DATA_DIR", str(settings.DATA_DIR)
    yield "HQ_ALLOWED_HOSTS", ", ".join(settings.ALLOWED_HOSTS)
    yield "DATABASE_URL", f"{connection.vendor}: {database['HOST']} {database['NAME']}"
    yield "REDIS_URL", masked(settings.REDIS_URL)
    yield "EMAIL_URL", settings.EMAIL_HOST if settings.EMAIL_IS_ON else "off"
    yield "HQ_SECRET_KEY", _MASK
    yield "HQ_ENCRYPTION_KEYS", _MASK
    yield "HQ_API_CALLS_PER_MINUTE", str(settings.API_CALLS_PER_MINUTE)
    yield "Second factors", ", ".join(settings.MFA_SUPPORTED_TYPES)


def masked(address: str) -> str:
    """Return an address with what stands before its host masked."""
    parts = urlsplit(address)
    if "@" not in parts.netloc:
        return urlunsplit(parts._replace(query=""))
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{_MASK}@{host}", query=""))
