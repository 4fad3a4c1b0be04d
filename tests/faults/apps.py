"""What an installation under test does differently: leases, and what time it is."""

import os
from datetime import timedelta
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.utils import timezone

LEASE = "FAULTS_LEASE_SECONDS"
"""Of jobs, renderings and unanswered requests, instead of the product's minutes."""
CLOCK = "clock"
"""The file in the data folder that says how many seconds the clock is off."""


REAPERS = ("reap-deployments", "reap-renderings")


class FaultsConfig(AppConfig):
    name = "tests.faults"

    def ready(self) -> None:
        if given := os.environ.get(LEASE):
            from gitopshq.celery import app
            from gitopshq.core import leases
            from gitopshq.core.models import IdempotencyRecord
            from releases import jobs

            leases.LEASE = jobs.LEASE = timedelta(seconds=float(given))
            IdempotencyRecord.ABANDONED_AFTER = leases.LEASE
            for name in REAPERS:
                app.conf.beat_schedule[name]["schedule"] = float(given)
        set_clock_by(Path(settings.DATA_DIR) / CLOCK)


def set_clock_by(file: Path) -> None:
    """Let Django's clock be off by what *file* says, looked up at each question."""
    right = timezone.now

    def now():
        try:
            return right() + timedelta(seconds=float(file.read_text()))
        except (OSError, ValueError):
            return right()

    timezone.now = now
