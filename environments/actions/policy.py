"""Setting an environment's policy, and remembering the policy a target released."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from environments import access, ports, sourcing
from environments.actions._begin import begin, differing, refuse_archived
from environments.actions._telling import tell_of_policy
from environments.editing import record_edit
from environments.events import Event
from environments.models import (
    Environment,
    EnvironmentPolicy,
    TenantEnvironment,
)
from environments.permissions import Permission
from environments.policies import PolicyTerms, check_terms
from environments.selectors.people import warnings_about
from gitopshq.core import audit
from gitopshq.core.models import User


@dataclass(frozen=True, slots=True)
class PolicyEdit:
    """A policy as it is set now, and what its setter should know."""

    policy: EnvironmentPolicy
    warnings: tuple[str, ...] = ()


@transaction.atomic
def set_policy(
    environment: Environment,
    *,
    terms: Mapping[str, Any],
    actor: User | None,
    message: str = "",
) -> PolicyEdit:
    """Change the fields of the policy that *terms* names.

    Tightening binds at once, loosening when a release has carried it (domain 8).

    :param terms: some fields of ``PolicyTerms``
    :raises NotPermitted: without ``environments.manage`` in the environment
    :raises ValidationError: for values that are impossible, alone or together
    """
    project = begin(environment.project)
    environment = Environment.objects.get(pk=environment.pk)
    access.require(actor, Permission.MANAGE_ENVIRONMENT, on=environment)
    refuse_archived(environment)
    files = sourcing.policy_files(environment)
    policy, _ = EnvironmentPolicy.objects.get_or_create(environment=environment)
    before = PolicyTerms.of(policy)
    after = replace(before, **terms)
    check_terms(after)
    if before != after:
        _write(policy, after)
        old, new = differing(before.to_json(), after.to_json())
        record_edit(
            project,
            actor=actor,
            subject=("environment_policy", environment.slug),
            before=files,
            after=sourcing.policy_files(environment),
            message=message or f"Change the policy of {environment.slug}",
        )
        audit.record(
            Event.POLICY_CHANGED,
            environment,
            actor=actor,
            project=project.slug,
            before=old,
            after=new,
        )
        tell_of_policy(environment, after, actor=actor)
        ports.rejudge.answer(environment.pk)
    return PolicyEdit(policy, warnings_about(after, environment))


@transaction.atomic
def create_policy(
    environment: Environment, terms: Mapping[str, Any], *, actor: User | None
) -> EnvironmentPolicy:
    """Give a new environment its policy. The caller has asked for the permission."""
    after = replace(PolicyTerms(), **terms)
    check_terms(after, pointer="/policy")
    policy = EnvironmentPolicy(environment=environment, **after.to_json())
    policy.save()
    record_edit(
        environment.project,
        actor=actor,
        subject=("environment_policy", environment.slug),
        before={},
        after=sourcing.policy_files(environment),
        message=f"Create the environment {environment.slug}",
    )
    audit.record(
        Event.POLICY_CHANGED,
        environment,
        actor=actor,
        project=environment.project.slug,
        after=after.to_json(),
    )
    return policy


@transaction.atomic
def record_released_policy(
    target: TenantEnvironment, terms: PolicyTerms, *, actor: User | None = None
) -> None:
    """Remember the policy that a release just carried into *target*.

    Called inside the final transaction of a deploy, which is audited by releases;
    *actor* is whoever deployed.
    """
    TenantEnvironment.objects.filter(pk=target.pk).update(
        released_policy=terms.to_json()
    )


def _write(policy: EnvironmentPolicy, terms: PolicyTerms) -> None:
    fields = terms.to_json()
    for name, value in fields.items():
        setattr(policy, name, value)
    policy.save(update_fields=[*fields])
