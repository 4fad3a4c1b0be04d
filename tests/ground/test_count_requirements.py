"""The plugin that counts which requirements passing tests show."""

import os
import subprocess
import sys

import pytest

from tests.requirements import COUNT, named_in
from tests.suite import clean

SAMPLE = '''
import pytest

def test_one():
    """S3, S7: shown."""

def test_two():
    """S5: fails."""
    assert False

@pytest.mark.skip
def test_three():
    """S6: skipped."""

def test_four():
    """S3 and S999: one again, and one that does not exist."""
'''


@pytest.mark.parametrize(
    ("docstring", "numbers"),
    [
        ("S49: a rule", [49]),
        ("S1, S12 and S134.", [1, 12, 134]),
        ("HTTPS2, S0, AS3, S1x", []),
        (None, []),
    ],
)
def test_requirements_are_named_in_docstrings(docstring, numbers):
    assert named_in(docstring) == numbers


@pytest.mark.parametrize("workers", ["0", "1"])
def test_only_what_passes_counts_and_runs_add_up(tmp_path, workers):
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    (tmp_path / "shown").write_text("3 100")

    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.requirements"),
            *("-p", "no:cacheprovider", "-n", workers),
            *("-c", "/dev/null", f"--rootdir={tmp_path}", str(tmp_path)),
        ],
        env={**clean(os.environ), "HQ_SHOWN_FILE": str(tmp_path / "shown")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert f"requirements shown: 3 of {COUNT}" in run.stdout, run.stdout + run.stderr
    assert (tmp_path / "shown").read_text() == "3 7 100"
