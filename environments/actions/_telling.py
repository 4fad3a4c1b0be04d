"""Telling people in an environment what binds them now: its policy, its freezes."""

from collections.abc import Iterable

from django.utils import timezone

from environments import access
from environments.events import Event
from environments.freeze_words import blocked
from environments.freezing import verdict
from environments.models import Environment
from environments.permissions import Permission
from environments.policies import PolicyTerms
from environments.policy_words import summary_of
from environments.selectors.freezes import toggle_of
from gitopshq.core import notifying
from gitopshq.core.models import User


def tell_of_policy(
    environment: Environment, terms: PolicyTerms, *, actor: User | None
) -> None:
    """Tell who approves or manages there that the policy says *terms* now."""
    _tell(
        (Permission.APPROVE_RELEASE, Permission.MANAGE_ENVIRONMENT),
        environment,
        Event.POLICY_CHANGED,
        actor=actor,
        title=f"Policy of {environment.slug} changed",
        body=summary_of(terms),
    )


def tell_of_freeze(environment: Environment, *, actor: User | None) -> None:
    """Tell who deploys there that the freeze was set or lifted by hand."""
    toggle = toggle_of(environment)
    is_frozen = toggle is not None
    freeze = verdict(toggle, [], timezone.now())
    _tell(
        (Permission.DEPLOY_RELEASE,),
        environment,
        Event.ENVIRONMENT_FROZEN if is_frozen else Event.ENVIRONMENT_UNFROZEN,
        actor=actor,
        title=f"{environment.slug} is {'frozen' if is_frozen else 'open again'}",
        body=f"{blocked(freeze, environment.slug)}." if is_frozen else "",
    )


def _tell(
    holding: Iterable[Permission],
    environment: Environment,
    event: Event,
    *,
    actor: User | None,
    title: str,
    body: str,
) -> None:
    told = {
        person.pk: person
        for permission in holding
        for person in access.holders_of(permission, environment)
        if actor is None or person.pk != actor.pk
    }
    notifying.notify(
        told.values(),
        event,
        project=environment.project.slug,
        title=title,
        body=body,
        url=environment.get_absolute_url(),
    )
