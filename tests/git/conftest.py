"""A project's repositories in a temporary folder, and a real git to read them with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from tests.git import make


@pytest.fixture
def project(tmp_path: Path) -> ProjectRepositories:
    repositories = ProjectRepositories(tmp_path / "shop")
    repositories.create(identity=make.SERVICE, at=make.NOON)
    return repositories


@pytest.fixture
def main(project: ProjectRepositories) -> Iterator[Repository]:
    with Repository(project.main) as repository:
        yield repository


@pytest.fixture
def renderings(project: ProjectRepositories) -> Iterator[Repository]:
    with Repository(project.renderings) as repository:
        yield repository
