"""The three repositories of a project, and which of them a reader is shown.

Git hands out any object of a repository to whoever knows its id: protocol 2 never asks
whether a branch reaches it, and hiding a ref does not change that. So what different
readers may see lies in different object stores.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from delivery.git.commits import Identity
from delivery.git.creation import open_or_create

MAIN = "main"
SOURCE = "source"
RENDERINGS = "renderings"


@dataclass(frozen=True)
class ProjectRepositories:
    """Where a project's repositories lie; opening one is the caller's.

    `main`: what deploys published, and nothing else; served to every reader.
    `source`: the mirror of desired state; also shows `main`; served to readers who may
    view every environment. `renderings`: trees and commits not published; never served.
    """

    folder: Path

    @property
    def main(self) -> Path:
        return self.folder / "main.git"

    @property
    def source(self) -> Path:
        return self.folder / "source.git"

    @property
    def renderings(self) -> Path:
        return self.folder / "renderings.git"

    @property
    def all(self) -> tuple[Path, ...]:
        """Return the three of them: what lends first."""
        return self.main, self.source, self.renderings

    def missing(self) -> list[Path]:
        """Return those that are not there."""
        return [path for path in self.all if not (path / "HEAD").is_file()]

    def create(self, *, identity: Identity, at: datetime) -> None:
        """Make what is not there yet; safe to call again and at the same time.

        :param identity: who begins the branches, at the time `at`.
        """
        open_or_create(self.main, branch=MAIN, identity=identity, at=at).close()
        for path, branch in ((self.source, SOURCE), (self.renderings, RENDERINGS)):
            open_or_create(
                path,
                branch=branch,
                identity=identity,
                at=at,
                shows=(self.main, MAIN),
            ).close()

    def served(self, *, with_source: bool) -> Path:
        """Return the repository to serve to a reader."""
        return self.source if with_source else self.main
