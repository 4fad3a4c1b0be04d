"""What higher apps tell this one: registered in their ``ready``, asked for here.

Imports point down only, so questions that delivery and releases answer come this way.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from environments.desired.state import State
from environments.models import TenantEnvironment, Workload
from gitopshq.core.models import User

AnswerT = TypeVar("AnswerT", bound=Callable[..., Any])


class Port(Generic[AnswerT]):
    """A question and the one function that answers it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._answer: AnswerT | None = None

    def register(self, answer: AnswerT) -> None:
        """Let *answer* answer from now on."""
        self._answer = answer

    @property
    def answer(self) -> AnswerT:
        """Return the function that answers.

        :raises LookupError: when no app has registered one
        """
        if self._answer is None:
            raise LookupError(f"nobody answers {self.name}")
        return self._answer

    @property
    def is_answered(self) -> bool:
        """Whether an app has registered an answer."""
        return self._answer is not None


class ReadChart(Protocol):
    """What a checked chart archive tells of itself; ``digest`` is SHA-256, hex.

    ``values`` and ``schema`` are its ``values.yaml`` and ``values.schema.json``, empty
    where it has none or they are no UTF-8; ``subcharts`` is what lies in its charts/,
    as ``environments.desired.subcharts`` reads it, empty where that is too much.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def app_version(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def values(self) -> str: ...
    @property
    def schema(self) -> str: ...
    @property
    def subcharts(self) -> str: ...


class ChartUnreadable(Exception):
    """The archive is refused; ``path`` is the file in it, or empty."""

    def __init__(self, reason: str, path: str = "") -> None:
        self.reason = reason
        self.path = path
        super().__init__(reason)


class Users(Protocol):
    """Say what keeps targets, or one workload in them, from being archived."""

    def __call__(
        self, targets: Collection[int], /, *, workload: str | None
    ) -> Sequence[str]: ...


class TargetFacts(Protocol):
    """Give what releases know of targets, by key.

    Of each ``deployed_release`` (its name or None), ``pending_count``, and ``sync``
    with ``state``, ``revision`` and ``checked_at``; *exact* counts anew.
    """

    def __call__(
        self, targets: Sequence[TenantEnvironment], /, *, user: User, exact: bool
    ) -> dict[int, dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class OpenChange:
    """A change that an open release includes; ``state`` is the release's."""

    release: str
    url: str
    state: str
    target: str
    summary: str


class OpenChanges(Protocol):
    """Give what open releases of some targets change of the variable of a name."""

    def __call__(
        self, targets: Collection[int], key: str, /
    ) -> Sequence[OpenChange]: ...


class Rejudge(Protocol):
    """Ask anew what was or is to be approved in an environment, by its key.

    In the transaction that changed its policy, under the project's lock.
    """

    def __call__(self, environment: int, /) -> None: ...


@dataclass(frozen=True, slots=True)
class TriedFile:
    """A manifest that an edit would change; a side is None where it is absent."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of rendering an edit that is not saved.

    ``state`` is ``pending``, ``ready``, ``failed``, or ``lost`` where it renders and
    its manifests are gone; errors are those of a rendering, files those that would
    differ, without the ``left_out`` last ones.
    """

    state: str
    errors: tuple[Mapping[str, Any], ...] = ()
    files: tuple[TriedFile, ...] = ()
    left_out: int = 0


class Releaser(Protocol):
    """Release an image just bumped in every target that its layer reaches.

    ``bump.layer`` names tenant and environment; answers with the releases' names.
    """

    def __call__(
        self, workload: Workload, bump: Any, /, *, actor: User
    ) -> Sequence[str]: ...


chart_reader: Final[Port[Callable[[bytes], ReadChart]]] = Port("chart_reader")
"""Delivery reads an uploaded ``.tgz`` or raises ``ChartUnreadable``."""

dry_run: Final[Port[Callable[[TenantEnvironment, State, State], Trial]]] = Port(
    "dry_run"
)
"""Delivery renders a target's State after an edit, and compares it with that of now."""

users_of: Final[Port[Users]] = Port("users_of")
"""Releases names open releases and non-empty deployed snapshots of some targets."""

target_facts: Final[Port[TargetFacts]] = Port("target_facts")
"""Releases tells what each target runs, what is pending, and whether it is in sync."""

open_changes: Final[Port[OpenChanges]] = Port("open_changes")
"""Releases names the open releases that change a variable."""

rejudge: Final[Port[Rejudge]] = Port("rejudge")
"""Releases sends back what has too few votes under the policy of now."""

releaser: Final[Port[Releaser]] = Port("releaser")
"""Releases makes releases of image bumps (``createRelease``)."""
