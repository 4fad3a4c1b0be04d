"""A project's repositories in a temporary folder, and a real git to read them with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from tests.git import make


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Repositories as they are made, to be copied: making them waits for the disk."""
    repositories = ProjectRepositories(tmp_path_factory.mktemp("template") / "shop")
    repositories.create(identity=make.SERVICE, at=make.NOON)
    return repositories.folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> ProjectRepositories:
    folder = tmp_path / "shop"
    shutil.copytree(template, folder, symlinks=True)
    return ProjectRepositories(folder)


@pytest.fixture
def main(project: ProjectRepositories) -> Iterator[Repository]:
    with Repository(project.main) as repository:
        yield repository


@pytest.fixture
def renderings(project: ProjectRepositories) -> Iterator[Repository]:
    with Repository(project.renderings) as repository:
        yield repository
