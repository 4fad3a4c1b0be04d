"""What pages and jobs run in: processes whose modules the collector leaves alone."""

import subprocess
import sys

import pytest

from tests.suite import ROOT

LOAD = {
    "web": "import gitopshq.wsgi",
    "worker": """
import django
django.setup()
from celery.signals import worker_before_create_process
from gitopshq.celery import app
app.loader.import_default_modules()
worker_before_create_process.send(sender=None)
""",
}
KEPT = "print(gc.get_freeze_count(), len(gc.get_objects()))"


@pytest.mark.parametrize("kind", LOAD)
def test_what_is_loaded_before_a_fork_is_looked_through_no_more(kind, tmp_path):
    code = f"{LOAD[kind]}\nimport gc\n{KEPT}"
    environ = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "HQ_DATA_DIR": str(tmp_path),
        "PATH": "/usr/bin:/bin",
    }

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )

    kept, left = done.stdout.split()
    assert int(kept) > 10 * int(left)
