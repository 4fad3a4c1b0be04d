"""Which requests for agreement one sees, and which wait for whom.

How a request is shown is in ``inbox``.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, DateTimeField, F, Func, Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from approvals.models import ApprovalDecision, ApprovalRequest, RequestState
from approvals.tally import is_human
from environments import access
from environments.models import Environment
from environments.permissions import Permission
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User

VOTE = Permission.APPROVE_RELEASE
_PENDING: Final = ApprovalRequest.objects.filter(state=RequestState.PENDING)


def waiting_for(user: User) -> QuerySet[ApprovalRequest]:
    """Return the pending requests that *user* could approve now."""
    return _pending(user).filter(approvable_by(user))


def open_requests(user: User, **chosen: Any) -> QuerySet[ApprovalRequest]:
    """Return the pending requests *user* may view, narrowed as ``narrowed`` says."""
    return _pending(user).filter(narrowed(user, **chosen))


def narrowed(
    user: User,
    *,
    kind: str = "",
    project: str = "",
    environment: str = "",
    requester: str = "",
    stale: bool | None = None,
    eligible: bool | None = None,
) -> Q:
    """Return the condition on requests that all that is given narrows them to.

    :param requester: a user name
    :param stale: whether their source has moved since, as lists know it
    :param eligible: whether *user* could approve them now
    """
    wanted = {
        "kind": kind,
        "project": project,
        "environment__slug": environment,
        "requester__username": requester,
    }
    found = Q(**{name: is_ for name, is_ in wanted.items() if is_})
    if stale is not None:
        # A subject that cannot go stale says nothing of it.
        fresh = Q(facts__stale=False) | Q(facts__stale__isnull=True)
        found &= Q(facts__stale=True) if stale else fresh
    if eligible is not None:
        mine = approvable_by(user)
        found &= mine if eligible else ~mine
    return found


@dataclass(frozen=True, slots=True)
class Overview:
    """How many open requests there are, and by what one can filter them."""

    everything: int
    waiting: int
    """What the reader could approve now."""
    mine: int
    """What the reader asks for."""
    projects: list[str]
    environments: list[str]
    requesters: list[str]


def overview_for(user: User, **chosen: Any) -> Overview:
    """Return what *user* may view, in one query.

    Only the numbers are narrowed as ``narrowed`` says, not what to filter by.
    """
    fits = narrowed(user, **chosen)
    rows = list(
        _pending(user)
        .order_by()
        .values_list("project", "environment__slug", "requester__username")
        .annotate(
            fit=Count("pk", filter=fits),
            waiting=Count("pk", filter=fits & approvable_by(user)),
        )
    )
    return Overview(
        everything=sum(fit for *_, fit, _ in rows),
        waiting=sum(waiting for *_, waiting in rows),
        mine=sum(fit for _, _, who, fit, _ in rows if who == user.username),
        projects=sorted({project for project, *_ in rows}),
        environments=sorted({environment for _, environment, *_ in rows}),
        requesters=sorted({who for _, _, who, *_ in rows}),
    )


def visible_request(user: User, pk: int, *, project: str = "") -> ApprovalRequest:
    """Return one request, whatever its state.

    :raises NotFound: when there is none that *user* may view
    """
    rows = _visible(user).filter(pk=pk)
    found = (rows.filter(project=project) if project else rows).first()
    if found is None:
        raise NotFound
    return found


def approvable_by(user: User) -> Q:
    """Return the condition that a pending request waits for *user*.

    There is something to vote on, they hold the vote there, they are not barred, and
    no vote of theirs stands.
    """
    if not is_human(user):
        return Q(pk__in=[])
    return (
        Q(environment__in=_places(user, VOTE))
        & ~Q(digest="")
        & ~Q(block_self_approval=True, barred__has_key=str(user.pk))
        & ~Q(pk__in=_voted_on(user))
    )


def _pending(user: User) -> QuerySet[ApprovalRequest]:
    seen = _places(user, Permission.VIEW_RELEASE)
    return _PENDING.filter(environment__in=seen).select_related("requester")


def _places(user: User, permission: Permission) -> QuerySet[Environment]:
    """Return the environments where something is pending and *user* holds that.

    They are few, however many environments there are.
    """
    busy = _PENDING.order_by().values("environment").distinct()
    return access.environments_open_to(user, permission).filter(pk__in=busy)


def _visible(user: User) -> QuerySet[ApprovalRequest]:
    seen = access.open_in(user, Permission.VIEW_RELEASE, "environment")
    return ApprovalRequest.objects.filter(seen).select_related(
        "requester", "environment__project", "subject_type"
    )


def _voted_on(user: User) -> QuerySet[ApprovalDecision, int]:
    """Return the keys of the requests on which a vote of *user* stands.

    A vote lapses as in ``rules.Terms``: at the very hour it counts no more.
    """
    live = ApprovalDecision.objects.filter(
        request__state=RequestState.PENDING,
        approver=user,
        withdrawn_at=None,
        voided_at=None,
    )
    lapses_at = _HoursLater(F("decided_at"), F("request__expiry_hours"))
    standing = live.annotate(lapses_at=lapses_at).filter(
        Q(request__expiry_hours=None) | Q(lapses_at__gt=timezone.now())
    )
    return standing.values_list("request", flat=True)


class _HoursLater(Func):
    """An instant and a number of hours: the instant so much later.

    SQLite has no product of a number and a duration; Django's own function for sums
    takes microseconds.
    """

    arity = 2
    output_field = DateTimeField()
    template = "(%(expressions)s * interval '1 hour')"
    arg_joiner = " + "

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, Any]:
        """Return the SQL for SQLite, where instants are texts."""
        template = "django_format_dtdelta('+', %(expressions)s * 3600000000)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=", ")
