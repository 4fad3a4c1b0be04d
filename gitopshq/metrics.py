"""``/metrics``: what Prometheus is told, counted in the database at each scrape.

Counts in the processes' memory would differ from worker to worker; rows do not.
"""

import ipaddress
from collections.abc import Iterator
from typing import Final

from django.db.models import Count, Min, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from approvals.models import ApprovalRequest
from delivery.models import Rendering
from gitopshq.core import errors, tokens
from gitopshq.core.models import AuditHead, TokenScope
from releases.models import CANCELLABLE, DeployAttempt, Release

_SCHEME: Final = "Bearer "


class DomainFigures(Collector):
    """Releases, renderings, deploys and requests by state; lags; the trail's length."""

    def collect(self) -> Iterator[Metric]:
        yield _by_state("releases", Release, "status")
        yield GaugeMetricFamily(
            "gitopshq_stale_releases",
            "Open releases whose source has moved, or that another one overtook",
            value=Release.objects.filter(is_stale=True, status__in=CANCELLABLE).count(),
        )
        yield _by_state("renderings", Rendering)
        yield _by_state("deploy_attempts", DeployAttempt)
        yield _by_state("approval_requests", ApprovalRequest)
        yield GaugeMetricFamily(
            "gitopshq_oldest_pending_rendering_seconds",
            "Age of the rendering that has waited longest",
            value=_rendering_lag(),
        )
        entries = GaugeMetricFamily(
            "gitopshq_audit_entries", "Length of the audit chains", labels=["project"]
        )
        for head in AuditHead.objects.order_by("project"):
            entries.add_metric([head.project], head.sequence)
        yield entries


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer loopback, or a token with the scope ``read`` of a superuser.

    :raises NotFound: for everybody else.
    """
    if not (_is_local(request) or _is_operator(request)):
        raise errors.NotFound
    registry = CollectorRegistry()
    registry.register(DomainFigures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_local(request: HttpRequest) -> bool:
    """Say whether the caller is on this machine, and not behind a proxy on it."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    address = request.META.get("REMOTE_ADDR", "")
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_operator(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    token = tokens.authenticate_token(given.removeprefix(_SCHEME))
    if token is None or token.project or not token.user.is_superuser:
        return False
    return bool({TokenScope.READ, TokenScope.ADMIN} & set(token.scopes))


def _by_state(name: str, model: type[Model], field: str = "state") -> Metric:
    text = f"{str(model._meta.verbose_name_plural).capitalize()} by state"
    family = GaugeMetricFamily(f"gitopshq_{name}", text, labels=["state"])
    counted = QuerySet(model).values_list(field).annotate(number=Count("pk"))
    for state, number in sorted(counted):
        family.add_metric([state], number)
    return family


def _rendering_lag() -> float:
    pending = Rendering.objects.filter(state="pending")
    oldest = pending.aggregate(oldest=Min("created_at"))["oldest"]
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0
