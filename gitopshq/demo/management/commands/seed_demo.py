"""``seed_demo``: fill an empty installation with the demo, and say how to log in."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from gitopshq.demo import journey, seeding


class Command(BaseCommand):
    help = (
        "Fill an empty installation with an example project and five people whose "
        "passwords everybody knows. A second run changes nothing. Needs a worker."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            letter = seeding.seed(settings.BASE_URL, Path(settings.DATA_DIR))
        except (seeding.NotEmpty, journey.CannotGoOn) as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(letter)
