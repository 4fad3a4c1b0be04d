"""Why a release refuses a step."""

from gitopshq.core.errors import (
    Conflict,
    InvalidState,
    Locked,
    NotPermitted,
    Unprocessable,
)


class NotDeployable(InvalidState):
    code = "release_not_deployable"
    message = "release cannot be deployed in its current status"


class RequesterCannotDeploy(NotPermitted):
    code = "self_deploy_blocked"
    message = "release requester cannot deploy approved release"


class StaleSource(Conflict):
    """``details`` holds the baseline and current SHA, what moved, and by whom."""

    code = "stale_release_source"
    message = "source has changed since the release was cut: {moved}"


class RenderingLost(Conflict):
    code = "rendering_lost"
    message = (
        "the rendered manifests are no longer in the store: a deploy makes them anew, "
        "and what was deployed stands in its commit"
    )


class TooManyChanges(Unprocessable):
    code = "too_many_changes"
    message = (
        "why each line changes is worked out for releases of up to {limit} changes: "
        "this one has {count}"
    )


class EnvironmentFrozen(Locked):
    """``details`` holds name, reason and until; the sentence says them in words."""

    code = "environment_frozen"
    message = "environment is frozen"


class NotFrozen(Conflict):
    code = "not_frozen"
    message = "there is no freeze here that could be set aside"


class BreakGlassExists(Conflict):
    code = "break_glass_exists"
    message = "break-glass was asked for by {asked_by} already: it is {state}"


class NothingToConfirm(Conflict):
    code = "no_break_glass"
    message = "no break-glass waits for a second person"


class SecondPersonRequired(NotPermitted):
    code = "second_person_required"
    message = "break-glass takes a second person: {reason}"


class PolicyViolation(Conflict):
    code = "policy_violation"
    message = "the client policy snapshot denies this release: {violations}"


class DeployInProgress(Conflict):
    code = "deploy_in_progress"
    message = "{release} is being deployed here"


class NoChanges(Conflict):
    code = "no_changes"
    message = "there is nothing to release here"


class ChangeAlreadyClaimed(Conflict):
    """``details`` maps change ids to the releases that claim them."""

    code = "change_already_claimed"
    message = "already in an open release: {claimed}"


class RenderingNotReady(Conflict):
    code = "rendering_not_ready"
    message = "the release is still being rendered"


class MissingDependency(Unprocessable):
    """``details`` maps each selected change to the missing ones."""

    code = "missing_dependency"
    message = "the selection needs more changes: {missing}"


class InseparableChanges(Unprocessable):
    code = "inseparable_changes"
    message = "these changes cannot be parted: {reason}"


class RenderingFailed(Unprocessable):
    """The rendering has errors; ``errors`` lists every one with file and line."""

    code = "template_error"
    message = "the release cannot be rendered: {summary}"


class VariableUnresolved(Unprocessable):
    code = "variable_unresolved"
    message = "variables without a value: {names}"


class NotTheTargetsOwn(Conflict):
    """Discarding would change an input that other targets share."""

    code = "shared_input"
    message = "this input is shared: edit it where it stands ({summary})"


class PersonRequired(NotPermitted):
    code = "person_required"
    message = "a release is verified by a person who is signed in"


class CommitIsOut(Conflict):
    """A deploy whose commit clusters may follow already has not failed."""

    code = "commit_is_out"
    message = "its commit is on main: queue it again, and it is finished"


class NotVerified(Conflict):
    code = "not_verified"
    message = "nobody has verified how the release runs"
