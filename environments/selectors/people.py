"""Who can give what a policy asks for, and whether they are enough."""

from django.db.models import Q

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


def approvers_in(environment: Environment) -> list[User]:
    """Return who holds the vote there, by user name."""
    holders = access.holders_of(Permission.APPROVE_RELEASE, environment)
    return list(holders.order_by("username"))


def warnings_about(terms: PolicyTerms, environment: Environment) -> tuple[str, ...]:
    """Say what makes the policy hard to live with, in words for people."""
    if not terms.is_gated and not terms.block_self_deploy:
        return ()
    return tuple(shortages_of(terms, hands_in(environment)))


def hands_in(environment: Environment) -> Hands:
    """Return who approves, deploys and makes releases there, in three queries."""
    approvers = access.holders_of(Permission.APPROVE_RELEASE, environment)
    deployers = access.holders_of(Permission.DEPLOY_RELEASE, environment)
    making = Q()
    for permission in _MAKING:
        making |= Q(pk__in=access.holders_of(permission, environment).values("pk"))
    makers = approvers.filter(making) | deployers.filter(making)
    return Hands(
        approvers=[person.label for person in approvers.order_by("username")],
        deployers=[person.label for person in deployers.order_by("username")],
        makers=frozenset(person.label for person in makers.distinct()),
    )
