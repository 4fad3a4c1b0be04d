"""Which requests for agreement one sees, and which wait for whom.

How a request is shown is in ``inbox``.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, DateTimeField, F, Func, Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from approvals.models import ApprovalDecision, ApprovalRequest, RequestState
from approvals.tally import is_human
from environments import access
from environments.permissions import Permission
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User

VOTE = Permission.APPROVE_RELEASE


def waiting_for(user: User) -> QuerySet[ApprovalRequest]:
    """Return the pending requests that *user* could approve now."""
    return _pending(user).filter(approvable_by(user))


def open_requests(
    user: User,
    *,
    kind: str = "",
    project: str = "",
    environment: str = "",
    requester: str = "",
    stale: bool | None = None,
    eligible: bool | None = None,
) -> QuerySet[ApprovalRequest]:
    """Return the pending requests *user* may view, narrowed by all that is given.

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
    rows = _pending(user).filter(**{name: is_ for name, is_ in wanted.items() if is_})
    if stale is not None:
        # A subject that cannot go stale says nothing of it.
        fresh = Q(facts__stale=False) | Q(facts__stale__isnull=True)
        rows = rows.filter(Q(facts__stale=True) if stale else fresh)
    if eligible is not None:
        mine = approvable_by(user)
        rows = rows.filter(mine) if eligible else rows.exclude(mine)
    return rows


def counts_of(
    rows: QuerySet[ApprovalRequest], user: User, *, waiting: Q
) -> dict[str, int]:
    """Return how many of *rows* there are, fit *waiting*, and are asked by *user*."""
    return rows.aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=waiting),
        mine=Count("pk", filter=Q(requester=user)),
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
        Q(environment__in=access.environments_open_to(user, VOTE))
        & ~Q(digest="")
        & ~Q(block_self_approval=True, barred__has_key=str(user.pk))
        & ~Q(pk__in=_voted_on(user))
    )


def _pending(user: User) -> QuerySet[ApprovalRequest]:
    return _visible(user).filter(state=RequestState.PENDING)


def _visible(user: User) -> QuerySet[ApprovalRequest]:
    seen = access.environments_open_to(user, Permission.VIEW_RELEASE)
    return ApprovalRequest.objects.filter(environment__in=seen).select_related(
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
