"""What can be approved.

This app knows how people agree, not what they agree to. An app whose objects need
agreement registers an ``Approvable`` for them in its ``AppConfig.ready``: imports
point here, and never back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import Model

from approvals.rules import Terms
from environments.models import Environment
from environments.permissions import Permission
from gitopshq.core.models import User

M = TypeVar("M", bound=Model)
Circumstances = Callable[[Any], Mapping[str, Any]]
M_contra = TypeVar("M_contra", bound=Model, contravariant=True)


@dataclass(frozen=True, slots=True)
class Facts:
    """What approvers and the inbox must know of a subject, as it is now.

    ``barred`` maps user ids to the reason each may not vote; it bites only where
    ``blocks_self_approval``. ``digest`` is empty while there is nothing to vote on.
    ``shown`` is JSON for the inbox: title, target, url, summary (counts by type), and
    if any notes, stale (a flag), violations (what a client's policy result denies).
    """

    kind: str
    environment: Environment
    requester: User
    digest: str
    required: int
    expiry_hours: int | None
    blocks_self_approval: bool
    barred: Mapping[int, str] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def terms(self) -> Terms:
        """What a quorum needs."""
        barred = frozenset(self.barred) if self.blocks_self_approval else frozenset()
        return Terms(self.required, self.expiry_hours, barred)


class Outcome(Protocol[M_contra]):
    """Carry the verdict out, in the transaction of the deciding vote."""

    def __call__(
        self, subject: M_contra, /, *, actor: User | None, note: str
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Approvable(Generic[M]):
    """How one kind of subject is asked about, granted and refused.

    ``facts`` reads the subject as it is now, policy included. ``check_ready`` raises
    the subject's own refusal while there is nothing that a vote could bind to.
    ``circumstances`` gives what is written down with each vote, as JSON values; its
    ``frozen`` is the freeze there was, or None.
    """

    model: type[M]
    permission: Permission
    template: str
    facts: Callable[[M], Facts]
    check_ready: Callable[[M], None]
    grant: Outcome[M]
    refuse: Outcome[M]
    circumstances: Circumstances = field(default=lambda _: {})
    peek: Callable[[int, User], Mapping[str, Any]] | None = None


_approvables: dict[type, Approvable[Any]] = {}


def register(approvable: Approvable[Any]) -> None:
    """Make objects of its model something people can agree to."""
    _approvables[approvable.model] = approvable


def approvable_for(subject: Model) -> Approvable[Any]:
    """Return how *subject* is agreed to."""
    return approvable_of(type(subject))


def approvable_of(model: type[Model]) -> Approvable[Any]:
    """Return how objects of *model* are agreed to."""
    return _approvables[model]
