"""The queues of the broker: what somebody waits for, and what may come later.

Every edit rings for chores, and some of them take long: a recount of a thousand
targets, the check of every repository. Each queue has workers of its own, so that no
deploy waits for a chore.
"""

from typing import Final

JOBS: Final = "celery"
CHORES: Final = "chores"
QUEUES: Final = (JOBS, CHORES)

CHORE_TASKS: Final = (
    "core.check_audit",
    "delivery.check_tips",
    "delivery.mirror_all_sources",
    "delivery.mirror_source",
    "delivery.tidy",
    "delivery.tidy_all",
    "releases.check_repositories",
    "releases.list_resources",
    "releases.refresh_counters",
    "releases.reopen_lapsed",
)
