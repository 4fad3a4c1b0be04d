"""A data folder belongs to one supervisor at a time."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from gitopshq.supervisor import folder

HOLD = """
import sys
from pathlib import Path
from gitopshq.supervisor import folder
place = Path(sys.argv[1])
with folder.held(place):
    folder.announce(place, folder.Running(7, "http://here", "redis://", None))
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    with process:
        yield process
        process.kill()


def test_a_second_supervisor_is_refused_and_told_who_is_there(holder, tmp_path):
    with (
        pytest.raises(folder.FolderInUse, match=r"as process 7, at http://here"),
        folder.held(tmp_path),
    ):
        pass


def test_a_killed_supervisor_leaves_the_folder_free(holder, tmp_path):
    there = folder.running(tmp_path)
    assert there
    assert there.pid == 7

    holder.kill()
    holder.wait()

    assert folder.running(tmp_path) is None
    with folder.held(tmp_path):
        assert folder.running(tmp_path) is None  # held, not yet announced


def test_what_is_announced_is_private(tmp_path):
    with folder.held(tmp_path):
        folder.announce(tmp_path, folder.Running(7, "http://here", "redis://", None))

    assert (tmp_path / "run.json").stat().st_mode & 0o777 == 0o600


def test_two_who_need_a_secret_at_once_get_the_same_one(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(
                lambda number: folder.secret(tmp_path, "key", lambda: f"key {number}"),
                range(8),
            )
        )

    assert len(set(made)) == 1
    assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["key"]
