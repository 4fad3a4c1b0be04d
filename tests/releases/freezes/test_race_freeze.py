"""A freeze that was answered stops every later commit: processes, SQLite in a file.

On PostgreSQL ``tests/releases/test_race.py`` does the same with threads.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from releases.models import Status

ROUNDS = 3 * int(os.environ.get("HQ_TEST_SCALE", "1"))

RACE = f"""
import django
django.setup()
from tests.releases.freezes.racing import main
main({ROUNDS})
"""


def test_nothing_is_committed_after_a_freeze_was_answered(settings, tmp_path):
    """S130: whichever comes first; main does not move behind the answer."""
    folder = tmp_path / "race"
    folder.mkdir()
    tools = Path(settings.DATA_DIR) / "tools"
    (folder / "tools").symlink_to(tools.resolve())
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "HQ_DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'race.sqlite3'}",
    }

    done = subprocess.run(
        [sys.executable, "-c", RACE],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-4000:]
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) == ROUNDS
    for one in rounds:
        assert one["answered"] == one["ended"], one
        if one["status"] == Status.DEPLOYED:
            assert one["commit"] == one["answered"], one
        else:
            assert (one["status"], one["failure"]) == (
                Status.FAILED,
                "environment_frozen",
            ), one
