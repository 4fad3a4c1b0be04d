"""What the demo is filled with here: nothing, said aloud."""

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write("log in as alice")
        self.stderr.write("not for everybody")
