from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "gitopshq.core"
    label = "core"
    verbose_name = "People and records"

    def ready(self) -> None:
        from gitopshq.core import (
            checks,  # noqa: F401  registers itself
            tasks,  # noqa: F401  whoever rings finds them by name
        )
        from gitopshq.core.audit_triggers import install_after_migrations

        post_migrate.connect(
            install_after_migrations, sender=self, dispatch_uid="audit-triggers"
        )
