"""``verify_evidence FILE``: check a bundle; exit 1 at the first thing that is wrong.

Asks no database: an auditor runs it wherever the code is.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from releases.proof.checking import check
from releases.proof.reading import Refused


class Command(BaseCommand):
    help = "Check a bundle of evidence, without a database."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--key", help="The only key that may have signed it, 64 hex digits."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = check(options["file"].read_bytes(), key=options["key"])
        except OSError as error:
            raise CommandError(f"cannot read it: {error}") from error
        except Refused as refused:
            raise CommandError(f"refused: {refused}") from refused
        for line in lines:
            self.stdout.write(line)
