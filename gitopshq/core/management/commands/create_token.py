"""``create_token USER --name N --scope S… [--project P]``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gitopshq.core import errors, tokens
from gitopshq.core.models import TokenScope, User


class Command(BaseCommand):
    help = "Make a token and print it, alone, on stdout. It is shown only now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--scope",
            action="extend",
            nargs="+",
            required=True,
            choices=TokenScope.values,
            dest="scopes",
        )
        parser.add_argument("--project", default="", help="a slug")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"there is no active user {options['user']}")
        try:
            _, secret = tokens.issue_token(
                user,
                name=options["name"],
                scopes=options["scopes"],
                project=options["project"],
                actor=None,
            )
        except errors.DomainError as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(secret)
