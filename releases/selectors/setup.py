"""How far an installation is on the way to its first release, told by facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists

from delivery.models import RepositoryReader
from environments import access
from environments.models import Project, WorkloadBinding
from environments.permissions import Permission
from gitopshq.core.models import User
from releases.models import Release
from releases.selectors.dashboard import ProjectCard


@dataclass(frozen=True)
class Progress:
    """What one person sees of it; asked for when a fact is wanted."""

    user: User
    cards: Sequence[ProjectCard]

    @property
    def is_over(self) -> bool:
        """Whether something was deployed, or there is more than one project."""
        rows = (row for card in self.cards for row in card.rows)
        return len(self.cards) > 1 or any(row.running for row in rows)

    @property
    def project(self) -> Project | None:
        """The first project, if there is one."""
        return self.cards[0].project if self.cards else None

    @property
    def has_targets(self) -> bool:
        """Whether a tenant and an environment meet somewhere."""
        return any(row.targets for card in self.cards for row in card.rows)

    @property
    def has_workloads(self) -> bool:
        """Whether a workload is bound to a target."""
        return self._facts["bound"]

    @property
    def is_followed(self) -> bool:
        """Whether anything has read the project's repository by Git."""
        return self._facts["followed"]

    @property
    def has_approver(self) -> bool:
        """Whether somebody else may approve in the first environment."""
        return self._facts["approver"]

    @property
    def has_release(self) -> bool:
        """Whether a release was made."""
        return self._facts["release"]

    @cached_property
    def may_load_demo(self) -> bool:
        """Whether nobody works here yet, and this is who runs the installation."""
        return self.user.is_superuser and not Project.objects.exists()

    @cached_property
    def _facts(self) -> dict[str, bool]:
        """What the project has, asked for in one query."""
        if self.project is None:
            return dict.fromkeys(("bound", "followed", "approver", "release"), False)
        here = self.project.pk
        stages = [row.environment for card in self.cards for row in card.rows]
        voters = User.objects.none()
        if stages:
            holders = access.holders_of(Permission.APPROVE_RELEASE, stages[0])
            voters = holders.exclude(pk=self.user.pk)
        readers = RepositoryReader.objects.filter(repository__project=here)
        rows = Project.objects.values(
            bound=Exists(WorkloadBinding.objects.filter(target__project=here)),
            followed=Exists(readers),
            approver=Exists(voters),
            release=Exists(Release.objects.filter(project=here)),
        )
        return {name: bool(found) for name, found in rows.get(pk=here).items()}
