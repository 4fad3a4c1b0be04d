"""How many people can give the votes that a policy asks for."""

from environments import access
from environments.models import Environment
from environments.permissions import Permission
from environments.policies import PolicyTerms


def warnings_about(terms: PolicyTerms, environment: Environment) -> tuple[str, ...]:
    """Say what makes the policy hard to live with, in words for people."""
    if not terms.is_gated:
        return ()
    people = access.holders_of(Permission.APPROVE_RELEASE, environment).count()
    if people < terms.required_approvals:
        need, have = terms.required_approvals, people
        return (
            f"{need} approvals are required, but only {have} "
            f"{'person' if have == 1 else 'people'} may approve in {environment.slug}",
        )
    if terms.block_self_approval and people == terms.required_approvals:
        return (
            f"all {people} approvers of {environment.slug} are needed: none of them "
            "can author a release, as self-approval is blocked",
        )
    return ()
