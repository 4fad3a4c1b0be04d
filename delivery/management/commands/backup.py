"""``backup FOLDER``: everything that must not be lost, while deploys go on."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from delivery.backup import back_up
from delivery.git.locks import RepositoryBusy


class Command(BaseCommand):
    help = "Copy database, repositories and kept keys; docs/backup.md tells the rest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a new folder")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            has_database = back_up(options["folder"].absolute())
        except FileExistsError:
            raise CommandError(f"{options['folder']} is there already") from None
        except RepositoryBusy as busy:
            raise CommandError(f"{busy} stayed locked: try again") from None
        if not has_database:
            self.stderr.write(
                "The database is no SQLite file and was not copied: restore this "
                "with a dump that was finished before."
            )
