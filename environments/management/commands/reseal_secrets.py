"""``reseal_secrets``: after a new key was put first in ``HQ_ENCRYPTION_KEYS``."""

from typing import Any

from django.core.management.base import BaseCommand

from environments import actions


class Command(BaseCommand):
    help = "Seal every secret with the first key, so that the others can go."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(actions.reseal_secrets(actor=None)))
