"""How far an installation is on the way to its first release, told by facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from delivery.models import RepositoryReader
from environments import access
from environments.models import Project, WorkloadBinding
from environments.permissions import Permission
from gitopshq.core.models import User
from releases.models import Release
from releases.selectors.dashboard import ProjectCard


@dataclass(frozen=True)
class Progress:
    """What one person sees of it. Each fact is asked for when it is wanted."""

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

    @cached_property
    def has_workloads(self) -> bool:
        """Whether a workload is bound to a target."""
        rows = WorkloadBinding.objects.filter(target__project=self.project)
        return self.has_targets and rows.exists()

    @cached_property
    def is_followed(self) -> bool:
        """Whether anything has read the project's repository by Git."""
        rows = RepositoryReader.objects.filter(repository__project=self.project)
        return self.project is not None and rows.exists()

    @cached_property
    def has_approver(self) -> bool:
        """Whether somebody else may approve in one of the environments."""
        stages = [row.environment for card in self.cards for row in card.rows]
        return any(
            access.holders_of(Permission.APPROVE_RELEASE, stage)
            .exclude(pk=self.user.pk)
            .exists()
            for stage in stages[:1]
        )

    @cached_property
    def has_release(self) -> bool:
        """Whether a release was made."""
        return Release.objects.filter(project=self.project).exists()

    @cached_property
    def may_load_demo(self) -> bool:
        """Whether nobody works here yet, and this is who runs the installation."""
        return self.user.is_superuser and not Project.objects.exists()
