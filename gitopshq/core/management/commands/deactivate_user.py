"""``deactivate_user NAME``: tokens, sessions and waiting votes end at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gitopshq.core import departing
from gitopshq.core.errors import DomainError
from gitopshq.core.models import User


class Command(BaseCommand):
    help = "Take all access from a person; nothing they did is deleted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["name"]).first()
        if person is None:
            raise CommandError(f"there is no user {options['name']}")
        try:
            departing.deactivate_user(person, actor=None)
        except DomainError as refused:
            raise CommandError(str(refused)) from None
        self.stderr.write(f"{person.username} can do nothing any more")
