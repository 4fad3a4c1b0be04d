from typing import Any

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "delivery"
    verbose_name = "Delivery"

    def ready(self) -> None:
        from celery.signals import worker_ready

        from delivery.audit_anchors import published_heads
        from delivery.chart_reading import read_chart
        from delivery.trying import try_out
        from environments import ports
        from environments.signals import source_changed
        from gitopshq.core import ports as core_ports

        ports.chart_reader.register(read_chart)
        ports.dry_run.register(try_out)
        core_ports.set_audit_anchors(published_heads)
        source_changed.connect(_mirror_soon, dispatch_uid="delivery.mirror")
        worker_ready.connect(_check_tips, dispatch_uid="delivery.check_tips")


def _mirror_soon(*, project_id: int, **_: Any) -> None:
    from delivery.tasks import mirror_source
    from gitopshq.core.ringing import ring_once

    ring_once(mirror_source, project_id=project_id)


def _check_tips(**_: Any) -> None:
    from delivery.tasks import check_tips
    from gitopshq.core.ringing import ring

    ring(check_tips)
