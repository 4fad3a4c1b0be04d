"""The lock and what the project asks for."""

import pytest

from tests.ground.lock import ROOT, disagreements, locked, missing_needs

PYPROJECT = """
[project]
dependencies = ["django>=5.2,<5.3", "redis"]
[dependency-groups]
dev = ["ruff"]
"""
LOCK = """
# a comment
django==5.2.19 ; sys_platform == 'linux' \\
    --hash=sha256:00
redis==8.1.0 ; python_version < '3' \\
    --hash=sha256:00
ruff==0.17.6
"""


def test_the_lock_of_the_project_is_whole():
    lock = (ROOT / "requirements.lock").read_text()

    assert not list(disagreements((ROOT / "pyproject.toml").read_text(), lock))
    assert not list(missing_needs(lock))


def test_what_is_asked_for_and_not_locked_is_found():
    assert list(disagreements(PYPROJECT, LOCK)) == [
        "pyproject.toml wants redis, the lock has none",
        "no hash: ruff==0.17.6",
    ]


def test_another_version_than_asked_for_is_found():
    lock = LOCK.replace("5.2.19", "6.0")

    assert next(disagreements(PYPROJECT, lock)) == (
        "pyproject.toml wants django<5.3,>=5.2, the lock has 6.0"
    )


@pytest.mark.parametrize(
    ("line", "what"), [("--find-links there", "--"), ("# from https://there", "://")]
)
def test_addresses_and_options_are_found(line, what):
    assert f"the lock holds an address or an option: {what!r}" in list(
        disagreements(PYPROJECT, f"{LOCK}{line}\n")
    )


def test_another_version_installed_and_needs_unmet_are_found():
    version = locked((ROOT / "requirements.lock").read_text())["celery"]

    assert list(missing_needs("celery==0.1 --hash=sha256:00")) == [
        f"celery is locked at 0.1, installed is {version}"
    ]
    assert "celery needs kombu" in "\n".join(
        missing_needs(f"celery=={version} --hash=sha256:00")
    )
