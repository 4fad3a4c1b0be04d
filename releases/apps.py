from typing import Any

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "releases"
    verbose_name = "Releases"

    def ready(self) -> None:
        from approvals import approvable
        from delivery import ports
        from environments.signals import source_changed
        from releases.approval import APPROVABLE_RELEASE
        from releases.rendered import rendering_ended

        approvable.register(APPROVABLE_RELEASE)
        ports.on_rendered(rendering_ended)
        source_changed.connect(_recount_soon, dispatch_uid="releases.recount")


def _recount_soon(*, project_id: int, **_: Any) -> None:
    from gitopshq.core.ringing import ring
    from releases.tasks import refresh_counters

    ring(refresh_counters, project_id=project_id)
