from django.apps import AppConfig
from django.db.backends.signals import connection_created
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
        from gitopshq.core.planning import think_briefly

        post_migrate.connect(
            install_after_migrations, sender=self, dispatch_uid="audit-triggers"
        )
        connection_created.connect(think_briefly, dispatch_uid="plan-briefly")
