"""Who can give what a policy asks for, and whether they are enough."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from environments import access
from environments.models import Environment
from environments.permissions import Permission
from environments.policies import PolicyTerms
from environments.policy_words import Hands, shortages_of
from gitopshq.core.models import User

_MAKING = (
    Permission.CREATE_RELEASE,
    Permission.MANAGE_WORKLOADS,
    Permission.MANAGE_VARIABLES,
)


@dataclass(frozen=True, slots=True)
class Crew:
    """Who approves and who deploys in an environment, and which of them author there.

    All by user name.
    """

    approvers: tuple[User, ...]
    deployers: tuple[User, ...]
    makers: frozenset[User]

    @property
    def hands(self) -> Hands:
        """The same by what they are called."""
        return Hands(
            approvers=[person.label for person in self.approvers],
            deployers=[person.label for person in self.deployers],
            makers=frozenset(person.label for person in self.makers),
        )


def warnings_about(
    terms: PolicyTerms, environment: Environment, *, crew: Crew | None = None
) -> tuple[str, ...]:
    """Say what makes the policy hard to live with, in words for people.

    *crew* spares the query where the caller has it.
    """
    if not terms.is_gated and not terms.block_self_deploy:
        return ()
    return tuple(shortages_of(terms, (crew or crew_of(environment)).hands))


def crew_of(environment: Environment) -> Crew:
    """Return who approves, deploys and makes releases there, in one query."""
    held = {
        permission.name: Exists(
            access.holders_of(permission, environment).filter(pk=OuterRef("pk"))
        )
        for permission in (
            Permission.APPROVE_RELEASE,
            Permission.DEPLOY_RELEASE,
            *_MAKING,
        )
    }
    counted = Q(APPROVE_RELEASE=True) | Q(DEPLOY_RELEASE=True)
    rows = User.objects.annotate(**held).filter(counted).order_by("username")
    people: list[Any] = list(rows)
    return Crew(
        approvers=tuple(one for one in people if one.APPROVE_RELEASE),
        deployers=tuple(one for one in people if one.DEPLOY_RELEASE),
        makers=frozenset(
            one
            for one in people
            if any(getattr(one, permission.name) for permission in _MAKING)
        ),
    )
