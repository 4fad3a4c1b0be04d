"""``fsck [--project P] [--repair] [--quick] [--json]``: repositories and database.

Exit code 0: sound; 1: findings are left; 2: called wrongly.
"""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from delivery.soundness import unowned
from environments.models import Project
from releases import mending, soundness


class Command(BaseCommand):
    help = "Compare the repositories with the database, and mend what can be."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", help="a slug; else all projects")
        parser.add_argument(
            "--repair", action="store_true", help="mend where one outcome is right"
        )
        parser.add_argument(
            "--quick", action="store_true", help="do not let git read every object"
        )
        parser.add_argument(
            "--json", action="store_true", help="print the findings as JSON"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        deep = not options["quick"]
        found = [
            finding
            for project in _projects(options["project"])
            for finding in (
                mending.mend(project, deep=deep)
                if options["repair"]
                else soundness.check(project, deep=deep)
            )
        ]
        if options["project"] is None:
            found += unowned()
        if options["json"]:
            self.stdout.write(json.dumps([one.to_json() for one in found]))
        else:
            for one in found:
                self.stdout.write(str(one))
        if found:
            sys.exit(1)


def _projects(slug: str | None) -> list[Project]:
    if slug is None:
        return list(Project.objects.order_by("slug"))
    found = list(Project.objects.filter(slug=slug))
    if not found:
        raise CommandError(f"there is no project {slug}", returncode=2)
    return found
