"""How the gates of a target stand before there is a release (S108, S109, S114)."""

from environments import policies
from environments.freeze_words import blocked
from environments.models import TenantEnvironment
from environments.permissions import Permission
from environments.selectors import freeze_of
from gitopshq.core.models import User
from releases import people, quorum
from releases.models import Release, Status
from releases.questions import Gate, Verdict


def gates_before(target: TenantEnvironment, user: User) -> list[Gate]:
    """Return what a release made now would have to pass, as far as that is known."""
    return [
        _approvals(target, user),
        _freeze(target),
        _in_progress(target),
    ]


def _approvals(target: TenantEnvironment, user: User) -> Gate:
    terms = policies.effective_policy(target)
    required = quorum.required_by(terms)
    barred = {str(user.pk): "would have made it"} if terms.block_self_approval else {}
    able = [p for p in people.approvers_in(target.environment, barred) if not p.reason]
    details = {
        "required": required,
        "eligible": [person.user.username for person in able],
        "permission": Permission.APPROVE_RELEASE.value,
    }
    if not required:
        said = "approves itself" if terms.auto_approve else "needs no approval"
        return Gate("approvals", "Approvals", Verdict.PASS, said, details=details)
    names = ", ".join(person.user.label for person in able) or "nobody"
    if len(able) < required:
        said = f"needs {required}, but only {len(able)} can approve: {names}"
        return Gate("approvals", "Approvals", Verdict.FAIL, said, details=details)
    said = f"needs {required}; {names} can approve"
    return Gate("approvals", "Approvals", Verdict.WAIT, said, details=details)


def _freeze(target: TenantEnvironment) -> Gate:
    freeze = freeze_of(target)
    if freeze.is_frozen:
        details = {"name": freeze.name, "reason": freeze.reason}
        said = blocked(freeze, target.environment.slug)
        return Gate("freeze", "Freeze", Verdict.WAIT, said, freeze.until, details)
    return Gate("freeze", "Freeze", Verdict.PASS, "not frozen", freeze.next_change)


def _in_progress(target: TenantEnvironment) -> Gate:
    other = Release.objects.filter(target=target, status=Status.DEPLOYING).first()
    if other is None:
        return Gate("in_progress", "Other deploys", Verdict.PASS, "none is running")
    said = f"{other.name} is being deployed here"
    return Gate("in_progress", "Other deploys", Verdict.WAIT, said)
