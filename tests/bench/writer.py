"""One of the processes that write at once in P13 (``python -m tests.bench.writer``).

Each line it reads is a JSON list of releases to cancel; when all are, it says so in a
line. It ends with its input. What goes wrong ends it, with the traceback.
"""

import json
import sys

import django
from django.db import connection


def main() -> None:
    django.setup()
    from releases.actions import cancel_release  # noqa: PLC0415 (needs the apps)
    from releases.models import Release  # noqa: PLC0415

    connection.ensure_connection()
    print("ready", flush=True)
    for line in sys.stdin:
        for release in Release.objects.filter(pk__in=json.loads(line)):
            cancel_release(release, actor=release.author, reason="Not needed")
        print("done", flush=True)


if __name__ == "__main__":
    main()
