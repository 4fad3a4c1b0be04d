"""``create_user NAME [--email E] [--superuser] --password-stdin``."""

import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gitopshq.core import people


class Command(BaseCommand):
    help = "Make a person who can log in at once. The password is read from stdin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--email", default="")
        parser.add_argument("--superuser", action="store_true")
        parser.add_argument("--password-stdin", action="store_true", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise CommandError("there is no password on stdin")
        self._warn_of_weakness(password)
        try:
            user = people.create_user(
                options["name"],
                password=password,
                email=options["email"],
                is_superuser=options["superuser"],
                actor=None,
            )
        except ValidationError as refused:
            raise CommandError("; ".join(refused.messages)) from None
        self.stderr.write(f"{user.username} can log in now")

    def _warn_of_weakness(self, password: str) -> None:
        """Say what is wrong with *password*; whoever runs this decides."""
        try:
            validate_password(password)
        except ValidationError as weak:
            self.stderr.write(f"warning: {' '.join(weak.messages)}")
