"""One change: a row that a reviewer can tick, and the place it belongs to.

How changes are found is in `changes`; what one needs of another in `dependencies`.
"""

import hashlib
from dataclasses import dataclass

from environments.desired.state import LAYERS, SCOPES, canonical_digest

WORKLOAD = "workload"
KUSTOMIZE_BINDING = "kustomize_binding"
MANIFEST_BINDING = "manifest_binding"
HQ_VARIABLE = "hq_variable"
ENVIRONMENT_POLICY = "environment_policy"

#: The tags of the release summary, in the order people read them.
TYPES = (
    WORKLOAD,
    KUSTOMIZE_BINDING,
    MANIFEST_BINDING,
    HQ_VARIABLE,
    ENVIRONMENT_POLICY,
)

ASSIGNMENT = "assignment"
CHART = "chart"
TARGET = "target"
IMAGE = "image"
VALUES = "values"
FILE = "file"
APPROVAL_REQUIREMENTS = "approval_requirements"
DEPLOY_MODE = "deploy_mode"
FREEZE_STATE = "freeze_state"

_FACETS = (
    *(ASSIGNMENT, CHART, TARGET, IMAGE, VALUES, FILE),
    *SCOPES,
    *(APPROVAL_REQUIREMENTS, DEPLOY_MODE, FREEZE_STATE),
)

ID_DIGITS = 32
SHOWN_CHARACTERS = 4_000
SHORT_CHARACTERS = 48


Sides = tuple[object, object]
"""JSON values of before and after."""


@dataclass(frozen=True)
class Change:
    """What differs at one place, `before` and `after` as people may read them.

    `carried` marks what a target's first release holds whatever is ticked: the facts
    of the target and the policy.
    """

    id: str
    revision: str
    type: str
    object: str
    facet: str
    layer: str | None
    path: str
    action: str
    summary: str
    before: str | None
    after: str | None
    scope: str | None = None
    service: str | None = None
    depends_on: tuple[str, ...] = ()
    selectable: bool = True
    shadowed_by: str | None = None
    carried: bool = False


@dataclass(frozen=True)
class Place:
    """Where a change belongs.

    The facet of a variable is its scope and the path its service; the path of a
    value is a JSON Pointer, "" for comments and layout or the text as a whole.
    """

    type: str
    object: str
    facet: str
    layer: str | None = None
    path: str = ""

    @property
    def id(self) -> str:
        """The same for this place for ever, whatever the value."""
        return canonical_digest(
            [self.type, self.object, self.facet, self.layer or "", self.path]
        )[:ID_DIGITS]

    def change(
        self,
        action: str,
        summary: str,
        before: str | None,
        after: str | None,
        *,
        content: Sides | None = None,
    ) -> Change:
        """Return the change at this place.

        :param content: both sides, where they hold more than what is shown
        """
        return Change(
            id=self.id,
            revision=canonical_digest(list(content or (before, after))),
            type=self.type,
            object=self.object,
            facet=self.facet,
            layer=self.layer,
            path=self.path,
            action=action,
            summary=summary,
            before=before,
            after=after,
        )


def reading_order(change: Change) -> tuple[object, ...]:
    """Return the key that sorts changes by type, object, facet, layer and path."""
    return (
        TYPES.index(change.type),
        change.object,
        _FACETS.index(change.facet),
        LAYERS.index(change.layer) if change.layer else -1,
        change.path,
    )


def shown(text: str) -> str:
    """Return a text as `before` and `after` hold it: a long one by size alone."""
    if len(text) <= SHOWN_CHARACTERS:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"<{text.count(chr(10))} lines, sha256 {digest[:12]}>"


def short(value: str | None, *, absent: str = "none") -> str:
    """Return a value on one line of a summary."""
    if value is None:
        return absent
    line = " ".join(value.split()) if "\n" in value.strip("\n") else value.strip("\n")
    if line == "":
        return '""'
    if len(line) <= SHORT_CHARACTERS:
        return line
    return line[: SHORT_CHARACTERS - 1] + "…"


def arrow(before: str | None, after: str | None, *, absent: str = "none") -> str:
    """Return `old → new` on one line."""
    return f"{short(before, absent=absent)} → {short(after, absent=absent)}"
