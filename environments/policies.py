"""The terms of a policy, and the strictest of several (domain 8).

Where a release stands against them is not known here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from environments.desired.state import ApprovalRequirements, PolicyState
from environments.models import (
    DeployMode,
    Environment,
    EnvironmentPolicy,
    TenantEnvironment,
)
from gitopshq.core.errors import FieldError, ValidationError
from gitopshq.core.rows import one_of

MAX_APPROVALS: Final = 100
MAX_HOURS: Final = 24 * 366


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """What a release into an environment needs; hours are whole hours, None never."""

    required_approvals: int = 0
    block_self_approval: bool = True
    approval_expiry_hours: int | None = None
    auto_approve: bool = False
    block_self_deploy: bool = False
    deploy_mode: str = DeployMode.MANUAL.value

    @property
    def is_gated(self) -> bool:
        """Whether people must agree before anything is deployed."""
        return self.required_approvals > 0 and not self.auto_approve

    @property
    def deploys_itself(self) -> bool:
        """Whether the system deploys on approval."""
        return self.deploy_mode == DeployMode.AUTO

    def to_json(self) -> dict[str, Any]:
        """Return the terms as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return the terms that ``to_json`` wrote."""
        return cls(**document)

    @classmethod
    def of(cls, policy: EnvironmentPolicy | None) -> Self:
        """Return the terms of a row; without one, the defaults."""
        if policy is None:
            return cls()
        return cls(
            required_approvals=policy.required_approvals,
            block_self_approval=policy.block_self_approval,
            approval_expiry_hours=policy.approval_expiry_hours,
            auto_approve=policy.auto_approve,
            block_self_deploy=policy.block_self_deploy,
            deploy_mode=str(policy.deploy_mode),
        )

    @classmethod
    def of_state(cls, policy: PolicyState | None) -> Self:
        """Return the terms that a snapshot carries; without any, the defaults."""
        if policy is None:
            return cls()
        requirements = asdict(policy.approval_requirements)
        return cls(**requirements, deploy_mode=policy.deploy_mode)

    def to_state(self) -> PolicyState:
        """Return the terms as a part of a State."""
        requirements = self.to_json()
        mode = requirements.pop("deploy_mode")
        return PolicyState(ApprovalRequirements(**requirements), deploy_mode=mode)


def strictest(*terms: PolicyTerms) -> PolicyTerms:
    """Return the strictest of all, field by field."""
    expiries = [t.approval_expiry_hours for t in terms if t.approval_expiry_hours]
    return PolicyTerms(
        required_approvals=max(t.required_approvals for t in terms),
        block_self_approval=any(t.block_self_approval for t in terms),
        approval_expiry_hours=min(expiries) if expiries else None,
        auto_approve=all(t.auto_approve for t in terms),
        block_self_deploy=any(t.block_self_deploy for t in terms),
        deploy_mode=(
            DeployMode.AUTO.value
            if all(t.deploys_itself for t in terms)
            else DeployMode.MANUAL.value
        ),
    )


def live_policy(environment: Environment) -> PolicyTerms:
    """Return the policy as it is set now."""
    row = one_of(EnvironmentPolicy.objects.filter(environment=environment))
    return PolicyTerms.of(row)


def effective_policy(
    target: TenantEnvironment,
    *,
    cut: PolicyTerms | None = None,
    live: PolicyTerms | None = None,
) -> PolicyTerms:
    """Return what binds a release into *target*: the strictest of what applies.

    That is the live policy, the one the target last released, the one at the *cut* of
    the release, and, before the target's first deploy, what its neighbours released.
    *live* spares its query where the caller has it.
    """
    known = {} if live is None else {target.environment_id: live}
    terms = effective_policies([target], live=known)[target.pk]
    return terms if cut is None else strictest(terms, cut)


def effective_policies(
    targets: Sequence[TenantEnvironment],
    *,
    live: Mapping[int, PolicyTerms] | None = None,
) -> dict[int, PolicyTerms]:
    """Return the effective policy of each target by its key, in at most two queries.

    *live* holds policies that are known, by the key of their environment.
    """
    live = dict(live or {})
    places = {target.environment_id for target in targets} - live.keys()
    if places:
        rows = EnvironmentPolicy.objects.filter(environment__in=places)
        live |= {row.environment_id: PolicyTerms.of(row) for row in rows}
    fresh = {t.environment_id for t in targets if t.released_policy is None}
    neighbours = _released_in(fresh) if fresh else {}
    return {
        target.pk: strictest(
            live.get(target.environment_id, PolicyTerms()),
            *(
                neighbours.get(target.environment_id, [])
                if target.released_policy is None
                else [PolicyTerms.from_json(target.released_policy)]
            ),
        )
        for target in targets
    }


def check_terms(terms: PolicyTerms, *, pointer: str = "") -> None:
    """Refuse terms that cannot be met, alone or together.

    :raises ValidationError: with every field that is impossible
    """
    hours = terms.approval_expiry_hours
    wrong = []
    if not 0 <= terms.required_approvals <= MAX_APPROVALS:
        wrong.append(("requiredApprovals", f"a whole number from 0 to {MAX_APPROVALS}"))
    if hours is not None and not 1 <= hours <= MAX_HOURS:
        wrong.append(
            ("approvalExpiryHours", f"a whole number from 1 to {MAX_HOURS}, or null")
        )
    if terms.deploy_mode not in DeployMode.values:
        wrong.append(("deployMode", f"one of {', '.join(DeployMode.values)}"))
    if terms.deploys_itself and terms.block_self_deploy:
        detail = "deployMode auto deploys for the author: it excludes blockSelfDeploy"
        wrong.append(("blockSelfDeploy", detail))
    if wrong:
        fields = [FieldError(f"{pointer}/{n}", "impossible", said) for n, said in wrong]
        raise ValidationError(summary=wrong[0][1], errors=fields)


def _released_in(environments: Iterable[int]) -> dict[int, list[PolicyTerms]]:
    """Return what the targets of some environments last released."""
    found: dict[int, list[PolicyTerms]] = {}
    rows = TenantEnvironment.objects.filter(
        environment__in=list(environments), released_policy__isnull=False
    ).values_list("environment", "released_policy")
    for environment, document in rows:
        assert document is not None
        found.setdefault(environment, []).append(PolicyTerms.from_json(document))
    return found
