from django.apps import AppConfig


class EnvironmentsConfig(AppConfig):
    name = "environments"
    verbose_name = "Projects and desired state"

    def ready(self) -> None:
        from environments.access import (
            project_exists,
            projects_of_trail,
            projects_seen_by,
        )
        from gitopshq.core import ports

        ports.set_audit_scope(projects_of_trail)
        ports.set_project_scope(projects_seen_by)
        ports.set_project_exists(project_exists)
