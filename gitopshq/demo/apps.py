"""The demo as an app of Django: the web process knows its task by name."""

from importlib import import_module

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "gitopshq.demo"

    def ready(self) -> None:
        import_module("gitopshq.demo.tasks")
