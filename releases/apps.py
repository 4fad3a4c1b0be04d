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
        source_changed.connect(_look_again, dispatch_uid="releases.look_again")


def _look_again(*, project_id: int, **_: Any) -> None:
    """Look again at what waits, what is stale, and whose votes suffice."""
    from gitopshq.core.ringing import ring
    from releases import tasks

    ring(tasks.refresh_counters, project_id=project_id)
    ring(tasks.reopen_lapsed, project_id=project_id)
