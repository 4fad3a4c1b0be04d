"""The pages of help: their names, and where what leads to them.

The texts are in ``templates/help``. A place in them is written ``approvals#digest``.
"""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse


@dataclass(frozen=True)
class HelpPage:
    """One page: ``templates/help/{slug}.html``."""

    slug: str
    title: str
    says: str
    icon: str

    @property
    def url(self) -> str:
        return reverse("core:help_page", args=[self.slug])


PAGES: Final = tuple(
    HelpPage(*facts)
    for facts in (
        (
            "setup",
            "Setting up a project",
            "Tenants, environments, targets, charts, workloads, roles.",
            "boxes",
        ),
        (
            "releases",
            "How a release flows",
            "From pending changes to a commit, and what can fail.",
            "git-pull-request-arrow",
        ),
        (
            "changes",
            "Pending changes and scopes",
            "Values layers, variables, secrets, overlays, and what is pending where.",
            "variable",
        ),
        (
            "diffs",
            "The three diffs, and why",
            "Plain, resolved, manifest; what caused each line.",
            "file-code",
        ),
        (
            "approvals",
            "Approvals and policy",
            "Who must agree, who may not, and what a vote holds for.",
            "shield-check",
        ),
        (
            "freezes",
            "Freezes",
            "Stopping deploys at once, on a calendar, and setting it aside.",
            "snowflake",
        ),
        (
            "stale",
            "Stale releases",
            "Why a release is overtaken, and how to go on.",
            "history",
        ),
        (
            "rollback",
            "Rolling back",
            "Whole, one service, one field; what is held afterwards.",
            "undo-2",
        ),
        (
            "evidence",
            "Evidence and audit",
            "What is on record, and how to check it without us.",
            "scroll-text",
        ),
        (
            "connect",
            "Connecting Argo CD and Flux",
            "Clusters follow a Git repository; we need no access to them.",
            "cable",
        ),
        (
            "automation",
            "Tokens and automation",
            "The API with curl: bump an image, make a release, deploy it.",
            "key-round",
        ),
        (
            "keyboard",
            "Search and keyboard",
            "What can be found, and every key.",
            "square-terminal",
        ),
        ("glossary", "Glossary", "The words of the product.", "book-open"),
    )
)

REFUSED: Final = {
    "release_not_deployable": "releases#states",
    "invalid_transition": "releases#states",
    "self_deploy_blocked": "approvals#deploying",
    "approval_threshold_not_met": "approvals#votes",
    "self_approval_blocked": "approvals#who",
    "not_eligible": "approvals#who",
    "already_voted": "approvals#votes",
    "digest_mismatch": "approvals#digest",
    "stale_release_source": "stale",
    "environment_frozen": "freezes",
    "policy_violation": "approvals#snapshot",
    "deploy_in_progress": "releases#deploy",
    "no_changes": "changes",
    "change_already_claimed": "changes#claims",
    "missing_dependency": "changes#together",
    "inseparable_changes": "changes#together",
    "rendering_not_ready": "diffs#rendering",
    "rendering_lost": "diffs#rendering",
    "template_error": "diffs#rendering",
    "variable_unresolved": "diffs#unresolved",
    "permission_denied": "setup#roles",
    "second_person_required": "freezes#break-glass",
    "version_mismatch": "changes#edits",
    "in_use": "setup#archive",
    "shared_input": "changes#discard",
}
"""The page that explains a refusal, by the code of the refusal."""

_BY_SLUG: Final = {page.slug: page for page in PAGES}


def page_of(place: str) -> HelpPage:
    """Return the page of a place.

    :raises KeyError: for a page that is none
    """
    return _BY_SLUG[place.partition("#")[0]]


def url_of(place: str) -> str:
    """Return the address of a place, as a path with its anchor.

    :raises KeyError: for a page that is none
    """
    _, mark, anchor = place.partition("#")
    return f"{page_of(place).url}{mark}{anchor}"
