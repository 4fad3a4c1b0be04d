"""The Celery app and the beat schedule. The broker is a doorbell: rows are the jobs."""

import os
from typing import Any, Final

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_before_create_process

from gitopshq import garbage
from gitopshq.queues import CHORE_TASKS, CHORES, JOBS, QUEUES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gitopshq.settings")

app = Celery("gitopshq")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.task_default_queue = JOBS
app.conf.task_queues = {name: {} for name in QUEUES}
app.conf.task_routes = {task: {"queue": CHORES} for task in CHORE_TASKS}

WAITS_FOR: Final = 60.0
"""Seconds that what is due every minute waits for a worker; then it is dropped, for it
was due again. After an outage no deploy queues behind a thousand of them."""

_due: dict[str, dict[str, Any]] = {
    "reap-deployments": {"task": "releases.reap_deployments", "schedule": 15.0},
    "reap-renderings": {"task": "delivery.reap_renderings", "schedule": 15.0},
    "reap-causes": {"task": "releases.reap_causes", "schedule": 30.0},
    "mirror-source": {"task": "delivery.mirror_all_sources", "schedule": 20.0},
    "tidy-repositories": {"task": "delivery.tidy_all", "schedule": 3600.0},
    "check-repositories": {
        "task": "releases.check_repositories",
        "schedule": crontab(hour="3", minute="17"),
    },
    "reopen-lapsed": {"task": "releases.reopen_lapsed", "schedule": 60.0},
    "deploy-approved": {"task": "releases.deploy_approved", "schedule": 15.0},
    "send-deliveries": {"task": "core.send_deliveries", "schedule": 20.0},
    "note-beat": {"task": "core.note_beat", "schedule": 30.0},
    "check-audit": {"task": "core.check_audit", "schedule": 900.0},
    "list-resources": {"task": "releases.list_resources", "schedule": 60.0},
    "refresh-counters": {"task": "releases.refresh_counters", "schedule": 30.0},
}

for _row in _due.values():
    if isinstance(_row["schedule"], float) and _row["schedule"] <= WAITS_FOR:
        _row["options"] = {"expires": WAITS_FOR}
app.conf.beat_schedule = _due


def _before_fork(**_: object) -> None:
    garbage.keep_loaded()


worker_before_create_process.connect(_before_fork)
