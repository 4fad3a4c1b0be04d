"""``grant NAME ROLE --project P [--environment E] [--group]``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from environments import actions
from environments.models import Environment, Project
from environments.permissions import Role
from gitopshq.core.errors import DomainError


class Command(BaseCommand):
    help = "Grant a role on a project, or on one of its environments."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="a user name")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("--project", required=True, help="a slug")
        parser.add_argument("--environment", help="a slug")
        parser.add_argument(
            "--group", action="store_true", help="NAME is that of a group"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        place = _place(options["project"], options["environment"])
        whose = "group" if options["group"] else "user"
        try:
            actions.grant_to_member(
                place, role=options["role"], actor=None, **{whose: options["name"]}
            )
        except DomainError as refused:
            raise CommandError(f"{options['name']}: {refused}") from None


def _place(project: str, environment: str | None) -> Project | Environment:
    home = Project.objects.filter(slug=project).first()
    if home is None:
        raise CommandError(f"there is no project {project}")
    if environment is None:
        return home
    found = home.environments.filter(slug=environment).first()
    if found is None:
        raise CommandError(f"there is no environment {environment} in {project}")
    return found
