from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "gitopshq.core"
    label = "core"
    verbose_name = "People and records"
