"""``reseal_secrets``: after a new key was put first in ``HQ_ENCRYPTION_KEYS``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from environments import actions
from environments.desired.sealing import CannotOpen


class Command(BaseCommand):
    help = "Seal every secret with the first key, so that the others can go."

    def handle(self, *args: Any, **options: Any) -> None:
        count, stuck = 0, list[str]()
        try:
            batch = actions.reseal_secrets(actor=None)
            while True:
                count += batch.count
                stuck += batch.stuck
                if not batch.after:
                    break
                batch = actions.reseal_secrets(after=batch.after, actor=None)
        except CannotOpen as error:
            raise CommandError(f"a key of the installation: {error}") from error
        self.stdout.write(str(count))
        if stuck:
            raise CommandError("\n".join(("not sealed anew, keep all keys:", *stuck)))
