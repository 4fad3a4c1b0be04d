"""``verify_audit``: read every chain from end to end; exit 1 at the first bad entry."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gitopshq.core import audit_checks


class Command(BaseCommand):
    help = "Check the audit trail, and that the database refuses to change it."

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = audit_checks.verify()
        self.stdout.write(json.dumps(verdict.to_json()))
        if verdict.first_bad is not None:
            bad = verdict.first_bad
            place = f"{bad.project or 'installation'} #{bad.sequence}"
            raise CommandError(f"the trail is broken at {place}: {bad.reason}")
        if gone := audit_checks.unguarded():
            raise CommandError(f"triggers are missing: {', '.join(gone)}; run migrate")
